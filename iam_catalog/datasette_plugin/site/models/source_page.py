"""One source, a page or what a dataset says of a service: what it carries, what is wrong with it,
and which facts stand on it."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.errors import UnknownName
from iam_catalog.schema import DETAILS, SECTIONS

MOST_LISTED = 500
"""Problems and disagreements that are told; the counts are of all."""
OWN_FIELDS = (
    *("page", "title", "slug", "service_prefix", "service_name", "format", "date", "last_date"),
    *("replaced", "url", "url_then", "dataset", "incomplete", "publisher"),
    *("licence", "file", "sha256"),
)
WORDS = {
    "descriptions": "descriptions of actions",
    "permission_only": "permission-only marks",
    "row_pairing": "resource types and keys of actions",
    "required": "required resource types",
    "key_types": "types of condition keys",
    "key_descriptions": "descriptions of condition keys",
    "addresses": "addresses of the documentation",
}
"""How the details of rows are called, where their name does not say it."""
FACTS = {
    "actions": "actions where service_prefix = ?2",
    "action_rows": "action_rows join actions using (action) where service_prefix = ?2",
    "action_condition_keys": (
        "actions cross join action_rows on action_rows.action = actions.action"
        " cross join action_condition_keys"
        " on action_condition_keys.action_row = action_rows.action_row where service_prefix = ?2"
    ),
    "dependent_actions": "dependent_actions join actions using (action) where service_prefix = ?2",
    "resource_types": "resource_types where service_prefix = ?2",
    "arn_formats": (
        "arn_formats join resource_types using (resource_type) where service_prefix = ?2"
    ),
    "resource_type_condition_keys": (
        "resource_type_condition_keys join resource_types using (resource_type)"
        " where service_prefix = ?2"
    ),
    "condition_key_definitions": "condition_key_definitions where service_prefix = ?2",
    "operations": "operations where service_prefix = ?2",
    "operation_actions": "operation_actions join operations using (operation)"
    " where service_prefix = ?2",
}
"""The tables of facts, each with how the facts of a service are found: pages have no index."""


class UnknownPage(UnknownName):
    """The catalog was not built from such a source."""

    noun = "source"


def source_page(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The source with its sections and their counts, what it has a place for in their rows, the
    `dataset` that it is of, the dates on which it read so, its problems with the reasons why they
    are accepted, and how many current facts it states."""
    name = asked.names["name"]
    rows = connection.execute("select * from pages where page = ?", (name,))
    names = [column[0] for column in rows.description]
    row = rows.fetchone()
    if row is None:
        raise unknown_page(connection, name)
    told = dict(zip(names, row, strict=True))
    return {
        "page": {field: told[field] for field in OWN_FIELDS}
        | {"incomplete": bool(told["incomplete"])},
        "sections": [section(told, name) for name in SECTIONS],
        "carries": [
            {"detail": WORDS.get(name, name.replace("_", " ")), "state": told[f"{name}_state"]}
            for name in DETAILS
        ],
        "dataset": dataset(connection, told["dataset"]),
        "dates": dates(connection, told["page"]),
        "facts": facts_on(connection, told["page"], told["service_prefix"]),
        "problems": problems(connection, told["page"]),
        "disagreements": disagreements(connection, told["page"]),
        "others": others(connection, told["page"], told["service_prefix"]),
    }


def dataset(connection: sqlite3.Connection, label: str | None) -> dict[str, Any] | None:
    """The public dataset of that name and version; None for a page of AWS."""
    rows = connection.execute("select * from datasets where dataset = ?", (label,))
    names = [column[0] for column in rows.description]
    row = rows.fetchone()
    return None if row is None else dict(zip(names, row, strict=True))


def unknown_page(connection: sqlite3.Connection, name: str) -> UnknownPage:
    """The error for a page, with those of the same slug, or of the service of that name."""
    slug = name.partition("@")[0]
    rows = connection.execute(
        "select page from pages where slug = ?1 or service_prefix = ?1 order by date desc limit 3",
        (slug,),
    )
    return UnknownPage(name, [page for (page,) in rows])


def section(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "section": name.replace("_", " "),
        "state": row[f"{name}_state"],
        "rows": row[f"{name}_rows"],
        "recorded": row[f"{name}_recorded"],
        "in_error": row[f"{name}_in_error"],
    }


def dates(connection: sqlite3.Connection, page: str) -> list[str]:
    rows = connection.execute("select date from page_dates where page = ? order by date", (page,))
    return [date for (date,) in rows]


def facts_on(connection: sqlite3.Connection, page: str, prefix: str) -> list[dict[str, Any]]:
    """How many facts of today stand on the page, by table; tables without any are left out."""
    found = []
    for table, where in FACTS.items():
        sql = f"select count(*) from {where} and {table}.page = ?1"
        number = connection.execute(sql, (page, prefix)).fetchone()[0]
        if number:
            found.append({"table": table, "facts": number})
    return found


def problems(connection: sqlite3.Connection, page: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        "select kind, line, place, text, reason from problems where page = ?"
        " order by line, place, kind limit ?",
        (page, MOST_LISTED),
    )
    names = ("kind", "line", "place", "text", "reason")
    return [dict(zip(names, row, strict=True)) for row in rows]


def disagreements(connection: sqlite3.Connection, page: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        "select kind, subject, field, value, line from disagreements where page = ?"
        " order by line, subject, field limit ?",
        (page, MOST_LISTED),
    )
    names = ("kind", "subject", "field", "value", "line")
    return [dict(zip(names, row, strict=True)) for row in rows]


def others(connection: sqlite3.Connection, page: str, prefix: str) -> list[dict[str, Any]]:
    """The other pages of the service, the newest first."""
    rows = connection.execute(
        "select page, title, date, replaced from pages where service_prefix = ? and page <> ?"
        " order by coalesce(last_date, '') desc, page limit 50",
        (prefix, page),
    )
    names = ("page", "title", "date", "replaced")
    return [dict(zip(names, row, strict=True)) for row in rows]
