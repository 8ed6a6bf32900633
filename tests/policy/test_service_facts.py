"""What is kept of services while policies are checked, beside what the catalog answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from arn_services import FORMATS, build_arn_catalog
from check_services import NEWER, build_catalog

from iam_catalog import Catalog
from iam_catalog.policy.arns import Arn, fit_parts, read_format
from iam_catalog.policy.documented_keys import placeholder
from iam_catalog.policy.kept import LONGEST, MOST, Kept
from iam_catalog.policy.service_arns import holds_more
from iam_catalog.policy.service_facts import ServiceFacts


def facts_of(path: str) -> ServiceFacts:
    return ServiceFacts(sqlite3.connect(f"file:{path}?mode=ro", uri=True))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_catalog(tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def arns(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_arn_catalog(tmp_path_factory.mktemp("arns"))


@pytest.fixture(scope="module")
def facts(path: str) -> Iterator[ServiceFacts]:
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
    "arn",
    [
        "arn:aws:s3:::logs",
        "arn:aws:s3:::logs/2026/*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::logs*",
        "arn:aws:s3*",
        "arn:aws:dynamodb:*:*:table/*",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/*",
        "arn:aws:logs:*:*:log-group:/aws/lambda/x:*",
        "arn:aws:iam::111122223333:role/service-role/x",
        "arn:aws:ssm:*:*:parameter/a/b",
        "arn:aws:apigateway:eu-west-1::/restapis/abc/stages/*",
        "arn:aws:elasticloadbalancing:*:*:loadbalancer/app/x/*",
        "arn:*:*:*:*:*",
        "arn:aws:s3:::${aws:username}/*",
    ],
)
def test_an_arn_can_be_of_every_type_that_match_arn_gives(arns, arn):
    """And of one whose format names no service, which match_arn rules out for what names one."""
    with Catalog(arns) as catalog:
        types = {each.resource_type for each in catalog.match_arn(arn)}
    held = facts_of(arns)

    found = {name for prefix in FORMATS for name in held.service(prefix).matched(arn)}
    held.connection.close()

    assert found - {"backup:recoveryPoint"} == types - {"backup:recoveryPoint"}


def test_a_version_of_a_function_is_taken_for_a_function(arns):
    """A colon rules nothing out here: AWS lists functions where it takes their versions, too."""
    held = facts_of(arns)
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:web:2"

    assert held.service("lambda").matched(arn) == {
        "lambda:function",
        "lambda:function alias",
        "lambda:function version",
    }
    held.connection.close()


def test_an_arn_of_a_service_that_is_not_held_is_of_no_type(arns):
    held = facts_of(arns)

    assert held.service("s3").matched("arn:aws:sqs:eu-west-1:111122223333:queue") == set()
    held.connection.close()


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


def test_so_many_answers_are_kept_and_none_about_very_long_texts():
    kept: Kept[int] = Kept()
    for number in range(MOST + 5):
        assert kept.keep(str(number), number) == number
    kept.keep("x" * (LONGEST + 1), 1)

    assert len(kept) == 5


def test_what_holds_more_slashes_at_a_glance_does_so_sign_by_sign():
    pieces = ["box", "*", "lid", "b?x", "${aws:username}"]
    formats = [
        read_format(f"arn:${{Partition}}:post:::{resource}")
        for resource in ("box/${B}", "box/${B}/lid/${L}", "lid/${L}/*", "${A}/lid", "${A}")
    ]
    refused = 0
    for count in (1, 2, 3, 4):
        for parts in product(pieces, repeat=count):
            arn = Arn(f"arn:aws:post:::{'/'.join(parts)}")
            for form, most in product(formats, (0, 1, 2)):
                if holds_more(arn, form, most):
                    refused += 1
                    fit = fit_parts(arn, form)
                    values = fit.variables.values() if fit else ()
                    assert fit is None or sum(value.count("/") for value in values) > most
    assert refused > 1000
