"""Show one service: its actions, resource types, condition keys, operations and pages."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from iam_catalog.facts import services as _services
from iam_catalog.facts.samples import has_policies, policies_naming
from iam_catalog.facts.services import service_lists
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.site.action_lists import at_level, by_level, checked_level, with_words
from iam_catalog.site.forms import one_of
from iam_catalog.site.render import Model, Rendered, SitePage, rendered
from iam_catalog.site.request import Request
from iam_catalog.site.typography import listed_in_words
from iam_catalog.site.urls import Urls
from iam_catalog.words import csv_text

FIRST_ROWS = 24
"""About as many as a screen shows at once."""
MORE_ROWS = 100

_SHOWN_KEYS = 2
_STEPS = 8
"""Lengths that a bar can have."""
_DETAILS = {
    "has_descriptions": "descriptions",
    "knows_needs": "dependent actions",
    "knows_marks": "permission-only marks",
}
"""What may be known of no action of a service, in words."""

_ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda each: each["name"].lower(),
    "level": lambda each: _place_of_level(each["access_level"]),
    "resource_types": lambda each: each["resource_types"] or ["~"],
    "condition_keys": lambda each: -len(each["condition_keys"]),
    "needs": lambda each: -(each["dependent_actions"] or 0),
}
"""Orders of the actions; what is equal is in the order of the names."""
_CSV_COLUMNS = (
    *("action", "access_level", "access_levels", "description", "permission_only"),
    *("resource_types", "condition_keys", "dependent_actions"),
)
_WORDS_OF_CSV = {None: "", True: "true", False: "false"}


def service(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the service of that prefix or other name, with everything that it has.

    `access_level` narrows its actions, and so do the words of `q`, which are sought in all that the
    list shows of them; `sort` is one of `_ORDERS`. Of a removed service these are the last
    documented lists. `policies` is null in a catalog that has no place for sample policies; so is
    `dependent_actions` of an action of which nothing is known. Raises `UnknownServicePrefix`,
    `UnknownAccessLevel`, or `CatalogError` for another order.
    """
    found = _services.service(connection, request.names["name"])
    lists = service_lists(connection, found.service_prefix, found.removed)
    actions = [each._asdict() for each in lists.actions]
    level = checked_level(request.value("access_level"))
    order = one_of("sort", request.value("sort") or "name", tuple(_ORDERS))
    text = request.value("q") or ""
    chosen = with_words(at_level(actions, level), text)
    return {
        "service": asdict(found),
        "access_level": level,
        "q": text,
        "sort": order,
        "levels": by_level(actions),
        "actions": sorted(sorted(chosen, key=_ORDERS["name"]), key=_ORDERS[order]),
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


def _place_of_level(level: str | None) -> int:
    return ACCESS_LEVELS.index(level) if level in ACCESS_LEVELS else len(ACCESS_LEVELS)


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
    """Return the picture of what its actions touch, and the actions, in groups if by level.

    A column that no action has a value for is left out.
    """
    actions = model["actions"]
    known = _known_of(actions)
    unknown = [words for name, words in _DETAILS.items() if not known[name]]
    not_known = listed_in_words(unknown) if actions else ""
    return {
        "picture": _picture(model["matrix"]),
        "groups": _groups(model),
        "orders": tuple(_ORDERS),
        **known,
        "has_keys": any(each["condition_keys"] for each in actions),
        "rarest": _rarest_keys(actions),
        "not_known": not_known[:1].upper() + not_known[1:],
    }


def _rarest_keys(actions: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the condition keys of each action that the fewest others have, which tell most."""
    counts = Counter(key for each in actions for key in each["condition_keys"])
    return {
        each["action"]: sorted(each["condition_keys"], key=counts.__getitem__)[:_SHOWN_KEYS]
        for each in actions
    }


def _groups(model: Model) -> list[dict[str, Any]]:
    """Return the actions by primary level in AWS's order, or all of them as one group."""
    actions = model["actions"]
    if model["sort"] != "level":
        return [{"access_level": None, "number": len(actions), "tables": in_tables(actions)}]
    found: dict[str | None, list[dict[str, Any]]] = {}
    for each in actions:
        found.setdefault(each["access_level"], []).append(each)
    return [
        {"access_level": level, "number": len(group), "tables": in_tables(group)}
        for level, group in found.items()
    ]


def _as_csv(model: Model, _: Urls) -> Rendered:
    """Return the listed actions as CSV, names of lists with blanks between, absent as nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    writer.writerows([_cell_of(each[name]) for name in _CSV_COLUMNS] for each in model["actions"])
    return rendered(200, "text/csv; charset=utf-8", text.getvalue())


def _cell_of(value: Any) -> str:
    if isinstance(value, list):
        return csv_text(" ".join(value))
    return (
        _WORDS_OF_CSV[value] if value is None or isinstance(value, bool) else csv_text(str(value))
    )


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
    formats={"csv": _as_csv},
    shown=_shown,
    shows_whole_catalog=True,
    description=lambda model: (
        f"{model['service']['name'] or model['service']['service_prefix']}: its actions with their"
        " access levels, resource types with ARN formats, and condition keys."
    ),
    name=lambda model: model["service"]["service_prefix"],
)
