"""Read the recorded changes, all since a date or as pages show them, and what sources dispute."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from iam_catalog.compare import CHANGE_KINDS, SECTIONS, of_kind
from iam_catalog.facts.at_date import checked_date
from iam_catalog.facts.lookup import aliased, services_named
from iam_catalog.facts.names import known_action, known_service
from iam_catalog.records import Change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iam_catalog.compare import State
    from iam_catalog.records import Disagreement


SUBJECTS = ("service", *SECTIONS.values())
"""The kinds of subject that changes have."""
UNDATED = "undated"
"""As the date of a filter: the changes that collections without a date brought."""

_COLUMNS = "date, service_prefix, change, kind, subject, field, old_value, new_value, dataset"


class ChangeFilter(NamedTuple):
    """Which changes are wanted; None is any."""

    service: str | None
    date: str | None
    """ISO 8601, or `UNDATED`."""
    kind: str | None
    """One of `SUBJECTS`, or of `CHANGE_KINDS`."""
    change: str | None
    descriptions: bool
    """Those of descriptions alone; else all others."""
    since: str | None = None
    """ISO 8601, the first day of a period."""
    until: str | None = None
    """The last day of it."""

    def _where(self, connection: sqlite3.Connection) -> tuple[str, list[str]]:
        """Return the condition of SQL with its values, for a query of *connection*."""
        clauses = ["field = 'description'" if self.descriptions else "field is not 'description'"]
        values = []
        if self.date == UNDATED:
            clauses.append("date is null")
        for column, value in (
            ("date", None if self.date == UNDATED else self.date),
            ("service_prefix", self.service),
            ("kind", self.kind if self.kind in SUBJECTS else None),
            ("change", self.change),
        ):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        if self.kind in CHANGE_KINDS:
            connection.create_function("is_of_kind", 6, _is_of_kind, deterministic=True)
            if not self.kind.endswith(("-added", "-removed")):
                clauses.append("field is not null")  # spares half of the calls of a function
            clauses.append("is_of_kind(?, change, kind, field, old_value, new_value)")
            values.append(self.kind)
        for sign, day in ((">=", self.since), ("<=", self.until)):
            if day is not None:
                clauses.append(f"date {sign} ?")
                values.append(day)
        return " and ".join(clauses), values


def _is_of_kind(
    name: str,
    change: str,
    kind: str,
    field: str | None,
    old_value: str | None,
    new_value: str | None,
) -> bool:
    """Answer SQL whether a row is a change of the kind *name*."""
    return CHANGE_KINDS[name](Change(None, None, change, kind, "", field, old_value, new_value))


class ChangeGroup(NamedTuple):
    """What one date brought for one service."""

    date: str | None
    service_prefix: str
    changes: int


class ChangeCount(NamedTuple):
    """How many changes of one sort there are."""

    kind: str
    change: str
    changes: int


def change_groups(connection: sqlite3.Connection, wanted: ChangeFilter) -> list[ChangeGroup]:
    """Return how many changes each date and service has, the newest date first."""
    where, values = wanted._where(connection)
    rows = connection.execute(
        f"select date, service_prefix, count(*) from changes where {where} group by 1, 2", values
    )
    groups = sorted((ChangeGroup(*row) for row in rows), key=lambda group: group.service_prefix)
    return sorted(groups, key=lambda group: group.date or "", reverse=True)


class ChangeDate(NamedTuple):
    """What one date brought."""

    date: str | None
    changes: int
    services: int


def changes_by_date(connection: sqlite3.Connection, wanted: ChangeFilter) -> list[ChangeDate]:
    """Count the changes of each date that has any, the newest date first."""
    where, values = wanted._where(connection)
    rows = connection.execute(
        "select date, count(*), count(distinct service_prefix) from changes"
        f" where {where} group by 1 order by 1 desc",
        values,
    )
    return [ChangeDate(*row) for row in rows]


def change_dates(connection: sqlite3.Connection) -> list[str | None]:
    """Return the dates that brought changes, the newest first."""
    rows = connection.execute("select distinct date from changes order by date desc")
    return [date for (date,) in rows]


def changes_of_group(
    connection: sqlite3.Connection, wanted: ChangeFilter, group: ChangeGroup, most: int
) -> list[Change]:
    """Return the first *most* changes of a date and service, in the order of the catalog."""
    where, values = wanted._where(connection)
    return _changes(
        connection,
        f"{where} and date is ? and service_prefix = ? order by id limit {most}",
        (*values, group.date, group.service_prefix),
    )


def change_counts(
    connection: sqlite3.Connection, wanted: ChangeFilter, group: ChangeGroup
) -> list[ChangeCount]:
    """Count the changes of a date and service, by what changed and how."""
    where, values = wanted._where(connection)
    rows = connection.execute(
        "select kind, change, count(*) from changes"
        f" where {where} and date is ? and service_prefix = ? group by 1, 2 order by 2, 1",
        (*values, group.date, group.service_prefix),
    )
    return [ChangeCount(*row) for row in rows]


def some_changes(
    connection: sqlite3.Connection, wanted: ChangeFilter, start: int, most: int
) -> list[Change]:
    """Return *most* changes from the number *start* on, the newest date first."""
    where, values = wanted._where(connection)
    sql = f"{where} order by date desc, id limit ? offset ?"
    return _changes(connection, sql, (*values, most, start))


def changes_of_subjects(
    connection: sqlite3.Connection, kind: str, subjects: Sequence[str], most: int = -1
) -> list[Change]:
    """Return what changed of *subjects* of one kind, the newest first; at most *most*, -1 is all.

    Changes of their descriptions are included.
    """
    marks = ", ".join("?" * len(subjects))
    return _changes(
        connection,
        f"subject in ({marks}) and kind = ? order by date desc, id limit ?",
        (*subjects, kind, most),
    )


def newest_changes(connection: sqlite3.Connection) -> tuple[str | None, dict[str, int]]:
    """Return the newest date that brought changes, and how many were added, changed, removed.

    Changes of descriptions do not count.
    """
    rows = connection.execute(
        "select date, change, count(*) from changes"
        " where date = (select max(date) from changes where field is not 'description')"
        " and field is not 'description' group by change order by change"
    ).fetchall()
    counts = {change: number for _, change, number in rows}
    return (rows[0][0] if rows else None), counts


def _changes(connection: sqlite3.Connection, where: str, values: Sequence[Any]) -> list[Change]:
    rows = connection.execute(f"select {_COLUMNS} from changes where {where}", values)
    return [Change(*row) for row in rows]


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
    from iam_catalog.records import Change

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
    return of_kind((Change(*row) for row in rows), kind)


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
