"""The codes of findings: stable, explained, and each of them reachable."""

from __future__ import annotations

import re
from datetime import date

import pytest

from iam_catalog.facts.keys import (
    GLOBAL_KEYS,
    LISTED_BY_SERVICES,
    is_federation_key,
)
from iam_catalog.policy.check.findings import SEVERITIES
from iam_catalog.policy.check.registry import CODES, RULES
from iam_catalog.policy.grammar.conditions import TYPES, base_type


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_in_kebab_case_with_a_sentence_and_a_reference(code):
    rule = CODES[code]

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert rule.severity in SEVERITIES
    assert rule.meaning.endswith(".")
    assert rule.reference


@pytest.mark.parametrize("code", CODES)
def test_a_rule_of_aws_has_its_address_and_the_date_on_which_it_was_read(code):
    rule = CODES[code]

    if rule.source is None:
        assert rule.read_on is None
    else:
        assert rule.source.startswith("https://docs.aws.amazon.com/")
        assert rule.read_on is not None
        assert date(2026, 1, 1) <= date.fromisoformat(rule.read_on) <= date.today()


def test_each_code_is_declared_once():
    assert len(CODES) == len(RULES)


def test_an_error_is_what_aws_refuses_or_what_can_never_match():
    ours = {code for code, facts in CODES.items() if facts.severity == "error"}

    assert ours >= {
        "malformed-arn",
        "malformed-condition-value",
        "size-over-limit",
        "unknown-operator",
    }
    assert not {code for code in ours if code.startswith(("unknown-action", "wildcard"))}


def test_global_keys_are_those_of_the_page_with_types_that_operators_have():
    assert len(GLOBAL_KEYS) == 62
    assert {base_type(each) for types in GLOBAL_KEYS.values() for each in types} <= TYPES
    assert len({key.lower() for key in GLOBAL_KEYS}) == len(GLOBAL_KEYS)


def test_the_tag_keys_that_pages_of_services_list_are_global_keys():
    names = {key.lower().partition("/")[0] for key in GLOBAL_KEYS}

    assert names >= LISTED_BY_SERVICES


@pytest.mark.parametrize(
    ("key", "federated"),
    [
        ("saml:aud", True),
        ("SAML:sub", True),
        ("accounts.google.com:aud", True),
        ("localhost/id:sub", True),
        ("aws:username", False),
        ("s3:prefix", False),
    ],
)
def test_keys_of_identity_providers_have_their_address(key, federated):
    assert is_federation_key(key) is federated
