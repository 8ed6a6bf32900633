"""Conditions in plain words."""

from __future__ import annotations

import pytest

from iam_catalog.policy.explain.words import PHRASES, condition_words
from iam_catalog.policy.grammar.conditions import FAMILIES
from iam_catalog.policy.model import Condition


def words(operator: str, *values: str, key: str = "k:e") -> str:
    return condition_words(Condition(operator, key, values, ("Condition", operator, key)))


@pytest.mark.parametrize(
    ("operator", "values", "said"),
    [
        ("StringEquals", ["a"], 'k:e is "a"'),
        ("StringEquals", ["a", "b", "c"], 'k:e is "a", "b" or "c"'),
        ("StringEqualsIgnoreCase", ["a"], 'k:e is, in any case, "a"'),
        ("StringLike", ["a*", "?b"], 'k:e matches "a*" or "?b"'),
        ("NumericLessThanEquals", ["10"], "k:e is at most 10"),
        ("NumericGreaterThan", ["10"], "k:e is greater than 10"),
        ("DateLessThan", ["2026-01-01T00:00:00Z"], "k:e is before 2026-01-01T00:00:00Z"),
        ("DateGreaterThanEquals", ["2026-01-01"], "k:e is at or after 2026-01-01"),
        ("Bool", ["true"], "k:e is true"),
        ("BinaryEquals", ["QQ=="], 'k:e is, in Base64, "QQ=="'),
        ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "k:e is in 10.0.0.0/8 or 2001:db8::/32"),
        ("ArnLike", ["arn:aws:s3:::a*"], 'k:e matches "arn:aws:s3:::a*"'),
        ("ArnEquals", ["arn:aws:s3:::a*"], 'k:e matches "arn:aws:s3:::a*"'),
        ("Null", ["true"], "the request lacks k:e"),
        ("Null", ["false"], "the request has k:e"),
        ("Null", ["true", "false"], "the request has or lacks k:e"),
    ],
)
def test_operator_is_said_in_words(operator: str, values: list[str], said: str) -> None:
    assert words(operator, *values) == said


@pytest.mark.parametrize(
    ("operator", "values", "said"),
    [
        ("StringNotEquals", ["a"], 'k:e is not "a", or the request does not have it'),
        (
            "StringNotLike",
            ["a", "b"],
            'k:e does not match "a" nor "b", or the request does not have it',
        ),
        ("NotIpAddress", ["10.0.0.1"], "k:e is not in 10.0.0.1, or the request does not have it"),
    ],
)
def test_negated_operator_holds_where_no_value_matches_and_where_the_key_is_not_there(
    operator: str, values: list[str], said: str
) -> None:
    assert words(operator, *values) == said


def test_operator_with_if_exists_holds_where_the_key_is_not_there() -> None:
    assert words("BoolIfExists", "true") == "k:e is true, or the request does not have it"


def test_set_operator_says_of_how_many_values_it_must_hold() -> None:
    assert words("ForAnyValue:StringLike", "a*") == 'at least one value of k:e matches "a*"'
    assert words("ForAnyValue:StringNotLike", "a*") == (
        'at least one value of k:e does not match "a*"'
    )
    assert words("ForAllValues:StringEquals", "a", "b") == (
        'every value of k:e is "a" or "b", or there is none'
    )


def test_operator_that_aws_does_not_have_is_quoted() -> None:
    assert words("StringIs", "a") == (
        'k:e compares with "a" by StringIs, which is none of AWS\'s operators'
    )


def test_condition_without_a_value_says_so() -> None:
    assert words("StringEquals") == "k:e is (no value)"


def test_every_operator_has_its_words() -> None:
    assert set(PHRASES) == set(FAMILIES) - {"Null"}
