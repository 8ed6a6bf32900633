"""SourceFile files on disk -> bytes with what is known of them.

A folder with a `manifest.json` must hold exactly what the manifest lists, byte for byte; any
other folder is read as it is. Everything comes in the order of its path, so that the same files
give the same catalog.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scraper.datasets.base import is_archive
from scraper.datasets.registry import DatasetEdition, identify
from scraper.errors import SourceError
from scraper.mirror import (
    DATASETS,
    STORED,
    date_of_stored,
    is_date,
    is_mirror,
    mirror_folders,
    read_compressed,
    stored_days,
    stored_text,
)
from scraper.objects import quickly_pickled

MANIFEST = "manifest.json"
ACCEPTED = "accepted.json"
PAGES_FOLDER = "service-authorization"
POLICIES_FOLDER = "policies"


@quickly_pickled
@dataclass(frozen=True, slots=True)
class FileText:
    """The bytes of a file, which are read again when they are needed.

    A year of days has more of them than fits into memory, and most of them were parsed before.
    """

    path: Path
    sha256: str
    size: int
    is_compressed: bool = False

    def read(self) -> bytes:
        """Read the file. Raises `SourceError` where it has other bytes than it had before."""
        try:
            content = read_compressed(self.path) if self.is_compressed else self.path.read_bytes()
        except (OSError, zlib.error) as error:
            raise SourceError(f"Cannot read {str(self.path)!r}: {error}.") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise SourceError(f"{str(self.path)!r} was changed while it was read: run this again.")
        return content


@quickly_pickled
@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file, with its fields in the manifest; None for what is unknown."""

    path: str
    """Relative to the folder that was named, with forward slashes."""
    text: bytes | FileText = field(compare=False, repr=False)
    """Use `content`."""
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
    dataset: DatasetEdition | None = None
    """Which public dataset the file is; None for what AWS published."""
    derived: bool = False
    """Its manifest says that it was derived from something else: it is not a source of facts."""

    @property
    def content(self) -> bytes:
        """Return the bytes of the file. Raises `SourceError`."""
        return self.text if isinstance(self.text, bytes) else self.text.read()

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.text) if isinstance(self.text, bytes) else self.text.size

    @property
    def file(self) -> str:
        """Return the name without folders."""
        return self.path.rpartition("/")[2]

    @property
    def is_page(self) -> bool:
        """Return True for a service authorization page, not a document with sample policies."""
        return f"/{POLICIES_FOLDER}/" not in f"/{self.path}"


@dataclass(frozen=True, slots=True)
class SourceCollection:
    """The files of one date."""

    date: str | None
    complete: bool
    """A newer complete collection withdraws pages that it lacks; a partial one does not."""
    sources: tuple[SourceFile, ...]
    dataset: DatasetEdition | None = None
    """The public dataset that is the one source of this collection."""


def read_collections(
    paths: Sequence[Path],
    *,
    date: str | None = None,
    complete: bool = False,
    datasets: bool = True,
    full: bool = False,
) -> list[SourceCollection]:
    """Return the files below *paths*, which are folders or files, by date, oldest first.

    A file's date is that of its manifest's entry, else of the nearest folder that is named by a
    date (`2019-08-12`; `2026-08` is its last day), else *date*. Undated files come first. Files
    of one date are one collection, and complete if one of its folders is: by *complete*, or by
    its manifest. A file that is named twice is read once. A public dataset is a collection of its
    own, before the one of AWS's files of its date; without *datasets* it is passed over. Those that
    a data folder ships (its folder `datasets`) are read only with *full*, because they bring all of
    AWS. A file that was derived from something else is checked against its manifest and belongs to
    none. Raises `SourceError`.
    """
    if date is not None and not is_date(date):
        raise SourceError(f"{date!r} is not a date: write YYYY-MM-DD.")
    found: dict[str | None, list[SourceFile]] = {}
    whole: set[str | None] = set()
    seen: set[str] = set()
    named: list[SourceFile] = []
    for path in paths:
        root = (path if path.is_dir() else path.parent).resolve()
        shipped = f"{DATASETS}/" if (path / MANIFEST).is_file() else None
        for source, is_complete in _read_path(path, date):
            place = f"{root}/{source.path}"
            if place in seen:
                continue
            seen.add(place)
            if source.derived:
                continue
            if source.dataset:
                is_shipped = shipped is not None and source.path.startswith(shipped)
                named += [source] if datasets and (full or not is_shipped) else []
                continue
            found.setdefault(source.date, []).append(source)
            whole |= {source.date} if complete or is_complete else set()
    collections = [SourceCollection(each, each in whole, tuple(found[each])) for each in found]
    collections += [_dataset_collection(source) for source in unlike(named)]
    for collection in collections:
        refuse_tomorrow(collection.sources[0].path, collection.date)
    return sorted(collections, key=_place_in_time)


