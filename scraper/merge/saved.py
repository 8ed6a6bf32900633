"""Save what collections give when they are merged, so that a later build goes on from there.

Reading and merging the public datasets of six years takes a minute, and one more snapshot or day
changes nothing of it. A state is saved under a digest of all that it is made of: the collections,
oldest first, with the sha256 of each file, what was accepted, and the code. So a state is either
the one that merging anew would give, or it has another name and is not looked at.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

from iam_catalog.files import new_file, put_file
from scraper.merge.timeline import Timeline
from scraper.objects import uncollected
from scraper.problems import Problem
from scraper.sources import SourceCollection, SourceFile

WORTH = 1_000
"""Pages, and services of datasets, from which on a state is saved: reading fewer takes seconds."""
KEPT = 3
"""States in the folder: that of all collections, that without the newest one, and one to spare for
another catalog. Six years of datasets take 70 MB each."""
_DIGEST = 32
"""Bytes of the sha256 at the beginning of a file."""
_STATED = tuple(each.name for each in fields(SourceFile) if each.name != "text")
"""What is known of a source, its bytes by their sha256."""


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What a build reports of the collections that were read, beside their facts."""

    problems: tuple[Problem, ...] = ()
    """Those of pages, in the order of reading."""
    unlinked: tuple[Problem, ...] = ()
    """One for each page that its neighbours do not lead to."""
    pages: int = 0
    """Of AWS."""
    services: int = 0
    """Of public datasets."""
    rows: tuple[int, int, int] = (0, 0, 0)
    """Found, recorded and in error."""

    @property
    def is_large(self) -> bool:
        """Return True if merging takes so long that a state is worth its room."""
        return self.pages + self.services >= WORTH

    def __add__(self, other: ReadSummary) -> ReadSummary:
        found, recorded, in_error = (sum(pair) for pair in zip(self.rows, other.rows, strict=True))
        return ReadSummary(
            self.problems + other.problems,
            self.unlinked + other.unlinked,
            self.pages + other.pages,
            self.services + other.services,
            (found, recorded, in_error),
        )


@dataclass(slots=True)
class SavedState:
    """The merged first collections of a list."""

    collections: int = 0
    """How many they are."""
    summary: ReadSummary = ReadSummary()
    pickled: bytes | None = None

    def take_timeline(self) -> Timeline:
        """Return the timeline of these collections, to which later ones can be added; once."""
        if not self.collections:
            return Timeline()
        pickled, self.pickled = self.pickled, None  # it takes as much memory as a tenth of a build
        assert pickled is not None, "it was taken before"
        with uncollected():
            found = pickle.loads(pickled)
        assert isinstance(found, Timeline), "the digest of the file was right"
        return found


class SavedStates:
    """The states in a folder that fit a list of collections; without a folder, none."""

    def __init__(
        self, folder: Path | None, collections: Sequence[SourceCollection], *made_of: object
    ) -> None:
        """Name the states; *made_of* is what else decides what collections give, by its repr."""
        self.folder = folder
        self.names = list(_names(collections, made_of)) if folder else []
        self.note: str | None = None
        """Why the newest state that fits could not be used, or that there is none."""

    def newest(self) -> SavedState:
        """Read the state of as many of the collections as there is one of."""
        if self.folder is None:
            return SavedState()
        for number in range(len(self.names), 0, -1):
            path = self.folder / self.names[number - 1]
            try:
                content = path.read_bytes()
                os.utime(path)
            except OSError:
                continue
            if hashlib.sha256(memoryview(content)[_DIGEST:]).digest() != content[:_DIGEST]:
                self.note = f"{path}: damaged, so it is not used"
                continue
            length = int.from_bytes(content[_DIGEST : _DIGEST + 8], "big")
            head = content[_DIGEST + 8 : _DIGEST + 8 + length]
            return SavedState(number, pickle.loads(head), content[_DIGEST + 8 + length :])
        if self.note is None and _states_in(self.folder):
            self.note = f"{self.folder}: made of other sources or code, so they are merged anew"
        return SavedState()

    def is_due(self, number: int) -> bool:
        """Return True if the state of the first *number* collections is to be saved.

        That of all of them, for the next day or snapshot; and the one before it, for a second run
        of this day, or for a snapshot that lies between the two newest.
        """
        if self.folder is None or number < len(self.names) - 1:
            return False
        return not (self.folder / self.names[number - 1]).exists()

    def save(self, number: int, summary: ReadSummary, timeline: Timeline) -> None:
        """Save the state of the first *number* collections.

        Not one of few pages; and where it cannot be written, builds do without.
        """
        assert self.folder, "nothing is due without a folder"
        if not summary.is_large:
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / self.names[number - 1]
            with new_file(path) as new:
                with new.open("wb") as file:
                    _write(file, summary, timeline)
                put_file(new, path)
            for older in _states_in(self.folder)[KEPT:]:
                older.unlink(missing_ok=True)


def _write(file: IO[bytes], summary: ReadSummary, timeline: Timeline) -> None:
    """Write digest, length of the summary, summary and timeline, each part once it is pickled."""
    file.write(bytes(_DIGEST))
    hashed = _Hashed(file)
    head = pickle.dumps(summary, protocol=pickle.HIGHEST_PROTOCOL)
    hashed.write(len(head).to_bytes(8, "big"))
    hashed.write(head)
    pickle.dump(timeline, hashed, protocol=pickle.HIGHEST_PROTOCOL)
    file.seek(0)
    file.write(hashed.digest.digest())


class _Hashed:
    """Pass on what is written, and take its sha256."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def write(self, content: Any) -> int:
        self.digest.update(content)
        return self.file.write(content)


def _states_in(folder: Path) -> list[Path]:
    """List the states of a folder, the last used first."""
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []


def _names(collections: Sequence[SourceCollection], made_of: tuple[object, ...]) -> Iterator[str]:
    """Yield the name of the state of the first collection, of the first two, and so on."""
    made = (sys.version, *made_of)
    name = hashlib.sha256("\n".join(map(repr, made)).encode()).hexdigest()
    for each in collections:
        digest = hashlib.sha256(f"{name} {each.date} {each.complete} {each.dataset}".encode())
        for source in each.sources:
            if source.is_page:
                stated = [getattr(source, field) for field in _STATED]
                digest.update(repr(stated).encode("utf-8", "surrogatepass"))
        name = digest.hexdigest()
        yield name
