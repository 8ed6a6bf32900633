"""How large a policy may be, and how AWS counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iam_catalog.policy.write.sizes import LIMITS, OF_KIND, compact, limits_of, size_of

POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
SPACED = {"Id": "a b\tc"}


@pytest.mark.parametrize(
    ("name", "size", "unit"),
    [
        ("managed", 6144, "characters"),
        ("inline-user", 2048, "characters"),
        ("inline-group", 5120, "characters"),
        ("inline-role", 10240, "characters"),
        ("session", 2048, "characters"),
        ("trust", 2048, "characters"),
        ("scp", 10240, "characters"),
        ("rcp", 5120, "characters"),
        ("s3-bucket", 20480, "bytes"),
        ("kms-key", 32768, "bytes"),
        ("sqs-queue", 8192, "bytes"),
        ("lambda-function", 20480, "bytes"),
        ("vpc-endpoint", 20480, "characters"),
    ],
)
def test_limit_of_what_a_policy_is_attached_to(name: str, size: int, unit: str) -> None:
    assert (LIMITS[name].size, LIMITS[name].unit) == (size, unit)


def test_every_limit_has_its_page_and_how_old_that_is() -> None:
    assert [
        limit.name
        for limit in LIMITS.values()
        if not (limit.page and limit.url.startswith("https://docs.aws.amazon.com/") and limit.date)
    ] == []


def test_only_the_limit_of_trust_policies_can_be_raised() -> None:
    assert {name: limit.raised for name, limit in LIMITS.items() if limit.raised} == {"trust": 8192}


def test_only_managed_and_organization_policies_can_be_split_into_several() -> None:
    assert {name for name, limit in LIMITS.items() if not limit.in_all} == {"managed", "scp", "rcp"}


def test_limits_of_a_kind_come_from_the_least_to_the_greatest() -> None:
    assert {kind: [limit.name for limit in limits_of(kind)] for kind in OF_KIND} == {
        "identity": ["inline-user", "inline-group", "managed", "inline-role"],
        "trust": ["trust"],
        "scp": ["scp"],
        "rcp": ["rcp"],
        "resource": [],
    }


def test_iam_does_not_count_white_space() -> None:
    assert size_of(POLICY, LIMITS["managed"], text=json.dumps(POLICY, indent=8)) == len(
        '{"Version":"2012-10-17","Statement":[]}'
    )


def test_white_space_inside_quotation_marks_is_no_exception() -> None:
    assert size_of(SPACED, LIMITS["managed"]) == len('{"Id":"abtc"}') + 1


def test_organizations_counts_the_text_as_it_is_sent() -> None:
    text = json.dumps(POLICY, indent=8)

    assert size_of(POLICY, LIMITS["scp"], text=text) == len(text)


def test_without_its_text_a_policy_is_as_small_as_it_can_be_written() -> None:
    assert size_of(POLICY, LIMITS["scp"]) == len('{"Version":"2012-10-17","Statement":[]}')
    assert size_of(SPACED, LIMITS["scp"]) == len(r'{"Id":"a b\tc"}')


def test_bytes_are_those_of_utf_8() -> None:
    assert size_of({"Id": "é"}, LIMITS["kms-key"]) == len('{"Id":"é"}') + 1
    assert size_of({"Id": "é"}, LIMITS["vpc-endpoint"]) == len('{"Id":"é"}')


def test_text_that_is_no_unicode_is_counted_too() -> None:
    assert size_of({"Id": "\ud800"}, LIMITS["kms-key"]) == len('{"Id":""}') + 3


def test_compact_text_says_the_same() -> None:
    assert json.loads(compact(SPACED)) == SPACED
