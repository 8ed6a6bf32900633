"""Many actions with what a list of them shows: access level, description, and the sums by level."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from iam_catalog.facts.rows import boolean, mark
from iam_catalog.facts.services_held import select_in
from iam_catalog.names import ACCESS_LEVELS, match_access_level

LEVEL_UNKNOWN = "unknown"
"""Stands in addresses for the level of an action of which no source gives one."""


def gathered(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The values of each key, each once, in the order of *rows*."""
    found: dict[str, dict[str, None]] = {}
    for key, value in rows:
        found.setdefault(key, {})[value] = None
    return {key: list(values) for key, values in found.items()}


def of_service(
    rows: Iterable[Sequence[Any]],
    levels: Mapping[str, list[str]],
    types: Mapping[str, list[str]],
    needs: Mapping[str, int],
    paired: Container[str],
) -> list[dict[str, Any]]:
    """The actions of a service, now or when it was removed, with what its sources show of each.

    *paired* are those that have a row: of others, no source has a place for resource types.
    A row is the action, its bare name, primary level, description, whether it is permission-only,
    the source from which its dependent actions are known (without one their number is unknown), and
    whether it is held in part.
    """
    return [
        {
            "action": action,
            "name": name,
            "access_level": level,
            "access_levels": levels.get(action, []),
            "description": description,
            "permission_only": boolean(permission_only),
            "resource_types": types.get(action, []) if action in paired else None,
            "dependent_actions": needs.get(action, 0) if known_from else None,
            "incomplete": mark(incomplete),
        }
        for action, name, level, description, permission_only, known_from, incomplete in rows
    ]


def matrix(actions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count the actions of each level by resource type, of those whose resource types are known.

    None stands for those that take none; it comes last, and before it the types of most actions.
    """
    found: dict[str | None, Counter[str]] = {}
    for each in actions:
        if each["resource_types"] is not None:
            for name in each["resource_types"] or [None]:
                found.setdefault(name, Counter())[each["access_level"] or "unknown"] += 1
    order = sorted(found, key=lambda name: (name is None, -found[name].total(), name or ""))
    return [{"resource_type": name, "actions": dict(found[name])} for name in order]


def listed(connection: sqlite3.Connection, names: Sequence[str]) -> list[dict[str, Any]]:
    """Actions of the catalog, in the order of *names*, with level and description."""
    rows = select_in(
        connection,
        "select action, access_level, description from actions where action in ({})",
        names,
    )
    found = {
        action: {"action": action, "access_level": level, "description": description}
        for action, level, description in rows
    }
    return [found[name] for name in names if name in found]


def by_level(actions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many actions have each level as the primary one, in AWS's order; None is the last."""
    counts = Counter(each["access_level"] for each in actions)
    return [
        {"access_level": level, "actions": counts[level]}
        for level in (*ACCESS_LEVELS, None)
        if counts[level]
    ]


def by_service(actions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many actions each service has, by prefix."""
    counts = Counter(each["action"].partition(":")[0] for each in actions)
    return [
        {"service_prefix": prefix, "actions": number} for prefix, number in sorted(counts.items())
    ]


def asked_level(word: str | None) -> str | None:
    """AWS's spelling of the level that a list is to be narrowed to; raises `UnknownAccessLevel`."""
    if word is None or word == LEVEL_UNKNOWN:
        return word
    return match_access_level(word)


def at_level(actions: Iterable[dict[str, Any]], level: str | None) -> list[dict[str, Any]]:
    """The actions of that level as `asked_level` gives it; all of them for None."""
    wanted = None if level == LEVEL_UNKNOWN else level
    return [each for each in actions if level is None or each["access_level"] == wanted]
