"""SQLite and DuckDB with the functions, so that one test asks both."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from iam_catalog import Catalog
from iam_catalog.sql import register

SCALAR = {"iam_matches"}


class InSqlite:
    """A connection of SQLite, whose JSON is read."""

    def __init__(self, catalog: Catalog | str | Path | None) -> None:
        self.connection = sqlite3.connect(":memory:")
        register(self.connection, catalog)

    def call(self, function: str, *values: object) -> Any:
        marks = ", ".join("?" * len(values))
        (found,) = self.connection.execute(f"select {function}({marks})", values).fetchone()
        if function in SCALAR:
            return None if found is None else bool(found)
        return None if found is None else json.loads(found)

    def close(self) -> None:
        self.connection.close()


class InDuckdb:
    """A connection of DuckDB."""

    def __init__(self, catalog: Catalog | str | Path | None) -> None:
        duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
        self.connection = duckdb.connect()
        register(self.connection, catalog)

    def call(self, function: str, *values: object) -> Any:
        marks = ", ".join("?::varchar" for _ in values)
        return self.connection.execute(f"select {function}({marks})", values).fetchone()[0]

    def close(self) -> None:
        self.connection.close()


ENGINES = {"sqlite": InSqlite, "duckdb": InDuckdb}
