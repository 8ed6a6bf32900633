"""Policies in plain words: statement by statement, as records and as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from policy_services import NEWER, OLDER, build_catalog

from iam_catalog import Catalog
from iam_catalog.policy.explain.policy import (
    Aside,
    ExplainedItem,
    ExplainedPolicy,
    ExplainedResource,
    ExplainedService,
    ExplainedStatement,
    LevelOfActions,
)
from iam_catalog.policy.explain.text import ROW_COLUMNS, explanation, rows
from iam_catalog.policy.model import Kind, PolicyDocument, Unresolved

BOX = "arn:aws:store:eu-west-1:111122223333:shelf/1/box/*"
SHELF = "arn:aws:store:*:*:shelf/${aws:username}"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("explain"))) as opened:
        yield opened


def explained(catalog: Catalog, **statement: Any) -> ExplainedStatement:
    (found,) = catalog.explain_policy({"Statement": {"Effect": "Allow", **statement}}).statements
    return found


def lines(policy: ExplainedPolicy, width: int = 100) -> str:
    return "\n".join(explanation(policy, width))


# --- the sentence


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"Action": "store:GetBox", "Resource": "*"}, "Allows 1 action on every resource."),
        ({"Action": ["store:*Box"], "Resource": [BOX]}, "Allows 4 actions on 1 resource."),
        (
            {"Effect": "Deny", "Action": ["store:GetBox", "iam:*"], "Resource": [BOX, SHELF]},
            "Denies 1 of the 3 named actions on these resources.",
        ),
        (
            {"Action": "store:*", "Resource": BOX},
            "Allows 5 of the 8 actions that store:* matches on this resource.",
        ),
        (
            {"Action": "iam:*", "Resource": BOX},
            "Allows none of the 2 actions that iam:* matches on this resource.",
        ),
        (
            {"Action": "iam:ListRoles", "Resource": BOX},
            "Allows nothing by iam:ListRoles on this resource.",
        ),
        (
            {"Action": "*", "Resource": BOX},
            "Allows every action (5 of 12 in the catalog) on this resource.",
        ),
        (
            {"NotAction": "iam:*", "Resource": BOX},
            "Allows every action but some (5 of 10 in the catalog) on this resource.",
        ),
        (
            {"Action": ["*:Get*", "store:GetBox"], "Resource": "*"},
            "Allows 1 action and 1 item that IAM refuses on every resource.",
        ),
        (
            {"Action": "*", "Resource": "*"},
            "Allows every action (12 in the catalog) on every resource.",
        ),
        (
            {"NotAction": "store:*", "NotResource": BOX},
            "Allows every action but some (4 in the catalog) on every resource but some.",
        ),
        (
            {"Action": ["store:GetBox", "kms:Decrypt", "kms:Sign", "kms:X*"], "Resource": "*"},
            (
                "Allows 1 action, 2 names that the catalog does not know and 1 pattern that it has"
                " no action for on every resource."
            ),
        ),
        (
            {"Action": "kms:Sign", "Resource": "*"},
            "Allows 1 name that the catalog does not know on every resource.",
        ),
        (
            {"Action": "iam:ListRoles", "Resource": "*", "Condition": {"Bool": {"a:b": "true"}}},
            "Allows 1 action on every resource, if a condition holds.",
        ),
        (
            {
                "Action": "iam:ListRoles",
                "Resource": "*",
                "Condition": {"Bool": {"a:b": "true", "a:c": "true"}},
            },
            "Allows 1 action on every resource, if all of 2 conditions hold.",
        ),
        (
            {"Principal": {"AWS": ["1", "2"]}, "Action": "sts:AssumeRole"},
            "Allows 1 name that the catalog does not know for 2 principals.",
        ),
        (
            {"Principal": "*", "Action": "iam:ListRoles", "Resource": "*"},
            "Allows 1 action for everyone on every resource.",
        ),
        (
            {"NotPrincipal": {"AWS": "1"}, "Action": "iam:ListRoles", "Resource": "*"},
            "Allows 1 action for everyone but some on every resource.",
        ),
        (
            {"Effect": "Permit", "Action": "iam:ListRoles", "Resource": []},
            "Without Allow or Deny: 1 action on no resource.",
        ),
        ({"Action": {}}, "Allows nothing that can be read."),
    ],
)
def test_statement_is_one_sentence(catalog: Catalog, statement: dict[str, Any], said: str) -> None:
    assert explained(catalog, **statement).text == said


# --- actions


def test_actions_stand_by_access_level_in_aws_order(catalog: Catalog) -> None:
    found = explained(catalog, Action=["store:*", "depot:Load"], Resource="*")

    assert found.levels == (
        LevelOfActions("List", ("store:CountBoxes", "store:ListBoxes")),
        LevelOfActions("Read", ("store:GetBox",)),
        LevelOfActions("Write", ("depot:Load", "store:MoveBox", "store:OpenCrate", "store:PutBox")),
        LevelOfActions("Permissions management", ("store:PutShelfPolicy",)),
        LevelOfActions("Tagging", ("store:TagBox",)),
    )


def test_only_what_can_take_effect_on_the_resources_is_counted_and_named(catalog: Catalog) -> None:
    found = explained(catalog, Action=["store:*Box*", "iam:PassRole"], Resource=BOX)

    assert found.items == (
        ExplainedItem("store:*Box*", 6, 4),
        ExplainedItem("iam:PassRole", 1, 0),
    )
    assert found.levels_in_effect == (
        LevelOfActions("Read", ("store:GetBox",)),
        LevelOfActions("Write", ("store:MoveBox", "store:PutBox")),
        LevelOfActions("Tagging", ("store:TagBox",)),
    )
    assert [each.access_level for each in found.levels] == ["List", "Read", "Write", "Tagging"]


def test_a_wildcard_in_a_service_prefix_names_no_action(catalog: Catalog) -> None:
    found = explained(catalog, Action=["*:Untag*", "st*:GetBox", "*:*"], Resource="*")

    assert found.items == (
        ExplainedItem("*:Untag*", 0),
        ExplainedItem("st*:GetBox", 0),
        ExplainedItem("*:*", 12),
    )
    assert [each.names for each in found.unknown] == [("*:Untag*", "st*:GetBox")]


def test_items_say_how_many_actions_they_name(catalog: Catalog) -> None:
    found = explained(catalog, Action=["store:Put*", "STORE:getbox", "store:Put*"], Resource="*")

    assert found.items == (ExplainedItem("store:Put*", 2), ExplainedItem("STORE:getbox", 1))


def test_not_action_is_everything_else(catalog: Catalog) -> None:
    found = explained(catalog, NotAction=["store:*", "depot:*"], Resource="*")

    assert (found.all_but, found.levels) == (
        True,
        (LevelOfActions("List", ("iam:ListRoles",)), LevelOfActions("Write", ("iam:PassRole",))),
    )


def test_an_action_that_iam_refuses_is_not_counted(catalog: Catalog) -> None:
    refused = "IAM refuses it: it is not written prefix:Name, without a wildcard in the prefix"
    found = explained(catalog, Action=["*:Get*", "st*:GetBox", "store:GetBox"], Resource="*")

    assert found.unknown == (Aside(("*:Get*", "st*:GetBox"), refused),)


def test_what_the_catalog_can_not_tell_is_said_with_the_reason(catalog: Catalog) -> None:
    names = ["kms:A", "kms:B*", "store:Bx", "store:X*", "store:BurnBox", "GetBox", "${open}"]

    assert explained(catalog, Action=names, Resource="*").unknown == (
        Aside(("kms:A", "kms:B*"), f"the catalog as of {NEWER} holds no service kms"),
        Aside(("store:Bx",), f"not in the catalog as of {NEWER}"),
        Aside(("store:X*",), f"it matches no action of the catalog as of {NEWER}"),
        Aside(("store:BurnBox",), f"removed on {NEWER}, last documented on {OLDER}"),
        Aside(("GetBox",), "it is not written prefix:Name"),
        Aside(("${open}",), "the document does not say it"),
    )


def test_services_are_named_with_the_date_of_their_pages(catalog: Catalog) -> None:
    names = ["STORE:GetBox", "kms:Decrypt", "*", "s*:GetBox", "depot:Load"]
    policy = catalog.explain_policy({"Statement": {"Action": names}})

    assert policy.services == (
        ExplainedService("depot", held=True, date=NEWER),
        ExplainedService("kms", held=False, date=None),
        ExplainedService("store", held=True, date=NEWER),
    )


# --- resources


def test_resources_say_what_they_can_be_for_these_actions(catalog: Catalog) -> None:
    found = explained(
        catalog,
        Action=["store:TagBox", "iam:PassRole"],
        Resource=[
            BOX,
            SHELF,
            "*",
            "arn:${Partition}:iam::${Account}:role/x",
            "arn:aws:depot:::dock/1",
            "key-name",
            Unresolved("${box}"),
        ],
    )

    assert found.resources == (
        ExplainedResource(BOX, ("store:box",), None),
        ExplainedResource(
            SHELF, ("store:shelf", "store:box"), "each request fills in ${aws:username}"
        ),
        ExplainedResource("*", (), None),
        ExplainedResource(
            "arn:${Partition}:iam::${Account}:role/x",
            ("iam:role",),
            "${Partition} and ${Account} are to be filled in",
        ),
        ExplainedResource(
            "arn:aws:depot:::dock/1", (), "of no resource type that these actions take"
        ),
        ExplainedResource("key-name", (), "no ARN"),
        ExplainedResource("${box}", (), "the document does not say it"),
    )


def test_resource_with_missing_parts_is_what_aws_makes_of_it(catalog: Catalog) -> None:
    arn = "arn:aws:store"
    found = explained(catalog, Action=["store:TagBox", "store:GetBox"], Resource=arn)

    assert [(each.resource, each.text) for each in found.resources] == [
        (arn, "incomplete, so that AWS reads it as arn:aws:store:*:*:*")
    ]
    assert found.resources[0].resource_types
    assert found.without_effect == ()


def test_resource_of_unknown_actions_is_not_judged(catalog: Catalog) -> None:
    assert explained(catalog, Action="kms:Sign", Resource=BOX).resources == (
        ExplainedResource(BOX, (), None),
    )
    assert explained(catalog, Action=["kms:Sign", "iam:PassRole"], Resource=BOX).resources == (
        ExplainedResource(BOX, (), "of no resource type that the known ones of these actions take"),
    )


def test_actions_that_take_none_of_the_resources_are_named(catalog: Catalog) -> None:
    names = ["store:GetBox", "store:ListBoxes", "store:PutShelfPolicy", "iam:PassRole", "iam:List*"]

    assert explained(catalog, Action=names, Resource=BOX).without_effect == (
        Aside(("iam:ListRoles", "store:ListBoxes"), "take only *"),
        Aside(("iam:PassRole", "store:PutShelfPolicy"), "take none of these resources"),
    )


@pytest.mark.parametrize(
    "resource",
    ["*", "**", [BOX, "*"], Unresolved("${box}")],
)
def test_every_action_can_take_what_is_everything_or_not_said(
    catalog: Catalog, resource: Any
) -> None:
    found = explained(catalog, Action=["store:ListBoxes", "iam:PassRole"], Resource=resource)

    assert found.without_effect == ()


def test_type_without_an_arn_format_can_be_any_resource(catalog: Catalog) -> None:
    assert explained(catalog, Action="store:OpenCrate", Resource=BOX).without_effect == ()


# --- principals and conditions


def test_principals_are_said_in_words(catalog: Catalog) -> None:
    held = {
        "AWS": ["arn:aws:iam::111122223333:root", "111122223333", "*", "arn:aws:iam::1:role/x"],
        "Service": "ec2.amazonaws.com",
        "Federated": "accounts.google.com",
        "CanonicalUser": "79a5",
    }
    found = explained(catalog, Principal=held, Action="sts:AssumeRole")

    assert found.principals == (
        "the account 111122223333",
        "the account 111122223333",
        "everyone",
        "arn:aws:iam::1:role/x",
        "the service ec2.amazonaws.com",
        "identities federated by accounts.google.com",
        "CanonicalUser 79a5",
    )


def test_a_principal_that_is_no_arn_stands_as_it_is_written(catalog: Catalog) -> None:
    found = explained(catalog, Principal={"AWS": "arn:root"}, Action="sts:AssumeRole")

    assert found.principals == ("arn:root",)


def test_all_conditions_are_said_in_words(catalog: Catalog) -> None:
    found = explained(
        catalog,
        Action="store:GetBox",
        Resource="*",
        Condition={"StringLike": {"a:b": ["x*", "y"]}, "Bool": {"a:c": True}},
    )

    assert found.conditions == ('a:b matches "x*" or "y"', "a:c is true")


@pytest.mark.parametrize(
    ("condition", "unread"),
    [
        ("x", ("Condition",)),
        ({"Bool": "true"}, ("Bool",)),
        ({"Bool": {"a:b": {}, "a:c": "true"}}, ("Bool of a:b",)),
        (None, ()),
    ],
)
def test_condition_that_can_not_be_read_is_not_passed_over(
    catalog: Catalog, condition: object, unread: tuple[str, ...]
) -> None:
    found = explained(catalog, Action="store:GetBox", Resource="*", Condition=condition)

    assert found.unread_conditions == unread


# --- the whole policy


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "identity"),
        ({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}, "resource"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}, "trust"),
    ],
)
def test_kind_is_told_by_the_form(catalog: Catalog, statement: object, kind: str) -> None:
    assert catalog.explain_policy({"Statement": [statement]}).kind == kind


def test_kind_can_be_said(catalog: Catalog) -> None:
    assert catalog.explain_policy({"Statement": []}, kind="rcp").kind == "rcp"


@pytest.mark.parametrize("value", [None, [], "[]", {}, {"Statement": []}])
def test_value_that_is_no_policy_has_no_statements(catalog: Catalog, value: object) -> None:
    assert catalog.explain_policy(value).statements == ()


def test_past_policy_is_explained_as_of_a_date(catalog: Catalog) -> None:
    with Catalog(catalog.path, as_of=OLDER) as older:
        found = explained(older, Action="store:BurnBox", Resource="*")

    assert found.levels == (LevelOfActions("Write", ("store:BurnBox",)),)


# --- lines and rows


def test_lines_say_it_all_in_order(catalog: Catalog) -> None:
    value = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Boxes",
                "Effect": "Allow",
                "Action": ["store:Put*", "store:ListBoxes", "kms:Sign"],
                "Resource": [BOX, "arn:aws:store:*:*:shelf/${aws:username}"],
                "Condition": {"Bool": {"a:b": "true"}, "Null": {"a:c": "false"}},
            },
            {"Effect": "Deny", "NotAction": "store:*", "Resource": "*"},
        ],
    }
    document = PolicyDocument("p.json", "Boxes", value, (), 3, "", 1)

    assert lines(catalog.explain_policy(document)) == (
        """
