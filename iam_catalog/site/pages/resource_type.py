"""Show one resource type: its ARN formats, its condition keys, and the actions that take it."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.facts import resource_types as _resource_types
from iam_catalog.facts.overviews import actions_named, required_marks
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.records import ResourceType
from iam_catalog.site.parts import disagreements_on, history, life, source_of
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request


def resource_type(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the resource type with its actions by access level.

    Of a removed one these are the last documented facts. Raises `UnknownResourceType`.
    """
    found = _resource_types.resource_type(connection, request.names["name"])
    fields = asdict(found)
    del fields["actions"], fields["source"]
    return {
        "resource_type": fields,
        "actions": _actions_by_level(connection, found),
        "changes": history(connection, "resource type", [found.resource_type]),
        "disagreements": disagreements_on(connection, "resource type", found.resource_type),
        "source": source_of(connection, found.source),
    }


def _actions_by_level(connection: sqlite3.Connection, found: ResourceType) -> list[dict[str, Any]]:
    """Group the actions by primary level; `required` is null where no row says whether."""
    marks = required_marks(connection, found.name, found.actions, found.removed)
    known = actions_named(connection, found.actions, with_removed=True)
    levels: dict[str | None, list[dict[str, Any]]] = {}
    for name in found.actions:
        each = known.get(name.lower())
        shown = {
            "action": name,
            "required": marks.get(name),
            "description": each.description if each else None,
        }
        levels.setdefault(each.access_level if each else None, []).append(shown)
    order = (*ACCESS_LEVELS, None)
    return [{"access_level": level, "actions": levels[level]} for level in order if level in levels]


PAGE = SitePage(
    "resource-type/(?P<name>.+?)",
    "resource_type.html",
    resource_type,
    lambda model: f"{model['resource_type']['resource_type']} - resource type",
    shown=lambda model: {"life": life(model["resource_type"], model["changes"])},
    shows_whole_catalog=True,
    name=lambda model: model["resource_type"]["resource_type"],
)
