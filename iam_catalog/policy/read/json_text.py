"""JSON text -> a value, with what Python's own reader would let pass.

The work is done by the C scanner of `json`; positions are looked for only when someone asks (see
`json_lines`). Refused, as `UnreadablePolicy`: what is no JSON (RFC 8259), NaN and Infinity,
numbers that no double can hold, halves of surrogate pairs, and values so deep or so large that
only an attack or an accident has them. A name that an object has twice is kept for the grammar.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from iam_catalog.errors import UnreadablePolicy

MAX_BYTES = 64 * 1024 * 1024
"""Of one file that is read whole, or of one line of JSON Lines."""

MAX_DEPTH = 200
"""A policy is 6 levels deep, a plan of nested modules some 50."""

MAX_CONTAINERS = 2_000_000
"""Objects and lists of one value: they need far more memory than their text."""

MAX_DIGITS = 300
"""Of a number: no double has more before its point."""

TOO_DEEP = f"it is nested more than {MAX_DEPTH} levels deep"
HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
SPACE = re.compile(r"[ \t\r\n]*")
WHOLE_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class RepeatedNames(dict[str, object]):
    """An object that names a member more than once; the last one counts, as in Python."""

    __slots__ = ("repeated",)
    repeated: tuple[str, ...]
    """Each name once, in the order of the text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text that is read comes from, for what is said of it."""

    file: str
    line: int = 1
    """1-based line of the file where the text starts."""

    def refused(self, found: str, column: int | None = None) -> UnreadablePolicy:
        return UnreadablePolicy(self.file, found, line=self.line, column=column)


def read_json(text: str, place: Place) -> object:
    """The value of a JSON text; raises `UnreadablePolicy`."""
    value, end = read_value(text, behind_space(text, 0), place)
    refuse_rest(text, end, place)
    return value


def read_items(text: str, place: Place) -> Iterator[tuple[int, object]]:
    """Each item of a JSON list with its offset, one after the other.

    Raises `UnreadablePolicy` at the first item that is wrong, when it is reached.
    """
    position = behind_space(text, text.index("[") + 1)
    if text[position : position + 1] == "]":
        refuse_rest(text, position + 1, place)
        return
    while True:
        value, end = read_value(text, position, place)
        yield position, value
        end = behind_space(text, end)
        if text[end : end + 1] == "]":
            refuse_rest(text, end + 1, place)
            return
        if text[end : end + 1] != ",":
            raise not_json(text, end, place)
        position = behind_space(text, end + 1)


def read_value(text: str, start: int, place: Place) -> tuple[object, int]:
    """The value that starts at *start*, and where it ends; raises `UnreadablePolicy`."""
    try:
        return decode(text, start)
    except json.JSONDecodeError as error:
        raise not_json(text, error.pos, place) from None
    except ValueError as error:
        raise place.refused(str(error)) from None


def decode(text: str, start: int) -> tuple[object, int]:
    """The value that starts at *start*, and where it ends.

    Raises `ValueError`; where the text is no JSON, as `json.JSONDecodeError` with the place.
    """
    try:
        value, end = DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    brackets = text.count("{", start, end) + text.count("[", start, end)
    if brackets > MAX_DEPTH and depth_exceeds(value, MAX_DEPTH):
        raise ValueError(TOO_DEEP)
    if HALF_PAIR.search(text, start, end):
        refuse_half_pairs(value)
    return value, end


def refuse_excess(text: str, place: Place) -> None:
    """Refuse a text whose value could fill the memory, before anything is built."""
    if len(text) > MAX_BYTES:
        raise place.refused(f"it is longer than {MAX_BYTES // 2**20} MB")
    if text.count("{") + text.count("[") > MAX_CONTAINERS:
        raise place.refused(f"it has more than {MAX_CONTAINERS:,} objects and lists")


def refuse_rest(text: str, end: int, place: Place) -> None:
    rest = behind_space(text, end)
    if rest != len(text):
        raise not_json(text, rest, place, " after the value")


def behind_space(text: str, position: int) -> int:
    match = SPACE.match(text, position)
    return match.end() if match else position


def depth_exceeds(value: object, limit: int) -> bool:
    """Whether lists and objects stand in one another more than *limit* times."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            child
            for each in level
            for child in (each.values() if isinstance(each, dict) else each)
            if isinstance(child, (dict, list))
        ]
    return bool(level)


def refuse_half_pairs(value: object) -> None:
    """A text with half of a surrogate pair can not be written anywhere."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair (\\ud800 to \\udfff) stands alone") from None


def not_json(text: str, position: int, place: Place, where: str = "") -> UnreadablePolicy:
    """Make the error for a text that is not JSON at *position*, with its place in the file."""
    found, position = fault(text, position)
    before = text.count("\n", 0, position)
    column = position - text.rfind("\n", 0, position)
    return Place(place.file, place.line + before).refused(f"it is not JSON: {found}{where}", column)


def fault(text: str, position: int) -> tuple[str, int]:
    """Say what is not JSON where Python's reader stopped, and give the offset of it.

    In words of our own, because Python's differ between its versions, as does the place where it
    sees a comma too many: before 3.13 behind it.
    """
    shown = text[position : position + 1]
    if not shown:
        return "unexpected end", position
    if is_unterminated(text, position):
        return "a text without an end", position
    comma = position if shown == "," else last_before(text, position)
    closing = behind_space(text, comma + 1)
    if text[comma] == "," and text[closing : closing + 1] in ("]", "}"):
        return f"a comma before {text[closing]!r}", comma
    return f"unexpected {shown!r}", position


def is_unterminated(text: str, position: int) -> bool:
    """Return True if a quotation mark at *position* starts a text that does not end."""
    return text[position : position + 1] == '"' and not WHOLE_TEXT.match(text, position)


def last_before(text: str, position: int) -> int:
    """Find the offset of the last character before *position* that is not a blank."""
    while position > 0 and text[position - 1] in " \t\r\n":
        position -= 1
    return max(position - 1, 0)


def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of these members, with the names that occur twice."""
    held = dict(pairs)
    if len(held) == len(pairs):
        return held
    names: dict[str, int] = {}
    for name, _ in pairs:
        names[name] = names.get(name, 0) + 1
    repeated = RepeatedNames(held)
    repeated.repeated = tuple(name for name, times in names.items() if times > 1)
    return repeated


def constant(word: str) -> object:
    raise ValueError(f"{word} is not JSON")


def decimal(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is larger than any double")
    return number


def integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"it has a number of {len(digits):,} digits")
    return int(digits)


DECODER = json.JSONDecoder(
    object_pairs_hook=members, parse_constant=constant, parse_float=decimal, parse_int=integer
)
