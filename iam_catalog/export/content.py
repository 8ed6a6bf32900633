"""Read what is exported: the rows of a catalog, whole or of some services, now or at a date.

One transaction spans all of it. SQLite stores any value in any column, so values of another type
than the declared one are looked for first, and refused: readers of an export rely on its types.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from iam_catalog.errors import CatalogError
from iam_catalog.export.at_date import copy_at
from iam_catalog.export.tables import EXPORTED, exported_tables
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING, Table, View

_WRONG = {
    STRING: "typeof({0}) not in ('text', 'null')",
    INTEGER: "typeof({0}) not in ('integer', 'null')",
    BOOLEAN: "{0} not in (0, 1)",
    DATE: "{0} is not date({0}, '+0 days')",  # which makes 1 March of 29 February in most years
}
"""The values of a column that are not of its type, in SQL, by type."""


@dataclass(frozen=True, slots=True)
class Content:
    """A catalog to export: the connection, and the part of it that was asked for."""

    connection: sqlite3.Connection
    services: tuple[str, ...] | None
    """Prefixes of the chosen services, sorted; None for all, also those that are gone."""
    as_of: str | None

    def query(self, sql: str, clause: str) -> sqlite3.Cursor:
        """Ask *sql*, whose `{chosen}` stands for *clause*, one of those in `tables`.

        Without chosen services every row fits.
        """
        named = {f"s{number}": prefix for number, prefix in enumerate(self.services or ())}
        marks = ", ".join(f":{name}" for name in named)
        fits = "1" if self.services is None else clause.replace("{services}", marks)
        return self.connection.execute(sql.replace("{chosen}", fits), named)

    def rows(self, table: Table | View) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a table in its order; booleans as such, dates as ISO 8601 texts."""
        names = ", ".join(column.name for column in table.columns)
        chosen, order = EXPORTED[table.name]
        sql = f"select {names} from {table.name} where {{chosen}} order by {order}"
        booleans = [place for place, column in enumerate(table.columns) if column.type == BOOLEAN]
        rows = self.query(sql, chosen)
        return _with_booleans(rows, booleans) if booleans else rows


def _with_booleans(rows: Iterator[tuple[Any, ...]], places: list[int]) -> Iterator[tuple[Any, ...]]:
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
    """Open what *connection*, which shows the catalog at *as_of*, has of *services*.

    Raises `CatalogError` for a catalog with a value that is not of its column's type.
    """
    connection.execute("begin")
    try:
        _refuse_damage(connection)
        if as_of is None:
            yield Content(connection, services, None)
        else:
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                copy_at(connection, as_of, copy)
                yield Content(copy, services, as_of)
    finally:
        connection.rollback()


def _refuse_damage(connection: sqlite3.Connection) -> None:
    """Look at every table. Views are made of tables."""
    rows = connection.execute("select name from sqlite_master where type = 'table'")
    stored = {name for (name,) in rows}
    for table in exported_tables():
        if table.name in stored:
            _refuse_damaged(connection, table)


def _refuse_damaged(connection: sqlite3.Connection, table: Table | View) -> None:
    wrong = {column: _WRONG[column.type].format(column.name) for column in table.columns}
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
