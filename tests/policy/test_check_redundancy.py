"""Items and statements that another one already says, and what a Deny takes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from check_services import BOX, LETTER, allow, build_catalog, deny, findings

from iam_catalog import Catalog

CODES = ("redundant-item", "duplicate-statement", "shadowed-statement", "denied-statement")
TAGGED = {"Condition": {"StringEquals": {"aws:ResourceTag/team": ["blue", "red"]}}}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("check"))) as opened:
        yield opened


def said(catalog: Catalog, *statements: dict[str, Any]) -> list[tuple[str, str]]:
    """Codes and texts of what is needless in a policy."""
    return [(each.code, each.text) for each in findings(catalog, *statements) if each.code in CODES]


# --- items of a list


def test_an_action_that_stands_twice_in_any_case_is_told(catalog):
    assert said(catalog, allow(["post:GetLetter", "POST:getletter"])) == [
        ("redundant-item", "'POST:getletter' stands in the same list twice.")
    ]


def test_items_that_a_pattern_covers_are_told(catalog):
    assert said(catalog, allow(["post:GetLetter", "post:Get*", "post:GetL*", "post:List*"])) == [
        ("redundant-item", "'post:GetLetter' is covered by 'post:Get*' of the same list."),
        ("redundant-item", "'post:GetL*' is covered by 'post:Get*' of the same list."),
    ]


@pytest.mark.parametrize(
    ("general", "special"),
    [
        ("post:*Letter", "post:Get*Letter"),
        ("post:Get?etter", "post:GetLetter"),
        ("post:*", "post:?etLetter"),
        ("*", "post:*"),
    ],
)
def test_wildcards_anywhere_can_cover(catalog, general, special):
    assert said(catalog, allow([special, general])) == [
        ("redundant-item", f"'{special}' is covered by '{general}' of the same list.")
    ]


@pytest.mark.parametrize(
    "items",
    [
        ["post:Get*", "post:*Letter"],
        ["post:GetLetter", "post:ListBoxes"],
        ["post:GetL?tter", "post:Get*Letter"],
    ],
)
def test_items_that_only_share_something_are_both_needed(catalog, items):
    assert said(catalog, allow(items)) == []


def test_resources_are_compared_with_case(catalog):
    items = [LETTER, "arn:aws:post:::BOX/letter", "arn:aws:post:::box/*", LETTER]

    assert said(catalog, allow("post:GetLetter", items)) == [
        (
            "redundant-item",
            "'arn:aws:post:::box/letter' is covered by 'arn:aws:post:::box/*' of the same list.",
        ),
        ("redundant-item", "'arn:aws:post:::box/letter' stands in the same list twice."),
    ]


def test_a_star_can_stand_for_nothing(catalog):
    assert said(catalog, allow("post:GetLetter", [LETTER, f"{LETTER}*"])) == [
        ("redundant-item", f"'{LETTER}' is covered by '{LETTER}*' of the same list.")
    ]


def test_a_variable_is_covered_only_by_what_covers_any_text(catalog):
    own = "arn:aws:post:::box/${aws:username}"

    assert said(catalog, allow("post:GetLetter", [own, "arn:aws:post:::box/a*"])) == []
    assert said(catalog, allow("post:GetLetter", [own, "arn:aws:post:::box/*"])) == [
        ("redundant-item", f"'{own}' is covered by 'arn:aws:post:::box/*' of the same list.")
    ]


# --- statements


def test_statements_that_say_the_same_in_another_order_are_told(catalog):
    first = allow(["post:GetLetter", "post:ListBoxes"], "*", Sid="First")
    again = allow(["POST:listboxes", "post:getLetter"], ["*"])

    assert said(catalog, first, again) == [
        ("duplicate-statement", "Statement 2 says the same as the statement 'First'.")
    ]


def test_a_statement_that_another_one_covers_is_told(catalog):
    assert said(
        catalog,
        allow(["post:GetLetter", "post:TagLetter"], LETTER, **TAGGED),
        allow("post:*", [BOX, "arn:aws:post:::box/*"], Sid="All"),
    ) == [("shadowed-statement", "The statement 'All' covers everything that statement 1 says.")]


def test_of_two_that_cover_each_other_one_is_told(catalog):
    assert said(catalog, allow(["post:Get*", "post:GetLetter"]), allow("post:Get*")) == [
        ("redundant-item", "'post:GetLetter' is covered by 'post:Get*' of the same list."),
        ("shadowed-statement", "Statement 2 covers everything that statement 1 says."),
    ]


@pytest.mark.parametrize(
    "other",
    [
        allow("post:*", BOX),
        allow("post:Get*", "arn:aws:post:::other/*"),
        allow("post:*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "post:*", "NotResource": BOX},
        allow("post:*", Principal={"AWS": "111122223333"}),
    ],
)
def test_a_statement_about_something_else_does_not_cover(catalog, other):
    mine = allow("post:GetLetter", LETTER)

    assert [code for code, _ in said(catalog, mine, other)] == []


def test_conditions_that_are_written_alike_count_as_equal(catalog):
    alike = {"Condition": {"StringEquals": {"AWS:resourcetag/team": ["red", "blue"]}}}

    assert said(catalog, allow("post:GetLetter", LETTER, **TAGGED), allow("post:*", **alike)) == [
        ("shadowed-statement", "Statement 2 covers everything that statement 1 says.")
    ]


def test_an_allow_that_a_deny_takes_back_is_told(catalog):
    assert said(catalog, allow("post:GetLetter", LETTER), deny("post:*", Sid="Never")) == [
        ("denied-statement", "The statement 'Never' denies everything that statement 1 allows.")
    ]


def test_an_allow_does_not_take_back_a_deny(catalog):
    assert said(catalog, deny("post:GetLetter"), allow("post:*")) == []


def test_a_deny_with_a_condition_takes_nothing_back_for_sure(catalog):
    assert said(catalog, allow("post:GetLetter"), deny("post:*", **TAGGED)) == []


def test_nothing_is_said_of_statements_without_an_effect(catalog):
    found = catalog.check_policy({"Version": "2012-10-17", "Statement": [{}, {}]})

    assert {each.code for each in found} == {"missing-effect", "missing-action", "missing-resource"}


def test_of_very_many_statements_only_equal_ones_are_looked_for(catalog):
    many = [allow("post:GetLetter", f"arn:aws:post:::box/{number}") for number in range(150)]
    found = said(catalog, *many, allow("post:*"), many[0])

    assert found == [("duplicate-statement", "Statement 152 says the same as statement 1.")]


def test_what_aws_refuses_covers_nothing_and_is_covered_by_nothing(catalog):
    actions = ["po*:GetLetter", "post:GetLetter", "*"]

    assert said(catalog, allow(["po*:GetLetter", "po*:GetLetter", "post:GetLetter"])) == []
    assert said(catalog, allow(actions)) == [
        ("redundant-item", "'post:GetLetter' is covered by '*' of the same list.")
    ]
    assert said(catalog, allow(actions), allow("post:GetLetter")) == [
        ("redundant-item", "'post:GetLetter' is covered by '*' of the same list.")
    ]


def test_the_path_of_an_item_behind_a_refused_one_is_its_own(catalog):
    found = findings(catalog, allow(["po*:Get", "post:GetLetter", "post:Get*"]))

    assert [each.path for each in found if each.code == "redundant-item"] == [
        ("Statement", 0, "Action", 1)
    ]


def test_what_aws_refuses_covers_nothing(catalog):
    assert said(catalog, allow(["po*:GetLetter", "post:GetLetter"], LETTER)) == []
    assert said(catalog, allow("*:GetLetter", LETTER), allow("post:GetLetter", LETTER)) == []
