"""Markdown text -> headings, paragraphs and tables."""

from __future__ import annotations

import pytest

from scraper.formats.markdown import read_markdown, split_front_matter, split_row
from scraper.page.tables import Cell, Heading, PageTable, Paragraph, Piece, Row


def cells(*texts: str) -> tuple[Cell, ...]:
    return tuple(Cell(text, (Piece(text),) if text else ()) for text in texts)


def rows_of(text: str) -> list[Row]:
    """The rows of all tables of a text."""
    tables = [block for block in read_markdown(text).blocks if isinstance(block, PageTable)]
    return [row for table in tables for row in table.rows]


def test_blocks_keep_their_order_and_lines() -> None:
    text = "# Title\n\nFirst line\nsecond line\n\n| A | B | \n| --- | --- | \n| 1 | 2 | \n"

    assert read_markdown(text).blocks == (
        Heading(1, "Title", None, 1),
        Paragraph(Cell("First line second line", (Piece("First line second line"),)), 3),
        PageTable(("A", "B"), (Row(cells("1", "2"), 8),), 6),
    )


def test_anchor_is_cut_off_the_heading() -> None:
    text = '## Actions for A<a name="a-actions"></a>'

    assert read_markdown(text).blocks == (Heading(2, "Actions for A", "a-actions", 1),)


def test_escapes_and_entities_are_undone() -> None:
    text = r"a\.b \[c\] \*d\* &amp; &lt;e&gt; <f> $\{g\}"

    assert read_markdown(text).blocks == (
        Paragraph(Cell("a.b [c] *d* & <e> <f> ${g}", (Piece("a.b [c] *d* & <e> <f> ${g}"),)), 1),
    )


def test_link_keeps_its_target_as_written() -> None:
    text = "| A | \n| --- | \n| x [ y ](${Root}/API_Ä.html#a&b)z | "
    pieces = (Piece("x"), Piece("y", "${Root}/API_Ä.html#a&b"), Piece("z"))

    assert read_markdown(text).blocks == (
        PageTable(("A",), (Row((Cell("x y z", pieces),), 3),), 1),
    )


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_of_other_systems_change_nothing(newline: str) -> None:
    text = "# Title\n\nText\n\n| A | B | \n| --- | --- | \n| 1 | 2 | \n\n| 3 | 4 | \n"

    assert read_markdown(text.replace("\n", newline)) == read_markdown(text)


@pytest.mark.parametrize(
    ("source", "width"),
    [
        ("| 1 | ", 1),
        ("| 1 | 2 | ", 2),
        ("| 1 | 2 | 3 | ", 3),
        ("|  |  | ", 2),
        ("| 1 | 2 |  |  | ", 4),
        ("|", 0),
    ],
)
def test_row_has_as_many_cells_as_its_line(source: str, width: int) -> None:
    (table,) = read_markdown(f"| A | B | \n| --- | --- | \n{source}").blocks

    assert isinstance(table, PageTable)
    assert [len(row.cells) for row in table.rows] == [width]


@pytest.mark.parametrize(
    ("source", "closed"),
    [("| 1 | 2 |", True), ("| 1 | 2 | ", True), ("| 1 | 2", False), ("1 | 2 |", False)],
)
def test_row_without_a_pipe_at_both_ends_is_open(source: str, closed: bool) -> None:
    (table,) = read_markdown(f"| A | B | \n| --- | --- | \n{source}").blocks

    assert table == PageTable(("A", "B"), (Row(cells("1", "2"), 3, closed),), 1)


def test_escaped_pipe_does_not_close_a_row() -> None:
    (table,) = read_markdown("| A | B | \n| --- | --- | \n| 1 | 2 \\|").blocks

    assert table == PageTable(("A", "B"), (Row(cells("1", "2 |"), 3, closed=False),), 1)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("| a | b |", [" a ", " b "]),
        ("a | b", ["a ", " b"]),
        (r"| a \| b | c |", [" a | b ", " c "]),
        ("||", [""]),
    ],
)
def test_line_is_split_at_its_unescaped_pipes(source: str, texts: list[str]) -> None:
    assert split_row(source) == texts


