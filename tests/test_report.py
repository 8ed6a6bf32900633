"""Conservation: each source row becomes a record or an error, never both, never neither."""

from __future__ import annotations

from scraper.page.model import RowCount
from scraper.page.report import Report
from scraper.page.tables import Row
from scraper.problems import Problem

FIRST, SECOND = Row((), 7), Row((), 8)


def test_rows_are_counted_by_section() -> None:
    report = Report("page.md")
    report.found("actions", 2)
    report.found("condition_keys")
    report.recorded("actions", FIRST)
    report.row_error("actions", SECOND, "no-name", "''")
    report.recorded("condition_keys", FIRST)
    report.check_conservation()

    assert report.row_counts() == {"actions": RowCount(2, 1, 1), "condition_keys": RowCount(1, 1)}
    assert report.problems == [Problem("page.md", 8, "no-name", "''")]


def test_row_with_two_errors_is_one_row_in_error() -> None:
    report = Report("page.md")
    report.found("actions")
    report.row_error("actions", FIRST, "no-name", "''")
    report.row_error("actions", FIRST, "unclosed-row", "0 cells: ''")
    report.check_conservation()

    assert report.row_counts() == {"actions": RowCount(1, 0, 1)}
    assert [problem.kind for problem in report.problems] == ["no-name", "unclosed-row"]


def test_rows_of_one_line_are_told_apart() -> None:
    report = Report("page.md")
    report.found("actions", 2)
    report.recorded("actions", Row((), 7, ordinal=0))
    report.recorded("actions", Row((), 7, ordinal=1))
    report.check_conservation()

    assert (report.row_counts(), report.problems) == ({"actions": RowCount(2, 2)}, [])


def test_row_that_is_neither_record_nor_error_is_our_defect() -> None:
    report = Report("page.md")
    report.found("actions", 2)
    report.recorded("actions", FIRST)
    report.check_conservation()

    text = "actions: RowCount(found=2, recorded=1, in_error=0), 0 in both"

    assert report.problems == [Problem("page.md", None, "unaccounted-row", text)]


def test_row_that_is_both_record_and_error_is_our_defect() -> None:
    report = Report("page.md")
    report.found("actions", 2)
    report.recorded("actions", FIRST)
    report.row_error("actions", FIRST, "no-name", "''")
    report.check_conservation()

    text = "actions: RowCount(found=2, recorded=1, in_error=1), 1 in both"

    assert report.problems == [
        Problem("page.md", 7, "no-name", "''"),
        Problem("page.md", None, "unaccounted-row", text),
    ]


def test_problem_without_a_row_costs_no_row() -> None:
    report = Report("page.md")
    report.problem(3, "name-mismatch", "title 'A', introduction 'B'")
    report.check_conservation()

    assert (report.row_counts(), report.problems) == (
        {},
        [Problem("page.md", 3, "name-mismatch", "title 'A', introduction 'B'")],
    )
