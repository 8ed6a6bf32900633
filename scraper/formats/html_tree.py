"""Read HTML into headings, paragraphs and tables, by BeautifulSoup with html.parser.

That builder keeps source lines. The public collections re-indented AWS's pages, which puts white
space at every tag; so text is folded, nothing is put between `{` and its neighbours where a tag
wraps it, and tables are marked as having loose white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

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

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_APART = {"p", "br", "li", "div", "ul", "ol", "td", "th"}
"""Elements whose text is separate from the text beside it."""
_BALANCED = {
    name: (re.compile(rf"<{name}[\s>]", re.IGNORECASE), re.compile(rf"</{name}\s*>", re.IGNORECASE))
    for name in ("table", "tr", "td", "th")
}
"""Elements that AWS always closes; a page that does not was cut off or damaged."""
_DEEPEST = 200
"""Elements inside each other; AWS's pages have about 25."""


class TooDeep(Exception):
    """More elements inside each other than any page has; the argument is the line."""


def read_html(text: str) -> Document:
    """Return the blocks of an HTML page from its title on, in order."""
    start = max(0, text.find("<h1"))
    end = _whole_until(text)
    soup = BeautifulSoup(text[start:end], "html.parser")
    damage = list(_find_damage(text))
    if "<" in text[end:]:
        line = text.count("\n", 0, end) + 1
        damage.append((line, "a tag or comment that is not closed"))
    blocks: list[Block] = []
    reader = _TreeReader(text.count("\n", 0, start))
    try:
        blocks.extend(reader.blocks(soup, 0))
    except TooDeep as error:
        blocks, damage = [], [(error.args[0], f"more than {_DEEPEST} elements inside each other")]
    soup.decompose()
    return Document(tuple(blocks), damage=tuple(damage), neighbours=neighbours(text))


_NEIGHBOUR = {
    name: re.compile(rf'<[a-z]+ [^>]*class="{name}-link"[^>]*href="([^"]*)"')
    for name in ("prev", "next")
}


def neighbours(text: str) -> tuple[str | None, str | None]:
    """Return the addresses of the previous and the next page of the guide."""
    previous, following = (_NEIGHBOUR[name].search(text) for name in ("prev", "next"))
    return previous and previous[1], following and following[1]


def _whole_until(text: str) -> int:
    """Find where the last closed tag or comment of *text* ends.

    For what is not closed html.parser looks again and again: in time that grows with the square of
    the page, more than 15 s for 600 kB of `<?`.
    """
    end = text.rfind(">") + 1
    comment = text.find("<!--", text.rfind("-->") + 1)
    return end if comment < 0 else min(end, comment)


def _find_damage(text: str) -> Iterator[tuple[int | None, str]]:
    """Describe each sign that the page is not whole, with its line where it has one."""
    for name, (opening, closing) in _BALANCED.items():
        opened, closed = len(opening.findall(text)), len(closing.findall(text))
        if opened != closed:
            yield None, f"{opened} <{name}> but {closed} </{name}>"


class _TreeReader:
    """Walk the tree of one page; one instance per page.

    By hand, because `find_all` takes as long as building the tree.
    """

    def __init__(self, lines_before: int) -> None:
        self.lines_before = lines_before

    def line(self, tag: Tag) -> int:
        return (tag.sourceline or 0) + self.lines_before

    def blocks(self, element: Tag, depth: int) -> Iterator[Block]:
        """Yield headings, paragraphs outside of tables, and tables, below *element*."""
        for tag in element.contents:
            if not isinstance(tag, Tag):
                continue
            if depth > _DEEPEST:
                raise TooDeep(self.line(tag))
            if tag.name in HEADINGS:
                anchor = tag.get("id")
                text = _read_cell(tag).text
                yield Heading(
                    HEADINGS[tag.name], text, str(anchor) if anchor else None, self.line(tag)
                )
            elif tag.name == "table":
                yield self.table(tag)
            elif tag.name == "p":
                yield Paragraph(_read_cell(tag), self.line(tag))
                yield from self.blocks(tag, depth + 1)
            else:
                yield from self.blocks(tag, depth + 1)

    def table(self, table: Tag) -> PageTable:
        """Return the table, whose header is its first row if that has `th` cells."""
        header: tuple[str, ...] = ()
        rows: list[Row] = []
        for row in _rows_below(table, 0):
            heads = children(row, "th")
            if heads and not header and not rows:
                header = tuple(_read_cell(cell).text for cell in heads)
            else:
                cells = tuple(_read_cell(cell) for cell in children(row, "td", "th"))
                rows.append(Row(cells, self.line(row), ordinal=row.sourcepos or 0))
        return PageTable(header, tuple(rows), self.line(table), loose_space=True)


def _rows_below(element: Tag, depth: int) -> Iterator[Tag]:
    """Yield the rows of a table, also of one inside it, in order."""
    if depth > _DEEPEST:
        raise TooDeep(element.sourceline or 0)
    for tag in element.contents:
        if isinstance(tag, Tag):
            if tag.name == "tr":
                yield tag
            yield from _rows_below(tag, depth + 1)


def children(element: Tag, *names: str) -> list[Tag]:
    return [tag for tag in element.contents if isinstance(tag, Tag) and tag.name in names]


def _read_cell(tag: Tag) -> Cell:
    """Return the text of an element, with a piece for each link and each paragraph."""
    reader = _CellReader()
    reader.read(tag, 0)
    reader.end_piece()
    return make_cell(reader.pieces)


class _CellReader:
    """Collect the pieces of one element."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.texts: list[str] = []
        self.url: str | None = None
        self.glue = False

    def read(self, element: Tag, depth: int) -> None:
        if depth > _DEEPEST:
            raise TooDeep(element.sourceline or 0)
        for child in element.contents:
            if isinstance(child, Tag):
                self._read_tag(child, depth + 1)
            elif _is_text(child):
                self.add(str(child))

    def _read_tag(self, tag: Tag, depth: int) -> None:
        if tag.name == "a" and tag.get("href") is not None:
            self.end_piece()
            self.url = fold(str(tag["href"]))
            self.read(tag, depth)
            self.end_piece()
        elif tag.name in _APART:
            self.end_piece()
            self.pieces.append(Piece(" "))
            self.read(tag, depth)
            self.end_piece()
            self.pieces.append(Piece(" "))
        elif tag.name == "span" and _is_brace(tag):
            self.texts = ["".join(self.texts).rstrip(), "{"]
            self.glue = True
        elif tag.name not in ("script", "style"):
            self.read(tag, depth)

    def add(self, text: str) -> None:
        self.texts.append(text.lstrip() if self.glue else text)
        self.glue = False

    def end_piece(self) -> None:
        if self.texts or self.url is not None:
            self.pieces.append(Piece("".join(self.texts), self.url))
        self.texts, self.url, self.glue = [], None, False


def _is_brace(tag: Tag) -> bool:
    """Return True if the element holds nothing but a brace, as AWS wraps those of `${…}`."""
    return len(tag.contents) == 1 and str(tag.contents[0]).strip() == "{"


def _is_text(element: PageElement) -> bool:
    """Return True for text that a reader sees, not a comment or a declaration."""
    return isinstance(element, NavigableString) and not isinstance(element, PreformattedString)
