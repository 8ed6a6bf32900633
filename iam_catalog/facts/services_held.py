"""Read what policies are measured by: services with their actions, types, keys and dependents.

Most functions read one table for one whole service, because a policy seldom names a single action.
A *prefix* is that of a known service, in AWS's spelling.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from iam_catalog.facts.rows import select_in


class ServiceRow(NamedTuple):
    """A known service, with what its current sources say of its tables."""

    service_prefix: str
    date: str | None
    """Of its newest current source."""
    actions_left_out: int
    """A source leaves its actions out."""
    actions_known: int
    """Each source has its actions, and no row of them is in error; the same of the next two."""
    types_known: int
    keys_known: int
    incomplete: int
    """A source kept one of several pages of AWS."""


class CurrentAction(NamedTuple):
    """A current action."""

    action: str
    access_level: str | None
    incomplete: int
    without_dependents: int
    """No source of it has a place for dependent actions."""
    page: str
    line: int | None
    last_seen: str | None
    place: str | None


# There are tens of thousands of the next four, which the garbage collector passes over if they are
# plain tuples.

TakenRow = tuple[str, str, int | None, str | None]
"""A row of an action with a resource type: both, 1 if it stars the type and None if its source
cannot say, and its page if the action requires the type there: a row of a scenario requires
nothing. The type has the prefix of the service, also if the catalog does not hold it."""

LevelRow = tuple[str, str]
"""An action, and an access level of it."""

ChangingRow = LevelRow
"""Of an action that changes something."""

DependentRow = tuple[str, str, str | None, str, int | None, str | None, str | None]
"""An action, a dependent action in the catalog's spelling if it has the action, the public dataset
that lists it or None where a page of AWS does, and where that is stated."""

Source = tuple[str, int | None, str | None, str | None]
"""Page, line, date and place in a dataset."""


def held_services(connection: sqlite3.Connection) -> list[ServiceRow]:
    rows = connection.execute(
        "select services.service_prefix, max(last_date), max(actions_state = ?1),"
        " min(actions_state <> ?1 and actions_in_error = 0),"
        " min(resource_types_state <> ?1 and resource_types_in_error = 0),"
        " min(condition_keys_state <> ?1 and condition_keys_in_error = 0), max(incomplete)"
        " from services left join pages on pages.service_prefix = services.service_prefix"
        " and replaced is null group by services.service_prefix",
        ("not in source",),
    )
    return [ServiceRow(*row) for row in rows]


def names_of_actions(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """Read the names of a service's actions, sorted, in AWS's spelling."""
    sql = "select action from actions where action >= ? and action < ? order by action"
    return [action for (action,) in connection.execute(sql, _ends(prefix))]


def actions_without_dependents(connection: sqlite3.Connection) -> frozenset[str]:
    """Name in lower case all actions whose dependents no source has a place for."""
    rows = connection.execute("select lower(action) from actions where dependents_page is null")
    return frozenset([action for (action,) in rows])


def actions_of_service(connection: sqlite3.Connection, prefix: str) -> list[CurrentAction]:
    """Read the actions of a service by name."""
    rows = connection.execute(
        "select action, access_level, incomplete, dependents_page is null, page, line, last_seen,"
        " place from actions where action >= ? and action < ? order by action",
        _ends(prefix),
    )
    return [CurrentAction(*row) for row in rows]


def names_of_all_actions(connection: sqlite3.Connection) -> list[str]:
    """Read the names of the actions of all services, sorted."""
    return [action for (action,) in connection.execute("select action from actions order by 1")]


def taken_types(connection: sqlite3.Connection, prefix: str) -> Iterator[TakenRow]:
    """Read the resource types of a service's actions, of each action in the order of its rows."""
    return connection.execute(
        "select action, coalesce(resource_type, ?3 || ':' || resource_type_name), required,"
        " iif(required and scenario is null, page, null) from action_rows"
        " where action >= ?1 and action < ?2 and resource_type_name is not null"
        " order by action, position",
        (*_ends(prefix), prefix),
    )


def count_of_actions_with_rows(connection: sqlite3.Connection, prefix: str) -> int:
    """Count the actions of which a source has a row for types and keys."""
    sql = "select count(distinct action) from action_rows where action >= ? and action < ?"
    number: int = connection.execute(sql, _ends(prefix)).fetchone()[0]
    return number


