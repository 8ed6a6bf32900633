"""Show one service: its actions, resource types, condition keys, operations and pages."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from iam_catalog.facts import services as _services
from iam_catalog.facts.samples import has_policies, policies_naming
from iam_catalog.facts.services import service_lists
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.site.action_lists import at_level, by_level, checked_level
from iam_catalog.site.render import Model, SitePage
from iam_catalog.site.request import Request

FIRST_ROWS = 24
"""About as many as a screen shows at once."""
MORE_ROWS = 100

_STEPS = 8
"""Lengths that a bar can have."""
_DETAILS = {
    "has_descriptions": "descriptions",
    "knows_needs": "dependent actions",
    "knows_marks": "permission-only marks",
}
"""What may be known of no action of a service, in words."""


def service(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the service of that prefix or other name; `access_level` narrows its actions.

    Of a removed service these are the last documented lists. `policies` is null in a catalog that
    has no place for sample policies; so is `dependent_actions` of an action of which nothing is
    known. Raises `UnknownServicePrefix` or `UnknownAccessLevel`.
    """
    found = _services.service(connection, request.names["name"])
    lists = service_lists(connection, found.service_prefix, found.removed)
    actions = [each._asdict() for each in lists.actions]
    level = checked_level(request.value("access_level"))
    return {
        "service": asdict(found),
        "access_level": level,
        "levels": by_level(actions),
        "actions": at_level(actions, level),
        "resource_types": [each._asdict() for each in lists.resource_types],
        "condition_keys": [each._asdict() for each in lists.condition_keys],
        "operations": [
            {
                "name": each.name,
                "actions": [
                    {"action": name, "is_held": is_held} for name, is_held in each.actions.items()
                ],
            }
            for each in lists.operations
        ],
        "matrix": _matrix(actions),
        "policies": _policies(connection, found.service_prefix),
    }


def _policies(connection: sqlite3.Connection, prefix: str) -> list[dict[str, Any]] | None:
    if not has_policies(connection):
        return None
    return [each._asdict() for each in policies_naming(connection, prefix)]


def _matrix(actions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count the actions of each level by resource type, of those whose resource types are known.

    `None` is the type of those that take none; it comes last, after the types of most actions.
    """
    found: dict[str | None, Counter[str]] = {}
    for each in actions:
        if each["resource_types"] is not None:
            for name in each["resource_types"] or [None]:
                found.setdefault(name, Counter())[each["access_level"] or "unknown"] += 1
    order = sorted(found, key=lambda name: (name is None, -found[name].total(), name or ""))
    return [{"resource_type": name, "actions": dict(found[name])} for name in order]


def _shown(model: Model) -> dict[str, Any]:
    """Return the picture of what its actions touch, and the actions by their primary level.

    A column that no action has a value for is left out.
    """
    actions = model["actions"]
    found: dict[str | None, list[dict[str, Any]]] = {}
    for each in actions:
        found.setdefault(each["access_level"], []).append(each)
    order = [each["access_level"] for each in model["levels"] if each["access_level"] in found]
    return {
        "picture": _picture(model["matrix"]),
        "groups": [
            {"access_level": level, "number": len(found[level]), "tables": in_tables(found[level])}
            for level in order
        ],
        **(known := _known_of(actions)),
        "not_known": _in_words([words for name, words in _DETAILS.items() if not known[name]]),
    }


def _picture(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the levels that occur, and a row with a bar for each of them by resource type.

    A table whose cells carry a bar: a picture for the eye, and a table for everyone else. Bars are
    classes, because the pages have no inline styles.
    """
    used = {level for row in rows for level in row["actions"]}
    levels = [level for level in (*ACCESS_LEVELS, "unknown") if level in used]
    most = max((number for row in rows for number in row["actions"].values()), default=0)
    return {
        "levels": levels,
        "rows": [
            {
                "resource_type": row["resource_type"],
                "cells": [_cell(row["actions"].get(level, 0), most, level) for level in levels],
            }
            for row in rows
        ],
    }


def _cell(number: int, most: int, level: str) -> dict[str, Any]:
    """Return a number with the length of its bar: 0 for nothing, else from 1 to `_STEPS`."""
    step = -(-number * _STEPS // most) if number else 0
    return {"number": number, "step": step, "level": level}


def _in_words(names: Sequence[str]) -> str:
    """Join names to the subject of a sentence; empty for none.

    >>> _in_words(["descriptions", "dependent actions", "permission-only marks"])
    'Descriptions, dependent actions and permission-only marks'
    """
    text = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return text[:1].upper() + text[1:]


def _known_of(actions: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Return which of `_DETAILS` are known of any action."""
    return {
        "has_descriptions": any(each["description"] for each in actions),
        "knows_needs": any(each["dependent_actions"] is not None for each in actions),
        "knows_marks": any(each["permission_only"] is not None for each in actions),
    }


def in_tables(actions: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Divide a long list, so that a browser lays out the first screen without the rest."""
    starts = [0, *range(FIRST_ROWS, len(actions), MORE_ROWS)]
    return [actions[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


PAGE = SitePage(
    "service/(?P<name>.+?)",
    "service.html",
    service,
    lambda model: f"{model['service']['service_prefix']} {model['service']['name'] or ''}",
    shown=_shown,
    shows_whole_catalog=True,
)
