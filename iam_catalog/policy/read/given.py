"""Convert API input (value, JSON text, document) to a PolicyDocument."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Kind, PolicyDocument
from iam_catalog.policy.read.cloudformation import alternatives, has_functions, resolve
from iam_catalog.policy.read.json_text import MAX_DEPTH, TOO_DEEP, Place, depth_exceeds, read_json
from iam_catalog.policy.read.source import BLANKS

NO_FILE = "-"
_GIVEN = "<policy>"
"""The name of the input in error messages."""


def as_document(policy: object, kind: Kind | None = None) -> PolicyDocument:
    """Return *policy* as a document; *kind* counts where the document has none.

    Raises `UnreadablePolicy` for a text that is not JSON, and for a value that JSON cannot hold.
    """
    if isinstance(policy, PolicyDocument):
        return replace(policy, kind=policy.kind or kind)
    if isinstance(policy, str):
        value, text = read_json(policy, Place(_GIVEN)), policy
    else:
        _refuse_other_values(policy)
        value, text = policy, ""
    choices: tuple[object, ...] = ()
    if has_functions(value):
        choices, value = alternatives(value), resolve(value)
    document = PolicyDocument(NO_FILE, None, value, (), 1, text, 1, kind)
    if not choices and not text.startswith(BLANKS):
        return document
    return replace(document, leading_blank=text.startswith(BLANKS), alternatives=choices)


def _refuse_other_values(policy: object) -> None:
    """Raise `UnreadablePolicy` for values that JSON lacks: sets, tuples, dates, other names."""
    if depth_exceeds(policy, MAX_DEPTH):
        raise UnreadablePolicy(_GIVEN, TOO_DEEP)
    waiting = [policy]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            _refuse_unless(str, value)
        elif isinstance(value, list):
            waiting += value
        else:
            _refuse_unless((str, int, float, type(None)), [value])


def _refuse_unless(types: type | tuple[type, ...], values: Iterable[object]) -> None:
    for each in values:
        if not isinstance(each, types):
            found = f"it has {each!r:.100} of Python's type {type(each).__name__}"
            raise UnreadablePolicy(_GIVEN, f"{found}: expected what JSON can say")
