"""A text with numbered lines, and what was found below the line that it is about."""

from __future__ import annotations

from typing import Any

import pytest

from iam_catalog.site.findings import (
    AROUND,
    LONGEST_LINE,
    MOST_FINDINGS,
    WHOLE,
    listing,
    numbered,
)


def found(line: int | None, text: str = "") -> dict[str, Any]:
    return {"line": line, "text": text, "span": None}


def listed(text: str, findings: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    return listing(text, numbered(findings, 0), options.pop("titles", {}), **options)


def text_of(line: dict[str, Any]) -> str:
    return "".join(text for text, _ in line["parts"])


def numbers(blocks: list[dict[str, Any]]) -> list[tuple[int, list[int]]]:
    return [(block["left_out"], [line["number"] for line in block["lines"]]) for block in blocks]


def test_a_short_text_is_whole_with_its_indents_apart():
    (block,) = listed("{\n\t  a\n\n}", [])

    assert [(line["number"], line["indent"], text_of(line)) for line in block["lines"]] == [
        (1, "", "{"),
        (2, "\t  ", "a"),
        (3, "", ""),
        (4, "", "}"),
    ]


def test_findings_are_numbered_by_line_however_they_come():
    (block,) = listed("a\nb\nc", [found(3, "x"), found(1, "y"), found(3, "z")])

    assert [
        [(each["number"], each["text"]) for each in line["findings"]] for line in block["lines"]
    ] == [[(1, "y")], [], [(2, "x"), (3, "z")]]


@pytest.mark.parametrize("line", [None, 0, 9])
def test_a_finding_of_no_line_of_the_text_stands_at_the_first(line):
    (block,) = listed("a\nb", [found(line)])

    assert [len(each["findings"]) for each in block["lines"]] == [1, 0]


def test_lines_are_counted_as_in_the_document():
    (block,) = listed("a\nb", [found(32)], first_line=31)

    assert [(line["number"], len(line["findings"])) for line in block["lines"]] == [
        (31, 0),
        (32, 1),
    ]


def test_of_a_long_text_only_what_is_around_findings_and_titles_is_shown():
    text = "\n".join("x" for _ in range(WHOLE + 100))

    blocks = listed(text, [found(100), found(104)], titles={300: "Here"})

    assert numbers(blocks) == [
        (100 - AROUND - 1, list(range(100 - AROUND, 104 + AROUND + 1))),
        (300 - AROUND - 1 - 104 - AROUND, list(range(300 - AROUND, 300 + AROUND + 1))),
        (WHOLE + 100 - 300 - AROUND, []),
    ]


def test_a_long_text_without_findings_is_left_out():
    assert numbers(listed("\n" * WHOLE, [])) == [(WHOLE + 1, [])]


def test_a_line_without_end_is_cut():
    (block,) = listed("x" * (LONGEST_LINE + 1_234), [])

    text = text_of(block["lines"][0])
    assert text == "x" * LONGEST_LINE + " … and 1,234 characters more"


def test_no_more_findings_are_shown_than_a_page_takes():
    (block,) = listed("a", [found(1)] * (MOST_FINDINGS + 5))

    assert len(block["lines"][0]["findings"]) == MOST_FINDINGS


def test_a_mark_is_a_part_of_its_line():
    blocks = listed("{\n  abc: d\n}", [{**found(2), "span": (4, 7)}])

    assert [line["parts"] for line in blocks[0]["lines"]] == [
        [("{", False)],
        [("abc", True), (": d", False)],
        [("}", False)],
    ]


def test_marks_that_overlap_are_one_after_the_other():
    marks = [{**found(1), "span": span} for span in ((1, 4), (2, 6), (1, 4))]
    (block,) = listed("abcdefg", marks)

    assert block["lines"][0]["parts"] == [
        ("a", False),
        ("bcd", True),
        ("ef", True),
        ("g", False),
    ]
