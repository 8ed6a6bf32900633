"""One resource type: its ARN formats, its condition keys, and the actions that take it."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.change_rows import history
from iam_catalog.datasette_plugin.site.models.sources import disagreements_on, source_of
from iam_catalog.facts import resource_types as facts
from iam_catalog.facts.services_held import select_in
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.records import ResourceType


def resource_type(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The resource type with its actions by access level; of a removed one what was last said."""
    found = facts.resource_type(connection, asked.names["name"])
    told = asdict(found)
    del told["actions"], told["source"]
    return {
        "resource_type": told,
        "actions": actions_by_level(connection, found),
        "changes": history(connection, "resource type", found.resource_type),
        "disagreements": disagreements_on(connection, "resource type", found.resource_type),
        "source": source_of(connection, found.source),
    }


def actions_by_level(connection: sqlite3.Connection, found: ResourceType) -> list[dict[str, Any]]:
    """The actions by primary access level; `required` is null where no row says whether."""
    stars = required_marks(connection, found)
    known = {
        name.lower(): (level, description)
        for table in ("removed_actions", "actions")
        for name, level, description in select_in(
            connection,
            f"select action, access_level, description from {table} where action in ({{}})",
            found.actions,
        )
    }
    levels: dict[str | None, list[dict[str, Any]]] = {}
    for name in found.actions:
        level, description = known.get(name.lower(), (None, None))
        required = stars.get(name)
        told = {
            "action": name,
            "required": None if required is None else bool(required),
            "description": description,
        }
        levels.setdefault(level, []).append(told)
    order = (*ACCESS_LEVELS, None)
    return [{"access_level": level, "actions": levels[level]} for level in order if level in levels]


def required_marks(connection: sqlite3.Connection, found: ResourceType) -> dict[str, int | None]:
    """Whether each action's rows star the type; None where they do not say."""
    past, until = ("past_", "until") if found.removed else ("", "null")
    marks: dict[str, int | None] = {}
    for action, name, required, end in select_in(
        connection,
        f"select action, resource_type_name, required, {until} from {past}action_rows"
        " where action in ({})",
        found.actions,
    ):
        if name == found.name and end == found.removed:
            known = [mark for mark in (marks.get(action), required) if mark is not None]
            marks[action] = max(known, default=None)
    return marks
