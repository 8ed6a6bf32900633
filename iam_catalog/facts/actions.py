"""Actions: lists by filters, everything that is known of one, and the operations that need it."""

from __future__ import annotations

from iam_catalog.facts.keys import actions_with_key, known_condition_keys
from iam_catalog.facts.names import known_action, known_resource_types, known_service
from iam_catalog.facts.rows import SOURCE, boolean, mark, read_at_once, source, unique

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from typing import Any

    from iam_catalog.records import (
        Action,
        ActionRow,
        ActionSummary,
        DependentAction,
    )


def actions(
    connection: sqlite3.Connection,
    *,
    service_prefix: str | None = None,
    access_level: str | None = None,
    resource_type: str | None = None,
    condition_key: str | None = None,
    without_resource_type: bool = False,
) -> list[ActionSummary]:
    """List the actions that fit every filter, sorted by name; all of them without a filter.

    *access_level* means the primary level, without case. *resource_type* is `instance` or
    `connect:instance`. *condition_key* fits where a row of the action, or a resource type that it
    takes, has the key; it may have a value in place of a placeholder, as in a policy.
    *without_resource_type* leaves the actions that policies allow on `*` alone; an action of which
    no source has the resource types is not among them. An unknown word is an error:
    `UnknownServicePrefix`, `UnknownAccessLevel`, `UnknownResourceType` or `UnknownConditionKey`.

    >>> [found.action for found in actions(service_prefix="connect", access_level="list")]
    ['connect:ListInstances']
    """
    from iam_catalog.names import match_access_level
    from iam_catalog.records import ActionSummary

    clauses: list[str] = []
    values: list[str] = []
    if service_prefix is not None:
        clauses.append("service_prefix = ?")
        values.append(known_service(connection, service_prefix))
    if access_level is not None:
        clauses.append("access_level = ?")
        values.append(match_access_level(access_level))
    if resource_type is not None:
        types = known_resource_types(connection, resource_type)
        marks = ", ".join("?" * len(types))
        clauses.append(
            f"action in (select action from action_rows where resource_type in ({marks}))"
        )
        values += types
    if condition_key is not None:
        keys = known_condition_keys(connection, condition_key)
        clauses.append(f"action in ({actions_with_key(len(keys))})")
        values += [*keys, *keys]
    if without_resource_type:
        clauses.append(f"action in ({_WITHOUT_TYPE})")
    where = f"where {' and '.join(clauses)}" if clauses else ""
    rows = connection.execute(
        "select action, service_prefix, name, access_level, description, permission_only"
        f" from actions {where} order by action",
        values,
    )
    return [
        ActionSummary(name, prefix, bare, level, description, boolean(permission_only))
        for name, prefix, bare, level, description, permission_only in rows
    ]


_WITHOUT_TYPE = (
    "select action from action_rows group by action having count(resource_type_name) = 0"
)


def action(connection: sqlite3.Connection, name: str) -> Action:
    """Describe one action with all that the catalog knows of it, its source included.

    Of a removed action these are the facts of the last source that documented it. Raises
    `UnknownAction` with the nearest names, or `MalformedActionName`.

    >>> action("connect:stopcontact").resource_types
    ('connect:contact',)
    """
    found = read_at_once(connection, _record, name)
    if found is None:
        from dataclasses import replace

        from iam_catalog.facts.at_date import ask_before, removed_actions

        for removal in removed_actions(connection, known_action(connection, name)):
            if last := ask_before(connection, removal, _record):
                found = replace(last, removed=removal.removed, removed_by=removal.removed_by)
    assert found is not None, "known_action returns current and removed actions only"
    return found


_FACT = (
    "select a.action, a.service_prefix, a.name, a.access_level, a.description,"
    " a.permission_only, a.url, a.first_seen, a.last_seen, a.dependents_page,"
    " (select last_date from pages as known where known.page = a.dependents_page),"
    " a.incomplete,"
    " (select count(*) from action_access_levels as levels where levels.action = a.action),"
    f" pages.page, a.line, a.place, {SOURCE}"
    " from actions as a join pages on pages.page = a.page where a.action = ?"
)


