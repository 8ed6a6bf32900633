"""Look at the file that a build is to replace: what it is, and what can be read of it.

A catalog is compared with the new one. A damaged catalog is replaced, as it can be built again;
where even its first bytes are, it is put aside. Any other file is refused: nothing that is
somebody else's may be lost to a mistyped name.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from iam_catalog.schema import APPLICATION_ID
from scraper.errors import ScraperError

MAGIC = b"SQLite format 3\x00"
HEADER = 100
"""Bytes in which a database says what it is."""
APPLICATION = slice(68, 72)
SCHEMA = slice(60, 64)
DATABASES = {".db", ".sqlite", ".sqlite3"}
"""How the names of files end that were meant to be databases, whatever is in them."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """The file that a new catalog is to replace."""

    path: Path
    connection: sqlite3.Connection | None = None
    """To a catalog that can be read."""
    version: int | None = None
    """Of its schema."""
    note: str | None = None
    """Its damage, if there is any."""
    aside: Path | None = None
    """The new name of a file that is not a database at all, so that it is not lost."""


def check_output(output: Path) -> None:
    """Refuse a place where no catalog can be written; raises `ScraperError`."""
    if output.is_dir():
        raise ScraperError(f"Cannot write {str(output)!r}: it is a folder.")
    if output.exists() and not output.is_file():
        raise ScraperError(f"Cannot write {str(output)!r}: it is a device, not a file.")
    header = _read_header(output)
    if header.startswith(MAGIC):
        other = number(header[APPLICATION]) != APPLICATION_ID
        found = "an SQLite database of another program" if other else None
    else:
        found = "not a database" if header and output.suffix not in DATABASES else None
    if found:
        raise ScraperError(
            f"Cannot write {str(output)!r}: it is {found}. Name another file with --output, or "
            "move that one away."
        )


def _read_header(path: Path) -> bytes:
    """Return the first bytes of a file; none where there is no file."""
    try:
        with path.open("rb") as file:
            return file.read(HEADER)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise ScraperError(f"Cannot read {str(path)!r}: {error.strerror}.") from error


def number(text: bytes) -> int:
    return int.from_bytes(text, "big")


@contextmanager
def open_replaced(output: Path) -> Iterator[Replaced]:
    """Open what is at *output*, which `check_output` has passed, for comparison."""
    header = _read_header(output)
    if not header:
        yield Replaced(output)
    elif not header.startswith(MAGIC):
        yield Replaced(output, note="not a database", aside=_free_name(output))
    else:
        connection = sqlite3.connect(f"file:{quote(str(output))}?mode=ro", uri=True)
        try:
            damage = _find_damage(connection)
            if damage:
                yield Replaced(output, note=f"damaged: {damage}")
            else:
                yield Replaced(output, connection, number(header[SCHEMA]))
        finally:
            connection.close()


def _find_damage(connection: sqlite3.Connection) -> str | None:
    """Describe the damage of a database file; None where there is none."""
    try:
        found = connection.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else str(found).replace("\n", " ")


def _free_name(path: Path) -> Path:
    """Return a name beside *path* that no file has yet: `catalog.db.replaced`."""
    number = 1
    while True:
        free = path.with_name(f"{path.name}.replaced" + (f"-{number}" if number > 1 else ""))
        if not free.exists():
            return free
        number += 1


def put_aside(path: Path, aside: Path) -> None:
    """Rename a file that is not a catalog. Raises `ScraperError`."""
    try:
        path.rename(aside)
    except OSError as error:
        raise ScraperError(f"Cannot move {str(path)!r} aside: {error.strerror}.") from error
