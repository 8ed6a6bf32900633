"""Say which tables an export has, and what they and their columns mean.

Tables and views have the names that they have in `catalog.db`, and so have their columns. Types and
descriptions are those of the declared schema; descriptions lose what is for the site alone, and
speak of true and false where SQLite has 1 and 0.
"""

from __future__ import annotations

from functools import cache

from iam_catalog.facts.exported import EXPORTED
from iam_catalog.schema.model import BOOLEAN, Column, Table, View, without_site
from iam_catalog.schema.tables import table

_TABLE_WORDS = ((" is 0 ", " is false "), (" is 1 ", " is true "))
_BOOLEAN_WORDS = (("1 where", "True where"), (" 0 where", " false where"), ("else 0", "else false"))


@cache
def exported_tables() -> tuple[Table | View, ...]:
    """List every table of an export, a table before the views that are made of it."""
    return tuple([table(name).exported() for name in EXPORTED])


def exported_table(name: str) -> Table | View:
    """Return a table of an export, with the columns that it has there."""
    return next(table for table in exported_tables() if table.name == name)


def table_text(table: Table | View) -> str:
    """Say what the rows of a table are."""
    return _in_words(without_site(table.description), _TABLE_WORDS)


def column_text(column: Column) -> str:
    """Say what a column holds; "empty" is null, and in CSV nothing between two commas."""
    text = without_site(column.description)
    return _in_words(text, _BOOLEAN_WORDS) if column.type == BOOLEAN else text


def _in_words(text: str, words: tuple[tuple[str, str], ...]) -> str:
    for word, ours in words:
        text = text.replace(word, ours)
    return text
