"""Policies inside prose: sample policies of guides and articles, as records.

Found in fences, preformatted text, and in the middle of running text. A picture with a number
between the parts of the JSON is a note of the statement that it stands in, with the text of the
footnote of that number in the same section. What has the form of a statement, or was meant as a
policy and is no JSON, is kept as a fragment. Standard library only: the scraper reads the sample
policies of the catalog with it, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from textwrap import dedent

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Path
from iam_catalog.policy.read.json_lines import JsonPlaces
from iam_catalog.policy.read.prose_blocks import (
    ASCIIDOC,
    MARKDOWN,
    PLAIN,
    RESTRUCTURED_TEXT,
    Block,
    indent,
    plain,
    text_blocks,
)
from iam_catalog.policy.read.prose_html import PARAGRAPH_END, html_blocks
from iam_catalog.policy.read.prose_json import (
    CIRCLED,
    Budget,
    Piece,
    json_pieces,
    without_markup,
)
from iam_catalog.policy.read.source import Found as Inside
from iam_catalog.policy.read.source import policies_within

MAX_LENGTH = 4 * 1024 * 1024
HTML = {".htm", ".html"}
MARKUPS = {
    **dict.fromkeys((".markdown", ".md", ".mdx"), MARKDOWN),
    ".adoc": ASCIIDOC,
    ".rst": RESTRUCTURED_TEXT,
}
STATEMENT_NAMES = {"Action", "NotAction", "Condition", "Principal", "Resource"}

FOOTNOTE = re.compile(
    r"^[ \t]*(?:\*\*(?P<bold>[0-9]{1,3})\*\*|\[(?P<square>[0-9]{1,3})\]|<(?P<angle>[0-9]{1,3})>"
    rf"|(?P<circled>[{''.join(CIRCLED)}]))\s+(?P<text>\S.*?)(?=\n[ \t]*\n|{PARAGRAPH_END}|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""A paragraph that starts with its number: `**1** …`, as in AWS's guides."""


@dataclass(frozen=True, slots=True)
class Note:
    """A number that stands in the JSON, and the footnote that it refers to."""

    path: Path
    """The part of the policy behind which the number stands."""
    number: int
    text: str | None
    """None where the section has no footnote of that number."""


@dataclass(frozen=True, slots=True)
class SamplePolicy:
    """A policy in a text."""

    title: str | None
    """The headings and the name of the tab above it, the outermost first."""
    line: int
    """1-based line of the file where the JSON starts."""
    text: str
    """The JSON without the markup that stood in it; line by line as in the file."""
    value: object
    path: Path = ()
    """To the policy from the root of the JSON, where something else is around it."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a policy, or a policy with something in it that is no JSON."""

    title: str | None
    line: int
    text: str
    """As it stands in the file, with all that belongs to it."""
    reason: str
    """Why it is no whole policy."""


Found = SamplePolicy | Fragment


def read_prose(file: str, text: str) -> list[Found]:
    """The policies in a text and the fragments of some, in its order.

    The ending of *file* tells what kind of text it is. Raises `UnreadablePolicy` for a text of more
    than 4 MB, and for one with so many unfinished objects that only an attack has them.
    """
    if len(text) > MAX_LENGTH:
        raise UnreadablePolicy(file, f"it is a text of more than {MAX_LENGTH // 2**20} MB")
    suffix = PurePath(file).suffix.lower()
    markup = MARKUPS.get(suffix, PLAIN)
    blocks = html_blocks(text) if suffix in HTML else text_blocks(text, markup)
    budget = Budget.of(file, text)
    footnotes = Footnotes(blocks)
    return [
        found
        for index, block in enumerate(blocks)
        for found in BlockReader(block, index, footnotes).read(budget)
    ]


