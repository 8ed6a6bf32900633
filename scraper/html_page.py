"""HTML text -> headings, paragraphs and tables, by BeautifulSoup with html.parser.

That builder keeps source lines. The public collections re-indented AWS's pages, which puts white
space at every tag; so text is folded, nothing stands between `{` and its neighbours where a tag
wraps it, and tables are marked as having loose white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from scraper.tables import (
    Block,
    Cell,
    Document,
    Heading,
    Paragraph,
    Piece,
    Row,
    Table,
    fold,
    make_cell,
)

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
APART = {"p", "br", "li", "div", "ul", "ol", "td", "th"}
"""Elements whose text stands apart from what is beside it."""
BALANCED = ("table", "tr", "td", "th")
"""Elements that AWS always closes; a page that does not was cut off or damaged."""
DEEPEST = 200
"""Open elements; AWS's pages have about 25. Deeper ones would exhaust the stack."""
NEXT_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^>]*?(/?)>")
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}


def read_html(text: str) -> Document:
    """The blocks of an HTML page from its first heading on, in order."""
    damage = tuple(find_damage(text))
    if any(fatal for _, _, fatal in damage):
        return Document((), damage=tuple((line, text) for line, text, _ in damage))
    soup = BeautifulSoup(text, "html.parser")
    blocks = tuple(read_blocks(soup))
    soup.decompose()
    return Document(blocks, damage=tuple((line, text) for line, text, _ in damage))


def find_damage(text: str) -> Iterator[tuple[int, str, bool]]:
    """Line and description of each sign that the page is not whole, and whether it is hopeless."""
    for name in BALANCED:
        opened = len(re.findall(rf"<{name}[\s>]", text, re.IGNORECASE))
        closed = len(re.findall(rf"</{name}\s*>", text, re.IGNORECASE))
        if opened != closed:
            yield 0, f"{opened} <{name}> but {closed} </{name}>", False
    depth = 0
    for tag in NEXT_TAG.finditer(text):
        end, name, empty = tag.groups()
        if not empty and name.lower() not in VOID:
            depth = max(0, depth + (-1 if end else 1))
        if depth > DEEPEST:
            line = text.count("\n", 0, tag.start()) + 1
            yield line, f"more than {DEEPEST} elements inside each other", True
            return


def read_blocks(soup: BeautifulSoup) -> Iterator[Block]:
    """Headings, paragraphs outside of tables, and tables with a header row."""
    started = False
    for tag in soup.find_all([*HEADINGS, "p", "table"]):
        if not isinstance(tag, Tag):
            continue
        line = tag.sourceline or 0
        if tag.name in HEADINGS:
            started = True
            anchor = tag.get("id")
            text = read_cell(tag).text
            yield Heading(HEADINGS[tag.name], text, str(anchor) if anchor else None, line)
        elif started and tag.name == "table":
            yield read_table(tag)
        elif started and tag.find_parent("table") is None:
            yield Paragraph(read_cell(tag), line)


def read_table(table: Tag) -> Table:
    """The table, whose header is its first row if that has `th` cells."""
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    for ordinal, row in enumerate(table.find_all("tr")):
        heads = row.find_all("th", recursive=False)
        if heads and not header and not rows:
            header = tuple(read_cell(cell).text for cell in heads)
        else:
            cells = tuple(read_cell(cell) for cell in row.find_all(["td", "th"], recursive=False))
            rows.append(Row(cells, row.sourceline or 0, ordinal=ordinal))
    return Table(header, tuple(rows), table.sourceline or 0, loose_space=True)


def read_cell(tag: Tag) -> Cell:
    """The text of an element, with a piece for each link and each paragraph."""
    reader = _CellReader()
    reader.read(tag)
    reader.end_piece()
    return make_cell(reader.pieces)


class _CellReader:
    """Collects the pieces of one element."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.texts: list[str] = []
        self.url: str | None = None
        self.glue = False

    def read(self, element: Tag) -> None:
        for child in element.contents:
            if isinstance(child, Tag):
                self.read_tag(child)
            elif is_text(child):
                self.add(str(child))

    def read_tag(self, tag: Tag) -> None:
        if tag.name == "a" and tag.get("href") is not None:
            self.end_piece()
            self.url = fold(str(tag["href"]))
            self.read(tag)
            self.end_piece()
        elif tag.name in APART:
            self.end_piece()
            self.pieces.append(Piece(" "))
            self.read(tag)
            self.end_piece()
            self.pieces.append(Piece(" "))
        elif tag.name == "span" and tag.get_text().strip() == "{":
            self.texts = ["".join(self.texts).rstrip(), "{"]
            self.glue = True
        elif tag.name not in ("script", "style"):
            self.read(tag)

    def add(self, text: str) -> None:
        self.texts.append(text.lstrip() if self.glue else text)
        self.glue = False

    def end_piece(self) -> None:
        if self.texts or self.url is not None:
            self.pieces.append(Piece("".join(self.texts), self.url))
        self.texts, self.url, self.glue = [], None, False


def is_text(element: PageElement) -> bool:
    """Text that a reader sees: no comment, no declaration."""
    return isinstance(element, NavigableString) and not isinstance(element, PreformattedString)
