"""Read what a catalog states: in numbers, of whatever version it is, and fact by fact.

Numbers are read by plain SQL, so that a catalog of an older schema can be compared as well; what
cannot be read of it is not compared. `iam_catalog.compare` defines what a difference
between facts is; here is only found out which services can have one, because most refreshes change
a few, and comparing all takes a third of the time of a build.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from iam_catalog import schema
from iam_catalog.compare import TABLES as COMPARED
from iam_catalog.compare import State, differences, state_of

Table = Literal["actions", "resource types", "condition keys", "dependent actions", "operations"]
TABLES: tuple[Table, ...] = (
    "actions",
    "resource types",
    "condition keys",
    "dependent actions",
    "operations",
)
"""Kinds of rows that are counted of a page and of a catalog; of dependent actions, the pairs."""

NAMES: dict[Table, str] = {
    "actions": "select service_prefix as prefix, action as name from actions",
    "resource types": "select service_prefix as prefix, resource_type as name from resource_types",
    "condition keys": (
        "select distinct service_prefix as prefix, condition_key as name"
        " from condition_key_definitions"
    ),
    "dependent actions": (
        "select distinct substr(action, 1, instr(action, ':') - 1) as prefix,"
        " action || ' needs ' || dependent_action as name from dependent_actions"
    ),
    "operations": "select service_prefix as prefix, operation as name from operations",
}
"""Service prefix and name of everything that is counted."""
PAGES = {
    "pages": "select page, sha256, service_prefix, last_date, replaced, dataset from pages",
    "dates of pages": "select page_dates.date, sha256 from page_dates join pages using (page)",
}
"""The questions about pages."""

NEWEST, OLDEST = (f"cast({each}(last_date) as text)" for each in ("max", "min"))

Counts = Mapping[str, int]
"""By service prefix, in lower case."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The numbers and dates of a catalog."""

    services: dict[str, str] = field(default_factory=dict)
    """Each prefix by its lower case."""
    counts: dict[Table, Counts] = field(default_factory=dict)
    """Without the tables that could not be read."""
    pages: int | None = None
    """How many sources are current: pages of AWS, and services of public datasets."""
    newest: str | None = None
    """The date of the newest current source."""
    oldest: str | None = None
    """The date of the oldest current source."""
    dates: dict[str, str] = field(default_factory=dict)
    """The date of the newest source of each service, by prefix in lower case."""
    datasets_alone: frozenset[str] = frozenset()
    """The services that only public datasets describe, in lower case."""

    def total(self, table: Table) -> int | None:
        counts = self.counts.get(table)
        return None if counts is None else sum(counts.values())

    def shared(self, other: Standing) -> list[Table]:
        """Return the tables that can be read of both."""
        return [table for table in TABLES if table in self.counts and table in other.counts]


def read_standing(connection: sqlite3.Connection) -> Standing:
    """Return the numbers of a catalog, of whatever version."""
    counts: dict[Table, Counts] = {}
    for table, names in NAMES.items():
        counted = rows(connection, f"select lower(prefix), count(*) from ({names}) group by 1")
        if counted is not None:
            counts[table] = {prefix: int(number) for prefix, number in counted}
    prefixes = rows(connection, "select cast(service_prefix as text) from services") or []
    current = "from pages where replaced is null"
    found = rows(connection, f"select count(*), {NEWEST}, {OLDEST} {current}")
    pages, newest, oldest = found[0] if found else (None, None, None)
    by_service = f"{current} group by 1"
    dated = rows(connection, f"select lower(service_prefix), {NEWEST} {by_service}")
    alone = rows(
        connection,
        f"select lower(service_prefix) {by_service} having count(*) = count(dataset)",
    )
    return Standing(
        {prefix.lower(): prefix for (prefix,) in prefixes if prefix},
        counts,
        pages,
        newest,
        oldest,
        dict(dated or ()),
        frozenset(prefix for (prefix,) in alone or ()),
    )


def read_held(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """Return key and sha256 of every page that a catalog knows, replaced ones included."""
    return frozenset(rows(connection, "select page, sha256 from pages") or ())


def read_held_days(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """Return the dates of every page with its sha256."""
    return frozenset(rows(connection, PAGES["dates of pages"]) or ())


def rows(
    connection: sqlite3.Connection, sql: str, values: Sequence[str] | Mapping[str, object] = ()
) -> list[tuple[Any, ...]] | None:
    """Return the rows of a query; None where the catalog has no such table or column."""
    try:
        return connection.execute(sql, values).fetchall()
    except sqlite3.Error:
        return None


PREFIXED = {
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
"""The column of each table of `iam_catalog.compare` that begins with the service prefix."""
DATES = {"first_seen", "last_seen", "valid_from", "last_date"}
"""Columns that every refresh changes, and that no fact is made of."""


def fact_changes(old: sqlite3.Connection, new: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the differences between two catalogs of this version of the schema."""
    prefixes = changed_services(old, new)
    return differences(_state_of_services(old, prefixes), _state_of_services(new, prefixes))


def changed_services(old: sqlite3.Connection, new: sqlite3.Connection) -> list[str]:
    """Return the services, in lower case, of which any row differs."""
    prefixes: set[str] = set()
    for table, named in PREFIXED.items():
        columns = [name for name in schema.columns(table) if name not in DATES]
        sql = f"select {named}, {', '.join(columns)} from {table}"
        before, after = old.execute(sql).fetchall(), new.execute(sql).fetchall()
        if before != after:
            changed = set(before) ^ set(after)
            prefixes |= {row[0].partition(":")[0].lower() for row in changed}
    return sorted(prefixes)


def _state_of_services(connection: sqlite3.Connection, prefixes: list[str]) -> State:
    """Return the state of some services, as if the catalog had no others."""

    def rows(table: str) -> Iterator[dict[str, Any]]:
        prefix = f"lower(substr({PREFIXED[table]}, 1, instr({PREFIXED[table]} || ':', ':') - 1))"
        marks = ", ".join("?" * len(prefixes))
        cursor = connection.execute(f"select * from {table} where {prefix} in ({marks})", prefixes)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    return state_of({table: rows(table) for table in COMPARED}, rows("pages"))
