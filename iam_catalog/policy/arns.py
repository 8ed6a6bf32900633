"""ARNs of policies, and whether one can be of a documented ARN format.

An ARN of a policy can hold wildcards and variables, so the answer is a possibility. What AWS
documents, and what follows for a match:

- An ARN has six parts with colons between; the last one can hold colons and slashes ("IAM
  identifiers", "IAM ARNs", in the IAM User Guide). A part that a format leaves empty is empty: in
  the ARN it may be empty, or a wildcard that can be no text.
- `${Partition}` stands for `aws`, `aws-cn`, `aws-us-gov` or another name that starts so.
- A variable of a format stands for one character or more. Before the resource it holds no colon;
  in the resource it can hold colons and slashes (`role/${RoleNameWithPath}`), and each of the
  first variables holds as little as it can. A `*` of a format (`report-package/*`) stands for any
  text, also none.
- A `*` that ends a part of an ARN can go on beyond the colon ("IAM JSON policy elements:
  Resource", "Using wildcards in resource ARNs"): `arn:aws:s3*` has all the parts. Where an ARN has
  six parts that fit one by one, it need not.
- Resources compare with case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from iam_catalog.names import split_arn_format
from iam_catalog.policy.arn_alignment import Wanted, align, run_out
from iam_catalog.policy.variables import split_variables
from iam_catalog.policy.wildcards import (
    ANY,
    LONGEST,
    ONE,
    VARIABLE,
    Token,
    loose,
    overlaps,
)

PARTITION = "Partition"
HIDDEN = "\0"
"""Stands for each sign of a variable of an ARN where the texts of a format are looked for."""


@dataclass(frozen=True, slots=True)
class ArnFit:
    """How an ARN can be of a format."""

    variables: dict[str, str]
    """What each variable of the format is, as the ARN writes it, wildcards included."""
    exact: bool
    """The ARN writes the format's own text; otherwise a wildcard or variable can stand for it."""
    separators: int
    """How many slashes and colons the ARN writes where the format has a variable or a `*`."""


def split_arn(text: str) -> tuple[str, str, str, str, str] | None:
    """Partition, service, region, account and resource; None for what is no whole ARN.

    Colons inside `${…}` do not separate.

    >>> split_arn("arn:aws:logs:us-east-1:111122223333:log-group:web:*")
    ('aws', 'logs', 'us-east-1', '111122223333', 'log-group:web:*')
    """
    parts = text.split(":", 5)
    if VARIABLE in text:
        hidden, start = without_variables(text).split(":", 5), 0
        parts = []
        for part in hidden:
            parts.append(text[start : start + len(part)])
            start += len(part) + 1
    if len(parts) < 6 or parts[0] != "arn":
        return None
    return parts[1], parts[2], parts[3], parts[4], parts[5]


def match_format(arn: str, arn_format: str) -> dict[str, str] | None:
    """What the variables of a format are in an ARN; None where the ARN can not be of the format.

    >>> match_format("arn:aws:s3:::logs/2026/*", "arn:${Partition}:s3:::${Bucket}/${Object}")
    {'Partition': 'aws', 'Bucket': 'logs', 'Object': '2026/*'}
    """
    found = fit(Arn(arn), read_format(arn_format))
    return None if found is None else found.variables


def fit(arn: Arn, arn_format: ArnFormat) -> ArnFit | None:
    """How an ARN can be of a format; None where it can not."""
    return fit_parts(arn, arn_format) or fit_beyond(arn, arn_format)


Head = tuple[str, str, str, str]
"""Partition, service, region and account."""
Fitted = tuple[dict[str, str], bool]


