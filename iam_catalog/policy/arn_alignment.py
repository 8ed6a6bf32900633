"""Lays an ARN with wildcards over an ARN format that it does not write out.

`table/*` can be an index, whose format is `table/${TableName}/index/${IndexName}`: the wildcard
stands for the rest of the name, the format's own text, and the other variable. The ways are
followed all at once, as bits of numbers, so that no pattern takes long.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from iam_catalog.policy.wildcards import ANY, ONE, Places, Token


def run_out(start: str, texts: Sequence[str], names: Sequence[str]) -> dict[str, str] | None:
    """What the variables are in `start*`; None where it can not be of the format.

    The most common wildcard, found without laying it over. *start* and the first text are known to
    be alike; *texts* stand before, between and behind the variables.
    """
    place = len(texts[0])
    if not names and place < len(start):
        return None
    found = dict.fromkeys(names, ANY)
    for number, name in enumerate(names):
        if place >= len(start):
            break
        text = texts[number + 1]
        least = place + (name != ANY)
        stop = start.find(text, least) if number + 1 < len(names) else -1
        if stop < 0:
            cut = len(start) - written_end(start, text, least)
            found[name] = start[place:cut] + ANY * (cut == len(start))
            break
        found[name] = start[place:stop]
        place = stop + len(text)
    return found


def written_end(start: str, text: str, least: int) -> int:
    """How many letters of a text *start* ends with, behind the place *least*."""
    for size in range(min(len(text), len(start) - least), 0, -1):
        if start.endswith(text[:size]):
            return size
    return 0


class Wanted:
    """The signs of a format, or of a part of one, each with the variable that it belongs to.

    A variable is one character and then any text; in a part that ends at a colon it has none.
    """

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.names: list[str | None] = []
        self.without_colon = 0
        """The places of the signs that match no colon, as bits."""

    def add_text(self, text: str) -> None:
        self.tokens += [("", letter) for letter in text]
        self.names += [None] * len(text)

    def add_variable(self, name: str, *, colons: bool) -> None:
        signs = [ONE, ANY] if name != ANY else [ANY]
        if name == ANY and self.tokens[-1:] == [(ANY, "")]:
            return
        for sign in signs:
            self.without_colon |= 0 if colons else 1 << len(self.tokens)
            self.tokens.append((sign, ""))
            self.names.append(name)

    @cached_property
    def places(self) -> Places:
        """The signs as places; none is added after they were asked for."""
        return Places(self.tokens)

    def name_inside(self, place: int) -> str | None:
        """The variable whose any text goes on at a place; None where none does."""
        at_any = place < len(self.tokens) and self.tokens[place][0] == ANY
        return self.names[place] if at_any else None

    def takes(self, place: int, token: Token) -> bool:
        return not (token == ("", ":") and self.without_colon >> place & 1)


def align(arn: list[Token], wanted: Wanted) -> dict[str, str] | None:
    """What the variables are in one way to lay the ARN over the format; None where there is none.

    A wildcard that stands for more than one variable is `*` in each of them.
    """
    places = wanted.places
    rows = [places.closed(1)]
    for token in arn:
        rows.append(places.after(token, rows[-1], wanted.without_colon))
        if not rows[-1]:
            return None
    if not rows[-1] & places.end:
        return None
    return values(way_back(arn, wanted, rows))


Step = tuple[str | None, str]
"""A variable, or None for the format's own text, with a sign of the ARN that stands in it."""


def way_back(arn: list[Token], wanted: Wanted, rows: list[int]) -> list[Step]:
    """Which sign of the ARN stands where, from the end to the start.

    A wildcard takes in all of a variable that it reaches.
    """
    steps: list[Step] = []
    read, place = len(arn), len(wanted.tokens)
    while read or place:
        if read and arn[read - 1][0] == ANY:
            name, fewer = before_any(read, place, wanted, rows)
            steps.append((name, ANY))
        else:
            token = arn[read - 1] if read else None
            name, fewer = before_sign(token, read, place, wanted, rows)
            if token and fewer[0]:
                steps.append((name, token[0] or token[1]))
        read -= fewer[0]
        place -= fewer[1]
    return steps


Back = tuple[str | None, tuple[int, int]]
"""The variable of a step, and how many signs of the ARN and of the format are behind it."""


def before_any(read: int, place: int, wanted: Wanted, rows: list[int]) -> Back:
    """The step before a `*` of the ARN, or before a sign of the format that it stands for."""
    ends_variable = place > 0 and wanted.tokens[place - 1][0] == ANY
    if ends_variable and rows[read] >> (place - 1) & 1:
        return wanted.names[place - 1], (0, 1)
    if rows[read - 1] >> place & 1:
        return wanted.name_inside(place), (1, 0)
    return wanted.names[place - 1], (0, 1)


def before_sign(
    token: Token | None, read: int, place: int, wanted: Wanted, rows: list[int]
) -> Back:
    """The step before another sign of the ARN; without one left, the rest is no text."""
    inside = wanted.name_inside(place)
    if token and inside and rows[read - 1] >> place & 1 and wanted.takes(place, token):
        return inside, (1, 0)
    if token is None or (wanted.tokens[place - 1][0] == ANY and rows[read] >> (place - 1) & 1):
        return None, (0, 1)
    return wanted.names[place - 1], (1, 1)


def values(steps: list[Step]) -> dict[str, str]:
    """What stands in each variable, in their order in the format; in all `*` of it, as one."""
    found: dict[str, str] = {}
    for name, sign in reversed(steps):
        if name is not None:
            value = found.get(name, "")
            if not (sign == ANY and value.endswith(ANY)):
                found[name] = value + sign
    return found
