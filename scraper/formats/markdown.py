"""Markdown with tables (2018-04 to 2020-11), and with operations and lists (since 2026-07).

markdown-it-py reads it. Raw HTML stays text (`html: false`): condition keys such as
`s3:ExistingObjectTag/<key>` and ARNs such as `arn:${Partition}:dms:<region>:…` would lose their
angle brackets otherwise. Anchors (`<a name="…"></a>`) are then text as well, and are cut off here.

GFM pads and cuts rows to the width of the header without a word, so the cells of a row are
counted in the source line itself.

An item of a list is a row, or a group of rows that share cells: a column that all rows share has a
line of its own, and the other columns of one row share a line:

    - **   [CreateJob](…)  **
      - **Description:** Create a job
      - **Resource types (\\*required):** [pipeline\\*](…) / **Condition keys:**
      - **Resource types (\\*required):** [preset\\*](…) / **Condition keys:**
      - **Access level:** Write
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from scraper.formats.base import Format
from scraper.page.model import ServicePage
from scraper.page.rows import LIST_HEADERS, SDK_CLIENT
from scraper.page.sections import parse_document
from scraper.page.tables import (
    Block,
    Cell,
    Document,
    Heading,
    PageTable,
    Paragraph,
    Piece,
    Row,
    fold,
    make_cell,
)

_ANCHOR = re.compile(r'\s*<a name="([^"]*)"></a>\s*')
# Since 2026-07 values of one cell are parted by a line break, which is raw HTML and so text.
_LINE_BREAK = re.compile(r"<br ?/?>")
SEPARATOR = re.compile(r"\s*/\s*$")
_INTRODUCES_OPERATIONS = re.compile(
    r"\(service prefix: [^)\n]{1,100}\)\s+provides\s+the\s+following"
    r"\s+service\\?-specific\s+operations,"
)
"""The sentence of a page in the format of 2026, as it is written in the source."""
Fields = list[tuple[str, Cell]]


class PageMarkdown(MarkdownIt):
    """CommonMark with tables; links keep their target exactly as written, and `<a:b>` is text."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable("table").disable("autolink")

    def normalizeLink(self, url: str) -> str:  # noqa: N802 (markdown-it's name)
        return url

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 (markdown-it's name)
        return True


def read_markdown(text: str) -> Document:
    """Return the blocks of a Markdown page, in order."""
    front_matter, body = split_front_matter(text.replace("\r\n", "\n").replace("\r", "\n"))
    reader = _TokenReader(body)
    blocks = list(reader.blocks())
    blocks += reader.stray_rows()
    return Document(tuple(sorted(blocks, key=lambda block: block.line)), front_matter)


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the fields between two `---` lines at the top, and the text without these lines."""
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        return {}, text
    end = lines.index("---", 1)
    pairs = [line.partition(":") for line in lines[1:end]]
    if any(_looks_like_row(line) for line in lines[1:end]):
        return {}, text
    fields = {key.strip(): value.strip() for key, colon, value in pairs if colon}
    return fields, "\n".join([""] * (end + 1) + lines[end + 1 :])


class _TokenReader:
    """Walk the tokens of one page; one instance per page."""

    def __init__(self, text: str) -> None:
        self.markdown = PageMarkdown()
        self.lines = text.split("\n")
        self.tokens = self.markdown.parse(text)
        self.row_lines = [
            line for line, source in enumerate(self.lines, start=1) if _looks_like_row(source)
        ]
        self.rows_read: set[int] = set()

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in order; rows that a blank line cut off are put back to their table."""
        table: PageTable | None = None
        for block in _attach_anchors(self._plain_blocks()):
            if isinstance(block, PageTable) and table and not block.header:
                table = PageTable(table.header, table.rows + block.rows, table.line)
            else:
                if table:
                    yield table
                table = block if isinstance(block, PageTable) else None
                if table is None:
                    yield block
        if table:
            yield table

    def stray_rows(self) -> Iterator[PageTable]:
        """Yield each line that looks like a row, but belongs to no table, as a table of its own."""
        for line in self.row_lines:
            if line not in self.rows_read:
                yield PageTable((), (self.row(line, detached=True),), line)

    def _plain_blocks(self) -> Iterator[Block]:
        """Yield the blocks as the tokens give them."""
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.type == "bullet_list_open":
                end = _closing(self.tokens, index)
                yield from _read_list(self.tokens[index : end + 1])
                index = end
            elif block := self.block(token, index):
                yield block
            index += 1

    def block(self, token: Token, index: int) -> Block | None:
        """Return the block that starts at *token*; None for tokens that start none."""
        line = token.map[0] + 1 if token.map else 0
        if token.type == "heading_open":
            return _make_heading(int(token.tag[1]), self.tokens[index + 1], line)
        if token.type == "table_open":
            return self.table(index, line)
        if token.type == "paragraph_open" and token.map:
            start, end = token.map
            if self.lines[start].lstrip().startswith("|"):
                return self._detached_rows(start, end)
            return Paragraph(make_cell(list(_inline_pieces(self.tokens[index + 1]))), line)
        return None

    def table(self, index: int, line: int) -> PageTable:
        header: list[str] = []
        self.rows_read.add(line)
        rows: list[Row] = []
        cells: list[Cell] = []
        row_line = line
        in_header = True
        for token in self.tokens[index + 1 :]:
            if token.type == "tr_open" and token.map:
                cells, row_line = [], token.map[0] + 1
            elif token.type == "inline":
                cells.append(make_cell(list(_inline_pieces(token))))
            elif token.type == "tr_close" and in_header:
                header, in_header = [cell.text for cell in cells], False
            elif token.type == "tr_close":
                rows.append(self._counted_row(cells, row_line))
            elif token.type == "table_close":
                break
        return PageTable(tuple(header), tuple(rows), line)

    def _counted_row(self, cells: list[Cell], line: int) -> Row:
        """Return the row with the number of cells that its source line has."""
        self.rows_read.add(line)
        source = self.lines[line - 1].strip()
        count = len(split_row(source))
        if count > len(cells):
            return self.row(line, detached=False)
        return Row(tuple(cells[:count]), line, is_closed(source))

    def _detached_rows(self, start: int, end: int) -> PageTable:
        """Return the rows of a paragraph of pipes: what a blank line cut off a table."""
        first = bisect_right(self.row_lines, start)
        numbers = self.row_lines[first : bisect_right(self.row_lines, end)]
        self.rows_read.update(numbers)
        return PageTable((), tuple(self.row(line, detached=True) for line in numbers), start + 1)

    def row(self, line: int, *, detached: bool) -> Row:
        """Return the row of a source line that no table token covers, or covers only in part."""
        source = self.lines[line - 1].strip()
        cells = [
            make_cell([piece for token in self.inline(text) for piece in _inline_pieces(token)])
            for text in split_row(source)
        ]
        return Row(tuple(cells), line, is_closed(source), detached)

    def inline(self, text: str) -> list[Token]:
        return self.markdown.parseInline(text.strip())


def _looks_like_row(line: str) -> bool:
    """Return True if the line has a pipe at an end, and is not a delimiter row."""
    bare = line.strip().lstrip(">+-*` \t")
    if not (bare.startswith("|") or bare.endswith("|")):
        return False
    return not (set(bare) <= set("|-: \t") and "-" in bare)


def _attach_anchors(blocks: Iterator[Block]) -> Iterator[Block]:
    """Yield *blocks*, with an anchor on the line below a heading as the heading's own."""
    heading: Heading | None = None
    for block in blocks:
        if heading and isinstance(block, Paragraph) and (anchor := _ANCHOR.fullmatch(block.text)):
            block = replace(heading, anchor=anchor[1])
        elif heading:
            yield heading
        heading = block if isinstance(block, Heading) and block.anchor is None else None
        if heading is None:
            yield block
    if heading:
        yield heading


def _closing(tokens: list[Token], index: int) -> int:
    """Return the index of the token that closes the one at *index*."""
    level = tokens[index].level
    kind = tokens[index].type.replace("_open", "_close")
    for position in range(index + 1, len(tokens)):
        if tokens[position].level == level and tokens[position].type == kind:
            return position
    return len(tokens) - 1


def split_row(source: str) -> list[str]:
    """Return the texts between the pipes of a table line, by the rules of GFM."""
    parts = escapedSplit(source) if "\\|" in source else source.split("|")
    if parts and not parts[0]:
        parts = parts[1:]
    if parts and not parts[-1]:
        parts = parts[:-1]
    return parts


def is_closed(source: str) -> bool:
    return source.startswith("|") and source.endswith("|") and not source.endswith("\\|")


def _make_heading(level: int, inline: Token, line: int) -> Heading:
    text = make_cell(list(_inline_pieces(inline))).text
    anchor = _ANCHOR.search(text)
    return Heading(level, _ANCHOR.sub("", text), anchor and anchor.group(1), line)


@dataclass(slots=True)
class Item:
    """An item of the outer list: its label, and the lines of the list inside."""

    label: Cell
    line: int
    lines: list[tuple[int, Fields]] = field(default_factory=list)


def _read_list(tokens: list[Token]) -> Iterator[Block]:
    """Yield the table of a nested list; an ordinary list gives a paragraph for each item."""
    items = list(_read_items(tokens))
    if not any(item.lines for item in items):
        for item in items:
            yield Paragraph(item.label, item.line)
        return
    columns = max((_item_columns(item) for item in items), key=len)
    rows = [row for item in items for row in _item_rows(item, columns)]
    yield PageTable(("", *columns), tuple(rows), items[0].line)


def _item_columns(item: Item) -> list[str]:
    """Return the columns that an item has fields for, in the order of their first mention."""
    return list(dict.fromkeys(name for _, fields in item.lines for name, _ in fields))


def _read_items(tokens: list[Token]) -> Iterator[Item]:
    """Yield the items of the outer list, with the field lines of the inner one."""
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
                item.label = _read_label(token)
            else:
                item.lines.append((line, _read_fields(token)))
    if item:
        yield item


def _read_label(inline: Token) -> Cell:
    """Return the label of an item without the stars that blanks keep from being bold."""
    pieces = [
        piece if piece.url is not None else Piece(piece.text.replace("**", ""))
        for piece in _inline_pieces(inline)
    ]
    return make_cell(pieces)


def _read_fields(inline: Token) -> Fields:
    """Return the `**Header:** value` fields of a line; text before the first has no header."""
    fields: list[tuple[str, list[Token]]] = [("", [])]
    tokens = inline.children or []
    index = 0
    while index < len(tokens):
        header = _bold_header(tokens, index)
        if header is None:
            fields[-1][1].append(tokens[index])
            index += 1
        else:
            fields.append((header, []))
            index += 3
    return [
        (name, _value_cell(value, is_last=position == len(fields) - 1))
        for position, (name, value) in enumerate(fields)
        if name or fold("".join(token.content for token in value))
    ]


def _bold_header(tokens: list[Token], index: int) -> str | None:
    """Return the header that begins at *index*: bold text that ends in a colon."""
    kinds = [token.type for token in tokens[index : index + 3]]
    if kinds != ["strong_open", "text", "strong_close"]:
        return None
    text = fold(tokens[index + 1].content)
    return text[:-1] if text.endswith(":") and text[:-1].lower() in LIST_HEADERS else None


def _value_cell(tokens: list[Token], *, is_last: bool) -> Cell:
    """Return the value of a field, without the slash that parts it from the next one."""
    pieces = list(_pieces_of(tokens))
    if not is_last:
        pieces[-1] = Piece(SEPARATOR.sub("", pieces[-1].text))
    return make_cell(pieces)


def _item_rows(item: Item, columns: list[str]) -> Iterator[Row]:
    """Yield the rows of one item, as wide as the table; one odd cell where its columns differ.

    Only the SDK client may be left out.
    """
    names = set(_item_columns(item))
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


def _inline_pieces(inline: Token) -> Iterator[Piece]:
    """Yield the links of *inline*, and the text runs between them, in order."""
    yield from _pieces_of(inline.children or [])


def _pieces_of(tokens: list[Token]) -> Iterator[Piece]:
    url: str | None = None
    texts: list[str] = []
    for token in tokens:
        if token.type == "link_open":
            yield Piece("".join(texts))
            url, texts = str(token.attrs["href"]), []
        elif token.type == "link_close":
            yield Piece("".join(texts), url)
            url, texts = None, []
        elif token.type in ("softbreak", "hardbreak"):
            texts.append(" ")
        elif token.type == "text" and "<br" in token.content:
            texts.append(_LINE_BREAK.sub(" ", token.content))
        else:
            texts.append(token.content)
    yield Piece("".join(texts))


def _read(file: str, text: str) -> ServicePage:
    return parse_document(file, read_markdown(text), WITH_TABLES.name)


def _read_2026(file: str, text: str) -> ServicePage:
    return parse_document(file, read_markdown(text), OF_2026.name)


WITH_TABLES = Format("markdown-table", lambda _: True, _read)
OF_2026 = Format(
    "markdown-2026", lambda text: _INTRODUCES_OPERATIONS.search(text) is not None, _read_2026
)
