"""The inside of a Markdown paragraph or cell -> pieces of text and links."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

from scraper.page.tables import Piece

ANCHOR = re.compile(r'\s*<a name="([^"]*)"></a>\s*')
# Since 2026-07 values of one cell are parted by a line break, which is raw HTML and so text.
LINE_BREAK = re.compile(r"<br ?/?>")


def inline_pieces(inline: Token) -> Iterator[Piece]:
    """The links of *inline*, and the text runs between them, in order."""
    yield from pieces_of(inline.children or [])


def pieces_of(tokens: list[Token]) -> Iterator[Piece]:
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
            texts.append(LINE_BREAK.sub(" ", token.content))
        else:
            texts.append(token.content)
    yield Piece("".join(texts))
