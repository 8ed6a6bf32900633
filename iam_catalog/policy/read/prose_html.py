"""HTML -> the same blocks as Markdown: preformatted code, running text, headings above them.

Only tags that say where code is and what stands above it are looked at; the others are taken
out. Line breaks stay, also those inside tags, so that lines can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from iam_catalog.policy.read.prose_blocks import TAB_LEVEL, Block, Outline

TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>[^<>]*)>")
SOURCE = re.compile(r"""\bsrc\s*=\s*["']?(?P<address>[^"'\s>]*)""")
COMMENT = "<!--"
END_OF_COMMENT = "-->"
UNREAD = ("script", "style")
LEVELS = {"title": 0, "dt": TAB_LEVEL, **{f"h{level}": level for level in range(1, 7)}}
PARAGRAPHS = {"p", "li", "div", "dd"}
PARAGRAPH_END = "\N{PARAGRAPH SEPARATOR}"
BOLD = {"b", "strong"}


@dataclass(slots=True)
class Reader:
    """Takes the pieces of a page one by one."""

    outline: Outline = field(default_factory=Outline)
    blocks: list[Block] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    line: int = 1
    first: int = 1
    in_code: bool = False

    def take_text(self, text: str) -> None:
        self.held.append(text)
        self.line += text.count("\n")

    def take_tag(self, match: re.Match[str]) -> None:
        name, closes = match["name"].lower(), bool(match["close"])
        if name == "pre":
            self.flush()
            self.in_code = not closes
        elif name in LEVELS:
            self.take_heading(LEVELS[name], closes)
        elif name in ("dl", "dd") and closes:
            self.flush()
            self.outline.leave_tabs()
        self.take_text(sign_of(name, closes, match["attributes"]) + "\n" * match[0].count("\n"))

    def take_heading(self, level: int, closes: bool) -> None:
        """The text between the two tags is a heading, and no text of the page."""
        if closes:
            text = " ".join(unescape("".join(self.held)).replace("**", "").split())
            self.held = []
            self.outline.enter(level, text)
            self.first = self.line
        else:
            self.flush()

    def flush(self) -> None:
        text = unescape("".join(self.held))
        if text.strip(f" \n\t{PARAGRAPH_END}"):
            self.blocks.append(Block(self.first, text, self.in_code, self.outline.headings))
        self.held = []
        self.first = self.line


def sign_of(name: str, closes: bool, attributes: str) -> str:
    """What stands for a tag in the text: most stand for nothing."""
    if name == "img" and (source := SOURCE.search(attributes)):
        return f"![]({source['address']})"
    if name in BOLD:
        return "**"
    if name == "br":
        return " "
    return PARAGRAPH_END if name in PARAGRAPHS and closes else ""


def html_blocks(text: str) -> list[Block]:
    """The blocks of an HTML page, in its order."""
    reader = Reader()
    for piece in pieces(text):
        if isinstance(piece, str):
            reader.take_text(piece)
        else:
            reader.take_tag(piece)
    reader.flush()
    return reader.blocks


def pieces(text: str) -> Iterator[str | re.Match[str]]:
    """Texts and tags in turn; of comments, scripts and styles only the line breaks."""
    position = 0
    while position < len(text):
        start = text.find("<", position)
        if start < 0:
            yield text[position:]
            return
        yield text[position:start]
        if text.startswith(COMMENT, start):
            position = end_of(text, END_OF_COMMENT, start)
            yield "\n" * text.count("\n", start, position)
        elif match := TAG.match(text, start):
            yield match
            position = match.end()
            if match["name"].lower() in UNREAD and not match["close"]:
                position = end_of(text, f"</{match['name']}", position)
                yield "\n" * text.count("\n", match.end(), position)
        else:
            yield "<"
            position = start + 1


def end_of(text: str, sign: str, start: int) -> int:
    """Behind the next *sign*; the end of the text where there is none."""
    found = text.find(sign, start)
    return found + len(sign) if found >= 0 else len(text)
