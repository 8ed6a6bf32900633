"""Read the tables of an export, with the types that it gives their columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from iam_catalog.export.tables import exported_tables
from iam_catalog.facts.exported import Content, open_content
from iam_catalog.schema.model import BOOLEAN, Table, View


def content_of(
    connection: sqlite3.Connection, as_of: str | None, services: tuple[str, ...] | None
) -> AbstractContextManager[Content]:
    """Open what *connection*, which shows the catalog at *as_of*, has of *services*; None is all.

    Raises `CatalogError` for a catalog with a value that is not of its column's type.
    """
    types = {
        table.name: {column.name: column.type for column in table.columns}
        for table in exported_tables()
    }
    return open_content(connection, as_of, services, types)


def rows_of(content: Content, table: Table | View) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table in its order; booleans as such, dates as texts (ISO 8601)."""
    booleans = {column.name for column in table.columns if column.type == BOOLEAN}
    return content.rows(table.name, [column.name for column in table.columns], booleans)
