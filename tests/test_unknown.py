"""None as of a date is told from not known: dependent actions, marks, and numbers of a service."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dataset_texts import dataset_collection
from dated_pages import collection, complete, store
from page_texts import Key, Row, Service, Type, act, as_2026, as_bullets, as_html, as_json, as_table

from iam_catalog import Catalog
from iam_catalog.cli.main import cli
from scraper.merge.timeline import Collection

PUT = act("PutOrder", "Write", Row("order*", "", "iam:PassRole"), permission_only=True)
GET = act("GetOrder", "Read", Row("order*"))
ORDERS = Service([PUT, GET], [Type("order")])
OLD, NEW = "2020-03-04", "2026-08-31"


@pytest.fixture
def catalog_of(tmp_path: Path) -> Callable[..., Catalog]:
    def opened(*collections: Collection) -> Catalog:
        return Catalog(store(tmp_path, *collections))

    return opened


def known(catalog: Catalog, action: str) -> tuple[list[str], str, str | None]:
    """What is said of the dependent actions of an action, of which state, and as of which date."""
    found = (catalog.dependent_actions(action), catalog.dependents_state(action))
    record = catalog.action(action)
    assert (list(record.dependent_actions), record.dependents_state) == found
    assert record.dependents_documented_on == catalog.documented_on(action)
    with closing(sqlite3.connect(catalog.path)) as connection:
        row = connection.execute(
            "select state, documented_on, page from dependent_action_states where action = ?",
            (action,),
        ).fetchone()
    if record.removed is None:
        assert row == (found[1], catalog.documented_on(action), record.dependents_page)
    return (*found, catalog.documented_on(action))


# --- dependent actions


@pytest.mark.parametrize("write", [as_html, as_table])
def test_an_empty_cell_says_none_as_of_the_date_of_its_page(
    write: Callable[[Service], str], catalog_of: Callable[..., Catalog]
) -> None:
    catalog = catalog_of(complete(OLD, write(ORDERS)))

    assert known(catalog, "orders:PutOrder") == (["iam:PassRole"], "parsed", OLD)
    assert known(catalog, "orders:GetOrder") == ([], "none", OLD)


@pytest.mark.parametrize("write", [as_2026, as_json, as_bullets])
def test_without_a_page_that_has_the_place_nothing_is_known(
    write: Callable[[Service], str], catalog_of: Callable[..., Catalog]
) -> None:
    catalog = catalog_of(complete(NEW, write(ORDERS)))

    assert known(catalog, "orders:GetOrder") == ([], "not in source", None)
    assert catalog.complete_policy(allow("orders:GetOrder")).unknown[0].names == (
        "orders:GetOrder",
    )
    assert catalog.write_policy(["orders:GetOrder"]).unknown_dependents == ("orders:GetOrder",)


@pytest.mark.parametrize("write", [as_2026, as_json])
def test_what_an_older_page_said_stays_with_its_date(
    write: Callable[[Service], str], catalog_of: Callable[..., Catalog]
) -> None:
    later = Service([PUT, GET, act("NewOrder", "Write", Row("order*"))], [Type("order")])
    catalog = catalog_of(complete(OLD, as_html(ORDERS)), complete(NEW, write(later)))

    assert known(catalog, "orders:PutOrder") == (["iam:PassRole"], "parsed", OLD)
    assert known(catalog, "orders:GetOrder") == ([], "none", OLD)
    assert known(catalog, "orders:NewOrder") == ([], "not in source", None)


def test_a_page_that_was_found_again_says_it_as_of_the_later_date(
    catalog_of: Callable[..., Catalog],
) -> None:
    text = as_html(ORDERS)
    catalog = catalog_of(complete(OLD, text), complete("2021-03-04", text))

    assert known(catalog, "orders:GetOrder") == ([], "none", "2021-03-04")


def test_an_undated_page_says_none_without_a_date(catalog_of: Callable[..., Catalog]) -> None:
    catalog = catalog_of(collection(None, as_html(ORDERS)))

    assert known(catalog, "orders:PutOrder") == (["iam:PassRole"], "parsed", None)
    assert known(catalog, "orders:GetOrder") == ([], "none", None)


def test_a_page_with_the_place_takes_back_what_an_older_one_listed(
    catalog_of: Callable[..., Catalog],
) -> None:
    less = Service([act("PutOrder", "Write", Row("order*")), GET], [Type("order")])
    catalog = catalog_of(complete(OLD, as_html(ORDERS)), complete("2021-03-04", as_html(less)))

    assert known(catalog, "orders:PutOrder") == ([], "none", "2021-03-04")


def test_of_two_pages_the_newest_one_with_the_place_gives_the_date(
    catalog_of: Callable[..., Catalog],
) -> None:
    other = Service([GET], [Type("order")], name="Example Orders V2", slug="orders-v2")
    catalog = catalog_of(collection(OLD, as_html(ORDERS)), collection("2021-03-04", as_2026(other)))
    assert known(catalog, "orders:GetOrder") == ([], "none", OLD)

    catalog = catalog_of(collection(OLD, as_html(ORDERS)), collection("2021-03-04", as_html(other)))
    assert known(catalog, "orders:GetOrder") == ([], "none", "2021-03-04")
    assert known(catalog, "orders:PutOrder") == (["iam:PassRole"], "parsed", OLD)


def test_a_removed_action_keeps_what_was_known(catalog_of: Callable[..., Catalog]) -> None:
    less = Service([act("Other")], [Type("order")])
    catalog = catalog_of(complete(OLD, as_html(ORDERS)), complete(NEW, as_json(less)))

    assert known(catalog, "orders:PutOrder") == (["iam:PassRole"], "parsed", OLD)
    assert known(catalog, "orders:GetOrder") == ([], "none", OLD)


def test_a_dataset_without_the_place_says_nothing_of_it(
    catalog_of: Callable[..., Catalog],
) -> None:
    less = Service([GET], [Type("order")])
    catalog = catalog_of(dataset_collection(NEW, less, name="iam-data"))

    assert known(catalog, "orders:GetOrder") == ([], "not in source", None)


def test_a_dataset_with_the_place_says_none(catalog_of: Callable[..., Catalog]) -> None:
    catalog = catalog_of(dataset_collection("2025-12-02", ORDERS))

    assert known(catalog, "orders:PutOrder") == (["iam:PassRole"], "parsed", "2025-12-02")
    assert known(catalog, "orders:GetOrder") == ([], "none", "2025-12-02")


def test_as_of_a_date_what_was_known_then(tmp_path: Path) -> None:
    path = store(tmp_path, complete(OLD, as_json(ORDERS)), complete(NEW, as_html(ORDERS)))

    with Catalog(path, as_of=OLD) as then, Catalog(path) as today:
        assert then.dependents_state("orders:GetOrder") == "not in source"
        assert then.action("orders:GetOrder").permission_only is None
        assert today.dependents_state("orders:GetOrder") == "none"
        assert today.action("orders:GetOrder").permission_only is False


# --- permission-only marks


@pytest.mark.parametrize("write", [as_html, as_table, as_2026, as_bullets])
def test_a_page_that_has_a_place_for_the_mark_says_yes_or_no(
    write: Callable[[Service], str], catalog_of: Callable[..., Catalog]
) -> None:
    assert marks(catalog_of(complete(OLD, write(ORDERS)))) == {"PutOrder": True, "GetOrder": False}


def test_without_such_a_page_nothing_is_known_of_the_mark(
    catalog_of: Callable[..., Catalog],
) -> None:
    unknown = {"PutOrder": None, "GetOrder": None}
    sentry = dataset_collection("2025-12-02", ORDERS)

    assert marks(catalog_of(complete(OLD, as_json(ORDERS)))) == unknown
    assert marks(catalog_of(sentry)) == unknown


def test_the_mark_of_an_older_page_stays(catalog_of: Callable[..., Catalog]) -> None:
    sentry = dataset_collection("2025-12-02", ORDERS)
    old, said = complete(OLD, as_html(ORDERS)), {"PutOrder": True, "GetOrder": False}

    assert marks(catalog_of(old, complete(NEW, as_json(ORDERS)))) == said
    assert marks(catalog_of(old, sentry)) == said
    assert marks(catalog_of(old, sentry, complete(NEW, as_json(ORDERS)))) == said


def marks(catalog: Catalog) -> dict[str, bool | None]:
    found = {each.name: each.permission_only for each in catalog.actions()}
    assert found == {name: catalog.action(f"orders:{name}").permission_only for name in found}
    return found


# --- numbers of a service


def counts(catalog: Catalog) -> tuple[int | None, ...]:
    (service,) = catalog.services()
    numbers = (service.actions, service.resource_types, service.condition_keys, service.operations)
    with closing(sqlite3.connect(catalog.path)) as connection:
        sql = "select actions, resource_types, condition_keys, operations from service_counts"
        assert connection.execute(sql).fetchone() == numbers
    return numbers


LEFT_OUT = Service(None, [Type("order")])
NONE = Service((), (), ())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (as_table(LEFT_OUT), (None, 1, 0, None)),
        (as_table(NONE), (0, 0, 0, None)),
        (as_bullets(ORDERS), (2, None, 0, None)),
        (as_json(ORDERS), (2, 1, 0, None)),
        (as_2026(ORDERS), (2, 1, 0, None)),
    ],
    ids=["left out", "none", "bullets", "json", "2026"],
)
def test_a_number_is_null_where_every_page_leaves_the_section_out(
    text: str, numbers: tuple[int | None, ...], catalog_of: Callable[..., Catalog]
) -> None:
    assert counts(catalog_of(complete(OLD, text))) == numbers


def test_what_an_older_page_said_is_counted(catalog_of: Callable[..., Catalog]) -> None:
    older = complete(OLD, as_table(Service([GET], (), [Key("orders:Size")])))

    assert counts(catalog_of(older, complete(NEW, as_table(LEFT_OUT)))) == (1, 1, 0, None)
    none = complete(OLD, as_table(NONE))
    assert counts(catalog_of(none, complete(NEW, as_table(LEFT_OUT)))) == (0, 1, 0, None)


# --- every front door


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A catalog of JSON alone, which has no place for most of what is known of actions."""
    return store(tmp_path, complete(NEW, as_json(Service([GET], [Type("order")]))))


