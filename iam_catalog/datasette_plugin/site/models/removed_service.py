"""A service that no source documents any more: its lists, as they were at last."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import Any

from iam_catalog.datasette_plugin.site.models.named_actions import gathered, matrix, of_service
from iam_catalog.records import Service


def last_lists(connection: sqlite3.Connection, found: Service) -> dict[str, Any]:
    """The same lists as those of a current service."""
    place = (found.service_prefix, found.removed)
    actions = last_actions(connection, place)
    counts = Counter(name for each in actions for name in each["resource_types"] or ())
    return {
        "actions": actions,
        "resource_types": last_types(connection, place, counts),
        "condition_keys": last_keys(connection, place),
        "operations": last_operations(connection, place),
        "matrix": matrix(actions),
    }


def last_actions(
    connection: sqlite3.Connection, place: tuple[str, str | None]
) -> list[dict[str, Any]]:
    levels = gathered(
        connection.execute(
            "select l.action, l.access_level from past_actions as a"
            " join past_action_access_levels as l on l.action = a.action and l.until = a.until"
            " where service_prefix = ? and a.until = ? order by l.position",
            place,
        )
    )
    types = gathered(
        connection.execute(
            "select r.action, r.resource_type_name from past_actions as a"
            " join past_action_rows as r on r.action = a.action and r.until = a.until"
            " where service_prefix = ? and a.until = ? and resource_type_name is not null"
            " order by r.position",
            place,
        )
    )
    needs = dict(
        connection.execute(
            "select t.action, count(*) from past_actions as a"
            " join past_dependent_actions as t on t.action = a.action and t.until = a.until"
            " where service_prefix = ? and a.until = ? and needed group by 1",
            place,
        )
    )
    paired = {
        action
        for (action,) in connection.execute(
            "select r.action from past_actions as a"
            " join past_action_rows as r on r.action = a.action and r.until = a.until"
            " where service_prefix = ? and a.until = ?",
            place,
        )
    }
    rows = connection.execute(
        "select action, name, access_level, description, permission_only, dependents_page,"
        " incomplete"
        " from past_actions where service_prefix = ? and until = ? order by name",
        place,
    )
    return of_service(rows, levels, types, needs, paired)


def last_types(
    connection: sqlite3.Connection,
    place: tuple[str, str | None],
    counts: Mapping[str, int],
) -> list[dict[str, Any]]:
    formats = gathered(
        connection.execute(
            "select f.resource_type, format from past_resource_types as t"
            " join past_arn_formats as f on f.resource_type = t.resource_type and f.until = t.until"
            " where service_prefix = ? and t.until = ? order by f.page, f.line",
            place,
        )
    )
    rows = connection.execute(
        "select resource_type, name from past_resource_types"
        " where service_prefix = ? and until = ? order by name",
        place,
    )
    return [
        {
            "resource_type": key,
            "name": name,
            "arn_formats": formats.get(key, []),
            "actions": counts.get(name, 0),
        }
        for key, name in rows
    ]


def last_keys(
    connection: sqlite3.Connection, place: tuple[str, str | None]
) -> list[dict[str, Any]]:
    rows = connection.execute(
        "select key_as_written, type, description from past_condition_key_definitions"
        " where service_prefix = ? and until = ? order by condition_key, page, line",
        place,
    )
    names = ("condition_key", "type", "description")
    return [dict(zip(names, row, strict=True)) for row in rows]


def last_operations(
    connection: sqlite3.Connection, place: tuple[str, str | None]
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, bool]] = {}
    for name, action, is_held in connection.execute(
        "select o.name, a.action, actions.action is not null from past_operations as o"
        " left join past_operation_actions as a on a.operation = o.operation and a.until = o.until"
        " left join actions on actions.action = a.action"
        " where o.service_prefix = ? and o.until = ? order by o.name, a.position",
        place,
    ):
        found.setdefault(name, {}).update({action: bool(is_held)} if action else {})
    return [
        {
            "name": name,
            "actions": [{"action": each, "is_held": actions[each]} for each in actions],
        }
        for name, actions in found.items()
    ]
