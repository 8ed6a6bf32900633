"""One access level: how many actions of each service have it, and those of one service."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.errors import UnknownAccessLevel, UnknownName
from iam_catalog.facts.names import known_service
from iam_catalog.facts.rows import boolean
from iam_catalog.names import ACCESS_LEVELS, match_access_level

MOST_LISTED = 200
"""Actions that are listed of all services together."""


class UnknownLevel(UnknownName):
    """AWS has no such access level."""

    noun = "access level"


def access_level(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The level with its actions by service; `service` lists those of one.

    `actions` counts those whose primary level it is, `also` those that have it beside another one.
    """
    level = known_level(asked.names["name"])
    chosen = asked.value("service")
    chosen = known_service(connection, chosen) if chosen else None
    services = counts(connection, level)
    total = sum(each["actions"] + each["also"] for each in services)
    description = connection.execute(
        "select description from access_levels where access_level = ?", (level,)
    ).fetchone()
    is_listed = chosen is not None or total <= MOST_LISTED
    return {
        "access_level": level,
        "description": description[0] if description else None,
        "actions": sum(each["actions"] for each in services),
        "also": sum(each["also"] for each in services),
        "services": services,
        "service": chosen,
        "listed": listed(connection, level, chosen) if is_listed else None,
    }


def known_level(name: str) -> str:
    try:
        return match_access_level(name)
    except UnknownAccessLevel as error:
        raise UnknownLevel(name, ACCESS_LEVELS) from error


def counts(connection: sqlite3.Connection, level: str) -> list[dict[str, Any]]:
    """How many actions of each service have the level, by prefix; services without one are not."""
    primary = dict(
        connection.execute(
            "select service_prefix, count(*) from actions where access_level = ? group by 1",
            (level,),
        )
    )
    held = connection.execute(
        "select count(*) from action_access_levels where access_level = ?", (level,)
    ).fetchone()[0]
    also = beside_another(connection, level) if held > sum(primary.values()) else {}
    rows = connection.execute("select service_prefix, name from services order by service_prefix")
    return [
        {
            "service_prefix": prefix,
            "name": name,
            "actions": primary.get(prefix, 0),
            "also": also.get(prefix, 0),
        }
        for prefix, name in rows
        if prefix in primary or prefix in also
    ]


def beside_another(connection: sqlite3.Connection, level: str) -> dict[str, int]:
    return dict(
        connection.execute(
            "select service_prefix, count(*) from action_access_levels as l join actions using"
            " (action) where l.access_level = ?1 and actions.access_level is not ?1 group by 1",
            (level,),
        )
    )


def listed(connection: sqlite3.Connection, level: str, service: str | None) -> list[dict[str, Any]]:
    """The actions with the level, by name, of all services or of one."""
    where = "" if service is None else "service_prefix = ?2 and"
    rows = connection.execute(
        f"select action, access_level, description, permission_only from actions where {where}"
        " (access_level = ?1 or exists (select 1 from action_access_levels as l"
        " where l.action = actions.action and l.access_level = ?1)) order by action",
        (level, service)[: 1 + (service is not None)],
    )
    return [
        {
            "action": name,
            "access_level": primary,
            "description": description,
            "permission_only": boolean(permission_only),
        }
        for name, primary, description, permission_only in rows
    ]
