"""Take an ARN of a policy apart.

What AWS documents (IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)" and
"IAM JSON policy elements: Resource", section "Using wildcards in resource ARNs", read on
2026-11-29):

- An ARN has six parts with colons between; the last one can hold colons and slashes.
- An ARN with fewer parts is incomplete, and AWS adds a `*` for each one that is missing:
  `arn:aws:sqs` is `arn:aws:sqs:*:*:*`. In session policies it is an error.
- A `*` that ends a part can go on beyond the colon: `arn:aws:dynamodb:*:table/a` is a table.
- The partition is `aws`, `aws-cn`, `aws-us-gov` or another name that starts so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from iam_catalog.arn.pattern import (
    ANY,
    FREE,
    ONE,
    VARIABLE,
    Token,
    fold_stars,
    loose,
    opening,
    overlaps,
    settled,
    split_openings,
    split_variables,
)

if TYPE_CHECKING:
    from iam_catalog.arn.format import Head

PARTS = 6

PARTITIONS = (
    "aws",
    "aws-cn",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-us-gov",
)
"""Every partition. IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)", has
`aws`, `aws-cn`, `aws-eusc` and `aws-us-gov`; the isolated ones are in the file of partitions of
AWS's SDKs, `partitions.json`; both read on 2026-11-29."""

_WORD = opening("", "word")
_ENDING = (FREE, _WORD)
"""Openings that end where their part ends: that one takes in further parts is a reading of its own,
and that the other does not is sure."""

_MOST_READINGS = 200
"""An ARN that could be taken apart in more ways can be any."""

_HIDDEN = "\0"
"""Stands for each character of a variable of an ARN where the texts of a format are looked for."""


class Arn:
    """An ARN of a policy, taken apart once for many formats."""

    def __init__(self, text: str, *, moved: bool = False) -> None:
        self.text = fold_stars(text)
        """With one `*` for each run of them, which means the same."""
        self.moved = moved
        """The resource has text that was written before it."""
        shown = without_variables(self.text)
        parts = shown.split(":", PARTS - 1)
        self.missing = 0
        """How many of the six parts AWS adds as `*`."""
        if shown == ANY:
            parts = ["arn", *ANY * 5]
        elif shown.startswith(_HIDDEN) and self.text.startswith(VARIABLE):
            self.text = fold_stars(ANY + self.text[self.text.index("}") + 1 :])
            parts = ["arn", *ANY * 4, without_variables(self.text)]
        elif parts[0] == "arn" and len(parts) > 1:
            self.missing = PARTS - len(parts)
            parts += [ANY] * self.missing
        else:
            parts = []
        self.head = (parts[1], parts[2], parts[3], parts[4]) if parts else None
        """The parts before the resource, without what is inside variables; all of them `*` if the
        text starts with a variable, and None if it does not have the form of an ARN."""
        self.resource = parts[5] if parts else ""
        """The same of the resource."""
        self.start = _literal_start(self.resource)
        """The text of the resource before its first wildcard or variable."""
        self.parts = self._parts()
        """Partition, service, Region, account and resource, with `*` for what AWS adds. Colons
        inside `${…}` do not separate."""
        self.fitted: dict[Head, tuple[list[tuple[str, str]], bool] | None] = {}
        """How the parts before the resource fit those of formats, many of which share them."""

    def _parts(self) -> tuple[str, str, str, str, str]:
        if self.head is None or not self.text.startswith("arn:"):
            return ANY, ANY, ANY, ANY, self.text
        if VARIABLE not in self.text:
            return (*self.head, self.resource)
        found, start = list[str](), len("arn:")
        for part in (*self.head, self.resource):
            found.append(self.text[start : start + len(part)] or part)
            start += len(part) + 1
        return found[0], found[1], found[2], found[3], found[4]

    @property
    def is_arn(self) -> bool:
        """Return True if it has the form of an ARN, and can be of a partition."""
        return self.head is not None and is_partition(self.parts[0])

    @property
    def incomplete(self) -> bool:
        """Return True if parts are missing, and no wildcard or variable at the end is for them."""
        return self.missing > 0 and not self.text.endswith((ANY, "}"))

    @property
    def completed(self) -> str:
        """The ARN with all its parts, as AWS completes it."""
        return self.text + f":{ANY}" * self.missing

    @property
    def service(self) -> str:
        """The service as a pattern."""
        service = self.head[1] if self.head else ANY
        return fold_stars(service.replace(_HIDDEN, ANY)) if _HIDDEN in service else service

    @property
    def holds_colons(self) -> bool:
        """Return True if colons of the resource may be in values, and need not be a format's own.

        Behind a `*` that takes in a part, anything would fit otherwise.
        """
        return not self.moved or self.start != "" or self.parts[4].startswith(FREE)

    @property
    def slashes(self) -> int:
        """How many slashes the resource writes."""
        return self.resource.count("/")

    @cached_property
    def tokens(self) -> list[Token]:
        """The resource, character by character."""
        return settled(loose(self.parts[4], words=True))

    @property
    def beyond(self) -> list[Arn]:
        """The ARNs that this one can be where a `*` that ends a part goes on beyond the colon.

        The `*` takes in parts, so that what follows it moves on towards the resource.
        """
        if self.head is None or not self.text.startswith("arn:"):
            return []
        written = PARTS - 1 - self.missing
        found = []
        for place in range(1, min(4, written - 1)):
            if not self.parts[place].endswith((ANY, "}")) or self.parts[place].endswith(_ENDING):
                continue
            for more in range(1, 5 - place):
                parts = [*self.parts[: place + 1], *[ANY] * more, *self.parts[place + 1 : written]]
                found.append(Arn(":".join(["arn", *parts]), moved=more > self.missing))
        return found


