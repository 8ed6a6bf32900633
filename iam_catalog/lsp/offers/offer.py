"""Define offers and what they depend on, and write what they insert as snippets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from iam_catalog.arn.format import placeholders
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.places import PolicyPlace
from iam_catalog.lsp.policies import TreeStatement
from iam_catalog.lsp.scan.tree import Mode
from iam_catalog.policy.facts import PolicyFacts
from iam_catalog.policy.grammar.statements import can_have
from iam_catalog.policy.model import Kind

OfferKind = Literal["action", "pattern", "service", "element", "value", "resource", "key"]

MOST = 100
"""Offers of one answer; where there are more, the editor asks again when more is typed."""
_MOST_ACTIONS = 400
"""Actions of a statement that its resources and keys are looked up for."""
ANY = "*"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to type."""

    label: str
    kind: OfferKind
    detail: str = ""
    """What it is, in a few words."""
    text: str = ""
    """Paragraphs about it, for people."""
    insert: str = ""
    """What is typed, in the syntax of snippets if `is_snippet`; the label where it is empty."""
    is_snippet: bool = False
    matches: str = ""
    """What typed text is compared with; the label where it is empty."""
    goes_on: bool = False
    """More has to be typed behind it, as behind the prefix of a service."""
    tail: str = ""
    """Of a key: the value to type behind it, as a snippet."""
    is_whole: bool = False
    """It has its own quotation marks and brackets, or goes into a text that is there."""


def fit(text: str, typed: str) -> int | None:
    """Return how well a text fits what was typed, 0 is best; None where letters are missing.

    What is before a colon has to be there as it is: `store:` fits no key of `identitystore`.
    """
    low, wanted = text.lower(), typed.lower()
    if low.startswith(wanted):
        return 0
    before, colon, rest = wanted.rpartition(":")
    start = len(before) + len(colon)
    if not low.startswith(wanted[:start]):
        return None
    found = low.find(rest, start)
    if found >= 0:
        return 1 if text[found].isupper() else 2
    letters = iter(low[start:])
    return 3 if all(letter in letters for letter in rest) else None


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """What offers depend on."""

    held: HeldCatalog
    place: PolicyPlace
    typed: str
    kind: Kind | None

    @property
    def facts(self) -> PolicyFacts:
        return self.held.facts

    @property
    def mode(self) -> Mode:
        return self.place.spot.branch.mode

    @property
    def statement(self) -> TreeStatement:
        assert self.place.statement is not None
        return self.place.statement

    def items(self, *elements: str) -> list[str]:
        """Return the texts of elements of the statement, without the one that is being typed."""
        here = self.place.spot.leaf
        texts = self.statement.texts(*elements)
        if here is None:
            return [leaf.text for leaf in texts]
        return [leaf.text for leaf in texts if leaf.start != here.start]

    def actions(self) -> list[str]:
        """Return the actions that the statement covers, as far as it names them."""
        return self.held.spelled(self.items("Action"), _MOST_ACTIONS)

    def can_have(self, element: str, value: object = None) -> bool:
        """Return True if the statement can have an element, or a value of it, by the grammar."""
        statement = self.place.statement
        effect = statement.text("Effect") if statement is not None else ""
        is_block = statement is not None and statement.is_block
        return can_have(self.kind, element, value, effect or ("Allow" if is_block else "Deny"))


def tail(mode: Mode, value: str) -> str:
    """Return what goes behind a key: the character between both and a value to fill in."""
    if mode == "block":
        return f": {value}" if value[:1] == '"' and value != '"$0"' else ": $0"
    return f" = {value}" if mode == "hcl" else f": {value}"


def snippet_of(arn: str) -> str:
    """Write an ARN format as a snippet, with a tab stop for each placeholder.

    >>> snippet_of("arn:${Partition}:s3:::${BucketName}")
    'arn:${1:aws}:s3:::${2:BucketName}'
    """
    text, done = "", 0
    for number, (name, start, end) in enumerate(placeholders(arn), 1):
        shown = "aws" if name == "Partition" else name
        text += f"{literal(arn[done:start])}${{{number}:{shown}}}"
        done = end
    return text + literal(arn[done:])


def literal(text: str) -> str:
    """Escape what has a meaning in snippets."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def shown(arn: str) -> str:
    """Write an ARN format as it is typed, without the marks of placeholders."""
    for name, start, end in reversed(placeholders(arn)):
        arn = f"{arn[:start]}{'aws' if name == 'Partition' else name}{arn[end:]}"
    return arn
