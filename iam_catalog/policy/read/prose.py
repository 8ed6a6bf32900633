"""Find policies inside prose: sample policies of guides and articles, as records.

They are found in fences, preformatted text, and in the middle of running text: JSON, also with
comments or with a number before each line, and fenced YAML and HCL. A picture with a number between
the parts of the JSON is a note of the statement around it, with the text of the footnote of that
number in the same section. A statement alone, and what was meant as a policy and does not parse,
becomes a fragment, with the reason. The scraper reads the sample policies of the catalog here, too.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from textwrap import dedent

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Kind, Path, PolicyDocument, Syntax
from iam_catalog.policy.read.containers import policies_in
from iam_catalog.policy.read.json_text import (
    JsonPlaces,
    Place,
    decode,
    fault,
    is_unterminated,
)
from iam_catalog.policy.read.kinds import is_policy, is_statement
from iam_catalog.policy.read.markup import PARAGRAPH_END, Block, blocks_of, indent, plain
from iam_catalog.policy.read.source import SourceText

_MAX_LENGTH = 4 * 1024 * 1024
_STATEMENT_NAMES = {"Action", "NotAction", "Condition", "Principal", "Resource"}
_ALONE = "a statement without a policy around it"

_YAML = {"yaml", "yml"}
_HCL = {"hcl", "terraform", "tf"}
_YAML_MEANT = re.compile(r"^[ \t]*(?:-[ \t]+)?(?:Statement|Effect)[ \t]*:", re.MULTILINE)
_HCL_MEANT = re.compile(r"\baws_iam_policy_document\b|\bStatement\"?\s*[=:]")
_NEEDS_MARKDOWN = (
    "reading Markdown needs markdown-it-py; install it with: pip install 'iam-catalog[prose]'"
)
_NEEDS = {
    "yaml": "reading YAML needs PyYAML; install it with: pip install 'iam-catalog[yaml]'",
    "hcl": "reading HCL needs python-hcl2; install it with: pip install 'iam-catalog[hcl]'",
}

_OBJECT = re.compile(r'\{(?=\s*(?:(?P<escaped>(?:\\[nt]\s*)*\\")|["“}#]|//|/\*))')
_MEANT = re.compile(
    r'["“](?:(?:Statement|Effect)\\?["”]\s*:|Version\\?["”]\s*:\s*\\?["“]20(?:08|12)-10-17)'
)
"""Matches what only policies have."""

_STRING = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
"""Matches the rest of a text between quotation marks, of a shell or a program."""

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

_CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)} | {chr(0x2776 + n): n + 1 for n in range(10)}
"""Numbers in circles, white and black."""

_MARKUP = re.compile(
    r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?'
    r"|!\[(?P<alternative>(?:\\.|[^\[\]\\\n]){0,300})\]\((?P<address>[^()\s]{0,1000})\)"
    r"|</?[A-Za-z][^<>\n]{0,1000}>"
    rf"|<(?P<callout>[0-9]{{1,3}})>|(?P<circled>[{''.join(_CIRCLED)}])"
)
"""Texts of JSON, which stay as they are; pictures, tags and numbers, which do not.

