"""Guards that look at a new catalog beside the one that it is to replace, both as files.

They see what no page shows by itself: services and facts that are gone because their pages are.
Counts are read by plain SQL, so that a catalog of an older schema can be compared as well; what
can not be read of it is not compared.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scraper.guards.base import (
    DATASET_FEWEST,
    DATASET_SHARE,
    TABLES,
    TOTAL_SHARE,
    Table,
    Trip,
    emptied,
    shrank,
)
from scraper.guards.sentinels import gone_sentinels

NAMES: dict[Table, str] = {
    "actions": "select service_prefix as prefix, action as name from actions",
    "resource types": "select service_prefix as prefix, resource_type as name from resource_types",
    "condition keys": (
        "select distinct service_prefix as prefix, condition_key as name"
        " from condition_key_definitions"
    ),
    "dependent actions": (
        "select distinct substr(action, 1, instr(action, ':') - 1) as prefix,"
        " action || ' needs ' || dependent_action as name from dependent_actions"
    ),
    "operations": "select service_prefix as prefix, operation as name from operations",
}
"""Service prefix and name of everything that is counted."""
PAGES = {
    "pages": "select page, sha256, service_prefix, last_date, replaced, dataset from pages",
    "dates of pages": "select page_dates.date, sha256 from page_dates join pages using (page)",
}
"""What is asked of pages."""

NEWEST, OLDEST = (f"cast({each}(last_date) as text)" for each in ("max", "min"))

Counts = Mapping[str, int]
"""By service prefix, in lower case."""
Losses = Mapping[tuple[str, str], int]
"""How much was lost, by service prefix in lower case and table."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a catalog holds, in numbers."""

    services: dict[str, str] = field(default_factory=dict)
    """Each prefix by its lower case."""
    counts: dict[Table, Counts] = field(default_factory=dict)
    """Without the tables that could not be read."""
    pages: int | None = None
    """How many sources are current: pages of AWS, and services of public datasets."""
    newest: str | None = None
    """The date of the newest current source."""
    oldest: str | None = None
    """The date of the oldest current source."""
    dates: dict[str, str] = field(default_factory=dict)
    """The date of the newest source of each service, by prefix in lower case."""
    datasets_alone: frozenset[str] = frozenset()
    """The services that only public datasets describe, in lower case."""

    def total(self, table: Table) -> int | None:
        counts = self.counts.get(table)
        return None if counts is None else sum(counts.values())

    def shared(self, other: Standing) -> list[Table]:
        """The tables that can be read of both."""
        return [table for table in TABLES if table in self.counts and table in other.counts]


def read_standing(connection: sqlite3.Connection) -> Standing:
    """The numbers of a catalog, of whatever version."""
    counts: dict[Table, Counts] = {}
    for table, names in NAMES.items():
        counted = rows(connection, f"select lower(prefix), count(*) from ({names}) group by 1")
        if counted is not None:
            counts[table] = {prefix: int(number) for prefix, number in counted}
    prefixes = rows(connection, "select cast(service_prefix as text) from services") or []
    current = "from pages where replaced is null"
    found = rows(connection, f"select count(*), {NEWEST}, {OLDEST} {current}")
    pages, newest, oldest = found[0] if found else (None, None, None)
    by_service = f"{current} group by 1"
    dated = rows(connection, f"select lower(service_prefix), {NEWEST} {by_service}")
    alone = rows(
        connection,
        f"select lower(service_prefix) {by_service} having count(*) = count(dataset)",
    )
    return Standing(
        {prefix.lower(): prefix for (prefix,) in prefixes if prefix},
        counts,
        pages,
        newest,
        oldest,
        dict(dated or ()),
        frozenset(prefix for (prefix,) in alone or ()),
    )


