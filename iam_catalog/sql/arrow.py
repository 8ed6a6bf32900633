"""Exchange values with engines that are built on Arrow, a column at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from iam_catalog.catalog import Catalog
from iam_catalog.schema.model import BOOLEAN, INTEGER, STRING
from iam_catalog.sql.vocabulary import Fields, ListOf, SqlFunction, text_of

TYPES = {STRING: pa.string(), INTEGER: pa.int64(), BOOLEAN: pa.bool_()}


def ask(catalog: Catalog, function: SqlFunction, columns: Sequence[Any]) -> Any:
    """Answer a function for all rows of *columns*, arrays of texts, as an array."""
    rows = zip(*map(texts, columns), strict=True)
    return as_array(function.returns, [function(catalog, *row) for row in rows])


def texts(column: Any) -> list[str | None]:
    """Return a column of texts, or of the bytes of texts, as a list.

    Engines let texts through that are not UTF-8, and reading these as such would raise.
    """
    return [
        None if value is None else text_of(value) for value in column.cast(pa.binary()).to_pylist()
    ]


def as_array(returns: str | ListOf, answers: Sequence[Any]) -> Any:
    """Return the answers as an array of the type that a function returns."""
    if not isinstance(returns, ListOf):
        return pa.array(answers, TYPES[returns])
    offsets: list[int | None] = []
    items: list[Any] = []
    for answer in answers:
        offsets.append(None if answer is None else len(items))
        items += answer or ()
    offsets.append(len(items))
    values = records(returns.fields, items) if returns.fields else pa.array(items, pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def records(fields: Fields, rows: Iterable[Sequence[Any]]) -> Any:
    """Return records, each a tuple, as an array of structs."""
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    arrays = [
        pa.array(column, TYPES[kind]) for column, (_, kind) in zip(columns, fields, strict=True)
    ]
    return pa.StructArray.from_arrays(arrays, [name for name, _ in fields])
