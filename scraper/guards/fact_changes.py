"""What a new catalog states that an old one does not, and the reverse, service by service.

`iam_catalog.compare` says what a difference is; here is only found out which services can have
one, because most refreshes change a few and comparing all takes as long as a third of a build.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from iam_catalog import schema
from iam_catalog.compare import TABLES, State, differences, state_of

NAMED = {
    "services": "service_prefix",
    "actions": "service_prefix",
    "action_rows": "action",
    "action_condition_keys": "action",
    "dependent_actions": "action",
    "resource_types": "service_prefix",
    "arn_formats": "resource_type",
    "resource_type_condition_keys": "resource_type",
    "condition_key_definitions": "service_prefix",
    "operations": "service_prefix",
    "operation_actions": "operation",
    "pages": "service_prefix",
}
"""The column of each table of `compare` that begins with the service prefix."""
DATES = {"first_seen", "last_seen", "valid_from", "last_date"}
"""Columns that every refresh changes, and that no fact is made of."""


def fact_changes(old: sqlite3.Connection, new: sqlite3.Connection) -> list[dict[str, Any]]:
    """The differences between two catalogs of this version of the schema."""
    prefixes = changed_services(old, new)
    return differences(state_of_services(old, prefixes), state_of_services(new, prefixes))


def changed_services(old: sqlite3.Connection, new: sqlite3.Connection) -> list[str]:
    """The services, in lower case, of which any row reads otherwise."""
    prefixes: set[str] = set()
    for table, named in NAMED.items():
        columns = [name for name in schema.columns(table) if name not in DATES]
        sql = f"select {named}, {', '.join(columns)} from {table}"
        before, after = old.execute(sql).fetchall(), new.execute(sql).fetchall()
        if before != after:
            changed = set(before) ^ set(after)
            prefixes |= {row[0].partition(":")[0].lower() for row in changed}
    return sorted(prefixes)


def state_of_services(connection: sqlite3.Connection, prefixes: list[str]) -> State:
    """The state of some services, which is that of the catalog without the others."""

    def rows(table: str) -> Iterator[dict[str, Any]]:
        prefix = f"lower(substr({NAMED[table]}, 1, instr({NAMED[table]} || ':', ':') - 1))"
        marks = ", ".join("?" * len(prefixes))
        cursor = connection.execute(f"select * from {table} where {prefix} in ({marks})", prefixes)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    return state_of({table: rows(table) for table in TABLES}, rows("pages"))