def refuse_tomorrow(file: str, date: str | None) -> None:
    """Refuse a source of a later day than today: every honest one would be older than it.

    The day is counted where it is latest on Earth, fourteen hours ahead of UTC.
    """
    latest = (datetime.now(UTC) + timedelta(hours=14)).date().isoformat()
    if date and date > latest:
        raise SourceError(
            f"{file!r} is dated {date}, which is after today ({latest}): expected the day on which "
            "it was published. Correct the date, or remove the file."
        )


def unlike(sources: Sequence[SourceFile]) -> list[SourceFile]:
    """Return the datasets among *sources*, those with the same bytes once.

    Raises `SourceError` where two of them are one version, or two versions of one day, of which
    nobody could say which one holds.
    """
    found: dict[str, SourceFile] = {}
    versions: dict[tuple[str, str | None], SourceFile] = {}
    for source in sources:
        if source.dataset is None or source.sha256 in found:
            continue
        for key in ((source.dataset.label, None), (source.dataset.name, source.date)):
            if other := versions.get(key):
                what = "one version" if key[1] is None else f"versions of one day, {source.date}"
                raise SourceError(
                    f"{other.path!r} and {source.path!r} are two files of {source.dataset.name} "
                    f"of {what}: remove one of them."
                )
            versions[key] = source
        found[source.sha256] = source
    return list(found.values())


def _dataset_collection(source: SourceFile) -> SourceCollection:
    """Return the collection of a public dataset. Raises `SourceError` for an unknown date."""
    if source.date is None:
        label = source.dataset.label if source.dataset else source.file
        raise SourceError(
            f"{source.path!r} is the dataset {label}, which does not say of which date it is: "
            "say it with --date YYYY-MM-DD."
        )
    complete = source.dataset is not None and source.dataset.complete
    return SourceCollection(source.date, complete, (source,), source.dataset)


def _place_in_time(collection: SourceCollection) -> tuple[str, bool, str]:
    """Sort oldest first; on one date datasets come first, so that AWS has the last word."""
    label = collection.dataset.label if collection.dataset else ""
    return collection.date or "", collection.dataset is None, label


def _read_path(path: Path, date: str | None) -> Iterator[tuple[SourceFile, bool]]:
    """Yield each file of a folder, or the one file, with whether its folder is complete."""
    if path.is_file():
        yield _read_source(path.parent, path.name, {"date": folder_date(path.parent, date)}), False
        return
    if not path.is_dir():
        raise SourceError(f"No folder {str(path)!r}: name a folder of source pages.")
    empty = True
    mirror = is_mirror(path)
    linked: _Linked = {}
    for folder in mirror_folders(path) if mirror else [path]:
        for each in _read_folder(path, folder, date, linked):
            empty = False
            yield each
    texts: dict[str, SourceFile] = {}
    for manifest in stored_days(path) if mirror else ():
        for each in _read_stored(path, manifest, texts):
            empty = False
            yield each
    if empty:
        raise SourceError(f"No files in {str(path)!r}: name a folder of source pages.")


_Linked = dict[tuple[int, int, int, int], SourceFile]
"""What was read of each file that has several names, as nearly all files of a mirror have: by its
device, number, size and time, so that a year of days is read as often as its texts differ."""


