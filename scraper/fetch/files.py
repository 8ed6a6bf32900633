"""Writing so that nobody, after any crash, finds half a file.

Every file is written beside its place, and takes its place whole. Not flushed to the disk one by
one: where the power fails, a checksum tells, and the file is fetched again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scraper.fetch.errors import FetchStopped

NEW = ".new"


def write_file(path: Path, content: bytes) -> None:
    """Put *content* at *path*, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + NEW)
    temporary.unlink(missing_ok=True)
    temporary.write_bytes(content)
    temporary.replace(path)


def link_file(older: Path, path: Path, link: Callable[[Path, Path], None] = os.link) -> None:
    """Put the bytes of *older* at *path* too; they are on the disk once, where it has links."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + NEW)
    temporary.unlink(missing_ok=True)
    try:
        link(older, temporary)
    except OSError:
        # File systems such as FAT have no links, and others limit the links of one file.
        shutil.copyfile(older, temporary)
    temporary.replace(path)
    # Where both names are the same file already, POSIX leaves both of them.
    temporary.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    write_file(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())


def holds(path: Path, sha256: str) -> bool:
    """The file is there, with these bytes."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def append_line(path: Path, value: dict[str, Any]) -> None:
    """Add one JSON object to a journal; a line that a crash cuts off is passed over later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        # On a line of its own, also behind half a line of a run that was killed.
        file.write(b"\n" + json.dumps(value).encode() + b"\n")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal; none where there is no journal."""
    if not path.is_file():
        return
    for line in path.read_bytes().split(b"\n"):
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                yield value


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else is at work in a folder; the lock of a run that was killed is no lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        try:
            import fcntl  # Not on Windows, which so goes without the lock.
        except ImportError:
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            text = "another fetch is at work in this folder; wait until it has ended."
            raise FetchStopped("locked", str(path.parent.parent), text) from error
        yield
