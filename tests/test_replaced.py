"""The file that a build is to replace: a catalog, a damaged one, or somebody else's."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from examples import page_text, write_sources

from iam_catalog.schema import VERSION
from scraper.build import Built, build_catalog, read_pages
from scraper.errors import BuildRefused, ScraperError


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out" / "catalog.db"


def build(output: Path) -> Built:
    """A catalog of one page."""
    data = output.parent.parent / "data"
    if not data.exists():
        write_sources(data, {"service-authorization/list_orders.md": page_text()})
    output.parent.mkdir(exist_ok=True)
    return build_catalog(read_pages([data]), output)


def names(output: Path) -> list[str]:
    return sorted(path.name for path in output.parent.iterdir())


FILES = ["catalog.changes.json", "catalog.changes.md", "catalog.db"]


def test_missing_file_is_a_first_catalog(output: Path) -> None:
    report = build(output).report

    assert (report.outcome, report.old, report.note) == ("first", None, None)
    assert names(output) == FILES


def test_empty_file_is_a_first_catalog(output: Path) -> None:
    output.parent.mkdir()
    output.touch()

    assert build(output).report.outcome == "first"
    assert names(output) == FILES


def test_file_that_is_no_database_and_is_not_named_like_one_is_refused(output: Path) -> None:
    output.parent.mkdir()
    notes = output.with_name("README.md")
    notes.write_bytes(b"my notes")

    with pytest.raises(ScraperError) as caught:
        build(notes)
    assert str(caught.value) == (
        f"Cannot write {str(notes)!r}: it is not a database. Name another file with --output, or"
        " move that one away."
    )
    assert notes.read_bytes() == b"my notes"
    assert names(output) == ["README.md"]


def test_file_that_is_no_database_is_put_aside(output: Path) -> None:
    output.parent.mkdir()
    output.write_bytes(b"my notes")

    assert build(output).report.note == "not a database, and is now catalog.db.replaced"
    assert output.with_name("catalog.db.replaced").read_bytes() == b"my notes"
    assert names(output) == [*FILES, "catalog.db.replaced"]


def test_file_that_is_no_database_stays_where_the_build_is_refused(output: Path) -> None:
    data = output.parent.parent / "data"
    for date, text in (("2019-08-12", page_text()), ("2020-06-12", page_text(actions=()))):
        (data / date).mkdir(parents=True)
        (data / date / "list_orders.md").write_text(text)
    sha256 = hashlib.sha256(page_text(actions=()).encode()).hexdigest()
    fetched = {"files": [{"path": "list_orders.md", "sha256": sha256}], "listed": {}}
    (data / "2020-06-12" / "manifest.json").write_text(json.dumps({**fetched, "failures": []}))
    (data / ".fetch").mkdir()
    output.parent.mkdir()
    output.write_bytes(b"my notes")

    with pytest.raises(BuildRefused):
        build(output)
    assert output.read_bytes() == b"my notes"
    assert "The replaced file was not a database.\n" in (
        output.with_name("catalog.refused.md").read_text()
    )


def test_file_that_was_put_aside_before_is_not_lost_either(output: Path) -> None:
    for text in (b"my notes", b"more notes"):
        output.parent.mkdir(exist_ok=True)
        output.write_bytes(text)
        build(output)

    assert output.with_name("catalog.db.replaced").read_bytes() == b"my notes"
    assert output.with_name("catalog.db.replaced-2").read_bytes() == b"more notes"


def test_database_of_another_program_is_refused(output: Path) -> None:
    output.parent.mkdir()
    with closing(sqlite3.connect(output)) as connection:
        connection.execute("create table photos (name text)")
    before = output.read_bytes()

    with pytest.raises(ScraperError) as caught:
        build(output)
    assert str(caught.value) == (
        f"Cannot write {str(output)!r}: it is an SQLite database of another program. Name another "
        "file with --output, or move that one away."
    )
    assert output.read_bytes() == before
    assert names(output) == ["catalog.db"]


@pytest.mark.parametrize("kept", [5000, 100, 60_000])
def test_damaged_catalog_is_built_again(output: Path, kept: int) -> None:
    build(output)
    whole = output.read_bytes()
    output.write_bytes(whole[:kept])

    report = build(output).report
    assert report.outcome == "first"
    assert (report.note or "").startswith("damaged: ")
    assert output.read_bytes() == whole
    assert names(output) == FILES


def test_catalog_with_a_page_of_rubbish_is_built_again(output: Path) -> None:
    build(output)
    whole = output.read_bytes()
    output.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])

    assert (build(output).report.note or "").startswith("damaged: ")
    assert output.read_bytes() == whole


def test_catalog_of_another_version_is_compared_in_numbers(output: Path) -> None:
    build(output)
    with closing(sqlite3.connect(output)) as connection:
        connection.execute("pragma user_version = 1")

    report = build(output).report
    assert (report.outcome, report.changes) == ("changed", None)
    assert report.note == (
        f"of schema version 1, where this is {VERSION}: the guards compare what both have, and not"
        " changes fact by fact"
    )
    assert report.old
    assert report.old.total("actions") == 1


OTHER_SCHEMAS = {
    "a column less": ("alter table actions drop column details_line", []),
    "a column more": ("alter table pages add column language text", []),
    "a column of another name": (
        "alter table dependent_actions rename column dependent_action to needs",
        ["dependent actions", "sentinels (dependent action)"],
    ),
    "a table of another name": (
        "alter table operation_actions rename to actions_of_operations",
        ["actions of operations", "sentinels (operation)"],
    ),
    "no pages": ("alter table pages rename to sources", ["pages", "dates of pages"]),
    "a view more": ("create view everything as select * from actions", []),
}


@pytest.mark.parametrize("version", [VERSION - 1, VERSION, VERSION + 1])
@pytest.mark.parametrize("change", OTHER_SCHEMAS)
def test_catalog_of_another_schema_is_replaced_and_what_is_not_compared_is_said_once(
    output: Path, change: str, version: int
) -> None:
    build(output)
    sql, left_out = OTHER_SCHEMAS[change]
    with closing(sqlite3.connect(output)) as connection:
        connection.executescript(f"pragma legacy_alter_table = on; {sql}")
        connection.execute(f"pragma user_version = {version}")

    report = build(output).report
    named = f"of schema version {version}, where this is {VERSION}"
    if version == VERSION:
        named = f"of another schema than this one, which has the same version {VERSION}"
    assert (report.outcome, report.changes) == ("changed", None)
    assert report.note == (
        f"{named}: the guards compare what both have, and not "
        + ", ".join(["changes fact by fact", *left_out])
    )


def test_folder_is_refused_before_anything_is_read(output: Path) -> None:
    output.mkdir(parents=True)

    with pytest.raises(ScraperError) as caught:
        build(output)
    assert str(caught.value) == f"Cannot write {str(output)!r}: it is a folder."
    assert list(output.iterdir()) == []


def test_link_to_a_catalog_stays_a_link(output: Path) -> None:
    real = output.parent / "real.db"
    output.parent.mkdir()
    output.symlink_to(real)
    build(output)

    assert output.is_symlink()
    assert names(output) == ["catalog.db", "real.changes.json", "real.changes.md", "real.db"]
