"""Keep a catalog open for a long time, and take up the file that replaces it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from iam_catalog.catalog import Catalog
from iam_catalog.database import file_stamp, find_database, open_stamped
from iam_catalog.errors import CatalogError
from iam_catalog.records import About, Service


@dataclass(frozen=True)
class OpenCatalog:
    """A catalog with what goes along with every answer from it."""

    catalog: Catalog
    about: About
    holds: str | None
    """How much less than all of AWS it holds; None where it is full."""

    @cached_property
    def services(self) -> list[Service]:
        """Return every service, read once: all of them take longer than an answer may."""
        return self.catalog.services()


class LiveCatalog:
    """Open the catalog that *find* names when it is first asked, and again once it is replaced.

    One question is answered at a time: this bounds memory, because what checks of policies read of
    a catalog is kept for each connection, and lets a replaced file be closed at once.
    """

    def __init__(self, find: Callable[[], str] = find_database) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._opened: OpenCatalog | None = None
        self._stamp: tuple[int, ...] | None = None
        self._complaint = ""

    @contextmanager
    def asked(self) -> Iterator[OpenCatalog]:
        """Give the catalog that is there now, to this thread alone.

        Raises `CatalogError` where none has been opened yet and none can be. While what has
        replaced an open one cannot be read, the open one answers, and standard error says so once.
        """
        with self._lock:
            yield self._current()

    def close(self) -> None:
        """Close the file, once the question of another thread is answered."""
        with self._lock:
            self._close()

    def _current(self) -> OpenCatalog:
        if self._opened is None:
            return self._open(self._find())
        try:
            path = self._find()
            return self._opened if file_stamp(path) == self._stamp else self._open(path)
        except CatalogError as error:
            if self._complaint != str(error):
                self._complaint = str(error)
                text = f"The catalog was replaced, and the one before answers: {error}"
                print(text, file=sys.stderr, flush=True)
            return self._opened

    def _open(self, path: str) -> OpenCatalog:
        catalog, stamp = open_stamped(path, Catalog)
        try:
            opened = OpenCatalog(catalog, catalog.about(), catalog.what_brings_all())
        except BaseException:
            catalog.close()
            raise
        self._close()
        self._opened, self._stamp, self._complaint = opened, stamp, ""
        return opened

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.catalog.close()