def run(*line: str) -> str:
    done = CliRunner().invoke(cli, line)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_line_says_what_is_not_known(path: str) -> None:
    table = run("show", "orders:GetOrder", "--database", path, "--format", "table")

    assert "permission only           not known\n" in table
    assert "dependents state          not in source\n" in table
    services = run("services", "--database", path, "--format", "json")
    assert json.loads(services)[0]["operations"] is None
    found = run("actions", "--database", path, "--format", "json")
    assert json.loads(found)[0]["permission_only"] is None


def test_an_export_says_what_is_not_known(path: str, tmp_path: Path) -> None:
    run("export", "csv", str(tmp_path / "csv"), "--database", path)
    run("export", "json", str(tmp_path / "json"), "--database", path)

    assert table(tmp_path / "csv" / "actions.csv")[0]["permission_only"] == ""
    assert table(tmp_path / "csv" / "dependent_action_states.csv") == [
        {"action": "orders:GetOrder", "state": "not in source", "documented_on": "", "page": ""}
    ]
    assert table(tmp_path / "csv" / "service_counts.csv")[0]["operations"] == ""
    index = json.loads((tmp_path / "json" / "index.json").read_text())
    assert index["services"][0]["operations"] is None
    (action,) = json.loads((tmp_path / "json" / "services" / "orders.json").read_text())["actions"]
    assert (action["permission_only"], action["dependents_state"]) == (None, "not in source")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


