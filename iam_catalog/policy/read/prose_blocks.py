"""Text with markup -> blocks: code, or running text, each with the headings above it.

Read line by line with the few signs that say where code is and what stands above it: the fences
and headings of CommonMark, AsciiDoc and reStructuredText, and the front matter, tabs and notes
that sites put into their pages. What a block holds keeps its line breaks, so that lines can be
counted in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

FENCE = re.compile(r"(?:[-+*]\s+|[0-9]+[.)]\s+)?(?P<sign>`{3,}|~{3,})(?P<info>[^`]*)$")
HEADING = re.compile(
    r"(?P<sign>#{1,6}|={1,6})\s+(?P<text>\S.*)"
    r"|<h(?P<level>[1-6])\b[^<>]*>(?P<tagged>.+)</h[1-6]>"
)
UNDERLINE = re.compile(r"(?P<sign>[=\-~^\"])(?P=sign){2,}\s*$")
BREAK = re.compile(r"(?:-{3,}|\*{3,}|_{3,})\s*$")
TAB = re.compile(
    r"(?P<sign>#{1,6}\s+)?\[\s(?P<brackets>[^\]]+)\s\]\s*$"  # AWS: "#### [ Name ]"
    r"|={3}[!+]?\s+\"(?P<quoted>[^\"]+)\"\s*$"  # Material for MkDocs: '=== "Name"'
    r"|<TabItem\b(?:[^>]*?\blabel|[^>]*?\bvalue)=[\"'](?P<item>[^\"']+)[\"']"  # Docusaurus
    r"|\{(?:\{<|\{%|%)\s*tab\s[^}]*?[\"'](?P<code>[^\"']+)[\"']"  # short codes of Hugo and GitBook
)
TAB_END = re.compile(r"</(?:TabItem|Tabs)>|\{(?:\{<|\{%|%)\s*(?:/|end)tabs?\b")
QUOTE = re.compile(r"(?:\s{0,3}>\s?)*")
OBJECT = re.compile(r'\{\s*\\?"')
FRONT_MATTER = {"---", "+++"}
FRONT_TITLE = re.compile(r"title\s*[:=]\s*(?P<text>\S.*)")
TAB_LEVEL = 7


@dataclass(frozen=True, slots=True)
class Markup:
    """The signs of one kind of text, where they differ."""

    fence: re.Pattern[str] = FENCE
    underline: re.Pattern[str] = UNDERLINE
    levels: Mapping[str, int] = field(default_factory=lambda: {"=": 1, "-": 2})
    """Of headings by what underlines them; others get the next one when they are first seen."""
    plain_headings: bool = False
    """A short line that stands by itself is a heading."""


NEVER = re.compile(r"(?!)")
MARKDOWN = Markup()
PLAIN = Markup(plain_headings=True)
ASCIIDOC = Markup(
    fence=re.compile(r"(?P<sign>-{4,}|\.{4,}|`{3,})(?P<info>[^`]*)$"), underline=NEVER
)
RESTRUCTURED_TEXT = Markup(
    fence=NEVER, underline=re.compile(r"(?P<sign>[!-/:-@\[-`{-~])(?P=sign){2,}\s*$"), levels={}
)


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

    markup: Markup
    levels: dict[str, int]
    """Of headings that are underlined, as `Markup` has them."""
    outline: Outline = field(default_factory=Outline)
    blocks: list[Block] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    first: int = 1
    fence: str | None = None
    """The sign that closes the code which is being read."""
    tab_indent: int | None = None
    """Of the line that named a tab, where the tab ends with the indented lines below it."""

    def take(self, number: int, line: str, following: str) -> None:
        """Take the line with this number, seeing the one after it."""
        content = QUOTE.sub("", line, count=1) if line.lstrip().startswith(">") else line
        stripped = content.strip()
        if self.fence:
            if stripped.startswith(self.fence) and not stripped.strip(self.fence[0]):
                self.flush(number + 1)
            else:
                self.held.append(content)
            return
        if stripped and self.tab_indent is not None and indent(content) <= self.tab_indent:
            self.leave_tabs(number)
        if match := self.markup.fence.match(stripped):
            self.flush(number + 1)
            self.fence = match["sign"]
        elif not self.take_heading(number, stripped, content, following):
            self.held.append(content)

    def take_heading(self, number: int, stripped: str, line: str, following: str) -> bool:
        """Whether the line is a heading, the name of a tab, or a break, and belongs to no text."""
        if OBJECT.search(stripped):
            return False
        if match := TAB.match(stripped):
            text = next(text for name, text in match.groupdict().items() if text and name != "sign")
            self.enter(number, TAB_LEVEL, text)
            self.tab_indent = indent(line) if match["quoted"] else None
        elif match := HEADING.match(stripped):
            level = int(match["level"] or len(match["sign"]))
            self.enter(number, level, match["tagged"] or match["text"].rstrip("#"))
        elif (match := self.markup.underline.match(stripped)) and self.may_be_underlined():
            level = self.levels.setdefault(match["sign"], len(self.levels) + 1)
            self.enter(number, level, self.held.pop().strip())
        elif BREAK.match(stripped) or TAB_END.match(stripped):
            self.leave_tabs(number + 1)
        elif self.markup.plain_headings and self.is_plain_heading(line, following):
            self.enter(number, 2 if self.outline.headings else 1, stripped)
        else:
            return False
        return True

    def may_be_underlined(self) -> bool:
        """Whether the line before is text, and not an object, which no heading has."""
        return bool(self.held and self.held[-1].strip() and not OBJECT.search(self.held[-1]))

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

    def leave_tabs(self, following: int) -> None:
        self.flush(following)
        self.outline.leave_tabs()
        self.tab_indent = None

    def flush(self, following: int) -> None:
        """End the block that is being read; the next one starts on line *following*."""
        if any(line.strip() for line in self.held):
            text = "\n".join(self.held)
            block = Block(self.first, text, self.fence is not None, self.outline.headings)
            self.blocks.append(block)
        self.held = []
        self.first = following
        self.fence = None


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def text_blocks(text: str, markup: Markup) -> list[Block]:
    """The blocks of a text, in its order."""
    lines = list(without_entities(text.split("\n")))
    reader = Reader(markup, dict(markup.levels))
    start = after_front_matter(lines)
    reader.outline.enter(0, front_title(lines[:start]))
    reader.first = start + 1
    for index in range(start, len(lines)):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        reader.take(index + 1, lines[index].rstrip("\r"), following)
    reader.flush(0)
    return reader.blocks


def without_entities(lines: Iterable[str]) -> Iterator[str]:
    """The lines; between `<pre>` and `</pre>`, with the signs that `&quot;` and the like mean."""
    inside = False
    for line in lines:
        inside = inside or "<pre" in line
        yield unescape(line).replace("\n", " ") if inside else line
        inside = inside and "</pre>" not in line


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
