"""A rebuild with another version of SQLite leaves the catalog of the same content alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from examples import page_text

from scraper.build import build_catalog, read_pages
from scraper.merge.store import SQLITE_VERSION

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture
def other_version(tmp_path: Path) -> Path:
    """A catalog that names another version of SQLite as its writer."""
    output = tmp_path / "catalog.db"
    build_catalog(read_pages([DATA]), output)
    content = bytearray(output.read_bytes())
    content[SQLITE_VERSION] = (3_000_000).to_bytes(4, "big")
    output.write_bytes(content)
    return output


def test_same_content_of_another_sqlite_is_left_alone(other_version: Path) -> None:
    before = other_version.read_bytes()

    build_catalog(read_pages([DATA]), other_version)

    assert other_version.read_bytes() == before


def test_other_content_of_another_sqlite_is_replaced(other_version: Path) -> None:
    page = other_version.parent / "list_orders.md"
    page.write_text(page_text(), encoding="utf-8")

    build_catalog(read_pages([DATA, page]), other_version)

    assert other_version.read_bytes()[SQLITE_VERSION] != (3_000_000).to_bytes(4, "big")


def test_damaged_catalog_of_another_sqlite_is_replaced(other_version: Path) -> None:
    other_version.write_bytes(other_version.read_bytes()[:5000])

    build_catalog(read_pages([DATA]), other_version)

    assert other_version.stat().st_size > 5000


def test_other_views_of_another_sqlite_are_replaced(other_version: Path) -> None:
    connection = sqlite3.connect(other_version)
    connection.execute("drop view service_counts")
    connection.commit()
    connection.close()
    content = bytearray(other_version.read_bytes())
    content[SQLITE_VERSION] = (3_000_000).to_bytes(4, "big")
    other_version.write_bytes(content)

    build_catalog(read_pages([DATA]), other_version)

    assert other_version.read_bytes()[SQLITE_VERSION] != (3_000_000).to_bytes(4, "big")
