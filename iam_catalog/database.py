"""Finds `catalog.db`, opens it for reading, and refuses what is no catalog of this version."""

from __future__ import annotations

import os
import sqlite3

from iam_catalog.errors import CatalogError, CatalogNotFound, CatalogOutdated, NotACatalog
from iam_catalog.identity import APPLICATION_ID, VERSION

ENVIRONMENT = "IAM_CATALOG_DB"
PACKAGE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(PACKAGE)


def find_database(path: str | os.PathLike[str] | None = None) -> str:
    """The catalog that answers.

    The argument, else `$IAM_CATALOG_DB`, else an updated catalog in the checkout
    (`mirror/catalog.db`), else the shipped one: in the package, else in the checkout. The first
    two are taken as they are; raises `CatalogNotFound` where nothing is there.
    """
    if path is not None:
        places = [os.fspath(path)]
    elif named := os.environ.get(ENVIRONMENT):
        places = [named]
    else:
        places = shipped_places()
    for place in places:
        if os.path.exists(place):
            return place
    raise CatalogNotFound(places)


def shipped_places() -> list[str]:
    """Where a catalog may be that nobody named, in order."""
    packed = os.path.join(PACKAGE, "catalog.db")
    if not os.path.exists(os.path.join(CHECKOUT, "pyproject.toml")):
        return [packed]
    places = (("mirror", "catalog.db"), ("catalog.db",))
    mirror, checkout = (os.path.join(CHECKOUT, *parts) for parts in places)
    return [mirror, packed, checkout]


def find_metadata() -> str:
    """Datasette's `metadata.json`: in the package, else in the checkout.

    Raises `CatalogError` where it is in neither.
    """
    places = [os.path.join(folder, "metadata.json") for folder in (PACKAGE, CHECKOUT)]
    for place in places:
        if os.path.exists(place):
            return place
    raise CatalogError(f"No metadata.json found (looked for {', '.join(places)}).")


def open_database(path: str) -> sqlite3.Connection:
    """A read-only connection that any thread may use, one at a time.

    Raises `NotACatalog` or `CatalogOutdated`.
    """
    if os.path.isdir(path):
        raise NotACatalog(path, "a folder")
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    if quoted.startswith("//"):  # SQLite would take what follows for the name of a host
        quoted = f"//{quoted}"
    try:
        connection = sqlite3.connect(f"file:{quoted}?mode=ro", uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise NotACatalog(path, str(error)) from error
    try:
        check_version(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


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
