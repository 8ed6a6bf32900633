"""Condition keys, operators and values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from check_services import BOX, LETTER, NEWER, allow, build_catalog, findings
from dated_pages import complete, store
from page_texts import Key, Row, Service, act, as_table

from iam_catalog import Catalog
from iam_catalog.policy.check.findings import Evidence, Finding
from iam_catalog.policy.model import Unresolved


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("check"))) as opened:
        yield opened


def with_condition(
    catalog: Catalog,
    operator: str,
    key: str,
    values: Any = "x",
    actions: Any = "post:PutLetter",
    resources: Any = LETTER,
) -> list[Finding]:
    """What is found of the condition of a statement."""
    statement = allow(actions, resources, Condition={operator: {key: values}})
    return [each for each in findings(catalog, statement) if "Condition" in each.path]


def codes(found: list[Finding]) -> list[str]:
    return [each.code for each in found]


# --- keys


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "post:Colour", "red"),
        ("StringEquals", "POST:colour", "red"),
        ("StringEquals", "aws:RequestTag/team", "blue"),
        ("StringEquals", "aws:ResourceTag/team", "blue"),
        ("StringLike", "aws:PrincipalTag/team", "b*"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team"]),
        ("Bool", "aws:SecureTransport", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
        ("StringLike", "aws:SourceArn", "arn:aws:post:*"),
        (
            "ArnEquals",
            "lambda:SourceFunctionArn",
            "arn:aws:lambda:eu-west-1:111122223333:function:f",
        ),
        ("NumericLessThan", "aws:MultiFactorAuthAge", 3600),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-31T00:00:00Z"),
        ("NumericLessThan", "aws:EpochTime", 1767225600),
        ("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]),
        ("Null", "aws:TagKeys", "false"),
    ],
)
def test_a_key_that_the_action_or_every_action_has_is_fine(catalog, operator, key, value):
    assert with_condition(catalog, operator, key, value) == []


def test_a_key_that_no_page_of_a_held_service_defines_is_told_with_the_nearest(catalog):
    (found,) = with_condition(catalog, "StringEquals", "post:Color")

    assert found == Finding(
        "unknown-condition-key",
        "warning",
        f"No condition key 'post:Color' in the catalog as of {NEWER}.",
        ("Statement", 0, "Condition", "StringEquals", "post:Color"),
        (Evidence(f"postoffice@{NEWER}", 42, NEWER),),
        "post:Colour",
    )


def test_a_global_key_that_aws_does_not_list_is_told(catalog):
    (found,) = with_condition(catalog, "StringEquals", "aws:PrincipleOrgID")

    assert (found.code, found.text, found.suggestion) == (
        "unknown-condition-key",
        "No condition key 'aws:PrincipleOrgID' among AWS's global condition keys as of 2026-09.",
        "aws:PrincipalOrgID",
    )


@pytest.mark.parametrize(
    "key",
    [
        "nosuch:Colour",
        "saml:aud",
        "SAML:aud",
        "accounts.google.com:aud",
        "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub",
    ],
)
def test_nothing_is_said_of_keys_of_other_services_and_of_identity_providers(catalog, key):
    assert [
        each
        for each in with_condition(catalog, "StringEquals", key)
        if each.code != "service-not-held"
    ] == []


@pytest.mark.parametrize("key", ["aws:RequestTag/", "aws:ResourceTag", "post:LetterTag/"])
def test_a_key_of_tags_needs_the_key_of_a_tag(catalog, key):
    (found,) = with_condition(catalog, "StringEquals", key)

    assert (found.code, found.text) == (
        "condition-key-without-tag",
        f"{key!r} lacks the key of a tag: write {key.rstrip('/')}/…",
    )


def test_a_key_that_no_action_of_the_statement_supports_is_told(catalog):
    (found,) = with_condition(catalog, "StringEquals", "post:Colour", actions="post:GetLetter")

    assert (found.code, found.severity, found.text) == (
        "condition-key-without-action",
        "warning",
        (
            f"No action of the statement supports 'post:Colour' (documented on {NEWER}): "
            "post:GetLetter."
        ),
    )


def test_a_key_that_a_named_action_lacks_makes_it_dead(catalog):
    (found,) = with_condition(
        catalog, "StringEquals", "post:Colour", actions=["post:GetLetter", "post:PutLetter"]
    )

    assert (found.code, found.severity, found.text) == (
        "condition-key-blocks-action",
        "warning",
        (
            "post:GetLetter is never allowed here: it does not support 'post:Colour' (documented"
            f" on {NEWER}), without which StringEquals does not match."
        ),
    )


@pytest.mark.parametrize("operator", ["StringNotEquals", "ForAllValues:StringLike", "Null"])
def test_an_operator_that_matches_without_the_key_leaves_the_action_alive(catalog, operator):
    found = with_condition(
        catalog, operator, "post:Colour", "true", actions=["post:GetLetter", "post:PutLetter"]
    )

    assert [(each.severity, each.text) for each in found if "for-action" in each.code] == [
        ("info", f"post:GetLetter does not support 'post:Colour' (documented on {NEWER}).")
    ]


def test_if_exists_is_made_for_statements_of_which_only_some_actions_have_the_key(catalog):
    found = with_condition(
        catalog,
        "StringEqualsIfExists",
        "post:Colour",
        actions=["post:GetLetter", "post:PutLetter"],
    )

    assert found == []


def test_of_a_pattern_one_action_that_supports_a_key_is_enough(catalog):
    assert with_condition(catalog, "StringEquals", "post:Colour", actions="post:*Letter") == []


def test_a_key_beside_a_resource_type_holds_with_that_type_alone(catalog):
    """`post:Weight` stands on the row of the letter of WeighLetter, and on a row without a type
    of GetLetter."""
    weighed = {"operator": "NumericLessThan", "key": "post:Weight", "values": 20}

    assert with_condition(catalog, **weighed, actions="post:WeighLetter", resources="*") == []
    assert with_condition(catalog, **weighed, actions="post:WeighLetter") == []
    assert with_condition(catalog, **weighed, actions="post:GetLetter") == []
    assert codes(with_condition(catalog, **weighed, actions="post:ListLetters", resources=BOX)) == [
        "condition-key-without-action"
    ]


def test_a_key_of_a_resource_type_holds_with_that_type_alone(catalog):
    tag = {"operator": "StringEquals", "key": "aws:ResourceTag/team", "actions": "post:TagLetter"}

    assert with_condition(catalog, **tag, resources=LETTER) == []
    assert with_condition(catalog, **tag, resources="*") == []
    assert codes(with_condition(catalog, **tag, resources=BOX)) == ["condition-key-without-action"]


@pytest.mark.parametrize("actions", ["*", "nosuch:Get", "attic:Climb"])
def test_nothing_is_said_of_support_where_the_actions_are_not_known(catalog, actions):
    found = with_condition(catalog, "StringEquals", "post:Colour", actions=actions)

    assert found == []


def test_nothing_is_said_of_support_beside_not_action(catalog):
    statement = {
        "Effect": "Deny",
        "NotAction": "post:GetLetter",
        "Resource": "*",
        "Condition": {"StringEquals": {"post:Colour": "red"}},
    }

    assert findings(catalog, statement) == []


# --- operators


def test_an_operator_that_aws_does_not_have_is_an_error_with_the_nearest(catalog):
    (found,) = with_condition(catalog, "ForAnyValue:StringLikes", "aws:TagKeys")

    assert (found.code, found.severity, found.text, found.path, found.suggestion) == (
        "unknown-operator",
        "error",
        "No condition operator 'ForAnyValue:StringLikes'; case counts.",
        ("Statement", 0, "Condition", "ForAnyValue:StringLikes"),
        "ForAnyValue:StringLike",
    )


@pytest.mark.parametrize(
    ("operator", "better"),
    [
        ("ForAllValue:StringEquals", "ForAllValues:StringEquals"),
        ("foranyvalue:stringlike", "ForAnyValue:StringLike"),
        ("NullIfExists", "Null"),
        ("Nothing", None),
    ],
)
def test_a_suggested_operator_keeps_what_stands_before_it(catalog, operator, better):
    found = with_condition(catalog, operator, "aws:TagKeys")

    assert [(each.code, each.suggestion) for each in found] == [("unknown-operator", better)]


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "post:Weight", "5"),
        ("StringEquals", "aws:SecureTransport", "true"),
        ("Bool", "post:Colour", "true"),
        ("NumericEquals", "post:Colour", "5"),
        ("IpAddress", "post:Colour", "203.0.113.0/24"),
        ("StringEquals", "aws:SourceIp", "203.0.113.7"),
        ("DateEquals", "post:Colour", "2026-01-31"),
        ("ArnEquals", "post:Colour", "r?d"),
    ],
)
def test_an_operator_fits_the_type_of_the_key(catalog, operator, key, value):
    """With one that does not fit, the match always fails."""
    found = with_condition(
        catalog, operator, key, value, actions=["post:PutLetter", "post:GetLetter"]
    )

    assert "operator-type-mismatch" in codes(found)


def test_a_mismatch_says_what_the_type_is(catalog):
    (found,) = with_condition(catalog, "StringEquals", "aws:SourceIp", "203.0.113.7")

    assert found.text == "StringEquals does not fit 'aws:SourceIp', which is of the type IPAddress."
    assert found.suggestion == "IpAddress"


@pytest.mark.parametrize(
    ("operator", "key", "value", "better"),
    [
        ("StringNotEquals", "aws:SourceIp", "203.0.113.0/24", "NotIpAddress"),
        ("StringEquals", "aws:SourceIp", "here", None),
        ("StringLikeIfExists", "aws:SecureTransport", "true", "BoolIfExists"),
        ("StringNotEquals", "aws:SecureTransport", "true", None),
        ("StringLessThan", "aws:MultiFactorAuthAge", "3600", "NumericLessThan"),
        ("Bool", "aws:PrincipalType", "User", "StringEquals"),
        ("NumericLessThan", "aws:PrincipalType", "5", None),
    ],
)
def test_the_operator_that_compares_the_same_is_suggested(catalog, operator, key, value, better):
    found = with_condition(catalog, operator, key, value)
    wanted = ("operator-type-mismatch", "unknown-operator")

    assert [each.suggestion for each in found if each.code in wanted] == [better]


def test_an_arn_is_considered_a_string(catalog):
    """String operators fit ARNs, and ARN operators a string that is compared with ARNs."""
    arn = "arn:aws:iam::111122223333:role/*"

    assert with_condition(catalog, "StringLike", "aws:PrincipalArn", arn) == []
    assert with_condition(catalog, "ArnLike", "post:Colour", arn) == []


def test_a_key_of_several_values_needs_a_set_operator(catalog):
    (found,) = with_condition(catalog, "StringEquals", "aws:TagKeys", ["team"])

    assert (found.code, found.severity, found.text, found.suggestion) == (
        "set-operator-missing",
        "warning",
        (
            "'aws:TagKeys' can have several values (ArrayOfString): before the operator it needs "
            "ForAllValues: (no other value, or none at all) or ForAnyValue: (one is enough)."
        ),
        "ForAllValues:StringEquals or ForAnyValue:StringEquals",
    )


def test_a_denied_key_of_several_values_is_denied_with_any_of_them(catalog):
    statement = {
        "Effect": "Deny",
        "Action": "post:PutLetter",
        "Resource": LETTER,
        "Condition": {"StringEquals": {"aws:TagKeys": ["team"]}},
    }
    (found,) = [each for each in findings(catalog, statement) if "Condition" in each.path]

    assert found.suggestion == "ForAnyValue:StringEquals"


def test_a_key_of_a_single_value_has_no_set_operator(catalog):
    (every,) = with_condition(catalog, "ForAllValues:StringEquals", "aws:username")
    (any_value,) = with_condition(catalog, "ForAnyValue:StringLikeIfExists", "aws:username")

    assert (every.code, every.severity, every.text, every.suggestion) == (
        "set-operator-on-single-value",
        "warning",
        (
            "'aws:username' has a single value (String): ForAllValues is for keys of several "
            "values. It also matches where the key is absent."
        ),
        "StringEquals",
    )
    assert (any_value.code, any_value.severity, any_value.text, any_value.suggestion) == (
        "set-operator-not-needed",
        "info",
        "'aws:username' has a single value (String): ForAnyValue is for keys of several values.",
        "StringLikeIfExists",
    )


def test_a_key_that_the_guide_calls_multivalued_has_set_operators(tmp_path):
    """Amazon Cognito's own trust policies compare `amr` with ForAnyValue; the page has a String."""
    key = "cognito-identity.amazonaws.com:amr"
    sts = Service([act("Assume", "Write", Row(keys=key))], (), [Key(key)], prefix="sts")
    with Catalog(store(tmp_path, complete(NEWER, as_table(sts)))) as catalog:
        every = with_condition(catalog, "ForAnyValue:StringLike", key, "x", "sts:Assume", "*")
        bare = with_condition(catalog, "StringLike", key, "x", "sts:Assume", "*")

    assert (codes(every), codes(bare)) == ([], ["set-operator-missing"])