def actions_without_rows(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """Read the actions of which no source has one."""
    rows = connection.execute(
        "select action from actions where action >= ? and action < ? and not exists"
        " (select 1 from action_rows where action_rows.action = actions.action)",
        _ends(prefix),
    )
    return [action for (action,) in rows]


def changing_actions(connection: sqlite3.Connection, prefix: str) -> Iterator[ChangingRow]:
    """Read the actions of the levels Permissions management and Write.

    Of an action that has both, Write comes last.
    """
    return connection.execute(
        "select action, access_level from action_access_levels where action >= ? and action < ?"
        " and access_level in ('Write', 'Permissions management') order by action, access_level",
        _ends(prefix),
    )


def levels_of_actions(connection: sqlite3.Connection, prefix: str) -> Iterator[LevelRow]:
    """Read every access level of a service's actions."""
    return connection.execute(
        "select action, access_level from action_access_levels where action >= ? and action < ?",
        _ends(prefix),
    )


def source_of_level(connection: sqlite3.Connection, row: ChangingRow) -> Source:
    """Find where it is stated that an action has its access level."""
    sql = (
        "select l.page, l.line, l.last_seen, iif(a.page = l.page, a.place, null)"
        " from action_access_levels as l join actions as a on a.action = l.action"
        " where l.action = ? and l.access_level = ?"
    )
    found: Source = connection.execute(sql, row).fetchone()
    return found


def keys_of_actions(
    connection: sqlite3.Connection, prefix: str
) -> Iterator[tuple[str, str, str | None]]:
    """Read actions with a condition key of a row of theirs, and the resource type of that row."""
    return connection.execute(
        "select k.action, condition_key, coalesce(resource_type, ?3 || ':' || resource_type_name)"
        " from action_rows as r join action_condition_keys as k on k.action_row = r.action_row"
        " where r.action >= ?1 and r.action < ?2",
        (*_ends(prefix), prefix),
    )


def keys_of_types(connection: sqlite3.Connection, prefix: str) -> Iterator[tuple[str, str]]:
    """Read resource types with the condition keys of their own."""
    return connection.execute(
        "select resource_type, condition_key from resource_type_condition_keys"
        " where resource_type >= ? and resource_type < ?",
        _ends(prefix),
    )


def incomplete_types(connection: sqlite3.Connection, prefix: str) -> set[str]:
    """Name the resource types of which ARN formats or keys may be missing."""
    rows = connection.execute(
        "select resource_type from resource_types where resource_type >= ?"
        " and resource_type < ? and incomplete",
        _ends(prefix),
    )
    return {name for (name,) in rows}


def dependents_of_service(connection: sqlite3.Connection, prefix: str) -> Iterator[DependentRow]:
    """Read what the actions of a service need, by action and in AWS's order.

    Each comes once for an action, and none is the action itself.
    """
    return connection.execute(
        "select t.action, coalesce(actions.action, t.dependent_action), pages.dataset,"
        " t.page, t.line, t.last_seen, t.place from dependent_actions as t"
        " left join actions on actions.action = t.dependent_action"
        " join pages on pages.page = t.page"
        " where t.action >= ? and t.action < ? and needed order by t.action, t.position",
        _ends(prefix),
    )


def source_of_action(
    connection: sqlite3.Connection, action: str, resource_type: str | None
) -> Source | None:
    """Find where the first row of an action is, or its first with a resource type."""
    row: Source | None = connection.execute(
        "select page, line, last_seen, (select place from actions where action = ?1"
        " and actions.page = action_rows.page) from action_rows where action = ?1"
        " and (?2 is null or ?2 = coalesce(resource_type,"
        " substr(action, 1, instr(action, ':')) || resource_type_name)) order by position",
        (action, resource_type),
    ).fetchone()
    return row


def sources_of_table(
    connection: sqlite3.Connection, table: str, column: str, prefix: str
) -> list[tuple[str, int | None, str | None]]:
    """Find the first three sources of a service's rows in a table, each with its first line."""
    rows = connection.execute(
        f"select page, min(line), max(last_seen) from {table} where {column} >= ?"
        f" and {column} < ? group by page order by page limit 3",
        _ends(prefix),
    )
    return rows.fetchall()


def had_actions(connection: sqlite3.Connection, prefix: str) -> bool:
    """Return True if an earlier source documents actions of a prefix."""
    sql = "select 1 from past_actions where action >= ? and action < ? limit 1"
    return connection.execute(sql, _ends(prefix)).fetchone() is not None


class RemovedRow(NamedTuple):
    """An action that is gone, with where it was last documented."""

    action: str
    removed: str
    removed_by: str | None
    last_seen: str | None
    page: str
    line: int | None
    place: str | None


def removed_action(connection: sqlite3.Connection, action: str) -> RemovedRow | None:
    row = connection.execute(
        "select action, removed, removed_by, last_seen, page, line, place from removed_actions"
        " where action = ?",
        (action,),
    ).fetchone()
    return None if row is None else RemovedRow(*row)


def actions_taking(
    connection: sqlite3.Connection, resource_types: Sequence[str]
) -> list[tuple[str, str, str | None]]:
    """Find the actions that take one of the types, each with its prefix and its primary level."""
    rows = select_in(
        connection,
        "select distinct actions.action, actions.service_prefix, access_level from action_rows"
        " join actions on actions.action = action_rows.action where resource_type in ({})",
        resource_types,
    )
    return list(dict.fromkeys(rows))


def documented_keys(connection: sqlite3.Connection) -> list[str]:
    """Read every condition key of the catalog."""
    return [key for (key,) in connection.execute("select condition_key from condition_keys")]


def definitions_of_key(
    connection: sqlite3.Connection, key: str
) -> list[tuple[str | None, str, int | None, str | None, str | None]]:
    """Read the definitions of a condition key: type, page, line, date and place in a dataset."""
    return connection.execute(
        "select type, page, line, last_seen, place from condition_key_definitions"
        " where condition_key = ? order by page, line",
        (key,),
    ).fetchall()


def state_of_file(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return numbers that differ once this connection or another one has changed the file."""
    version: int = connection.execute("pragma data_version").fetchone()[0]
    return connection.total_changes, version


def _ends(prefix: str) -> tuple[str, str]:
    """Return what the names `prefix:…` are between."""
    return f"{prefix}:", f"{prefix};"
