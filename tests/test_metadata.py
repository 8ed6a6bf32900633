"""metadata.json and the schema say the same, without a server."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from iam_catalog import schema
from iam_catalog.cli.main import cli

METADATA = json.loads((Path(__file__).parent.parent / "metadata.json").read_text("utf-8"))
CATALOG = METADATA["databases"]["catalog"]
TABLES: dict[str, dict[str, Any]] = CATALOG["tables"]
QUERIES: dict[str, dict[str, Any]] = CATALOG["queries"]
SHADOW = re.compile(r".+_fts_(data|idx|docsize|config|content)|sqlite_.+")


@pytest.fixture
def empty() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.DDL)
        connection.create_function("escape_fts", 1, lambda text: f'"{text}"')
        connection.create_function("search_catalog", 1, lambda _: "[]")
        yield connection


def columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    names = connection.execute("select name from sqlite_master where type in ('table', 'view')")
    return {
        name: [row[1] for row in connection.execute(f"pragma table_info({name})")]
        for (name,) in names.fetchall()
        if not SHADOW.fullmatch(name)
    }


def test_metadata_and_schema_have_the_same_tables_and_views(empty: sqlite3.Connection) -> None:
    assert sorted(TABLES) == sorted(columns(empty))


def test_metadata_describes_each_column_in_the_order_of_the_schema(
    empty: sqlite3.Connection,
) -> None:
    assert {name: list(table["columns"]) for name, table in TABLES.items()} == columns(empty)


@pytest.mark.parametrize("name", schema.PAST)
def test_columns_of_the_past_are_described_as_those_of_today(name: str) -> None:
    past = dict(TABLES[f"past_{name}"]["columns"])
    for column in ("until", "removed", "removed_by"):
        del past[column]

    assert past == TABLES[name]["columns"]


def test_dates_mean_the_same_in_every_table_of_facts() -> None:
    facts = [table["columns"] for table in TABLES.values() if "valid_from" in table["columns"]]
    dates = [
        {columns[date] for columns in facts} for date in ("first_seen", "last_seen", "valid_from")
    ]

    assert [len(texts) for texts in dates] == [1, 1, 1]


def test_every_description_is_a_sentence() -> None:
    texts = [table["description"] for table in TABLES.values()]
    texts += [query["description"] for query in QUERIES.values()]
    texts += [text for table in TABLES.values() for text in table["columns"].values()]

    assert [text for text in texts if not re.fullmatch(r"[A-Z0-9\w].*\.", text)] == []


def test_labels_facets_and_sort_orders_are_columns(empty: sqlite3.Connection) -> None:
    found = columns(empty)
    named = [
        (name, column)
        for name, table in TABLES.items()
        for column in [
            *table.get("facets", ()),
            *[table[key] for key in ("label_column", "sort", "sort_desc") if key in table],
        ]
    ]

    assert [(name, column) for name, column in named if column not in found.get(name, ())] == []


def test_labels_are_never_empty(empty: sqlite3.Connection) -> None:
    labels = [
        (name, table["label_column"]) for name, table in TABLES.items() if "label_column" in table
    ]
    filled = [
        (name, row[1])
        for name, _ in labels
        for row in empty.execute(f"pragma table_info({name})")
        if row[3] or row[5]
    ]

    assert [label for label in labels if label not in filled] == []


def test_tables_that_people_see_have_a_sort_order_and_views_too() -> None:
    shown = {name: table for name, table in TABLES.items() if not table.get("hidden")}

    assert [name for name, table in shown.items() if not {"sort", "sort_desc"} & set(table)] == []


def test_each_search_index_is_joined_to_its_table(empty: sqlite3.Connection) -> None:
    indexes = {name for name in columns(empty) if name.endswith("_fts")}
    joined = {
        table["fts_table"]: (name, table["fts_pk"])
        for name, table in TABLES.items()
        if "fts_table" in table
    }

    assert joined == {name: (name.removesuffix("_fts"), "rowid") for name in indexes}


def test_join_tables_search_indexes_and_the_past_are_hidden() -> None:
    hidden = {name for name, table in TABLES.items() if table.get("hidden")}
    past = {f"past_{name}" for name in schema.PAST}

    assert past <= hidden
    assert sorted(hidden - past) == [
        "action_access_levels",
        "actions_fts",
        "condition_keys_fts",
        "page_dates",
        "resource_type_condition_keys",
        "resource_types_fts",
        "services_fts",
    ]


def test_no_slug_is_the_name_of_a_table_or_view(empty: sqlite3.Connection) -> None:
    assert sorted(set(QUERIES) & set(columns(empty))) == []


def test_each_slug_is_the_name_of_a_command() -> None:
    assert sorted(set(QUERIES) - set(cli.commands)) == []


def test_slugs_are_words_with_hyphens() -> None:
    assert [slug for slug in QUERIES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", slug)] == []


@pytest.mark.parametrize("slug", QUERIES)
def test_each_query_says_what_it_answers_with_an_example(slug: str) -> None:
    query = QUERIES[slug]
    example = re.search(
        r'Example: <a href="\?(\w+)=([^"&]+)">([^<]+)</a>', query["description_html"]
    )

    assert example
    name, value, shown = example.groups()
    assert (name, value) == (query["params"][0], shown)
    assert query["title"]
    assert query["description"].endswith(f" Example: {shown}.")
    assert query["description_html"].startswith("<p>" + query["description"].split(" Example")[0])


@pytest.mark.parametrize("slug", QUERIES)
def test_each_query_fits_the_schema_and_names_all_its_parameters(
    slug: str, empty: sqlite3.Connection
) -> None:
    query = QUERIES[slug]
    values = dict.fromkeys(query["params"], "x")

    assert empty.execute(query["sql"], values).fetchall() == []
    assert set(re.findall(r":(\w+)", query["sql"])) == set(query["params"])


def test_the_site_says_what_it_is_where_from_and_under_which_licence() -> None:
    keys = ("title", "description_html", "source", "source_url", "license", "license_url")

    assert [key for key in keys if not METADATA.get(key)] == []
    assert METADATA["license_url"] == "https://creativecommons.org/licenses/by-sa/4.0/"


def test_html_has_neither_scripts_nor_styles() -> None:
    text = json.dumps(METADATA)

    assert re.findall(r"<script|<style|style=|\bon\w+=|javascript:", text) == []
