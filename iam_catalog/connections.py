"""Several connections to one catalog file, for threads that ask at once and processes that fork.

One thread at a time uses a connection. The one that was idle last is used next, so a single thread
has a single one; another is opened when all are in use, up to `MOST`. None belongs to a thread, so
threads may come and go.

All of them read the file that was opened first. A further one is opened by its path, as long as
that leads to the same file. Once another file has taken its place, those that there are must do.

SQLite's connections must not be used, or even closed, in a process that inherited them. After a
fork the child therefore opens its own. A fork waits until no other thread asks: the locks that it
may have inside SQLite or Python would never be released in the child.
"""

from __future__ import annotations

import os
import sqlite3
import time

# The module weakref offers the same class; a cold start has not loaded that one yet.
from _weakrefset import WeakSet
from threading import Condition, RLock, get_ident

from iam_catalog.database import open_database
from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Made = TypeVar("Made")
    Make = Callable[[sqlite3.Connection], Made]

MOST = 8
"""Connections of one catalog. One takes about 5 MB when it has read much."""
MOST_MADE = 4
"""Connections that keep what was made of them, for each maker. What checks of policies keep takes
about 30 MB in a catalog of all of AWS."""
TRIES = 50
"""How often a file is opened again that is replaced while it is being opened."""
PATIENCE = 2.0
"""Seconds for which a fork waits: a question that waits for the forking thread would never end."""
CHUNK = 1 << 20
"""Bytes that are read at once."""


class PooledConnection:
    """A connection that is idle, or used by one thread."""

    __slots__ = ("connection", "idle", "made", "thread")

    def __init__(self, connection: sqlite3.Connection, idle: list[PooledConnection]) -> None:
        self.connection = connection
        self.idle = idle
        """Where it goes when it is given back."""
        self.made: dict[object, object] = {}
        """What was made of it, by maker."""
        self.thread: int | None = None
        """The thread that uses it."""


class ConnectionPool:
    """Connections to the file at *path*; *prepare* is called with each before it is used.

    Raises `NotACatalog` or `CatalogOutdated`, and what *prepare* raises.
    """

    _file = -1

    def __init__(self, path: str, prepare: Callable[[sqlite3.Connection], None] | None) -> None:
        self._path = path
        self._place = os.path.abspath(path)
        self._prepare = prepare
        self._idle: list[PooledConnection] = []
        self._every: tuple[PooledConnection, ...] = ()
        self._most = MOST
        self._opening = 0
        self._changed = Condition()
        self._attention = 0
        """How many threads wait for a connection to be given back, and 1 if the pool is closed."""
        self._closed = False
        with _forks:
            connection, self._file = _open_file(self._path, self._place)
            self._idle.append(self._added(connection))
            _pools.add(self)

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)

    def take(self) -> PooledConnection:
        """Return a connection for this thread, which has to give it back.

        Waits while as many as there may be are in use. Raises `CatalogError` for a closed pool.
        """
        try:
            taken = self._idle.pop()
        except IndexError:
            taken = self._wait()
        taken.thread = get_ident()
        # Looked at only now, so that a fork sees this thread at work or this thread the fork.
        return self._after_fork(taken) if _forking else taken

    def prefer(self, make: Make[object]) -> None:
        """Let the next one that is taken be one of which *make* made something, if one is idle."""
        for each in reversed(self._idle.copy()):
            if make in each.made:
                try:
                    self._idle.remove(each)
                except ValueError:  # taken by another thread meanwhile
                    continue
                self._idle.append(each)
                return

    def made(self, connection: sqlite3.Connection, make: Make[Made]) -> Made:
        """Return what *make* makes of a connection that was taken, once for each of the first."""
        known = [each.made for each in self._every if each.connection is connection]
        if known and make in known[0]:
            return known[0][make]  # type: ignore[return-value]
        made = make(connection)
        if known and sum(make in each.made for each in self._every) < MOST_MADE:
            known[0][make] = made
        return made

    def give(self, taken: PooledConnection) -> None:
        """Take a connection back."""
        taken.thread = None
        taken.idle.append(taken)
        if self._attention:
            with self._changed:
                self._changed.notify_all()
            if self._closed:
                self._close_idle()

    def close(self) -> None:
        """Close every connection, once the questions of other threads are answered.

        One that this thread itself uses is closed when it is given back.
        """
        with self._changed:
            if not self._closed:
                self._closed = True
                self._attention += 1
            self._changed.notify_all()
        self._close_idle()
        me = get_ident()
        with self._changed:
            while True:
                others = [
                    each for each in self._every if each.thread != me and each not in self._idle
                ]
                if not (others or self._opening):
                    break
                # One that no thread uses is between two hands, or lost by an interrupt.
                used = self._opening or any(each.thread is not None for each in others)
                if not self._changed.wait(None if used else PATIENCE):
                    break
            file, self._file = self._file, -1
        self._close_idle()
        if file >= 0:
            with _forks:
                os.close(file)

    def is_asked_by_others(self, me: int) -> bool:
        """Threads other than *me* use connections."""
        return any(each.thread not in (None, me) for each in self._every)

    def abandon(self) -> None:
        """Forget all connections, in a process that inherited them."""
        _inherited.extend(self._every)
        self._idle, self._every = [], ()
        self._opening = 0
        self._changed = Condition()
        self._attention = int(self._closed)

    def _added(self, connection: sqlite3.Connection) -> PooledConnection:
        """Prepare a connection that was opened, and count it in."""
        try:
            if self._prepare:
                self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        added = PooledConnection(connection, self._idle)
        with self._changed:
            self._every = (*self._every, added)
        return added

    def _after_fork(self, taken: PooledConnection) -> PooledConnection:
        """Let a fork pass before *taken* is used, unless this thread holds it up already."""
        me = get_ident()
        if _forking == me or any(each.thread == me and each is not taken for each in self._every):
            return taken
        self.give(taken)
        with _forks:
            pass
        return self.take()

    def _wait(self) -> PooledConnection:
        """Return a connection where none is idle: the next one that is, or another one."""
        me = get_ident()
        with self._changed:
            self._attention += 1
            try:
                while not self._closed:
                    if self._idle:
                        try:
                            return self._idle.pop()
                        except IndexError:  # taken by a thread that did not wait
                            continue
                    mine = [each for each in self._every if each.thread == me]
                    if mine:  # a question asked while another is answered would wait for itself
                        return PooledConnection(mine[0].connection, [])
                    if len(self._every) + self._opening < self._most:
                        self._opening += 1
                        break
                    self._changed.wait()
                else:
                    text = "Cannot operate on a closed database."
                    raise CatalogError(f"{self._path!r} cannot be queried: {text}")
            finally:
                self._attention -= 1
        return self._another() or self._wait()

    def _another(self) -> PooledConnection | None:
        """Open one more connection; None where that cannot be, and others will have to do."""
        try:
            with _forks:
                if connection := None if self._closed else self._opened_again():
                    return self._added(connection)
        except (OSError, sqlite3.Error, CatalogError):
            if not self._every:
                raise
        finally:
            with self._changed:
                self._opening -= 1
                self._changed.notify_all()
        self._most = len(self._every)
        return None

    def _opened_again(self) -> sqlite3.Connection | None:
        """Open the same file once more; None where it has no path, and has connections."""
        if _is_at(self._file, self._place):
            connection = open_database(self._place)
            if _is_at(self._file, self._place):
                return connection
            connection.close()
        return None if self._every else _copy_of(self._file, self._path)

    def _close_idle(self) -> None:
        while True:
            try:
                closing = self._idle.pop()
            except IndexError:
                return
            with _forks:
                closing.connection.close()
            with self._changed:
                self._every = tuple(each for each in self._every if each is not closing)
                self._changed.notify_all()


