"""Condition operators, as AWS's page of them has them."""

from __future__ import annotations

import pytest

from iam_catalog.policy.grammar.conditions import (
    FAMILIES,
    Operator,
    base_type,
    fits,
    is_multivalued,
    read_operator,
    value_fits,
)


def test_there_are_as_many_operators_as_on_the_page():
    counts = {family: list(FAMILIES.values()).count(family) for family in FAMILIES.values()}

    assert counts == {
        "String": 6,
        "Numeric": 6,
        "Date": 6,
        "Bool": 1,
        "Binary": 1,
        "IPAddress": 2,
        "ARN": 4,
        "Null": 1,
    }


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("StringLike", Operator("StringLike", "String", None, False)),
        ("NumericLessThanEquals", Operator("NumericLessThanEquals", "Numeric", None, False)),
        ("BoolIfExists", Operator("Bool", "Bool", None, True)),
        (
            "ForAnyValue:ArnNotLikeIfExists",
            Operator("ArnNotLike", "ARN", "ForAnyValue", True),
        ),
        ("ForAllValues:Null", Operator("Null", "Null", "ForAllValues", False)),
    ],
)
def test_an_operator_can_have_a_set_operator_and_if_exists(text, operator):
    assert read_operator(text) == operator


@pytest.mark.parametrize(
    "text",
    ["", "stringLike", "NullIfExists", "ForNoValue:Bool", "ForAnyValue:", "IfExists", "BoolExists"],
)
def test_nothing_else_is_an_operator(text):
    assert read_operator(text) is None


@pytest.mark.parametrize(
    ("key_type", "base", "multivalued"),
    [
        ("String", "String", False),
        ("ArrayOfString", "String", True),
        ("ArrayOfARN", "ARN", True),
        ("Boolean", "Bool", False),
        ("Arn", "ARN", False),
        ("IPAddress", "IPAddress", False),
    ],
)
def test_types_of_pages_old_and_new(key_type, base, multivalued):
    assert (base_type(key_type), is_multivalued(key_type)) == (base, multivalued)


def test_types_that_no_page_explained_fit_everything():
    operator = read_operator("StringEquals")

    assert operator is not None
    assert fits(operator, "Colour", ("red",))


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("String", ["", "anything"]),
        ("Bool", ["true", "False"]),
        ("Null", ["true", "false"]),
        ("Numeric", ["0", "-1.5", "10", ".5"]),
        (
            "Date",
            [
                "2026",
                "2026-01",
                "2026-01-31",
                "2026-01-31T12:30Z",
                "2026-01-31T12:30:45.5+01:00",
                "1767225600",
            ],
        ),
        ("Binary", ["QmluYXJ5", "QmluYXI=", ""]),
        ("IPAddress", ["203.0.113.7", "203.0.113.0/24", "2001:db8::/32", "::1"]),
        ("ARN", ["arn:aws:iam::111122223333:root", "*", "arn:aws:s3:::*"]),
    ],
)
def test_values_that_fit(family, values):
    assert [value for value in values if not value_fits(family, value)] == []


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("Bool", ["yes", "1", ""]),
        ("Null", ["null"]),
        ("Numeric", ["", "five", "1e", "0x10", "1,5", "nan"]),
        ("Date", ["yesterday", "2026-13-01", "2026-01-31 12:30", "31.01.2026", "2026-01-31T12:30"]),
        ("Binary", ["%", "QQ", "Q==="]),
        ("IPAddress", ["", "203.0.113", "203.0.113.0/33", "example.com"]),
        ("ARN", ["role/x", "arn:aws:iam"]),
    ],
)
def test_values_that_do_not_fit(family, values):
    assert [value for value in values if value_fits(family, value)] == []


@pytest.mark.parametrize(
    "family", ["Bool", "Numeric", "Date", "Binary", "IPAddress", "ARN", "Null"]
)
def test_a_value_that_is_not_known_fits(family):
    assert value_fits(family, "${unknown}")
