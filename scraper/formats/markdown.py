"""Markdown text -> headings, paragraphs and tables, by markdown-it-py.

Raw HTML stays text (`html: false`): condition keys such as `s3:ExistingObjectTag/<key>` and ARNs
such as `arn:${Partition}:dms:<region>:…` would lose their angle brackets otherwise. Anchors
(`<a name="…"></a>`) are then text as well, and are cut off here.

GFM pads and cuts rows to the width of the header without a word, so the cells of a row are
counted in the source line itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from scraper.formats.markdown_inline import ANCHOR, inline_pieces
from scraper.formats.markdown_lists import read_list
from scraper.page.tables import Block, Cell, Document, Heading, Paragraph, Row, Table, make_cell


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
    """The blocks of a Markdown page, in order."""
    front_matter, body = split_front_matter(text.replace("\r\n", "\n").replace("\r", "\n"))
    reader = _Reader(body)
    blocks = list(reader.blocks())
    blocks += reader.stray_rows()
    return Document(tuple(sorted(blocks, key=lambda block: block.line)), front_matter)


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields between two `---` lines at the top, and the text with those lines blanked."""
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        return {}, text
    end = lines.index("---", 1)
    pairs = [line.partition(":") for line in lines[1:end]]
    if any(looks_like_row(line) for line in lines[1:end]):
        return {}, text
    fields = {key.strip(): value.strip() for key, colon, value in pairs if colon}
    return fields, "\n".join([""] * (end + 1) + lines[end + 1 :])


class _Reader:
    """Walks the tokens of one page; one instance per page."""

    def __init__(self, text: str) -> None:
        self.markdown = PageMarkdown()
        self.lines = text.split("\n")
        self.tokens = self.markdown.parse(text)
        self.row_lines = [
            line for line, source in enumerate(self.lines, start=1) if looks_like_row(source)
        ]
        self.rows_read: set[int] = set()

    def blocks(self) -> Iterator[Block]:
        """The blocks in order; rows that a blank line cut off are put back to their table."""
        table: Table | None = None
        for block in attach_anchors(self.plain_blocks()):
            if isinstance(block, Table) and table and not block.header:
                table = Table(table.header, table.rows + block.rows, table.line)
            else:
                if table:
                    yield table
                table = block if isinstance(block, Table) else None
                if table is None:
                    yield block
        if table:
            yield table

    def stray_rows(self) -> Iterator[Table]:
        """Lines that look like rows and that nothing took for one, each as a table of its own."""
        for line in self.row_lines:
            if line not in self.rows_read:
                yield Table((), (self.row(line, detached=True),), line)

    def plain_blocks(self) -> Iterator[Block]:
        """The blocks as the tokens give them."""
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.type == "bullet_list_open":
                end = closing(self.tokens, index)
                yield from read_list(self.tokens[index : end + 1])
                index = end
            elif block := self.block(token, index):
                yield block
            index += 1

    def block(self, token: Token, index: int) -> Block | None:
        """The block that starts at *token*; None for tokens that start none."""
        line = token.map[0] + 1 if token.map else 0
        if token.type == "heading_open":
            return make_heading(int(token.tag[1]), self.tokens[index + 1], line)
        if token.type == "table_open":
            return self.table(index, line)
        if token.type == "paragraph_open" and token.map:
            start, end = token.map
            if self.lines[start].lstrip().startswith("|"):
                return self.detached_rows(start, end)
            return Paragraph(make_cell(list(inline_pieces(self.tokens[index + 1]))), line)
        return None

    def table(self, index: int, line: int) -> Table:
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
                cells.append(make_cell(list(inline_pieces(token))))
            elif token.type == "tr_close" and in_header:
                header, in_header = [cell.text for cell in cells], False
            elif token.type == "tr_close":
                rows.append(self.counted_row(cells, row_line))
            elif token.type == "table_close":
                break
        return Table(tuple(header), tuple(rows), line)

    def counted_row(self, cells: list[Cell], line: int) -> Row:
        """The row with the number of cells that its source line has."""
        self.rows_read.add(line)
        source = self.lines[line - 1].strip()
        count = len(split_row(source))
        if count > len(cells):
            return self.row(line, detached=False)
        return Row(tuple(cells[:count]), line, is_closed(source))

    def detached_rows(self, start: int, end: int) -> Table:
        """The rows of a paragraph of pipes: what a blank line cut off a table."""
        first = bisect_right(self.row_lines, start)
        numbers = self.row_lines[first : bisect_right(self.row_lines, end)]
        self.rows_read.update(numbers)
        return Table((), tuple(self.row(line, detached=True) for line in numbers), start + 1)

    def row(self, line: int, *, detached: bool) -> Row:
        """The row of a source line that no table token covers, or covers only in part."""
        source = self.lines[line - 1].strip()
        cells = [
            make_cell([piece for token in self.inline(text) for piece in inline_pieces(token)])
            for text in split_row(source)
        ]
        return Row(tuple(cells), line, is_closed(source), detached)

    def inline(self, text: str) -> list[Token]:
        return self.markdown.parseInline(text.strip())


def looks_like_row(line: str) -> bool:
    """The line has a pipe at an end, whatever stands before it, and is no delimiter row."""
    bare = line.strip().lstrip(">+-*` \t")
    if not (bare.startswith("|") or bare.endswith("|")):
        return False
    return not (set(bare) <= set("|-: \t") and "-" in bare)


def attach_anchors(blocks: Iterator[Block]) -> Iterator[Block]:
    """*blocks*, with an anchor on the line below a heading as the heading's own."""
    heading: Heading | None = None
    for block in blocks:
        if heading and isinstance(block, Paragraph) and (anchor := ANCHOR.fullmatch(block.text)):
            block = replace(heading, anchor=anchor[1])
        elif heading:
            yield heading
        heading = block if isinstance(block, Heading) and block.anchor is None else None
        if heading is None:
            yield block
    if heading:
        yield heading


def closing(tokens: list[Token], index: int) -> int:
    """The index of the token that closes the one at *index*."""
    level = tokens[index].level
    kind = tokens[index].type.replace("_open", "_close")
    for position in range(index + 1, len(tokens)):
        if tokens[position].level == level and tokens[position].type == kind:
            return position
    return len(tokens) - 1


def split_row(source: str) -> list[str]:
    """The texts between the pipes of a table line, by the rules of GFM."""
    parts = escapedSplit(source) if "\\|" in source else source.split("|")
    if parts and not parts[0]:
        parts = parts[1:]
    if parts and not parts[-1]:
        parts = parts[:-1]
    return parts


def is_closed(source: str) -> bool:
    return source.startswith("|") and source.endswith("|") and not source.endswith("\\|")


def make_heading(level: int, inline: Token, line: int) -> Heading:
    text = make_cell(list(inline_pieces(inline))).text
    anchor = ANCHOR.search(text)
    return Heading(level, ANCHOR.sub("", text), anchor and anchor.group(1), line)
