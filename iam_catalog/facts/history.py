"""Say what changed in the catalog over time, and where its sources disagree."""

from __future__ import annotations

from iam_catalog.facts.at_date import checked_date
from iam_catalog.facts.lookup import aliased, services_named
from iam_catalog.facts.names import known_action, known_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from typing import Any

    from iam_catalog.compare import State
    from iam_catalog.records import Change, Disagreement


def changes(
    connection: sqlite3.Connection,
    *,
    since: str | None = None,
    until: str | None = None,
    service_prefix: str | None = None,
    action: str | None = None,
    kind: str | None = None,
    descriptions: bool = False,
) -> list[Change]:
    """List what collections from *since* to *until* brought, both days included, by date.

    Of one service, of one *action*, or of all. *kind* is one of `compare.CHANGE_KINDS`, such as
    `level-fell`, `key-came` or `service-removed`. Changes of descriptions alone come only with
    *descriptions*. Raises `MalformedDate`, `UnknownServicePrefix`, `UnknownAction` or
    `UnknownChangeKind`.

    >>> changes(since="2019-08-12")
    []
    """
    from iam_catalog.compare import CHANGE_KINDS
    from iam_catalog.errors import UnknownChangeKind
    from iam_catalog.records import Change

    if kind is not None and kind not in CHANGE_KINDS:
        raise UnknownChangeKind(kind, list(CHANGE_KINDS))

    clauses = ["1"] if descriptions else ["field is not 'description'"]
    values: list[str] = []
    if since is not None:
        clauses.append("date >= ?")
        values.append(checked_date(since))
    if until is not None:
        clauses.append("date <= ?")
        values.append(checked_date(until))
    if service_prefix is not None:
        clauses.append("service_prefix = ?")
        values.append(service_of_changes(connection, service_prefix))
    if action is not None:
        clauses.append("subject = ? collate nocase and kind = 'action'")
        values.append(_known_once(connection, action))
    rows = connection.execute(
        "select date, service_prefix, change, kind, subject, field, old_value, new_value, dataset"
        f" from changes where {' and '.join(clauses)} order by date, id",
        values,
    )
    found = [Change(*row) for row in rows]
    return found if kind is None else [each for each in found if CHANGE_KINDS[kind](each)]


def _known_once(connection: sqlite3.Connection, name: str) -> str:
    """Return the name of an action that is there, or was; raises `UnknownAction` otherwise."""
    row = connection.execute(
        "select action from actions where action = ?1"
        " union select action from past_actions where action = ?1 limit 1",
        (name,),
    ).fetchone()
    return str(row[0]) if row else known_action(connection, name)


def service_of_changes(connection: sqlite3.Connection, name: str) -> str:
    """Return the prefix of a service, which may be a removed one; raises `UnknownServicePrefix`."""
    row = connection.execute(
        "select service_prefix from changes where service_prefix = ? limit 1", (name,)
    ).fetchone()
    if row:
        return str(row[0])
    gone = [] if services_named(connection, name) else aliased(connection, name, "past_services")
    return gone[0] if len(gone) == 1 else known_service(connection, name)


def disagreements(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[Disagreement]:
    """List what sources of the same time say differently: every statement, by subject and field.

    Raises `UnknownServicePrefix`.

    >>> disagreements()
    []
    """
    from iam_catalog.records import Disagreement

    where, values = "", list[str]()
    if service_prefix is not None:
        where = "where page in (select page from pages where service_prefix = ?)"
        values = [known_service(connection, service_prefix)]
    rows = connection.execute(
        "select kind, subject, field, value, page, line from disagreements"
        f" {where} order by subject, field, page, line",
        values,
    )
    return [Disagreement(*row) for row in rows]


def catalog_differences(old: State, new: State) -> list[Change]:
    """List what differs between two catalogs, changes of descriptions included."""
    from iam_catalog.compare import differences, service_of
    from iam_catalog.records import Change

    found = differences(old, new)
    return [Change(None, service_of(row["subject"], row["kind"]), **row) for row in found]


def read_state(connection: sqlite3.Connection) -> State:
    """Read what the catalog holds, to be compared."""
    from iam_catalog.compare import TABLES, state_of

    def rows(table: str) -> Iterator[dict[str, Any]]:
        cursor = connection.execute(f"select * from {table}")
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    return state_of({table: list(rows(table)) for table in TABLES}, rows("pages"))
