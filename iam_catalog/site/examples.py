"""Propose questions that the catalog at hand has an answer to.

A catalog of few services does not hold the services that everybody knows.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from typing import NamedTuple

from iam_catalog.facts.overviews import (
    bare_action_names,
    held_resource_types,
    most_needing_action,
    shortest_arn_formats,
)

_FIRST_WORD = re.compile(r"[A-Z][a-z]+")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_KNOWN_ARNS = {
    "s3:object": "arn:aws:s3:::logs/2026/*",
    "ec2:instance": "arn:aws:ec2:*:111122223333:instance/*",
    "iam:role": "arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}",
}
_KNOWN_ACTIONS = ("ec2:RunInstances", "connect:CreateInstance")
_FILLED = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}


class Examples(NamedTuple):
    """Questions to propose, each empty where the catalog has nothing of the kind."""

    action: str | None
    """One that needs other actions, where any does."""
    pattern: str | None
    """What most actions of its service start with: `ec2:Describe*`."""
    arns: dict[str, str]
    """Each with its resource type."""

    @property
    def words(self) -> str | None:
        """Return the words in the name of the action: `run instances`."""
        name = self.action.partition(":")[2] if self.action else ""
        return " ".join(_WORD.findall(name)).lower() or None


def examples(connection: sqlite3.Connection) -> Examples:
    """Return questions of each kind for the catalog of *connection*."""
    action = most_needing_action(connection, _KNOWN_ACTIONS)
    pattern = _pattern(connection, action.partition(":")[0]) if action else None
    return Examples(action, pattern, _arns(connection))


def _pattern(connection: sqlite3.Connection, prefix: str) -> str:
    names = bare_action_names(connection, prefix)
    words = Counter(found[0] for name in names if (found := _FIRST_WORD.match(name)))
    return f"{prefix}:{words.most_common(1)[0][0] if words else ''}*"


def _arns(connection: sqlite3.Connection) -> dict[str, str]:
    held = held_resource_types(connection, list(_KNOWN_ARNS))
    if held:
        return {arn: name for name, arn in _KNOWN_ARNS.items() if name in held}
    return {filled(text): name for name, text in shortest_arn_formats(connection, 2)}


def filled(arn_format: str) -> str:
    """Return an ARN of that format.

    >>> filled("arn:${Partition}:connect:${Region}:${Account}:instance/${InstanceId}")
    'arn:aws:connect:eu-west-1:111122223333:instance/*'
    """
    return re.sub(r"\$\{([^{}]*)\}", lambda found: _FILLED.get(found[1], "*"), arn_format)
