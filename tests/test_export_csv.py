"""Exports as CSV: every value of every table, exactly."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_catalogs import dated, export, rows_of, typed
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.export.csv_files import cell, line
from iam_catalog.export.tables import exported_tables

TABLES = exported_tables()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return dated(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def folder(path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "csv"
    export(path, folder, "csv")
    return folder


def read(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))


def test_a_table_is_a_header_and_a_line_for_each_row(folder: Path) -> None:
    assert (folder / "dependent_actions.csv").read_bytes().decode() == (
        "reference,action,dependent_action,position,needed,action_row,resource_type_name,place,page,line,"
        "first_seen,last_seen,valid_from\n"
        "orders@2019-08-12#10.1.1,orders:PutOrder,iam:PassRole,1,true,orders@2019-08-12#10.1,order,,orders@2019-08-12,10,"
        "2019-08-12,2019-08-12,2019-08-12\n"
        "orders@2019-08-12#10.1.2,orders:PutOrder,orders:GetOrder,2,true,orders@2019-08-12#10.1,order,,orders@2019-08-12,10,"
        "2019-08-12,2019-08-12,2019-08-12\n"
    )


def test_quotes_are_doubled_and_booleans_are_words(folder: Path) -> None:
    assert (folder / "removed_actions.csv").read_bytes().decode() == (
        "action,access_level,description,first_seen,last_seen,removed,removed_by,page,line,place\n"
        "depot:Store,Read,Does it.,2019-08-12,2019-08-12,2026-02-04,,depot@2019-08-12,9,\n"
        'orders:GetOrder,Read,"Reads ""it"", all of it.",2019-08-12,2019-08-12,2026-02-04,,'
        "orders@2019-08-12,9,\n"
    )
    assert {row[6] for row in read(folder / "action_rows.csv")} == {"required", "true", ""}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_value_of_a_table_comes_back(table, path: str, folder: Path) -> None:
    header, *rows = read(folder / f"{table.name}.csv")

    assert header == [column.name for column in table.columns]
    assert [typed(table.name, row) for row in rows] == rows_of(path, table.name)


def test_the_tables_of_the_tests_are_not_empty(path: str) -> None:
    empty = {table.name for table in TABLES if not rows_of(path, table.name)}

    assert empty == {"datasets", "problems", "disagreements"}


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "\tx", " x "])
def test_a_text_that_a_spreadsheet_takes_for_a_formula_stays_as_it_is(text: str) -> None:
    assert line([cell(text), cell(None)]) == f"{text},"


def test_an_empty_text_is_told_from_an_absent_one() -> None:
    assert line([cell(""), cell(None)]) == '"",'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
def test_any_text_comes_back(texts: list[str]) -> None:
    written = io.StringIO(line(map(cell, texts)) + "\n", newline="")

    assert list(csv.reader(written)) == [texts]


@pytest.fixture
def duck() -> Iterator[object]:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    with duckdb.connect() as connection:
        yield connection


def test_other_programs_tell_the_types(folder: Path, duck) -> None:
    found = duck.execute(f"describe select * from read_csv('{folder}/action_rows.csv')")

    assert [(name, kind) for name, kind, *_ in found.fetchall()][5:] == [
        ("resource_type_name", "VARCHAR"),
        ("required", "BOOLEAN"),
        ("page", "VARCHAR"),
        ("line", "BIGINT"),
        ("first_seen", "DATE"),
        ("last_seen", "DATE"),
        ("valid_from", "DATE"),
    ]
