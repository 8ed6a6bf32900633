"""Answer questions about what no source states any more, by asking them at an earlier date.

A removed action, resource type or service is a current one on the last day before it was removed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from iam_catalog.facts.at_date import ask_at
from iam_catalog.facts.lookup import aliased

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from iam_catalog.records import Action, KeyWithUses, ResourceType, Service

Record = TypeVar("Record", "Action", "ResourceType", "Service", "KeyWithUses")
Answer = TypeVar("Answer")


class Removal(NamedTuple):
    """When something was removed, and by whose word."""

    key: str
    """AWS's spelling of its name."""
    removed: str
    """ISO 8601 date of the source that no longer states it."""
    removed_by: str | None
    """Name and version of the public dataset whose word it is; None for AWS's own pages."""
    last_seen: str | None
    """Date of the newest source that stated it."""


def removed_actions(connection: sqlite3.Connection, action: str) -> list[Removal]:
    """Return the removal of an action, or nothing if it is current or unknown."""
    return _removals(connection, "actions", "action", "gone.action = ?", action)


def removed_resource_types(connection: sqlite3.Connection, name: str) -> list[Removal]:
    """Return the removals of the types that `instance` or `connect:instance` means, by name."""
    prefix, colon, rest = name.partition(":")
    return _removals(
        connection,
        "resource_types",
        "resource_type",
        "gone.name = ? and (? or gone.service_prefix = ?)",
        *(rest if colon else name, not colon, prefix),
    )


def removed_condition_keys(connection: sqlite3.Connection, key: str) -> list[Removal]:
    """Return the removal of a condition key, or nothing if it is defined or unknown."""
    return _removals(
        connection, "condition_key_definitions", "condition_key", "gone.condition_key = ?", key
    )[:1]


def removed_services(connection: sqlite3.Connection, name: str) -> list[Removal]:
    """Return the removals of the services that go by *name*: one, if it is a prefix."""
    own = _removals(connection, "services", "service_prefix", "gone.service_prefix = ?", name)
    if own:
        return own
    others = aliased(connection, name, "past_services")
    marks = ", ".join("?" * len(others))
    where = f"gone.service_prefix in ({marks})"
    return _removals(connection, "services", "service_prefix", where, *others)


def _removals(
    connection: sqlite3.Connection, table: str, key: str, where: str, *values: str | bool
) -> list[Removal]:
    """Find the last removal of each past row (`gone`) that fits *where* and is not current."""
    rows = connection.execute(
        f"select gone.{key}, gone.removed, gone.removed_by, gone.last_seen"
        f" from past_{table} as gone where gone.removed is not null and {where}"
        f" and not exists (select 1 from {table} as now where now.{key} = gone.{key})"
        f" and not exists (select 1 from past_{table} as later"
        f"  where later.{key} = gone.{key} and later.removed > gone.removed) order by 1",
        values,
    )
    return [Removal(*row) for row in rows.fetchall()]


def ask_before(
    connection: sqlite3.Connection,
    removal: Removal,
    question: Callable[[sqlite3.Connection, str], Answer],
) -> Answer:
    """Ask about what was removed as of the last day on which the catalog held it."""
    day = date.fromisoformat(removal.removed) - timedelta(days=1)
    return ask_at(connection, day.isoformat(), question, removal.key)


def last_record(
    connection: sqlite3.Connection,
    removal: Removal,
    question: Callable[[sqlite3.Connection, str], Record],
) -> Record:
    """Return the record that *question* made as long as the catalog held it, marked as removed."""
    record = ask_before(connection, removal, question)
    return replace(record, removed=removal.removed, removed_by=removal.removed_by)
