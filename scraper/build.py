"""The pipe from end to end: folders of source pages -> parsed pages -> `catalog.db`."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scraper.accepted import Acceptance, read_accepted, reason_for
from scraper.errors import BuildRefused, SourceError
from scraper.linked import unlinked_pages
from scraper.normalise import Tables, normalise
from scraper.pages import ServicePage
from scraper.parse_many import parse_sources
from scraper.problems import KINDS, Problem
from scraper.sources import ACCEPTED, Source, SourceCollection, read_collections
from scraper.statements import PageVersion
from scraper.store import store_catalog
from scraper.timeline import Collection


@dataclass(frozen=True, slots=True)
class Reading:
    """Folders, read and parsed: what a build stores and a check reports."""

    collections: tuple[tuple[SourceCollection, tuple[tuple[Source, ServicePage], ...]], ...]
    """Oldest first, each with its service authorization pages."""
    accepted: tuple[Acceptance, ...]

    @property
    def pages(self) -> list[tuple[Source, ServicePage]]:
        return [page for _, pages in self.collections for page in pages]

    def problems(self) -> list[tuple[Problem, str | None]]:
        """Each problem with the reason why it may stand; None where nobody accepted it."""
        found = [problem for _, page in self.pages for problem in page.problems]
        for collection, pages in self.collections:
            files = sorted(unlinked_pages([page for _, page in pages]))
            found += [unlinked_problem(file, collection.date) for file in files]
        return [(problem, reason_for(problem, self.accepted)) for problem in found]

    def refused(self) -> list[Problem]:
        """The problems that stop a build, in the order of the pages."""
        return [problem for problem, reason in self.problems() if reason is None]


def read_pages(
    paths: Sequence[Path],
    *,
    date: str | None = None,
    complete: bool = False,
    accept: Sequence[str] = (),
    cache: Path | None = None,
) -> Reading:
    """Read and parse every service authorization page below *paths*; writes only to *cache*.

    *accept* names kinds of problems that may stand this time. Raises `SourceError`.
    """
    for kind in accept:
        if kind not in KINDS:
            raise SourceError(f"{kind!r} is no kind of problem: use one of {', '.join(KINDS)}.")
    accepted = [Acceptance(kind, None, "accepted for this run") for kind in accept]
    for path in paths:
        accepted += read_accepted(path / ACCEPTED)
    collections = read_collections(paths, date=date, complete=complete)
    sources = [
        [source for source in collection.sources if source.is_page] for collection in collections
    ]
    parsed = iter(parse_sources([source for each in sources for source in each], cache))
    return Reading(
        tuple(
            (collection, tuple((source, next(parsed)) for source in each))
            for collection, each in zip(collections, sources, strict=True)
        ),
        tuple(accepted),
    )


def build_catalog(reading: Reading, output: Path) -> Tables:
    """Store what was read; raises `BuildRefused` while any problem is not accepted."""
    if refused := reading.refused():
        raise BuildRefused(
            f"{count(len(refused), 'problem')} that nobody accepted: {str(output)!r} was not "
            "touched. Mend the page or the parser, or accept the problem with its reason in "
            "accepted.json."
        )
    if not any(page.service_prefix for _, page in reading.pages):
        raise BuildRefused(f"No service authorization page found: {str(output)!r} was not touched.")
    with uncollected():
        tables = normalise(dated_collections(reading))
        store_catalog(tables, output)
    return tables


@contextmanager
def uncollected() -> Iterator[None]:
    """Without garbage collection: it looks for cycles in a million rows that have none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def dated_collections(reading: Reading) -> Iterator[Collection]:
    """The pages that have something to say, each under a key of its own, and the other files."""
    for collection, pages in reading.collections:
        keys: set[str] = set()
        contents: set[tuple[str | None, str]] = set()
        versions = []
        left_out: list[tuple[str, Problem, str]] = []
        unlinked = unlinked_pages([page for _, page in pages])
        for source, page in pages:
            accepted = accepted_problems(page, reading.accepted)
            content = (page.slug, source.sha256)
            if page.file in unlinked:
                problem = unlinked_problem(page.file, collection.date)
                left_out.append((source.path, problem, problem.meaning))
            elif not page.service_prefix:
                left_out += [(source.path, *each) for each in accepted]
            elif content not in contents:
                contents.add(content)
                key = page_key(page, collection.date, keys)
                keys.add(key)
                versions.append(PageVersion(key, page, source, accepted))
        yield Collection(collection.date, collection.complete, tuple(versions), tuple(left_out))


def accepted_problems(
    page: ServicePage, accepted: Sequence[Acceptance]
) -> tuple[tuple[Problem, str], ...]:
    """The problems of a page that may stand, each with the reason."""
    reasons = [(each, reason_for(each, accepted)) for each in page.problems]
    return tuple((problem, reason) for problem, reason in reasons if reason)


def unlinked_problem(file: str, date: str | None) -> Problem:
    text = f"not linked from its neighbours on {date or 'an unknown date'}"
    return Problem(file, 0, "unlinked-page", text)


def page_key(page: ServicePage, date: str | None, taken: set[str]) -> str:
    """`amazonconnect@2019-08-12`; files of one slug and date are told apart by a number."""
    slug = f"{page.slug}.json" if page.format == "json" else page.slug
    key = wanted = f"{slug}@{date or 'undated'}"
    number = 1
    while key in taken:
        number += 1
        key = f"{wanted}~{number}"
    return key


def count(number: int, noun: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
