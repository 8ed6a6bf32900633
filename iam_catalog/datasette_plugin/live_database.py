"""Keep every page of a site on one catalog, and bring the next page to the newest one.

Datasette opens a connection for each thread when the thread first needs one, and keeps it: after a
replacement, two questions of one page could go to two files, and what is cached of a file (the
counts of its tables) would stay. Here a request asks the same generation from start to end, and a
replacement is noticed when a request comes in.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any
from weakref import WeakSet

from iam_catalog.database import file_stamp
from iam_catalog.datasette_plugin import compat
from iam_catalog.datasette_plugin.generations import Answer, Generation, Stamp, open_generation
from iam_catalog.errors import CatalogError
from iam_catalog.facts.catalog_file import is_catalog_file

_ALL_ROWS_MS = 60 * 60 * 1000
"""Time for counting the rows of a table: what Datasette gives it when a site starts."""


class LiveDatabase(compat.AskedDatabase):
    """A catalog in a Datasette, whose questions go to the generation of the request that asks."""

    def __init__(self, ds: Any, find: Callable[[], str], *, is_mutable: bool = False) -> None:
        """*find* gives the path of the catalog, which may be another one after an update."""
        super().__init__(ds, path=find(), is_mutable=is_mutable)
        self._find = find
        self._newest: Generation | None = None
        self._refused: Stamp | None = None
        self._is_opening = False

    @property
    def path(self) -> str:
        """Return the path of the file; its name alone where folders are hidden."""
        return Path(self._path).name if _hides_folders.get() else self._path

    @path.setter
    def path(self, path: str) -> None:
        self._path = str(path)

    def newest(self) -> Generation:
        """Return what requests get from now on; raises `CatalogError` if none opens."""
        if self._newest is None:
            self._newest = self._open()
        return self._newest

    def asked(self) -> Generation:
        """Return the generation of this request; outside of one, the newest.

        Raises `sqlite3.OperationalError` where none opens: a page that shows the error is not to
        show the path that is in a `CatalogError`.
        """
        pinned = _pinned.get().get(self)
        if pinned is not None and not pinned.is_closed:  # as that of a request that has ended is
            return pinned
        try:
            return self.newest()
        except CatalogError as error:
            raise sqlite3.OperationalError("the catalog cannot be opened") from error

    async def refreshed(self) -> Generation | None:
        """Look for a new file, and return the newest generation; `None` where none opens.

        While one request opens the new file, others go on with the generation before.
        """
        try:
            newest = self.newest()
        except CatalogError:
            return None  # the page that asks says why
        stamp = self._replacement(newest)
        if stamp is None or self._is_opening:
            return newest
        self._is_opening = True
        try:
            self._succeed(newest, await self._in_thread(self._open))
        except CatalogError as error:
            self._refuse(error, stamp)
        finally:
            self._is_opening = False
        return self.newest()

    def _replacement(self, newest: Generation) -> Stamp | None:
        """Return the stamp of a file that has replaced the newest generation's, if one has."""
        try:
            stamp = file_stamp(self._find())
        except CatalogError:  # gone: what is open can still be asked
            return None
        return None if stamp in (newest.stamp, self._refused) else stamp

    def _open(self) -> Generation:
        threads = max(1, self.ds.setting("num_sql_threads"))
        return open_generation(self._find(), self._options(), threads, self._prepare)

    def _options(self) -> str:
        if not self.is_mutable:
            return "immutable=1"
        return "mode=ro&nolock=1" if self.ds.nolock else "mode=ro"

    def _prepare(self, connection: sqlite3.Connection) -> None:
        compat.prepare_connection(self.ds, connection, self.name)

    def _succeed(self, newest: Generation, next_one: Generation) -> None:
        if next_one.problem and newest.about:
            next_one.retire()
            self._refuse(next_one.problem, next_one.stamp)
            return
        self._newest = next_one
        self.path = next_one.path
        newest.retire()

    def _refuse(self, error: CatalogError, stamp: Stamp) -> None:
        """Stay with what can be read, and say so on standard error, once."""
        self._refused = stamp
        text = f"The catalog was replaced, and the site stays with the one before: {error}"
        print(text, file=sys.stderr, flush=True)

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        if self.ds.executor is None:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, work)

    async def ask(self, fn: Callable[[sqlite3.Connection], Answer]) -> Answer:
        generation = self.asked()
        try:
            with generation.held():
                return await self._in_thread(lambda: generation.run(fn))
        except sqlite3.OperationalError:
            raise
        except (sqlite3.DatabaseError, sqlite3.InterfaceError, OverflowError, MemoryError) as error:
            # Of these alone Datasette makes a page that says what is wrong with the query.
            text = str(error) or "a value is too large"
            raise sqlite3.OperationalError(text) from error

    async def attached_databases(self) -> list[Any]:
        """Return none: a catalog is opened alone, and the list of files has their folders."""
        return []

    @property
    def size(self) -> int:
        return self.asked().stamp[-1]

    @property
    def mtime_ns(self) -> int:
        return self.asked().stamp[2]

    @property
    def hash(self) -> str | None:
        return None if self.is_mutable else self.asked().hash()

    @property
    def cached_table_counts(self) -> dict[str, int | None] | None:
        return self.asked().counts

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        if self.is_mutable:
            counts: dict[str, int | None] = await super().table_counts(limit)
            return counts
        generation = self.asked()
        if generation.counts is None:
            generation.counts = await super().table_counts(_ALL_ROWS_MS)
        return generation.counts

    def close(self) -> None:
        """Close the file; a question after that opens it anew."""
        super().close()
        if self._newest is not None:
            self._newest.retire()
            self._newest = None


_hides_folders: ContextVar[bool] = ContextVar("hides_folders", default=False)


def hide_folders(hides: bool) -> None:
    """Let the paths of catalogs be names alone, for the rest of this request."""
    _hides_folders.set(hides)


_pinned: ContextVar[Mapping[LiveDatabase, Generation]] = ContextVar(
    "generations", default=MappingProxyType({})
)
_others: WeakSet[Any] = WeakSet()
"""The databases that were looked at, and are not catalogs."""


def live_databases(datasette: Any) -> list[LiveDatabase]:
    """Return the catalogs of a site."""
    return [each for each in datasette.databases.values() if isinstance(each, LiveDatabase)]


def adopt(datasette: Any) -> None:
    """Put a `LiveDatabase` in the place of each catalog that Datasette has opened by itself."""
    for name, database in list(datasette.databases.items()):
        if isinstance(database, LiveDatabase) or database in _others:
            continue
        if database.path is None or not is_catalog_file(database.path):
            _others.add(database)
            continue
        live = LiveDatabase(datasette, _fixed(database.path), is_mutable=database.is_mutable)
        live.name, live.route = name, database.route
        datasette.databases = {**datasette.databases, name: live}


def _fixed(path: str) -> Callable[[], str]:
    return lambda: str(path)


@asynccontextmanager
async def one_generation(datasette: Any) -> AsyncIterator[None]:
    """Let everything inside ask the same generation of each catalog: the newest one there is.

    A request inside of another, which a plugin may make, keeps to that one's.
    """
    adopt(datasette)
    outer = _pinned.get()
    with ExitStack() as held:
        mine = {}
        for database in live_databases(datasette):
            if database not in outer and (generation := await database.refreshed()):
                held.enter_context(generation.held())
                mine[database] = generation
        token = _pinned.set({**outer, **mine})
        try:
            yield
        finally:
            _pinned.reset(token)
