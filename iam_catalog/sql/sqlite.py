"""Register the functions in SQLite, where lists and records are JSON texts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from functools import partial

from iam_catalog.catalog import Catalog
from iam_catalog.sql.vocabulary import FUNCTIONS, ListOf, SqlFunction, opened, text_of

SqlValue = str | bytes | int | float | None


def register(connection: sqlite3.Connection, catalog: object) -> None:
    """Create the functions, also those with fewer arguments where the last ones may be NULL."""
    asked = opened(catalog)
    for function in FUNCTIONS:
        most = len(function.parameters)
        for count in range(most - function.optional, most + 1):
            connection.create_function(
                function.name, count, _answer(asked, function), deterministic=True
            )


def _answer(catalog: Catalog, function: SqlFunction) -> Callable[..., SqlValue]:
    missing = len(function.parameters)

    def answer(*values: SqlValue) -> SqlValue:
        texts = [*map(_text, values), *[None] * (missing - len(values))]
        return written(function(catalog, *texts))

    written = partial(_written, function.returns)
    return answer


def _text(value: SqlValue) -> str | None:
    """Return a value as `cast(value as text)` does; a column can have values of any type."""
    if value is None or isinstance(value, str):
        return value
    return text_of(value) if isinstance(value, bytes) else str(value)


def _written(returns: str | ListOf, answer: object) -> SqlValue:
    """Write lists as JSON, and their records as objects."""
    if not isinstance(returns, ListOf) or not isinstance(answer, list):
        return answer  # type: ignore[return-value]
    if not returns.fields:
        return json.dumps(answer, ensure_ascii=False)
    names = [name for name, _ in returns.fields]
    records = [dict(zip(names, record, strict=True)) for record in answer]
    return json.dumps(records, ensure_ascii=False)
