"""A service that no page documents any more: the lists of its page, as they were at last."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from iam_catalog.datasette_plugin.site.models.named_actions import gathered, of_service
from iam_catalog.queries import WITH_DEPENDENTS
from iam_catalog.records import Service


def last_lists(connection: sqlite3.Connection, found: Service) -> dict[str, Any]:
    """The same lists as those of a current service."""
    place = (found.service_prefix, found.removed)
    actions = last_actions(connection, place)
    counts: dict[str | None, Counter[str]] = {}
    for each in actions:
        for name in each["resource_types"] or [None]:
            counts.setdefault(name, Counter())[each["access_level"] or "unknown"] += 1
    return {
        "actions": actions,
        "resource_types": last_types(connection, place, counts),
        "condition_keys": last_keys(connection, place),
        "operations": last_operations(connection, place),
        "matrix": [
            {"resource_type": name, "actions": dict(levels)}
            for name, levels in sorted(counts.items(), key=lambda each: (each[0] is None, each[0]))
        ],
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
            "select d.action, count(distinct dependent_action) from past_actions as a"
            " join past_dependent_actions as d on d.action = a.action and d.until = a.until"
            " where service_prefix = ? and a.until = ? group by 1",
            place,
        )
    )
    rows = connection.execute(
        "select action, name, access_level, description, permission_only,"
        f" format in {WITH_DEPENDENTS}"
        " from past_actions as a join pages on pages.page = details_page"
        " where a.service_prefix = ? and until = ? order by a.name",
        place,
    )
    return of_service(rows, levels, types, needs)


def last_types(
    connection: sqlite3.Connection,
    place: tuple[str, str | None],
    counts: dict[str | None, Counter[str]],
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
            "actions": sum(counts.get(name, Counter()).values()),
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
