"""Ask every guard what it sees, and say which trips are accepted, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scraper.guards import (
    columns,
    fetch,
    growth,
    levels,
    pages,
    sentinels,
    services,
    shapes,
    values,
    witnesses,
)
from scraper.guards.base import Comparison, Guard, Trip, Watch

WATCHES: tuple[Watch, ...] = (
    pages.WATCH,
    columns.WATCH,
    services.WATCH,
    sentinels.WATCH,
    fetch.WATCH,
    levels.WATCH,
    values.WATCH,
    growth.WATCH,
    shapes.WATCH,
    witnesses.WATCH,
)
"""Every comparison, in the order of a report: a loss that one explains is not reported again."""
GUARDS: dict[str, Guard] = {guard.name: guard for watch in WATCHES for guard in watch.guards}
"""Every guard by its name."""
QUESTIONS = {name: sql for watch in WATCHES for name, sql in watch.questions.items()}
"""Everything that the guards ask of a replaced catalog."""

FOR_THIS_RUN = "accepted for this run"
"""The reason where the command line accepts something."""
NOTHING_TO_LOSE = "a first catalog of history: there is none that could lose it"
BEFORE_THAT = "older than what the replaced catalog holds, which came after it"
"""The reason for what pages of the past lost, where no catalog is replaced. Fetched days are looked
at all the same: a refresh is meant to bring the page of today."""


def look_at(comparison: Comparison) -> list[Trip]:
    """Return what all guards see, with the names of what each service has lost."""
    for watch in WATCHES:
        comparison.trips = [*comparison.trips, *watch.look(comparison)]
    if comparison.old is None:
        return comparison.trips
    return [services.with_names(each, comparison.old, comparison.new) for each in comparison.trips]


def is_loss(trip: Trip) -> bool:
    """Return True if something is gone, and False if pages disagree."""
    return GUARDS[trip.guard].is_loss


def seen(trip: Trip) -> str:
    """Return how often what a trip says happened in real history."""
    return trip.seen or GUARDS[trip.guard].seen


def options(trip: Trip) -> list[str]:
    """Return the options of a build that accept a trip for one run, the narrowest first."""
    shrink = [f"--accept-shrink {trip.service}"] if GUARDS[trip.guard].of_service else []
    return [*shrink, f"--accept {trip.guard}"]


def acceptance_entry(trip: Trip) -> dict[str, Any]:
    """Return the entry of `accepted.json` that accepts a trip, without its reason."""
    fields = {
        "guard": trip.guard,
        "service": trip.service,
        "page": trip.page,
        "what": trip.what,
        "was": trip.was,
        "now": trip.now,
        "names": list(trip.names) if GUARDS[trip.guard].by_name else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class GuardAcceptance:
    """A trip that was reviewed and accepted for good, with the reason.

    It covers what was accepted, and less: not a later, larger shrinkage of the same page.
    """

    guard: str
    reason: str
    service: str | None = None
    page: str | None = None
    what: str | None = None
    was: int | str | None = None
    now: int | str | None = None
    names: tuple[str, ...] = ()

    def covers(self, trip: Trip) -> bool:
        same = (trip.guard, _folded(trip.service), trip.page, trip.what) == (
            self.guard,
            _folded(self.service),
            self.page,
            self.what,
        )
        return same and (
            set(trip.names) <= set(self.names) if GUARDS[self.guard].by_name else self._bounds(trip)
        )

    def _bounds(self, trip: Trip) -> bool:
        """Return True if the trip fell from no higher, and no lower, than what was accepted."""
        return _not_above(trip.was, self.was) and _not_above(self.now, trip.now)


def _not_above(first: int | str | None, second: int | str | None) -> bool:
    """Return True if both are numbers, or dates, and the first is not the greater one."""
    if isinstance(first, int) and isinstance(second, int):
        return first <= second
    return isinstance(first, str) and isinstance(second, str) and first <= second


def _folded(name: str | None) -> str | None:
    return name.lower() if name else None


@dataclass(frozen=True, slots=True)
class Allowance:
    """Everything that is accepted of what guards may see."""

    guards: frozenset[str] = frozenset()
    """Guards that are passed over in this run."""
    services: frozenset[str] = frozenset()
    """Service prefixes, in lower case, that may shrink in this run."""
    entries: tuple[GuardAcceptance, ...] = ()

    def reason(self, trip: Trip) -> str | None:
        """Return why *trip* is accepted; None where nobody accepted it."""
        if settled := trip.passes or self.settled(trip):
            return settled
        return FOR_THIS_RUN if trip.guard in self.guards else None

    def settled(self, trip: Trip) -> str | None:
        """Return the reason where this very trip was accepted, not its guard as a whole."""
        if GUARDS[trip.guard].of_service and _folded(trip.service) in self.services:
            return FOR_THIS_RUN
        return next((each.reason for each in self.entries if each.covers(trip)), None)


Judged = tuple[Trip, str | None]
"""A trip with the reason why it is accepted; None where nobody accepted it."""

MOST = 20
"""Trips of a guard that are printed; the report has all of them."""
EXAMPLES = 3
"""Names of a trip that are printed."""


def trip_lines(judged: Iterable[Judged]) -> list[str]:
    """List what each guard saw, with examples, and how to accept it; refused ones last."""
    groups: dict[tuple[bool, int], list[Judged]] = {}
    for trip, reason in judged:
        place = list(GUARDS).index(trip.guard)
        groups.setdefault((reason is None, place), []).append((trip, reason))
    lines = []
    for (refused, place), group in sorted(groups.items()):
        guard = list(GUARDS)[place]
        word = "not accepted" if refused else "accepted"
        lines.append(f"{guard}: {len(group):,} {word}. {GUARDS[guard].meaning}")
        for trip, reason in group[:MOST]:
            lines += [f"  {trip.text}", *(f"    {line}" for line in _details(trip, reason))]
        if len(group) > MOST:
            lines.append(f"  and {len(group) - MOST:,} more: see the report")
    return lines


def _details(trip: Trip, reason: str | None) -> list[str]:
    """List the names of a trip, and why it is accepted or how to accept it."""
    lines = (
        [f"{'gone' if is_loss(trip) else 'differ'}: {_examples(trip.names)}"] if trip.names else []
    )
    if reason is not None:
        return [*lines, f"accepted: {reason}"]
    entry = json.dumps({**acceptance_entry(trip), "reason": "..."})
    return [
        *lines,
        f"in real history: {seen(trip)}",
        f"to accept it for this run: {' or '.join(options(trip))}",
        f'to accept it for good, in "guards" of accepted.json: {entry}',
    ]


def _examples(names: tuple[str, ...], most: int = EXAMPLES) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def guard_lines() -> list[str]:
    """List each guard with what it sees."""
    width = max(map(len, GUARDS))
    return [f"{name:<{width}}  {guard.meaning}" for name, guard in GUARDS.items()]
