"""Collect what is found while one page is parsed: problems, and the fate of each row.

Conservation is counted here: a source row is found once, and then becomes a record or an error.
Names that a page defines twice, or uses but does not define, are AWS's own slips: they are reported
as problems of accepted kinds, and nothing is corrected.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from scraper.page.model import RowCount, ServicePage, with_details
from scraper.page.tables import Row
from scraper.problems import Problem


class Report:
    """Collects the problems and row counts of one page; the only thing that changes in parsing."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._found: Counter[str] = Counter()
        self._recorded: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        self._in_error: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)

    def problem(self, line: int | None, kind: str, text: str, *, place: str | None = None) -> None:
        """Note a problem that costs no row; *place* says where in a source without lines."""
        self.problems.append(Problem(self.file, line, kind, text, place))

    def found(self, section: str, rows: int = 1) -> None:
        """Count source rows of a section, before it is known what becomes of them."""
        self._found[section] += rows

    def recorded(self, section: str, row: Row) -> None:
        """Note that a row became a record."""
        self._recorded[section].add(row.key)

    def row_error(
        self, section: str, row: Row, kind: str, text: str, *, place: str | None = None
    ) -> None:
        """Note a problem that makes a row an error instead of a record.

        *place* is given in place of the line of the row in a source without lines.
        """
        self.problem(None if place else row.line, kind, text, place=place)
        self._in_error[section].add(row.key)

    def row_counts(self) -> dict[str, RowCount]:
        return {
            section: RowCount(found, len(self._recorded[section]), len(self._in_error[section]))
            for section, found in self._found.items()
        }

    def finish(self, page: ServicePage, places: Collection[str]) -> ServicePage:
        """Return *page* with its row counts, its problems, and the states of its details.

        *places* names those of `DETAILS` that it has a place for.
        """
        page = with_details(page, places)
        _check_references(page, self)
        self.check_conservation()
        return replace(page, rows=self.row_counts(), problems=tuple(self.problems))

    def check_conservation(self) -> None:
        """Report a section in which a row is neither a record nor an error, or both.

        That is a defect of this program, not of the page; the build stops all the same.
        """
        for section, count in self.row_counts().items():
            both = self._recorded[section] & self._in_error[section]
            if count.found != count.recorded + count.in_error or both:
                self.problem(None, "unaccounted-row", f"{section}: {count}, {len(both)} in both")


def _check_references(page: ServicePage, report: Report) -> None:
    """Report repeated and undefined names of *page*."""
    actions = [(each.name, each.line) for each in page.actions]
    types = [(each.name, each.line) for each in page.resource_types]
    keys = [(each.key, each.line) for each in page.condition_keys]
    _report_repeated("repeated-action", actions, report, str.lower)
    _report_repeated("repeated-resource-type", types, report, str)
    _report_repeated("repeated-condition-key", keys, report, str.lower)
    if page.state("resource_types") != "not in source":
        used = _used_resource_types(page)
        _report_undefined("undefined-resource-type", used, types, report, str)
    if page.state("condition_keys") != "not in source":
        used = _used_condition_keys(page)
        _report_undefined("undefined-condition-key", used, keys, report, str.lower)


Named = Iterable[tuple[str | None, int | None]]
Folding = Callable[[str], str]
"""How names are compared: IAM ignores the case of all but resource types."""


def _report_repeated(kind: str, names: Named, report: Report, folding: Folding) -> None:
    seen: set[str] = set()
    for name, line in names:
        if name and folding(name) in seen:
            report.problem(line, kind, repr(name))
        seen |= {folding(name)} if name else set()


def _report_undefined(
    kind: str, used: Named, defined: Named, report: Report, folding: Folding
) -> None:
    names = [name for name, _ in defined]
    if None in names:
        return  # a row lost its name, so nothing can be said of what is not defined
    known = {folding(name) for name in names if name}
    for name, line in used:
        if name and folding(name) not in known:
            known.add(folding(name))
            report.problem(line, kind, repr(name))


def _used_resource_types(page: ServicePage) -> Iterator[tuple[str | None, int | None]]:
    for action in page.actions:
        for row in action.rows:
            if row.resource_type is not None:
                yield row.resource_type, row.line


def _used_condition_keys(page: ServicePage) -> Iterator[tuple[str | None, int | None]]:
    for action in page.actions:
        for row in action.rows:
            yield from ((key, row.line) for key in row.condition_keys)
    for resource_type in page.resource_types:
        yield from ((key, resource_type.line) for key in resource_type.condition_keys)
