"""Catalogs built of texts and folders through the command line, as everybody builds them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from click.testing import CliRunner

from scraper.cli import cli

DEFAULT = Path(__file__).parents[3] / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)
REAL_PAGES = CORPORA / "html" / "2025-07-01"


def build(data: Iterable[Path], output: Path, *options: str) -> str:
    """Build a catalog of folders; return its path."""
    line = ["build", *[word for each in data for word in ("--data", str(each))]]
    result = CliRunner().invoke(cli, [*line, "--output", str(output), *options])
    assert result.exit_code == 0, result.output
    return str(output)


def write_pages(folder: Path, pages: dict[str, str]) -> Path:
    """Write texts by their file names into *folder*, and return it."""
    for name, text in pages.items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    return folder
