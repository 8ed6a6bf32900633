"""One condition key with its uses, and the keys that an action has on a resource."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from small_catalog import build_small_catalog

from iam_catalog import UnknownAction, UnknownConditionKey
from iam_catalog.arn.match import keys_of_action
from iam_catalog.database import open_database
from iam_catalog.facts.actions import actions
from iam_catalog.facts.keys import condition_key
from iam_catalog.policy.facts import policy_facts

TAG = "aws:RequestTag/${TagKey}"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    connection = open_database(build_small_catalog(tmp_path_factory.mktemp("small")))
    yield connection
    connection.close()


@pytest.mark.parametrize("name", ["store:Colour", "STORE:colour"])
def test_a_key_has_its_definition_and_what_has_it(
    connection: sqlite3.Connection, name: str
) -> None:
    key = condition_key(connection, name)

    assert (key.condition_key, key.is_global, key.types) == ("store:Colour", False, ("String",))
    assert (key.actions, key.resource_types) == (("store:CreateShelf",), ())
    (definition,) = key.definitions
    assert (definition.description, definition.source.line) == ("The colour of the box.", 28)
    assert (key.first_seen, key.last_seen, key.removed) == ("2020-03-04", "2020-03-04", None)


def test_a_key_of_a_tag_is_a_case_of_the_documented_one(connection: sqlite3.Connection) -> None:
    key = condition_key(connection, "aws:resourcetag/team")

    assert (key.condition_key, key.is_global) == ("aws:ResourceTag/${TagKey}", True)
    assert key.resource_types == ("store:shelf",)
    assert key.actions == ("store:CreateShelf", "store:PutShelfPolicy", "store:TagShelf")


@pytest.mark.parametrize(
    ("name", "spelled", "types"),
    [
        ("AWS:sourceip", "aws:SourceIp", ("IPAddress",)),
        ("aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", ("String",)),
    ],
)
def test_a_global_key_needs_no_source_that_defines_it(
    connection: sqlite3.Connection, name: str, spelled: str, types: tuple[str, ...]
) -> None:
    key = condition_key(connection, name)

    assert (key.condition_key, key.is_global, key.types) == (spelled, True, types)
    assert (key.actions, key.resource_types, key.definitions) == ((), (), ())


def test_an_unknown_key_is_an_error_with_the_nearest(connection: sqlite3.Connection) -> None:
    with pytest.raises(UnknownConditionKey, match=r"store:Color.*Did you mean store:Colour\?"):
        condition_key(connection, "store:Color")


def test_the_keys_of_an_action_are_those_that_a_check_takes(connection: sqlite3.Connection) -> None:
    service = policy_facts(connection).service("store")
    assert service is not None
    arns = {None: None, "arn:aws:store:::box/a": {"store:box"}, "*": {"store:box", "store:shelf"}}
    keys = [TAG, "aws:ResourceTag/${TagKey}", "store:Colour"]

    for action in ("CreateShelf", "ListShelves", "PutShelfPolicy", "TagShelf"):
        for arn, types in arns.items():
            assert keys_of_action(connection, f"store:{action}", arn) == [
                key
                for key in keys
                if service.supports(
                    f"store:{action}".lower(),
                    frozenset({key.lower()}),
                    None if types is None else frozenset(types),
                )
            ]


def test_the_keys_of_an_unknown_action_are_an_error(connection: sqlite3.Connection) -> None:
    with pytest.raises(UnknownAction):
        keys_of_action(connection, "store:Nothing")


def test_an_action_without_resource_types_takes_none_on_any_row(
    connection: sqlite3.Connection,
) -> None:
    found = actions(connection, without_resource_type=True)

    assert [each.action for each in found] == ["store:ListShelves"]
