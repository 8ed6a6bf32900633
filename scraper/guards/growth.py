"""Look for pages that list other names, or far more of them: a count alone does not show either.

A server that answers with the rows of all services, or a row that is read many times over, makes a
page longer. What moved to a page from another one of the service is no growth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.memory import (
    Held,
    Pages,
    days_between,
    generations,
    groups,
    in_days,
    is_held,
    remembered,
    watched,
)
from scraper.guards.pages import ACTIONS, MEASURES, Measure, may_hold, measured
from scraper.guards.standing import PAGES, read_held
from scraper.merge.timeline import Timeline

GREW = Guard(
    "page-grew",
    "A page lists far more than its predecessor.",
    of_service=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)

RENAMED = Guard(
    "names-changed",
    "A page lists other names than its predecessor, though no fewer.",
    of_service=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)

STRANGE = Guard(
    "rows-of-another",
    "Most of the actions that are new on a page are those of another service.",
    of_service=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)

FEWEST_GONE = 5
"""Names that are replaced by others; on pages with fewer AWS has replaced all of them."""
GONE, ACTIONS_GONE = (0.35, 0.75, 1.0), (0.35, 0.45, 1.0)
"""Of the names on a page, and of its actions: more are too many in the time. In 26 monthly steps
AWS replaced 28 of 85 actions of one page, else a fifth at most, and 8 of 11 resource types. In 43
days of 2018 it renamed nearly all actions of some pages."""
SEEN_GONE = (
    "28 of 85 actions of one page in a month is the most of 26 months, and pages with 4 or fewer"
)
FEWEST, FEWEST_RATE = 50, 1
"""New entries, and for each further day as many more; fewer are AWS's business. 62 actions came to
a page of 2 in a month (iq, 2023-07), 122 to one of 3 in 217 days (datazone)."""
TIMES, TIMES_OF_KEYS = (2.5, 6.0), (2.5, 23.0)
"""Of what there was: more new entries are too many in the time. In 15 steps of 2026, 1 to 32 days
long, 96 actions came to a page of 43 in 11 days, which is the most; 83 to one of 67, and 74
condition keys to one of 57. Of 26 monthly steps, one brought 110 keys to a page of 5 (codebuild,
2025-05), another 38 actions to one of 8. In 43 days of 2018, 27 keys came to a page of 10."""
FEWEST_FOREIGN, FOREIGN_RATE, FOREIGN = 10, 0.2, 0.8
"""New actions of a page, as many more for each further day, and the share of them that another
service has by the same names: more are rows of that service. Of 41 steps since 2020, three had as
many: 14 of 15 new ones of s3-outposts are those of s3 (2023-07, a month), and all 10 new ones of
appmesh and of appmesh-preview are those of the other (2020, 180 days)."""
TABLES = ("actions", "resource types", "condition keys", "dependent actions", "operations")
KEYS = ("condition keys", "dependent actions")
SEEN_FOREIGN = "14 of 15 new actions of s3-outposts were those of s3, in five months of 2023"
SEEN = "96 actions came to a page of 43 in 11 days of 2026, which is the most"


def growth_trips(timeline: Timeline, held: Held = ()) -> Iterator[Trip]:
    """Yield a trip for each table of a page that lists far more names, or other ones.

    A page is compared with the one that was published last, and with those of the last 30 days.
    """
    names = _ActionNames(timeline)
    for prefix in sorted(timeline.slots):
        pages = watched(prefix, timeline, grown=True)
        steps: list[tuple[Pages, Pages]] = [
            (group, lines[-1])
            for group in groups(pages, timeline)
            if not is_held(group, timeline, held)
            and (lines := list(generations(group, timeline, held)))
        ]
        before = {each.key: each for _, older in steps for each in older}
        for group, older in steps:
            keys = {each.key for each in older}
            alike = partial(may_hold, page=group[0])
            others = [each for key, each in before.items() if key not in keys and alike(each)]
            own = {each.key for each in group}
            rest = [each for each in pages if each.key not in own and alike(each)]
            for measure in MEASURES:
                if measure.what in TABLES:
                    compare = partial(_grown, measure, (others, rest), names, timeline)
                    yield from _first(compare, group, older, timeline, held)


class _ActionNames:
    """Finds the service, other than its own, that has most of some actions by the same names."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._services: dict[str, set[str]] = {}

    def other_service(self, names: Sequence[str], own: str) -> tuple[str, int]:
        """Return its prefix, and how many of *names* (`orders:PutOrder`) it has."""
        if not self._services:
            for prefix, slots in self._timeline.slots.items():
                for slot in slots:
                    for each in slot.version.page.actions:
                        if each.name:
                            self._services.setdefault(each.name.lower(), set()).add(prefix)
        found = Counter(
            prefix
            for name in names
            for prefix in self._services.get(name.partition(":")[2].lower(), ())
            if prefix != own.lower()
        )
        return found.most_common(1)[0] if found else ("", 0)