# --- an action that lists itself

SELF = Service(
    [
        act("PutOrder", "Write", Row("", "", "orders:putorder iam:PassRole orders:GetOrder")),
        act("GetOrder", "Read", Row("", "", "orders:PutOrder orders:GetOrder")),
    ]
)


@pytest.fixture
def circle(tmp_path: Path) -> str:
    return store(tmp_path, complete(OLD, as_html(SELF)))


def test_an_action_does_not_need_itself(circle: str) -> None:
    with Catalog(circle) as catalog:
        assert catalog.dependent_actions("orders:PutOrder") == ["iam:PassRole", "orders:GetOrder"]
        assert catalog.required_by("orders:PutOrder") == ["orders:GetOrder"]
        record = catalog.action("orders:PutOrder")
        assert record.dependent_actions == ("iam:PassRole", "orders:GetOrder")
        assert record.rows[0].dependent_actions == (
            *("orders:putorder", "iam:PassRole", "orders:GetOrder"),
        )
        assert [each.dependent_action for each in record.dependents] == [
            *("orders:putorder", "iam:PassRole", "orders:GetOrder"),
        ]


def test_the_transitive_answer_starts_with_the_direct_one(circle: str) -> None:
    with Catalog(circle) as catalog:
        for action in ("orders:PutOrder", "orders:GetOrder"):
            direct = catalog.dependent_actions(action)
            further = catalog.dependent_actions(action, transitive=True)

            assert further[: len(direct)] == direct
            assert action not in further