def test_a_type_of_a_service_or_of_the_global_key_is_enough(tmp_path):
    key = "identitystore:UserId"
    store_of_users = Service(
        [act("Assign", "Write", Row(keys=key))],
        (),
        [Key(key, type="ArrayOfString")],
        prefix="identitystore",
    )
    with Catalog(store(tmp_path, complete(NEWER, as_table(store_of_users)))) as catalog:
        for operator in ("StringEquals", "ForAnyValue:StringEquals"):
            assert with_condition(catalog, operator, key, "x", "identitystore:Assign", "*") == []


# --- values


@pytest.mark.parametrize(
    ("operator", "key", "value", "said"),
    [
        ("Bool", "aws:SecureTransport", "yes", "Bool compares true or false, not 'yes'."),
        ("Null", "aws:TagKeys", "0", "Null compares true or false, not '0'."),
        (
            "NumericLessThanIfExists",
            "aws:MultiFactorAuthAge",
            "1 hour",
            "NumericLessThanIfExists compares a number, not '1 hour'.",
        ),
        (
            "DateLessThan",
            "aws:CurrentTime",
            "31.1.2026",
            (
                "DateLessThan compares a date such as 2026-01-31T00:00:00Z, or seconds since 1970, "
                "not '31.1.2026'."
            ),
        ),
        (
            "IpAddress",
            "aws:SourceIp",
            ["203.0.113.0/24", "203.0.113.300", "local"],
            (
                "IpAddress compares an IP address or a range in CIDR notation, not '203.0.113.300' "
                "and 'local'."
            ),
        ),
        (
            "ArnEquals",
            "aws:SourceArn",
            "role/admin",
            "ArnEquals compares an ARN, not 'role/admin'.",
        ),
    ],
)
def test_a_value_that_the_operator_can_not_compare_is_an_error(catalog, operator, key, value, said):
    (found,) = with_condition(catalog, operator, key, value)

    assert (found.code, found.severity, found.text) == ("malformed-condition-value", "error", said)


