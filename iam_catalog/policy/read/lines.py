"""The line of a file on which a part of a policy stands: worked out only when someone asks."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from iam_catalog.policy.model import Path, PolicyDocument
from iam_catalog.policy.read.json_lines import JsonPlaces


class Places(Protocol):
    """What knows the lines of a text."""

    def line(self, path: Path) -> int:
        """From 0; of a path that leads out of the text, as far as it leads."""


def line_of(document: PolicyDocument, path: Path) -> int:
    """The 1-based line of the file for a part of the policy.

    Of a member, the line of its name. Where the policy stands as text inside a JSON string (in
    plans of Terraform), and for a part that the text does not have, the line of the nearest part
    around it.
    """
    places = places_in(document.text, document.syntax)
    return document.text_line + places.line((*document.path, *path))


@lru_cache(maxsize=2)
def places_in(text: str, syntax: str) -> Places:
    """One for all findings of a text."""
    if syntax == "json":
        return JsonPlaces(text)
    from iam_catalog.policy.read.yaml_text import YamlPlaces

    return YamlPlaces(text)
