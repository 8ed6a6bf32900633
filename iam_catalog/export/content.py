"""Reads what is exported: the rows of a catalog, whole or of some services, now or at a date.

One transaction holds all of it. SQLite keeps any value in any column, so what is no value of the
column's type is looked for first: an export has none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from iam_catalog.errors import CatalogError
from iam_catalog.export.at_date import copy_at
from iam_catalog.export.tables import BOOLEAN, DATE, INTEGER, STRING, Table, exported_tables

WRONG = {
    STRING: "typeof({0}) not in ('text', 'null')",
    INTEGER: "typeof({0}) not in ('integer', 'null')",
    BOOLEAN: "{0} not in (0, 1)",
    DATE: "{0} is not date({0}, '+0 days')",  # which makes 1 March of 29 February in most years
}
"""Which values of a column are not of its type, by type."""


@dataclass(frozen=True, slots=True)
class Content:
    """What an export is made of."""

    connection: sqlite3.Connection
    services: tuple[str, ...] | None
    """The prefixes of the chosen services, sorted; None for all, also those that are gone."""
    as_of: str | None

    def query(self, sql: str, clause: str) -> sqlite3.Cursor:
        """Ask *sql*, whose `{chosen}` stands for *clause*, one of those in `tables`.

        Without chosen services every row fits.
        """
        named = {f"s{number}": prefix for number, prefix in enumerate(self.services or ())}
        marks = ", ".join(f":{name}" for name in named)
        fits = "1" if self.services is None else clause.replace("{services}", marks)
        return self.connection.execute(sql.replace("{chosen}", fits), named)

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        """The rows of a table in its order; booleans as such, dates as texts (ISO 8601)."""
        names = ", ".join(column.name for column in table.columns)
        sql = f"select {names} from {table.name} where {{chosen}} order by {table.order}"
        booleans = [place for place, column in enumerate(table.columns) if column.type == BOOLEAN]
        rows = self.query(sql, table.chosen)
        return with_booleans(rows, booleans) if booleans else rows


def with_booleans(rows: Iterator[tuple[Any, ...]], places: list[int]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = bool(values[place])
        yield tuple(values)


@contextmanager
def content_of(
    connection: sqlite3.Connection, as_of: str | None, services: tuple[str, ...] | None
) -> Iterator[Content]:
    """What *connection*, which stands at *as_of*, has of *services*.

    Raises `CatalogError` for a catalog with a value that is not of its column's type.
    """
    connection.execute("begin")
    try:
        refuse_damage(connection)
        if as_of is None:
            yield Content(connection, services, None)
        else:
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                copy_at(connection, as_of, copy)
                yield Content(copy, services, as_of)
    finally:
        connection.rollback()


def refuse_damage(connection: sqlite3.Connection) -> None:
    """Look at every table, and not at the views, which are made of them."""
    rows = connection.execute("select name from sqlite_master where type = 'table'")
    stored = {name for (name,) in rows}
    for table in exported_tables():
        if table.name in stored:
            refuse_damaged(connection, table)


def refuse_damaged(connection: sqlite3.Connection, table: Table) -> None:
    wrong = {column: WRONG[column.type].format(column.name) for column in table.columns}
    anywhere = " or ".join(wrong.values())
    if not connection.execute(f"select 1 from {table.name} where {anywhere}").fetchone():
        return
    for column, clause in wrong.items():
        sql = f"select {column.name} from {table.name} where {clause}"
        for (value,) in connection.execute(sql).fetchmany(1):
            raise CatalogError(
                f"The catalog is damaged: {table.name}.{column.name} has {value!r}, which is no "
                f"{column.type}. Rebuild it with: python -m scraper build"
            )
