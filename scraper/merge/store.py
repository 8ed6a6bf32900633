"""Write rows into `catalog.db`: one transaction in a new file that then replaces the old one.

The same rows give the same file: tables in the order of the schema, no clock, `VACUUM` last.
"""

from __future__ import annotations

import filecmp
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database

from iam_catalog import schema
from iam_catalog.files import NEW, new_file, put_file
from iam_catalog.schema.tables import WRITTEN
from scraper.errors import ScraperError
from scraper.guards.replaced import check_output
from scraper.merge.normalise import Tables
from scraper.merge.unite import TableRow

LONGEST_BUILD = 24 * 60 * 60
"""Seconds: none takes a hundredth of that, so what is older was left behind."""


def store_catalog(tables: Tables, output: Path) -> None:
    """Write *tables* to *output*, replacing it only when everything succeeded.

    Raises `ScraperError` where a row breaks a rule of the schema, or the folder cannot be
    written; *output* is then as it was.
    """
    with written_catalog(tables, output) as temporary:
        replace_catalog(temporary, output, same=same_catalog(temporary, output))


@contextmanager
def written_catalog(tables: Tables, output: Path) -> Iterator[Path]:
    """Yield a new file beside *output* with all of *tables*, removed at the end unless renamed.

    Raises `ScraperError`, as `store_catalog` does.
    """
    place = output.resolve()
    check_output(place)
    if unknown := tables.rows.keys() - set(WRITTEN):
        raise ScraperError(f"The schema has no table for the rows of {', '.join(sorted(unknown))}.")
    with ExitStack() as stack:
        try:
            _remove_leftovers(place)
            temporary = stack.enter_context(new_file(place))
        except OSError as error:
            raise ScraperError(f"Cannot write {str(place)!r}: {error.strerror}.") from error
        try:
            _write_database(tables, temporary)
            temporary.chmod(0o644)
        except (sqlite3.Error, OSError) as error:
            raise ScraperError(f"Cannot write {str(place)!r}: {error}.") from error
        yield temporary


def _remove_leftovers(place: Path) -> None:
    """Remove what builds that were killed left beside *place*."""
    for path in place.parent.glob(f".{escape(place.name)}.*{NEW}"):
        # Another build may be at work, and end just now.
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LONGEST_BUILD:
                path.unlink()


def replace_catalog(temporary: Path, output: Path, *, same: bool) -> None:
    """Give *temporary* the name of *output*; where both say the *same*, keep the old one."""
    place = output.resolve()
    try:
        if same:
            place.touch()
        else:
            put_file(temporary, place, flush=True)
    except OSError as error:
        raise ScraperError(f"Cannot write {str(place)!r}: {error}.") from error


def same_catalog(new: Path, output: Path) -> bool:
    """Return True if the file at *output* says what *new* says, perhaps in other bytes."""
    old = output.resolve()
    try:
        return old.exists() and (
            filecmp.cmp(new, old, shallow=False) or _only_sqlite_differs(new, old)
        )
    except OSError as error:
        raise ScraperError(f"Cannot read {str(old)!r}: {error.strerror}.") from error


SQLITE_VERSION = slice(96, 100)
"""Bytes in which a database names the version of SQLite that wrote it."""


def _only_sqlite_differs(new: Path, old: Path) -> bool:
    """Return True if another version of SQLite wrote the same rows, perhaps in other bytes.

    Then the old file stays: in a checkout that is the committed one.
    """
    headers = []
    for path in (new, old):
        with path.open("rb") as file:
            headers.append(file.read(100))
    if headers[0][SQLITE_VERSION] == headers[1][SQLITE_VERSION]:
        return False
    try:
        return all(
            first == second for first, second in zip_longest(_content_rows(new), _content_rows(old))
        )
    except sqlite3.Error:
        return False  # no catalog of this schema, or a damaged one


def _content_rows(path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the schema and the rows of every table; search indexes follow from these."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        yield connection.execute("pragma user_version").fetchone()
        yield from connection.execute("select name, sql from sqlite_master order by name")
        for table in WRITTEN:
            if not table.endswith("_fts"):
                yield (table,)
                yield from connection.execute(f"select * from {table}")
    finally:
        connection.close()


UNGUARDED = ("synchronous = off", "cache_size = -16000")
"""The file counts only once it is whole: nothing waits for the disk, and 16 MB stay in memory."""


def _write_database(tables: Tables, path: Path) -> None:
    """Fill the empty file *path* from the schema and *tables*."""
    connection = sqlite3.connect(path)
    try:
        connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
        connection.execute(f"pragma user_version = {schema.VERSION}")
        connection.execute("pragma foreign_keys = on")
        for pragma in UNGUARDED:
            connection.execute(f"pragma {pragma}")
        connection.executescript(schema.TABLES + schema.PAST_TABLES + schema.SEARCH)
        database = Database(connection)
        with database.atomic():
            connection.execute("pragma defer_foreign_keys = on")
            for table in WRITTEN:
                _insert_rows(database, table, tables.rows.get(table, []))
            _optimise_search(connection)
            for statement in filter(str.strip, (schema.INDEXES + schema.VIEWS).split(";")):
                connection.execute(statement)
        connection.execute("analyze")
        connection.execute("vacuum")
        _check_database(connection)
    finally:
        connection.close()


MANY = 1000
"""Rows from which on looking at every value, as sqlite-utils does, takes longer than writing."""


def _insert_rows(database: Database, table: str, rows: list[TableRow]) -> None:
    """Write the rows of a table; all have the columns of the first one."""
    if len(rows) < MANY:
        database.table(table).insert_all(rows)
        return
    columns = list(rows[0])
    names, marks = ", ".join(columns), ", ".join(f":{column}" for column in columns)
    database.conn.executemany(f"insert into {table} ({names}) values ({marks})", rows)


def _optimise_search(connection: sqlite3.Connection) -> None:
    for table in WRITTEN:
        if table.endswith("_fts"):
            connection.execute(f"insert into {table}({table}) values ('optimize')")


def _check_database(connection: sqlite3.Connection) -> None:
    """Refuse a file that SQLite itself finds fault with, or whose search is out of step."""
    found = connection.execute("pragma integrity_check").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"integrity check: {found}")
    for table in WRITTEN:
        if table.endswith("_fts"):
            subject = table.removesuffix("_fts")
            rows, last = connection.execute(
                f"select count(*), coalesce(max(rowid), 0) from {subject}"
            ).fetchone()
            if rows != last:
                raise sqlite3.DatabaseError(f"rows of {subject} are not numbered without gaps")
