"""Read the recorded changes as pages show them: filtered, counted by date and service, in parts.

`facts.history.changes` answers all of them since a date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from iam_catalog.records import Change

UNDATED = "undated"
"""As the date of a filter: the changes that collections without a date brought."""

_COLUMNS = "date, service_prefix, change, kind, subject, field, old_value, new_value, dataset"


class ChangeFilter(NamedTuple):
    """Which changes are wanted; None is any."""

    service: str | None
    date: str | None
    """ISO 8601, or `UNDATED`."""
    kind: str | None
    change: str | None
    descriptions: bool
    """Those of descriptions alone; else all others."""
    since: str | None = None
    """ISO 8601, the first day of a period."""
    until: str | None = None
    """The last day of it."""

    def _where(self) -> tuple[str, list[str]]:
        clauses = ["field = 'description'" if self.descriptions else "field is not 'description'"]
        values = []
        if self.date == UNDATED:
            clauses.append("date is null")
        for column, value in (
            ("date", None if self.date == UNDATED else self.date),
            ("service_prefix", self.service),
            ("kind", self.kind),
            ("change", self.change),
        ):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        for sign, day in ((">=", self.since), ("<=", self.until)):
            if day is not None:
                clauses.append(f"date {sign} ?")
                values.append(day)
        return " and ".join(clauses), values


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
    where, values = wanted._where()
    rows = connection.execute(
        f"select date, service_prefix, count(*) from changes where {where} group by 1, 2", values
    )
    groups = sorted((ChangeGroup(*row) for row in rows), key=lambda group: group.service_prefix)
    return sorted(groups, key=lambda group: group.date or "", reverse=True)


def change_dates(connection: sqlite3.Connection) -> list[str | None]:
    """Return the dates that brought changes, the newest first."""
    rows = connection.execute("select distinct date from changes order by date desc")
    return [date for (date,) in rows]


def changes_of_group(
    connection: sqlite3.Connection, wanted: ChangeFilter, group: ChangeGroup, most: int
) -> list[Change]:
    """Return the first *most* changes of a date and service, in the order of the catalog."""
    where, values = wanted._where()
    return _changes(
        connection,
        f"{where} and date is ? and service_prefix = ? order by id limit {most}",
        (*values, group.date, group.service_prefix),
    )


def change_counts(
    connection: sqlite3.Connection, wanted: ChangeFilter, group: ChangeGroup
) -> list[ChangeCount]:
    """Count the changes of a date and service, by what changed and how."""
    where, values = wanted._where()
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
    where, values = wanted._where()
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
