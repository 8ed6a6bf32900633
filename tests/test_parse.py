"""Bytes -> pages: what a file must be before its sections are read; `pages/` shows the rest."""

from __future__ import annotations

import re

import pytest
from examples import page_text

from scraper.formats.registry import LARGEST_PAGE, parse_bytes, parse_text
from scraper.problems import Problem

TITLE = "'Actions, Resources, and Condition Keys for …'"


def problems(content: bytes) -> tuple[Problem, ...]:
    return parse_bytes("page.md", content).problems


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"# Title\n\n\xff\n", Problem("page.md", 3, "unreadable", "byte 0xff is not UTF-8")),
        (
            "# Ümlaut".encode("latin-1"),
            Problem("page.md", 1, "unreadable", "byte 0xdc is not UTF-8"),
        ),
        (
            page_text().encode("utf-16"),
            Problem("page.md", 1, "unreadable", "byte 0xff is not UTF-8"),
        ),
        (
            page_text().encode()[:-1] + b"\xc3",
            Problem("page.md", 17, "unreadable", "byte 0xc3 is not UTF-8"),
        ),
        (
            b'{"name": "orders"}',
            Problem(
                "page.md",
                1,
                "not-a-page",
                "JSON of another kind; expected an object with 'Name' and 'Actions'",
            ),
        ),
        (
            b"Some text",
            Problem("page.md", 1, "not-a-page", f"no title; expected one such as {TITLE}"),
        ),
    ],
)
def test_what_is_no_page_says_what_it_looks_like(content: bytes, problem: Problem) -> None:
    page = parse_bytes("page.md", content)

    assert (page.format, page.title, page.problems) == (None, None, (problem,))


def test_file_larger_than_any_page_is_not_read() -> None:
    text = f"{LARGEST_PAGE + 1:,} bytes; no page is larger than {LARGEST_PAGE:,}"

    assert problems(b" " * (LARGEST_PAGE + 1)) == (Problem("page.md", None, "unreadable", text),)


def test_byte_order_mark_changes_nothing() -> None:
    content = page_text().encode()

    assert parse_bytes("page.md", b"\xef\xbb\xbf" + content) == parse_bytes("page.md", content)


def test_unreadable_byte_is_quoted_also_behind_a_byte_order_mark() -> None:
    assert problems(b"\xef\xbb\xbfabc\n\xff") == (
        Problem("page.md", 2, "unreadable", "byte 0xff is not UTF-8"),
    )


def test_line_ends_of_other_systems_change_nothing() -> None:
    text = page_text()

    dos = text.replace("\n", "\r\n").encode()

    assert parse_bytes("page.md", dos) == parse_text("page.md", text)


def test_table_without_rows_stops_the_build() -> None:
    text = page_text(condition_keys=["|   orders:Channel  | Filters by channel\\. | String | "])
    page = parse_text("page.md", text[: text.index("|   orders:Channel")])

    assert [problem.accepted for problem in page.problems] == [False]


def test_second_service_prefix_stops_the_build() -> None:
    text = page_text().replace(
        "## Actions", "Boxes \\(service prefix: `boxes`\\) provides the following\n\n## Actions"
    )

    assert [problem.accepted for problem in parse_text("page.md", text).problems] == [False]


@pytest.mark.parametrize("cells", [r"[ order\* ](#a b) |  |", "|   [ a:Key ](#a b)   |"])
def test_broken_link_in_a_later_cell_is_no_name(cells: str) -> None:
    page = parse_text("page.md", page_text(actions=[rf"| GetOrder | Reads\. | Read | {cells}  | "]))
    rows = [row for action in page.actions for row in action.rows]
    names = [name for row in rows for name in (row.resource_type or "", *row.condition_keys)]

    assert [name for name in names if re.search(r"[\[\]()]", name)] == []


def test_message_on_a_nameless_row_does_not_invent_a_name() -> None:
    page = parse_text("page.md", page_text(actions=["|  | Reads\\. |  |  |  |  | "]))

    assert [problem.text for problem in page.problems if "None" in problem.text] == []
