"""Measure what AWS changes from date to date: the numbers behind the thresholds of the guards.

Needs a mirror with the datasets that `python -m scraper history` takes. The result is committed as
`scraper/guards/measured.json`; `tests/test_guard_thresholds.py` holds the thresholds to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any

from scraper.build import dated_collections, read_pages
from scraper.guards.growth import growth_trips
from scraper.guards.pages import page_trips
from scraper.guards.registry import Allowance
from scraper.guards.shapes import shape_trips
from scraper.guards.value_columns import COLUMNS, GuardedColumn
from scraper.guards.values import Step, compare_values, value_trips
from scraper.merge.normalise import timeline_of
from scraper.merge.timeline import Collection

_LONG = 45
"""Days. Dates that lie further apart are counted by themselves."""
_LARGEST = 5
"""Steps of a column that are listed."""

_Pair = tuple[Collection, Collection]


def measure_guards(mirror: Path) -> dict[str, Any]:
    """Compare all consecutive dates of the datasets of *mirror* and of `data/`."""
    reading = read_pages([Path("data"), mirror], full=True)
    return distribution([each for each in dated_collections(reading) if each.dataset])


def distribution(collections: Sequence[Collection]) -> dict[str, Any]:
    """Return how much each column changed, and what the guards refuse, by JSON values."""
    pairs = list(pairwise(collections))
    alike = [pair for pair in pairs if pair[0].formats == pair[1].formats]
    return {
        "dates": [f"{each.date} {each.dataset.label}" for each in collections if each.dataset],
        "between_two_kinds": [_name(pair) for pair in pairs if pair not in alike],
        "further_apart": [_name(pair) for pair in alike if _days(pair) > _LONG],
        "columns": {column.what: _of_column(column, alike) for column in COLUMNS},
        "refused": {
            _name(pair): found
            for pair in alike
            if pair[1].complete and (found := list(_refusals(pair)))
        },
    }


def _name(pair: _Pair) -> str:
    return f"{pair[0].date} to {pair[1].date}"


def _days(pair: _Pair) -> int:
    first, second = (date.fromisoformat(each.date or "") for each in pair)
    return (second - first).days


def _of_column(column: GuardedColumn, pairs: Sequence[_Pair]) -> dict[str, Any]:
    """Return the steps of a column up to `_LONG` days, of the dataset that lists all services."""
    near = [pair for pair in pairs if _days(pair) <= _LONG and pair[1].complete]
    steps = [(pair, list(_steps(column, pair))) for pair in near]
    every = [(step, pair) for pair, found in steps for step in found]
    changed = [(step, pair) for step, pair in every if step.names]
    shares = sorted(len(step.names) / step.compared for step, _ in changed)
    totals = {_name(pair): sum(len(step.names) for step in found) for pair, found in steps}
    by_number = sorted(changed, key=lambda each: -len(each[0].names))
    by_share = sorted(
        (each for each in changed if len(each[0].names) >= column.fewest),
        key=lambda each: -len(each[0].names) / each[0].compared,
    )
    return {
        "pages": len(every),
        "pages_that_changed": len(changed),
        "share_of_those": [round(each, 3) for each in quantiles(shares, n=10)[4::4]]
        if len(shares) > 1
        else [],
        "largest_numbers": [_shown(*each) for each in by_number[:_LARGEST]],
        "largest_shares": [_shown(*each) for each in by_share[:_LARGEST]],
        "largest_totals": dict(sorted(totals.items(), key=lambda each: -each[1])[:_LARGEST]),
    }


def _steps(column: GuardedColumn, pair: _Pair) -> Iterator[Step]:
    """Yield the steps of the services that both have."""
    older = {each.prefix.lower(): each for each in pair[0].pages}
    for page in pair[1].pages:
        before = older.get(page.prefix.lower())
        if before and (step := compare_values(column, [before], [page], _days(pair))):
            yield step


def _shown(step: Step, pair: _Pair) -> dict[str, Any]:
    return {
        "service": step.younger[0].prefix,
        "changed": len(step.names),
        "compared": step.compared,
        "days": step.days,
        "until": pair[1].date,
        "limit": round(step.most, 1),
    }


def _refusals(pair: _Pair) -> Iterator[str]:
    """Yield what the guards of values, growth, shapes and losses refuse between two dates."""
    timeline = timeline_of(pair)
    held = {(each.key, each.source.sha256) for each in pair[0].pages}
    found = [
        *value_trips(timeline, held),
        *growth_trips(timeline, held),
        *shape_trips(timeline, held),
        *page_trips(timeline, held),
    ]
    refused = [trip for trip in found if Allowance().reason(trip) is None]
    yield from (f"{trip.guard}: {trip.text}" for trip in refused)
