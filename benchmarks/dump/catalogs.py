"""The catalogs that a dump asks: the checkout's own, and some that are built of real pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or CHECKOUT.parent / "shared" / "corpora")
"""Real pages: a folder for each format, with a folder for each date."""
DAMAGED = ("2018-06-08",)
"""Dates whose pages lost most of their names, so that a build refuses them."""


@dataclass(frozen=True)
class Source:
    """A catalog, and what it is built of."""

    name: str
    folders: tuple[Path, ...] = ()
    """None for the checkout's own, which is there."""
    options: tuple[str, ...] = ()


def sources(with_corpora: bool) -> Iterator[Source]:
    """Yield the catalogs of a dump."""
    yield Source("shipped")
    if not with_corpora:
        return
    html, markdown, recent = (
        sorted(each for each in CORPORA.glob(f"{pattern}/*") if each.name not in DAMAGED)
        for pattern in ("html", "markdown-2017-2020", "markdown-2026")
    )
    json = sorted(CORPORA.glob("json/*"))
    if html:
        yield Source(f"html-{html[-1].name}", (html[-1],))
        yield Source("html-and-markdown-2026", (html[-1], *recent[:1]))
    if json:
        yield Source(f"json-{json[-1].name}", (json[-1],))
    yield Source("all-dates", (*markdown, *html, *json), ("--complete",))


def build(source: Source, folder: Path) -> dict[str, object]:
    """Put the catalog into *folder* as `catalog.db`; return what the build prints, as an answer."""
    folder.mkdir(parents=True)
    target = folder / "catalog.db"
    if not source.folders:
        shutil.copy(CHECKOUT / "catalog.db", target)
        return {"exit": 0, "printed": "", "talk": ""}
    line = [sys.executable, "-m", "scraper", "build", "--output", str(target), *source.options]
    for each in source.folders:
        line += ["--data", str(each)]
    done = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return {"exit": done.returncode, "printed": done.stdout, "talk": done.stderr}
