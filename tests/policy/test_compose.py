"""Statements and policies out of actions and ARNs, without a catalog."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog import CatalogError
from iam_catalog.policy.write.grants import ANY_RESOURCE
from iam_catalog.policy.write.sizes import LIMITS, size_of
from iam_catalog.policy.write.statements import (
    Grant,
    Group,
    grouped,
    policies_of,
    statements_of,
    title,
)

MANAGED = LIMITS["managed"]
BOX, SHELF = "arn:aws:store:::box/*", "arn:aws:store:::shelf/*"


def grant(action: str, *types: str, arns: tuple[str, ...] | None = None) -> Grant:
    held = (ANY_RESOURCE,) if arns is None else arns
    return Grant(action, types, held, together=False)


def test_actions_of_the_same_resource_types_share_a_statement() -> None:
    grants = [
        grant("store:TakeBox", "store:box", arns=(BOX,)),
        grant("store:OpenBox", "store:box", arns=(BOX,)),
        grant("store:PutBox", "store:box", "store:shelf", arns=(BOX, SHELF)),
        grant("store:ListBoxes"),
        grant("depot:ListBoxes"),
    ]

    assert statements_of(grouped(grants), set()) == [
        {
            "Sid": "StoreBox",
            "Effect": "Allow",
            "Action": ["store:OpenBox", "store:TakeBox"],
            "Resource": [BOX],
        },
        {
            "Sid": "StoreBoxShelf",
            "Effect": "Allow",
            "Action": ["store:PutBox"],
            "Resource": [BOX, SHELF],
        },
        {
            "Sid": "WithoutResourceType",
            "Effect": "Allow",
            "Action": ["depot:ListBoxes", "store:ListBoxes"],
            "Resource": "*",
        },
    ]


def test_order_of_the_input_does_not_matter() -> None:
    grants = [grant("b:B"), grant("a:B", "a:x", arns=("x",)), grant("a:A", "a:x", arns=("x",))]

    assert grouped(grants) == grouped(grants[::-1])


def test_actions_of_unknown_resource_types_are_apart_by_service() -> None:
    grants = [
        Grant(action, (), ("${Resource}",), together=False, unknown_of=action.partition(":")[0])
        for action in ("ds:Check", "iam:PassRole", "ds:Create")
    ]

    assert [(group.title, group.actions) for group in grouped(grants)] == [
        ("DsResourceTypeUnknown", ("ds:Check", "ds:Create")),
        ("IamResourceTypeUnknown", ("iam:PassRole",)),
    ]


@pytest.mark.parametrize(
    ("types", "said"),
    [
        (["execute-api:execute-api-general"], "ExecuteApiExecuteApiGeneral"),
        (["s3:bucket", "s3:object", "s3:job"], "S3BucketObjectJob"),
        (["s3:a", "s3:b", "s3:c", "s3:d"], "S3SeveralResourceTypes"),
        (["x:naïve_type"], "XNaVeType"),
    ],
)
def test_name_of_a_statement_has_only_letters_and_digits(types: list[str], said: str) -> None:
    assert title(types) == said


def test_names_of_statements_differ_from_each_other_and_from_those_that_are_there() -> None:
    group = Group("StoreBox", ("store:A",), (BOX,), together=False)

    assert [each["Sid"] for each in statements_of([group, group], {"StoreBox"})] == [
        "StoreBox2",
        "StoreBox3",
    ]


def large(title: str, actions: int) -> Group:
    names = tuple(f"store:{'Action' * 10}{number:03}" for number in range(actions))
    return Group(title, names, (BOX,), together=True)


def actions_of(policies: list[dict[str, Any]]) -> list[str]:
    return [name for policy in policies for held in policy["Statement"] for name in held["Action"]]


def test_what_fits_into_one_policy_is_one_policy() -> None:
    assert len(policies_of([large("A", 30), large("B", 30)], MANAGED)) == 1


def test_statements_go_to_the_first_policy_that_has_room() -> None:
    policies = policies_of([large("A", 60), large("B", 60), large("C", 10)], MANAGED)

    assert [[held["Sid"] for held in policy["Statement"]] for policy in policies] == [
        ["A", "C"],
        ["B"],
    ]


def test_statement_that_is_too_large_is_split_and_keeps_all_its_actions() -> None:
    policies = policies_of([large("A", 200)], MANAGED)

    assert len(policies) == 4
    assert actions_of(policies) == list(large("A", 200).actions)
    assert max(size_of(policy, MANAGED) for policy in policies) <= MANAGED.size


def test_resources_are_split_only_where_no_type_is_required() -> None:
    arns = tuple(f"{BOX}{'x' * 100}{number}" for number in range(80))
    free = Group("A", ("store:TagBox",), arns, together=False)

    policies = policies_of([free], MANAGED)

    assert [arn for each in policies for arn in each["Statement"][0]["Resource"]] == list(arns)
    with pytest.raises(CatalogError) as caught:
        policies_of([Group("A", ("store:TagBox",), arns, together=True)], MANAGED)
    assert str(caught.value) == (
        "store:TagBox with its resources is larger than the 6,144 characters that a managed policy"
        " may have (IAM and AWS STS quotas, section IAM and STS character limits, 2025)."
    )


def test_inline_policies_are_not_split_because_their_limit_is_for_the_sum() -> None:
    with pytest.raises(CatalogError) as caught:
        policies_of([large("A", 50)], LIMITS["inline-user"])

    assert str(caught.value) == (
        "The policy takes 3,715 characters, but the inline policies of a user may have 2,048 in all"
        " (IAM and AWS STS quotas, section IAM and STS character limits, 2025): ask for less, or"
        " for managed policies."
    )


NAMES = st.sampled_from([f"store:{'Action' * size}{size}" for size in range(1, 40)])
ARNS = st.lists(
    st.sampled_from([f"arn:aws:store:::box/{'x' * size}" for size in range(1, 120)]),
    min_size=1,
    max_size=60,
    unique=True,
).map(tuple)
GROUPS = st.builds(
    Group,
    st.sampled_from(["A", "B"]),
    st.lists(NAMES, min_size=1, max_size=60, unique=True).map(tuple),
    ARNS,
    st.just(False),
)


def pairs(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {
        (name, arn) for each in statements for name in each["Action"] for arn in each["Resource"]
    }


@given(st.lists(GROUPS, max_size=6))
def test_no_policy_is_too_large_and_together_they_allow_the_same(groups: list[Group]) -> None:
    policies = policies_of(groups, MANAGED)

    assert all(size_of(policy, MANAGED) <= MANAGED.size for policy in policies)
    assert pairs([held for policy in policies for held in policy["Statement"]]) == pairs(
        statements_of(groups, set())
    )
    assert all(
        len({held["Sid"] for held in policy["Statement"]}) == len(policy["Statement"])
        for policy in policies
    )
