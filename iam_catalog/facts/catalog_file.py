"""Look into a database file: whether it is a catalog, whether it is whole, and which keys it has.

The keys are read from the file itself, so that names are linked in a catalog of any version.
"""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from typing import NamedTuple

from iam_catalog.schema import APPLICATION_ID


class KeyTable(NamedTuple):
    """A table whose rows have one text key."""

    table: str
    column: str
    nocase: bool
    """SQLite compares its keys without case."""

    def fold(self, name: str) -> str:
        """Return *name* as its table compares it: NOCASE knows the letters of ASCII only."""
        return name.lower() if self.nocase and name.isascii() else name


def is_catalog(connection: sqlite3.Connection) -> bool:
    """Return True if the database was written as a catalog; False if it cannot be read."""
    try:
        found = connection.execute("pragma application_id").fetchone()[0]
    except sqlite3.Error:
        return False
    return bool(found == APPLICATION_ID)


def is_catalog_file(path: str) -> bool:
    """Return True if a file starts as a catalog does: its header has the application id."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(72)
    except OSError:
        return False
    return len(head) == 72 and struct.unpack(">I", head[68:])[0] == APPLICATION_ID


def key_tables(connection: sqlite3.Connection) -> dict[str, KeyTable]:
    """Return the tables with one text key, by the name of the key's column."""
    tables = connection.execute(
        "select name from sqlite_master where type = 'table' and rootpage > 0"
    ).fetchall()
    found = (_key_table(connection, name) for (name,) in tables)
    return {target.column: target for target in found if target}


def _key_table(connection: sqlite3.Connection, table: str) -> KeyTable | None:
    keys = connection.execute(
        "select name, upper(type) from pragma_table_info(?) where pk > 0", (table,)
    ).fetchall()
    if len(keys) != 1 or keys[0][1] != "TEXT":
        return None
    collation = connection.execute(
        "select upper(coll) from pragma_index_list(?) as list"
        " join pragma_index_xinfo(list.name) as info on info.seqno = 0 where list.origin = 'pk'",
        (table,),
    ).fetchone()
    return KeyTable(table, keys[0][0], collation is not None and collation[0] == "NOCASE")


def names_in(connection: sqlite3.Connection, table: KeyTable) -> dict[str, str]:
    """Return every key of a table, by its folded form."""
    rows = connection.execute(f'select "{table.column}" from "{table.table}"')
    return {table.fold(name): name for (name,) in rows}


def refuse_damage(connection: sqlite3.Connection) -> None:
    """Raise `sqlite3.DatabaseError` unless all of the file can be read."""
    found = connection.execute("pragma quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)