_Compare = Callable[[Pages, Pages], list[Trip]]


def _first(
    compare: _Compare, group: Pages, older: Pages, timeline: Timeline, held: Held
) -> list[Trip]:
    """Return what a table has grown since *older* pages, else since the oldest of 30 days."""
    if found := compare(older, group):
        return found
    line = remembered(group, timeline, held, compare)
    return compare(line[-1], group) if line else []


def _grown(
    measure: Measure,
    others: tuple[Pages, Pages],
    names: _ActionNames,
    timeline: Timeline,
    older: Pages,
    group: Pages,
) -> list[Trip]:
    """Compare a table; *others* are the further pages of the service, before and now."""
    step = changed_names(measure, older, group, others)
    if step is None:
        return []
    was, new, old = step
    days = days_between(older, group, timeline)
    found = []
    times = TIMES_OF_KEYS if measure.what in KEYS else TIMES
    limits = ACTIONS_GONE if measure is ACTIONS else GONE
    if len(old) >= FEWEST_GONE and len(old) > in_days(limits, days) * was:
        numbers = was, was - len(old)
        found.append(_trip(RENAMED, measure, group, older, numbers, old, SEEN_GONE))
    if len(new) > max(_few(FEWEST, FEWEST_RATE, days), in_days(times, days) * was):
        found.append(_trip(GREW, measure, group, older, (len(new), 0), new, SEEN))
    if measure is ACTIONS and len(new) > _few(FEWEST_FOREIGN, FOREIGN_RATE, days):
        other, count = names.other_service(new, group[0].prefix)
        if count > FOREIGN * len(new):
            trip = _trip(STRANGE, measure, group, older, (len(new), 0), new, SEEN_FOREIGN)
            text = f"{trip.text}, of which {other} has {count:,} by the same names"
            found.append(replace(trip, text=text))
    return found


def changed_names(
    measure: Measure, older: Pages, younger: Pages, others: tuple[Pages, Pages] = ((), ())
) -> tuple[int, tuple[str, ...], tuple[str, ...]] | None:
    """Return how much older pages list, what is new, and what is gone; None where one lists none.

    What has come from, or gone to, *others* (further pages of the service, before and now) is
    neither.
    """
    now, was = (measured(measure, pages, younger[0]) for pages in (younger, older))
    if not was or not now:
        return None
    moved, left = (measured(measure, pages, younger[0]) or {} for pages in others)
    new = tuple(sorted(text for key, text in now.items() if key not in was and key not in moved))
    old = tuple(sorted(text for key, text in was.items() if key not in now and key not in left))
    return len(was), new, old


def _few(fewest: int, rate: float, days: int) -> float:
    """Return how many new entries are AWS's business in *days*."""
    return fewest - 1 + rate * (days - 1)


def _trip(
    guard: Guard,
    measure: Measure,
    group: Pages,
    older: Pages,
    numbers: tuple[int, int],
    names: tuple[str, ...],
    seen: str,
) -> Trip:
    page = group[0]
    keys, before = (", ".join(each.key for each in pages) for pages in (group, older))
    what = "gone" if guard is RENAMED else "new"
    text = f"{page.prefix}: {measure.what}: {len(names):,} {what} on {keys}, after {before}"
    slug = page.key.partition("@")[0]
    return Trip(guard.name, text, page.prefix, slug, measure.what, *numbers, names, seen=seen)


def _look(comparison: Comparison) -> Iterator[Trip]:
    held = read_held(comparison.old) if comparison.old else ()
    lost = {(trip.page, trip.what) for trip in comparison.trips}
    for trip in growth_trips(comparison.timeline, held):
        # Of a page that lists too little, the names that are gone are known.
        if trip.guard != RENAMED.name or (trip.page, trip.what) not in lost:
            yield trip


WATCH = Watch(_look, (GREW, RENAMED, STRANGE), PAGES)
