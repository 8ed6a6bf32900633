"""Ask one catalog file from many threads: all connections and the file are the same inode.

A catalog is replaced by renaming another file onto it. Connections that are opened by path, one
after the other, could be to two files, so all are opened at once and the path is looked at again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from iam_catalog.database import check_version, file_uri, open_stamped
from iam_catalog.errors import CatalogError, NotACatalog
from iam_catalog.facts import about as freshness
from iam_catalog.facts.catalog_file import refuse_damage
from iam_catalog.records import About

Answer = TypeVar("Answer")
Stamp = tuple[int, ...]

_TRIES = 50
"""How often a file is opened anew that is replaced while it is being opened."""

CHUNK = 1 << 18
"""Bytes of a file that are read at once."""


class Generation:
    """One catalog file, with as many connections as the site has threads."""

    def __init__(
        self, path: str, stamp: Stamp, file: int, connections: list[sqlite3.Connection]
    ) -> None:
        """*file* is a descriptor of the file that the connections have open."""
        self.path = path
        self.stamp = stamp
        self.about: About | None = None
        """How fresh it is; `None` where `problem` says why nobody knows."""
        self.problem: CatalogError | None = None
        self.counts: dict[str, int | None] | None = None
        """Rows of each table, once they were counted."""
        self._hash: str | None = None
        self._file = file
        self._idle = connections
        self._lock = threading.Lock()
        self._users = 0
        self._retired = False

    def prepare(self, prepare: Callable[[sqlite3.Connection], None]) -> None:
        """Prepare every connection, and look into the file."""
        for connection in self._idle:
            prepare(connection)
        try:
            self.about = _read_about(self._idle[0], self.path)
        except CatalogError as error:
            self.problem = error
        except sqlite3.Error as error:
            self.problem = NotACatalog(self.path, f"damaged ({error})")

    def run(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Answer *question*, from any thread."""
        with self._lock:
            connection = self._idle.pop()
        try:
            return question(connection)
        finally:
            with self._lock:
                self._idle.append(connection)
            self._close_unused()

    def read(self, offset: int) -> bytes:
        """Return bytes of the file from *offset* on, at most `CHUNK` of them; none at its end."""
        with self._lock:
            os.lseek(self._file, offset, os.SEEK_SET)
            return os.read(self._file, CHUNK)

    def hash(self) -> str:
        """Return the SHA-256 of the file."""
        if self._hash is None:
            digest = hashlib.sha256()
            offset = 0
            while chunk := self.read(offset):
                digest.update(chunk)
                offset += len(chunk)
            self._hash = digest.hexdigest()
        return self._hash

    @property
    def is_hashed(self) -> bool:
        """Say whether `hash` answers at once: the first time, it reads the file."""
        return self._hash is not None

    @property
    def is_closed(self) -> bool:
        return self._file < 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the file open, also when a newer generation has come."""
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
            self._close_unused()

    def retire(self) -> None:
        """Close the file as soon as nobody asks it any more."""
        self._retired = True
        self._close_unused()

    def _close_unused(self) -> None:
        with self._lock:
            if not self._retired or self._users:
                return
            while self._idle:
                self._idle.pop().close()
            if not self.is_closed:
                os.close(self._file)
                self._file = -1


def open_generation(
    path: str, options: str, threads: int, prepare: Callable[[sqlite3.Connection], None]
) -> Generation:
    """Open the file that is at *path* now, with its connections prepared.

    Raises `CatalogError` where it cannot be opened. What is wrong inside is the `problem` of the
    generation: a site may have more to show than this version knows of.
    """

    def open_all(path: str) -> tuple[int, list[sqlite3.Connection]]:
        uri = file_uri(path, options)
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return file, [
                sqlite3.connect(uri, uri=True, check_same_thread=False) for _ in range(threads)
            ]
        except BaseException:
            os.close(file)
            raise

    for _ in range(_TRIES):
        try:
            (file, connections), stamp = open_stamped(path, open_all)
        except (OSError, sqlite3.Error) as error:
            raise NotACatalog(path, str(error)) from error
        generation = Generation(path, stamp or (), file, connections)
        if stamp is None:
            generation.retire()
            continue
        try:
            generation.prepare(prepare)
        except sqlite3.Error as error:
            generation.retire()
            raise NotACatalog(path, str(error)) from error
        return generation
    raise CatalogError(f"{path!r} is replaced faster than it can be opened: try again.")


def _read_about(connection: sqlite3.Connection, path: str) -> About:
    """Return how fresh the catalog at *path* is; raises an error unless all of it can be read."""
    check_version(connection, path)
    refuse_damage(connection)
    return freshness.about(connection, path)