def read_held(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """Key and sha256 of every page that a catalog knows, also of those that were replaced."""
    return frozenset(rows(connection, "select page, sha256 from pages") or ())


def read_held_days(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """The dates of every page with its sha256."""
    return frozenset(rows(connection, PAGES["dates of pages"]) or ())


def rows(
    connection: sqlite3.Connection, sql: str, values: Sequence[str] | Mapping[str, object] = ()
) -> list[tuple[Any, ...]] | None:
    """The rows of a query; None where the catalog has no such table or column."""
    try:
        return connection.execute(sql, values).fetchall()
    except sqlite3.Error:
        return None


def standing_trips(
    before: Standing,
    after: Standing,
    of_pages: Sequence[Trip] = (),
    settled: Callable[[Trip], object] = lambda _: False,
) -> list[Trip]:
    """What a new catalog has less of than the one before, in numbers, and without names.

    A loss that a trip of a page explains is not told again. *settled* says whether a trip was
    accepted by itself; what all services together have lost is counted without these.
    """
    trips = list(service_trips(before, after, explained(of_pages)))
    accepted = [trip for trip in (*of_pages, *trips) if settled(trip)]
    trips += total_trips(before, after, accepted)
    if before.newest and (after.newest or "") < before.newest:
        now = after.newest or "an unknown date"
        text = f"the newest source is of {now}, that of the replaced catalog of {before.newest}"
        trips.append(Trip("older-pages", text, was=before.newest, now=after.newest or ""))
    return trips


def sentinel_trips(old: sqlite3.Connection, new: sqlite3.Connection) -> list[Trip]:
    """A trip for each sentinel that a new catalog lost."""
    return [
        Trip(
            "sentinel-gone",
            f"{each.service}: it no longer says that {each.text}. {each.reason}",
            each.service,
            names=(each.text,),
        )
        for each in gone_sentinels(old, new)
    ]


def explained(trips: Iterable[Trip]) -> Losses:
    """What *trips* say was lost."""
    losses: Counter[tuple[str, str]] = Counter()
    for trip in trips:
        if isinstance(trip.was, int) and isinstance(trip.now, int) and trip.service and trip.what:
            losses[trip.service.lower(), trip.what] += trip.was - trip.now
    return losses


def service_trips(before: Standing, after: Standing, known: Losses) -> Iterator[Trip]:
    """A trip for each service that is gone, and for each table of which one has too little.

    A service that AWS does not list is not missed where only a dataset said that there is one.
    """
    for prefix, service in sorted(before.services.items()):
        alone = prefix in before.datasets_alone
        for table in before.shared(after):
            was = before.counts[table].get(prefix, 0)
            now = after.counts[table].get(prefix, 0)
            if prefix not in after.services:
                if table == "actions" and not alone:
                    text = f"{service}: the service is gone (actions: {was:,})"
                    yield Trip("service-gone", text, service, None, table, was, 0)
            elif too_little(was, now + known.get((prefix, table), 0), alone=alone):
                text = f"{service}: {table}: {now:,}, in the replaced catalog {was:,}"
                yield Trip("service-shrank", text, service, None, table, was, now)


def too_little(was: int, now: int, *, alone: bool) -> bool:
    if alone:
        return shrank(was, now, DATASET_SHARE, DATASET_FEWEST)
    return emptied(was, now) or shrank(was, now)


def total_trips(before: Standing, after: Standing, accepted: Sequence[Trip]) -> Iterator[Trip]:
    """A trip for each table of which all services together have too little.

    What *accepted* trips say was lost is added again, and all of a service that is gone.
    """
    losses = explained(each for each in accepted if each.guard != "service-gone")
    gone = {(each.service or "").lower() for each in accepted if each.guard == "service-gone"}
    for table in before.shared(after):
        counts = before.counts[table]
        was, now = sum(counts.values()), sum(after.counts[table].values())
        rest = now + sum(counts.get(prefix, 0) for prefix in gone)
        rest += sum(lost for (_, what), lost in losses.items() if what == table)
        if shrank(was, rest, TOTAL_SHARE) or emptied(was, rest):
            text = f"all services: {table}: {now:,}, in the replaced catalog {was:,}"
            yield Trip("total-shrank", text, None, None, table, was, now)


def with_names(trip: Trip, old: sqlite3.Connection, new: sqlite3.Connection) -> Trip:
    """A trip about a service, with the names that it had and has no more."""
    table = next((each for each in TABLES if each == trip.what), None)
    if table is None or trip.service is None or trip.names:
        return trip
    sql = f"select name from ({NAMES[table]}) where prefix = ? collate nocase"
    was, now = (rows(each, sql, [trip.service]) or [] for each in (old, new))
    left = {name.lower() for (name,) in now}
    return replace(trip, names=tuple(sorted(name for (name,) in was if name.lower() not in left)))
