"""A policy as people have it at hand: a value, its JSON text, or a document of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Kind, PolicyDocument
from iam_catalog.policy.read.json_text import MAX_DEPTH, TOO_DEEP, Place, depth_exceeds, read_json

NO_FILE = "-"
GIVEN = "<policy>"
"""The name in errors about a text or a value that was given."""


def as_document(policy: object, kind: Kind | None = None) -> PolicyDocument:
    """*policy* as a document; *kind* says what it is attached to, where the document does not.

    Raises `UnreadablePolicy` for a text that is no JSON, and for a value that no JSON has.
    """
    if isinstance(policy, PolicyDocument):
        return replace(policy, kind=policy.kind or kind)
    if isinstance(policy, str):
        value = read_json(policy, Place(GIVEN))
        return PolicyDocument(NO_FILE, None, value, (), 1, policy, 1, kind)
    refuse_other_values(policy)
    return PolicyDocument(NO_FILE, None, policy, (), 1, "", 1, kind)


def refuse_other_values(policy: object) -> None:
    """Python has values that JSON has not: sets, tuples, dates, names that are no text."""
    if depth_exceeds(policy, MAX_DEPTH):
        raise UnreadablePolicy(GIVEN, TOO_DEEP)
    waiting = [policy]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            refuse_unless(str, value)
        elif isinstance(value, list):
            waiting += value
        else:
            refuse_unless((str, int, float, type(None)), [value])


def refuse_unless(types: type | tuple[type, ...], values: Iterable[object]) -> None:
    for each in values:
        if not isinstance(each, types):
            found = f"it has {each!r:.100} of Python's type {type(each).__name__}"
            raise UnreadablePolicy(GIVEN, f"{found}: expected what JSON can say")
