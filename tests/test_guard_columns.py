"""Columns that a page lost, where the page that it could be compared with is gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from dated_pages import collection, complete, store
from page_texts import Act, Key, Row, Service, Type, act, as_html, as_json

from scraper.guards.base import Trip
from scraper.guards.columns import COLUMNS, column_trips
from scraper.guards.pages import MEASURES, page_trips
from scraper.merge.normalise import timeline_of
from scraper.merge.timeline import Collection

DAY, NEXT = "2026-11-21", "2026-11-22"
NAMES = [f"GetOrder{letter}" for letter in "ABCDEF"]
ORDER = Type("order", "arn:${Partition}:orders:::order/${Id}", "orders:Size")
KEYS = [Key("orders:Size"), Key("orders:Colour")]


def orders(
    rows: tuple[Row, ...] = (Row("order*", "orders:Colour"),),
    *,
    description: str = "Gets it.",
    types: tuple[Type, ...] = (ORDER,),
) -> Service:
    actions: list[Act] = [act(name, "Read", *rows, description=description) for name in NAMES]
    return Service(actions, types=types, keys=KEYS, slug="orders", prefix="orders")


WHOLE = orders()


def trips(folder: Path, before: list[Collection], after: list[Collection]) -> list[Trip]:
    """What the guard sees of a new catalog that takes the place of an older one."""
    timeline = timeline_of(after)
    with (
        closing(sqlite3.connect(store(folder, *before, name="old.db"))) as old,
        closing(sqlite3.connect(store(folder, *after, name="new.db"))) as new,
    ):
        return list(column_trips(old, new, timeline, page_trips(timeline)))


def told(found: list[Trip]) -> list[tuple[str | None, object, object]]:
    return [(trip.what, trip.was, trip.now) for trip in found]


@pytest.mark.parametrize(
    ("page", "lost"),
    [
        (
            orders((Row("", "orders:Colour"),)),
            [
                ("resource types of actions", 6, 0),
                ("required resource types", 6, 0),
            ],
        ),
        (orders((Row("order", "orders:Colour"),)), [("required resource types", 6, 0)]),
        (orders(description=""), [("descriptions of actions", 6, 0)]),
        (
            orders((Row("order*"),), types=(replace(ORDER, keys=""),)),
            [("condition keys of actions", 12, 0)],
        ),
    ],
    ids=["types", "stars", "descriptions", "keys"],
)
def test_columns_that_turned_blank_on_a_page_of_the_same_day_are_seen(
    tmp_path: Path, page: Service, lost: list[object]
) -> None:
    found = trips(tmp_path, [collection(DAY, as_html(WHOLE))], [collection(DAY, as_html(page))])

    assert told(found) == lost
    assert {(trip.guard, trip.service) for trip in found} == {("service-shrank", "orders")}


def test_columns_of_a_page_that_was_withdrawn_are_seen_though_json_has_its_actions(
    tmp_path: Path,
) -> None:
    before = complete(DAY, as_html(WHOLE), as_json(WHOLE))
    after = complete(NEXT, as_json(WHOLE))

    assert told(trips(tmp_path, [before], [after])) == [
        ("required resource types", 6, 0),
        ("descriptions of actions", 6, 0),
    ]


def test_loss_is_told_with_what_is_gone(tmp_path: Path) -> None:
    (trip,) = trips(
        tmp_path,
        [collection(DAY, as_html(WHOLE))],
        [collection(DAY, as_html(orders(description="")))],
    )

    assert trip.text == "orders: descriptions of actions: 0, in the replaced catalog 6"
    assert trip.names == tuple(f"orders:{name} described" for name in NAMES)


def test_page_with_a_successor_is_left_to_the_guard_of_pages(tmp_path: Path) -> None:
    older = collection(DAY, as_html(WHOLE))

    assert trips(tmp_path, [older], [older, collection(NEXT, as_html(orders(types=())))]) == []


def test_page_that_says_the_same_otherwise_has_lost_nothing(tmp_path: Path) -> None:
    found = trips(
        tmp_path,
        [collection(DAY, as_html(WHOLE))],
        [collection(DAY, as_html(orders(description="Gets one.")))],
    )

    assert found == []


def test_columns_lose_nothing_with_the_rows_that_go(tmp_path: Path) -> None:
    left = replace(WHOLE, actions=WHOLE.actions[:1] if WHOLE.actions else ())
    found = trips(tmp_path, [collection(DAY, as_html(WHOLE))], [collection(DAY, as_html(left))])

    assert found == []


def test_columns_are_named_as_those_of_pages() -> None:
    assert COLUMNS.keys() == {each.what for each in MEASURES if each.share}
