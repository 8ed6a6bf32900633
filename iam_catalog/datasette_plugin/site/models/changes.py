"""What was added, removed and changed, by date and service, the newest first.

The first view shows some changes of each date and service; the one of a service, or of a single
date and service, all of them. Changes of descriptions alone are asked for apart.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked, BadRequest
from iam_catalog.datasette_plugin.site.models.change_rows import SELECTED, change
from iam_catalog.facts.at_date import checked_date
from iam_catalog.facts.history import service_of_changes

KINDS = ("service", "action", "resource type", "condition key", "operation")
CHANGES = ("added", "removed", "changed")
UNDATED = "undated"
"""Stands for the changes that collections without a date brought."""
GROUPS = 30
"""Dates and services on a page."""
SOME = 6
"""Changes of each that are shown."""
ROWS = 300
"""Changes on a page of one service."""
MOST_PAGES = 100_000

Group = tuple[str | None, str, int]
"""Date, service prefix, and how many changes."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which changes are asked for."""

    service: str | None
    date: str | None
    kind: str | None
    change: str | None
    descriptions: bool

    def where(self) -> tuple[str, list[str]]:
        """The condition of SQL, with its values."""
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
        return " and ".join(clauses), values


def changes(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """One page of the changes that fit `service`, `date`, `kind` and `change`.

    `groups` are dates and services with their `rows`; where there are more rows, `changes` says
    how many in all. `descriptions` turns to the changes of descriptions alone.
    """
    filters = read_filters(connection, asked)
    groups = grouped(connection, filters)
    number = asked.number("page", 1, most=MOST_PAGES)
    if filters.service or len(groups) == 1:
        found, pages = all_rows(connection, filters, groups, number)
    else:
        shown = groups[(number - 1) * GROUPS : number * GROUPS]
        found, pages = some_rows(connection, filters, shown), -(-len(groups) // GROUPS)
    if number > max(pages, 1):
        raise BadRequest(f"page is '{number}': there are {max(pages, 1):,}.")
    return {
        "filters": {
            "service": filters.service,
            "date": filters.date,
            "kind": filters.kind,
            "change": filters.change,
            "descriptions": filters.descriptions,
        },
        "total": sum(changes for *_, changes in groups),
        "services": len({prefix for _, prefix, _ in groups}),
        "dates": dates(connection),
        "groups": found,
        "page": number,
        "pages": max(pages, 1),
    }


def read_filters(connection: sqlite3.Connection, asked: Asked) -> Filters:
    """The filters that are asked for; raises `CatalogError` or `BadRequest` for other words."""
    service, date = asked.value("service"), asked.value("date")
    return Filters(
        service_of_changes(connection, service) if service else None,
        checked_date(date) if date not in (None, UNDATED) else date,
        one_of(asked, "kind", KINDS),
        one_of(asked, "change", CHANGES),
        asked.flag("descriptions"),
    )


def one_of(asked: Asked, name: str, words: Sequence[str]) -> str | None:
    value = asked.value(name)
    if value is not None and value not in words:
        raise BadRequest(f"{name} is {value!r}: use one of {', '.join(words)}.")
    return value


def grouped(connection: sqlite3.Connection, filters: Filters) -> list[Group]:
    """How many changes each date and service has, the newest date first."""
    where, values = filters.where()
    rows = connection.execute(
        f"select date, service_prefix, count(*) from changes where {where} group by 1, 2", values
    ).fetchall()
    rows.sort(key=lambda row: row[1])
    rows.sort(key=lambda row: row[0] or "", reverse=True)
    return rows


def dates(connection: sqlite3.Connection) -> list[str | None]:
    """The dates that brought changes, the newest first."""
    rows = connection.execute("select distinct date from changes order by date desc")
    return [date for (date,) in rows]


def some_rows(
    connection: sqlite3.Connection, filters: Filters, groups: Sequence[Group]
) -> list[dict[str, Any]]:
    """Each date and service with its first changes, and how many there are of each kind."""
    where, values = filters.where()
    found = []
    for date, prefix, total in groups:
        place = (*values, date, prefix)
        rows = connection.execute(
            f"select {SELECTED} from changes where {where} and date is ? and service_prefix = ?"
            f" order by id limit {SOME}",
            place,
        )
        told = told_group(date, prefix, total, [change(row) for row in rows])
        if total > SOME:
            counts = connection.execute(
                "select kind, change, count(*) from changes"
                f" where {where} and date is ? and service_prefix = ? group by 1, 2 order by 2, 1",
                place,
            )
            names = ("kind", "change", "changes")
            told["counts"] = [dict(zip(names, row, strict=True)) for row in counts]
        found.append(told)
    return found


def all_rows(
    connection: sqlite3.Connection, filters: Filters, groups: Sequence[Group], number: int
) -> tuple[list[dict[str, Any]], int]:
    """The changes of one page, by date and service, and how many pages there are."""
    where, values = filters.where()
    rows = connection.execute(
        f"select {SELECTED} from changes where {where} order by date desc, id limit ? offset ?",
        (*values, ROWS, (number - 1) * ROWS),
    )
    found: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(change(row))
    totals = {date: (prefix, total) for date, prefix, total in groups}
    told = [told_group(date, *totals[date], rows) for date, rows in found.items()]
    return told, -(-sum(total for *_, total in groups) // ROWS)


def told_group(
    date: str | None, prefix: str, total: int, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    return {"date": date, "service_prefix": prefix, "changes": total, "counts": [], "rows": rows}
