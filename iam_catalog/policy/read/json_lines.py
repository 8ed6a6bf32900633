"""Where the parts of a JSON text stand: found by walking the text, one container at a time.

Only what is asked for is walked, and what was walked is remembered, so that a thousand findings
in one file cost one reading of it. Nothing here is recursive. The text is one that `json_text`
has read, so that nothing has to be checked again.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from iam_catalog.policy.model import Path

BETWEEN = re.compile(r"[\s:,]*+")
TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
SCALAR = re.compile(r"[^\s,\]}]*+")
NEITHER_TEXT_NOR_BRACKET = re.compile(r'[^"{}\[\]]*+')

Places = dict[str | int, tuple[int, int]]
"""For each member or item: where it starts (its name, for a member), and where its value does."""


@dataclass
class JsonPlaces:
    """The offsets and lines of the members and items of one text."""

    text: str
    known: dict[int, Places] = field(default_factory=dict)
    """By the offset of the bracket."""
    ordered: dict[int, list[tuple[int, str | int, int]]] = field(default_factory=dict)

    def offset(self, path: Path) -> int:
        """Where the part stands; of a path that leads out of the text, as far as it leads."""
        held = found = behind(BETWEEN, self.text, 0)
        for step in path:
            place = self.places(held).get(step)
            if place is None:
                break
            found, held = place
        return found

    def line(self, path: Path) -> int:
        """The line of the text, from 0."""
        return bisect_left(self.newlines, self.offset(path))

    def path_before(self, offset: int) -> Path:
        """The way to the last part that starts before *offset*, as deep as parts go."""
        path: Path = ()
        held = behind(BETWEEN, self.text, 0)
        while parts := self.parts(held):
            index = bisect_left(parts, offset, key=lambda part: part[0]) - 1
            if index < 0:
                break
            _, step, held = parts[index]
            path = (*path, step)
        return path

    def parts(self, start: int) -> list[tuple[int, str | int, int]]:
        """Where each part of the value at *start* starts, its step, and where its value does."""
        if start not in self.ordered:
            places = self.places(start)
            self.ordered[start] = [(at, step, value) for step, (at, value) in places.items()]
        return self.ordered[start]

    def places(self, start: int) -> Places:
        """What the value at *start* has; nothing where it is no container."""
        if self.text[start : start + 1] not in ("{", "["):
            return {}
        if start not in self.known:
            self.known[start] = places_of(self.text, start)
        return self.known[start]

    @cached_property
    def newlines(self) -> list[int]:
        return [each.start() for each in re.finditer("\n", self.text)]


def places_of(text: str, bracket: int) -> Places:
    """The parts of the container that opens at *bracket*; of a repeated name, the last."""
    held: Places = {}
    position = behind(BETWEEN, text, bracket + 1)
    while position < len(text) and text[position] not in "}]":
        start = position
        step: str | int = len(held)
        if text[bracket] == "{":
            end = behind(TEXT, text, start)
            step = json.loads(text[start:end])
            position = behind(BETWEEN, text, end)
        held.pop(step, None)
        held[step] = (start, position)
        position = behind(BETWEEN, text, value_end(text, position))
    return held


def behind(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where the match of *pattern* at *position* ends; *position* itself without a match."""
    match = pattern.match(text, position)
    return match.end() if match else position


def value_end(text: str, position: int) -> int:
    """Behind the value that starts at *position*."""
    depth = 0
    while position < len(text):
        letter = text[position]
        if letter == '"':
            position = behind(TEXT, text, position)
        elif letter in "{[":
            depth += 1
            position += 1
        elif letter in "}]":
            depth -= 1
            position += 1
        else:
            position = behind(SCALAR, text, position)
        if depth == 0:
            break
        position = behind(NEITHER_TEXT_NOR_BRACKET, text, position)
    return position