def _record(connection: sqlite3.Connection, name: str) -> Action | None:
    """Describe a current action; None for a name that is not one."""
    from iam_catalog.records import Action

    fact = connection.execute(_FACT, (name,)).fetchone()
    if fact is None:
        return None
    key, prefix = fact[:2]
    known_from, date, incomplete, levels = fact[9:13]
    dependents, needed, beside = _dependents(connection, key)
    rows = _rows(connection, key, prefix, beside)
    return Action(
        key,
        prefix,
        fact[2],
        fact[3],
        _levels(connection, key) if levels > 1 else (fact[3],) if levels else (),
        fact[4],
        boolean(fact[5]),
        fact[6],
        rows,
        unique([row.resource_type for row in rows if row.resource_type]) if rows else None,
        unique([each for row in rows for each in row.condition_keys]) if rows else None,
        needed,
        dependents,
        "not in source" if not known_from else "parsed" if needed else "none",
        known_from,
        date,
        source(fact[13:]),
        fact[7],
        fact[8],
        None,
        incomplete=mark(incomplete),
    )


def _levels(connection: sqlite3.Connection, action: str) -> tuple[str, ...]:
    """Return the access levels of an action, in the source's order."""
    rows = connection.execute(
        "select access_level from action_access_levels where action = ? order by position",
        (action,),
    )
    return tuple([level for (level,) in rows])


def _dependents(
    connection: sqlite3.Connection, action: str
) -> tuple[tuple[DependentAction, ...], tuple[str, ...], dict[str, list[str]]]:
    """Return the references to dependent actions as sources write them, the names of those that
    the action needs, and the names that each row lists."""
    from iam_catalog.facts.dependents import references

    found = references(connection, action)
    if not found:
        return (), (), {}
    from iam_catalog.records import DependentAction

    beside: dict[str, list[str]] = {}
    needed: dict[str, str] = {}
    for name, *_, row, is_needed in found:
        beside.setdefault(row, []).append(name)
        if is_needed:
            needed.setdefault(name.lower(), name)
    return (
        tuple([DependentAction(*each[:-2]) for each in found]),
        tuple(needed.values()),
        beside,
    )


def _rows(
    connection: sqlite3.Connection, action: str, prefix: str, dependents: dict[str, list[str]]
) -> tuple[ActionRow, ...]:
    """Return the rows of an action; *dependents* are the names that each row lists, by its key."""
    from iam_catalog.records import ActionRow

    rows: Iterable[tuple[Any, ...]] = connection.execute(
        "select action_row, coalesce(resource_type, ? || ':' || resource_type_name), required,"
        " scenario, page, line from action_rows where action = ? order by position",
        (prefix, action),
    ).fetchall()
    keys: dict[str, list[str]] = {}
    for row, condition_key in connection.execute(
        "select k.action_row, k.condition_key from action_rows as r"
        " join action_condition_keys as k on k.action_row = r.action_row"
        " where r.action = ? order by r.position, k.position",
        (action,),
    ):
        keys.setdefault(row, []).append(condition_key)
    return tuple(
        [
            ActionRow(
                name,
                boolean(required),
                scenario,
                tuple(keys.get(row, ())),
                tuple(dependents.get(row, ())),
                page,
                line,
            )
            for row, name, required, scenario, page, line in rows
        ]
    )


def operations_of_action(connection: sqlite3.Connection, action: str) -> list[str]:
    """List the API operations that need *action*, as `prefix:Name`, sorted.

    Also for an action of a service that the catalog does not hold, if an operation names it.
    Raises `UnknownAction` or `MalformedActionName`.

    >>> operations_of_action("connect:StopContact")
    []
    """
    rows = connection.execute(
        "select distinct service_prefix || ':' || name from operation_actions"
        " join operations on operations.operation = operation_actions.operation"
        " where action = ? order by 1",
        (action,),
    ).fetchall()
    if not rows:
        known_action(connection, action)
    return [row[0] for row in rows]


def operations_documented_on(connection: sqlite3.Connection, action: str) -> str | None:
    """Find the date as of which `operations_of_action` answers: only AWS's pages since 2026-07 and
    its JSON map operations to actions.

    That of the newest such source of the action's service. None where no source of the service did:
    then they are unknown, not none, though those of other services may name the action. Raises
    `UnknownAction` or `MalformedActionName`.

    >>> operations_documented_on("connect:StopContact") is None
    True
    """
    from iam_catalog.names import split_action_name

    operations_of_action(connection, action)
    prefix, _ = split_action_name(action)
    row = connection.execute(
        "select max(last_date) from pages"
        " where service_prefix = ? and operations_state <> 'not in source'",
        (prefix,),
    ).fetchone()
    return None if row[0] is None else str(row[0])