class Footnotes:
    """The footnotes of a document, found when the first number asks for one."""

    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = blocks
        self.known: dict[tuple[object, int], list[tuple[int, str]]] | None = None

    def text(self, number: int, index: int) -> str | None:
        """The first footnote of that number behind a block, in the block's section.

        Pages start to number anew with a new section.
        """
        if self.known is None:
            self.known = {}
            for at, section, found, text in self.all():
                self.known.setdefault((section, found), []).append((at, text))
        noted = self.known.get((self.blocks[index].section, number), [])
        return next((text for at, text in noted if at >= index), None)

    def all(self) -> Iterator[tuple[int, object, int, str]]:
        for at, block in enumerate(self.blocks):
            for match in FOOTNOTE.finditer(block.text) if not block.is_code else ():
                digits = match["bold"] or match["square"] or match["angle"]
                number = int(digits) if digits else CIRCLED[match["circled"]]
                yield at, block.section, number, plain(match["text"])


class BlockReader:
    """Reads one block; the numbers of its lines are looked up, because a page can be one block."""

    def __init__(self, block: Block, index: int, footnotes: Footnotes) -> None:
        self.block = block
        self.index = index
        self.footnotes = footnotes
        self.text, self.marks = without_markup(block.text)
        self.newlines = [match.start() for match in re.finditer("\n", block.text)]

    def read(self, budget: Budget) -> list[Found]:
        """The policies and the fragments; code without any policy is one fragment."""
        found: list[Found] = []
        for piece in json_pieces(self.text, budget):
            if within := policies_within(piece.value, ""):
                found += self.samples(piece, within)
            elif why := reason_for(piece):
                start, end = self.start_of_line(piece.start), self.end_of_line(piece.end - 1)
                found.append(self.fragment(start, end, why))
        fragments = [each for each in found if isinstance(each, Fragment)]
        if self.block.is_code and fragments and len(fragments) == len(found):
            return [self.fragment(0, len(self.text), fragments[0].reason)]
        return without_repeats(found)

    def samples(self, piece: Piece, within: list[Inside]) -> list[SamplePolicy]:
        """The policies that an object is, or has in it, with the numbers that stand in each."""
        text = piece.text
        shown = unindented(text, piece.start - self.start_of_line(piece.start))
        places = JsonPlaces(text)
        first, last = (bisect_left(self.marks, (at,)) for at in (piece.start, piece.end))
        numbers = [
            (places.path_before(offset - piece.start), number)
            for offset, number in self.marks[first:last]
        ]
        return [
            SamplePolicy(
                self.block.title,
                self.line(piece.start),
                shown,
                each.value,
                each.path,
                tuple(
                    Note(path[len(each.path) :], number, self.footnotes.text(number, self.index))
                    for path, number in numbers
                    if path[: len(each.path)] == each.path
                ),
            )
            for each in within
        ]

    def fragment(self, start: int, end: int, why: str) -> Fragment:
        """The text between two offsets, without the empty lines around it."""
        text = self.block.text[start:end]
        empty = len(text) - len(text.lstrip())
        lines = [each.rstrip() for each in text.split("\n")]
        shown = dedent("\n".join(lines)).strip()
        return Fragment(self.block.title, self.line(start + empty), shown, why)

    def line(self, offset: int) -> int:
        return self.block.line + bisect_left(self.newlines, offset)

    def start_of_line(self, offset: int) -> int:
        index = bisect_left(self.newlines, offset)
        return self.newlines[index - 1] + 1 if index else 0

    def end_of_line(self, offset: int) -> int:
        index = bisect_left(self.newlines, offset)
        return self.newlines[index] if index < len(self.newlines) else len(self.text)


def unindented(text: str, most: int) -> str:
    """The lines without what indents them all, and without blanks at their ends."""
    first, *others = [line.rstrip() for line in text.split("\n")]
    least = min([most, *[indent(line) for line in others if line]])
    return "\n".join([first, *[line[least:] for line in others]])


def reason_for(piece: Piece) -> str | None:
    """Why an object without a policy in it is a fragment of one; None where it is none."""
    if piece.value is None:
        return piece.fault
    is_statement = "Effect" in piece.value and STATEMENT_NAMES.intersection(piece.value)
    return "a statement without a policy around it" if is_statement else None


def without_repeats(found: list[Found]) -> list[Found]:
    """Two statements on one line are one fragment."""
    return [
        each
        for index, each in enumerate(found)
        if index == 0 or isinstance(each, SamplePolicy) or each != found[index - 1]
    ]