@pytest.mark.parametrize(
    ("operator", "better"),
    [
        ("StringEquals", "StringLike"),
        ("StringNotEqualsIgnoreCase", "StringNotLike"),
        ("ForAnyValue:StringEqualsIfExists", "ForAnyValue:StringLikeIfExists"),
    ],
)
def test_only_like_knows_wildcards(catalog, operator, better):
    found = with_condition(catalog, operator, "aws:PrincipalTag/team", ["a", "b*", "c?"])
    (wildcard,) = [each for each in found if each.code == "wildcard-without-like"]

    assert (wildcard.severity, wildcard.text, wildcard.suggestion) == (
        "warning",
        f"{operator} compares the * or ? of 'b*' and 'c?' as it stands.",
        better,
    )


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:PrincipalTag/team", "a${*}${?}"),
        ("StringLike", "aws:PrincipalTag/team", "*"),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/x"),
    ],
)
def test_wildcards_that_an_operator_knows_and_escaped_ones_are_fine(catalog, operator, key, value):
    assert with_condition(catalog, operator, key, value) == []


@pytest.mark.parametrize(
    ("operator", "key"), [("Bool", "aws:SecureTransport"), ("Null", "post:From")]
)
def test_true_and_false_at_once_are_no_comparison(catalog, operator, key):
    found = with_condition(
        catalog, operator, key, ["true", "False"], ["post:PutLetter", "post:GetLetter"]
    )
    (several,) = [each for each in found if each.code == "several-booleans"]

    assert (several.severity, several.text) == (
        "error",
        f"{operator} compares '{key}' with true and with false: expected one of them.",
    )


