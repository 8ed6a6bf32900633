"""Read AWS's ARN formats: their parts, their placeholders, and what those can hold.

The resource types tables of the Service Authorization Reference write a format as
`arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}`. What a value can be is said
elsewhere, and follows from the form of an ARN (IAM User Guide, "Identify AWS resources with Amazon
Resource Names (ARNs)", read on 2026-11-29):

- A part before the resource has no colon, and a Region or an account has no slash either.
- Without a resource type before it, the first value is the `resource-id` alone, which has neither:
  what is written before a colon or slash there would be read as a resource type.
- Behind a resource type, a value can be a path (`role/team/admin`) or have a qualifier behind a
  colon (`function:web:1`), unless `_HOLDS` knows better.
- A value is one character or more, and a `*` of a format any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from iam_catalog.arn.pattern import ANY, ONE, PatternStates, Token, split_variables
from iam_catalog.names import split_arn_format

PARTITION = "Partition"
ACCOUNT = "Account"

Head = tuple[str, str, str, str]
"""Partition, service, Region and account."""

_PLACEHOLDER = re.compile(r"[$#]?\{([^{}]*)\}|<([^<>]*)>|\*")
"""`${Name}`, by AWS's mistake also `{Name}`, `#{Name}` and `<name>`; or a `*` of the format."""


@dataclass(frozen=True, slots=True)
class Holds:
    """What the value of a placeholder can be."""

    barred: str = ""
    """Characters that it does not have."""
    barred_first: str = ""
    """Characters that it does not start with."""
    empty: bool = False
    """It may be left out."""

    def allows(self, value: str) -> bool:
        """Return True if it can be *value*, or a text that *value* is a pattern of."""
        if self.barred and any(character in value for character in self.barred):
            return False
        return not value or value[0] not in self.barred_first


_ANYTHING = Holds()
_ANY_TEXT = Holds(empty=True)
_NO_PATH = Holds("/")
_NO_SEPARATOR = Holds("/:")

_HOLDS: dict[str, dict[str, Holds]] = {
    # Amazon S3 User Guide, "General purpose bucket naming rules" (capitals and underscores are of
    # buckets from before March 2018) and "Naming rules for access points"
    "s3": {"BucketName": _NO_SEPARATOR, "AccessPointName": _NO_SEPARATOR},
    # Amazon DynamoDB API Reference: CreateTable, CreateBackup
    "dynamodb": dict.fromkeys(("TableName", "IndexName", "BackupName"), _NO_SEPARATOR),
    # AWS Lambda API Reference: Invoke and PublishLayerVersion; a version or alias is behind a colon
    "lambda": {"FunctionName": _NO_PATH, "LayerName": _NO_PATH},
    # AWS Step Functions API Reference: CreateStateMachine; the same
    "states": {"StateMachineName": _NO_PATH},
    # AWS CodePipeline API Reference: PipelineDeclaration, StageDeclaration, ActionDeclaration
    "codepipeline": dict.fromkeys(("PipelineName", "StageName", "ActionName"), _NO_SEPARATOR),
    # Amazon Kinesis Data Streams API Reference: CreateStream
    "kinesis": {"StreamName": _NO_SEPARATOR},
    # AWS KMS Developer Guide, "Key identifiers (KeyId)"
    "kms": {"KeyId": _NO_SEPARATOR},
    # AWS CodeArtifact User Guide, "Update package version status": npm//chalk has no namespace
    "codeartifact": {"PackageNamespace": Holds("/", empty=True)},
}
"""What AWS says of placeholders, by the service of the format; all read on 2026-11-29."""


def _holds(service: str, name: str, *, leads: bool) -> Holds:
    """Tell what a placeholder can hold; *leads* says that nothing is before it in the resource."""
    known = _HOLDS.get(service, {}).get(name)
    if known is not None:
        return known
    word = name.lower()
    if word in ("partition", "region") or word.startswith("account"):
        return _NO_SEPARATOR
    if word.endswith("withoutleadingslash"):
        return Holds(barred_first="/")
    if service == "ec2" and name.endswith("Id"):
        # Amazon EC2 User Guide, "Resource IDs": letters, digits and a hyphen
        return _NO_SEPARATOR
    return _NO_SEPARATOR if leads and not word.endswith("arn") else _ANYTHING


@dataclass(frozen=True)
class ArnFormat:
    """An ARN format, taken apart once for many ARNs."""

    text: str
    head: Head
    head_names: tuple[str | None, ...]
    """Of the parts that are one placeholder."""
    resource: str
    texts: tuple[str, ...]
    """The resource's own texts, before, between and behind its placeholders."""
    names: tuple[str, ...]
    """Of the resource's placeholders; `*` for that character."""
    holds: tuple[Holds, ...]
    """What each of these can be."""

    @property
    def service(self) -> str:
        return self.head[1]

    @cached_property
    def names_service(self) -> bool:
        """Return True unless there is a placeholder for the service."""
        return _PLACEHOLDER.search(self.service) is None

    @cached_property
    def limits(self) -> tuple[tuple[int, Holds], ...]:
        """The placeholders, by number, that cannot hold any text."""
        return tuple(
            (number, holds)
            for number, holds in enumerate(self.holds)
            if holds.barred or holds.barred_first
        )

    @cached_property
    def slashes(self) -> int:
        """Count the slashes of the resource's own text."""
        return sum(text.count("/") for text in self.texts)

    @cached_property
    def letters(self) -> int:
        """Count the characters of its own text behind the service."""
        fixed = [part for part in self.head[2:] if _PLACEHOLDER.search(part) is None]
        return sum(map(len, (*fixed, *self.texts)))

    def can_have_words_of(self, other: ArnFormat) -> bool:
        """Return True if it has all words of the other, or a placeholder for its resource type."""
        missing = set(other._words).difference(self._words)
        return not missing or (not self.texts[0] and missing == {other._words[0]})

    @cached_property
    def _words(self) -> tuple[str, ...]:
        """The texts of the resource that are whole between slashes and colons."""
        found: list[str] = []
        for number, text in enumerate(self.texts):
            words = text.replace(":", "/").split("/")
            found += words[number > 0 : len(words) - (number < len(self.names))]
        return tuple(word for word in found if word)

    @cached_property
    def tokens(self) -> FormatTokens:
        """The resource, character by character."""
        return FormatTokens(self.texts, self.names, self.holds)

    @cached_property
    def tokens_without_colons(self) -> FormatTokens:
        """The same with no colon in any value."""
        holds = [replace(each, barred=each.barred.replace(":", "") + ":") for each in self.holds]
        return FormatTokens(self.texts, self.names, holds)


