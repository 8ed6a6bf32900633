"""Rows -> `catalog.db`: all of them or none, and the same rows give the same file."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dated_pages import collection
from examples import CHANNEL, ORDER, page_text
from sqlite_utils import Database

from iam_catalog import schema
from iam_catalog.schema.tables import WRITTEN
from scraper.errors import ScraperError
from scraper.merge.normalise import Tables, normalise
from scraper.merge.store import store_catalog

PUT_ORDER = (
    r"|   PutOrder  | Makes an order\. | Write Tagging |   [ order\* ](#o)   "
    "|   [ orders:Channel ](#c)   |   iam:PassRole   | "
)
PLACE = {"page": "exampleorders@2019-08-12", "line": 9}


def orders() -> Tables:
    """Rows for every table but `problems`."""
    types = [ORDER.replace("|  | ", "|   orders:Channel   | ")]
    text = page_text(actions=[PUT_ORDER], resource_types=types, condition_keys=[CHANNEL])
    return normalise([collection("2019-08-12", text)])


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def refusal(tables: Tables, output: Path) -> str:
    """What is said when the rows are stored."""
    with pytest.raises(ScraperError) as caught:
        store_catalog(tables, output)
    return str(caught.value)


def test_every_row_is_stored_as_it_is(output: Path) -> None:
    tables = orders()
    store_catalog(tables, output)

    plain = [table for table in WRITTEN if not table.endswith("_fts")]
    for table in plain:
        columns = [name for _, name, *_ in query(output, f"pragma table_info({table})")]
        expected = [tuple(row[name] for name in columns) for row in tables.rows.get(table, ())]
        assert sorted(query(output, f"select * from {table}"), key=str) == sorted(expected, key=str)


def test_file_says_what_it_is(output: Path) -> None:
    store_catalog(orders(), output)

    assert query(output, "pragma user_version") == [(schema.VERSION,)]
    assert query(output, "pragma application_id") == [(schema.APPLICATION_ID,)]
    assert query(output, "pragma foreign_key_check") == []
    assert query(output, "pragma integrity_check") == [("ok",)]


def test_words_of_a_name_find_it(output: Path) -> None:
    store_catalog(orders(), output)
    sql = "select action, description from actions_fts where actions_fts match 'action: put order'"

    assert query(output, sql) == [("orders:PutOrder", "Makes an order.")]


def test_sqlite_utils_searches_each_table_that_has_an_index(output: Path) -> None:
    store_catalog(orders(), output)
    database = Database(output)

    assert {table: database[table].detect_fts() for table, *_ in schema.SEARCHED} == {
        table: f"{table}_fts" for table, *_ in schema.SEARCHED
    }
    assert [row["action"] for row in database["actions"].search("put order")] == ["orders:PutOrder"]


def test_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    store_catalog(orders(), first)
    store_catalog(orders(), second)

    assert first.read_bytes() == second.read_bytes()


def test_old_catalog_is_replaced_whole(output: Path) -> None:
    store_catalog(normalise([collection("2019-08-12", page_text(prefix="boxes"))]), output)
    store_catalog(orders(), output)

    assert query(output, "select action from actions") == [("orders:PutOrder",)]


def test_stored_file_can_be_read_by_everybody(output: Path) -> None:
    store_catalog(orders(), output)

    assert output.stat().st_mode & 0o777 == 0o644


def test_nothing_but_the_catalog_is_left_behind(output: Path) -> None:
    store_catalog(orders(), output)

    assert list(output.parent.iterdir()) == [output]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (
            "action_access_levels",
            {"action": "orders:Nowhere", "access_level": "Read", "position": 1, **PLACE},
        ),
        (
            "action_access_levels",
            {"action": "orders:PutOrder", "access_level": "Peek", "position": 3, **PLACE},
        ),
        (
            "access_levels",
            {"access_level": "Read", "position": 9, "description": "again"},
        ),
        (
            "access_levels",
            {"access_level": "Peek", "position": 9, "description": None},
        ),
        (
            "problems",
            {"problem": "p", "unknown": 1},
        ),
    ],
)
def test_row_that_breaks_the_schema_leaves_the_old_file_in_place(
    output: Path, table: str, row: dict[str, Any]
) -> None:
    output.write_bytes(b"the old catalog")
    tables = orders()
    tables.add(table, **row)

    assert refusal(tables, output).startswith(f"Cannot write {str(output)!r}: ")
    assert output.read_bytes() == b"the old catalog"
    assert list(output.parent.iterdir()) == [output]


def test_empty_text_is_refused(output: Path) -> None:
    tables = orders()
    tables.rows["actions"][0]["description"] = ""

    assert refusal(tables, output).startswith(f"Cannot write {str(output)!r}: ")
    assert list(output.parent.iterdir()) == []


def test_rows_of_an_unknown_table_are_refused(output: Path) -> None:
    tables = orders()
    tables.add("acttions", action="orders:PutOrder")

    assert refusal(tables, output) == "The schema has no table for the rows of acttions."


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "nowhere" / "catalog.db"

    assert refusal(orders(), output) == (
        f"Cannot write {str(output)!r}: {os.strerror(errno.ENOENT)}."
    )


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    output = tmp_path / "file" / "catalog.db"

    said = f"Cannot write {str(output)!r}: {os.strerror(errno.ENOTDIR)}."
    assert refusal(orders(), output) == said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder_is_refused(output: Path) -> None:
    output.parent.chmod(0o500)

    said = f"Cannot write {str(output)!r}: {os.strerror(errno.EACCES)}."
    assert refusal(orders(), output) == said


def test_catalog_that_is_a_folder_is_refused_and_left_alone(output: Path) -> None:
    output.mkdir()

    assert refusal(orders(), output) == f"Cannot write {str(output)!r}: it is a folder."
    assert list(output.parent.iterdir()) == [output]
