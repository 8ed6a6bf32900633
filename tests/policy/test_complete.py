"""Which dependent actions a policy lacks, and the statements that add them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from policy_services import BOX, NEWER, ROLE, SHELF, build_catalog

from iam_catalog import Catalog, CatalogError, UnreadablePolicy
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.write.complete import CompletedPolicy, UnknownDependents

MY_BOX = "arn:aws:store:eu-west-1:111122223333:shelf/1/box/*"
PUT_BOX = {"Effect": "Allow", "Action": "store:PutBox", "Resource": "*"}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("complete"))) as opened:
        yield opened


def policy(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(*actions, resource=resource, **more), "Effect": "Deny"}


def lacks(completed: CompletedPolicy) -> list[str]:
    return [each.dependent_action for each in completed.missing]


def added(completed: CompletedPolicy) -> list[str]:
    return [name for statement in completed.statements for name in statement["Action"]]


# --- what lacks


def test_what_lacks_comes_with_the_row_of_the_catalog_that_says_so(catalog: Catalog) -> None:
    missing = catalog.complete_policy(policy(PUT_BOX)).missing

    assert [
        (each.action, each.dependent_action, each.access_level, each.resource_types, each.date)
        for each in missing
    ] == [
        ("store:PutBox", "iam:PassRole", "Write", ("iam:role",), NEWER),
        ("store:PutBox", "store:TagBox", "Tagging", ("store:box", "store:shelf"), NEWER),
        ("store:PutBox", "kms:Decrypt", None, (), NEWER),
    ]
    page = catalog.service("store").pages[0].page
    assert [(each.page, each.line > 0, each.dataset) for each in missing] == [
        (page, True, None)
    ] * 3


@pytest.mark.parametrize(
    "statement",
    [
        allow("store:putbox"),
        allow("store:Put*"),
        allow("store:*"),
        {"Effect": "Allow", "NotAction": ["kms:*", "iam:*"], "Resource": "*"},
    ],
)
def test_actions_count_in_any_case_by_patterns_and_by_not_action(
    catalog: Catalog, statement: dict[str, Any]
) -> None:
    assert {"iam:PassRole", "kms:Decrypt"} <= set(lacks(catalog.complete_policy(policy(statement))))


@pytest.mark.parametrize(
    "statement",
    [
        allow("iam:PassRole"),
        allow("IAM:passrole"),
        allow("iam:Pass*"),
        allow("*"),
        allow("iam:PassRole", resource=["arn:aws:iam::*:role/x"]),
        allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "x"}}),
        {"Effect": "Allow", "NotAction": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::*:role/x"},
        allow("iam:PassRole", resource=Unresolved("${role}")),
    ],
)
def test_what_a_statement_allows_does_not_lack(catalog: Catalog, statement: dict[str, Any]) -> None:
    completed = catalog.complete_policy(policy(PUT_BOX, statement))

    assert "iam:PassRole" not in lacks(completed)


def test_what_is_allowed_only_on_resources_that_it_does_not_take_lacks(catalog: Catalog) -> None:
    held = allow("store:PutBox", "iam:PassRole", "store:TagBox", "kms:Decrypt", resource=MY_BOX)
    (missing,) = catalog.complete_policy(policy(held)).missing

    assert (missing.dependent_action, missing.note) == (
        "iam:PassRole",
        "statement 1 allows it, on no resource that it takes",
    )


def test_action_that_is_denied_everywhere_needs_nothing(catalog: Catalog) -> None:
    assert lacks(catalog.complete_policy(policy(PUT_BOX, deny("store:Put*")))) == []


@pytest.mark.parametrize(
    "denial",
    [
        deny("store:Put*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        deny("store:Put*", Condition="what cannot be read"),
        deny("store:Put*", resource=MY_BOX),
    ],
)
def test_action_that_is_denied_in_part_needs_what_it_needs(
    catalog: Catalog, denial: dict[str, Any]
) -> None:
    assert "iam:PassRole" in lacks(catalog.complete_policy(policy(PUT_BOX, denial)))


def test_what_is_denied_everywhere_is_named_and_not_added(catalog: Catalog) -> None:
    completed = catalog.complete_policy(policy(PUT_BOX, deny("iam:*")))

    assert (completed.missing[0].dependent_action, completed.missing[0].note) == (
        "iam:PassRole",
        "statement 2 denies it",
    )
    assert "iam:PassRole" not in added(completed)


def test_what_is_denied_in_part_is_added_and_said(catalog: Catalog) -> None:
    denial = deny("iam:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    completed = catalog.complete_policy(policy(PUT_BOX, denial))

    assert completed.missing[0].note == "statement 2 denies it in part"
    assert "iam:PassRole" in added(completed)


def test_dependent_actions_of_what_is_added_count_only_when_asked_for(catalog: Catalog) -> None:
    """`store:TagBox` needs `store:PutBox`, which needs `store:TagBox`."""
    held = policy(allow("store:TagBox"))

    assert lacks(catalog.complete_policy(held)) == ["store:PutBox"]
    assert lacks(catalog.complete_policy(held, transitive=True)) == [
        "store:PutBox",
        "iam:PassRole",
        "kms:Decrypt",
    ]


# --- what is added


def test_statements_name_the_resource_types_and_never_the_star_for_them(catalog: Catalog) -> None:
    completed = catalog.complete_policy(policy(PUT_BOX, allow("store:CountBoxes")))

    assert completed.statements == (
        {"Sid": "IamRole", "Effect": "Allow", "Action": ["iam:PassRole"], "Resource": [ROLE]},
        {
            "Sid": "StoreBoxShelf",
            "Effect": "Allow",
            "Action": ["store:TagBox"],
            "Resource": [BOX, SHELF],
        },
        {
            "Sid": "KmsResourceTypeUnknown",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": ["${Resource}"],
        },
        {
            "Sid": "WithoutResourceType",
            "Effect": "Allow",
            "Action": ["store:ListBoxes"],
            "Resource": "*",
        },
    )
    assert completed.placeholders == (
        "Account",
        "BoxId",
        "Partition",
        "Region",
        "Resource",
        "RoleNameWithPath",
        "ShelfId",
    )


def test_resources_of_the_action_that_needs_it_come_first(catalog: Catalog) -> None:
    completed = catalog.complete_policy(policy(allow("store:PutBox", resource=MY_BOX)))
    by_action = {each["Action"][0]: each["Resource"] for each in completed.statements}

    assert by_action["store:TagBox"] == [MY_BOX]


def test_values_stand_for_placeholders_but_not_in_the_policy_itself(catalog: Catalog) -> None:
    held = policy(allow("store:PutBox", resource="arn:${Partition}:store:*:*:shelf/1/box/*"))
    completed = catalog.complete_policy(
        held, values={"Partition": "aws", "Account": "111122223333", "Resource": "*"}
    )
    by_action = {each["Action"][0]: each["Resource"] for each in completed.statements}

    assert by_action == {
        "iam:PassRole": ["arn:aws:iam::111122223333:role/${RoleNameWithPath}"],
        "store:TagBox": ["arn:${Partition}:store:*:*:shelf/1/box/*"],
        "kms:Decrypt": "*",
    }
    assert completed.placeholders == ("RoleNameWithPath",)


def test_whole_policy_is_a_copy_with_the_statements_behind_its_own(catalog: Catalog) -> None:
    held = {"Statement": {**PUT_BOX, "Sid": "IamRole"}, "Id": "x"}
    completed = catalog.complete_policy(held)

    assert list(completed.policy) == ["Statement", "Id"]
    assert completed.policy["Statement"] == [held["Statement"], *completed.statements]
    assert [each["Sid"] for each in completed.policy["Statement"]][:2] == ["IamRole", "IamRole2"]
    assert held == {"Statement": {**PUT_BOX, "Sid": "IamRole"}, "Id": "x"}


def test_completed_policy_lacks_nothing_more(catalog: Catalog) -> None:
    completed = catalog.complete_policy(policy(PUT_BOX), transitive=True)
    again = catalog.complete_policy(completed.policy, transitive=True)

    assert (again.missing, again.statements, again.policy) == ((), (), completed.policy)


def test_policy_that_lacks_nothing_stays_as_it_is(catalog: Catalog) -> None:
    held = {"Statement": allow("store:GetBox")}

    assert catalog.complete_policy(held).policy == held


# --- what is not known


def test_what_is_not_known_is_said_with_the_reason(catalog: Catalog) -> None:
    names = ("depot:Load", "kms:Sign", "kms:X*", "store:Nothing", "store:BurnBox", "depot:X*")

    assert catalog.complete_policy(policy(allow(*names))).unknown == (
        UnknownDependents(
            ("kms:Sign", "kms:X*"), f"the catalog as of {NEWER} holds no service kms"
        ),
        UnknownDependents(("store:Nothing",), f"not in the catalog as of {NEWER}"),
        UnknownDependents(("store:BurnBox",), f"removed on {NEWER}, last documented on 2024-02-03"),
        UnknownDependents(("depot:X*",), f"it matches no action of the catalog as of {NEWER}"),
        UnknownDependents(
            ("depot:Load",), "no source that is held has a place for dependent actions"
        ),
    )


def test_text_that_the_document_leaves_open_allows_nothing_that_is_known(catalog: Catalog) -> None:
    completed = catalog.complete_policy(policy({**PUT_BOX, "Action": ["store:PutBox", "${more}"]}))

    assert "iam:PassRole" in lacks(completed)
    assert completed.unknown == (UnknownDependents(("${more}",), "the document does not say it"),)


def test_statement_that_can_not_be_read_is_said_and_numbers_go_on(catalog: Catalog) -> None:
    completed = catalog.complete_policy(policy("x", PUT_BOX, deny("iam:*")))

    assert completed.unknown == (UnknownDependents(("statement 1",), "it cannot be read"),)
    assert completed.missing[0].note == "statement 3 denies it"


# --- what is read


def test_policy_can_be_json_text_or_a_document_of_a_file(catalog: Catalog) -> None:
    value = policy(PUT_BOX)
    document = PolicyDocument("x.json", None, value, (), 1, "", 1)

    assert catalog.complete_policy(json.dumps(value)) == catalog.complete_policy(value)
    assert catalog.complete_policy(document) == catalog.complete_policy(value)


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (policy({**PUT_BOX, "Principal": "*"}), "the policy of a resource"),
        (
            policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
            "a trust policy",
        ),
        (
            PolicyDocument("x", None, policy(PUT_BOX), (), 1, "", 1, "scp"),
            "a service control policy",
        ),
        (policy(), "no policy with statements"),
        ([], "no policy with statements"),
        (None, "no policy with statements"),
        (
            PolicyDocument("x", None, Unresolved("${a statement alone}"), (), 1, "", 1),
            "no whole policy: a statement alone",
        ),
    ],
)
def test_only_identity_policies_are_completed(catalog: Catalog, held: object, found: str) -> None:
    with pytest.raises(CatalogError) as caught:
        catalog.complete_policy(held)

    assert str(caught.value) == (
        "Expected an identity policy, whose statements name no principal, because dependent"
        f" actions are granted to the caller. This is {found}."
    )


def test_text_that_is_no_json_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UnreadablePolicy):
        catalog.complete_policy("{")