@pytest.mark.parametrize(
    ("operator", "key"),
    [
        ("NumericLessThan", "aws:MultiFactorAuthAge"),
        ("DateLessThan", "aws:CurrentTime"),
        ("Bool", "aws:SecureTransport"),
        ("IpAddress", "aws:SourceIp"),
    ],
)
def test_only_string_and_arn_operators_fill_variables_in(catalog, operator, key):
    (found,) = with_condition(catalog, operator, key, "${aws:PrincipalTag/it}")

    assert (found.code, found.severity, found.text) == (
        "variable-not-allowed",
        "error",
        f"'${{aws:PrincipalTag/it}}' has a policy variable, which {operator} does not fill in.",
    )
    assert with_condition(catalog, operator, key, Unresolved("${var.it}")) == []


def test_variables_in_values_are_checked(catalog):
    found = with_condition(catalog, "StringEquals", "post:Colour", ["${aws:usrname}", "red"])

    assert codes(found) == ["unknown-variable"]


@pytest.mark.parametrize("key", ["saml:sub_type", "idp.example.com:sub"])
def test_keys_of_a_federated_session_come_with_every_action(catalog, key):
    assert with_condition(catalog, "StringEquals", key) == []


def test_a_key_that_two_operators_compare_is_one_finding(catalog):
    statement = allow(
        "post:GetLetter",
        LETTER,
        Condition={
            "StringEquals": {"post:Colour": "red"},
            "Null": {"post:Colour": "false"},
        },
    )
    found = [each.code for each in findings(catalog, statement) if "Condition" in each.path]

    assert found == ["condition-key-without-action"]
