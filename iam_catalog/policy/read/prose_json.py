"""The JSON objects in a piece of text, and the marks that stand between their parts.

Markup that stands between the texts of JSON is replaced by blanks, so that offsets and lines
hold; what it was is told apart as marks: numbers that refer to footnotes.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.read.json_text import decode, fault, is_unterminated

OBJECT = re.compile(r'\{(?=\s*(?:(?P<escaped>(?:\\[nt]\s*)*\\")|["“}]))')
MEANT = re.compile(
    r'["“](?:(?:Statement|Effect)\\?["”]\s*:|Version\\?["”]\s*:\s*\\?["“]20(?:08|12)-10-17)'
)
"""What only policies have."""

STRING = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
"""What is left of a text between quotation marks, of a shell or a program."""

ESCAPED = re.compile(r"\\(.)", re.DOTALL)

CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)} | {chr(0x2776 + n): n + 1 for n in range(10)}
"""Numbers in circles, white and black."""

MARKUP = re.compile(
    r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?'
    r"|!\[(?P<alternative>(?:\\.|[^\[\]\\\n]){0,300})\]\((?P<address>[^()\s]{0,1000})\)"
    r"|</?[A-Za-z][^<>\n]{0,1000}>"
    rf"|<(?P<callout>[0-9]{{1,3}})>|(?P<circled>[{''.join(CIRCLED)}])"
)
"""Texts of JSON, which stay as they are; pictures, tags and numbers, which do not.

A text that does not end is one, too: each place of a line is looked at once.
"""

IMAGE = re.compile(r"""<img\b.*?\bsrc\s*=\s*["']?(?P<address>[^"'\s>]*)""", re.IGNORECASE)
LAST_DIGITS = re.compile(r"([0-9]{1,4})[^0-9/]*$")

FIRST_PART = 512
LONGEST_WORD = len("-Infinity")

FAILED = 20
"""How often, on average, a sign of a text may be read in vain before the text is refused."""


Mark = tuple[int, int]
"""The offset of a number between the parts of the JSON, and the number."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An object in a text; or what was meant as a policy, and is no JSON."""

    start: int
    end: int
    value: dict[str, object] | None
    text: str = ""
    """Of the object; without the escapes of a shell or a program around it."""
    fault: str = ""


@dataclass(slots=True)
class Budget:
    """How many signs of a file may still be read in vain."""

    file: str
    left: int

    @classmethod
    def of(cls, file: str, text: str) -> Budget:
        return cls(file, FAILED * len(text) + 100_000)

    def spend(self, signs: int) -> None:
        self.left -= signs
        if self.left < 0:
            raise UnreadablePolicy(self.file, "it has too many objects that never end")


def without_markup(text: str) -> tuple[str, list[Mark]]:
    """The text with blanks for markup, and the numbers that were in it."""
    marks: list[Mark] = []

    def blank(match: re.Match[str]) -> str:
        if match[0].startswith('"'):
            return match[0]
        if number := number_of(match):
            marks.append((match.start(), number))
        return " " * len(match[0])

    return MARKUP.sub(blank, text), marks


def number_of(match: re.Match[str]) -> int | None:
    """The number that a sign or a picture shows: `callout01.png` is a 1."""
    if match["circled"]:
        return CIRCLED[match["circled"]]
    if match["callout"]:
        return int(match["callout"])
    image = IMAGE.match(match[0])
    for text in (match["address"], match["alternative"], image and image["address"]):
        if digits := LAST_DIGITS.search(text or ""):
            return int(digits[1])
    return None


def json_pieces(text: str, budget: Budget) -> Iterator[Piece]:
    """The objects of a text without markup, from the outside: not those in other objects.

    What is no JSON was meant as a policy if the part that could be read says so.
    """
    meant = [match.start() for match in MEANT.finditer(text)]
    position = end = 0
    while match := OBJECT.search(text, position):
        start = match.start()
        read = read_escaped if match["escaped"] else read_object
        found = read(text, start, budget)
        if isinstance(found, Piece):
            position = found.end
            yield found
            continue
        position = start + 1
        index = bisect_left(meant, start)
        if index < len(meant) and meant[index] <= found.stop:
            end = end if end > start else end_of_paragraph(text, start)
            yield Piece(start, end, None, fault=found.fault)
            position = end


@dataclass(frozen=True, slots=True)
class Failure:
    """Where the reading of an object stopped, and why."""

    stop: int
    fault: str


def read_escaped(text: str, start: int, budget: Budget) -> Piece | Failure:
    """The object at *start* of a text in quotation marks, which a shell or a program unescapes.

    Its lines are those of the text: what stands for a line break is a blank.
    """
    match = STRING.match(text, start)
    end = match.end() if match else start
    budget.spend(end - start)
    held = ESCAPED.sub(lambda each: " " if each[1] in "nt" else each[1], text[start:end])
    read = read_object(held, 0, budget)
    if isinstance(read, Failure):
        return Failure(start + read.stop, read.fault)
    return Piece(start, end, read.value, read.text)


def read_object(text: str, start: int, budget: Budget) -> Piece | Failure:
    """The object at *start*.

    Python's reader counts the lines of all the text for each error that it raises, so it is
    given a small part first.
    """
    size = FIRST_PART
    while True:
        part = text[start : start + size]
        try:
            value, length = decode(part, 0)
        except json.JSONDecodeError as error:
            is_cut = error.pos > size - LONGEST_WORD or is_unterminated(part, error.pos)
            budget.spend(len(part) if is_cut else error.pos)
            if not is_cut or start + size >= len(text):
                found, stop = fault(part, error.pos)
                return Failure(start + stop, f"it is not JSON: {found}")
        except ValueError as error:
            budget.spend(len(part))
            return Failure(start + len(part), str(error))
        else:
            held = value if isinstance(value, dict) else {}
            return Piece(start, start + length, held, part[:length])
        size *= 16


def end_of_paragraph(text: str, offset: int) -> int:
    """The next empty line outside, which is as far as an unfinished policy is followed."""
    found = text.find("\n\n", offset)
    return found if found >= 0 else len(text)
