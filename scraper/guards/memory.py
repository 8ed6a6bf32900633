"""Find the pages that a current page came from: back to what the replaced catalog holds, and the
last thirty days of a mirror.

Yesterday alone is a poor measure: a page that loses a little every day loses everything, and no
day of it stands out. What was accepted on its way is forgotten: a step that trips a guard by itself
and is in the replaced catalog was looked at then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta

from scraper.merge.statements import PageVersion
from scraper.merge.timeline import Timeline

MEMORY = 30
"""Days. What happened within them counts together, against the threshold of as many days."""

MONTH, LONG = 28, 43
"""Days. Thresholds grow evenly from one day to a month, and from there to six weeks. What AWS
changes in a month is known of 26 months; in six weeks of 2018 it rewrote many of its pages."""

Limits = tuple[float, ...]
"""A threshold on one day, after `MONTH` days, and after `LONG` days if it goes on growing."""


def in_days(limits: Limits, days: int) -> float:
    """Return the threshold between two dates that are so many days apart."""
    first, month, long = (*limits, limits[-1])[:3]
    if days <= MONTH:
        return first + (month - first) * (days - 1) / (MONTH - 1)
    return month + (long - month) * min(1.0, (days - MONTH) / (LONG - MONTH))


Held = Collection[tuple[str, str]]
"""The pages that the replaced catalog holds, by key and sha256."""
Pages = Sequence[PageVersion]


def watched(prefix: str, timeline: Timeline, *, grown: bool = False) -> list[PageVersion]:
    """Return the current pages of a service that are compared with older ones.

    Those of datasets that never remove a service lose nothing, as what they no longer state stays:
    they are among them if *grown*, for what they say more or say differently; but where AWS has
    several pages of the service, of which the next edition may keep another one.
    """
    versions = [slot.version for slot in timeline.slots[prefix]]
    return [
        each
        for each in versions
        if not each.is_dataset or each.is_complete or (grown and not each.page.incomplete)
    ]


def groups(pages: Pages, timeline: Timeline) -> list[list[PageVersion]]:
    """Return the pages by what they succeeded: a page that was split goes on in all its parts.

    A page of the guide and one of the reference may succeed the same page of a dataset, and each
    of them says all of it.
    """
    found: dict[tuple[str, ...], list[PageVersion]] = {}
    for page in pages:
        older = timeline.succeeded.get(page.key, ())
        kind = "reference" if page.is_reference else "guide"
        keys = tuple(each.key for each in older) or (page.key,)
        found.setdefault((kind, *keys), []).append(page)
    return list(found.values())


def is_held(group: Pages, timeline: Timeline, held: Held) -> bool:
    """Return True if the replaced catalog holds all pages of a group."""
    return all(_is_held(each, timeline, held) for each in group)


def _is_held(page: PageVersion, timeline: Timeline, held: Held) -> bool:
    """Return True for a page that the replaced catalog holds.

    Of a page of a dataset, that catalog has the newest edition of its time that says the same.
    """
    sources = timeline.editions.get(page.key) or [page.source]
    return any((page.key, each.sha256) in held for each in sources)


def generations(group: Pages, timeline: Timeline, held: Held) -> Iterator[Pages]:
    """Yield the pages that a group succeeded, then those before them, down to the held ones.

    Where no catalog is replaced, a page of AWS is compared back to the newest dataset before it:
    how datasets came to say what they say is history.
    """
    younger = group
    while True:
        new = [each for each in younger if not _is_held(each, timeline, held)]
        if not held and not are_datasets(group) and are_datasets(younger):
            return
        older = _before(new, timeline)
        if not older:
            return
        younger = older
        yield younger


def are_datasets(pages: Pages) -> bool:
    return all(each.is_dataset for each in pages)


def _before(pages: Pages, timeline: Timeline) -> list[PageVersion]:
    older = {each.key: each for page in pages for each in timeline.succeeded.get(page.key, ())}
    return list(older.values())


def remembered(
    group: Pages, timeline: Timeline, held: Held, is_step: Callable[[Pages, Pages], object]
) -> list[Pages]:
    """Return the generations of the last `MEMORY` days before a group, the newest first.

    *is_step* says whether the way from an older generation to a younger one trips by itself; what
    lies before such a step is forgotten. Of a catalog that is replaced, only pages that it holds
    count: others were refused.
    """
    newest = _day_of(group, timeline)
    if newest is None:
        return []
    line: list[Pages] = []
    seen = {each.key for each in group}
    younger = group
    while older := _before(younger, timeline):
        day = _day_of(older, timeline)
        keys = {each.key for each in older}
        if keys & seen or day is None or newest - day > timedelta(days=MEMORY):
            break
        if not held or is_held(older, timeline, held):
            if line and is_step(older, line[-1]):
                break
            line.append(older)
        seen |= keys
        younger = older
    return line


def days_between(older: Pages, younger: Pages, timeline: Timeline) -> int:
    """Return the days from the last date of the older pages to the first of the younger ones.

    At least 1; 1 also where a date is unknown.
    """
    last, first = _day_of(older, timeline), _day_of(younger, timeline, newest=False)
    return max(1, (first - last).days) if last and first else 1


def _day_of(pages: Pages, timeline: Timeline, *, newest: bool = True) -> date | None:
    """Return the newest day on which all of the pages were seen, or the first one."""
    position = -1 if newest else 0
    days = [timeline.dates[each.key][position] for each in pages]
    known = [date.fromisoformat(day) for day in days if day]
    return max(known, default=None)
