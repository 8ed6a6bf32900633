"""The facts that policies are read by, beside what the catalog answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from check_services import NEWER, build_catalog

from iam_catalog import Catalog
from iam_catalog.facts.keys import placeholder
from iam_catalog.policy.facts import PolicyFacts, policy_facts


def facts_of(path: str) -> PolicyFacts:
    return policy_facts(sqlite3.connect(f"file:{path}?mode=ro", uri=True))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_catalog(tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def facts(path: str) -> Iterator[PolicyFacts]:
    held = facts_of(path)
    yield held
    held.connection.close()


def test_a_service_is_found_in_any_case_and_read_once(facts):
    service = facts.service("POST")

    assert service is facts.service("post")
    assert (service.prefix, service.date) == ("post", NEWER)
    assert facts.service("nosuch") is None


def test_what_a_page_leaves_out_is_not_known(facts):
    known: dict[str, Any] = {
        prefix: (service.actions_known, service.types_known, service.keys_known)
        for prefix in ("post", "attic")
        if (service := facts.service(prefix))
    }

    assert known == {"post": (True, True, True), "attic": (False, True, True)}


@pytest.mark.parametrize(
    "pattern",
    ["*", "Get*", "get*", "*Letter", "?utLetter", "*e*e*", "Nothing*", "GetLetter", "*?*"],
)
def test_a_pattern_matches_the_same_actions_as_the_catalog_expands_it_to(path, facts, pattern):
    with Catalog(path) as catalog:
        expanded = [name.lower() for name in catalog.expand(f"post:{pattern}")]

    assert list(facts.service("post").expand(pattern)) == expanded


@pytest.mark.parametrize(
    ("key", "around"),
    [
        ("aws:RequestTag/${TagKey}", ("aws:RequestTag/", "")),
        ("s3:ExistingObjectTag/<key>", ("s3:ExistingObjectTag/", "")),
        ("ssm:resourceTag/tag-key", ("ssm:resourceTag/", "")),
        ("sagemaker:ResourceTag/", ("sagemaker:ResourceTag/", "")),
        ("codebuild:secondarySources/${id}.type", ("codebuild:secondarySources/", ".type")),
        ("kms:EncryptionContext:${Key}", ("kms:EncryptionContext:", "")),
        ("s3:prefix", None),
    ],
)
def test_pages_write_the_placeholder_of_a_key_in_many_ways(key, around):
    assert placeholder(key) == around
