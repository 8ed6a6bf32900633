"""API operations, and the actions that they need (AWS's pages since 2026-07, and its JSON).

An operation is not an action: `s3:CreateMultipartUpload` is allowed by `s3:PutObject`. A service
without an operations table has an unknown map, not an empty one.
"""

from __future__ import annotations

from iam_catalog.errors import UnknownOperation
from iam_catalog.queries import known_action

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from iam_catalog.records import Operation


def operation(connection: sqlite3.Connection, name: str) -> Operation:
    """One operation: `prefix:Name`, where the prefix may be any name of the service.

    With an SDK client as the prefix only that client's operation is meant, where a service has
    several. A bare `Name` will do where only one service has it. Raises `UnknownOperation`.
    """
    return operation_record(connection, known_operations(connection, name))


def operation_record(connection: sqlite3.Connection, keys: list[str]) -> Operation:
    """The operation of a service that has these *keys*, one for each SDK client."""
    from iam_catalog.records import AuthorizedAction, Operation

    marks = ", ".join("?" * len(keys))
    facts = connection.execute(
        "select service_prefix, name, sdk_client, min(first_seen) over (), max(last_seen) over ()"
        f" from operations where operation in ({marks}) order by operation",
        keys,
    ).fetchall()
    actions = connection.execute(
        "select action, condition_key, condition_values, sdk_client, a.page, a.line"
        " from operation_actions as a join operations on operations.operation = a.operation"
        f" where a.operation in ({marks}) order by a.operation, position",
        keys,
    ).fetchall()
    prefix, bare, _, first_seen, last_seen = facts[0]
    return Operation(
        f"{prefix}:{bare}",
        prefix,
        bare,
        tuple([fact[2] for fact in facts if fact[2]]),
        tuple(dict.fromkeys([row[0] for row in actions])),
        tuple([AuthorizedAction(*row) for row in actions]),
        first_seen,
        last_seen,
    )


def known_operations(connection: sqlite3.Connection, name: str) -> list[str]:
    """The keys of the operations that *name* stands for, which are one for each SDK client."""
    prefix, colon, bare = name.strip().rpartition(":")
    rows = connection.execute(
        "select operation, service_prefix, sdk_client from operations where name = ?"
        " order by operation",
        (bare,),
    ).fetchall()
    if not colon and len({row[1] for row in rows}) > 1:
        full = [f"{each}:{bare}" for each in sorted({row[1] for row in rows})]
        raise UnknownOperation(name, full[:3], detail=" without its service prefix")
    if colon:
        own = [row for row in rows if (row[2] or "").lower() == prefix.lower()]
        rows = own or [row for row in rows if row[1] in prefixes_of(connection, prefix)]
    if not rows:
        from iam_catalog.suggest import unknown_operation

        raise unknown_operation(connection, name)
    return [row[0] for row in rows]


def prefixes_of(connection: sqlite3.Connection, name: str) -> set[str]:
    """The prefixes of the services that go by *name*, as the catalog spells them."""
    rows = connection.execute(
        "select service_prefix from services where service_prefix = ?1"
        " union select services.service_prefix from service_aliases join services"
        " on services.service_prefix = service_aliases.service_prefix where alias = ?1",
        (name,),
    )
    return {row[0] for row in rows}


def actions_of_operation(connection: sqlite3.Connection, name: str) -> list[str]:
    """The actions that an operation needs, in AWS's order; raises `UnknownOperation`."""
    return list(operation(connection, name).actions)


def operations_of_action(connection: sqlite3.Connection, action: str) -> list[str]:
    """The operations that need *action*, as `prefix:Name`, sorted.

    Also for an action of a service that the catalog does not hold, if an operation names it.
    Raises `UnknownAction` or `MalformedActionName`.
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
    """As of which date `operations_of_action` answers: that of the newest source of the action's
    service that maps operations to actions.

    None where no source of the service did: then they are unknown, not none, though those of other
    services may name the action. Raises `UnknownAction` or `MalformedActionName`.
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
