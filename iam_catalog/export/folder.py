"""Put an export into place: whole or not at all, and over nothing but an earlier one.

The files are written into a folder beside the target, which then takes its name. A
folder that is there is replaced only if all its files belong to an earlier export of the same kind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iam_catalog.errors import CatalogError
from iam_catalog.files import new_folder as folder_beside
from iam_catalog.files import put_folder

PACKAGE = "datapackage.json"
OURS = "iam_catalog"
"""Key of what an export says of itself in its `datapackage.json`: marks a folder as an export."""
JSON_SCHEMA = "json_schema"
"""Name of the file with the JSON Schema of an export as JSON, which is not data itself."""
SUMS = "files.sha256"
"""Lists the files of an export that has too many for its package, as `sha256sum` prints it."""


@contextmanager
def new_folder(target: str, kind: str) -> Iterator[Path]:
    """Make an empty folder to write into, which becomes *target* in the end, or is removed.

    Raises `CatalogError` if *target* may not be replaced, or cannot be written.
    """
    place = Path(os.path.realpath(target))
    try:
        _refuse_to_replace(place, target, kind)
        with folder_beside(place) as written:
            yield written
            _refuse_to_replace(place, target, kind)
            put_folder(written, place)
    except OSError as error:
        raise _not_written(target, error) from error


def _refuse_to_replace(place: Path, target: str, kind: str) -> None:
    """Raise `CatalogError` unless *place* is free, an empty folder, or an earlier export."""
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise CatalogError(
            f"{target!r} is not a folder: name one to export into, for example 'exported'."
        )
    if place in (Path.cwd(), *Path.cwd().parents):
        raise CatalogError(
            f"{target!r} is the folder that this runs in, which cannot be replaced by an export: "
            "name another folder, for example 'exported'."
        )
    found = _files_in(place)
    if not found:
        return
    package = _read_package(place)
    if package is None:
        raise CatalogError(
            f"{target!r} has files, and is not an earlier export: name a folder that is not there "
            "yet, or an empty one."
        )
    if package[OURS].get("export") != kind:
        raise CatalogError(
            f"{target!r} has an earlier export as {package[OURS].get('export')}, not as {kind}: "
            "name another folder, or delete it."
        )
    others = sorted(found - files_of(package) - _files_summed(place))
    if others:
        raise CatalogError(
            f"{target!r} has {others[0]!r}, which no export has written there and which would be "
            "lost: name another folder, or move that away."
        )


def _files_in(folder: Path) -> set[str]:
    """Return every file below *folder*, and every folder that is empty, by its path from there."""
    found = set()
    for path, folders, files in os.walk(folder, onerror=_raise_it):
        here = Path(path)
        links = [name for name in folders if (here / name).is_symlink()]
        found |= {(here / name).relative_to(folder).as_posix() for name in [*files, *links]}
        if not folders and not files and here != folder:
            found.add(here.relative_to(folder).as_posix())
    return found


def _raise_it(error: OSError) -> None:
    raise error


def _read_package(folder: Path) -> Any:
    """Return what the export in *folder* says of itself; `None` where there is none."""
    try:
        package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        return package if isinstance(package[OURS]["export"], str) else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def files_of(package: Any) -> set[str]:
    """Return the files that a package lists, and those that describe them."""
    resources = package.get("resources")
    listed = resources if isinstance(resources, list) else []
    paths = [each.get("path") for each in listed if isinstance(each, dict)]
    paths += [PACKAGE, package[OURS].get(JSON_SCHEMA)]
    return {path for path in paths if isinstance(path, str)}


def _files_summed(folder: Path) -> set[str]:
    """Return the files that `SUMS` lists; none where it is missing or cannot be read."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    return {line.partition("  ")[2] for line in lines}


def _not_written(target: str, error: OSError) -> CatalogError:
    return CatalogError(
        f"Cannot export to {target!r}: {error.strerror or error}. Name a folder that can be "
        "written, with room for the files."
    )
