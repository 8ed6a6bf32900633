"""`check` and `explain` find the same actions of a statement without effect on its resources."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing

import pytest
from arn_shapes import shapes

from iam_catalog import Catalog, Finding
from iam_catalog.policy.check.registry import RULES
from iam_catalog.policy.coverage import resource_state
from iam_catalog.policy.model import Unresolved

CONCLUSIVE = {rule.code for rule in RULES if getattr(rule, "conclusive", False)}
CODES = ("action-needs-star", "action-without-resource", "action-on-every-arn")
STATEMENTS = 1_500

OTHER_RESOURCES = {
    "everything": ["*"],
    "many stars": ["**"],
    "a variable": ["${aws:username}"],
    "what a template leaves open": [Unresolved("${Bucket}")],
    "an ARN without its start": ["execute-api:/*"],
    "an incomplete ARN": ["arn:aws:s3"],
    "a bucket and everything": ["arn:aws:s3:::b", "*"],
    "a bucket and an object": ["arn:aws:s3:::b", "arn:aws:s3:::b/k"],
}
ACTIONS = ["s3:GetObject", "s3:ListBucket", "s3:ListAllMyBuckets", "execute-api:Invoke", "s3:Nope"]


@pytest.fixture(scope="module")
def catalog(real_catalog: str) -> Iterator[Catalog]:
    with Catalog(real_catalog) as opened:
        yield opened


def policy(actions: list[str], element: str, resources: list[str]) -> dict[str, object]:
    """Return a policy with a statement for each action: check says one thing of a statement."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": action, element: resources} for action in actions
        ],
    }


def idle_by_check(catalog: Catalog, asked: dict[str, object], actions: list[str]) -> set[str]:
    """Return the actions that `check` finds on no resource that they take."""
    found = catalog.check_policy(asked, kind="identity")
    return {actions[int(each.path[1])] for each in found if each.code in CODES}


def idle_by_explain(catalog: Catalog, asked: dict[str, object]) -> set[str]:
    """Return the actions that `explain` calls without effect."""
    statements = catalog.explain_policy(asked).statements
    return {name for one in statements for each in one.without_effect for name in each.names}


def generated(path: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield lists of actions, each with ARNs of services that the actions are of, or others."""
    choose = random.Random(2)
    actions: dict[str, list[str]] = defaultdict(list)
    with closing(sqlite3.connect(path)) as connection:
        formats = [text for (text,) in connection.execute("select format from arn_formats")]
        for action, prefix in connection.execute("select action, service_prefix from actions"):
            actions[prefix].append(action)
    for _ in range(STATEMENTS):
        chosen = choose.sample(formats, choose.randint(1, 2))
        arns = [choose.choice(_accepted(each)) for each in chosen]
        own = [name for each in chosen for name in actions.get(each.split(":")[2], ())]
        yield choose.sample(own, min(6, len(own))) or ["s3:GetObject"], arns


def _accepted(arn_format: str) -> list[str]:
    """Return the ARNs made from a format that IAM does not refuse."""
    return [arn for arn in shapes(arn_format).values() if resource_state(arn) != "refused"]


def says_no_more(found: Iterable[Finding]) -> bool:
    """Return True if check refuses an ARN for its form, and does not look what could take it."""
    return any(each.code in CONCLUSIVE and "Resource" in each.path for each in found)


def test_generated_statements(catalog, real_catalog):
    differing = {}
    for actions, arns in generated(real_catalog):
        asked = policy(actions, "Resource", arns)
        answers = idle_by_check(catalog, asked, actions), idle_by_explain(catalog, asked)
        if answers[0] != answers[1] and not says_no_more(catalog.check_policy(asked)):
            differing[tuple(arns)] = answers

    assert differing == {}


@pytest.mark.parametrize("element", ["Resource", "NotResource"])
@pytest.mark.parametrize("resources", OTHER_RESOURCES.values(), ids=OTHER_RESOURCES)
def test_resources_of_other_kinds(catalog, element, resources):
    asked = policy(ACTIONS, element, resources)

    assert idle_by_check(catalog, asked, ACTIONS) == idle_by_explain(catalog, asked)


@pytest.mark.parametrize("resources", [["bucket"], ["arn:aws:s3:::b", "bucket"]])
def test_of_a_refused_resource_check_says_that_alone(catalog, resources):
    """IAM refuses the policy for it, so that check finds nothing else; explain calls it no type."""
    asked = policy(["s3:GetObject"], "Resource", resources)

    assert idle_by_check(catalog, asked, ["s3:GetObject"]) == set()
    assert idle_by_explain(catalog, asked) == {"s3:GetObject"}


def test_an_object_is_nothing_that_actions_on_buckets_take(catalog):
    asked = policy(ACTIONS, "Resource", ["arn:aws:s3:::b/k"])

    idle = {"s3:ListBucket", "s3:ListAllMyBuckets", "execute-api:Invoke"}
    assert idle_by_check(catalog, asked, ACTIONS) == idle
    assert idle_by_explain(catalog, asked) == idle
