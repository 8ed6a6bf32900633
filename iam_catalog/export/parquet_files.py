"""Write the tables of an export as Parquet, with types for booleans and dates.

The description of a column is in the metadata of its field, that of the table and its Table Schema
in the metadata of the file. Imported only where Parquet is asked for: pyarrow is an extra, large,
and slow to import.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from iam_catalog.export import SCHEMA_VERSION
from iam_catalog.export.content import rows_of
from iam_catalog.export.package import File, table_file, table_schema
from iam_catalog.export.tables import column_text, exported_tables, table_text
from iam_catalog.facts.exported import Content
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING, Column, Table, View

TYPES = {STRING: pa.string(), INTEGER: pa.int64(), BOOLEAN: pa.bool_(), DATE: pa.date32()}
ROW_GROUP = 65536
"""How many rows are in memory at a time."""


def write(content: Content, folder: Path) -> list[File]:
    """Write a file for each table."""
    files = []
    for table in exported_tables():
        rows = _write_table(folder / f"{table.name}.parquet", table, rows_of(content, table))
        files.append(table_file(table, "parquet", rows))
    return files


def _write_table(path: Path, table: Table | View, rows: Iterator[tuple[Any, ...]]) -> int:
    """Write the rows of a table; return their number."""
    arrow = _arrow_schema(table)
    count = 0
    with pq.ParquetWriter(path, arrow, compression="zstd") as writer:
        while group := list(islice(rows, ROW_GROUP)):
            columns = zip(table.columns, zip(*group, strict=True), strict=True)
            arrays = [_array(column, values) for column, values in columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=arrow))
            count += len(group)
    return count


def _array(column: Column, values: tuple[Any, ...]) -> Any:
    if column.type == DATE:
        return pa.array(values, pa.string()).cast(pa.date32())
    return pa.array(values, TYPES[column.type])


def _arrow_schema(table: Table | View) -> Any:
    fields = [
        pa.field(
            column.name,
            TYPES[column.type],
            nullable=not table.required(column),
            metadata={"description": column_text(column)},
        )
        for column in table.columns
    ]
    return pa.schema(
        fields,
        metadata={
            "description": table_text(table),
            "iam_catalog.schema_version": str(SCHEMA_VERSION),
            "table_schema": json.dumps(table_schema(table), ensure_ascii=False),
        },
    )
