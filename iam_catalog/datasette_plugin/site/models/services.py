"""Every service of the catalog, with counts and what its pages carry."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked


def services(connection: sqlite3.Connection, _: Asked) -> dict[str, Any]:
    """The services by prefix; their pages' state of actions tells `not in source` from none."""
    rows = connection.execute(
        "select s.service_prefix, s.name, coalesce(a.n, 0), coalesce(t.n, 0), coalesce(k.n, 0),"
        " p.state, p.date, p.dataset from services as s"
        " left join (select service_prefix, count(*) as n from actions group by 1) as a"
        " using (service_prefix)"
        " left join (select service_prefix, count(*) as n from resource_types group by 1) as t"
        " using (service_prefix)"
        " left join (select service_prefix, count(distinct condition_key) as n"
        " from condition_key_definitions group by 1) as k using (service_prefix)"
        " left join (select service_prefix, min(actions_state) as state, max(last_date) as date,"
        " max(dataset) as dataset from pages where replaced is null group by 1) as p"
        " using (service_prefix) order by s.service_prefix"
    )
    names = ("service_prefix", "name", "actions", "resource_types", "condition_keys")
    columns = (*names, "actions_state", "date", "dataset")
    return {"services": [dict(zip(columns, row, strict=True)) for row in rows]}
