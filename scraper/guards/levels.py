"""Look for access levels that pages of one day state differently.

A page whose levels are broken reads well: of a format whose flags or words changed their meaning,
every action seems to read. The union of what the pages say would then publish actions that write as
actions that read. Another page of the day still knows better.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.merge.statements import PageVersion, StatedAction
from scraper.merge.timeline import Timeline, unhidden

DISAGREE = Guard(
    "levels-disagree",
    "An action changes something by one page of a day, and reads by another.",
    by_name=True,
    is_loss=False,
    seen="none of 231 actions that two pages of one day share; 3 of 18,720 between the guide and"
    " the reference seven months apart",
)

CHANGING = frozenset({"Write", "Tagging", "Permissions management"})
"""The levels of actions that change something. A page with one of them and a page without any are
the disagreement: of real pages of one day no two have it, neither the 146 actions that two pages of
the guide share (2019-10, 2020-12, 2025-07) nor the 85 that are in Markdown of 2026-08 and in JSON.
Between AWS's HTML of 2025-07 and its JSON of 2026-02, which are seven months apart, 3 of 18,720
actions have it. Differences within the three, or between List and Read, are AWS's daily business:
29 of these, and `sqs:SetQueueAttributes` on every day."""

Pair = tuple[PageVersion, PageVersion]
"""The page by which an action changes something, and the page by which it does not."""


def level_trips(timeline: Timeline) -> list[Trip]:
    """Find the levels that current pages of AWS state differently on one day.

    A page that was seen again unchanged is of the newest of its days.
    """
    trips = []
    for prefix in sorted(timeline.slots):
        stated: dict[str, list[StatedAction]] = defaultdict(list)
        for _, statements in unhidden(timeline.slots[prefix]):
            for name, action in statements.actions.items():
                if action.own_levels and not action.at.page.is_dataset:
                    stated[name].append(action)
        pairs: dict[Pair, list[str]] = defaultdict(list)
        for actions in stated.values():
            for first, second in permutations(actions, 2):
                pages = (first.at.page, second.at.page)
                if _changes(first) and not _changes(second) and _same_day(*pages, timeline):
                    pairs[pages].append(_statement_of(first, second))
        trips += [_trip(pages, names, timeline) for pages, names in pairs.items()]
    return trips


def _changes(action: StatedAction) -> bool:
    """Return True if its page says that the action changes something."""
    return not CHANGING.isdisjoint(action.own_levels)


def _same_day(first: PageVersion, second: PageVersion, timeline: Timeline) -> bool:
    return timeline.dates[first.key][-1] == timeline.dates[second.key][-1]


def _trip(pages: Pair, names: list[str], timeline: Timeline) -> Trip:
    """Build the trip of two pages; *names* say which actions they disagree on, and how."""
    changing, reading = pages
    day = timeline.dates[reading.key][-1] or "an unknown date"
    actions = "1 action" if len(names) == 1 else f"{len(names):,} actions"
    return Trip(
        DISAGREE.name,
        f"{reading.prefix}: {actions}: only List or Read on {reading.key}, and more on"
        f" {changing.key}; both are as of {day}",
        reading.prefix,
        _name_of(reading),
        "access levels",
        names=tuple(sorted(names)),
    )


def _statement_of(changing: StatedAction, reading: StatedAction) -> str:
    """Write an action with what both pages say of it: the dates of the pages do not matter."""
    said = [
        f"{', '.join(each.own_levels)} on {_name_of(each.at.page)}" for each in (changing, reading)
    ]
    return f"{changing.at.page.prefix}:{changing.name} ({'; '.join(said)})"


def _name_of(page: PageVersion) -> str:
    """Return the page's name without its date."""
    return page.key.partition("@")[0]


def _look(comparison: Comparison) -> list[Trip]:
    return level_trips(comparison.timeline)


WATCH = Watch(_look, (DISAGREE,))
