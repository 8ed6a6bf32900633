"""Collects what is found while one page is parsed: problems, and the fate of each row.

Conservation is counted here: a source row is found once, and then becomes a record or an error.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from scraper.page.model import RowCount
from scraper.page.tables import Row
from scraper.problems import Problem


class Report:
    """The problems and row counts of one page; the only thing that changes while parsing."""

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

        *place* stands in for the line of the row in a source without lines.
        """
        self.problem(None if place else row.line, kind, text, place=place)
        self._in_error[section].add(row.key)

    def row_counts(self) -> dict[str, RowCount]:
        return {
            section: RowCount(found, len(self._recorded[section]), len(self._in_error[section]))
            for section, found in self._found.items()
        }

    def check_conservation(self) -> None:
        """Report a section in which a row is neither a record nor an error, or both.

        That is a defect of this program, not of the page; the build stops all the same.
        """
        for section, count in self.row_counts().items():
            both = self._recorded[section] & self._in_error[section]
            if count.found != count.recorded + count.in_error or both:
                self.problem(None, "unaccounted-row", f"{section}: {count}, {len(both)} in both")
