"""The declared schema: it agrees with itself, with SQLite, and with what is written from it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from iam_catalog import schema
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.schema import documents, tables
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING, Column, Table, View
from iam_catalog.schema.tables import column_sql
from scraper.page.model import PLACES

CHECKOUT = Path(__file__).parent.parent
PAGE = CHECKOUT / "docs" / "schema.md"
METADATA = CHECKOUT / "metadata.json"
COLUMNS = [(table, column) for table in tables.EVERYTHING for column in table.columns]


@pytest.fixture
def empty() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.DDL)
        yield connection


def test_a_changed_schema_has_a_new_version() -> None:
    """The version is how a reader knows that it cannot read a catalog, and how a build knows that
    it cannot compare one."""
    found = sha256(schema.DDL.encode()).hexdigest()[:16]

    assert found == schema.DIGEST, (
        f"The DDL changed: in iam_catalog/schema/__init__.py raise VERSION (now {schema.VERSION}),"
        f" set DIGEST to {found!r}, and run 'python -m scraper build'."
    )


# --- the declaration agrees with itself


def test_every_name_is_declared_once() -> None:
    names = [each.name for each in (*tables.EVERYTHING, *tables.FULL_TEXTS, *tables.INDEXES)]

    assert sorted(names) == sorted(set(names))


def test_every_column_of_a_table_has_a_name_of_its_own() -> None:
    names = [(table.name, column.name) for table, column in COLUMNS]

    assert sorted(names) == sorted(set(names))


def test_every_column_has_a_type_and_a_sentence() -> None:
    wrong = [
        (table.name, column.name)
        for table, column in COLUMNS
        if column.type not in (STRING, INTEGER, BOOLEAN, DATE)
        or not re.fullmatch(r"\w.*\.", column.description)
    ]

    assert wrong == []


def test_what_is_for_the_site_alone_is_in_pairs_of_braces() -> None:
    texts = [table.description for table in tables.EVERYTHING]
    texts += [column.description for _, column in COLUMNS]
    marks = {tuple(re.findall(r"\{\{|\}\}", text)) for text in texts}

    assert marks == {(), ("{{", "}}")}


def test_a_reference_is_to_the_whole_key_of_a_table() -> None:
    referring = [
        (table.name, reference, tables.table(reference.table))
        for table in tables.TABLES
        for reference in table.references
    ]
    wrong = [(name, reference) for name, reference, to in referring if to.key != (reference.key,)]

    assert wrong == []


def test_keys_labels_facets_and_orders_are_columns() -> None:
    named = [
        (table.name, name)
        for table in tables.EVERYTHING
        for name in (*table.key, *table.facets, table.label, table.sort)
        if name
    ]

    assert [(table, name) for table, name in named if name not in tables.columns(table)] == []


def test_full_text_indexes_are_of_columns_of_tables() -> None:
    named = [
        (index.table, name) for index in tables.FULL_TEXTS for name in (index.key, index.described)
    ]

    assert [each for each in named if each[1] and each[1] not in tables.columns(each[0])] == []


def test_every_table_and_view_has_a_part_of_the_page() -> None:
    assert {each.group for each in tables.EVERYTHING} == set(documents.GROUPS)


def test_a_text_for_several_columns_is_written_once() -> None:
    """A copy drifts: a column that means the same is taken from where it is declared."""
    modules = sorted((CHECKOUT / "iam_catalog" / "schema").glob("*.py"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    written = re.sub(r'"\s*\n\s*"', "", source)
    texts = {column.description for _, column in COLUMNS}

    assert sorted(text for text in texts if written.count(f'"{text}"') > 1) == []


def test_the_levels_are_aws_five() -> None:
    assert tuple(level for level, _ in schema.ACCESS_LEVEL_ROWS) == ACCESS_LEVELS


def test_a_page_has_a_state_of_everything_that_the_parser_looks_for() -> None:
    columns = [name for name in schema.columns("pages") if name.endswith("_state")]

    assert sorted(columns) == sorted(f"{place}_state" for place in PLACES)


# --- SQLite has what is declared


@pytest.mark.parametrize("table", tables.EVERYTHING, ids=lambda table: table.name)
def test_sqlite_has_the_declared_columns(table: Table | View, empty: sqlite3.Connection) -> None:
    found = [row[1] for row in empty.execute(f"pragma table_info({table.name})")]

    assert found == [column.name for column in table.columns]


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_sqlite_knows_keys_and_references(table: Table, empty: sqlite3.Connection) -> None:
    facts = empty.execute(f"pragma table_info({table.name})").fetchall()
    key = tuple([name for place, name in sorted((fact[5], fact[1]) for fact in facts) if place])
    foreign = empty.execute(f"pragma foreign_key_list({table.name})").fetchall()

    assert key == table.key
    assert sorted((fact[3], fact[2], fact[4]) for fact in foreign) == [
        (each.column, each.table, each.key) for each in table.references
    ]


@pytest.mark.parametrize("view", tables.VIEWS, ids=lambda view: view.name)
def test_the_page_names_what_sqlite_reads_for_a_view(view: View, empty: sqlite3.Connection) -> None:
    read: set[str] = set()

    def note(action: int, table: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_READ and table:
            read.add(table)
        return sqlite3.SQLITE_OK

    empty.set_authorizer(note)
    empty.execute(f"select * from {view.name}")

    assert set(documents.read_by(view)) == read - {view.name}


@pytest.mark.shipped
@pytest.mark.parametrize("table", tables.EVERYTHING, ids=lambda table: table.name)
def test_the_catalog_has_values_of_the_declared_types(table: Table | View) -> None:
    """SQLite stores any value anywhere, and knows no types of what a view works out."""
    stored = {STRING: "text", DATE: "text", INTEGER: "integer", BOOLEAN: "integer"}
    kinds = ", ".join(f"typeof({column.name})" for column in table.columns)
    with closing(sqlite3.connect(CHECKOUT / "catalog.db")) as connection:
        found = connection.execute(f"select distinct {kinds} from {table.name}").fetchall()

    wrong = {
        column.name
        for row in found
        for column, kind in zip(table.columns, row, strict=True)
        if kind not in (stored[column.type], "null")
    }
    assert wrong == set()


# --- how a column is written as SQL


@pytest.mark.parametrize(
    ("column", "sql"),
    [
        (Column("a", STRING, "A."), "a text not null"),
        (Column("a", INTEGER, "A.", null=True), "a integer"),
        (Column("a", DATE, "A.", null=True), "a text"),
        (Column("a", BOOLEAN, "A."), "a integer not null check (a in (0, 1))"),
        (Column("a", STRING, "A.", filled=True, null=True), "a text check (a <> '')"),
        (
            Column("a", STRING, "A.", values=("it's", "b")),
            "a text not null check (a in ('it''s', 'b'))",
        ),
        (
            Column("a", STRING, "A.", nocase=True, references="t.key"),
            "a text not null collate nocase references t(key)",
        ),
        (Column("a", INTEGER, "A.", unique=True, default=1), "a integer not null default 1 unique"),
        (Column("key", STRING, "A.", nocase=True), "key text primary key collate nocase"),
    ],
)
def test_a_column_is_written_with_its_rules(column: Column, sql: str) -> None:
    assert column_sql(column, ("key",)) == sql


# --- what is written from it is in step


def test_the_page_is_written_from_the_declaration(request: pytest.FixtureRequest) -> None:
    expected = documents.schema_page()
    if request.config.getoption("--rewrite-expected"):
        PAGE.write_text(expected, encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == expected


def test_the_tables_of_metadata_are_written_from_the_declaration(
    request: pytest.FixtureRequest,
) -> None:
    expected = documents.metadata_text(METADATA.read_text(encoding="utf-8"))
    if request.config.getoption("--rewrite-expected"):
        METADATA.write_text(expected, encoding="utf-8")

    assert METADATA.read_text(encoding="utf-8") == expected


def test_all_else_in_metadata_is_written_by_hand() -> None:
    text = '{"title": "t", "databases": {"catalog": {"title": "c", "tables": {}, "queries": {}}}}'
    written = documents.metadata_text(text)

    assert re.sub(r'"tables": \{.*\n      \}', '"tables": {}', written, flags=re.DOTALL) == (
        '{\n  "title": "t",\n  "databases": {\n    "catalog": {\n      "title": "c",\n'
        '      "tables": {},\n      "queries": {}\n    }\n  }\n}\n'
    )


def test_diagrams_draw_every_reference_between_tables_once() -> None:
    """Mermaid draws a relationship as `one ||--o{ many : column`."""
    text = documents.schema_page().partition("## Services")[2]
    drawn = re.findall(r"^    (\w+) [|}o]{2}--o\{ (\w+) : (\w+)$", text, re.MULTILINE)
    declared = [
        (reference.table, table.name, reference.column)
        for table in tables.TABLES
        for reference in table.references
        if reference.column != "page"
    ]

    assert sorted(drawn) == sorted(declared)
