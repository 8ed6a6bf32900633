"""Keep a catalog open for a long time, and take up the file that replaces it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from iam_catalog.catalog import Catalog
from iam_catalog.database import file_stamp, find_database, open_stamped
from iam_catalog.errors import CatalogError
from iam_catalog.facts.about import amounts
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
        self._dated: OpenCatalog | None = None
        self._stamp_of_dated: tuple[str, tuple[int, ...] | None] | None = None

    @contextmanager
    def asked(self) -> Iterator[OpenCatalog]:
        """Give the catalog that is there now, to this thread alone.

        Raises `CatalogError` where none has been opened yet and none can be. While what has
        replaced an open one cannot be read, the open one answers, and standard error says so once.
        """
        with self._lock:
            yield self._current()

    def opened_at(self, date: str) -> OpenCatalog:
        """Return the catalog as of *date*; to be called by who has `asked`, for as long.

        The last one is kept, because making it takes longer than an answer. Raises `CatalogError`.
        """
        path = self._find()
        stamp = file_stamp(path)
        if self._dated is not None and self._stamp_of_dated == (date, stamp):
            return self._dated
        catalog, stamp = open_stamped(path, partial(Catalog, as_of=date))
        dated = _opened(catalog)
        self._close_dated()
        self._dated, self._stamp_of_dated = dated, (date, stamp)
        return dated

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
        opened = _opened(catalog)
        self._close()
        self._opened, self._stamp, self._complaint = opened, stamp, ""
        return opened

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.catalog.close()
        self._close_dated()

    def _close_dated(self) -> None:
        dated, self._dated = self._dated, None
        if dated is not None:
            dated.catalog.close()


def _opened(catalog: Catalog) -> OpenCatalog:
    """Read what goes along with every answer from *catalog*, or close it."""
    try:
        return OpenCatalog(catalog, catalog.about(), _holds(catalog))
    except BaseException:
        catalog.close()
        raise


def _holds(catalog: Catalog) -> str | None:
    """Write how much less than all of AWS a catalog holds; None where it is full."""
    held = catalog.what_brings_all()
    if held is None and not catalog.lists_all_services():
        number = amounts((catalog.about().services, "service"))
        return f"As of {catalog.as_of} this catalog has no source that lists all of AWS: {number}."
    return held
