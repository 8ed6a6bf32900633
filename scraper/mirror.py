"""Find the folders of a mirror that have sources: the fetched days, and the public datasets.

    mirror/2026-11-22/               a day, as `scraper.fetch.run` left it
           datasets/NAME-VERSION/    a public dataset, with a manifest of its own
           stored/2026-01-01.json.gz the manifest of a day that was pruned
           stored/texts/             its files, each text once, compressed, by sha256
           .fetch/  catalog.db  …    the work of a fetch, what was built from all of it, reports

Whatever else lies there is no source.
"""

from __future__ import annotations

import datetime
import re
import zlib
from pathlib import Path

from scraper.errors import SourceError

MIRROR = Path(__file__).resolve().parent.parent / "mirror"
"""The one of the checkout, which git ignores."""
WORK = ".fetch"
"""Begins with a dot: the reader of source folders passes it over."""
DATASETS = "datasets"
STORED = "stored"
_MANIFEST = ".json.gz"
_GZIP = 31
"""Window bits of zlib for the format of gzip (zlib manual, inflateInit2)."""
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
    return (folder / WORK).is_dir() or bool(datasets_in(folder)) or (folder / STORED).is_dir()


def stored_days(root: Path) -> list[Path]:
    """Return the manifests of the pruned days of a mirror, oldest first.

    A day that has a folder is read from that, until its pruning has come to its end.
    """
    found = (root / STORED).glob(f"*{_MANIFEST}")
    dates = {path: path.name.removesuffix(_MANIFEST) for path in found}
    return sorted(path for path, date in dates.items() if not (root / date).is_dir())


def date_of_stored(path: Path) -> str:
    """Return the date of a pruned day by the path of its manifest."""
    return path.name.removesuffix(_MANIFEST)


def stored_manifest(root: Path, date: str) -> Path:
    """Return where the manifest of a pruned day is, or would be."""
    return root / STORED / f"{date}{_MANIFEST}"


def stored_text(root: Path, sha256: str) -> Path:
    """Return where a text of pruned days is, or would be."""
    return root / STORED / "texts" / sha256[:2] / f"{sha256}.gz"


def read_compressed(path: Path) -> bytes:
    """Read a file that `compressed` made. Raises `OSError` or `zlib.error`."""
    return zlib.decompress(path.read_bytes(), _GZIP)


def compressed(content: bytes) -> bytes:
    """Compress *content* as gzip does, without a time: the same bytes every time."""
    packer = zlib.compressobj(wbits=_GZIP)
    return packer.compress(content) + packer.flush()


def has_sources(root: Path) -> bool:
    """Return True if the mirror at *root* has a day or a dataset: a failed fetch leaves neither."""
    return bool(days_in(root) or datasets_in(root) or stored_days(root))


def mirror_folders(root: Path) -> list[Path]:
    """Return the days, oldest first, and the datasets of the mirror at *root*.

    Without the days that were pruned, which are no folders: see `stored_days`. Raises `SourceError`
    where it has nothing at all.
    """
    if not has_sources(root):
        raise SourceError(
            f"No fetched day in {str(root)!r}: fetch one with 'python -m scraper fetch', or build "
            "from a public dataset alone with 'make full'."
        )
    return days_in(root) + datasets_in(root)


def mirror_line(root: Path) -> str:
    """Describe what a build reads of the mirror at *root*. Raises `SourceError` for nothing."""
    mirror_folders(root)
    stored = map(date_of_stored, stored_days(root))
    days = sorted([*(path.name for path in days_in(root)), *stored])
    several = f"{len(days):,} days, {days[0]} to {days[-1]}" if len(days) > 1 else "".join(days)
    datasets = [path.name for path in datasets_in(root)]
    return f"{root}: {', '.join(filter(None, [several, *datasets]))}"
