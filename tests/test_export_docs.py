"""The promise of the exports: what is documented is what the code has.

A change here is reviewed. An addition is written with `--rewrite-expected`; what takes something
away, or gives it another type or meaning, raises `SCHEMA_VERSION` too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from export_schemas import json_schema, objects_markdown, tables_markdown

from iam_catalog import export
from iam_catalog.export.tables import column_text, exported_tables, table_text
from iam_catalog.facts.exported import EXPORTED
from iam_catalog.schema import tables

CHECKOUT = Path(__file__).parent.parent
DOCUMENT = CHECKOUT / "docs" / "exports.md"
SCHEMA = CHECKOUT / "iam_catalog" / "export" / "schema.json"
TEXTS = [table_text(table) for table in exported_tables()]
TEXTS += [column_text(column) for table in exported_tables() for column in table.columns]


@pytest.mark.parametrize(
    ("part", "described"), [("objects", objects_markdown), ("tables", tables_markdown)]
)
def test_the_documentation_describes_what_is_exported(
    part: str, described: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    start, end = f"<!-- {part} -->\n", "<!-- end -->"
    before, _, rest = text.partition(start)
    expected = f"{before}{start}\n{described()}\n{end}{rest.partition(end)[2]}"
    if request.config.getoption("--rewrite-expected"):
        DOCUMENT.write_text(expected, encoding="utf-8")

    assert DOCUMENT.read_text(encoding="utf-8") == expected


def test_the_json_schema_describes_the_records(request: pytest.FixtureRequest) -> None:
    expected = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--rewrite-expected"):
        SCHEMA.write_text(expected, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == expected


def test_the_documentation_tells_the_version_of_the_schema() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert re.findall(r"`schema_version` is (\d+)", text) == [str(export.SCHEMA_VERSION)]


def test_every_table_and_view_of_the_catalog_is_exported() -> None:
    declared = {each.name for each in (*tables.TABLES, *tables.VIEWS)}

    assert set(EXPORTED) == declared


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("date", r"Date \(ISO 8601\)"),
        ("integer", "Number of|The number|Line of|Place"),
        ("boolean", "True where"),
    ],
)
def test_a_description_starts_as_its_type_does(kind: str, start: str) -> None:
    columns = [column for table in exported_tables() for column in table.columns]
    described = {each.name for each in columns if re.match(start, column_text(each))}

    assert described == {each.name for each in columns if each.type == kind}


def test_descriptions_tell_nothing_of_the_site() -> None:
    words = re.compile(r"\b(?:a link|links to|[Ff]ilter|questions?|newest first|1 where)\b|“")

    assert [text for text in TEXTS if words.search(text)] == []


def test_descriptions_are_whole_sentences() -> None:
    assert [text for text in TEXTS if not re.fullmatch(r"\w.*\.", text) or "  " in text] == []


def test_tables_are_described_with_true_and_false() -> None:
    numbers = re.compile(r"\bis [01]\b")

    assert [text for text in TEXTS if numbers.search(text)] == []


def test_booleans_are_described_as_true_and_false() -> None:
    words = {
        column.name: re.findall(r"\b(?:1|0|True|true|false)\b", column_text(column))
        for table in exported_tables()
        for column in table.columns
        if column.type == "boolean"
    }

    assert {name for name, found in words.items() if not found or {"1", "0"} & set(found)} == set()
