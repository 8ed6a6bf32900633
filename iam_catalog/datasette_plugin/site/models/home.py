"""The start of a catalog: what it is, how fresh it is, and what is not in its source."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.examples import Examples, examples
from iam_catalog.facts import about as freshness
from iam_catalog.schema import SECTIONS


def home(connection: sqlite3.Connection, _: Asked) -> dict[str, Any]:
    """Counts, dates, levels, the largest services, what no source says, and texts to search for."""
    about = asdict(freshness.about(connection, ""))
    del about["path"]
    proposed = examples(connection)
    return {
        "about": about,
        "access_levels": access_levels(connection),
        "services": largest_services(connection),
        "not_in_source": not_in_source(connection),
        "changes": newest_changes(connection),
        "examples": [text for text in (proposed.words, start_of(proposed)) if text],
    }


def start_of(proposed: Examples) -> str | None:
    """What somebody types first of a name: `ec2:Describe`."""
    return proposed.pattern.rstrip("*") if proposed.pattern else None


def access_levels(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """AWS's five levels in order, with how many actions have each as the primary one."""
    rows = connection.execute(
        "select access_levels.access_level, access_levels.description, count(action)"
        " from access_levels"
        " left join actions on actions.access_level = access_levels.access_level"
        " group by 1 order by position"
    )
    return [
        {"access_level": level, "description": description, "actions": actions}
        for level, description, actions in rows
    ]


def largest_services(connection: sqlite3.Connection, most: int = 12) -> list[dict[str, Any]]:
    rows = connection.execute(
        "select service_prefix, name, actions from service_counts"
        " order by coalesce(actions, 0) desc, service_prefix limit ?",
        (most,),
    )
    return [
        {"service_prefix": prefix, "name": name, "actions": actions}
        for prefix, name, actions in rows
    ]


def not_in_source(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """How many services have no current source with a section: nothing is known of those."""
    found = []
    for section in SECTIONS:
        services = connection.execute(
            "select count(*) from (select service_prefix from pages where replaced is null"
            f" group by service_prefix having min({section}_state = 'not in source'))"
        ).fetchone()[0]
        found.append({"section": section.replace("_", " "), "services": services})
    return found


def newest_changes(connection: sqlite3.Connection) -> dict[str, Any]:
    """The newest date that brought changes, with how many of each kind."""
    rows = connection.execute(
        "select date, change, count(*) from changes"
        " where date = (select max(date) from changes where field is not 'description')"
        " and field is not 'description' group by change order by change"
    ).fetchall()
    counts = {change: number for _, change, number in rows}
    return {"date": rows[0][0] if rows else None, "counts": counts}
