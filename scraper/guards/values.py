"""Compare the values on each current page with those of the pages before it, not the names alone.

A page whose names are all there may still say something else of each of them: levels swapped, flags
of requirement gone, every ARN format the same. What a value is, and of what, is one table of
columns; a page's column is compared where both pages have a place for it, on the rows that both of
them have.

Two kinds of column differ in what a change costs. A description is words for people; a level, a
required flag, an ARN format or a dependent action decides what a policy means. Of the latter a few
on a page are enough, and each one that passes is named in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.memory import (
    Held,
    Pages,
    are_datasets,
    days_between,
    generations,
    groups,
    in_days,
    is_held,
    remembered,
    watched,
)
from scraper.guards.standing import PAGES, read_held
from scraper.guards.value_columns import COLUMNS, FALLS, GuardedColumn, read_values
from scraper.merge.timeline import Timeline

FEW = 2
"""Changes of what decides what a policy means that pass on a page from one day to the next."""
ALL, ALL_RATE = 5, 1.25
"""The same of all pages together: as many on one day, and so many more for each further day."""
SEEN_OF_ALL = (
    "21 required flags in a month are the most of 26 months, but for 60 in 2024-11; of levels, 8"
    " fell at most"
)
ALL_VALUES = 100
"""Changed values of one other column on all pages together on one day; for each further day as many
more as the column says."""
SEEN_VALUES = (
    "the condition keys of 80 actions in a month are the most of 26 months, then 61 of 18,543"
    " descriptions; of six years 133 in a month of 2023, and 322 descriptions in one of 2021"
)
EDITIONS = 1.0
"""The share after `MONTH` days between editions of a dataset that does not say of which date it is:
all 51 links of vpc-lattice and all of its 8 ARN formats changed from one to the next (2023-08)."""
LONGEST = 120
"""Characters of a value that are shown."""

CHANGED = Guard(
    "values-changed",
    "A page says something else of far more of its names than AWS changes in the time.",
    of_service=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)
MEANING = Guard(
    "meaning-changed",
    "Levels fell, or required flags, ARN formats or dependent actions changed: policies mean"
    " something else.",
    of_service=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)
MEANING_OF_ALL = Guard(
    "meaning-of-all",
    "Many pages changed a little of what decides what policies mean, which none does by itself.",
    is_loss=False,
    is_change=True,
    in_history=True,
)
VALUES_OF_ALL = Guard(
    "values-of-all",
    "All pages together say something else of far more names than AWS changes in a month.",
    is_loss=False,
    is_change=True,
    in_history=True,
)


def value_trips(timeline: Timeline, held: Held = ()) -> list[Trip]:
    """Return what current pages say differently than the pages that they come from.

    What passes, but decides what a policy means, is among them, with the reason why it passes.
    """
    current = [
        group
        for prefix in sorted(timeline.slots)
        for group in groups(watched(prefix, timeline, grown=True), timeline)
    ]
    new = [group for group in current if not is_held(group, timeline, held)]
    trips: list[Trip] = []
    totals: list[Trip] = []
    for column in COLUMNS:
        found = [steps for group in new if (steps := _steps(column, group, timeline, held))]
        trips += [_trip(step) for steps in found if (step := _worst(column, steps))]
        # Without a catalog to replace, how a dataset came to say what it says is history.
        firsts = [each[0] for each in found if held or not are_datasets(each[0].younger)]
        total = list(_total_trips(column, firsts))
        if not total and new and column.rate:
            total = list(_total_trips(column, _drift(column, current, timeline, held)))
        totals += total
    return [*sorted(trips, key=lambda trip: trip.service or ""), *totals]


@dataclass(frozen=True, slots=True)
class Step:
    """The values of a column that changed from older pages to younger ones."""

    column: GuardedColumn
    older: Pages
    younger: Pages
    days: int
    compared: int
    """Subjects that both have."""
    names: tuple[str, ...]
    """Those that changed, each with what it was and is."""

    @property
    def most(self) -> float:
        """Return how many may change in the time."""
        column = self.column
        is_edition = any(each.is_dataset and not each.is_complete for each in self.younger)
        limits = column.shares or column.share
        if is_edition:
            limits = (limits[0], EDITIONS)
        share = in_days(limits, self.days) * self.compared
        if column.shares:
            return max(column.fewest - 1, share)
        return FEW + min(column.rate * (self.days - 1), share)

    @property
    def is_too_much(self) -> bool:
        return len(self.names) > self.most


def compare_values(column: GuardedColumn, older: Pages, younger: Pages, days: int) -> Step | None:
    """Compare a column of older and younger pages; None where one of them has no place for it."""
    mixed = any(each.is_dataset != older[0].is_dataset for each in (*older, *younger))
    was, now = (read_values(column, pages, sure=mixed) for pages in (older, younger))
    if was is None or now is None:
        return None
    both = [subject for subject in was if subject in now]
    changed = tuple(
        f"{subject} ({_shown(was[subject])} -> {_shown(now[subject])})"
        for subject in sorted(both)
        if _differ(column, was[subject], now[subject])
    )
    return Step(column, older, younger, days, len(both), changed)


def _differ(column: GuardedColumn, was: frozenset[str], now: frozenset[str]) -> bool:
    if column.counts == "either":
        return was != now
    if column.counts == "gained":
        return bool(now - was) and was <= now
    return bool(was - now)


def _in_time(column: GuardedColumn, timeline: Timeline) -> Callable[[Pages, Pages], Step | None]:
    def compare(older: Pages, younger: Pages) -> Step | None:
        return compare_values(column, older, younger, days_between(older, younger, timeline))

    return compare


def _remembered(column: GuardedColumn, group: Pages, timeline: Timeline, held: Held) -> list[Pages]:
    compare = _in_time(column, timeline)

    def is_step(older: Pages, younger: Pages) -> bool:
        found = compare(older, younger)
        return found is not None and found.is_too_much

    return remembered(group, timeline, held, is_step)


def _steps(column: GuardedColumn, group: Pages, timeline: Timeline, held: Held) -> list[Step]:
    """Return the steps to a group: from the pages that were published last, then from others."""
    compare = _in_time(column, timeline)
    near = list(generations(group, timeline, held))
    # The oldest is the one that was published last; those after it were refused.
    measures = near[-1:] if held else [*near[-1:], *near[:1]]
    measures += _remembered(column, group, timeline, held)
    return [found for older in measures if (found := compare(older, group))]


def _worst(column: GuardedColumn, steps: Sequence[Step]) -> Step | None:
    """Return the step that changed too much; else the first one, if what it changed decides."""
    too_much = next((step for step in steps if step.is_too_much), None)
    passing = next((step for step in steps if step.names), None) if column.rate else None
    return too_much or passing


def _drift(
    column: GuardedColumn, current: Sequence[Pages], timeline: Timeline, held: Held
) -> list[Step]:
    """Return the steps of all groups from the oldest pages of the last `MEMORY` days."""
    compare = _in_time(column, timeline)
    found = []
    for group in current:
        line = _remembered(column, group, timeline, held)
        if line and (step := compare(line[-1], group)):
            found.append(step)
    return found


def _shown(values: Iterable[str]) -> str:
    text = ", ".join(sorted(values)) or "nothing"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _trip(step: Step) -> Trip:
    page, column = step.younger[0], step.column
    count, keys = len(step.names), ", ".join(each.key for each in step.younger)
    older = ", ".join(each.key for each in step.older)
    limits = f"at most {int(step.most):,} pass" if step.is_too_much else "a few"
    text = (
        f"{page.prefix}: {column.what}: {count:,} of {step.compared:,} on {keys} are not those of"
        f" {older}, {_days(step.days)} before; {limits}"
    )
    return Trip(
        (MEANING if column.rate else CHANGED).name,
        text,
        page.prefix,
        page.key.partition("@")[0],
        column.what,
        step.compared,
        step.compared - count,
        step.names,
        seen=column.seen,
        passes=None if step.is_too_much else f"a few, as in real history: {column.seen}",
    )


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days:,} days"


def _total_trips(column: GuardedColumn, steps: Sequence[Step]) -> Iterator[Trip]:
    """Yield a trip if all pages together changed too much of a column."""
    names = tuple(dict.fromkeys(name for step in steps for name in step.names))
    count = len(names)
    days = max((step.days for step in steps), default=1)
    if column.counts == "gained":  # AWS adds a key, or a level, to many pages at once
        return
    if column.rate:
        guard, most, seen = MEANING_OF_ALL, ALL + ALL_RATE * (days - 1), SEEN_OF_ALL
    else:
        guard, most, seen = VALUES_OF_ALL, ALL_VALUES + column.total * (days - 1), SEEN_VALUES
    if count > most:
        text = (
            f"all services: {column.what}: {count:,} changed in {_days(days)}; at most"
            f" {int(most):,} pass"
        )
        yield Trip(guard.name, text, None, None, column.what, count, 0, names, seen=seen)


def _look(comparison: Comparison) -> list[Trip]:
    held = read_held(comparison.old) if comparison.old else ()
    found = value_trips(comparison.timeline, held)
    known = {(trip.service, trip.what) for trip in comparison.trips}
    known |= {(service, FALLS) for service, what in known if what == "access levels"}
    return [trip for trip in found if trip.passes is None or _is_news(trip, comparison, known)]


def _is_news(
    trip: Trip, comparison: Comparison, known: Collection[tuple[str | None, str | None]]
) -> bool:
    """Return True for a small change that a reader does not know from another guard.

    Without a catalog to replace, nobody has to hear what a page changed a little.
    """
    return comparison.old is not None and (trip.service, trip.what) not in known


WATCH = Watch(_look, (CHANGED, MEANING, MEANING_OF_ALL, VALUES_OF_ALL), PAGES)
