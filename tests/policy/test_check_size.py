"""Sizes of policies beside AWS's limits for their kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from check_services import allow, build_catalog, policy

from iam_catalog import Catalog
from iam_catalog.policy.model import PolicyDocument


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("check"))) as opened:
        yield opened


def of_size(characters: int) -> dict[str, Any]:
    """A policy of so many characters as IAM counts them: without white space."""
    start = policy(allow("post:GetLetter", "arn:aws:post:::box/"))
    missing = characters - len(json.dumps(start, separators=(",", ":")))
    return policy(allow("post:GetLetter", f"arn:aws:post:::box/{'x' * missing}"))


def said(catalog: Catalog, value: dict[str, Any], kind: Any) -> list[tuple[str, str, str]]:
    found = catalog.check_policy(value, kind=kind)
    return [(each.code, each.severity, each.text) for each in found if each.code.startswith("size")]


@pytest.mark.parametrize(
    ("kind", "limit"), [("identity", 2048), ("trust", 2048), ("scp", 10240), ("rcp", 5120)]
)
def test_a_policy_within_every_limit_of_its_kind_is_fine(catalog, kind, limit):
    assert said(catalog, of_size(limit), kind) == []


def test_a_policy_above_some_limits_says_what_it_is_too_large_for(catalog):
    assert said(catalog, of_size(6000), "identity") == [
        (
            "size-over-some-limits",
            "info",
            (
                "The policy has 6,000 characters: too many for the inline policies of a user "
                "(2,048) and the inline policies of a group (5,120)."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("kind", "size", "text"),
    [
        (
            "identity",
            10241,
            "The policy has 10,241 characters: the inline policies of a role can have 10,240.",
        ),
        (
            "trust",
            2049,
            (
                "The policy has 2,049 characters: a trust policy can have 2,048, or 8,192 where "
                "AWS raised the quota."
            ),
        ),
        (
            "scp",
            10241,
            "The policy has 10,241 characters: a service control policy can have 10,240.",
        ),
        ("rcp", 5121, "The policy has 5,121 characters: a resource control policy can have 5,120."),
    ],
)
def test_a_policy_above_all_limits_of_its_kind_is_refused_by_aws(catalog, kind, size, text):
    assert said(catalog, of_size(size), kind) == [("size-over-limit", "error", text)]


def test_white_space_does_not_count_for_iam(catalog):
    text = json.dumps(of_size(2048), indent=20)

    assert len(text) > 2048
    assert [each.code for each in catalog.check_policy(text)] == []


def test_no_limit_is_known_of_a_resource_policy(catalog):
    assert said(catalog, of_size(50_000), "resource") == []


@pytest.mark.parametrize(
    ("place", "size", "code"),
    [
        ("AWS::IAM::ManagedPolicy", 6144, None),
        ("AWS::IAM::ManagedPolicy", 6145, "size-over-limit"),
        ("aws_iam_policy", 6145, "size-over-limit"),
        ("aws_iam_user_policy", 2049, "size-over-limit"),
        ("AWS::IAM::Role", 6145, None),
        ("PolicyVersion", 20_000, None),
        (None, 6145, "size-over-some-limits"),
    ],
)
def test_the_place_of_a_policy_tells_its_limit(catalog, place, size, code):
    value = of_size(size)
    document = PolicyDocument("f", None, value, (), 1, "", 1, "identity", place=place)
    found = [each.code for each in catalog.check_policy(document) if each.code.startswith("size")]

    assert found == ([code] if code else [])
