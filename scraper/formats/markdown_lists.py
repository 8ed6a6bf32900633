"""Nested Markdown lists -> tables: the other rendering of a table since 2026-07.

An item is a row, or a group of rows that share cells: a column that all rows share has a line of
its own, and the other columns of one row share a line:

    - **   [CreateJob](…)  **
      - **Description:** Create a job
      - **Resource types (\\*required):** [pipeline\\*](…) / **Condition keys:**
      - **Resource types (\\*required):** [preset\\*](…) / **Condition keys:**
      - **Access level:** Write
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it.token import Token

from scraper.formats.markdown_inline import inline_pieces, pieces_of
from scraper.page.columns import LIST_HEADERS, SDK_CLIENT
from scraper.page.tables import Block, Cell, Paragraph, Piece, Row, Table, fold, make_cell

SEPARATOR = re.compile(r"\s*/\s*$")
Fields = list[tuple[str, Cell]]


@dataclass(slots=True)
class Item:
    """An item of the outer list: its label, and the lines of the list inside."""

    label: Cell
    line: int
    lines: list[tuple[int, Fields]] = field(default_factory=list)


def read_list(tokens: list[Token]) -> Iterator[Block]:
    """The table that a nested list stands for; an ordinary list is a paragraph for each item."""
    items = list(read_items(tokens))
    if not any(item.lines for item in items):
        for item in items:
            yield Paragraph(item.label, item.line)
        return
    columns = max((item_columns(item) for item in items), key=len)
    rows = [row for item in items for row in item_rows(item, columns)]
    yield Table(("", *columns), tuple(rows), items[0].line)


def item_columns(item: Item) -> list[str]:
    """The columns that an item has fields for, in the order of their first mention."""
    return list(dict.fromkeys(name for _, fields in item.lines for name, _ in fields))


def read_items(tokens: list[Token]) -> Iterator[Item]:
    """The items of the outer list, with the field lines of the inner one."""
    level = tokens[0].level
    item: Item | None = None
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        if token.type == "list_item_open" and token.level == level + 1:
            if item:
                yield item
            item = Item(Cell("", ()), line)
        elif token.type == "inline" and item:
            is_label = token.level == level + 3 and not item.label.text
            if is_label:
                item.label = read_label(token)
            else:
                item.lines.append((line, read_fields(token)))
    if item:
        yield item


def read_label(inline: Token) -> Cell:
    """The label of an item, without the stars around it (which blanks keep from being bold)."""
    pieces = [
        piece if piece.url is not None else Piece(piece.text.replace("**", ""))
        for piece in inline_pieces(inline)
    ]
    return make_cell(pieces)


def read_fields(inline: Token) -> Fields:
    """The `**Header:** value` fields of a line; text before the first header has no header."""
    fields: list[tuple[str, list[Token]]] = [("", [])]
    tokens = inline.children or []
    index = 0
    while index < len(tokens):
        header = bold_header(tokens, index)
        if header is None:
            fields[-1][1].append(tokens[index])
            index += 1
        else:
            fields.append((header, []))
            index += 3
    return [
        (name, value_cell(value, is_last=position == len(fields) - 1))
        for position, (name, value) in enumerate(fields)
        if name or fold("".join(token.content for token in value))
    ]


def bold_header(tokens: list[Token], index: int) -> str | None:
    """The header that begins at *index*: bold text that ends in a colon."""
    kinds = [token.type for token in tokens[index : index + 3]]
    if kinds != ["strong_open", "text", "strong_close"]:
        return None
    text = fold(tokens[index + 1].content)
    return text[:-1] if text.endswith(":") and text[:-1].lower() in LIST_HEADERS else None


def value_cell(tokens: list[Token], *, is_last: bool) -> Cell:
    """The value of a field, without the slash that parts it from the next one."""
    pieces = list(pieces_of(tokens))
    if not is_last:
        pieces[-1] = Piece(SEPARATOR.sub("", pieces[-1].text))
    return make_cell(pieces)


def item_rows(item: Item, columns: list[str]) -> Iterator[Row]:
    """The rows of one item, as wide as the table; one odd cell where its columns differ.

    Only the SDK client may be left out.
    """
    names = set(item_columns(item))
    if not names <= set(columns) or any(name.lower() != SDK_CLIENT for name in {*columns} - names):
        texts = [item.label.text, *(cell.text for _, each in item.lines for _, cell in each)]
        yield Row((Cell(" | ".join(texts), ()),), item.line)
        return
    seen = Counter(name for _, fields in item.lines for name, _ in fields)
    own = [
        (line, dict(fields))
        for line, fields in item.lines
        if len(fields) > 1 or seen[fields[0][0]] > 1
    ]
    shared = {
        name: cell
        for _, fields in item.lines
        if len(fields) == 1 and seen[fields[0][0]] == 1
        for name, cell in fields
    }
    empty = Cell("", ())
    for number, (line, cells) in enumerate(own or [(item.line, {})]):
        values = {**shared, **cells}
        yield Row(
            (item.label, *(values.get(column, empty) for column in columns)),
            line,
            continues=number > 0,
            item_line=item.line,
        )
