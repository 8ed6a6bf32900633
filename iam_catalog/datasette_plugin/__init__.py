"""What the site needs beyond metadata.json: links to names that the catalog holds, and search
that takes any text.

Datasette loads this in every site of its environment. A database that does not carry the
catalog's application id is left exactly as it is. A package, because Datasette finds the
templates of nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette import hookimpl
from datasette.utils import tilde_encode
from markupsafe import Markup

from iam_catalog.full_text import search_query
from iam_catalog.schema import APPLICATION_ID

SAME_NAMES = {"dependent_action": "action"}
"""Columns that hold names of a key column without a foreign key, which a claim never has."""

KINDS = {
    "access level": "access_level",
    "action": "action",
    "condition key": "condition_key",
    "dependent action": "action",
    "operation": "operation",
    "page": "page",
    "required by": "action",
    "resource type": "resource_type",
    "service": "service_prefix",
}
"""What rows are called in `kind`, and the key column that names of that kind are in."""

NAMED_BY_KIND = ("name", "value")
"""The columns of a canned query that hold the name, beside `kind`; in tables that is `subject`."""


@dataclass(frozen=True, slots=True)
class Target:
    """A table that names can link to."""

    table: str
    column: str
    nocase: bool

    def fold(self, name: str) -> str:
        """*name* as its table compares it: SQLite's NOCASE knows the letters of ASCII only."""
        return name.lower() if self.nocase and name.isascii() else name


@dataclass(slots=True)
class Names:
    """What one database file holds; the names of a table are read when first asked for."""

    stamp: tuple[int, int] | None
    targets: dict[str, Target]
    keys: dict[str, dict[str, str]] = field(default_factory=dict)


_names: WeakKeyDictionary[Any, Names] = WeakKeyDictionary()


def is_catalog(connection: sqlite3.Connection) -> bool:
    """Whether the database was written as a catalog; False for one that can not be read."""
    try:
        found = connection.execute("pragma application_id").fetchone()[0]
    except sqlite3.Error:
        return False
    return bool(found == APPLICATION_ID)


def read_targets(connection: sqlite3.Connection) -> dict[str, Target]:
    """Each text column that alone is the key of a table, with that table; none in other files."""
    if not is_catalog(connection):
        return {}
    tables = connection.execute(
        "select name from sqlite_master where type = 'table' and rootpage > 0"
    ).fetchall()
    found = (read_target(connection, name) for (name,) in tables)
    return {target.column: target for target in found if target}


def read_target(connection: sqlite3.Connection, table: str) -> Target | None:
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
    return Target(table, keys[0][0], collation is not None and collation[0] == "NOCASE")


def read_keys(connection: sqlite3.Connection, target: Target) -> dict[str, str]:
    """Every name of a table, by its folded form."""
    rows = connection.execute(f'select "{target.column}" from "{target.table}"')
    return {target.fold(name): name for (name,) in rows}


def file_stamp(database: Any) -> tuple[int, int] | None:
    """Changes with the file; None for one that was opened as immutable."""
    if not database.is_mutable:
        return None
    stat = Path(database.path).stat()
    return stat.st_mtime_ns, stat.st_size


async def names_of(database: Any) -> Names:
    """What *database* holds, read once for as long as its file does not change."""
    stamp = file_stamp(database)
    known = _names.get(database)
    if known is None or known.stamp != stamp:
        known = Names(stamp, await database.execute_fn(read_targets))
        _names[database] = known
    return known


def key_column(row: Mapping[str, Any], column: str, table: str | None) -> str | None:
    """The key column whose names stand in *column*; canned queries have no table."""
    named = column == "subject" or (table is None and column in NAMED_BY_KIND)
    if named and "kind" in row.keys():  # noqa: SIM118
        return KINDS.get(row["kind"])
    return SAME_NAMES.get(column, column)


def name_in(text: str, column: str, key: str) -> str:
    """The name in *text*: as a subject, a condition key has its service in brackets behind it."""
    return text.rpartition(" (")[0] if (column, key) == ("subject", "condition_key") else text


async def link(
    datasette: Any, database: str, table: str | None, key: str, named: tuple[str, str]
) -> Any:
    """A text as a link to the row that it names; None, which changes nothing, without one.

    *named* is the name and the text.
    """
    name, text = named
    source = datasette.get_database(database)
    known = await names_of(source)
    target = known.targets.get(key)
    if target is None or target.table == table:
        return None
    if target.table not in known.keys:
        known.keys[target.table] = await source.execute_fn(lambda conn: read_keys(conn, target))
    held = known.keys[target.table].get(target.fold(name))
    if held is None:
        return None
    address = datasette.urls.row(database, target.table, tilde_encode(held))
    return Markup('<a href="{}">{}</a>').format(address, text)


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Awaitable[Any] | None:
    # Other values than text are numbers, NULL, or foreign keys that Datasette links by itself.
    if not isinstance(value, str) or datasette.get_database(database).path is None:
        return None
    key = key_column(row, column, table)
    if key is None:
        return None
    return link(datasette, database, table, key, (name_in(value, column, key), value))


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    # Last, to replace Datasette's own escape_fts, which makes queries that FTS5 refuses of a
    # blank, of a lone quote and of a NUL.
    if is_catalog(conn):
        conn.create_function("escape_fts", 1, lambda text: search_query(text) or '""')
