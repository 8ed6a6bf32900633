"""Resource types and services that are gone, and what is known of the operations of an action."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dated_pages import collection, complete, store
from page_texts import Key, Op, Row, Service, Type, act, as_2026, as_html, as_json, as_table

from iam_catalog import (
    Catalog,
    UnknownAction,
    UnknownResourceType,
    UnknownServicePrefix,
    service,
)
from iam_catalog.cli.main import cli

D1, D2, D3, D4 = "2019-08-12", "2020-06-12", "2021-07-01", "2026-08-31"
BIN = Path(sys.executable).parent
TAG = Key("aws:ResourceTag/${TagKey}")
GET, PUT = act("GetOrder"), act("PutOrder", "Write", Row("parcel* order*", "orders:Size"))
PARCEL = Type("parcel", "arn:${Partition}:orders:::parcel/${Id}", TAG.key)
HEAVY = Type("parcel", "arn:${Partition}:orders:::heavy/${Id}")
ORDER = Type("order")
SIZE = Key("orders:Size")
DEPOT = {"prefix": "depot", "slug": "depot", "name": "Example Depot"}
CELLAR = {"prefix": "cellar", "slug": "cellar", "name": "Example Rooms"}
ATTIC = {"prefix": "attic", "slug": "attic", "name": "Example Rooms"}
HOUSE = {"prefix": "house", "slug": "house", "name": "Example House"}

COLLECTIONS = (
    complete(
        D1,
        as_table(Service([GET, PUT], [HEAVY, ORDER], [SIZE])),
        as_table(Service([act("Store", "Write", Row("parcel*"))], [PARCEL], [TAG], **DEPOT)),
        as_table(Service([act("Look")], **CELLAR)),
        as_table(Service([act("Look")], **ATTIC)),
        as_table(Service([act("Live")], [Type("room")], **HOUSE)),
    ),
    complete(
        D2,
        as_table(Service([GET, PUT], [PARCEL, ORDER], [SIZE, TAG])),
        as_html(Service([act("Store", "Write")], **DEPOT)),
        as_table(Service([act("Live")], [Type("room")], **HOUSE)),
    ),
    complete(
        D3,
        as_html(Service([GET], [ORDER])),
        as_table(Service([act("Live")], [Type("attic")], **HOUSE)),
    ),
    collection(
        D4,
        as_2026(Service([GET], [ORDER], operations=[Op("GetOrders", ("orders:GetOrder",))])),
        as_json(Service([act("Live")], [Type("room")], [], [Op("Go", ("cellar:Look",))], **HOUSE)),
    ),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return store(tmp_path_factory.mktemp("removed"), *COLLECTIONS)


@pytest.fixture
def catalog(path: str) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened


def test_a_removed_resource_type_is_found_with_its_last_documented_facts(catalog: Catalog) -> None:
    """Not with those of the page before, which gave another ARN format and no condition key."""
    found = catalog.resource_type("ORDERS:parcel")

    assert (found.resource_type, found.service_prefix, found.name) == (
        "orders:parcel",
        "orders",
        "parcel",
    )
    assert found.arn_formats == ("arn:${Partition}:orders:::parcel/${Id}",)
    assert found.condition_keys == (TAG.key,)
    assert found.actions == ("orders:PutOrder",)
    assert (found.first_seen, found.last_seen, found.removed) == (D1, D2, D3)
    assert (found.source.page, found.source.date) == (f"orders@{D2}", D2)


def test_services_are_counted_as_the_view_counts_them(path: str, catalog: Catalog) -> None:
    counted = "service_prefix, actions, resource_types, condition_keys, operations"
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"select {counted} from service_counts order by 1").fetchall()

    found = [
        tuple(getattr(each, name) for name in counted.split(", ")) for each in catalog.services()
    ]

    assert found == rows


def test_a_current_resource_type_was_not_removed(catalog: Catalog) -> None:
    assert catalog.resource_type("orders:order").removed is None


def test_a_resource_type_that_came_back_is_a_current_one(catalog: Catalog) -> None:
    found = catalog.resource_type("house:room")

    assert (found.first_seen, found.last_seen, found.removed) == (D4, D4, None)


def test_a_removed_name_of_several_services_needs_its_prefix(catalog: Catalog) -> None:
    with pytest.raises(UnknownResourceType) as caught:
        catalog.resource_type("parcel")

    assert caught.value.suggestions == ["depot:parcel", "orders:parcel"]
    assert catalog.resource_type("attic").resource_type == "house:attic"


def test_a_name_that_never_was_is_unknown(catalog: Catalog) -> None:
    with pytest.raises(UnknownResourceType) as caught:
        catalog.resource_type("orders:ordr")

    assert str(caught.value) == (
        "No resource type 'orders:ordr' in the catalog as of 2026-08-31. Did you mean orders:order?"
    )


def test_a_removed_resource_type_is_in_no_list(catalog: Catalog) -> None:
    assert [each.resource_type for each in catalog.resource_types()] == [
        "house:room",
        "orders:order",
    ]
    with pytest.raises(UnknownResourceType) as caught:
        catalog.actions(resource_type="orders:parcel")
    assert str(caught.value) == (
        f"No resource type 'orders:parcel' in the catalog: it was removed on {D3}, "
        f"last documented on {D2}."
    )


def test_a_removed_service_is_found_with_its_last_documented_facts(catalog: Catalog) -> None:
    found = catalog.service("DEPOT")

    assert (found.service_prefix, found.name) == ("depot", "Example Depot")
    assert (found.actions, found.resource_types, found.condition_keys) == (1, 0, 0)
    assert (found.first_seen, found.last_seen, found.removed) == (D1, D2, D3)
    assert [(page.page, page.format, page.date) for page in found.pages] == [
        (f"depot@{D2}", "html", D2)
    ]
    assert "Example Depot" in found.aliases


def test_a_removed_service_goes_by_its_other_names(catalog: Catalog) -> None:
    assert catalog.service("example depot") == catalog.service("depot")


def test_a_current_service_has_its_dates(catalog: Catalog) -> None:
    found = catalog.service("orders")

    assert (found.first_seen, found.last_seen, found.removed) == (D1, D4, None)


def test_a_name_of_several_removed_services_is_unknown(catalog: Catalog) -> None:
    assert catalog.service("cellar").removed == catalog.service("attic").removed == D2
    with pytest.raises(UnknownServicePrefix):
        catalog.service("Example Rooms")


def test_a_removed_service_is_in_no_list(catalog: Catalog) -> None:
    assert [each.service_prefix for each in catalog.services()] == ["house", "orders"]
    with pytest.raises(UnknownServicePrefix) as caught:
        catalog.resource_types("depot")
    assert str(caught.value) == (
        f"No service 'depot' in the catalog: it was removed on {D3}, last documented on {D2}."
    )


@pytest.mark.parametrize("date", [D1, D2, D3, "2025-01-01", D4])
def test_at_a_date_the_answers_are_those_of_a_catalog_built_then(
    path: str, tmp_path: Path, date: str
) -> None:
    built = store(tmp_path, *[each for each in COLLECTIONS if (each.date or "") <= date])
    names = ["orders:parcel", "depot:parcel", "house:room", "house:attic"]

    with Catalog(path, as_of=date) as past, Catalog(built) as then:
        answers = [
            [answer(catalog.resource_type, name) for name in names]
            + [answer(catalog.service, name) for name in ("depot", "cellar", "Example Depot")]
            + [answer(catalog.operations_documented_on, f"{name}:Live") for name in ("house",)]
            for catalog in (past, then)
        ]

    assert answers[0] == answers[1]


def answer(ask: Any, name: str) -> Any:
    try:
        return ask(name)
    except (UnknownAction, UnknownResourceType, UnknownServicePrefix) as error:
        return str(error)


def test_the_one_call_form_finds_them_too(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IAM_CATALOG_DB", path)

    assert service("depot").removed == D3


@pytest.mark.parametrize(
    ("command", "name"), [("resource-type", "depot:parcel"), ("service", "depot")]
)
def test_the_command_line_shows_them(path: str, command: str, name: str) -> None:
    def ask(command: str, *options: str) -> str:
        result = CliRunner().invoke(cli, [command, name, "--database", path, *options])
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    assert json.loads(ask("show"))["removed"] == (D2 if command == "resource-type" else D3)
    assert ask("show") == ask(command)
    assert f"removed{'':>8}" in ask("show", "--format", "table")


# --- unknown operations, and none


def test_operations_are_of_the_newest_page_that_maps_them(catalog: Catalog) -> None:
    assert catalog.operations_of_action("orders:GetOrder") == ["orders:GetOrders"]
    assert catalog.operations_documented_on("ORDERS:getorder") == D4
    assert catalog.operations_of_action("house:Live") == []
    assert catalog.operations_documented_on("house:Live") == D4


def test_without_a_page_that_maps_them_operations_are_unknown(catalog: Catalog) -> None:
    assert catalog.operations_of_action("depot:Store") == []
    assert catalog.operations_documented_on("depot:Store") is None


def test_operations_of_other_services_do_not_make_them_known(catalog: Catalog) -> None:
    assert catalog.operations_of_action("cellar:Look") == ["house:Go"]
    assert catalog.operations_documented_on("cellar:Look") is None


def test_what_is_no_action_has_no_date(catalog: Catalog) -> None:
    with pytest.raises(UnknownAction):
        catalog.operations_documented_on("orders:Nothing")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("orders:GetOrder", f"As documented on {D4}:\norders:GetOrders\n"),
        ("house:Live", f"None, as documented on {D4}.\n"),
        (
            "depot:Store",
            (
                "No source of the service that is held maps operations to actions: "
                "they are not known.\n"
            ),
        ),
        (
            "cellar:Look",
            (
                "No source of the service that is held maps operations to actions; "
                "those of other services:\nhouse:Go\n"
            ),
        ),
    ],
)
def test_a_terminal_is_told_whether_operations_are_known(path: str, action: str, said: str) -> None:
    reader, writer = pty.openpty()
    command = [BIN / "iam-catalog", "operations-of-action", action, "--database", path]
    subprocess.run(command, stdout=writer, stderr=writer, check=True)
    os.close(writer)
    text = os.read(reader, 4096).decode()
    os.close(reader)

    assert text.replace("\r\n", "\n") == said


def test_a_program_is_given_the_names_alone(path: str) -> None:
    result = CliRunner().invoke(cli, ["operations-of-action", "depot:Store", "--database", path])

    assert (result.exit_code, result.stdout, result.stderr) == (0, "[]\n", "")