class Arn:
    """An ARN of a policy, taken apart once for many formats."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = split_arn(text)
        self.heads: dict[Head, Fitted | None] = {}
        """How the parts before the resource fit those of formats, many of which share them."""

    @cached_property
    def resource(self) -> str:
        """The resource, without what stands inside variables."""
        return without_variables(self.parts[4]) if self.parts else ""

    @cached_property
    def service(self) -> str:
        """A pattern of the service: what stands in its place, and `*` where nothing does."""
        parts = without_variables(self.text).replace(HIDDEN, ANY).split(":", 3)
        if len(parts) < 3:
            return ANY
        return parts[2]

    @property
    def is_arn(self) -> bool:
        """All that an ARN must have is there, or a wildcard or variable can stand for it."""
        starts = self.text.startswith(("arn:", ANY, VARIABLE))
        return starts and (self.parts is not None or self.goes_beyond)

    @cached_property
    def goes_beyond(self) -> bool:
        """A wildcard ends a part before the last, or it or a variable stands for missing parts."""
        if self.parts:
            return any(part.endswith(ANY) for part in self.parts[:4])
        return any(part.endswith((ANY, "}")) for part in self.text.split(":"))

    @cached_property
    def start(self) -> str:
        """What the resource writes before its first wildcard or variable."""
        text = self.resource
        return text[: min(place_of(text, sign) for sign in (ANY, ONE, HIDDEN))]

    @cached_property
    def tokens(self) -> list[Token]:
        return loose(self.text)

    @cached_property
    def resource_tokens(self) -> list[Token]:
        return loose(self.parts[4]) if self.parts else []


def place_of(text: str, sign: str) -> int:
    place = text.find(sign)
    return len(text) if place < 0 else place


def without_variables(text: str) -> str:
    """The text with hidden signs for each `${…}`, of the same length."""
    if VARIABLE not in text:
        return text
    pieces, done = list[str](), 0
    for start, end in split_variables(text):
        pieces += [text[done:start], HIDDEN * (end - start)]
        done = end
    return "".join([*pieces, text[done:]])


@dataclass(frozen=True, slots=True)
class ArnFormat:
    """An ARN format, taken apart once for many ARNs."""

    text: str
    head: Head
    resource: str
    texts: tuple[str, ...]
    """The resource's own texts, before, between and behind its variables."""
    names: tuple[str, ...]
    """Of the resource's variables; `*` for that sign."""

    @property
    def names_service(self) -> bool:
        """As nearly all formats do."""
        return VARIABLE not in self.service

    @property
    def service(self) -> str:
        return self.head[1]

    @property
    def letters(self) -> int:
        """How many letters and signs of its own it has behind the service."""
        fixed = [part for part in self.head[2:] if VARIABLE not in part and ANY not in part]
        return sum(map(len, (*fixed, *self.texts)))


@lru_cache(maxsize=8192)
def read_format(text: str) -> ArnFormat:
    """Take a format apart; one that is no ARN has the whole text as its resource."""
    *head, resource = split_arn_format(text) or ("", "", "", "", text)
    return ArnFormat(text, (head[0], head[1], head[2], head[3]), resource, *pieces_of(resource))


def pieces_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts of a part of a format, and the names of the variables between them."""
    texts, names, done = [""], list[str](), 0
    for start, end in [*split_variables(text), (len(text), len(text))]:
        first, *others = text[done:start].split(ANY)
        texts[-1] += first
        for other in others:
            texts.append(other)
            names.append(ANY)
        if end > start:
            texts.append("")
            names.append(text[start + 2 : end - 1])
        done = end
    return tuple(texts), tuple(names)


def fit_parts(arn: Arn, arn_format: ArnFormat) -> ArnFit | None:
    """How an ARN with all its parts can be of a format, part by part."""
    if arn.parts is None or not starts_alike(arn.start, arn_format.texts[0]):
        return None
    if arn_format.head not in arn.heads:
        arn.heads[arn_format.head] = fit_head(arn.parts[:4], arn_format.head)
    head = arn.heads[arn_format.head]
    if head is None:
        return None
    values, exact = head
    found = written(arn, arn_format)
    if found is None:
        exact = False
        found = possible(arn, arn_format)
    if found is None:
        return None
    held = sum(map(separators_of, map(without_variables, found.values())))
    found.pop(ANY, None)
    return ArnFit({**values, **found}, exact, held)


def fit_head(parts: Head, head: Head) -> Fitted | None:
    """What the variables before the resource are, and whether the format's texts are written."""
    values: dict[str, str] = {}
    exact = True
    for part, wanted in zip(parts, head, strict=True):
        if part == wanted and VARIABLE not in wanted:
            continue
        fits = fit_part(part, wanted, values)
        if fits is None:
            return None
        exact = exact and fits
    return values, exact


