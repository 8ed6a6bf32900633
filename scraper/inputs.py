"""Tell what the checkout's catalogs are built from, and whether that has changed.

A catalog is a function of the source files and of the code that reads them. A build of `catalog.db`
from `data/`, or of `mirror/catalog.db` from `data/` and `mirror/`, therefore notes the sha256 of
each of them, and of the catalog, in a `catalog.sha256` beside it; that of `catalog.db` is
committed. Times of files would not do: a clone has none of its own. Versions of libraries do not
count: the tests hold the catalog to be the same with the lowest and the locked ones.
`python -m scraper.inputs` says whether `catalog.db` has to be built again.

Needs the standard library alone, so that `make serve` can ask without the scraper's packages.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from scraper.mirror import MIRROR, STORED, datasets_in, days_in
from scraper.sources import ACCEPTED, files_below

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / "data"
CATALOG = CHECKOUT / "catalog.db"
FULL = MIRROR / "catalog.db"
"""The catalog that `make full` and `make update` build."""

PACKAGES = ("scraper", "iam_catalog")
FIRST = "scraper.build"
"""Its imports, and theirs, are the code that decides what is in a catalog."""


def inputs(catalog: Path = CATALOG) -> dict[str, str]:
    """Return the sha256 of every file that decides what is in *catalog*, by its path, sorted.

    *catalog* is `CATALOG` or `FULL`, each with the sources that `make` builds it from.
    """
    folders = [DATA]
    if catalog == FULL:
        folders += [*days_in(MIRROR), *datasets_in(MIRROR), MIRROR / STORED]
    files: list[Path | str] = [
        f"{folder}{os.sep}{name}" for folder in folders for name in files_below(folder)
    ]
    if catalog == FULL:
        files += [path for path in [MIRROR / ACCEPTED] if path.is_file()]
    return _digests([*files, *code_files()])


def code_digest() -> str:
    """Compute one sha256, in hexadecimal, of all code that reads pages and builds catalogs."""
    return hashlib.sha256(_lines(_digests(code_files())).encode()).hexdigest()


def code_files() -> list[Path]:
    """List all of `scraper/`, and what a build imports from `iam_catalog`, however indirectly."""
    own = CHECKOUT / "scraper"
    found = [own / name for name in files_below(own) if "__pycache__" not in name]
    return sorted({*found, *_reached(FIRST)})


def _record_of(catalog: Path) -> Path:
    """Return the file that says what *catalog* was built from."""
    return catalog.with_suffix(".sha256")


def write_record(noted: dict[str, str], catalog: Path = CATALOG) -> None:
    """Note that *catalog* was built from *noted*, which `inputs` gave before the build."""
    _record_of(catalog).write_text(_lines(noted | _digests([catalog])), encoding="utf-8")


def staleness(catalog: Path = CATALOG) -> str | None:
    """Say why *catalog* has to be built again; None where it is what its inputs give."""
    name = catalog.relative_to(CHECKOUT).as_posix()
    record_name = _record_of(catalog).relative_to(CHECKOUT).as_posix()
    if not catalog.is_file():
        return f"there is no {name}"
    try:
        record = _read_record(_record_of(catalog))
    except (OSError, ValueError):
        return f"{record_name} does not say what {name} was built from"
    now = inputs(catalog) | _digests([catalog])
    if record.get(name) != now[name]:
        return f"{name} is not the one in {record_name}"
    changed = [path for path in sorted({*record, *now}) if record.get(path) != now.get(path)]
    if not changed:
        return None
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return f"{changed[0]}{more} changed since {name} was built"


def _read_record(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("  ", 1) for line in lines]
    return {path: digest for digest, path in pairs}


def _lines(digests: dict[str, str]) -> str:
    """Write digests in the form that `sha256sum --check` reads."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))


def _digests(files: Iterable[Path | str]) -> dict[str, str]:
    """Return the sha256 of each file; one that has several names is read once."""
    known: dict[tuple[int, int, int], str] = {}
    digests = {}
    above = f"{CHECKOUT.as_posix()}/"
    for file in map(str, files):
        # A year of days has 160,000 names, for which a `Path` each takes most of the time.
        about = os.stat(file)  # noqa: PTH116
        place = about.st_dev, about.st_ino, about.st_mtime_ns
        if place not in known or about.st_nlink == 1:
            known[place] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        digests[file.replace(os.sep, "/").removeprefix(above)] = known[place]
    return digests


def _reached(module: str) -> set[Path]:
    """Collect the file of a module, and of every module of this checkout that it leads to."""
    waiting = [_file_of(module)]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file and file not in found:
            found.add(file)
            waiting += [_file_of(each) for each in _imports(file)]
    return found


def _imports(file: Path) -> Iterator[str]:
    """Find the modules that a file imports, at the top or late, by their full names."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in names if _file_of(name)}
            yield from modules
            # The __init__ of iam_catalog offers everything there is: it counts where a name is
            # taken out of it, and not where it only runs because a module of it is imported.
            if modules != names or node.module not in PACKAGES:
                yield node.module


def _file_of(module: str) -> Path | None:
    """Find the file of a module of this checkout; None for any other name."""
    if module.partition(".")[0] not in PACKAGES:
        return None
    path = CHECKOUT.joinpath(*module.split("."))
    places = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((place for place in places if place.is_file()), None)


def main() -> None:
    """Say why the catalog has to be built again, and exit with 1; with 0 where it has not."""
    if reason := staleness():
        print(f"Building {CATALOG.name}: {reason}.", file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
