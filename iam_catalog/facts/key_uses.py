"""Answer how one condition key is defined and used, by all services."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class KeyDefinition(NamedTuple):
    """What a source says of a condition key for one service."""

    definition: str
    key_as_written: str
    service_prefix: str
    type: str | None
    description: str | None
    url: str | None
    page: str
    line: int | None
    place: str | None
    first_seen: str | None
    last_seen: str | None
    removed: str | None


class RemovedKey(NamedTuple):
    """A condition key that no source lists any more."""

    condition_key: str
    removed: str
    removed_by: str | None
    """The public dataset whose word it is; None for AWS's own pages."""


class KeyUses(NamedTuple):
    """The full names of what has a condition key."""

    resource_types: set[str]
    own: set[str]
    """Actions with a row that lists it."""
    through_types: set[str]
    """Actions that take a resource type that has it."""


def removed_key(connection: sqlite3.Connection, name: str) -> RemovedKey | None:
    """Return the removed condition key of that name; None where there was none."""
    row = connection.execute(
        "select condition_key, max(removed), removed_by from past_condition_key_definitions"
        " where condition_key = ? and removed is not null group by condition_key",
        (name,),
    ).fetchone()
    return RemovedKey(*row) if row else None


def key_definitions(
    connection: sqlite3.Connection, key: str, *, removed: bool = False
) -> list[KeyDefinition]:
    """Return every wording of a key, by service; of a removed one, as it was when it went."""
    table = "past_condition_key_definitions" if removed else "condition_key_definitions"
    rows = connection.execute(
        "select definition, key_as_written, service_prefix, type, description, url, page, line,"
        f" place, first_seen, last_seen, {'removed' if removed else 'null'} from {table}"
        f" where condition_key = ?{' and removed is not null' if removed else ''}"
        " order by service_prefix, page, line",
        (key,),
    )
    return [KeyDefinition(*row) for row in rows]


def services_of_key(connection: sqlite3.Connection, key: str) -> list[str]:
    """Return the prefixes of the services that define a key, or once did."""
    rows = connection.execute(
        "select service_prefix from condition_key_definitions where condition_key = ?1 union"
        " select service_prefix from past_condition_key_definitions where condition_key = ?1",
        (key,),
    )
    return [prefix for (prefix,) in rows]


def key_uses(
    connection: sqlite3.Connection, key: str, service_prefix: str | None = None
) -> KeyUses:
    """Return what has a key, of all services or of one."""
    through = _THROUGH_TYPES if service_prefix is None else _OF_SERVICE
    found = KeyUses(
        _names(connection, _TYPES, key),
        _names(connection, _OWN, key),
        _names(connection, through, key, service_prefix),
    )
    if service_prefix is None:
        return found
    start = f"{service_prefix}:"
    return found._replace(
        resource_types={name for name in found.resource_types if name.startswith(start)},
        own={name for name in found.own if name.startswith(start)},
    )


_HAVE = "(select resource_type from resource_type_condition_keys where condition_key = ?1)"
_TYPES = (
    "select group_concat(resource_type, char(31)) from resource_type_condition_keys"
    " where condition_key = ?1"
)
_OWN = "select group_concat(action, char(31)) from action_condition_keys where condition_key = ?1"
_THROUGH_TYPES = (
    f"select group_concat(action, char(31)) from action_rows where resource_type in {_HAVE}"
)
_OF_SERVICE = (
    "select group_concat(r.action, char(31)) from actions as a join action_rows as r"
    f" on r.action = a.action where a.service_prefix = ?2 and +r.resource_type in {_HAVE}"
)


def _names(connection: sqlite3.Connection, sql: str, *values: str | None) -> set[str]:
    # One row with unit separators, which no name has: some keys are on 18,000 rows, and these
    # take three times as long one by one.
    place = [value for value in values if value is not None]
    found = connection.execute(sql, place).fetchone()[0]
    return set(found.split("\x1f")) if found else set()
