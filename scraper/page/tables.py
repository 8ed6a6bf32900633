"""Define what every markup comes down to: headings, paragraphs and tables, with source lines.

No IAM words here: the readers of a markup make these values, and `sections` gives them meaning.
Lines are 1-based lines of the source file. Texts have their markup undone and their white space
folded.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text inside a cell: a link, or the text between two links."""

    text: str
    url: str | None = None
    """The target of the link, exactly as written; None for plain text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its whole text, and the pieces that it is made of, in order."""

    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One source row, with as many cells as the source gives it: never padded, never cut."""

    cells: tuple[Cell, ...]
    line: int
    closed: bool = True
    """The row has its closing mark; an open one was probably cut off."""
    detached: bool = False
    """A blank line separates the row from its table."""
    ordinal: int = 0
    """Tells rows of one line apart, in markups where a line can hold several."""
    continues: bool = False
    """The row goes on with the item of the row above, in markups that say so."""
    item_line: int | None = None
    """The first line of the item that the row is part of, if that is another line."""

    @property
    def key(self) -> tuple[int, int]:
        """Return what tells this row from every other row of its table."""
        return self.line, self.ordinal


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    anchor: str | None
    """The name of the anchor behind the heading's text."""
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    cell: Cell
    line: int

    @property
    def text(self) -> str:
        return self.cell.text


@dataclass(frozen=True, slots=True)
class PageTable:
    header: tuple[str, ...]
    """The texts of the header row; empty where rows were found without a header."""
    rows: tuple[Row, ...]
    line: int
    loose_space: bool = False
    """A collector may have put white space at any tag: it means nothing inside an ARN or a key."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the header in lower case: AWS changed its capitals more than once."""
        return tuple(text.lower() for text in self.header)


Block = Heading | Paragraph | PageTable


@dataclass(frozen=True, slots=True)
class Document:
    """A whole source file as a list of blocks."""

    blocks: tuple[Block, ...]
    front_matter: dict[str, str] = field(default_factory=dict)
    """`key: value` lines that a collector put before the page."""
    damage: tuple[tuple[int | None, str], ...] = ()
    """Lines and descriptions of signs that the source is not whole."""
    neighbours: tuple[str | None, str | None] = (None, None)
    """Where the page says that the previous and the next page of its guide are."""


def fold(text: str) -> str:
    """Return *text* with each run of white space, non-breaking blanks included, as one blank."""
    return " ".join(text.split())


def make_cell(pieces: list[Piece]) -> Cell:
    """Make a cell of *pieces* as the markup gave them; blank ones only separate."""
    whole = fold("".join([piece.text for piece in pieces]))
    if not whole and all(piece.url is None for piece in pieces):
        return EMPTY
    kept = tuple(
        [Piece(text, piece.url) for piece in pieces if (text := fold(piece.text)) or piece.url]
    )
    return Cell(whole, kept)


EMPTY = Cell("", ())
"""A cell that says nothing."""
