"""Every service of the catalog, with counts and what its sources carry."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked


def services(connection: sqlite3.Connection, _: Asked) -> dict[str, Any]:
    """List the services by prefix; a number is null where every held source leaves it out."""
    rows = connection.execute(
        "select service_prefix, name, actions, resource_types, condition_keys, operations,"
        " actions_state, date, (select max(dataset) from pages where replaced is null"
        " and pages.service_prefix = counts.service_prefix)"
        " from service_counts as counts order by service_prefix"
    )
    names = ("service_prefix", "name", "actions", "resource_types", "condition_keys", "operations")
    columns = (*names, "actions_state", "date", "dataset")
    return {"services": [dict(zip(columns, row, strict=True)) for row in rows]}
