"""The codes of findings: stable, explained, and each of them reachable."""

from __future__ import annotations

import re

import pytest

from iam_catalog.policy.check.codes import CODES
from iam_catalog.policy.check.findings import SEVERITIES
from iam_catalog.policy.grammar.global_keys import (
    GLOBAL_KEYS,
    LISTED_BY_SERVICES,
    is_federation_key,
)
from iam_catalog.policy.grammar.operators import TYPES, base_type


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_in_kebab_case_with_a_sentence_and_a_source(code):
    facts = CODES[code]

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert facts.severity in SEVERITIES
    assert facts.meaning.endswith(".")
    assert facts.reference


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
