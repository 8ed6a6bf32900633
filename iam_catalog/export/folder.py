"""Puts an export into place: whole or not at all, and over nothing but an earlier one.

The files are written into a folder beside the target, which then takes its name. What stands at
the target is replaced only where every file of it belongs to an earlier export of the same kind.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iam_catalog.errors import CatalogError

PACKAGE = "datapackage.json"
OURS = "iam_catalog"
"""What an export says of itself in its `datapackage.json`; it tells one from other folders."""
JSON_SCHEMA = "json_schema"
"""The file with the JSON Schema of an export as JSON: it describes data, and is none."""
SUMS = "files.sha256"
"""Lists the files of an export that has too many for its package, as `sha256sum` prints it."""


@contextmanager
def new_folder(target: str, kind: str) -> Iterator[Path]:
    """An empty folder to write into, which becomes *target* in the end; nothing stays of a failure.

    Raises `CatalogError` where something stands there that may not be replaced, or can not be
    written.
    """
    place = Path(os.path.realpath(target))
    try:
        refuse_to_replace(place, target, kind)
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise not_written(target, error) from error
    try:
        written = beside / "export"
        written.mkdir()  # unlike mkdtemp, with the rights that new folders have here
        yield written
        refuse_to_replace(place, target, kind)
        put_into_place(written, place, beside / "replaced")
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def put_into_place(written: Path, place: Path, replaced: Path) -> None:
    """Rename *written* to *place*; what stands there goes to *replaced*, or stays on a failure."""
    if not place.exists():
        written.rename(place)
        return
    place.rename(replaced)
    try:
        written.rename(place)
    except OSError:
        replaced.rename(place)
        raise


def refuse_to_replace(place: Path, target: str, kind: str) -> None:
    """Raise `CatalogError` unless *place* is free, an empty folder, or an earlier export."""
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise CatalogError(
            f"{target!r} is no folder: name one to export into, for example 'exported'."
        )
    if place in (Path.cwd(), *Path.cwd().parents):
        raise CatalogError(
            f"{target!r} is the folder that this runs in, which can not be replaced by an export: "
            "name another folder, for example 'exported'."
        )
    found = files_in(place)
    if not found:
        return
    package = read_package(place)
    if package is None:
        raise CatalogError(
            f"{target!r} has files, and is no earlier export: name a folder that is not there yet, "
            "or an empty one."
        )
    if package[OURS].get("export") != kind:
        raise CatalogError(
            f"{target!r} has an earlier export as {package[OURS].get('export')}, not as {kind}: "
            "name another folder, or delete it."
        )
    others = sorted(found - files_of(package) - files_summed(place))
    if others:
        raise CatalogError(
            f"{target!r} has {others[0]!r}, which no export has written there and which would be "
            "lost: name another folder, or move that away."
        )


def files_in(folder: Path) -> set[str]:
    """Every file below *folder*, and every folder that is empty, by its path from there."""
    found = set()
    for path, folders, files in os.walk(folder, onerror=raise_it):
        here = Path(path)
        links = [name for name in folders if (here / name).is_symlink()]
        found |= {(here / name).relative_to(folder).as_posix() for name in [*files, *links]}
        if not folders and not files and here != folder:
            found.add(here.relative_to(folder).as_posix())
    return found


def raise_it(error: OSError) -> None:
    raise error


def read_package(folder: Path) -> Any:
    """What the export in *folder* says of itself; None where none is there."""
    try:
        package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        return package if isinstance(package[OURS]["export"], str) else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def files_of(package: Any) -> set[str]:
    """The files that a package lists, and those that describe them."""
    resources = package.get("resources")
    listed = resources if isinstance(resources, list) else []
    paths = [each.get("path") for each in listed if isinstance(each, dict)]
    paths += [PACKAGE, package[OURS].get(JSON_SCHEMA)]
    return {path for path in paths if isinstance(path, str)}


def files_summed(folder: Path) -> set[str]:
    """The files that `SUMS` lists; none where it is not there, or can not be read."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    return {line.partition("  ")[2] for line in lines}


def not_written(target: str, error: OSError) -> CatalogError:
    return CatalogError(
        f"Can not export to {target!r}: {error.strerror or error}. Name a folder that can be "
        "written, with room for the files."
    )
