"""Facts that no catalog should lose: what each kind of them says, and when it is missed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from dated_pages import complete, store
from page_texts import Key, Op, Row, Service, Type, act, as_2026, as_html

from scraper.guards.base import Trip
from scraper.guards.sentinels import FACTS, FILE, Sentinel, read_sentinels, sentinel_trips

LITTLE = as_html(Service([act("Get0")], name="Orders"))


@contextmanager
def two_catalogs(
    folder: Path, older: str, newer: str
) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """Two catalogs, of a page each."""
    paths = [
        store(folder, complete("2019-08-12", text), name=f"{name}.db")
        for name, text in (("old", older), ("new", newer))
    ]
    with closing(sqlite3.connect(paths[0])) as old, closing(sqlite3.connect(paths[1])) as new:
        yield old, new


def watch(monkeypatch: pytest.MonkeyPatch, sentinel: Sentinel) -> None:
    """Let it be the only one."""
    monkeypatch.setattr("scraper.guards.sentinels.read_sentinels", lambda: [sentinel])


EVERYTHING = Service(
    [act("Get", "Read, Tagging", Row(types="box", needs="iam:PassRole"))],
    [Type("box", "arn:${Partition}:orders:::box/${Id}")],
    [Key("orders:Colour")],
    operations=[Op("Fetch", ("orders:Get",))],
)
SENTINELS = [
    (Sentinel("action", "orders:Get", "R."), "orders:Get is an action"),
    (
        Sentinel("action of a level", "orders:Get", "R.", "Tagging"),
        "orders:Get has the level Tagging",
    ),
    (
        Sentinel("resource types of an action", "orders:Get", "R.", at_least=1),
        "orders:Get takes 1 resource types or more",
    ),
    (
        Sentinel("ARN format", "orders:box", "R.", "arn:${Partition}:orders:::box/${Id}"),
        "orders:box has the ARN format arn:${Partition}:orders:::box/${Id}",
    ),
    (Sentinel("condition key", "orders:Colour", "R."), "orders:Colour is a condition key"),
    (
        Sentinel("operation", "orders:Fetch", "R.", "orders:Get"),
        "the operation orders:Fetch needs orders:Get",
    ),
]


@pytest.mark.parametrize(("sentinel", "text"), SENTINELS)
def test_sentinel_that_was_there_and_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sentinel: Sentinel, text: str
) -> None:
    watch(monkeypatch, sentinel)
    with two_catalogs(tmp_path, as_2026(EVERYTHING), LITTLE) as (old, new):
        assert sentinel_trips(old, new) == [
            Trip(
                "sentinel-gone",
                f"orders: it no longer says that {text}. R.",
                "orders",
                names=(text,),
            )
        ]
        assert sentinel_trips(old, old) == []
        assert sentinel_trips(new, new) == sentinel_trips(new, old) == []


def test_dependent_action_can_be_a_sentinel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentinel = Sentinel("dependent action", "orders:Get", "R.", "iam:PassRole")
    watch(monkeypatch, sentinel)
    with two_catalogs(tmp_path, as_html(EVERYTHING), LITTLE) as (old, new):
        assert [trip.names for trip in sentinel_trips(old, new)] == [
            ("orders:Get needs iam:PassRole",)
        ]


def test_sentinel_that_an_old_catalog_has_no_table_for_was_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(monkeypatch, SENTINELS[0][0])
    with (
        two_catalogs(tmp_path, LITTLE, LITTLE) as (_, new),
        closing(sqlite3.connect(":memory:")) as old,
    ):
        assert sentinel_trips(old, new) == []


def test_every_kind_of_fact_has_a_sentinel_and_every_sentinel_a_reason() -> None:
    listed = read_sentinels()

    assert {each.fact for each in listed} == set(FACTS)
    assert all(each.reason.endswith(".") for each in listed)
    assert len({each.text for each in listed}) == len(listed)
    assert FILE.is_file()
