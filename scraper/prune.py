"""`python -m scraper prune`: store the fetched days of a mirror that no fetch needs any more.

A pruned day is its manifest and its texts, compressed, each text once however many days have it. A
build reads it as it read the folder, so that no fact, no date and no byte of a catalog changes.
Days stay folders while they hold the newest text of an address or the newest list of AWS's pages:
the next fetch compares with these. Public datasets are compressed as they come, and stay.

A run can be stopped at any moment. A day's folder goes away, by one renaming, after its texts and
its manifest are on the disk and were read back; until then it is what builds read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from iam_catalog.files import new_file, put_file
from scraper.build import count
from scraper.errors import SourceError
from scraper.mirror import (
    MIRROR,
    compressed,
    days_in,
    is_date,
    read_compressed,
    stored_manifest,
    stored_text,
)
from scraper.sources import MANIFEST

_AWAY = ".pruned-"
"""Before the date, in the name of a day's folder that is being removed."""


@click.command()
@click.option(
    "--mirror",
    type=click.Path(path_type=Path, file_okay=False),
    default=MIRROR,
    help="The mirror.  [default: mirror]",
)
@click.option("--yes", is_flag=True, help="Do it; else only say what it would free.")
def prune(mirror: Path, yes: bool) -> None:
    """Store the older fetched days of a mirror in less room, without losing a fact or a date.

    Builds from it give the same catalog as before. Public datasets stay as they are.

    Example:

    \b
        python -m scraper prune
    """
    for line in prune_mirror(mirror, dry_run=not yes):
        click.echo(line, err=True)


def prune_mirror(mirror: Path, *, dry_run: bool = False) -> Iterator[str]:
    """Store every day that no fetch needs, and yield lines that say so.

    Raises `SourceError` for a file that is not the one in its manifest, or that cannot be written;
    the days before it are pruned then, and all others are as they were.
    """
    if not dry_run:
        _finish_older_run(mirror)
    days = [day for path in days_in(mirror) if (day := _fetched_day(path))]
    kept = _needed_by_fetches(days)
    for day in days:
        if day.path.name in kept:
            yield f"{day.path.name}: stays, for the next fetch: {kept[day.path.name]}"
    ready = [day for day in days if day.path.name not in kept]
    if not ready:
        yield f"{mirror}: nothing to prune"
        return
    before, stored = _on_disk(ready), 0
    done: set[str] = set()
    for day in ready:
        stored += _store(mirror, day, done, dry_run=dry_run)
    named = f"{count(len(ready), 'day')}, {ready[0].path.name} to {ready[-1].path.name}"
    sizes = f"{_megabytes(before)} MB on the disk, {_megabytes(stored)} MB when stored"
    yield f"{mirror}: {named}: {sizes}" + (": nothing was changed, see --yes" if dry_run else "")


@dataclass(slots=True)
class _Day:
    """A folder that a fetch has left, with its manifest."""

    path: Path
    manifest: bytes
    listed: dict[str, Any]
    digests: dict[str, str]
    """The sha256 of each file by its path in the folder, hidden ones included."""
    addresses: set[str] = field(default_factory=set)


def _fetched_day(path: Path) -> _Day | None:
    """Read the manifest of a day; None where no fetch wrote it, or where other files lie there."""
    try:
        manifest = (path / MANIFEST).read_bytes()
        whole = json.loads(manifest)
        entries = [*whole["documents"], *whole["files"]]
        digests = {str(each["path"]): str(each["sha256"]) for each in entries}
        addresses = {str(each["url_then"]) for each in entries}
        listed = dict(whole["listed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    there = {each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file()}
    own = there == digests.keys() | {MANIFEST}
    return _Day(path, manifest, listed, digests, addresses) if own else None


def _needed_by_fetches(days: Iterable[_Day]) -> dict[str, str]:
    """Return the dates of the days that a fetch compares with, each with the reason."""
    addresses: dict[str, str] = {}
    lists: dict[str, str] = {}
    newest = ""
    for day in days:
        newest = day.path.name
        addresses |= dict.fromkeys(day.addresses, newest)
        lists |= {group: newest for group, names in day.listed.items() if names}
    kept = dict.fromkeys(lists.values(), "it has AWS's newest list of pages")
    for date, number in Counter(addresses.values()).items():
        kept.setdefault(date, f"it has the newest text of {count(number, 'page')}")
    return {**kept, newest: "it is the newest day"}


def _store(mirror: Path, day: _Day, done: set[str], *, dry_run: bool) -> int:
    """Store a day, and return how many bytes that takes; *done* are the texts stored so far."""
    taken = 0
    for path, sha256 in sorted(day.digests.items()):
        if sha256 in done:
            continue
        content = _checked(day.path / path, sha256)
        done.add(sha256)
        target = stored_text(mirror, sha256)
        if not _is_stored(target, sha256):
            packed = compressed(content)
            taken += len(packed)
            if not dry_run:
                _write(target, packed, sha256)
    packed = compressed(day.manifest)
    taken += len(packed)
    if not dry_run:
        manifest = stored_manifest(mirror, day.path.name)
        _write(manifest, packed, hashlib.sha256(day.manifest).hexdigest())
        _remove_folder(day.path)
    return taken


def _checked(path: Path, sha256: str) -> bytes:
    """Read a file. Raises `SourceError` where it is not the one in the manifest."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"Cannot read {str(path)!r}: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SourceError(
            f"{str(path)!r} is not the file in {MANIFEST} (sha256 {sha256}): its day and later ones"
            " were not pruned. Restore it as it was fetched, or remove the whole day."
        )
    return content


def _is_stored(path: Path, sha256: str) -> bool:
    """Return True if a stored file is there, and holds the right bytes."""
    try:
        return hashlib.sha256(read_compressed(path)).hexdigest() == sha256
    except (OSError, zlib.error):
        return False


def _write(path: Path, packed: bytes, sha256: str) -> None:
    """Write a stored file, and read it back from the disk. Raises `SourceError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(path) as new:
            new.write_bytes(packed)
            put_file(new, path, flush=True)
    except OSError as error:
        raise SourceError(f"Cannot write {str(path)!r}: {error.strerror}.") from error
    if not _is_stored(path, sha256):
        raise SourceError(f"{str(path)!r} was written, and reads otherwise: check the disk.")


def _remove_folder(day: Path) -> None:
    """Remove a day's folder: by one renaming for everybody who reads, then file by file."""
    away = day.with_name(f"{_AWAY}{day.name}")
    try:
        day.rename(away)
        shutil.rmtree(away)
    except OSError as error:
        raise SourceError(f"Cannot remove {str(day)!r}: {error.strerror}.") from error


def _finish_older_run(mirror: Path) -> None:
    """Remove what a run that was stopped had renamed, once it is sure that the day is stored."""
    for away in sorted(mirror.glob(f"{_AWAY}*")):
        date = away.name.removeprefix(_AWAY)
        if is_date(date) and stored_manifest(mirror, date).is_file():
            shutil.rmtree(away)


def _on_disk(days: Iterable[_Day]) -> int:
    """Count the bytes that go when the folders of *days* go: links to a file count once.

    A file that a day which stays has too is not counted.
    """
    links: Counter[tuple[int, int]] = Counter()
    size = 0
    for day in days:
        for path in (*day.digests, MANIFEST):
            about = (day.path / path).stat()
            links[about.st_dev, about.st_ino] += 1
            if links[about.st_dev, about.st_ino] == about.st_nlink:
                size += about.st_size
    return size


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f}"