def may_be_everything(pattern: str) -> bool:
    """Return True if what a pattern leaves open can make it `*`."""
    pieces = split_openings(pattern)
    texts = {text for kind, text in pieces if kind is None}
    kinds = {kind for kind, _ in pieces}
    return "".join(texts).strip(ANY) == "" and kinds <= {None, "any", "part"}


def is_settled(pattern: str) -> bool:
    """Return True if every part before the resource is known to be the part that it looks like.

    What is open there is the value of a part, and has no colons.
    """
    pieces = split_openings(pattern)
    before = ""
    for kind, text in pieces:
        if kind not in (None, "part", "word"):
            break
        before += text
    is_whole = without_variables(before).count(":") >= PARTS - 1
    return before.startswith("arn:") and (is_whole or len(before) == len(pattern))


def readings(pattern: str) -> Iterator[Arn]:
    """Yield the ARNs that a pattern with openings can be, one for each way to take it apart.

    An opening can have colons in it, so that any of the parts can be in it. Where it has none or
    they are behind the fifth, there is one way. Openings become nameless ones, and a part that can
    be nothing else is `arn`. Of a partition only those of AWS are read.
    """
    for text in _closed(pattern):
        first, colon, rest = text.partition(":")
        if not colon or not (first == "arn" or (VARIABLE in first and overlaps(first, "arn"))):
            continue
        arn = Arn(f"arn:{rest}")
        if arn.head is not None and any(overlaps(arn.parts[0], each) for each in PARTITIONS):
            yield arn


def _closed(pattern: str) -> list[str]:
    """Return the texts that an open ARN can be, with the colons of its openings written out."""
    ways = [("", 0)]
    for kind, text in split_openings(pattern):
        if kind is None:
            colons = without_variables(text).count(":")
            ways = [(before + text, count + colons) for before, count in ways]
        elif kind == "arn" and ways == [("", 0)]:
            ways = [(":".join(["arn", *[FREE] * (PARTS - 1)]), PARTS - 1)]
        elif kind in ("part", "word") and ways != [("", 0)]:
            ways = [(before + opening("", kind), count) for before, count in ways]
        else:
            ways = [
                (before + ":".join([FREE] * (more + 1)), count + more)
                for before, count in ways
                for more in range(max(PARTS - 1 - count, 0) + 1)
            ]
        if len(ways) > _MOST_READINGS:
            return [":".join(["arn", *[FREE] * (PARTS - 1)])]
    return [text for text, _ in ways]


def without_variables(text: str) -> str:
    """Hide the characters of each `${…}`, so that its colons and slashes are not seen."""
    if VARIABLE not in text:
        return text
    pieces, done = list[str](), 0
    for start, end in split_variables(text):
        pieces += [text[done:start], _HIDDEN * (end - start)]
        done = end
    return "".join([*pieces, text[done:]])


def is_partition(part: str) -> bool:
    """Return True if a part can be the name of a partition."""
    return part in ("aws", ANY) or overlaps(part, "aws") or overlaps(part, "aws-?*")


def _literal_start(text: str) -> str:
    places = [place for place in map(text.find, (ANY, ONE, _HIDDEN)) if place >= 0]
    return text[: min(places)] if places else text
