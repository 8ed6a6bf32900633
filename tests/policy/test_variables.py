"""Policy variables in texts."""

from __future__ import annotations

from iam_catalog.policy.variables import Variable, variables


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
