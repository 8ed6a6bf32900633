"""One service: its actions, resource types, condition keys, operations and pages."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.named_actions import (
    asked_level,
    at_level,
    by_level,
    gathered,
    matrix,
    of_service,
)
from iam_catalog.datasette_plugin.site.models.policies import policies_naming
from iam_catalog.datasette_plugin.site.models.removed_service import last_lists
from iam_catalog.facts.keys import condition_keys
from iam_catalog.facts.services import service as service_record
from iam_catalog.records import Service


def service(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The service of that prefix or other name; `access_level` keeps its actions only.

    Of a removed service these are the last documented lists. `policies` is null in a catalog that
    has no place for sample policies; so is `dependent_actions` of an action of which nothing is
    known. Raises `UnknownServicePrefix` or `UnknownAccessLevel`.
    """
    found = service_record(connection, asked.names["name"])
    lists = last_lists if found.removed else lists_of
    told = lists(connection, found)
    level = asked_level(asked.value("access_level"))
    return {
        "service": asdict(found),
        "access_level": level,
        "levels": by_level(told["actions"]),
        **told,
        "actions": at_level(told["actions"], level),
        "policies": policies_naming(connection, found.service_prefix),
    }


def lists_of(connection: sqlite3.Connection, found: Service) -> dict[str, Any]:
    """The lists of a current service."""
    prefix = found.service_prefix
    actions = listed_actions(connection, prefix)
    return {
        "actions": actions,
        "resource_types": listed_types(connection, prefix),
        "condition_keys": [
            {
                "condition_key": each.condition_key,
                "type": each.type,
                "description": each.description,
            }
            for each in condition_keys(connection, prefix)
        ],
        "operations": listed_operations(connection, prefix),
        "matrix": matrix(actions),
    }


def listed_actions(connection: sqlite3.Connection, prefix: str) -> list[dict[str, Any]]:
    levels = gathered(
        connection.execute(
            "select action, l.access_level from action_access_levels as l"
            " join actions using (action) where service_prefix = ? order by l.position",
            (prefix,),
        )
    )
    types = gathered(
        connection.execute(
            "select r.action, r.resource_type_name from action_rows as r join actions"
            " using (action) where service_prefix = ? and resource_type_name is not null"
            " order by r.position",
            (prefix,),
        )
    )
    needs = dict(
        connection.execute(
            "select action, count(*) from dependent_actions join actions using (action)"
            " where service_prefix = ? and needed group by 1",
            (prefix,),
        )
    )
    paired = {
        action
        for (action,) in connection.execute(
            "select r.action from action_rows as r join actions using (action)"
            " where service_prefix = ?",
            (prefix,),
        )
    }
    rows = connection.execute(
        "select action, name, access_level, description, permission_only, dependents_page,"
        " incomplete"
        " from actions where service_prefix = ? order by name",
        (prefix,),
    )
    return of_service(rows, levels, types, needs, paired)


def listed_types(connection: sqlite3.Connection, prefix: str) -> list[dict[str, Any]]:
    formats = gathered(
        connection.execute(
            "select resource_type, format from arn_formats join resource_types"
            " using (resource_type) where service_prefix = ?"
            " order by arn_formats.page, arn_formats.line",
            (prefix,),
        )
    )
    rows = connection.execute(
        "select t.resource_type, t.name, count(distinct action) from resource_types as t"
        " left join action_rows as r on r.resource_type = t.resource_type"
        " where service_prefix = ? group by 1 order by t.name",
        (prefix,),
    )
    return [
        {
            "resource_type": key,
            "name": name,
            "arn_formats": formats.get(key, []),
            "actions": actions,
        }
        for key, name, actions in rows
    ]


def listed_operations(connection: sqlite3.Connection, prefix: str) -> list[dict[str, Any]]:
    """The operations with their actions in AWS's order, and whether the catalog holds each."""
    rows = connection.execute(
        "select o.name, a.action, actions.action is not null from operations as o"
        " left join operation_actions as a using (operation) left join actions using (action)"
        " where o.service_prefix = ? order by o.name, a.position",
        (prefix,),
    )
    found: dict[str, dict[str, bool]] = {}
    for name, action, is_held in rows:
        found.setdefault(name, {}).update({action: bool(is_held)} if action else {})
    return [
        {
            "name": name,
            "actions": [{"action": each, "is_held": actions[each]} for each in actions],
        }
        for name, actions in found.items()
    ]
