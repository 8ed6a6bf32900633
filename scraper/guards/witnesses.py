"""Hear two kinds of source of one day on the same facts: the guide, and the service reference.

They are made of the same data, so that a page which alone says something else is the broken one.
Which it is, older pages and public datasets of the last days tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.memory import MEMORY, Held, Pages, is_held
from scraper.guards.standing import PAGES, read_held
from scraper.guards.values import COLUMNS, Column, Values, read_values
from scraper.merge.statements import PageVersion
from scraper.merge.timeline import Timeline
from scraper.page.model import ServicePage

DISAGREE = Guard(
    "sources-disagree",
    "Two kinds of source of one day say different things of far more names than they usually do.",
    of_service=True,
    is_loss=False,
)


def _named(kind: str) -> Column:
    def read(page: ServicePage) -> Values:
        listed = {
            "actions": [each.name for each in page.actions],
            "resource types": [each.name for each in page.resource_types],
            "condition keys": [each.key for each in page.condition_keys],
        }[kind]
        return {name: frozenset([name.casefold()]) for name in listed if name}

    return Column(kind, kind.replace(" ", "_"), read)


NAMED = tuple(_named(kind) for kind in ("actions", "resource types", "condition keys"))
USUAL = {
    "actions": (10, 0.5),
    "resource types": (8, 0.5),
    "condition keys": (10, 0.5),
    "ARN formats": (3, 0.1),
    "resource types of actions": (5, 0.6),
    "condition keys of resource types": (5, 0.6),
    "types of condition keys": (3, 0.2),
}
"""By column: fewer disagreements than the first, or no more than the second of all names, are
usual. Between AWS's guide of 2025-07-01 and its reference of 2026-02-04, seven months apart, ARN
formats differ for 5 of 1,842 types (3 on one page), types of keys for 4 of 1,993 and resource types
of actions for 69 of 16,987 (34 of 92 on one page). New names may come to one of them days before
the other."""
SEEN = (
    "guide and reference seven months apart disagreed on 5 of 1,842 ARN formats, 4 of 1,993 types"
    " of keys, 69 of 16,987 resource types of actions and the rank of 3 levels"
)


def witness_trips(timeline: Timeline, held: Held = ()) -> Iterator[Trip]:
    """Yield a trip for each column on which the guide and the reference of one day disagree."""
    for prefix in sorted(timeline.slots):
        current = [slot.version for slot in timeline.slots[prefix] if not slot.version.is_dataset]
        guide = [each for each in current if not each.is_reference]
        reference = [each for each in current if each.is_reference]
        if not guide or not reference or is_held(current, held):
            continue
        if _day_of(guide, timeline) != _day_of(reference, timeline):
            continue
        for column in (*NAMED, *COLUMNS):
            if column.what in USUAL and (trip := _compare(column, guide, reference, timeline)):
                yield trip


def _compare(column: Column, guide: Pages, reference: Pages, timeline: Timeline) -> Trip | None:
    """Return the trip of a column on which both disagree too much."""
    first, second = (read_values(column, pages) for pages in (guide, reference))
    if first is None or second is None:
        return None
    named = column in NAMED
    subjects = first.keys() | second.keys() if named else first.keys() & second.keys()
    disputed = sorted(each for each in subjects if first.get(each) != second.get(each))
    if named:
        # One of them may be days ahead with new names, but then it lacks none of the other's.
        disputed = min(
            ([each for each in disputed if each in side] for side in (first, second)), key=len
        )
    fewest, share = USUAL[column.what]
    if len(disputed) < fewest or len(disputed) <= share * len(subjects):
        return None
    alone = _stands_alone(column, disputed, guide, reference, timeline)
    keys = [", ".join(each.key for each in pages) for pages in (guide, reference)]
    page = guide[0]
    text = (
        f"{page.prefix}: {column.what}: {keys[0]} and {keys[1]} disagree on {len(disputed):,} of"
        f" {len(subjects):,}; {alone}"
    )
    names = tuple(
        f"{each} ({_said(first, each)} in the guide; {_said(second, each)} in the reference)"
        for each in disputed
    )
    count = len(subjects)
    slug = page.key.partition("@")[0]
    return Trip(
        DISAGREE.name,
        text,
        page.prefix,
        slug,
        column.what,
        count,
        count - len(disputed),
        names,
        seen=SEEN,
    )


def _said(values: Values, subject: str) -> str:
    return ", ".join(sorted(values.get(subject, ()))) or "nothing"


def _stands_alone(
    column: Column, disputed: list[str], guide: Pages, reference: Pages, timeline: Timeline
) -> str:
    """Say which of both no other source agrees with: an older page, or a recent public dataset."""
    sides = {id(pages): read_values(column, pages) or {} for pages in (guide, reference)}
    agreeing: dict[int, list[str]] = {id(guide): [], id(reference): []}
    for each in _witnesses(guide, reference, timeline):
        said = read_values(column, [each])
        if said is None:
            continue
        counts = {
            side: sum(said.get(name) == values.get(name) for name in disputed)
            for side, values in sides.items()
        }
        if len(set(counts.values())) > 1:
            agreeing[max(counts, key=lambda side: counts[side])].append(each.key)
    for pages, others in ((guide, reference), (reference, guide)):
        if agreeing[id(others)] and not agreeing[id(pages)]:
            keys = ", ".join(each.key for each in pages)
            return f"{keys} stands alone: {', '.join(agreeing[id(others)])} agree with the other"
    return "no other source says which of them stands alone"


def _witnesses(guide: Pages, reference: Pages, timeline: Timeline) -> list[PageVersion]:
    """Return the pages before both, and the datasets of the last days about the service."""
    before = [old for each in (*guide, *reference) for old in timeline.succeeded.get(each.key, ())]
    day = _day_of(guide, timeline)
    earliest = date.fromisoformat(day) - timedelta(days=MEMORY) if day else None
    prefix = guide[0].prefix.lower()
    datasets = [
        each
        for each in timeline.versions.values()
        if each.is_complete
        and each.prefix.lower() == prefix
        and earliest
        and each.date
        and date.fromisoformat(each.date) >= earliest
    ]
    return before + datasets[-1:]


def _day_of(pages: Pages, timeline: Timeline) -> str | None:
    return max((timeline.dates[each.key][-1] or "" for each in pages), default="") or None


def _look(comparison: Comparison) -> Iterator[Trip]:
    held = read_held(comparison.old) if comparison.old else ()
    return witness_trips(comparison.timeline, held)


WATCH = Watch(_look, (DISAGREE,), PAGES)
