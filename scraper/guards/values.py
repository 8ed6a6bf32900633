"""Compare the values on each current page with those of the pages before it, not the names alone.

A page whose names are all there may still say something else of each of them: levels swapped, flags
of requirement gone, every ARN format the same. What a value is, and of what, is one table of
columns; a page's column is compared where both pages have a place for it, on the rows that both of
them have.

Two kinds of column differ in what a change costs. A description is words for people; a level, a
required flag, an ARN format or a dependent action decides what a policy means. Of the latter a few
on a page are enough, and each one that passes is named in the report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.levels import CHANGING
from scraper.guards.memory import (
    Held,
    Pages,
    days_between,
    generations,
    groups,
    is_held,
    remembered,
)
from scraper.guards.standing import PAGES, read_held
from scraper.merge.timeline import Timeline
from scraper.page.model import PageAction, ServicePage

FALLS = "levels that fell"
LONGEST = 120
"""Characters of a value that are shown."""
Values = Mapping[str, frozenset[str]]
"""Of each subject, in its own case, everything that a column says of it."""
Read = Callable[[ServicePage], Values]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the tables of a page."""

    what: str
    place: str
    """The section or detail whose state says whether a page has a place for it."""
    read: Read
    fewest: int = 3
    """Fewer changed values are AWS's daily business, whatever their share of a small page."""
    shares: tuple[float, float] | None = None
    """Of the values on a page: more is too much on one day, and after `MONTH` days."""
    rate: float = 0.0
    """Where a few are too many: how many more a page may change for each further day."""
    seen: str = ""
    """How often it happened in real history."""


def _collect(pairs: Iterable[tuple[str, str | None]]) -> Values:
    """Return the values of each subject; None is none, and the subject is there all the same."""
    found: dict[str, set[str]] = defaultdict(set)
    for subject, value in pairs:
        values = found[subject]
        if value:
            values.add(value)
    return {subject: frozenset(values) for subject, values in found.items()}


def _actions(page: ServicePage) -> Iterator[tuple[str, PageAction]]:
    return ((f"{page.service_prefix}:{each.name}", each) for each in page.actions if each.name)


def _levels(page: ServicePage) -> Values:
    return {name: frozenset(each.access_levels) for name, each in _actions(page)}


def _permission_only(page: ServicePage) -> Values:
    return _collect(
        (name, "yes" if each.permission_only else "no") for name, each in _actions(page)
    )


def _descriptions(page: ServicePage) -> Values:
    return _collect((name, _words(each.description)) for name, each in _actions(page))


def _words(text: str | None) -> str:
    """Return letters and digits alone: formats differ in the marks that they escape."""
    return "".join(filter(str.isalnum, text or "")).casefold()


def _links(page: ServicePage) -> Values:
    named = [(each.name, each.url) for each in page.actions]
    named += [(each.name, each.url) for each in page.resource_types]
    named += [(each.key, each.url) for each in page.condition_keys]
    return _collect((name, url) for name, url in named if name and url)


def hosts_of(page: ServicePage) -> Values:
    """Read the hosts that the links of each name lead to."""
    return {
        name: frozenset(filter(None, map(host_of, urls))) for name, urls in _links(page).items()
    }