def _open_file(path: str, place: str) -> tuple[sqlite3.Connection, int]:
    """Open the file at *place*; returns a descriptor too, which says later which file it was."""
    for _ in range(TRIES):
        try:
            file = os.open(place, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError:
            file = -1
        try:
            connection = open_database(path)
            if _is_at(file, place):
                return connection, file
            connection.close()
        except BaseException:
            if file >= 0:
                os.close(file)
            raise
        if file >= 0:
            os.close(file)
    raise CatalogError(f"{path!r} is replaced faster than it can be opened: try again.")


def _is_at(file: int, place: str) -> bool:
    """The open *file* is the one at *place*; its inode cannot be another's while it is open."""
    try:
        return os.path.samestat(os.stat(place), os.fstat(file))
    except OSError:
        return False


def _copy_of(file: int, path: str) -> sqlite3.Connection:
    """Open a copy in memory of a file that has no path any more."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        content = bytearray()
        while chunk := os.pread(file, CHUNK, len(content)):
            content += chunk
        connection.deserialize(content)
    except AttributeError as error:  # of an SQLite that was built without it
        connection.close()
        raise CatalogError(
            f"{path!r} was replaced after it was opened, and before this process was forked: "
            "open the catalog again."
        ) from error
    except BaseException:
        connection.close()
        raise
    return connection


_pools: WeakSet[ConnectionPool] = WeakSet()
_forks = RLock()
"""Held while a process forks, and while a connection is opened or closed."""
_forking = 0
"""The thread that forks."""
_kept_for_fork: list[ConnectionPool] = []
"""So that no pool is closed in the child by the end of another thread, before it is abandoned."""
_inherited: list[PooledConnection] = []
"""Connections of the parent, which are never closed here."""


def _before_fork() -> None:
    """Wait until no other thread asks, and let none begin."""
    global _forking
    _forks.acquire()
    _forking = get_ident()
    _kept_for_fork[:] = _pools
    end = time.monotonic() + PATIENCE
    while any(pool.is_asked_by_others(_forking) for pool in _kept_for_fork):
        if time.monotonic() > end:
            break
        time.sleep(0.001)


def _in_parent() -> None:
    global _forking
    _forking = 0
    _kept_for_fork.clear()
    _forks.release()


def _in_child() -> None:
    global _forking, _forks
    for pool in _kept_for_fork:
        pool.abandon()
    _kept_for_fork.clear()
    _forking, _forks = 0, RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
