"""Write files and folders so that nobody, after any crash, finds half of one.

Everything is written beside its place, under a name that begins with a dot and ends in `.new`, and
takes its place in one rename. All functions raise `OSError`; callers say what could not be written.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NEW = ".new"
"""The ending of a file that is being written."""


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield an empty file beside *path*, removed at the end unless `put_file` has moved it."""
    new = _beside(path)
    # Not by tempfile, which makes files that nobody else may read.
    new.touch(exist_ok=False)
    try:
        yield new
    finally:
        new.unlink(missing_ok=True)


def put_file(new: Path, path: Path, *, flush: bool = False) -> None:
    """Rename *new* to *path*, in place of any file that is there.

    With *flush* the bytes reach the disk first: else a crash of the whole machine may leave the
    name without them.
    """
    if flush:
        with new.open("rb") as file:
            os.fsync(file.fileno())
    new.replace(path)


def write_file(path: Path, content: bytes) -> None:
    """Write *content* to *path*, whole or not at all; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = _beside(path)
    try:
        new.write_bytes(content)
        put_file(new, path)
    finally:
        new.unlink(missing_ok=True)


def link_file(older: Path, path: Path, link: Callable[[Path, Path], None] = os.link) -> None:
    """Put the bytes of *older* at *path* too, stored once where the file system has links."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = _beside(path)
    try:
        link(older, new)
    except OSError:
        # File systems such as FAT have no links, and others limit the links of one file.
        shutil.copyfile(older, new)
    put_file(new, path)
    # Where both names are the same file already, POSIX leaves both of them.
    new.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside *path*, removed at the end unless `put_folder` has moved it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        new = beside / "new"
        new.mkdir()  # unlike mkdtemp, with the rights that new folders have here
        yield new
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def put_folder(new: Path, path: Path) -> None:
    """Rename *new*, which `new_folder` gave, to *path*, in place of any folder that is there.

    The older folder comes back where the second of the two renames fails.
    """
    if not path.exists():
        new.rename(path)
        return
    older = new.with_name("older")
    path.rename(older)
    try:
        new.rename(path)
    except OSError:
        older.rename(path)
        raise


def _beside(path: Path) -> Path:
    """Return a name that no other run of a program takes for the same file."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}{NEW}")
