"""Exports as Parquet, read back by pyarrow and by DuckDB."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export_catalogs import dated, export, rows_of, with_dates
from small_catalog import build_small_catalog

from iam_catalog import Catalog
from iam_catalog.export.package import table_schema
from iam_catalog.export.tables import column_text, exported_table, exported_tables, table_text

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow, the extra parquet, is not installed")
TABLES = exported_tables()
CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return dated(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def folder(path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "parquet"
    export(path, folder, "parquet")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A catalog with repeated and circular dependent actions, and its export."""
    folder = tmp_path_factory.mktemp("small")
    path = build_small_catalog(folder)
    export(path, folder / "parquet", "parquet")
    return path, folder / "parquet"


@pytest.fixture
def duck() -> Iterator[Any]:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_value_of_a_table_comes_back(table, path: str, folder: Path) -> None:
    read = pq.read_table(folder / f"{table.name}.parquet")

    assert read.column_names == [column.name for column in table.columns]
    assert [tuple(row.values()) for row in read.to_pylist()] == [
        with_dates(table.name, row) for row in rows_of(path, table.name)
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_duckdb_reads_every_value_of_a_table(table, path: str, folder: Path, duck) -> None:
    read = duck.execute(f"select * from '{folder}/{table.name}.parquet'")

    assert read.fetchall() == [with_dates(table.name, row) for row in rows_of(path, table.name)]


def test_columns_have_types_and_say_where_they_are_never_absent(folder: Path) -> None:
    schema = pq.read_schema(folder / "action_rows.parquet")

    assert [(field.name, str(field.type), field.nullable) for field in schema] == [
        ("action_row", "string", False),
        ("action", "string", False),
        ("position", "int64", False),
        ("scenario", "string", True),
        ("resource_type", "string", True),
        ("resource_type_name", "string", True),
        ("required", "bool", True),
        ("page", "string", False),
        ("line", "int64", True),
        ("first_seen", "date32[day]", True),
        ("last_seen", "date32[day]", True),
        ("valid_from", "date32[day]", True),
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_file_describes_its_table_and_columns(table, folder: Path) -> None:
    schema = pq.read_schema(folder / f"{table.name}.parquet")

    assert {field.name: field.metadata[b"description"].decode() for field in schema} == {
        column.name: column_text(column) for column in table.columns
    }
    assert schema.metadata[b"description"].decode() == table_text(table)
    assert schema.metadata[b"iam_catalog.schema_version"] == b"2"
    assert json.loads(schema.metadata[b"table_schema"]) == table_schema(table)


def test_duckdb_answers_what_an_action_needs_and_where_that_stands(small, duck) -> None:
    path, folder = small
    found = duck.execute(
        "select dependent_action, actions.access_level, pages.title, dependent.line,"
        f" dependent.last_seen from '{folder}/dependent_actions.parquet' as dependent"
        f" join '{folder}/pages.parquet' as pages using (page)"
        f" left join '{folder}/actions.parquet' as actions"
        " on lower(actions.action) = lower(dependent_action)"
        " where dependent.action = 'store:CreateShelf' order by dependent.position"
    ).fetchall()

    with Catalog(path) as catalog:
        action = catalog.action("store:CreateShelf")
        names = [each.dependent_action for each in action.dependents]
        levels = {each.action.lower(): each.access_level for each in catalog.actions()}
    assert [row[0] for row in found] == names
    assert [row[1] for row in found] == [levels.get(name.lower()) for name in names]
    assert [(row[2], row[3], str(row[4])) for row in found] == [
        (action.source.title, each.line, each.last_seen) for each in action.dependents
    ]
    assert names == [
        "iam:PassRole",
        "store:ListShelves",
        "store:listshelves",
        "iam:CreateServiceLinkedRole",
    ]


def test_the_schema_of_a_file_can_be_asked_in_duckdb(folder: Path, duck) -> None:
    ((value,),) = duck.execute(
        f"select decode(value) from parquet_kv_metadata('{folder}/actions.parquet')"
        " where decode(key) = 'table_schema'"
    ).fetchall()

    assert json.loads(value) == table_schema(exported_table("actions"))


def test_the_questions_of_the_documentation_are_answered(tmp_path: Path, duck) -> None:
    export(str(CHECKOUT / "catalog.db"), tmp_path / "exported-parquet", "parquet")
    text = (CHECKOUT / "docs" / "exports.md").read_text(encoding="utf-8")
    questions = re.findall(r"^```sql\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)

    needs, meaning = [
        duck.execute(
            question.replace("'exported-parquet/", f"'{tmp_path}/exported-parquet/")
        ).fetchall()
        for question in questions
    ]

    with Catalog(CHECKOUT / "catalog.db") as catalog:
        action = catalog.action("connect:DescribeInstance")
    assert [(row[0], str(row[2]), *row[3:]) for row in needs] == [
        (each.dependent_action, each.last_seen, each.page, "CC BY-SA 4.0")
        for each in action.dependents
    ]
    assert json.loads(meaning[0][0]) == table_schema(exported_table("actions"))


def test_a_table_can_be_written_in_several_parts(
    path: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iam_catalog.export.parquet_files.ROW_GROUP", 2)

    export(path, tmp_path / "parts", "parquet")

    parts = pq.ParquetFile(tmp_path / "parts" / "changes.parquet")
    assert parts.metadata.num_row_groups > 1
    assert parts.read().to_pylist() == pq.read_table(folder / "changes.parquet").to_pylist()
