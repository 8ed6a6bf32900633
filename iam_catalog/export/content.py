"""Reads what is exported: the rows of a catalog, whole or of some services, now or at a date.

One transaction holds all of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from iam_catalog.export.at_date import copy_at
from iam_catalog.export.tables import BOOLEAN, Table


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
    """What *connection*, which stands at *as_of*, has of *services*."""
    connection.execute("begin")
    try:
        if as_of is None:
            yield Content(connection, services, None)
        else:
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                copy_at(connection, as_of, copy)
                yield Content(copy, services, as_of)
    finally:
        connection.rollback()
