"""Resource types and services that no source states any more, with their last documented facts.

Looked for only when a name is not that of a current one. Removed actions are those of `facts`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from iam_catalog.errors import UnknownResourceType
from iam_catalog.facts.entities import SOURCE, mark, page_records, source, unique
from iam_catalog.facts.names import aliased, other_names
from iam_catalog.records import ResourceType, Service


def last_ones(table: str, key: str) -> str:
    """The FROM and WHERE of past rows (`p`) whose key is gone, each as it was when it went."""
    return (
        f" from past_{table} as p join pages on pages.page = p.page where p.removed is not null"
        f" and not exists (select 1 from {table} as now where now.{key} = p.{key})"
        f" and not exists (select 1 from past_{table} as later"
        f" where later.{key} = p.{key} and later.removed > p.removed)"
    )


def removed_resource_types(connection: sqlite3.Connection, name: str) -> list[ResourceType]:
    """The removed resource types that `instance` or `connect:instance` stands for, by name."""
    prefix, colon, rest = name.partition(":")
    rows = connection.execute(
        "select p.resource_type, p.service_prefix, p.name, p.url, p.first_seen, p.last_seen,"
        f" p.removed, p.removed_by, p.incomplete, pages.page, p.line, p.place, {SOURCE}"
        f"{last_ones('resource_types', 'resource_type')}"
        " and p.name = ? and (? or p.service_prefix = ?) order by p.resource_type",
        (rest if colon else name, not colon, prefix),
    )
    return [removed_resource_type(connection, row) for row in rows.fetchall()]


def removed_resource_type(connection: sqlite3.Connection, row: tuple[Any, ...]) -> ResourceType:
    key, prefix, name, url, first_seen, last_seen, removed, removed_by, incomplete, *place = row

    def names(sql: str) -> tuple[str, ...]:
        return unique(first_column(connection.execute(sql, (key, removed))))

    return ResourceType(
        key,
        prefix,
        name,
        names(
            "select format from past_arn_formats where resource_type = ? and until = ?"
            " order by page, line, length(arn_format), arn_format"
        ),
        names(
            "select condition_key from past_resource_type_condition_keys"
            " where resource_type = ? and until = ? order by position"
        ),
        names(
            "select action from past_action_rows where resource_type = ? and until = ?"
            " order by action"
        ),
        url,
        source(place),
        first_seen,
        last_seen,
        removed,
        removed_by,
        mark(incomplete),
    )


def last_resource_type(connection: sqlite3.Connection, name: str) -> ResourceType:
    """One removed resource type; raises `UnknownResourceType`, also where several have the name."""
    found = removed_resource_types(connection, name)
    if len(found) == 1:
        return found[0]
    if found:
        names = [each.resource_type for each in found]
        raise UnknownResourceType(name, names, detail=" without its service prefix")
    from iam_catalog.facts.unknown import unknown_resource_type

    raise unknown_resource_type(connection, name)


def last_service(connection: sqlite3.Connection, name: str) -> Service:
    """One removed service by its prefix, or by another name that it alone went by.

    Raises `UnknownServicePrefix`.
    """
    others = aliased(connection, name, "past_services")
    marks = ", ".join("?" * len(others))
    rows = connection.execute(
        "select p.service_prefix, p.name, p.first_seen, p.last_seen, p.removed, p.removed_by,"
        f" p.service_prefix = ? as by_prefix{last_ones('services', 'service_prefix')}"
        f" and (p.service_prefix = ? or p.service_prefix in ({marks})) order by by_prefix desc",
        (name, name, *others),
    ).fetchall()
    if not rows or (len(rows) > 1 and not rows[0][-1]):
        from iam_catalog.facts.names import known_service

        known_service(connection, name)  # raises
    prefix, title, first_seen, last_seen, removed, removed_by, _ = rows[0]

    held = page_records(connection, prefix, removed)

    def count(what: str, table: str, section: str) -> int | None:
        sql = f"select count(distinct {what}) from past_{table} where service_prefix = ?"
        number = connection.execute(f"{sql} and until = ?", (prefix, removed)).fetchone()[0]
        known = any(getattr(page, f"{section}_state") != "not in source" for page in held)
        return int(number) if number or known else None

    return Service(
        prefix,
        title,
        count("action", "actions", "actions"),
        count("resource_type", "resource_types", "resource_types"),
        count("condition_key", "condition_key_definitions", "condition_keys"),
        count("name", "operations", "operations"),
        tuple(held),
        unique(other_names(connection, prefix)),
        first_seen,
        last_seen,
        removed,
        removed_by,
    )


def first_column(rows: Iterable[Any]) -> list[str]:
    return [row[0] for row in rows]