def test_every_reader_gives_the_same_dependent_actions(circle: str) -> None:
    with Catalog(circle) as catalog:
        direct = catalog.dependent_actions("orders:PutOrder")
        policy = allow("orders:PutOrder")
        missing = catalog.complete_policy(policy).missing
        written = catalog.write_policy(["orders:PutOrder"]).dependent_actions
        (found,) = [
            each
            for each in catalog.check_policy(policy)
            if each.code == "missing-dependent-actions"
        ]

    assert [each.dependent_action for each in missing] == direct
    assert [each.dependent_action for each in written] == direct
    assert str(found.suggestion).split(", ") == direct
    with closing(sqlite3.connect(circle)) as connection:
        rows = connection.execute(
            "select dependent_action from dependent_action_targets where action = ?"
            " order by position",
            ("orders:PutOrder",),
        )
        assert [name for (name,) in rows] == direct


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


# --- what an action takes, which bulleted pages have no place for


def test_a_bulleted_page_says_nothing_of_what_an_action_takes(
    catalog_of: Callable[..., Catalog],
) -> None:
    catalog = catalog_of(complete("2018-01-05", as_bullets(ORDERS)))
    record = catalog.action("orders:PutOrder")

    assert (record.rows, record.resource_types, record.condition_keys) == ((), None, None)
    (written,) = catalog.write_policy(["orders:PutOrder"]).policies
    assert written["Statement"][0]["Resource"] == ["${Resource}"]
    (explained,) = catalog.explain_policy(
        allow("orders:PutOrder", resource="arn:aws:orders:::order/1")
    ).statements
    assert explained.without_effect == ()


def test_a_later_page_says_what_it_takes(catalog_of: Callable[..., Catalog]) -> None:
    catalog = catalog_of(complete("2018-01-05", as_bullets(ORDERS)), complete(OLD, as_html(ORDERS)))

    assert catalog.action("orders:PutOrder").resource_types == ("orders:order",)
    changed = [each for each in catalog.changes() if each.subject == "orders:PutOrder"]
    assert changed == []


# --- check


def test_check_says_once_of_which_actions_it_cannot_look(path: str) -> None:
    policy = allow("orders:GetOrder", "orders:Get*")
    with Catalog(path) as catalog:
        found = [
            each
            for each in catalog.check_policy(policy)
            if each.code == "dependent-actions-not-known"
        ]

    assert [(each.severity, each.path, each.text) for each in found] == [
        (
            "info",
            ("Statement", 0, "Action", 0),
            (
                "The dependent actions of orders:GetOrder are not known: no held page has a place"
                " for them, so whether the policy allows them is not checked."
            ),
        )
    ]


@pytest.mark.parametrize("items", [["*"], ["orders:GetOrder", "*"], ["iam:GetRole"]])
def test_check_is_silent_where_nothing_depends_on_it(path: str, items: list[str]) -> None:
    with Catalog(path) as catalog:
        codes = {each.code for each in catalog.check_policy(allow(*items))}

    assert "dependent-actions-not-known" not in codes


def test_check_is_silent_of_none_as_of_a_date(catalog_of: Callable[..., Catalog]) -> None:
    catalog = catalog_of(complete(OLD, as_html(ORDERS)))
    codes = {each.code for each in catalog.check_policy(allow("orders:GetOrder"))}

    assert "dependent-actions-not-known" not in codes
