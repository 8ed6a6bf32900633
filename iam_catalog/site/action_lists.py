"""List actions by name, and count and narrow lists of them by access level."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from iam_catalog.facts.overviews import actions_named
from iam_catalog.names import ACCESS_LEVELS, match_access_level

LEVEL_UNKNOWN = "unknown"
"""In addresses: the level of an action of which no source gives one."""


def listed(connection: sqlite3.Connection, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the actions of the catalog among *names*, in that order."""
    found = actions_named(connection, names)
    actions = (found[name.lower()] for name in names if name.lower() in found)
    return [
        {
            "action": each.action,
            "access_level": each.access_level,
            "description": each.description,
        }
        for each in actions
    ]


def by_level(actions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count the actions of each primary level, in AWS's order; `None` is the last."""
    counts = Counter(each["access_level"] for each in actions)
    return [
        {"access_level": level, "actions": counts[level]}
        for level in (*ACCESS_LEVELS, None)
        if counts[level]
    ]


def by_service(actions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count the actions of each service, by prefix."""
    counts = Counter(each["action"].partition(":")[0] for each in actions)
    return [
        {"service_prefix": prefix, "actions": number} for prefix, number in sorted(counts.items())
    ]


def checked_level(word: str | None) -> str | None:
    """Return AWS's spelling of the level to narrow a list to; raises `UnknownAccessLevel`."""
    if word is None or word == LEVEL_UNKNOWN:
        return word
    return match_access_level(word)


def at_level(actions: Iterable[dict[str, Any]], level: str | None) -> list[dict[str, Any]]:
    """Return the actions of a level that `checked_level` gave; all of them for `None`."""
    wanted = None if level == LEVEL_UNKNOWN else level
    return [each for each in actions if level is None or each["access_level"] == wanted]


def with_words(actions: Iterable[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Return the actions of a service's list that have every word of *text*, or a part of a word,
    in any case: in names, levels, description, resource types or condition keys."""
    words = text.lower().split()
    if not words:
        return list(actions)
    return [each for each in actions if all(word in _text_of(each) for word in words)]


def _text_of(action: dict[str, Any]) -> str:
    parts = [
        *(action["name"], action["description"] or "", *action["access_levels"]),
        *(*(action["resource_types"] or ()), *action["condition_keys"]),
        "permission only" if action["permission_only"] else "",
    ]
    return " ".join(parts).lower()