def _read_folder(
    root: Path, folder: Path, date: str | None, linked: _Linked
) -> Iterator[tuple[SourceFile, bool]]:
    """Yield the files of *folder* and the folders in it; a manifest rules all that is below it."""
    own_date = folder_date(folder, date)
    if (folder / MANIFEST).is_file():
        listed = read_manifest(folder / MANIFEST)
        for source in _read_listed(root, folder, listed, own_date, linked):
            yield source, listed.complete
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == ACCEPTED:
            continue
        if path.is_dir():
            yield from _read_folder(root, path, own_date, linked)
        else:
            name = path.relative_to(root).as_posix()
            yield _read_source(root, name, {"date": own_date}), False


def _read_stored(
    root: Path, manifest: Path, texts: dict[str, SourceFile]
) -> Iterator[tuple[SourceFile, bool]]:
    """Yield the files of a pruned day; *texts* has one of each text that was read, by sha256."""
    date = date_of_stored(manifest)
    try:
        listed = _manifest_of(manifest, read_compressed(manifest))
        for path, entry in sorted(listed.entries.items()):
            _check_entry(manifest, path, entry)
            sha256 = str(entry.get("sha256"))
            dated = {**entry, "date": entry.get("date") or date}
            named = f"{date}/{path}"
            if (known := texts.get(sha256)) is None or known.dataset:
                stored = stored_text(root, sha256)
                content = read_compressed(stored)
                if hashlib.sha256(content).hexdigest() != sha256:
                    raise ValueError(f"{path} has other bytes than its sha256 says")
                text = FileText(stored, sha256, len(content), is_compressed=True)
                source = texts[sha256] = _source_of(text, named, content, dated)
            else:
                source = _listed_source(named, known.text, sha256, dated, None)
            yield source, listed.complete
    except (OSError, ValueError, zlib.error) as error:
        raise SourceError(
            f"{str(manifest)!r}: the pruned day cannot be read ({error}). Restore the folder "
            f"{STORED!r} from a copy, or remove this file: what only that day stated is then gone."
        ) from error


def folder_date(folder: Path, date: str | None) -> str | None:
    """Return the date that a folder is named by; *date* for another name."""
    name = folder.resolve().name
    if is_date(name):
        return name
    if re.fullmatch(r"\d{4}-\d{2}", name) and is_date(f"{name}-01"):
        year, month = map(int, name.split("-"))
        return f"{name}-{calendar.monthrange(year, month)[1]}"
    return date


@dataclass(frozen=True, slots=True)
class Manifest:
    """The entries of a manifest by the path of their file."""

    entries: dict[str, dict[str, Any]]
    complete: bool


def _read_listed(
    root: Path, folder: Path, manifest: Manifest, date: str | None, linked: _Linked
) -> Iterator[SourceFile]:
    """Yield the files of a folder with a manifest, each checked against its entry."""
    entries = manifest.entries
    of_mirror = is_mirror(folder.parent)
    paths = [path for path in files_below(folder) if path not in (MANIFEST, ACCEPTED)]
    for path in paths:
        if path not in entries:
            raise SourceError(
                f"{str(folder / path)!r} is not listed in {MANIFEST}: "
                f"add it with 'python -m scraper add', or remove it."
            )
    there, manifest_path = set(paths), folder / MANIFEST
    for path, entry in entries.items():
        if path not in there:
            raise SourceError(
                f"{str(folder / path)!r} is listed in {MANIFEST}, but is not there: "
                f"restore the file, or remove {'the whole day' if of_mirror else 'its entry'}."
            )
        _check_entry(manifest_path, path, entry)
    above = folder.relative_to(root).as_posix()
    start = "" if above == "." else f"{above}/"
    for path in paths:
        entry = {**entries[path], "date": entries[path].get("date") or date}
        source = _read_source(root, f"{start}{path}", entry, linked)
        if source.sha256 != entry.get("sha256"):
            raise _wrong_bytes(folder / path, source, entry, of_mirror=of_mirror)
        yield source


