"""The pipe from end to end: folders of source pages -> parsed pages -> `catalog.db`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scraper.accepted import Acceptance, read_accepted, reason_for
from scraper.errors import BuildRefused
from scraper.normalise import DatedPage, Tables, normalise
from scraper.pages import ServicePage
from scraper.parse import parse_bytes
from scraper.problems import Problem
from scraper.sources import ACCEPTED, Source, read_folder
from scraper.store import store_catalog


@dataclass(frozen=True, slots=True)
class Reading:
    """A folder, read and parsed: what a build stores and a check reports."""

    pages: tuple[tuple[Source, ServicePage], ...]
    accepted: tuple[Acceptance, ...]

    def problems(self) -> list[tuple[Problem, str | None]]:
        """Each problem with the reason why it may stand; None where nobody accepted it."""
        return [
            (problem, reason_for(problem, list(self.accepted)))
            for _, page in self.pages
            for problem in page.problems
        ]

    def refused(self) -> list[Problem]:
        """The problems that stop a build, in the order of the pages."""
        return [problem for problem, reason in self.problems() if reason is None]


def read_pages(folder: Path) -> Reading:
    """Read and parse every service authorization page of *folder*; writes nothing."""
    sources = [source for source in read_folder(folder) if source.is_page]
    pages = tuple((source, parse_bytes(source.file, source.content)) for source in sources)
    return Reading(pages, tuple(read_accepted(folder / ACCEPTED)))


def build_catalog(reading: Reading, output: Path) -> Tables:
    """Store what was read; raises `BuildRefused` while any problem is not accepted."""
    if refused := reading.refused():
        raise BuildRefused(
            f"{count(len(refused), 'problem')} that nobody accepted: {str(output)!r} was not "
            "touched. Mend the page or the parser, or accept the problem with its reason in "
            "accepted.json."
        )
    if not reading.pages:
        raise BuildRefused(
            f"No service authorization page was found: {str(output)!r} was not touched."
        )
    tables = normalise(dated_pages(reading))
    store_catalog(tables, output)
    return tables


def dated_pages(reading: Reading) -> Iterable[DatedPage]:
    """The pages that have something to say, with their accepted problems."""
    for source, page in reading.pages:
        if page.service_prefix:
            reasons = [(each, reason_for(each, list(reading.accepted))) for each in page.problems]
            accepted = tuple((problem, reason) for problem, reason in reasons if reason)
            yield DatedPage(page, source, accepted)


def count(number: int, noun: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
