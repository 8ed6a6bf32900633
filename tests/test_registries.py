"""Formats, datasets and guards are one file each, and registered in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from scraper.datasets.base import DatasetFormat
from scraper.datasets.registry import DATASETS
from scraper.formats.base import Format
from scraper.formats.registry import FORMATS
from scraper.guards.base import Watch
from scraper.guards.registry import GUARDS, WATCHES

CHECKOUT = Path(__file__).parent.parent
WORDS = {"html", "json"}
"""Names of formats that are words of other things too."""


def plug_ins(folder: str, kind: type) -> Iterator[object]:
    """Everything of a kind that the files of a folder offer."""
    for path in sorted((CHECKOUT / "scraper" / folder).glob("*.py")):
        if path.stem != "registry":
            values = vars(import_module(f"scraper.{folder}.{path.stem}")).values()
            yield from (each for each in values if isinstance(each, kind))


@pytest.mark.parametrize(
    ("folder", "kind", "registered"),
    [
        ("formats", Format, FORMATS),
        ("datasets", DatasetFormat, tuple(DATASETS.values())),
        ("guards", Watch, WATCHES),
    ],
)
def test_every_plug_in_is_registered_once(
    folder: str, kind: type, registered: tuple[object, ...]
) -> None:
    found = {id(each) for each in plug_ins(folder, kind)}

    assert {id(each) for each in registered} == found
    assert len(registered) == len(found)


def test_names_are_unique() -> None:
    names = [each.name for each in FORMATS] + list(DATASETS)
    guards = [guard.name for watch in WATCHES for guard in watch.guards]

    assert len(set(names)) == len(names)
    assert list(GUARDS) == guards


def texts_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_other_code_knows_the_name_of_a_format_or_dataset() -> None:
    names = {*(each.name for each in FORMATS), *DATASETS} - WORDS
    own = {CHECKOUT / "scraper" / each for each in ("formats", "datasets")}
    files = [
        path
        for package in ("scraper", "iam_catalog")
        for path in (CHECKOUT / package).rglob("*.py")
        if path.parent not in own
    ]

    assert {path.name for path in files for text in texts_of(path) if text in names} == set()
