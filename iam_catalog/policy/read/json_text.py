"""Read JSON text strictly, and find the lines of its parts.

The C scanner of `json` does the work; positions are worked out only when someone asks for one.
`UnreadablePolicy` is raised for what is not JSON (RFC 8259), for NaN and Infinity, numbers that no
double can hold, halves of surrogate pairs, and values so deep or so large that only an attack or
an accident has them. A name that an object has twice is left for the grammar to report.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Path

MAX_BYTES = 64 * 1024 * 1024
"""Of one file that is read whole, or of one line of JSON Lines."""

MAX_DEPTH = 200
"""A policy is 6 levels deep, a plan of nested modules some 50."""

_MAX_CONTAINERS = 2_000_000
"""Objects and lists of one value: they need far more memory than their text."""

MAX_DIGITS = 300
"""Of a number: no double has more before its point."""

TOO_DEEP = f"it is nested more than {MAX_DEPTH} levels deep"
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_SPACE = re.compile(r"[ \t\r\n]*")
_WHOLE_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class RepeatedNames(dict[str, object]):
    """An object that names a member more than once; the last one counts, as in Python."""

    __slots__ = ("repeated",)
    repeated: tuple[str, ...]
    """Each name once, in the order of the text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text comes from, for error messages."""

    file: str
    line: int = 1
    """1-based line of the file where the text starts."""

    def refused(self, found: str, column: int | None = None) -> UnreadablePolicy:
        return UnreadablePolicy(self.file, found, line=self.line, column=column)


def read_json(text: str, place: Place) -> object:
    """Return the value of a JSON text; raises `UnreadablePolicy`."""
    value, end = _read_value(text, _behind_space(text, 0), place)
    _refuse_rest(text, end, place)
    return value


def read_items(text: str, place: Place) -> Iterator[tuple[int, object]]:
    """Yield each item of a JSON list with its offset.

    Raises `UnreadablePolicy` at the first item that is wrong, when it is reached.
    """
    position = _behind_space(text, text.index("[") + 1)
    if text[position : position + 1] == "]":
        _refuse_rest(text, position + 1, place)
        return
    while True:
        value, end = _read_value(text, position, place)
        yield position, value
        end = _behind_space(text, end)
        if text[end : end + 1] == "]":
            _refuse_rest(text, end + 1, place)
            return
        if text[end : end + 1] != ",":
            raise _not_json(text, end, place)
        position = _behind_space(text, end + 1)


def _read_value(text: str, start: int, place: Place) -> tuple[object, int]:
    """Return the value that starts at *start*, and its end; raises `UnreadablePolicy`."""
    try:
        return decode(text, start)
    except json.JSONDecodeError as error:
        raise _not_json(text, error.pos, place) from None
    except ValueError as error:
        raise place.refused(str(error)) from None


def decode(text: str, start: int) -> tuple[object, int]:
    """Return the value that starts at *start*, and its end.

    Raises `ValueError`; of what is not JSON, `json.JSONDecodeError` with the position.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    brackets = text.count("{", start, end) + text.count("[", start, end)
    if brackets > MAX_DEPTH and depth_exceeds(value, MAX_DEPTH):
        raise ValueError(TOO_DEEP)
    if _HALF_PAIR.search(text, start, end):
        _refuse_half_pairs(value)
    return value, end


def refuse_excess(text: str, place: Place) -> None:
    """Refuse a text whose value could fill the memory, before anything is built."""
    if len(text) > MAX_BYTES:
        raise place.refused(f"it is longer than {MAX_BYTES // 2**20} MB")
    if text.count("{") + text.count("[") > _MAX_CONTAINERS:
        raise place.refused(f"it has more than {_MAX_CONTAINERS:,} objects and lists")


def _refuse_rest(text: str, end: int, place: Place) -> None:
    rest = _behind_space(text, end)
    if rest != len(text):
        raise _not_json(text, rest, place, " after the value")


def _behind_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def depth_exceeds(value: object, limit: int) -> bool:
    """Return True if lists and objects are nested more than *limit* levels deep."""
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


def _refuse_half_pairs(value: object) -> None:
    """Raise `ValueError` for half of a surrogate pair, which no encoding can write."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair (\\ud800 to \\udfff) stands alone") from None


def _not_json(text: str, position: int, place: Place, where: str = "") -> UnreadablePolicy:
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
    comma = position if shown == "," else _last_before(text, position)
    closing = _behind_space(text, comma + 1)
    if text[comma] == "," and text[closing : closing + 1] in ("]", "}"):
        return f"a comma before {text[closing]!r}", comma
    return f"unexpected {shown!r}", position


def is_unterminated(text: str, position: int) -> bool:
    """Return True if a quotation mark at *position* starts a text that does not end."""
    return text[position : position + 1] == '"' and not _WHOLE_TEXT.match(text, position)


def _last_before(text: str, position: int) -> int:
    """Find the offset of the last character before *position* that is not a blank."""
    while position > 0 and text[position - 1] in " \t\r\n":
        position -= 1
    return max(position - 1, 0)


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its members, which remembers the names that occur twice."""
    held = dict(pairs)
    if len(held) == len(pairs):
        return held
    names: dict[str, int] = {}
    for name, _ in pairs:
        names[name] = names.get(name, 0) + 1
    repeated = RepeatedNames(held)
    repeated.repeated = tuple(name for name, times in names.items() if times > 1)
    return repeated