def possible(arn: Arn, arn_format: ArnFormat) -> dict[str, str] | None:
    """The values of the resource's variables where wildcards of the ARN can be what is missing."""
    if arn.start == arn.resource:
        return None
    if arn.resource == arn.start + ANY:
        return run_out(arn.start, arn_format.texts, arn_format.names)
    if len(arn.resource) > LONGEST:
        return dict.fromkeys(arn_format.names, ANY)
    return align(arn.resource_tokens, wanted_resource(arn_format.text))


def starts_alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def separators_of(text: str) -> int:
    return text.count("/") + text.count(":")


def fit_part(part: str, wanted: str, values: dict[str, str]) -> bool | None:
    """Whether a part before the resource fits, and as it is written; None where it can not.

    What the variable of the format is goes into *values*.
    """
    if not wanted:
        return True if can_be_empty(part) else None
    if not part:
        return True if wanted == ANY else None
    if wanted.startswith(VARIABLE) and wanted.endswith("}"):
        name = wanted[2:-1]
        if name == PARTITION and not is_partition(part):
            return None
        values[name] = part
        return True
    if not overlaps(part, any_text_for_variables(wanted)):
        return None
    return wanted == ANY


def can_be_empty(part: str) -> bool:
    return all(kind == ANY for kind, _ in loose(part))


def is_partition(part: str) -> bool:
    """Whether a part can be the name of a partition ("IAM ARNs")."""
    return part == "aws" or overlaps(part, "aws") or overlaps(part, "aws-?*")


def any_text_for_variables(wanted: str) -> str:
    texts, names = pieces_of(wanted)
    return texts[0] + "".join(
        ("?*" if name != ANY else ANY) + text for name, text in zip(names, texts[1:], strict=True)
    )


def written(arn: Arn, arn_format: ArnFormat) -> dict[str, str] | None:
    """The values of the resource's variables where the ARN writes every text of the format."""
    assert arn.parts
    text, value = arn.resource, arn.parts[4]
    first, *others = arn_format.texts
    if not others:
        return {} if text == first else None
    end = len(text) - len(others[-1])
    position = len(first)
    if end < position or not text.startswith(first) or not text.endswith(others[-1]):
        return None
    found: dict[str, str] = {}
    for number, name in enumerate(arn_format.names):
        least = position + (name != ANY)
        last = number == len(arn_format.names) - 1
        stop = end if last else text.find(others[number], least, end)
        if stop < least:
            return None
        found[name] = found.get(name, "") + value[position:stop]
        position = stop + len(others[number])
    return found


@lru_cache(maxsize=8192)
def wanted_resource(arn_format: str) -> Wanted:
    """The signs of a format's resource."""
    wanted = Wanted()
    add_pieces(wanted, read_format(arn_format).resource, colons=True)
    return wanted


@lru_cache(maxsize=1024)
def wanted_whole(arn_format: str) -> Wanted:
    """The signs of a whole format, whose variables hold no colon."""
    wanted = Wanted()
    wanted.add_text("arn")
    found = read_format(arn_format)
    for part in (*found.head, found.resource):
        wanted.add_text(":")
        add_pieces(wanted, part, colons=False)
    return wanted


def add_pieces(wanted: Wanted, part: str, *, colons: bool) -> None:
    texts, names = pieces_of(part)
    wanted.add_text(texts[0])
    for name, text in zip(names, texts[1:], strict=True):
        wanted.add_variable(name, colons=colons)
        wanted.add_text(text)


def fit_beyond(arn: Arn, arn_format: ArnFormat) -> ArnFit | None:
    """How an ARN can be of a format if its wildcards go on beyond the colons.

    The variables of the resource hold no colon here, because any ARN would fit otherwise.
    """
    if not arn.goes_beyond or len(arn.text) > LONGEST:
        return None
    found = align(arn.tokens, wanted_whole(arn_format.text))
    if found is None or not is_partition(found.get(PARTITION, ANY)):
        return None
    held = sum(map(separators_of, found.values()))
    found.pop(ANY, None)
    return ArnFit(found, False, held)