def host_of(url: str) -> str:
    """Return the host of an address; what is none is only itself."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return url


def _required(page: ServicePage) -> Values:
    return _collect(
        (f"{name} on {row.resource_type}", "required" if row.required else "optional")
        for name, action in _actions(page)
        for row in action.rows
        if row.resource_type and not row.scenario
    )


def _types_of_actions(page: ServicePage) -> Values:
    return _collect(
        (name, row.resource_type)
        for name, action in _actions(page)
        for row in action.rows
        if not row.scenario
    )


def _keys_of_actions(page: ServicePage) -> Values:
    """Read condition keys with those of resource types, which pages since 2026-07 repeat."""
    of_type = _keys_of_types(page)
    pairs: list[tuple[str, str | None]] = []
    for name, action in _actions(page):
        for row in action.rows:
            of_row = of_type.get(f"{page.service_prefix}:{row.resource_type}", frozenset())
            keys = () if row.scenario else (*row.condition_keys, *of_row)
            pairs += [(name, None), *((name, key.lower()) for key in keys)]
    return _collect(pairs)


def _dependents(page: ServicePage) -> Values:
    return _collect(
        (name, each)
        for name, action in _actions(page)
        for row in action.rows
        for each in (None, *row.dependent_actions)
    )


def _arn_formats(page: ServicePage) -> Values:
    return _collect(
        (f"{page.service_prefix}:{each.name}", arn)
        for each in page.resource_types
        if each.name
        for arn in (None, *each.arn_formats)
    )


def _keys_of_types(page: ServicePage) -> Values:
    return _collect(
        (f"{page.service_prefix}:{each.name}", key.lower() if key else None)
        for each in page.resource_types
        if each.name
        for key in (None, *each.condition_keys)
    )


def _types_of_keys(page: ServicePage) -> Values:
    return _collect((each.key, each.type) for each in page.condition_keys if each.key)


def _descriptions_of_keys(page: ServicePage) -> Values:
    return _collect(
        (each.key, _words(each.description)) for each in page.condition_keys if each.key
    )


def _operations(page: ServicePage) -> Values:
    return _collect(
        (f"{page.service_prefix}:{each.name}", needed.action)
        for each in page.operations
        for needed in each.actions
    )


def _spellings(page: ServicePage) -> Values:
    """Read each name as it is written: IAM folds its case, people and programs do not."""
    names = [name for name, _ in _actions(page)]
    names += [f"{page.service_prefix}:{each.name} " for each in page.resource_types if each.name]
    names += [each.key for each in page.condition_keys if each.key]
    return {name.casefold(): frozenset([name]) for name in names}


def _falls(page: ServicePage) -> Values:
    """Read which actions change something, which is the rank of their levels."""
    return {
        name: frozenset(["changes"] if CHANGING.intersection(levels) else [])
        for name, levels in _levels(page).items()
        if levels
    }


MONTH = 30
"""Days after which a share grows no further."""
FEW = 2
"""Changes of what decides what a policy means that pass on a page from one day to the next."""
ALL, ALL_RATE = 5, 1.25
"""The same of all pages together: as many on one day, and so many more for each further day."""

# Measured in November 2026 on 18 transitions of real days: all services in a public dataset that
# copies AWS's pages, 16 days from 2026-03-15 to 2026-10-27, 1 to 32 days apart ("in 2026"); the
# guide in Markdown, 2018-04-26 to 2018-06-08 ("in 2018", 43 days); and the years between older
# copies of the guide, which set nothing. What AWS changed on 2026-07-09 is "the event": it refuses.
COLUMNS = (
    Column(
        FALLS,
        "access_levels",
        _falls,
        rate=1 / 3,
        seen="in 14 of 15 steps of 2026 no action of any service, in the event 2 on one page;"
        " 14 of 36 on one page in 43 days of 2018",
    ),
    Column(
        "required flags",
        "required",
        _required,
        rate=0.5,
        seen="6 of 126 on one page in 10 days of 2026 is the most, else 3; 6 on all pages",
    ),
    Column(
        "ARN formats",
        "resource_types",
        _arn_formats,
        rate=0.5,
        seen="2 on one page in 30 days of 2026 is the most; in the event 10 of 69",
    ),
    Column(
        "dependent actions",
        "dependent_actions",
        _dependents,
        rate=0.5,
        seen="none was taken away or replaced in 6 steps of 2026, until the event; 2 in a year",
    ),
    Column(
        "access levels",
        "access_levels",
        _levels,
        shares=(0.13, 0.75),
        seen="9 of 76 on one page in 19 days of 2026, else 5 or fewer; in the event half of a page;"
        " 8 of 11 in 43 days of 2018",
    ),
    Column(
        "permission-only marks",
        "permission_only",
        _permission_only,
        shares=(0.13, 0.4),
        seen="5 of 29 on one page in 18 days of 2026 is the most",
    ),
    Column(
        "resource types of actions",
        "row_pairing",
        _types_of_actions,
        shares=(0.3, 0.65),
        seen="51 of 117 on one page in 14 days of 2026 is the most; on one day none",
    ),
    Column(
        "condition keys of actions",
        "row_pairing",
        _keys_of_actions,
        shares=(0.4, 0.95),
        seen="55 of 75 on one page in 19 days of 2026, else 16 of 44; on one day none",
    ),
    Column(
        "condition keys of resource types",
        "resource_types",
        _keys_of_types,
        shares=(0.85, 1.0),
        seen="12 of 13 on one page in 19 days of 2026, else 1; on one day none",
    ),
    Column(
        "types of condition keys",
        "key_types",
        _types_of_keys,
        shares=(0.1, 0.55),
        seen="2 on one page in 30 days of 2026 is the most; 5 of 10 in 43 days of 2018",
    ),
    Column(
        "descriptions of actions",
        "descriptions",
        _descriptions,
        shares=(0.6, 1.0),
        fewest=4,
        seen="39 of 79 on one page in 30 days of 2026 is the most; 5 of 16 on one day",
    ),
    Column(
        "descriptions of condition keys",
        "key_descriptions",
        _descriptions_of_keys,
        shares=(0.7, 1.0),
        fewest=4,
        seen="6 of 7 on one page in 18 days of 2026, and all of a page with 3",
    ),
    Column(
        "links",
        "addresses",
        _links,
        shares=(0.7, 1.0),
        fewest=5,
        seen="27 of 27 on one page in 67 days of 2019; AWS moves the pages that it links to",
    ),
    Column(
        "hosts of links",
        "addresses",
        hosts_of,
        shares=(0.1, 0.75),
        seen="33 of 67 on one page in 67 days of 2019, between docs.aws.amazon.com and"
        " aws.amazon.com",
    ),
    Column(
        "actions of operations",
        "operations",
        _operations,
        shares=(0.3, 0.9),
        seen="not measured: pages and JSON have it since 2026-07 only",
    ),
    Column(
        "spellings of names",
        "actions",
        _spellings,
        shares=(0.05, 0.3),
        seen="no name changed its case alone in 2026",
    ),
)

CHANGED = Guard(
    "values-changed",
    "A page says something else of far more of its names than AWS changes in the time.",
    of_service=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)
MEANING = Guard(
    "meaning-changed",
    "Levels fell, or required flags, ARN formats or dependent actions changed: policies mean"
    " something else.",
    of_service=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)
MEANING_OF_ALL = Guard(
    "meaning-of-all",
    "Many pages changed a little of what decides what policies mean, which none does by itself.",
    is_loss=False,
    is_change=True,
    in_history=True,
)


def value_trips(timeline: Timeline, held: Held = ()) -> list[Trip]:
    """Return what current pages say differently than the pages that they come from.

    What passes, but decides what a policy means, is among them, with the reason why it passes.
    """
    trips: list[Trip] = []
    totals: dict[str, tuple[int, int]] = {}
    for prefix in sorted(timeline.slots):
        versions = [slot.version for slot in timeline.slots[prefix]]
        pages = [each for each in versions if not each.is_dataset or each.is_complete]
        for group in groups(pages, timeline):
            if is_held(group, held):
                continue
            for column in COLUMNS:
                step = _worst(column, group, timeline, held)
                if step is None:
                    continue
                trips.append(_trip(step))
                if column.rate:
                    count, days = totals.get(column.what, (0, 1))
                    totals[column.what] = count + len(step.names), max(days, step.days)
    return trips + list(_total_trips(totals))


@dataclass(frozen=True, slots=True)
class Step:
    """The values of a column that changed from older pages to younger ones."""

    column: Column
    older: Pages
    younger: Pages
    days: int
    compared: int
    """Subjects that both have."""
    names: tuple[str, ...]
    """Those that changed, each with what it was and is."""

    @property
    def most(self) -> float:
        """Return how many may change in the time."""
        column, days = self.column, self.days - 1
        if column.shares is None:
            return FEW + column.rate * days
        first, last = column.shares
        share = first + (last - first) * min(1.0, days / (MONTH - 1))
        return max(column.fewest - 1, share * self.compared)

    @property
    def is_too_much(self) -> bool:
        return len(self.names) > self.most


def _worst(column: Column, group: Pages, timeline: Timeline, held: Held) -> Step | None:
    """Return the step that changed too much; else the first one, if what it changed decides."""
    values = read_values(column, group)
    if values is None:
        return None

    def step(older: Pages, younger: Pages) -> Step | None:
        was, now = read_values(column, older), read_values(column, younger)
        days = days_between(older, younger, timeline)
        return None if was is None or now is None else _step(column, older, younger, days, was, now)

    def is_step(older: Pages, younger: Pages) -> bool:
        found = step(older, younger)
        return found is not None and found.is_too_much

    near = list(generations(group, timeline, held))
    # The oldest is the one that was published last; those after it were refused.
    measures = near[-1:] if held else [*near[-1:], *near[:1]]
    measures += remembered(group, timeline, held, is_step)
    steps = [found for older in measures if (found := step(older, group))]
    too_much = next((found for found in steps if found.is_too_much), None)
    passing = next((found for found in steps if found.names), None) if column.rate else None
    return too_much or passing


def read_values(column: Column, pages: Pages) -> Values | None:
    """Return what pages say together; None where one of them has no place for the column."""
    found: dict[str, frozenset[str]] = {}
    for version in pages:
        if version.page.state(column.place) != "parsed":
            return None
        for subject, values in column.read(version.page).items():
            folded = subject.casefold()
            found[folded] = found.get(folded, frozenset()) | values
    return found


def _step(
    column: Column, older: Pages, younger: Pages, days: int, was: Values, now: Values
) -> Step:
    """Compare values: what is added to a list is growth, what was there and is not has changed."""
    both = [subject for subject in was if subject in now]
    changed = tuple(
        f"{subject} ({_shown(was[subject])} -> {_shown(now[subject])})"
        for subject in sorted(both)
        if was[subject] - now[subject]
    )
    return Step(column, older, younger, days, len(both), changed)


def _shown(values: Iterable[str]) -> str:
    text = ", ".join(sorted(values)) or "nothing"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _trip(step: Step) -> Trip:
    page, column = step.younger[0], step.column
    count, keys = len(step.names), ", ".join(each.key for each in step.younger)
    older = ", ".join(each.key for each in step.older)
    limits = f"at most {int(step.most):,} pass" if step.is_too_much else "a few"
    text = (
        f"{page.prefix}: {column.what}: {count:,} of {step.compared:,} on {keys} are not those of"
        f" {older}, {_days(step.days)} before; {limits}"
    )
    return Trip(
        (MEANING if column.rate else CHANGED).name,
        text,
        page.prefix,
        page.key.partition("@")[0],
        column.what,
        step.compared,
        step.compared - count,
        step.names,
        seen=column.seen,
        passes=None if step.is_too_much else f"a few, as in real history: {column.seen}",
    )


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days:,} days"


def _total_trips(totals: Mapping[str, tuple[int, int]]) -> Iterator[Trip]:
    for what, (count, days) in totals.items():
        most = ALL + ALL_RATE * (days - 1)
        if count > most:
            text = (
                f"all services: {what}: {count:,} changed in {_days(days)}; at most"
                f" {int(most):,} pass"
            )
            yield Trip(MEANING_OF_ALL.name, text, None, None, what, count, 0)


def _look(comparison: Comparison) -> list[Trip]:
    held = read_held(comparison.old) if comparison.old else ()
    found = value_trips(comparison.timeline, held)
    told = {trip.service for trip in comparison.trips if trip.what == "access levels"}
    return [trip for trip in found if trip.passes is None or _is_news(trip, comparison, told)]


def _is_news(trip: Trip, comparison: Comparison, told: Collection[str | None]) -> bool:
    """Return True for a small change that a reader does not know from another guard.

    Without a catalog to replace, nobody has to hear what a page changed a little.
    """
    return comparison.old is not None and not (trip.what == FALLS and trip.service in told)


WATCH = Watch(_look, (CHANGED, MEANING, MEANING_OF_ALL), PAGES)
