"""Policy variables in texts."""

from __future__ import annotations

import pytest

from iam_catalog.policy.check.rules.variables import faults
from iam_catalog.policy.grammar.variables import Variable, variables


def test_a_variable_is_a_name_in_braces_behind_a_dollar() -> None:
    text = "arn:aws:s3:::b/${aws:username}/x"

    assert variables(text) == [Variable("aws:username", None, 15, 30)]
    assert text[15:30] == "${aws:username}"


def test_a_default_stands_in_single_quotes_behind_a_comma() -> None:
    found = variables("${aws:PrincipalTag/team, 'company-wide'}${aws:userid, ''}")

    assert [(each.name, each.default) for each in found] == [
        ("aws:PrincipalTag/team", "company-wide"),
        ("aws:userid", ""),
    ]


def test_a_default_without_quotes_is_none() -> None:
    assert variables("${aws:userid, anonymous}") == [Variable("aws:userid", None, 0, 24)]


def test_the_three_signs_are_no_variables() -> None:
    assert variables("${*}${?}${$}") == []


def test_an_open_variable_is_text() -> None:
    assert variables("${aws:username") == []
    assert variables("$aws:username}") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("b/${aws:username", "'${aws:username' has no closing brace."),
        ("b/${aws:username}/${aws:userid", "'${aws:userid' has no closing brace."),
        ("b/${}", "'${}' names nothing."),
        ("b/${ aws:username}", "'${ aws:username}' has a blank in its name."),
        ("b/${aws:PrincipalTag/a b}", "'${aws:PrincipalTag/a b}' has a blank in its name."),
        (
            "b/${aws:userid, none}",
            "The default in '${aws:userid, none}' does not stand in single quotes.",
        ),
        ("${" + 200 * "a", "'${" + 98 * "a" + "'… (202 characters) has no closing brace."),
    ],
)
def test_a_variable_has_a_name_without_blanks_and_a_brace_and_quotes_of_its_default(
    text: str, said: str
) -> None:
    assert list(faults(text)) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "${aws:username}${*}${?}${$}",
        "${aws:PrincipalTag/team, 'all of us'}",
        "${aws:PrincipalTag/team,'x'}",
        "${AWS::AccountId}",
        '${jsonencode(var.names, "x")}',
        "${bucket name}",
    ],
)
def test_nothing_is_said_of_what_templates_fill_in(text: str) -> None:
    assert list(faults(text)) == []
