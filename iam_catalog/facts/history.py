"""Say what changed in the catalog over time, and where its sources disagree."""

from __future__ import annotations

from iam_catalog.facts.at_date import checked_date
from iam_catalog.facts.lookup import aliased, services_named
from iam_catalog.facts.names import known_service

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
    service_prefix: str | None = None,
    descriptions: bool = False,
) -> list[Change]:
    """List what collections of *since* and later brought, by date; of one service, or of all.

    Changes of descriptions alone come only with *descriptions*. Raises `MalformedDate` or
    `UnknownServicePrefix`.

    >>> changes(since="2019-08-12")
    []
    """
    from iam_catalog.records import Change

    clauses = ["1"] if descriptions else ["field is not 'description'"]
    values: list[str] = []
    if since is not None:
        clauses.append("date >= ?")
        values.append(checked_date(since))
    if service_prefix is not None:
        clauses.append("service_prefix = ?")
        values.append(service_of_changes(connection, service_prefix))
    rows = connection.execute(
        "select date, service_prefix, change, kind, subject, field, old_value, new_value, dataset"
        f" from changes where {' and '.join(clauses)} order by date, id",
        values,
    )
    return [Change(*row) for row in rows]


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