p.json:3 Boxes
Identity policy with 2 statements, version 2012-10-17.
store: as documented on 2025-07-01.
kms: not in the catalog.

1. Boxes: Allows 2 of the 3 named actions and 1 name that the catalog does not know on these
   resources, if all of 2 conditions hold.
   by store:Put*: 2 actions
   Write: store:PutBox
   Permissions management: store:PutShelfPolicy
   on arn:aws:store:eu-west-1:111122223333:shelf/1/box/* (store:box)
   on arn:aws:store:*:*:shelf/${aws:username} (store:shelf, store:box; each request fills in
      ${aws:username})
   if a:b is true
   and if the request has a:c
   without effect: store:ListBoxes (takes only *)
   unknown: kms:Sign (the catalog as of 2025-07-01 holds no service kms)

2. Denies every action but some (4 in the catalog) on every resource.
   all but store:*: 8 actions
   List: depot:Look, iam:ListRoles
   Write: depot:Load, iam:PassRole
""".strip()
    )


def test_pattern_that_the_catalog_has_no_action_for_is_not_counted_as_none(
    catalog: Catalog,
) -> None:
    value = {"Statement": {"Effect": "Deny", "NotAction": ["kms:*", "*:*"], "Resource": "*"}}

    assert lines(catalog.explain_policy(value)).split("\n")[3:] == [
        "1. Denies every action but some (0 in the catalog) on every resource.",
        "   all but kms:*",
        "   all but *:*: 12 actions",
        f"   unknown: kms:* (the catalog as of {NEWER} holds no service kms)",
    ]


def test_lines_name_principals_and_exceptions(catalog: Catalog) -> None:
    value = {
        "Statement": {
            "Effect": "Allow",
            "NotPrincipal": {"AWS": "111122223333"},
            "Action": "store:GetBox",
            "NotResource": [BOX],
        }
    }

    assert lines(catalog.explain_policy(value)) == (
        """
Policy of a resource with 1 statement, without a version.
store: as documented on 2025-07-01.

1. Allows 1 action for everyone but some on every resource but some.
   Read: store:GetBox
   not for the account 111122223333
   not on arn:aws:store:eu-west-1:111122223333:shelf/1/box/* (store:box)
""".strip()
    )


def test_many_actions_are_counted_with_examples(catalog: Catalog) -> None:
    level = LevelOfActions("Write", tuple(f"x:Put{number:02}" for number in range(11)))
    found = explained(catalog, Action="x:*", Resource="*")
    policy = catalog.explain_policy({"Statement": []})
    some = ExplainedStatement(
        **{**{name: getattr(found, name) for name in found.__slots__}, "levels_in_effect": (level,)}
    )
    whole = ExplainedPolicy(
        **{**{name: getattr(policy, name) for name in policy.__slots__}, "statements": (some,)}
    )

    assert "   Write: 11, such as x:Put00, x:Put01, x:Put02, x:Put03" in lines(whole).split("\n")


def test_long_lines_go_on_below_and_no_word_is_cut(catalog: Catalog) -> None:
    policy = catalog.explain_policy(
        {"Statement": {"Effect": "Allow", "Action": ["store:PutBox"], "Resource": [BOX, SHELF]}}
    )

    assert lines(policy, width=30) == (
        f"""
Identity policy with 1 statement, without a version.
store: as documented on
2025-07-01.

1. Allows 1 action on 2
   resources.
   Write: store:PutBox
   on
      {BOX}
      (store:box)
   on
      {SHELF}
      (store:shelf, store:box;
      each request fills in
      ${{aws:username}})
""".strip()
    )


def test_what_can_not_be_read_stands_in_the_lines_too(catalog: Catalog) -> None:
    statement = {"Effect": "Allow", "Action": "store:GetBox", "Resource": "*", "Condition": "x"}

    assert lines(catalog.explain_policy({"Statement": [1, statement, "x"]})) == (
        """
Identity policy with 3 statements, without a version.
store: as documented on 2025-07-01.

1. A statement that cannot be read.

2. Allows 1 action on every resource.
   Read: store:GetBox
   if Condition, which cannot be read, holds

3. A statement that cannot be read.
""".strip()
    )


def test_a_resource_that_the_document_leaves_open_is_not_every_resource(catalog: Catalog) -> None:
    opened = [Unresolved("${box}"), Unresolved("${shelf}")]

    def summary(*resources: str) -> str:
        return explained(catalog, Action="store:GetBox", Resource=[*resources]).text

    assert summary(opened[0]) == "Allows 1 action on a resource that the document leaves open."
    assert summary(*opened) == "Allows 1 action on 2 resources that the document leaves open."
    assert summary(*opened, "*") == "Allows 1 action on every resource."


def test_fragment_of_a_policy_says_why_it_is_none(catalog: Catalog) -> None:
    document = PolicyDocument("p.md", "Title", Unresolved("${a statement alone}"), (), 3, "", 1)

    assert lines(catalog.explain_policy(document)) == (
        "p.md:3 Title\nNo whole policy: a statement alone."
    )


def test_rows_name_each_action_of_each_statement(catalog: Catalog) -> None:
    policy = catalog.explain_policy(
        {
            "Statement": [
                {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::1:role/x"},
                {"Effect": "Allow", "Action": "kms:Sign", "Resource": "*"},
            ]
        },
    )

    assert [tuple(row[name] for name in ROW_COLUMNS) for row in rows(policy)] == [
        ("-", "1", "1", "Deny", "iam:ListRoles", "List", "takes only *"),
        ("-", "1", "1", "Deny", "iam:PassRole", "Write", ""),
        ("-", "1", "2", "Allow", "kms:Sign", "", f"the catalog as of {NEWER} holds no service kms"),
    ]


def test_kind_of_the_argument_is_one_of_the_five(catalog: Catalog) -> None:
    kinds: tuple[Kind, ...] = ("identity", "resource", "trust", "scp", "rcp")

    assert [lines(catalog.explain_policy({}, kind=kind)).split(" with ")[0] for kind in kinds] == [
        "Identity policy",
        "Policy of a resource",
        "Trust policy of a role",
        "Service control policy",
        "Resource control policy",
    ]
