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
"""Days. In 26 monthly steps of all services (2024-10 to 2026-10) three pages lost a tenth of their
actions or more, each of them an event at AWS, so that the measure of a day does for a month."""

Held = Collection[tuple[str, str]]
"""The pages that the replaced catalog holds, by key and sha256."""
Pages = Sequence[PageVersion]


def groups(pages: Pages, timeline: Timeline) -> list[list[PageVersion]]:
    """Return the pages by what they succeeded: a page that was split goes on in all its parts."""
    found: dict[tuple[str, ...], list[PageVersion]] = {}
    for page in pages:
        older = timeline.succeeded.get(page.key, ())
        found.setdefault(tuple(each.key for each in older) or (page.key,), []).append(page)
    return list(found.values())


def is_held(group: Pages, held: Held) -> bool:
    return all((each.key, each.source.sha256) in held for each in group)


def generations(group: Pages, timeline: Timeline, held: Held) -> Iterator[Pages]:
    """Yield the pages that a group succeeded, then those before them, down to the held ones."""
    younger = group
    while True:
        new = [each for each in younger if (each.key, each.source.sha256) not in held]
        older = _before(new, timeline)
        if not older:
            return
        younger = older
        yield younger


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
        if not held or is_held(older, held):
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
