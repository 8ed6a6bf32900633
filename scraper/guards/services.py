"""Compare the numbers and dates of a new catalog with those of the catalog that it replaces.

They show what no page shows by itself: services and facts that are gone because their pages are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from scraper.guards.base import (
    DATASET_FEWEST,
    DATASET_SHARE,
    TOTAL_SHARE,
    Comparison,
    Guard,
    Losses,
    Trip,
    Watch,
    emptied,
    explained,
    shrank,
    shrank_in,
)
from scraper.guards.standing import NAMES, TABLES, Standing, rows

GONE = Guard(
    "service-gone",
    "A service of the replaced catalog is not in the new one.",
    of_service=True,
    seen="AWS withdrew 3 of 452 services from 2026-07-08 to 2026-10-27",
)
SHRANK = Guard(
    "service-shrank",
    "A service has far less than in the replaced catalog.",
    of_service=True,
    seen="in 26 months three of 450 services lost an eighth to a fifth of their actions",
)
TOTAL = Guard(
    "total-shrank",
    "All services together have less than in the replaced catalog.",
    seen="never: of eleven steps of up to six months none lost more than 1.1 percent of a kind",
)
OLDER = Guard(
    "older-pages",
    "The newest source is older than that of the replaced catalog.",
    seen="never by AWS: it happens where a day of the mirror was removed",
)


def _look(comparison: Comparison) -> Iterable[Trip]:
    if comparison.before is None:
        return []
    settled = comparison.settled
    return standing_trips(comparison.before, comparison.after, comparison.trips, settled)


def standing_trips(
    before: Standing,
    after: Standing,
    of_pages: Sequence[Trip] = (),
    settled: Callable[[Trip], object] = lambda _: False,
) -> list[Trip]:
    """Return what a new catalog has less of than the one before, in numbers, without names.

    A loss that a trip of a page explains is not reported again. *settled* says whether a trip was
    accepted by itself; what all services together have lost is counted without these.
    """
    trips = list(_service_trips(before, after, explained(of_pages)))
    accepted = [trip for trip in (*of_pages, *trips) if settled(trip)]
    trips += _total_trips(before, after, accepted)
    if before.newest and (after.newest or "") < before.newest:
        now = after.newest or "an unknown date"
        text = f"the newest source is of {now}, that of the replaced catalog of {before.newest}"
        trips.append(Trip(OLDER.name, text, was=before.newest, now=after.newest or ""))
    return trips


def _service_trips(before: Standing, after: Standing, known: Losses) -> Iterator[Trip]:
    """Yield a trip for each service that is gone, and for each table of which one has too little.

    A service that AWS does not list is not missed where only a dataset said that there is one.
    """
    for prefix, service in sorted(before.services.items()):
        alone = prefix in before.datasets_alone
        days = _days_between(before.dates.get(prefix), after.dates.get(prefix))
        for table in before.shared(after):
            was = before.counts[table].get(prefix, 0)
            now = after.counts[table].get(prefix, 0)
            if prefix not in after.services:
                if table == "actions" and not alone:
                    text = f"{service}: the service is gone (actions: {was:,})"
                    yield Trip(GONE.name, text, service, None, table, was, 0)
            elif _too_little(table, was, now + known.get((prefix, table), 0), days, alone=alone):
                text = f"{service}: {table}: {now:,}, in the replaced catalog {was:,}"
                yield Trip(SHRANK.name, text, service, None, table, was, now)


def _too_little(table: str, was: int, now: int, days: int, *, alone: bool) -> bool:
    if alone:
        return shrank(was, now, DATASET_SHARE, DATASET_FEWEST)
    return emptied(was, now) or shrank_in(was, now, days, table)


def _days_between(first: str | None, last: str | None) -> int:
    """Return the days from one date to another, at least 1; 1 also where one is unknown."""
    if not first or not last:
        return 1
    return max(1, (date.fromisoformat(last) - date.fromisoformat(first)).days)


def _total_trips(before: Standing, after: Standing, accepted: Sequence[Trip]) -> Iterator[Trip]:
    """Yield a trip for each table of which all services together have too little.

    What *accepted* trips say was lost is added again, and all of a service that is gone.
    """
    losses = explained(each for each in accepted if each.guard != GONE.name)
    gone = {(each.service or "").lower() for each in accepted if each.guard == GONE.name}
    for table in before.shared(after):
        counts = before.counts[table]
        was, now = sum(counts.values()), sum(after.counts[table].values())
        rest = now + sum(counts.get(prefix, 0) for prefix in gone)
        rest += sum(lost for (_, what), lost in losses.items() if what == table)
        if shrank(was, rest, TOTAL_SHARE) or emptied(was, rest):
            text = f"all services: {table}: {now:,}, in the replaced catalog {was:,}"
            yield Trip(TOTAL.name, text, None, None, table, was, now)


def with_names(trip: Trip, old: sqlite3.Connection, new: sqlite3.Connection) -> Trip:
    """Return a trip about a service, with the names that it had and no longer has."""
    table = next((each for each in TABLES if each == trip.what), None)
    if table is None or trip.service is None or trip.names:
        return trip
    sql = f"select name from ({NAMES[table]}) where prefix = ? collate nocase"
    was, now = (rows(each, sql, [trip.service]) or [] for each in (old, new))
    left = {name.lower() for (name,) in now}
    return replace(trip, names=tuple(sorted(name for (name,) in was if name.lower() not in left)))


WATCH = Watch(
    _look, (GONE, SHRANK, TOTAL, OLDER), {str(table): sql for table, sql in NAMES.items()}
)
