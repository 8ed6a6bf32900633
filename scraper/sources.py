"""Source files on disk -> bytes with what is known of them.

A folder with a `manifest.json` must hold exactly what the manifest lists, byte for byte; any
other folder is read as it is. Everything comes in the order of its path, so that the same files
give the same catalog.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scraper.errors import SourceError

MANIFEST = "manifest.json"
ACCEPTED = "accepted.json"
PAGES_FOLDER = "service-authorization"
POLICIES_FOLDER = "policies"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Source:
    """One file, with what its manifest says of it; None for what nobody says."""

    path: str
    """Relative to the folder, with forward slashes."""
    content: bytes
    sha256: str
    date: str | None = None
    """ISO 8601; when the text was published."""
    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    """Where a person can open it today."""
    url_then: str | None = None
    """Where it stood when it was published."""
    licence: str | None = None

    @property
    def file(self) -> str:
        """The name without folders."""
        return self.path.rpartition("/")[2]

    @property
    def is_page(self) -> bool:
        """A service authorization page, not a document with sample policies."""
        return not self.path.startswith(f"{POLICIES_FOLDER}/")


def read_folder(folder: Path) -> list[Source]:
    """Every source file of *folder*, in the order of their paths.

    Raises `SourceError` where the folder and its manifest disagree, naming the file.
    """
    if not folder.is_dir():
        raise SourceError(f"No folder {str(folder)!r}: name a folder of source pages.")
    paths = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )
    if MANIFEST in paths:
        return read_listed(folder, [path for path in paths if path not in (MANIFEST, ACCEPTED)])
    if not paths:
        raise SourceError(f"No files in {str(folder)!r}: name a folder of source pages.")
    return [read_source(folder, path, {}) for path in paths]


def read_listed(folder: Path, paths: list[str]) -> list[Source]:
    """The files of a folder with a manifest, each checked against its entry."""
    entries = read_manifest(folder / MANIFEST)
    for path in paths:
        if path not in entries:
            raise SourceError(
                f"{str(folder / path)!r} is not listed in {MANIFEST}: "
                f"add it with 'python -m scraper add', or remove it."
            )
    for path, entry in entries.items():
        if path not in paths:
            raise SourceError(
                f"{str(folder / path)!r} is listed in {MANIFEST}, but is not there: "
                "restore the file, or remove its entry."
            )
        check_entry(folder / MANIFEST, path, entry)
    return [checked_source(folder, path, entries[path]) for path in paths]


def read_manifest(path: Path) -> dict[str, dict[str, Any]]:
    """The entries of a manifest by the path of their file."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {entry["path"]: entry for entry in listed}
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(
            f"{str(path)!r} is no manifest ({type(error).__name__}: {error}): expected an object "
            "with a list 'files' of objects, each with 'path' and 'sha256'."
        ) from error


def check_entry(manifest: Path, path: str, entry: dict[str, Any]) -> None:
    """Refuse an entry whose fields are of another kind than a manifest has."""
    for name in ("date", "title", "publisher", "url", "url_then", "licence"):
        if not isinstance(entry.get(name), str | None):
            raise SourceError(f"{str(manifest)!r}: {name!r} of {path!r} is neither text nor null.")
    date = entry.get("date")
    if date is not None and not DATE.fullmatch(date):
        raise SourceError(f"{str(manifest)!r}: {path!r} has the date {date!r}; write YYYY-MM-DD.")


def checked_source(folder: Path, path: str, entry: dict[str, Any]) -> Source:
    source = read_source(folder, path, entry)
    if source.sha256 != entry.get("sha256"):
        raise SourceError(
            f"{str(folder / path)!r} does not match its sha256 in {MANIFEST} "
            f"(file {source.sha256}, manifest {entry.get('sha256')}): "
            "restore the file as published, or add it anew with 'python -m scraper add'."
        )
    return source


def read_source(folder: Path, path: str, entry: dict[str, Any]) -> Source:
    try:
        content = (folder / path).read_bytes()
    except OSError as error:
        raise SourceError(f"Can not read {str(folder / path)!r}: {error.strerror}.") from error
    return Source(
        path,
        content,
        hashlib.sha256(content).hexdigest(),
        entry.get("date"),
        entry.get("title"),
        entry.get("publisher"),
        entry.get("url"),
        entry.get("url_then"),
        entry.get("licence"),
    )
