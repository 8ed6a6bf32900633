"""Find `catalog.db`, open it for reading, and refuse what is not a catalog of this version."""

from __future__ import annotations

import os
import sqlite3

from iam_catalog.errors import CatalogError, CatalogNotFound, CatalogOutdated, NotACatalog
from iam_catalog.schema import APPLICATION_ID, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Opened = TypeVar("Opened")

ENVIRONMENT = "IAM_CATALOG_DB"
PACKAGE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(PACKAGE)

UPDATED = "updated"
SHIPPED = "shipped"
NAMED = "named"


def find_database(path: str | os.PathLike[str] | None = None) -> str:
    """Return the path of the catalog that answers.

    The argument, else `$IAM_CATALOG_DB`, else an updated catalog in the checkout
    (`mirror/catalog.db`), else the shipped one: in the package, else in the checkout. The first
    two are taken as they are; raises `CatalogNotFound` where nothing is there.
    """
    if path is not None:
        places = [os.fspath(path)]
    elif named := os.environ.get(ENVIRONMENT):
        places = [named]
    else:
        places = list(own_places())
    for place in places:
        if os.path.exists(place):
            return place
    raise CatalogNotFound(places)


def in_checkout() -> bool:
    """Return True if the package is that of a checkout, where `make` is at hand."""
    return os.path.exists(os.path.join(CHECKOUT, "pyproject.toml"))


def own_places() -> dict[str, str]:
    """Map the places of catalogs that nobody named, in order, to their origin; see `origin`."""
    packed = os.path.join(PACKAGE, "catalog.db")
    if not in_checkout():
        return {packed: SHIPPED}
    places = (("mirror", "catalog.db"), ("catalog.db",))
    mirror, checkout = (os.path.join(CHECKOUT, *parts) for parts in places)
    return {mirror: UPDATED, packed: SHIPPED, checkout: SHIPPED}


def origin(path: str) -> str:
    """Tell which catalog the one at *path* is: `updated`, `shipped` or, anywhere else, `named`.

    The place decides, not how it was named: it is what people may be told who must not see paths.
    """
    real = os.path.realpath(path)
    for place, said in own_places().items():
        if os.path.realpath(place) == real:
            return said
    return NAMED


def find_metadata() -> str:
    """Find Datasette's `metadata.json`: in the package, else in the checkout.

    Raises `CatalogError` where it is in neither.
    """
    places = [os.path.join(folder, "metadata.json") for folder in (PACKAGE, CHECKOUT)]
    for place in places:
        if os.path.exists(place):
            return place
    raise CatalogError(f"No metadata.json found (looked for {', '.join(places)}).")


class Connection(sqlite3.Connection):
    """A connection with a place for what was read of its catalog, which is freed with it.

    What is put there must not refer to the connection, except weakly.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cached: dict[str, object] = {}


def open_database(path: str) -> sqlite3.Connection:
    """Open a read-only connection that any thread may use, one at a time.

    Raises `NotACatalog` or `CatalogOutdated`.
    """
    if os.path.isdir(path):
        raise NotACatalog(path, "a folder")
    try:
        connection = sqlite3.connect(
            file_uri(path, "mode=ro"), uri=True, check_same_thread=False, factory=Connection
        )
    except sqlite3.Error as error:
        raise NotACatalog(path, str(error)) from error
    try:
        check_version(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def file_uri(path: str, options: str) -> str:
    """Write the URI by which SQLite opens *path*, whatever characters are in it."""
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    if quoted.startswith("//"):  # SQLite would take what follows for the name of a host
        quoted = f"//{quoted}"
    return f"file:{quoted}?{options}"


def file_stamp(file: str | int) -> tuple[int, ...] | None:
    """Tell the file of a path, or of a descriptor, from others; None where there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)


def open_stamped(
    path: str, open_it: Callable[[str], Opened]
) -> tuple[Opened, tuple[int, ...] | None]:
    """Return what *open_it* makes of *path*, and the stamp of the file that it was made of.

    The stamp is None where the file was replaced meanwhile, so that nobody knows which it was. The
    file is held open, or the inode of one that is gone could come back as another's.
    """
    try:
        held = os.open(path, os.O_RDONLY)
    except OSError:
        return open_it(path), None
    try:
        stamp = file_stamp(held)
        opened = open_it(path)
        return opened, stamp if file_stamp(path) == stamp else None
    finally:
        os.close(held)


def check_version(connection: sqlite3.Connection, path: str) -> None:
    """Refuse a database of another program, or of another version of the schema."""
    try:
        application_id = connection.execute("pragma application_id").fetchone()[0]
        version = connection.execute("pragma user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise NotACatalog(path, str(error)) from error
    if application_id != APPLICATION_ID:
        size = os.stat(path).st_size
        raise NotACatalog(path, "an SQLite database of another kind" if size else "an empty file")
    if version != VERSION:
        raise CatalogOutdated(path, version, VERSION)