def files_below(folder: Path) -> list[str]:
    """Return the files of a folder that are not hidden, by their path in it, sorted."""
    # Many days of many files: with a `Path` for each, this takes as long as reading them.
    found: list[str] = []
    for where, _, names in os.walk(folder):
        above = Path(where).relative_to(folder).as_posix()
        start = "" if above == "." else f"{above}/"
        found += [f"{start}{name}" for name in names if not name.startswith(".")]
    return sorted(found)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; its entries are checked one by one when they are used."""
    return _manifest_of(path, path.read_bytes())


def _manifest_of(path: Path, content: bytes) -> Manifest:
    """Return the manifest that *content* is, of the file at *path*. Raises `SourceError`."""
    try:
        whole = json.loads(content.decode())
        entries = {str(entry["path"]): entry for entry in whole["files"]}
        if len(entries) < len(whole["files"]):
            raise ValueError("a path is listed twice")
        complete = whole.get("complete", False)
        if not isinstance(complete, bool):
            raise TypeError(f"'complete' is {complete!r}, neither true nor false")
        return Manifest(entries, complete)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{str(path)!r} is not a manifest: expected an object with a list 'files' of objects, "
            f"each with 'path' and 'sha256' ({type(error).__name__}: {error})."
        ) from error


def _check_entry(manifest: Path, path: str, entry: dict[str, Any]) -> None:
    """Refuse an entry whose fields are of another kind than a manifest has."""
    for name in ("date", "title", "publisher", "url", "url_then", "licence"):
        if not isinstance(entry.get(name), str | None):
            raise SourceError(f"{str(manifest)!r}: {name!r} of {path!r} is neither text nor null.")
    date = entry.get("date")
    if date is not None and not is_date(date):
        raise SourceError(f"{str(manifest)!r}: {path!r} has the date {date!r}; write YYYY-MM-DD.")


def _wrong_bytes(
    path: Path, source: SourceFile, entry: dict[str, Any], *, of_mirror: bool
) -> SourceError:
    """Return the error for a file that is not the one in the manifest, with the remedy."""
    other = "remove the whole day" if of_mirror else "add it anew with 'python -m scraper add'"
    return SourceError(
        f"{str(path)!r} does not match its sha256 in {MANIFEST} "
        f"(file {source.sha256}, manifest {entry.get('sha256')}): "
        f"restore the file as published, or {other}."
    )


def _read_source(
    folder: Path, path: str, entry: dict[str, Any], linked: _Linked | None = None
) -> SourceFile:
    file = f"{folder}/{path}"
    try:
        about = os.stat(file)  # noqa: PTH116 - half the time of a `Path`, for many thousand files
        place = about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns
        if linked and (known := linked.get(place)):
            return _listed_source(path, known.text, known.sha256, entry, None)
        content = Path(file).read_bytes()
    except OSError as error:
        raise SourceError(f"Cannot read {str(folder / path)!r}: {error.strerror}.") from error
    text = FileText(folder / path, hashlib.sha256(content).hexdigest(), len(content))
    source = _source_of(text, path, content, entry)
    if linked is not None and about.st_nlink > 1 and source.dataset is None:
        linked[place] = source
    return source


def _source_of(text: FileText, path: str, content: bytes, entry: dict[str, Any]) -> SourceFile:
    """Return the source that a file is, with what its manifest says of it."""
    try:
        dataset = identify(content)
    except SourceError as error:
        raise SourceError(f"{str(text.path)!r}: {error}") from error
    if dataset is None and is_archive(content):
        raise SourceError(
            f"{str(text.path)!r} is an archive, but not one of a known dataset, or it is cut: "
            "expected a wheel or npm package as its makers published it. Fetch it again, or "
            "remove it."
        )
    if dataset and (named := entry.get("dataset")):
        dataset = DatasetEdition(
            named.get("name", dataset.name), named.get("version"), dataset.date
        )
    return _listed_source(path, text, text.sha256, entry, dataset)


def _listed_source(
    path: str,
    text: bytes | FileText,
    sha256: str,
    entry: dict[str, Any],
    dataset: DatasetEdition | None,
) -> SourceFile:
    return SourceFile(
        path,
        text,
        sha256,
        (dataset.date if dataset else None) or entry.get("date"),
        _interned(entry.get("title")),
        _interned(entry.get("publisher")),
        _interned(entry.get("url")),
        _interned(entry.get("url_then")),
        _interned(entry.get("licence")),
        dataset,
        derived=entry.get("derived_from") is not None,
    )


def _interned(text: str | None) -> str | None:
    """Hold a text once: days of a mirror repeat addresses and titles, a hundred thousand a year."""
    return sys.intern(text) if text else text
