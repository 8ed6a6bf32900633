"""A policy as people have it at hand: a value, its JSON text, or a document of a file."""

from __future__ import annotations

from dataclasses import replace

from iam_catalog.policy.json_text import Place, read_json
from iam_catalog.policy.records import Kind, PolicyDocument

NO_FILE = "-"


def as_document(policy: object, kind: Kind | None = None) -> PolicyDocument:
    """*policy* as a document; *kind* says what it is attached to, where the document does not.

    Raises `UnreadablePolicy` for a text that is no JSON.
    """
    if isinstance(policy, PolicyDocument):
        return replace(policy, kind=policy.kind or kind)
    if isinstance(policy, str):
        value = read_json(policy, Place(NO_FILE))
        return PolicyDocument(NO_FILE, None, value, (), 1, policy, 1, kind)
    return PolicyDocument(NO_FILE, None, policy, (), 1, "", 1, kind)
