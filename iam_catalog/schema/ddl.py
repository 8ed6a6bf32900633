"""Write the SQL of `catalog.db` from its declaration.

The texts are SQL because keys compare without case (`collate nocase`). Absent is NULL or no row,
never an empty text. Keys are texts that a person can read, so that Datasette's addresses are too.
"""

from __future__ import annotations

from iam_catalog.schema import tables
from iam_catalog.schema.model import BOOLEAN, INTEGER, Column, FullText, Index, Table, View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MANY_COLUMNS = 3
"""From so many on, the columns of an index are on a line of their own."""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _kind(column: Column) -> str:
    """Write name and type. SQLite has neither booleans nor dates."""
    kind = "integer" if column.type in (INTEGER, BOOLEAN) else "text"
    return f"{column.name} {kind}"


def _check(column: Column) -> str | None:
    """Write which values a column can have; None for any."""
    if column.filled:
        return f"check ({column.name} <> '')"
    values = ", ".join(map(_text, column.values))
    if column.type == BOOLEAN:
        values = "0, 1"
    return f"check ({column.name} in ({values}))" if values else None


def column_sql(column: Column, key: tuple[str, ...]) -> str:
    """Write a column of a table whose key is *key*."""
    table, _, to = column.references.partition(".")
    is_key = key == (column.name,)
    words = (
        _kind(column),
        "primary key" if is_key else None,
        None if column.null or is_key else "not null",
        None if column.default is None else f"default {column.default}",
        "unique" if column.unique else None,
        "collate nocase" if column.nocase else None,
        f"references {table}({to})" if table else None,
        _check(column),
    )
    return " ".join(filter(None, words))


def _table(table: Table) -> str:
    lines = [column_sql(column, table.key) for column in table.columns]
    lines += [f"check ({check})" for check in table.checks]
    if len(table.key) > 1:
        lines.append(f"primary key ({', '.join(table.key)})")
    body = ",\n    ".join(lines)
    return f"create table {table.name} (\n    {body}\n){'' if table.rowid else ' without rowid'};\n"


def _past_table(table: Table) -> str:
    """Write a table of past rows, on one line. Its only rule is that each row ended on a date."""
    columns = [
        _kind(column)
        + ("" if column.null else " not null")
        + (" collate nocase" if column.nocase else "")
        for column in table.columns
    ]
    return f"create table {table.name} ({', '.join(columns)});\n"


def _index(index: Index) -> str:
    gap = "\n    " if len(index.by) >= _MANY_COLUMNS else " "
    where = f" where {index.where}" if index.where else ""
    columns = ", ".join(index.by)
    return f"create index {index.name}{gap}on {index.table}({columns}){where};\n"


def _full_text(index: FullText) -> str:
    """Write an index without the texts themselves, for words and for beginnings of 2 or 3."""
    return (
        f"create virtual table {index.name} using fts5(\n    {index.key}, words, description,"
        " content = '', tokenize = 'unicode61', prefix = '2 3'\n);\n"
    )


def _view(view: View) -> str:
    return f"create view {view.name} as\n{view.select};\n"


PARTS = ("TABLES", "PAST_TABLES", "SEARCH", "INDEXES", "VIEWS")
"""The parts of the schema, in the order in which a catalog gets them."""


def sql(part: str) -> str:
    """Write a part of the schema, or with "DDL" all of it. Raises `KeyError` for other words.

    `TABLES` have the current facts, `PAST_TABLES` the rows that later sources replaced (`until`) or
    no longer state (`removed`), `SEARCH` the full-text indexes.
    """
    statements: dict[str, Callable[[], Iterable[str]]] = {
        "TABLES": lambda: map(_table, tables.TABLES),
        "PAST_TABLES": lambda: map(_past_table, tables.PAST_TABLES),
        "SEARCH": lambda: map(_full_text, tables.FULL_TEXTS),
        "INDEXES": lambda: map(_index, tables.INDEXES),
        "VIEWS": lambda: map(_view, tables.VIEWS),
        "DDL": lambda: map(sql, PARTS),
    }
    return "".join(statements[part]())
