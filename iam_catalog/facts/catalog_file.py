"""Look into a database file, and copy a catalog: as it stood at a date, or of some services.

The keys are read from the file itself, so that names are linked in a catalog of any version. Static
sites are rendered from copies in files of their own, because several processes read them.
"""

from __future__ import annotations

import sqlite3
import struct
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from iam_catalog import schema


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
    return bool(found == schema.APPLICATION_ID)


def is_catalog_file(path: str) -> bool:
    """Return True if a file starts as a catalog does: its header has the application id."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(72)
    except OSError:
        return False
    return len(head) == 72 and struct.unpack(">I", head[68:])[0] == schema.APPLICATION_ID


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


# --- copies

_MOST_REMEMBERED = 32
"""Answers that a `Remembering` connection keeps: those that the pages of one name ask again."""

Parameters = Sequence[Any] | dict[str, Any]

_ALIASES = """
with named(kind, alias, service_prefix, page) as (
    select 'prefix', service_prefix, service_prefix, page from pages
    union select 'name', service_name, service_prefix, page from pages
    union select 'slug', slug, service_prefix, page from pages
    union select 'SDK client', sdk_client, service_prefix, page from operations
    union select 'SDK client', sdk_client, service_prefix, page from past_operations
), used as (
    select named.*, date from named join page_dates using (page) where date <= :date
)
select aliases.alias, aliases.kind, aliases.service_prefix, first_seen,
    case when first_seen is not null then max(date) end
from service_aliases as aliases
left join used on used.kind = aliases.kind and used.service_prefix = aliases.service_prefix
    and used.alias = aliases.alias collate nocase
where aliases.service_prefix in (
    select service_prefix from services union select service_prefix from past_services)
group by 1, 2, 3
"""
_OF_CLIENTS = (
    " where sdk_client in (select sdk_client from sdk_clients where service_prefix in ("
    "select service_prefix from services union select service_prefix from past_services))"
)
_DISAGREEMENTS = ", ".join(schema.columns("disagreements")[1:])
_SELECTED = {
    "service_aliases": _ALIASES,
    "sdk_operations": f"select * from sdk_operations{_OF_CLIENTS}",
    "likely_actions": f"select * from likely_actions{_OF_CLIENTS}",
    "page_dates": "select * from page_dates where date <= :date",
    "problems": "select * from problems where page is null or page in (select page from pages)",
    "disagreements": (
        f"select subject || '#' || row_number() over (), {_DISAGREEMENTS} from disagreements"
    ),
}
"""Tables that are not read at the date as they are, or whose rows are numbered anew."""


def copy_at(connection: sqlite3.Connection, as_of: str, copy: sqlite3.Connection) -> None:
    """Fill the empty *copy* with what *connection* shows at *as_of*, without the search.

    The views through which a catalog is read at a date have no indexes of their own, and leave some
    tables as they are today that no question asks at a date; the copy has both.
    """
    copy.executescript(schema.TABLES + schema.PAST_TABLES + schema.VIEWS)
    tables = copy.execute("select name from sqlite_master where type = 'table'").fetchall()
    copy.execute("begin")
    for (table,) in tables:
        sql = _SELECTED.get(table, f"select * from {table}")
        rows = connection.execute(sql, {"date": as_of})
        marks = ", ".join("?" * len(rows.description))
        copy.executemany(f"insert into {table} values ({marks})", rows)
    copy.execute("commit")
    copy.executescript(schema.INDEXES)


def write_copy(connection: sqlite3.Connection, path: str) -> None:
    """Copy a catalog into the file at *path*; raises `OSError` where there is no room for it."""
    try:
        with closing(sqlite3.connect(path)) as target:
            connection.backup(target)
    except sqlite3.OperationalError as error:  # of the file that is written, not of the catalog
        raise OSError(str(error)) from error


def keep_only(path: str, services: Sequence[str], clauses: Mapping[str, str]) -> None:
    """Delete from the copy at *path* what does not belong to *services*.

    *clauses* say which rows of a table belong to `{services}`, by table; what refers to a row comes
    before that row.
    """
    quoted = ", ".join("'" + prefix.replace("'", "''") + "'" for prefix in services)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select name from sqlite_master where type = 'table'")
        held = {name for (name,) in rows.fetchall()}
        for table, clause in clauses.items():
            if table in held:  # and no view
                fits = clause.replace("{services}", quoted)
                connection.execute(f"delete from {table} where ({fits}) is not true")
        connection.commit()


def open_copy(
    path: str, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """Open a copy to read; nobody changes it."""
    address = f"{Path(path).as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, factory=factory)


def _with_removed(table: str, key: str) -> str:
    """Return SQL for the names of today, and for removed ones that are none of these."""
    return (
        f"select {key} from {table} union select {key} from past_{table} as past"
        f" where removed is not null and not exists"
        f" (select 1 from {table} as now where now.{key} = past.{key})"
    )


_NAMES = {
    "service": _with_removed("services", "service_prefix"),
    "action": _with_removed("actions", "action"),
    "resource-type": _with_removed("resource_types", "resource_type"),
    "condition-key": (
        "select condition_key from condition_keys union"
        " select condition_key from past_condition_key_definitions as past"
        " where removed is not null and not exists"
        " (select 1 from condition_keys as now where now.condition_key = past.condition_key)"
    ),
    "access-level": "select access_level from access_levels",
    "page": "select page from pages",
    "policy": "select policy from policies",
}
"""The names of each kind of thing, by its word."""


def names_by_kind(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return every name that the catalog holds or held, by its kind; each in one spelling."""
    return {
        kind: [name for (name,) in connection.execute(f"{sql} order by 1")]
        for kind, sql in _NAMES.items()
    }


class _Answer:
    """Rows of an answer, to be read as from a cursor."""

    def __init__(self, description: Any, rows: list[Any]) -> None:
        self.description = description
        self.rows = iter(rows)

    def __iter__(self) -> Iterator[Any]:
        return self.rows

    def fetchone(self) -> Any:
        return next(self.rows, None)

    def fetchall(self) -> list[Any]:
        return list(self.rows)


_CHANGING_NOTHING = ("begin", "commit")
"""Statements after which every answer is what it was: nothing is written to a copy."""


class Remembering(sqlite3.Connection):
    """Connection to a copy that keeps the last answers, for pages that all ask the same.

    The page of a condition key for one service counts the uses of every service, too, and there are
    pages for hundreds. The copy does not change, so an answer stays right, until a statement lets
    the connection answer as of another date.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers: OrderedDict[Any, tuple[Any, list[Any]]] = OrderedDict()

    def execute(self, sql: str, parameters: Parameters = (), /) -> _Answer:  # type: ignore[override]
        if not sql.lstrip().lower().startswith(("select", "with")):
            if sql not in _CHANGING_NOTHING:
                self.answers.clear()
            return super().execute(sql, parameters)  # type: ignore[return-value]
        values = parameters.items() if isinstance(parameters, dict) else parameters
        key = (sql, tuple(values))
        if key in self.answers:
            self.answers.move_to_end(key)
        else:
            cursor = super().execute(sql, parameters)
            self.answers[key] = (cursor.description, cursor.fetchall())
            if len(self.answers) > _MOST_REMEMBERED:
                self.answers.popitem(last=False)
        return _Answer(*self.answers[key])
