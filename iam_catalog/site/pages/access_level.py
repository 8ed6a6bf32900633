"""Show one access level: how many actions of each service have it, and those of one service."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.errors import UnknownAccessLevel, UnknownName
from iam_catalog.facts.names import known_service
from iam_catalog.facts.overviews import actions_at_level, level_description, level_uses
from iam_catalog.names import ACCESS_LEVELS, match_access_level
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request

MOST_LISTED = 200
"""Actions that are listed of all services together."""


class UnknownLevel(UnknownName):
    """AWS has no such access level."""

    noun = "access level"


def access_level(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the level with its actions by service; `service` lists those of one.

    `actions` counts those whose primary level it is, `also` those that have it beside another one.
    """
    level = _known_level(request.names["name"])
    chosen = request.value("service")
    chosen = known_service(connection, chosen) if chosen else None
    services = level_uses(connection, level)
    actions = sum(each.actions for each in services)
    also = sum(each.also for each in services)
    listed = None
    if chosen is not None or actions + also <= MOST_LISTED:
        listed = [each._asdict() for each in actions_at_level(connection, level, chosen)]
    return {
        "access_level": level,
        "description": level_description(connection, level),
        "actions": actions,
        "also": also,
        "services": [each._asdict() for each in services],
        "service": chosen,
        "listed": listed,
    }


def _known_level(name: str) -> str:
    try:
        return match_access_level(name)
    except UnknownAccessLevel as error:
        raise UnknownLevel(name, ACCESS_LEVELS) from error


PAGE = SitePage(
    "access-level/(?P<name>.+?)",
    "access_level.html",
    access_level,
    lambda model: f"{model['access_level']} - access level",
    narrowed_by={"html": frozenset(["service"])},
    name=lambda model: model["access_level"],
)