class FormatTokens:
    """The characters of a format's resource, each with the placeholder it belongs to.

    A placeholder is one character and then any text, or only the latter where it may be left out.
    """

    def __init__(self, texts: Iterable[str], names: Iterable[str], holds: Iterable[Holds]) -> None:
        self.tokens: list[Token] = []
        self.names: list[str | None] = []
        self._barred: dict[str, int] = {}
        first, *others = texts
        self._add_text(first)
        for name, can_be, text in zip(names, holds, others, strict=True):
            if not can_be.empty:
                self._add_wildcard(ONE, name, can_be.barred + can_be.barred_first)
            self._add_wildcard(ANY, name, can_be.barred)
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        self.tokens += [("", letter) for letter in text]
        self.names += [None] * len(text)

    def _add_wildcard(self, kind: str, name: str, barred: str) -> None:
        if kind == ANY and self.tokens[-1:] == [(ANY, "")]:
            return  # the value before it takes its text
        for character in set(barred):
            self._barred[character] = self._barred.get(character, 0) | 1 << len(self.tokens)
        self.tokens.append((kind, ""))
        self.names.append(name)

    @cached_property
    def places(self) -> PatternStates:
        return PatternStates(self.tokens, self._barred)

    def takes(self, place: int, token: Token) -> bool:
        """Return True if a value that goes on at a place can have the token."""
        return not self._barred.get(token[1], 0) >> place & 1

    def inside(self, place: int) -> str | None:
        """Return the placeholder whose value can go on at a place, or None."""
        goes_on = place < len(self.tokens) and self.tokens[place][0] == ANY
        return self.names[place] if goes_on else None


@lru_cache(maxsize=8192)
def read_format(text: str) -> ArnFormat:
    """Take a format apart; a text that is not an ARN is the resource as a whole."""
    *head, resource = split_arn_format(text) or ("", "", "", "", text)
    service = head[1]
    texts, names = _pieces(resource)
    holds = tuple(
        _ANY_TEXT if name == ANY else _holds(service, name, leads=not (number or texts[0]))
        for number, name in enumerate(names)
    )
    head_names = tuple(_only_name(part) for part in head)
    return ArnFormat(
        text, (head[0], service, head[2], head[3]), head_names, resource, texts, names, holds
    )


@lru_cache(maxsize=1024)
def head_holds(name: str) -> Holds:
    """Tell what a placeholder before the resource can hold, beside no colon."""
    return _holds("", name, leads=False)


@lru_cache(maxsize=1024)
def loosened(part: str) -> str:
    """Write a part of a format as a pattern, with at least a character for a placeholder."""
    texts, names = _pieces(part)
    values = [ANY if name == ANY else ONE + ANY for name in names]
    return texts[0] + "".join(value + text for value, text in zip(values, texts[1:], strict=True))


def _only_name(part: str) -> str | None:
    found = _PLACEHOLDER.fullmatch(part)
    return (found[1] or found[2]) if found else None


def _pieces(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split a part of a format into its texts and the names of the placeholders between them."""
    texts, names, done = list[str](), list[str](), 0
    for found in _PLACEHOLDER.finditer(text):
        texts.append(text[done : found.start()])
        names.append(found[1] or found[2] or ANY)
        done = found.end()
    return (*texts, text[done:]), tuple(names)


# --- formats in policies


def placeholders(arn: str) -> list[tuple[str, int, int]]:
    """List the name, start and end of each placeholder of an ARN.

    A policy variable is not one: its name is a condition key, which has a colon.
    """
    found = [(arn[start + 2 : end - 1], start, end) for start, end in split_variables(arn)]
    return [each for each in found if each[0].isalnum()]


def placeholder_names(arns: Iterable[str]) -> list[str]:
    """List the names of all placeholders of ARNs, sorted.

    >>> placeholder_names(["arn:${Partition}:iam::${Account}:user/${aws:username}"])
    ['Account', 'Partition']
    """
    return sorted({name for arn in arns for name, _, _ in placeholders(arn)})


def fill(arn: str, values: Mapping[str, str]) -> str:
    """Write the values that there are for the placeholders of an ARN.

    >>> fill("arn:${Partition}:s3:::${BucketName}", {"Partition": "aws"})
    'arn:aws:s3:::${BucketName}'
    """
    for name, start, end in reversed(placeholders(arn)):
        arn = arn[:start] + values.get(name, arn[start:end]) + arn[end:]
    return arn