def _constant(word: str) -> object:
    raise ValueError(f"{word} is not JSON")


def _decimal(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is larger than any double")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"it has a number of {len(digits):,} digits")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_constant, parse_float=_decimal, parse_int=_integer
)


_PLAIN = json.JSONDecoder()
"""Without functions of our own, so that all of it runs in C."""
_BETWEEN = re.compile(r"[\s:,]*+")
_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_SCALAR = re.compile(r"[^\s,\]}]*+")
_NEITHER_TEXT_NOR_BRACKET = re.compile(r'[^"{}\[\]]*+')

Span = tuple[int, int]
"""The offset of the first character, and the one behind the last."""

_Offsets = dict[str | int, tuple[int, int]]
"""The offset of each member (of its name) or item, and that of its value."""


@dataclass
class JsonPlaces:
    """The offsets and lines of the members and items of one text.

    Only the containers that are asked for are walked, and what was walked is remembered, so that a
    thousand findings in one file cost one reading of it. Nothing here is recursive. The text is one
    that `read_json` has read, so that nothing has to be checked again.
    """

    text: str
    _known: dict[int, _Offsets] = field(default_factory=dict)
    """By the offset of the opening bracket."""
    _ordered: dict[int, list[tuple[int, str | int, int]]] = field(default_factory=dict)

    def offset(self, path: Path) -> int:
        """Return the offset of a part; of a path that leads out of the text, as far as it leads."""
        held = found = _behind(_BETWEEN, self.text, 0)
        for step in path:
            place = self._places(held).get(step)
            if place is None:
                if step == "Statement" and self.text[held : held + 1] == "[":
                    continue  # a list of statements that has no policy around it
                break
            found, held = place
        return found

    def spans(self, path: Path) -> tuple[Span, Span, Path]:
        """Return the spans of the name of a part (of its value, if it has no name) and its value.

        Of a path that leads out of the text, those of the last part, and the rest of the path.
        """
        held = start = _behind(_BETWEEN, self.text, 0)
        named, walked = False, 0
        for step in path:
            place = self._places(held).get(step)
            if place is not None:
                start, held = place
                named = isinstance(step, str)
            elif step != "Statement" or self.text[held : held + 1] != "[":
                break
            walked += 1
        value = (held, _value_end(self.text, held))
        return (start, _behind(_TEXT, self.text, start)) if named else value, value, path[walked:]

    def line(self, path: Path) -> int:
        """Return the line of a part in the text, from 0."""
        return bisect_right(self._starts, self.offset(path))

    def path_before(self, offset: int) -> Path:
        """Return the path of the last and innermost part that starts before *offset*."""
        path: Path = ()
        held = _behind(_BETWEEN, self.text, 0)
        while parts := self._parts(held):
            index = bisect_left(parts, offset, key=lambda part: part[0]) - 1
            if index < 0:
                break
            _, step, held = parts[index]
            path = (*path, step)
        return path

    def _parts(self, start: int) -> list[tuple[int, str | int, int]]:
        """Return the offset, the step and the offset of the value of each part at *start*."""
        if start not in self._ordered:
            places = self._places(start)
            self._ordered[start] = [(at, step, value) for step, (at, value) in places.items()]
        return self._ordered[start]

    def _places(self, start: int) -> _Offsets:
        """Return the parts of the value at *start*; none unless it is a container."""
        if self.text[start : start + 1] not in ("{", "["):
            return {}
        if start not in self._known:
            self._known[start] = _places_of(self.text, start)
        return self._known[start]

    @cached_property
    def _starts(self) -> list[int]:
        """The offset of each line but the first."""
        return list(accumulate([len(line) + 1 for line in self.text.split("\n")]))


def _places_of(text: str, bracket: int) -> _Offsets:
    """Return the parts of the container that opens at *bracket*; of a repeated name, the last."""
    held: _Offsets = {}
    position = _behind(_BETWEEN, text, bracket + 1)
    while position < len(text) and text[position] not in "}]":
        start = position
        step: str | int = len(held)
        if text[bracket] == "{":
            step, end = _PLAIN.raw_decode(text, start)
            position = _behind(_BETWEEN, text, end)
        held.pop(step, None)
        held[step] = (start, position)
        position = _behind(_BETWEEN, text, _value_end(text, position))
    return held


def _behind(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return the end of a match of *pattern* at *position*; *position* itself without one."""
    match = pattern.match(text, position)
    return match.end() if match else position


def _value_end(text: str, position: int) -> int:
    """Return the end of the value that starts at *position*."""
    try:
        return _PLAIN.raw_decode(text, position)[1]  # builds the value, and yet is faster
    except (ValueError, RecursionError):
        return _end_by_brackets(text, position)


def _end_by_brackets(text: str, position: int) -> int:
    """Return the end of a value that Python's reader does not take."""
    depth = 0
    while position < len(text):
        letter = text[position]
        if letter == '"':
            held = _TEXT.match(text, position)
            # Behind the policies of a list that were read, a text may have no end.
            position = held.end() if held else len(text)
        elif letter in "{[":
            depth += 1
            position += 1
        elif letter in "}]":
            depth -= 1
            position += 1
        else:
            position = _behind(_SCALAR, text, position)
        if depth == 0:
            break
        position = _behind(_NEITHER_TEXT_NOR_BRACKET, text, position)
    return position
