"""Write the tables of an export as CSV: RFC 4180 with LF, UTF-8, and the names in the first line.

Values are exactly those of the catalog, also one that a spreadsheet takes for a formula. Absent is
nothing between two commas and empty text `""`, booleans are `true` and `false`, dates ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from iam_catalog.export.content import rows_of
from iam_catalog.export.package import File, table_file
from iam_catalog.export.tables import exported_tables
from iam_catalog.export.text_files import write_lines
from iam_catalog.facts.exported import Content

NEEDS_QUOTES = re.compile('[",\r\n]|^$').search
"""Not left to the module csv: it does not quote a lone CR where lines end in LF."""
WORDS = {None: "", True: "true", False: "false"}


def write(content: Content, folder: Path) -> list[File]:
    """Write a file for each table."""
    files = []
    for table in exported_tables():
        header = line(column.name for column in table.columns)
        rows = (line(map(cell, row)) for row in rows_of(content, table))
        lines = write_lines(folder / f"{table.name}.csv", chain([header], rows))
        files.append(table_file(table, "csv", lines - 1))
    return files


def line(cells: Iterable[str]) -> str:
    return ",".join(cells)


def cell(value: str | int | bool | None) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"' if NEEDS_QUOTES(value) else value
    return WORDS[value] if value is None or isinstance(value, bool) else str(value)
