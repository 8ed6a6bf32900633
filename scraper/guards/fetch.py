"""Look at the newest fetched day, where AWS's lists name more than could be fetched.

Nothing is lost by that, as such a day replaces only what it holds; but a page that cannot be
fetched day after day stays as it was for ever, without a word. Services that nobody asked for
(`fetch --service connect`) are not missing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from scraper.fetch import addresses
from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.standing import read_held_days
from scraper.mirror import days_in, is_mirror
from scraper.sources import MANIFEST

INCOMPLETE = Guard(
    "incomplete-fetch",
    "The newest fetched day lacks pages that AWS lists.",
    by_name=True,
    seen="not AWS's doing: a network that failed, which another run mostly makes good",
)


def fetch_trips(paths: Iterable[Path], held: Collection[tuple[str, str]] = ()) -> list[Trip]:
    """Return a trip if the newest fetched day of the folders at *paths* lacks pages.

    A day whose pages the replaced catalog holds already was looked at before; *held* are the
    dates of its pages with their sha256.
    """
    newest = newest_fetched_day(paths)
    if newest is None:
        return []
    day, manifest = newest
    missing = _missing_names(manifest)
    if not missing or all((day.name, each["sha256"]) in held for each in manifest["files"]):
        return []
    listed = sum(len(names) for names in manifest["listed"].values())
    text = f"{day.name}: {len(missing):,} of {listed:,} that AWS lists could not be fetched"
    return [Trip(INCOMPLETE.name, text, names=tuple(missing))]


def newest_fetched_day(paths: Iterable[Path]) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest folder that a fetch left, with its manifest; None where there is none."""
    days = [
        day.resolve() for path in paths for day in (days_in(path) if is_mirror(path) else [path])
    ]
    for day in sorted(days, key=lambda day: day.name, reverse=True):
        if manifest := _read_listing(day / MANIFEST):
            return day, manifest
    return None


def _read_listing(path: Path) -> dict[str, Any] | None:
    """Read a manifest, if a fetch wrote it; its entries were checked when the files were read."""
    if not path.is_file():
        return None
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    fields = {"listed": dict, "failures": list, "files": list}
    written = all(isinstance(manifest.get(name), kind) for name, kind in fields.items())
    return manifest if written and all("url" in each for each in manifest["failures"]) else None


def _missing_names(manifest: dict[str, Any]) -> list[str]:
    """Return the listed names that were asked for, and of which there is no file: `connect`."""
    there = {_name_of(entry["path"]) for entry in manifest["files"]}
    failed: set[str] = set()
    for failure in manifest["failures"]:
        url = str(failure["url"])
        # A line of a list that gave no address is listed, and fails, as it is written.
        failed |= {url, _name_of(_path_of(url))[1]}
    groups: dict[str, Sequence[str]] = manifest["listed"]
    return sorted(
        {
            name
            for group, names in groups.items()
            for name in names
            if name in failed and (group == "json", name) not in there
        }
    )


def _path_of(url: str) -> str:
    """Return the path of an address; what is none is only itself."""
    try:
        return urlsplit(url).path
    except ValueError:
        return url


def _name_of(path: str) -> tuple[bool, str]:
    """Return whether a file is of the service reference, with its slug or prefix."""
    file = PurePosixPath(path)
    return addresses.is_reference(file), addresses.name_of(file)


def _look(comparison: Comparison) -> list[Trip]:
    held = read_held_days(comparison.old) if comparison.old else ()
    return fetch_trips(comparison.folders, held)


WATCH = Watch(_look, (INCOMPLETE,))
