"""Find the folders of a mirror that have sources: the fetched days, and the public datasets.

    mirror/2026-11-22/               a day, as `scraper.fetch.run` left it
           datasets/NAME-VERSION/    a public dataset, with a manifest of its own
           .fetch/  catalog.db  …    the work of a fetch, what was built from all of it, reports

Whatever else lies there is no source.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from scraper.errors import SourceError

MIRROR = Path(__file__).resolve().parent.parent / "mirror"
"""The one of the checkout, which git ignores."""
WORK = ".fetch"
"""Begins with a dot: the reader of source folders passes it over."""
DATASETS = "datasets"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_date(text: str) -> bool:
    """Return True if the text is a day of the calendar, as YYYY-MM-DD."""
    if not DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def days_in(folder: Path) -> list[Path]:
    """Return the folders in it that are named by a day, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_date(path.name) and path.is_dir())


def datasets_in(root: Path) -> list[Path]:
    """Return the folders of the public datasets in a mirror, by name."""
    return sorted(path.parent for path in (root / DATASETS).glob("*/manifest.json"))


def is_mirror(folder: Path) -> bool:
    """Return True if a fetch has worked in the folder, or a public dataset was taken into it."""
    return (folder / WORK).is_dir() or bool(datasets_in(folder))


def mirror_folders(root: Path) -> list[Path]:
    """Return the days, oldest first, and the datasets of the mirror at *root*.

    Raises `SourceError` where it has none.
    """
    folders = days_in(root) + datasets_in(root)
    if not folders:
        raise SourceError(
            f"No fetched day in {str(root)!r}: fetch one with 'python -m scraper fetch', or build "
            "from a public dataset alone with 'make full'."
        )
    return folders


def mirror_line(root: Path) -> str:
    """Describe what a build reads of the mirror at *root*. Raises `SourceError` for nothing."""
    mirror_folders(root)
    days = [path.name for path in days_in(root)]
    several = f"{len(days):,} days, {days[0]} to {days[-1]}" if len(days) > 1 else "".join(days)
    datasets = [path.name for path in datasets_in(root)]
    return f"{root}: {', '.join(filter(None, [several, *datasets]))}"
