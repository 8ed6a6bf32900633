"""Look for pages that list other names, or far more of them: a count alone does not show either.

A server that answers with the rows of all services, or a row that is read many times over, makes a
page longer. What moved to a page from another one of the service is no growth.
"""

from __future__ import annotations

from collections.abc import Iterator

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.memory import Held, Pages, days_between, generations, groups, is_held
from scraper.guards.pages import MEASURES, Measure, measured
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

FEWEST_GONE = 5
"""Names that are replaced by others; on pages with fewer AWS has replaced all of them."""
GONE = 0.35, 1.0
"""Of the names on a page: more are too many on one day, and after `MONTH` days. In 15 steps of 2026
AWS replaced 28 of 92 actions of one page in 30 days, else a fifth at most, or all names of a page
with 4 or fewer; in 43 days of 2018 it renamed nearly all actions of some pages."""
SEEN_GONE = "28 of 92 actions of one page in 30 days of 2026 is the most, and pages with 4 or fewer"
FEWEST = 50
"""New entries; fewer are AWS's daily business."""
TIMES = 2.5, 6.0
"""Of what there was: more new entries are too many on one day, and after `MONTH` days. In 15 steps
of 2026, 1 to 32 days long, 96 actions came to a page of 43 in 11 days, which is the most; 83 to one
of 67, and 74 condition keys to one of 57. In 43 days of 2018, 27 keys came to a page of 10."""
MONTH = 30
TABLES = ("actions", "resource types", "condition keys", "dependent actions", "operations")
SEEN = "96 actions came to a page of 43 in 11 days of 2026, which is the most"


def growth_trips(timeline: Timeline, held: Held = ()) -> Iterator[Trip]:
    """Yield a trip for each table of a page that lists far more names, or other ones."""
    for prefix in sorted(timeline.slots):
        versions = [slot.version for slot in timeline.slots[prefix]]
        pages = [each for each in versions if not each.is_dataset or each.is_complete]
        steps: list[tuple[Pages, Pages]] = [
            (group, lines[-1])
            for group in groups(pages, timeline)
            if not is_held(group, held) and (lines := list(generations(group, timeline, held)))
        ]
        before = {each.key: each for _, older in steps for each in older}
        for group, older in steps:
            keys = {each.key for each in older}
            others = [each for key, each in before.items() if key not in keys]
            own = {each.key for each in group}
            rest = [each for each in pages if each.key not in own]
            for measure in MEASURES:
                if measure.what in TABLES:
                    yield from _grown(measure, group, older, (others, rest), timeline)


def _grown(
    measure: Measure,
    group: Pages,
    older: Pages,
    others: tuple[Pages, Pages],
    timeline: Timeline,
) -> Iterator[Trip]:
    """Compare a table; *others* are the further pages of the service, before and now."""
    now, was = (measured(measure, pages, group[0]) for pages in (group, older))
    if not was or not now:
        return
    moved, left = (measured(measure, pages, group[0]) or {} for pages in others)
    new = tuple(sorted(text for key, text in now.items() if key not in was and key not in moved))
    old = tuple(sorted(text for key, text in was.items() if key not in now and key not in left))
    days = days_between(older, group, timeline)
    if len(old) >= FEWEST_GONE and len(old) > _grown_limit(GONE, days) * len(was):
        yield _trip(RENAMED, measure, group, older, (len(was), len(was) - len(old)), old, SEEN_GONE)
    times = _grown_limit(TIMES, days)
    if len(new) >= FEWEST and len(new) > times * len(was):
        yield _trip(GREW, measure, group, older, (len(new), 0), new, SEEN)


def _grown_limit(limits: tuple[float, float], days: int) -> float:
    first, last = limits
    return first + (last - first) * min(1.0, (days - 1) / (MONTH - 1))


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
    what = "new" if guard is GREW else "gone"
    text = f"{page.prefix}: {measure.what}: {len(names):,} {what} on {keys}, after {before}"
    slug = page.key.partition("@")[0]
    return Trip(guard.name, text, page.prefix, slug, measure.what, *numbers, names, seen=seen)


def _look(comparison: Comparison) -> Iterator[Trip]:
    held = read_held(comparison.old) if comparison.old else ()
    return growth_trips(comparison.timeline, held)


WATCH = Watch(_look, (GREW, RENAMED), PAGES)
