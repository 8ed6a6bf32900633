"""Guards that look at each current page beside the pages whose place it took, before merging.

Merging would hide what they look for: the facts of a table that vanished are carried on from the
page before, and the catalog would stay as it is for ever, without a word. What a format has no
place for is no loss. A loss is compared along the line of pages back to the ones that the replaced
catalog holds, so that a page which was refused once is no measure for the next one; what a later
page made good is history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from scraper.guards.base import Trip, emptied, shrank
from scraper.guards.page_measures import MEASURES, Measure, Names
from scraper.merge.statements import PageVersion
from scraper.merge.timeline import Timeline

Held = Collection[tuple[str, str]]
"""The pages that the replaced catalog holds, by key and sha256."""
Pages = Sequence[PageVersion]


def page_trips(timeline: Timeline, held: Held = ()) -> list[Trip]:
    """Return what the current pages have lost, by service, page and kind.

    Those of a complete dataset are compared with the dataset before it; one that only grows shows
    no loss.
    """
    trips: list[Trip] = []
    for prefix in sorted(timeline.slots):
        versions = [slot.version for slot in timeline.slots[prefix]]
        pages = [each for each in versions if not each.is_dataset or each.is_complete]
        for group in groups(pages, timeline):
            older = list(generations(group, timeline, held))
            if older:
                others = [each for each in pages if each not in group and alike(each, group[0])]
                trips += losses(group, older, others)
    return trips


def groups(pages: Pages, timeline: Timeline) -> list[list[PageVersion]]:
    """The pages by what they succeeded: a page that was split goes on in all its parts."""
    found: dict[tuple[str, ...], list[PageVersion]] = {}
    for page in pages:
        older = timeline.succeeded.get(page.key, ())
        found.setdefault(tuple(each.key for each in older) or (page.key,), []).append(page)
    return list(found.values())


def generations(group: Pages, timeline: Timeline, held: Held) -> Iterator[Pages]:
    """The pages that a group succeeded, and those before them, down to the ones that are held."""
    younger = group
    while True:
        new = [each for each in younger if (each.key, each.source.sha256) not in held]
        older = {
            each.key: each for version in new for each in timeline.succeeded.get(version.key, ())
        }
        if not older:
            return
        younger = list(older.values())
        yield younger


def losses(group: Pages, older: Sequence[Pages], others: Pages) -> Iterator[Trip]:
    """A trip for each kind of which the pages of a group list too little.

    What moved to *others*, the further current pages of the service, is not lost.
    """
    for measure in MEASURES:
        now = measured(measure, group, group[0])
        if now is None:
            continue
        moved = measured(measure, others, group[0]) or {}
        stay = measured(measure.subjects, group, group[0]) if measure.subjects else None
        lines = [(measured(measure, pages, group[0]), pages) for pages in older]
        if found := worst(measure, now, moved, [(of_rows(was, stay), p) for was, p in lines]):
            was, pages = found
            yield trip(group, pages, measure.what, was, left(was, now, moved))


def of_rows(names: Names | None, stay: Names | None) -> Names | None:
    """The names of a column on those rows which are still there; all of a table's own names."""
    if names is None or stay is None:
        return names
    subjects = {subject for subject, _ in stay}
    return {key: shown for key, shown in names.items() if key[0] in subjects}


def worst(
    measure: Measure, now: Names, moved: Names, older: Sequence[tuple[Names | None, Pages]]
) -> tuple[Names, Pages] | None:
    """The pages that listed the most of what was lost on the way to *now*, and never made good."""
    found: list[tuple[Names, Pages]] = []
    younger = now
    for was, pages in older:
        if was is None:
            continue
        fell = too_little(measure, was, left(was, younger, moved))
        if fell and too_little(measure, was, left(was, now, moved)):
            found.append((was, pages))
        younger = was
    return max(found, key=lambda each: len(each[0]), default=None)


def too_little(measure: Measure, was: Names, now: Names) -> bool:
    """Too much is lost; of a table that there was, any rest is better than none."""
    none = measure.subjects is None and emptied(len(was), len(now))
    return none or shrank(len(was), len(now), measure.share)


def left(was: Names, now: Names, moved: Names) -> Names:
    """What there is, with what of *was* has moved to other pages."""
    return {**now, **{key: shown for key, shown in was.items() if key in moved}}


def measured(measure: Measure, versions: Pages, page: PageVersion) -> Names | None:
    """What *versions* list together; None where that can not be compared with *page*."""
    if not measure.across and not all(alike(each, page) for each in versions):
        return None
    every = [measure.listed(each.page) for each in versions]
    known = [names for names in every if names is not None]
    if len(known) < len(every):
        return None
    return {key: shown for names in known for key, shown in names.items()}


def alike(first: PageVersion, second: PageVersion) -> bool:
    """Both are pages of the guide, or of the JSON service reference, or of public datasets.

    One of another kind holds the whole service too, so nothing can have moved to it.
    """
    same = (first.page.format == "json") == (second.page.format == "json")
    return same and first.is_dataset == second.is_dataset


def trip(group: Pages, older: Pages, what: str, was: Names, now: Names) -> Trip:
    page = group[0]
    pages, before = (", ".join(each.key for each in versions) for versions in (group, older))
    return Trip(
        "page-shrank" if now else "page-emptied",
        f"{page.prefix}: {what}: {len(now):,} on {pages}, {len(was):,} on {before}",
        page.prefix,
        page.key.partition("@")[0],
        what,
        len(was),
        len(now),
        tuple(sorted(shown for key, shown in was.items() if key not in now)),
    )