def test_rows_behind_a_blank_line_are_detached_rows_of_the_table() -> None:
    text = "| A | B | \n| --- | --- | \n| 1 | 2 | \n\n| 3 | [ 4 ](u) | \n| 5 | \n\n\n| 6 | 7 | \n"

    assert read_markdown(text).blocks == (
        PageTable(
            ("A", "B"),
            (
                Row(cells("1", "2"), 3),
                Row((*cells("3"), Cell("4", (Piece("4", "u"),))), 5, detached=True),
                Row(cells("5"), 6, detached=True),
                Row(cells("6", "7"), 9, detached=True),
            ),
            1,
        ),
    )


def test_rows_behind_a_blank_line_below_the_delimiter_row_are_detached() -> None:
    text = "| A | B | \n| --- | --- | \n\n| 1 | 2 | \n"

    assert read_markdown(text).blocks == (
        PageTable(("A", "B"), (Row(cells("1", "2"), 4, detached=True),), 1),
    )


def test_table_with_its_own_header_is_not_joined() -> None:
    text = "| A | \n| --- | \n| 1 | \n\n| B | \n| --- | \n| 2 | \n"

    assert read_markdown(text).blocks == (
        PageTable(("A",), (Row(cells("1"), 3),), 1),
        PageTable(("B",), (Row(cells("2"), 7),), 5),
    )


def test_rows_behind_a_paragraph_have_no_header() -> None:
    text = "| A | \n| --- | \n| 1 | \n\nText\n\n| 2 | \n"

    assert read_markdown(text).blocks == (
        PageTable(("A",), (Row(cells("1"), 3),), 1),
        Paragraph(cells("Text")[0], 5),
        PageTable((), (Row(cells("2"), 7, detached=True),), 7),
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("```\n| 1 | 2 |\n```\n", 2),
        ("Text:\n\n    | 1 | 2 |\n", 3),
        ("Text:\n\n\t| 1 | 2 |\n", 3),
        ("Text\n| 1 | 2 |\n", 2),
        ("+ item\n| 1 | 2 |\n", 2),
        ("> quote\n| 1 | 2 |\n", 2),
        ("| 1 | 2 |\n---\n", 1),
        ("| 1 | 2 |\n===\n", 1),
        ("[1]: u\n| 1 | 2 |\n", 2),
    ],
)
def test_row_is_never_lost_wherever_it_stands(text: str, line: int) -> None:
    assert rows_of(text) == [Row(cells("1", "2"), line, detached=True)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("> | 1 | 2 |\n", id="in a quotation"),
        pytest.param("+ | 1 | 2 |\n", id="in a list"),
        pytest.param("| A | B | \n| --- | --- | \n\n1 | 2 |\n", id="without its first pipe"),
        pytest.param("| A | B | \n| --- | --- | \n    1 | 2 |\n", id="taken for code"),
        pytest.param("---\n| 1 | 2 |\n---\n\nText\n", id="between two rules at the top"),
    ],
)
def test_line_with_pipes_is_never_lost(text: str) -> None:
    assert len(rows_of(text)) == 1


def test_placeholder_with_a_colon_is_text() -> None:
    text = "orders:Tag/<tag:key>"

    assert read_markdown(text).blocks == (Paragraph(Cell(text, (Piece(text),)), 1),)


def test_front_matter_gives_fields_and_keeps_the_line_numbers() -> None:
    text = "---\ntitle: A: B\nno field\n---\n# Title\n"

    document = read_markdown(text)

    assert (document.front_matter, document.blocks) == (
        {"title": "A: B"},
        (Heading(1, "Title", None, 5),),
    )


@pytest.mark.parametrize("text", ["", "# Title\n---\n", "---\ntitle: A\n", "----\na: b\n---\n"])
def test_text_without_two_rules_has_no_front_matter(text: str) -> None:
    assert split_front_matter(text) == ({}, text)
