"""Text with markup -> blocks: code, or running text, each with the headings above it.

Read line by line with the few signs that say where code is and what stands above it (CommonMark
fences and headings; the front matter, tabs and notes that sites put into their pages). What a
block holds keeps its line breaks, so that lines can be counted in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FENCE = re.compile(r"(?:[-+*]\s+|[0-9]+[.)]\s+)?(?P<sign>`{3,}|~{3,})(?P<info>[^`]*)$")
ATX = re.compile(r"(?P<sign>#{1,6}|={2,6})\s+(?P<text>\S.*)")
UNDERLINE = re.compile(r"(?P<sign>[=\-~^\"])(?P=sign){2,}\s*$")
BREAK = re.compile(r"(?:-{3,}|\*{3,}|_{3,})\s*$")
TAB = re.compile(
    r"(?P<sign>#{1,6}\s+)?\[\s(?P<brackets>[^\]]+)\s\]\s*$"  # AWS: "#### [ Name ]"
    r"|={3}[!+]?\s+\"(?P<quoted>[^\"]+)\"\s*$"  # Material for MkDocs: '=== "Name"'
    r"|<TabItem\b[^>]*\blabel=\"(?P<label>[^\"]+)\""  # Docusaurus
)
QUOTE = re.compile(r"(?:\s{0,3}>\s?)*")
FRONT_MATTER = {"---", "+++"}
FRONT_TITLE = re.compile(r"title\s*[:=]\s*(?P<text>\S.*)")
UNDERLINE_LEVELS = {"=": 1, "-": 2}
TAB_LEVEL = 7


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a block; 0 is the title of the document, 7 the name of a tab."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document between two headings, fences or breaks."""

    line: int
    """1-based line of the file where the text starts."""
    text: str
    is_code: bool
    headings: tuple[Heading, ...]

    @property
    def title(self) -> str | None:
        return " / ".join(heading.text for heading in self.headings) or None

    @property
    def section(self) -> tuple[Heading, ...]:
        """The headings without the tabs: tabs share their footnotes."""
        return tuple(heading for heading in self.headings if heading.level < TAB_LEVEL)


@dataclass(slots=True)
class Outline:
    """The headings that hold at one place."""

    headings: tuple[Heading, ...] = ()

    def enter(self, level: int, text: str) -> None:
        """A first heading of the page takes the place of the title of the document."""
        above = tuple(each for each in self.headings if max(each.level, 1) < level)
        self.headings = (*above, Heading(level, text)) if text else above

    def leave_tabs(self) -> None:
        self.headings = tuple(each for each in self.headings if each.level < TAB_LEVEL)


@dataclass(slots=True)
class Reader:
    """Takes the lines of a document one by one."""

    has_markup: bool
    """Without it, a short line that stands by itself is a heading."""
    outline: Outline = field(default_factory=Outline)
    blocks: list[Block] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    first: int = 1
    fence: str | None = None
    """The sign that closes the code which is being read."""

    def take(self, number: int, line: str, following: str) -> None:
        """Take the line with this number, seeing the one after it."""
        content = QUOTE.sub("", line, count=1) if line.lstrip().startswith(">") else line
        stripped = content.strip()
        if self.fence:
            if stripped.startswith(self.fence) and not stripped.strip(self.fence[0]):
                self.flush(number + 1)
            else:
                self.held.append(content)
        elif match := FENCE.match(stripped):
            self.flush(number + 1)
            self.fence = match["sign"]
        elif not self.take_heading(number, stripped, content, following):
            self.held.append(content)

    def take_heading(self, number: int, stripped: str, line: str, following: str) -> bool:
        """Whether the line is a heading, the name of a tab, or a break, and belongs to no text."""
        if match := TAB.match(stripped):
            text = next(text for name, text in match.groupdict().items() if text and name != "sign")
            self.enter(number, TAB_LEVEL, text)
        elif match := ATX.match(stripped):
            self.enter(number, len(match["sign"]), match["text"].rstrip("#"))
        elif (match := UNDERLINE.match(stripped)) and self.held and self.held[-1].strip():
            level = UNDERLINE_LEVELS.get(match["sign"], 3)
            self.enter(number, level, self.held.pop().strip())
        elif BREAK.match(stripped):
            self.flush(number + 1)
            self.outline.leave_tabs()
        elif not self.has_markup and self.is_plain_heading(line, following):
            self.enter(number, 2 if self.outline.headings else 1, stripped)
        else:
            return False
        return True

    def is_plain_heading(self, line: str, following: str) -> bool:
        """A line of its own that starts like a heading and does not end like a sentence."""
        text = line.rstrip()
        starts = text[:1].isupper() or text[:1].isdigit()
        is_short = 0 < len(text) < 120 and text[-1] not in ".:;,"
        stands_alone = not self.held or not self.held[-1].strip()
        return starts and is_short and stands_alone and (following[:1].isspace() or not following)

    def enter(self, number: int, level: int, text: str) -> None:
        self.flush(number + 1)
        self.outline.enter(level, plain(text))

    def flush(self, following: int) -> None:
        """End the block that is being read; the next one starts on line *following*."""
        if any(line.strip() for line in self.held):
            text = "\n".join(self.held)
            block = Block(self.first, text, self.fence is not None, self.outline.headings)
            self.blocks.append(block)
        self.held = []
        self.first = following
        self.fence = None


def text_blocks(text: str, *, has_markup: bool) -> list[Block]:
    """The blocks of a Markdown or plain text, in its order."""
    lines = text.split("\n")
    reader = Reader(has_markup)
    start = after_front_matter(lines)
    reader.outline.enter(0, front_title(lines[:start]))
    reader.first = start + 1
    for index in range(start, len(lines)):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        reader.take(index + 1, lines[index].rstrip("\r"), following)
    reader.flush(0)
    return reader.blocks


def after_front_matter(lines: list[str]) -> int:
    """The number of lines that are front matter (Hugo, Jekyll): between two equal signs."""
    sign = lines[0].strip().lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    if sign not in FRONT_MATTER:
        return 0
    ends = (index for index, line in enumerate(lines[1:200], 2) if line.strip() == sign)
    return next(ends, 0)


def front_title(lines: list[str]) -> str:
    titles = (FRONT_TITLE.match(line) for line in lines)
    return next((match["text"].strip().strip("'\"") for match in titles if match), "")


INLINE = re.compile(
    r"`+(?P<code>[^`]*)`+"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|!\[(?:\\.|[^\[\]\\]){0,300}\]\([^()\s]{0,1000}\)"
    r"|\[(?P<link>(?:\\.|[^\[\]\\]){0,500})\]\([^()\s]{0,1000}\)"
    r"|</?[A-Za-z][^<>]{0,500}>"
    r"|\*+"
)


def plain(text: str) -> str:
    """The text of a line of Markdown as it is shown.

    >>> plain(r"**Use** `s3:*` \\(see [the guide](x.md)\\)")
    'Use s3:* (see the guide)'
    """
    return " ".join(INLINE.sub(shown, text).split())


def shown(match: re.Match[str]) -> str:
    if match["link"] is not None:
        return plain(match["link"])
    return match["code"] or match["escaped"] or ""