A text that does not end counts as well, so that each part of a line is looked at once.
"""

_IMAGE = re.compile(r"""<img\b.*?\bsrc\s*=\s*["']?(?P<address>[^"'\s>]*)""", re.IGNORECASE)
_LAST_DIGITS = re.compile(r"([0-9]{1,4})[^0-9/]*$")

_FIRST_PART = 512
_LONGEST_WORD = len("-Infinity")

_FAILED = 20
"""How often, on average, a character may be read in vain before the text is refused."""


_Mark = tuple[int, int]
"""The offset of a number between the parts of the JSON, and the number."""


_NUMBERED = re.compile(
    r"^[ \t]{0,20}(?P<number>[0-9]{1,6})(?:[.:|)]|[ \t]+\|?|(?=[\]\[{}\"]|$))", re.MULTILINE
)
_NUMBERED_LINES = 3
"""So many lines in a row make their numbers those of lines."""

_COMMENT = re.compile(
    r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?'
    r"|(?P<comment>//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)"
)
"""Texts of JSON, which stay as they are, and comments, which are not part of it."""

_FOOTNOTE = re.compile(
    r"^[ \t]*(?:\*\*(?P<bold>[0-9]{1,3})\*\*|\[(?P<square>[0-9]{1,3})\]|<(?P<angle>[0-9]{1,3})>"
    rf"|(?P<circled>[{''.join(_CIRCLED)}]))\s+(?P<text>\S.*?)(?=\n[ \t]*\n|{PARAGRAPH_END}|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""A paragraph that starts with its number: `**1** …`, as in AWS's guides."""


@dataclass(frozen=True, slots=True)
class PolicyNote:
    """A number in the JSON, and the footnote that it refers to."""

    path: Path
    """The part of the policy that the number follows."""
    number: int
    text: str | None
    """None where the section has no footnote of that number."""


@dataclass(frozen=True, slots=True)
class SamplePolicy:
    """A policy in a text."""

    title: str | None
    """The headings and the name of the tab above it, the outermost first."""
    line: int
    """1-based line of the file where the text starts."""
    text: str
    """The JSON, YAML or HCL without the markup that was in it; line by line as in the file."""
    value: object
    path: Path = ()
    """To the policy from the root of the text, where something else is around it."""
    notes: tuple[PolicyNote, ...] = ()
    syntax: Syntax = "json"
    kind: Kind | None = None
    place: str | None = None
    alternatives: tuple[object, ...] = ()

    def document(self, file: str) -> PolicyDocument:
        """Return the policy as a document of *file*."""
        return PolicyDocument(
            file=file,
            title=self.title,
            value=self.value,
            path=self.path,
            line=self.line,
            text=self.text,
            text_line=self.line,
            kind=self.kind,
            syntax=self.syntax,
            place=self.place,
            alternatives=self.alternatives,
        )


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a policy, or a policy that cannot be read."""

    title: str | None
    line: int
    text: str
    """As it is in the file, with all that belongs to it."""
    reason: str
    """Why it is not a whole policy."""
    needs: str | None = None
    """The language, `yaml` or `hcl`, whose reader is not installed."""


Found = SamplePolicy | Fragment


def read_prose(file: str, text: str) -> list[Found]:
    """Return the policies in a text and the fragments of some, in its order.

    The ending of *file* decides how the text is read. Raises `UnreadablePolicy` for a text of more
    than 4 MB, and for one with so many unfinished objects that only an attack has them.
    """
    if len(text) > _MAX_LENGTH:
        raise UnreadablePolicy(file, f"it is a text of more than {_MAX_LENGTH // 2**20} MB")
    try:
        blocks = blocks_of(text, PurePath(file).suffix.lower())
    except ModuleNotFoundError:
        raise UnreadablePolicy(file, _NEEDS_MARKDOWN) from None
    budget = _Budget.of(file, text)
    footnotes = _Footnotes(blocks)
    return [
        found
        for index, block in enumerate(blocks)
        for found in _BlockReader(block, index, footnotes).read(budget)
    ]


class _Footnotes:
    """The footnotes of a document, looked for when the first number needs one."""

    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = blocks
        self.known: dict[tuple[object, int], list[tuple[int, str]]] | None = None

    def text(self, number: int, index: int) -> str | None:
        """Return the first footnote of that number after a block, in the block's section.

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
            for match in _FOOTNOTE.finditer(block.text) if not block.is_code else ():
                digits = match["bold"] or match["square"] or match["angle"]
                number = int(digits) if digits else _CIRCLED[match["circled"]]
                yield at, block.section, number, plain(match["text"])


class _BlockReader:
    """Reads one block; the numbers of its lines are looked up, because a page can be one block."""

    def __init__(self, block: Block, index: int, footnotes: _Footnotes) -> None:
        self.block = block
        self.index = index
        self.footnotes = footnotes
        self.text, self.marks = _without_markup(_without_numbers(block.text))
        self.newlines = [match.start() for match in re.finditer("\n", block.text)]

    def read(self, budget: _Budget) -> list[Found]:
        """Return the policies and the fragments; code without any policy is one fragment."""
        syntax = _language_of(self.block)
        if syntax == "json":
            return self._json(budget)
        found: list[Found] = []
        try:
            found += self._documents(syntax, budget.file)
        except ModuleNotFoundError:
            return self._json(budget) or [self._whole(_NEEDS[syntax], syntax)]
        except UnreadablePolicy as error:
            # Code without a name of its language only looked like YAML.
            unread: list[Found] = [self._whole(error.found)] if self.block.language else []
            return self._json(budget) or unread
        return found or self._json(budget)

    def _documents(self, syntax: Syntax, file: str) -> Iterator[Found]:
        """Yield the policies of a block in YAML or HCL; statements alone are a fragment.

        Raises `UnreadablePolicy`, and `ModuleNotFoundError` where the reader is not installed.
        """
        text = _without_numbers(self.block.text)
        source = SourceText(file, text, self.block.line, syntax)
        if syntax == "hcl":
            from iam_catalog.policy.read.hcl_text import hcl_policies

            yield from map(self._sample_of, hcl_policies(source))
            return
        from iam_catalog.policy.read.yaml_text import read_yaml

        values = read_yaml(text, Place(file, self.block.line))
        for index, value in enumerate(values):
            if is_statement(value) or (isinstance(value, list) and any(map(is_statement, value))):
                yield self._whole(_ALONE)
                continue
            prefix = (index,) if len(values) > 1 else ()
            yield from map(self._sample_of, policies_in(value, replace(source, prefix=prefix)))

    def _sample_of(self, document: PolicyDocument) -> SamplePolicy:
        """Return a policy that was read from the whole block as a sample."""
        return SamplePolicy(
            title=" / ".join(each for each in (self.block.title, document.title) if each) or None,
            line=document.text_line,
            text=document.text,
            value=document.value,
            path=document.path,
            syntax=document.syntax,
            kind=document.kind,
            place=document.place,
            alternatives=document.alternatives,
        )

    def _whole(self, why: str, needs: str | None = None) -> Fragment:
        """Return the whole block as a fragment."""
        return replace(self._fragment(0, len(self.text), why), needs=needs)

    def _json(self, budget: _Budget) -> list[Found]:
        """Return the policies and the fragments in JSON."""
        found: list[Found] = []
        for piece in _json_pieces(self.text, budget):
            why = _reason_for(piece)
            if why:
                start, end = self._start_of_line(piece.start), self._end_of_line(piece.end - 1)
                found.append(self._fragment(start, end, why))
            else:
                source = SourceText(budget.file, piece.text, self._line(piece.start))
                within = policies_in(piece.value, source)
                # What a file would be refused for is often no policy at all in running text.
                is_whole = is_policy(piece.value)
                found += self._samples(piece, [each for each in within if each.path or is_whole])
        fragments = [each for each in found if isinstance(each, Fragment)]
        if self.block.is_code and fragments and len(fragments) == len(found):
            return [self._whole(fragments[0].reason)]
        return _without_repeats(found)

    def _samples(self, piece: _Piece, within: list[PolicyDocument]) -> list[SamplePolicy]:
        """Return the policies that an object is or holds, with the numbers in each."""
        if not within:
            return []
        text = piece.text
        shown = _unindented(text, piece.start - self._start_of_line(piece.start))
        places = JsonPlaces(text)
        first, last = (bisect_left(self.marks, (at,)) for at in (piece.start, piece.end))
        numbers = [
            (places.path_before(offset - piece.start), number)
            for offset, number in self.marks[first:last]
        ]
        return [
            SamplePolicy(
                title=self.block.title,
                line=self._line(piece.start),
                text=shown,
                value=each.value,
                path=each.path,
                notes=tuple(
                    PolicyNote(
                        path[len(each.path) :], number, self.footnotes.text(number, self.index)
                    )
                    for path, number in numbers
                    if path[: len(each.path)] == each.path
                ),
                kind=each.kind,
                place=each.place,
                alternatives=each.alternatives,
            )
            for each in within
        ]

    def _fragment(self, start: int, end: int, why: str) -> Fragment:
        """Return the text between two offsets, without the empty lines around it."""
        text = self.block.text[start:end]
        empty = len(text) - len(text.lstrip())
        lines = [each.rstrip() for each in text.split("\n")]
        shown = dedent("\n".join(lines)).strip()
        return Fragment(self.block.title, self._line(start + empty), shown, why)

    def _line(self, offset: int) -> int:
        return self.block.line + bisect_left(self.newlines, offset)

    def _start_of_line(self, offset: int) -> int:
        index = bisect_left(self.newlines, offset)
        return self.newlines[index - 1] + 1 if index else 0

    def _end_of_line(self, offset: int) -> int:
        index = bisect_left(self.newlines, offset)
        return self.newlines[index] if index < len(self.newlines) else len(self.text)


def _unindented(text: str, most: int) -> str:
    """Return the lines without what indents them all, and without blanks at their ends."""
    first, *others = [line.rstrip() for line in text.split("\n")]
    least = min([most, *[indent(line) for line in others if line]])
    return "\n".join([first, *[line[least:] for line in others]])


def _reason_for(piece: _Piece) -> str | None:
    """Say why an object is a fragment of a policy; None unless it is one."""
    if piece.value is None:
        return piece.fault
    if "Statement" in piece.value:
        return None
    is_alone = "Effect" in piece.value and _STATEMENT_NAMES.intersection(piece.value)
    return _ALONE if is_alone else None


def _without_repeats(found: list[Found]) -> list[Found]:
    """Drop repeated fragments: two statements on one line are one."""
    return [
        each
        for index, each in enumerate(found)
        if index == 0 or isinstance(each, SamplePolicy) or each != found[index - 1]
    ]


def _language_of(block: Block) -> Syntax:
    """Return the language of a block of code that can have a policy; JSON for all others.

    Code without a name of its language is YAML where it begins and reads like it.
    """
    if not block.is_code:
        return "json"
    if block.language in _HCL and _HCL_MEANT.search(block.text):
        return "hcl"
    is_yaml = block.language in _YAML or (
        not block.language and block.text.lstrip()[:1] not in ("{", "[", '"')
    )
    return "yaml" if is_yaml and _YAML_MEANT.search(block.text) else "json"


def _without_numbers(text: str) -> str:
    """Return a text with blanks for the numbers that guides put before each line of code.

    A number counts where those of the lines before or after it continue it: `1. {`, `2 | "Sid":`.
    """
    if not _NUMBERED.search(text):
        return text
    lines = text.split("\n")
    numbers = [
        (match, int(match["number"])) if match else None for match in map(_NUMBERED.match, lines)
    ]
    start = 0
    while start < len(lines):
        end = start + 1
        while (
            end < len(lines)
            and (before := numbers[end - 1]) is not None
            and (after := numbers[end]) is not None
            and after[1] == before[1] + 1
        ):
            end += 1
        if end - start >= _NUMBERED_LINES:
            for index in range(start, end):
                if found := numbers[index]:
                    width = found[0].end()
                    lines[index] = " " * width + lines[index][width:]
        start = end
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Piece:
    """An object in a text; or what was meant as a policy, and is not JSON."""

    start: int
    end: int
    value: dict[str, object] | None
    text: str = ""
    """Of the object, without the escapes of a shell or a program around it."""
    fault: str = ""


@dataclass(slots=True)
class _Budget:
    """How many characters of a file may still be read in vain."""

    file: str
    left: int

    @classmethod
    def of(cls, file: str, text: str) -> _Budget:
        return cls(file, _FAILED * len(text) + 100_000)

    def spend(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise UnreadablePolicy(self.file, "it has too many objects that never end")


def _without_markup(text: str) -> tuple[str, list[_Mark]]:
    """Return the text with blanks for markup, and the numbers that were in it."""
    marks: list[_Mark] = []

    def blank(match: re.Match[str]) -> str:
        if match[0].startswith('"'):
            return match[0]
        if number := _number_of(match):
            marks.append((match.start(), number))
        return " " * len(match[0])

    return _MARKUP.sub(blank, text), marks


def _number_of(match: re.Match[str]) -> int | None:
    """Return the number that a character or a picture shows: `callout01.png` is a 1."""
    if match["circled"]:
        return _CIRCLED[match["circled"]]
    if match["callout"]:
        return int(match["callout"])
    image = _IMAGE.match(match[0])
    for text in (match["address"], match["alternative"], image and image["address"]):
        if digits := _LAST_DIGITS.search(text or ""):
            return int(digits[1])
    return None


def _json_pieces(text: str, budget: _Budget) -> Iterator[_Piece]:
    """Yield the outermost objects of a text without markup.

    What is not JSON was meant as a policy if the part that could be read says so.
    """
    meant = [match.start() for match in _MEANT.finditer(text)]
    position = end = 0
    while match := _OBJECT.search(text, position):
        start = match.start()
        read = _read_escaped if match["escaped"] else _read_object
        found = read(text, start, budget)
        if isinstance(found, _Piece):
            position = found.end
            yield found
            continue
        position = start + 1
        index = bisect_left(meant, start)
        if index < len(meant) and meant[index] <= found.stop:
            end = end if end > start else _end_of_paragraph(text, start)
            yield _Piece(start, end, None, fault=found.fault)
            position = end


@dataclass(frozen=True, slots=True)
class _Failure:
    """Where the reading of an object stopped, and why."""

    stop: int
    fault: str


def _read_escaped(text: str, start: int, budget: _Budget) -> _Piece | _Failure:
    """Read the object at *start* of a text in quotation marks, which a program unescapes.

    Its lines are those of the text: an escaped line break becomes a blank.
    """
    match = _STRING.match(text, start)
    end = match.end() if match else start
    budget.spend(end - start)
    held = _ESCAPED.sub(lambda each: " " if each[1] in "nt" else each[1], text[start:end])
    read = _read_object(held, 0, budget)
    if isinstance(read, _Failure):
        return _Failure(start + read.stop, read.fault)
    return _Piece(start, end, read.value, read.text)


def _read_object(text: str, start: int, budget: _Budget) -> _Piece | _Failure:
    """Read the object at *start*, with blanks for its comments.

    Python's reader counts the lines of all the text for each error that it raises, so it is
    given a small part first.
    """
    size = _FIRST_PART
    has_comments = False
    while True:
        part = text[start : start + size]
        if has_comments:
            part = _COMMENT.sub(_blank_comment, part)
        try:
            value, length = decode(part, 0)
        except json.JSONDecodeError as error:
            if not has_comments and _starts_comment(part, error.pos):
                has_comments = True
                budget.spend(len(part))
                continue
            is_cut = error.pos > size - _LONGEST_WORD or is_unterminated(part, error.pos)
            budget.spend(len(part) if is_cut else error.pos)
            if not is_cut or start + size >= len(text):
                found, stop = fault(part, error.pos)
                return _Failure(start + stop, f"it is not JSON: {found}")
        except ValueError as error:
            budget.spend(len(part))
            return _Failure(start + len(part), str(error))
        else:
            held = value if isinstance(value, dict) else {}
            return _Piece(start, start + length, held, part[:length])
        size *= 16


def _starts_comment(text: str, position: int) -> bool:
    """Return True if the character that is not JSON begins a comment."""
    return text[position : position + 1] == "#" or text[position : position + 2] in ("//", "/*")


def _blank_comment(match: re.Match[str]) -> str:
    """Return blanks for a comment, so that offsets and lines stay; a text of JSON as it is."""
    return match[0] if match["comment"] is None else re.sub(r"[^\n]", " ", match[0])


def _end_of_paragraph(text: str, offset: int) -> int:
    """Return the next empty line, which is as far as an unfinished policy is followed."""
    found = text.find("\n\n", offset)
    return found if found >= 0 else len(text)
