"""API operations, and the actions that they need (AWS's pages since 2026-07, and its JSON).

An operation is not an action: `s3:CreateMultipartUpload` is allowed by `s3:PutObject`. A service
without an operations table has an unknown map, not an empty one: of the operations that the SDK's
clients have, the catalog knows the likeliest action then, and never calls it a fact.
"""

from __future__ import annotations

from iam_catalog.errors import UnknownOperation
from iam_catalog.facts.lookup import services_named
from iam_catalog.words import operation_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from iam_catalog.records import Operation


def operation(connection: sqlite3.Connection, name: str) -> Operation:
    """Describe one API operation with the actions that it needs: `prefix:Name`, or a `Name` of one
    service.

    The prefix may be any name of the service. With an SDK client as the prefix only that client's
    operation is meant, where a service has several. Where no page names an action for it, `likely`
    is true and the actions are the likeliest ones. Raises `UnknownOperation`.

    >>> found = operation("connect:StopContact")
    >>> found.actions, found.likely
    (('connect:StopContact',), True)
    """
    found = find_operation(connection, name)
    if found is None:
        from iam_catalog.facts.unknown import unknown_operation

        raise unknown_operation(connection, name)
    return found


def find_operation(connection: sqlite3.Connection, name: str) -> Operation | None:
    """Find an operation as `operation` does; None where its service is unknown or lacks it.

    Raises `UnknownOperation` for a bare name that several services have.
    """
    entries = _entries(connection, name)
    return _record(connection, entries) if entries else None


def operation_record(connection: sqlite3.Connection, keys: list[str]) -> Operation:
    """Return the operation of a service that has these *keys* of pages, one for each SDK client."""
    marks = ", ".join("?" * len(keys))
    entries = connection.execute(
        "select operation, service_prefix, name, sdk_client from operations"
        f" where operation in ({marks}) order by operation",
        keys,
    ).fetchall()
    return _record(connection, entries)


_Entry = tuple["str | None", str, str, "str | None"]
"""An operation of a client: its key if a page states it, service prefix, name, SDK client."""


def _entries(connection: sqlite3.Connection, name: str) -> list[_Entry]:
    """Find the operations that *name* means, one for each SDK client; those of pages first."""
    prefix, colon, bare = name.strip().rpartition(":")
    rows: list[_Entry] = connection.execute(
        "select operation, service_prefix, name, sdk_client from operations where name = ?"
        " order by operation",
        (bare,),
    ).fetchall()
    clients = {client.lower() for *_, client in rows if client}
    services = {service.lower() for _, service, _, client in rows if not client}
    rows += [
        (None, *row)
        for row in connection.execute(
            "select services.service_prefix, o.name, o.sdk_client from sdk_operations as o"
            " join sdk_clients as c on c.sdk_client = o.sdk_client"
            " join services on services.service_prefix = c.service_prefix"
            " where o.name = ? order by o.sdk_client",
            (bare,),
        )
        if row[2].lower() not in clients and row[0].lower() not in services
    ]
    if colon:
        own = [row for row in rows if (row[3] or "").lower() == prefix.lower()]
        if own:
            return own
        prefixes = {each.lower() for each in services_named(connection, prefix)}
        return [row for row in rows if row[1].lower() in prefixes]
    prefixes = {row[1] for row in rows}
    if len(prefixes) > 1:
        full = [f"{each}:{bare}" for each in sorted(prefixes)]
        raise UnknownOperation(name, full[:3], detail=" without its service prefix")
    return rows


def _record(connection: sqlite3.Connection, entries: list[_Entry]) -> Operation:
    """Return the operation of *entries*, as pages have it if one of them names an action for it."""
    stated = [each for each in entries if each[0] is not None]
    record = _documented(connection, stated) if stated else None
    return record if record and record.actions else _likely(connection, entries, record)


def _documented(connection: sqlite3.Connection, entries: list[_Entry]) -> Operation:
    """Return the operation of a service with what its pages say of it."""
    from iam_catalog.records import AuthorizedAction, Operation

    keys = [each[0] for each in entries]
    marks = ", ".join("?" * len(keys))
    first_seen, last_seen = connection.execute(
        f"select min(first_seen), max(last_seen) from operations where operation in ({marks})", keys
    ).fetchone()
    actions = connection.execute(
        "select action, condition_key, condition_values, sdk_client, a.page, a.line"
        " from operation_actions as a join operations on operations.operation = a.operation"
        f" where a.operation in ({marks}) order by a.operation, position",
        keys,
    ).fetchall()
    _, prefix, bare, _ = entries[0]
    return Operation(
        f"{prefix}:{bare}",
        prefix,
        bare,
        tuple([each[3] for each in entries if each[3]]),
        tuple(dict.fromkeys([row[0] for row in actions])),
        tuple([AuthorizedAction(*row) for row in actions]),
        first_seen,
        last_seen,
    )


def _likely(
    connection: sqlite3.Connection, entries: list[_Entry], stated: Operation | None
) -> Operation:
    """Return an operation for which no page names an action, with the likeliest ones.

    *stated* is what a page says of it all the same: that it exists.
    """
    from iam_catalog.records import Operation

    _, prefix, bare, _ = entries[0]
    clients = [each[3] for each in entries if each[3]]
    marks = ", ".join("?" * len(clients))
    # A page that names no SDK client speaks of all that the service has.
    every = prefix if len(clients) < len(entries) else None
    rows = connection.execute(
        "select action, source from likely_operation_actions"
        f" where name = ? and (service_prefix = ? or sdk_client in ({marks}))"
        " order by sdk_client, position",
        (bare, every, *clients),
    ).fetchall()
    return Operation(
        f"{prefix}:{bare}",
        prefix,
        bare,
        tuple(clients),
        tuple(dict.fromkeys([row[0] for row in rows])),
        (),
        stated.first_seen if stated else None,
        stated.last_seen if stated else None,
        likely=True,
        likely_source=next((row[1] for row in rows if row[1]), None),
    )


def actions_of_operation(connection: sqlite3.Connection, name: str) -> list[str]:
    """List the actions that an API operation needs, in AWS's order, or the likeliest ones.

    `Operation.likely` tells which. Raises `UnknownOperation`, also where no action is known.

    >>> actions_of_operation("connect:StopContact")
    ['connect:StopContact']
    """
    found = operation(connection, name)
    if found.likely and not found.actions:
        raise UnknownOperation(name, detail=f" whose actions are known: {operation_words(found)}")
    return list(found.actions)
