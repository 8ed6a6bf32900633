"""Decide whether `catalog.db` is what its pages and code give: `python -m scraper.inputs`.

The catalog is a function of the files in `data/` and of the code that reads them. A build of the
checkout's own catalog writes the sha256 of each of them, and of the catalog, to `catalog.sha256`,
which is committed beside it. Times of files would not do: git does not store them. Versions of
libraries do not count, because a test holds the catalog to be the same with the lowest and with
the locked ones.

Needs the standard library alone, so that `make serve` can ask without the scraper's packages.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from scraper.sources import files_below

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / "data"
CATALOG = CHECKOUT / "catalog.db"
RECORD = CHECKOUT / "catalog.sha256"

PACKAGES = ("scraper", "iam_catalog")
FIRST = "scraper.build"
"""Its imports, and theirs, are the code that decides what is in a catalog."""


def inputs() -> dict[str, str]:
    """Compute the sha256 of every file that decides what is in the catalog, by its path."""
    files = [DATA / name for name in files_below(DATA)] if DATA.is_dir() else []
    return _digests([*files, *code_files()])


def code_digest() -> str:
    """Compute one sha256, in hexadecimal, of all code that reads pages and builds catalogs."""
    return hashlib.sha256(_lines(_digests(code_files())).encode()).hexdigest()


def code_files() -> list[Path]:
    """List all of `scraper/`, and what a build imports from `iam_catalog`, however indirectly."""
    own = CHECKOUT / "scraper"
    found = [own / name for name in files_below(own) if "__pycache__" not in name]
    return sorted({*found, *_reached(FIRST)})


def write_record(noted: dict[str, str]) -> None:
    """Record that the catalog was built from *noted*, which `inputs` gave before the build."""
    RECORD.write_text(_lines(noted | _digests([CATALOG])), encoding="utf-8")


def staleness() -> str | None:
    """Say why the catalog has to be built again; None where it is what its inputs give."""
    if not CATALOG.is_file():
        return f"there is no {CATALOG.name}"
    try:
        record = _read_record()
    except (OSError, ValueError):
        return f"{RECORD.name} does not say what {CATALOG.name} was built from"
    now = inputs() | _digests([CATALOG])
    if record.get(CATALOG.name) != now[CATALOG.name]:
        return f"{CATALOG.name} is not the one in {RECORD.name}"
    changed = [path for path in sorted({*record, *now}) if record.get(path) != now.get(path)]
    if not changed:
        return None
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return f"{changed[0]}{more} changed since {CATALOG.name} was built"


def _read_record() -> dict[str, str]:
    lines = RECORD.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("  ", 1) for line in lines]
    return {path: digest for digest, path in pairs}


def _lines(digests: dict[str, str]) -> str:
    """Write digests in the form that `sha256sum --check` reads."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))


def _digests(files: list[Path]) -> dict[str, str]:
    return {
        file.relative_to(CHECKOUT).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


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
