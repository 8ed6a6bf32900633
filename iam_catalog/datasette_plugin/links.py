"""Names that the catalog holds become links to their rows, wherever a site shows them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from datasette.utils import tilde_encode
from markupsafe import Markup

from iam_catalog.datasette_plugin.generations import Generation
from iam_catalog.datasette_plugin.live_database import LiveDatabase

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


@dataclass(frozen=True, slots=True)
class Names:
    """What one catalog file holds; the names of a table are read when first asked for."""

    targets: dict[str, Target]
    keys: dict[str, dict[str, str]] = field(default_factory=dict)


_names: WeakKeyDictionary[Generation, Names] = WeakKeyDictionary()


def read_targets(connection: sqlite3.Connection) -> dict[str, Target]:
    """Each text column that alone is the key of a table, with that table."""
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


async def names_of(database: LiveDatabase) -> Names:
    """What the file holds that *database* asks, read once for each file."""
    generation = database.asked()
    known = _names.get(generation)
    if known is None:
        known = _names[generation] = Names(await database.execute_fn(read_targets))
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
    datasette: Any, source: LiveDatabase, table: str | None, key: str, named: tuple[str, str]
) -> Markup | None:
    """A text as a link to the row that it names; None, which changes nothing, without one.

    *named* is the name and the text.
    """
    name, text = named
    known = await names_of(source)
    target = known.targets.get(key)
    if target is None or target.table == table:
        return None
    if target.table not in known.keys:
        known.keys[target.table] = await source.execute_fn(lambda conn: read_keys(conn, target))
    held = known.keys[target.table].get(target.fold(name))
    if held is None:
        return None
    address = datasette.urls.row(source.name, target.table, tilde_encode(held))
    return Markup('<a href="{}">{}</a>').format(address, text)
