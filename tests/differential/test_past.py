"""A past date: asked of Python and of exports as of it, and in SQL, it is a build up to then.

Over one catalog of all dates. What SQL finds are the rows of a table, and of its `past_` table,
that read so at the date; only `last_seen` of a row goes on, and its sources, which are the newest
of their lines.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from built_catalogs import build, write_pages
from click.testing import CliRunner
from dated_pages import facts_of
from dependent_readers import PAGES
from page_texts import Key, Row, Service, act, as_table
from site_catalog import FILES

from iam_catalog import Catalog
from iam_catalog.cli.main import cli


def keys_page(prefix: str, key: str, description: str, *used: str) -> str:
    """Write a page that defines a condition key, and uses others."""
    action = act("Open", "Read", Row("", " ".join((key, *used))))
    name = f"Example {prefix}"
    service = Service([action], keys=[Key(key, description)], prefix=prefix, slug=prefix, name=name)
    return as_table(service)


KEYS = {
    "2019-08-12/locks.md": keys_page("locks", "locks:Size", "Filters by size."),
    "2019-08-12/doors.md": keys_page("doors", "doors:Width", "Filters by width.", "locks:SIZE"),
    "2022-03-04/locks.md": keys_page("locks", "locks:size", "Filters by the size."),
    "2024-01-01/doors.md": keys_page("doors", "Locks:Size", "Filters by width of locks."),
    "2025-01-01/locks.md": keys_page("locks", "locks:Weight", "Filters by weight."),
}
"""A key that changes its case, its text and its service."""
TEXTS = {**FILES, **PAGES, **KEYS}
FOLDERS = sorted({name.partition("/")[0] for name in TEXTS})
DATES = (*FOLDERS, "2023-07-01")
"""One of them between two folders."""
TABLES = (
    *("services", "actions", "action_access_levels", "resource_types", "arn_formats"),
    *("condition_key_definitions", "action_rows", "action_condition_keys"),
    *("resource_type_condition_keys", "dependent_actions", "operations", "operation_actions"),
    "disagreements",
)
"""Those that have a `past_` table."""

NOT_COMPARED = ("last_seen", "disagreement", "line", "details_line")
"""A disagreement is a key that counts the rows of its own catalog. Lines are those of the newest
page that states the same."""
SOURCES = ("page", "details_page", "dependents_page")
"""Compared by the lines that they belong to."""

Built = Callable[[str], str]
"""A date -> the path of a catalog of the pages up to then."""


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("texts"), TEXTS)


@pytest.fixture(scope="module")
def built(texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    found: dict[str, str] = {}

    def up_to(date: str) -> str:
        if date not in found:
            folder = tmp_path_factory.mktemp("built")
            data = [texts / each for each in FOLDERS if each <= date]
            found[date] = build(data, folder / "catalog.db")
        return found[date]

    return up_to


@pytest.fixture(scope="module")
def whole(built: Built) -> str:
    return built(FOLDERS[-1])


def rows(path: str, sql: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return sorted(connection.execute(sql, values).fetchall(), key=repr)


def columns(path: str, table: str) -> str:
    found = rows(path, "select name from pragma_table_info(?)", table)
    return ", ".join(
        f"(select lineage from pages as source where source.page = {table}.{name})"
        if name in SOURCES
        else name
        for (name,) in found
        if name not in NOT_COMPARED
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("date", DATES)
def test_sql_at_a_date_finds_the_rows_of_a_build_up_to_it(
    date: str, table: str, whole: str, built: Built
) -> None:
    names = columns(whole, table)
    began = "(valid_from is null or valid_from <= ?1)"
    at_the_date = (
        f"select {names} from {table} where {began}"
        f" union all select {names} from past_{table} as {table} where {began} and until > ?1"
    )

    assert rows(whole, at_the_date, date) == rows(built(date), f"select {names} from {table}")


@pytest.mark.parametrize("date", DATES)
def test_a_removed_action_at_a_date_is_that_of_a_build_up_to_it(
    date: str, whole: str, built: Built
) -> None:
    sql = (
        "select action, removed from past_actions as past where removed <= ?1 and not exists"
        " (select 1 from (select action, valid_from, '9' as until from actions union all"
        " select action, valid_from, until from past_actions) as was where was.action ="
        " past.action and (valid_from is null or valid_from <= ?1) and was.until > ?1)"
    )
    removed = {(action, when) for action, when in rows(whole, sql, date)}
    newest = {
        action: max(when for name, when in removed if name == action) for action, _ in removed
    }

    assert sorted(newest.items()) == rows(
        built(date), "select action, removed from removed_actions"
    )


NAMES = ("orders:GetOrder", "orders:ListOrders", "orders:CreateOrder", "orders:CancelOrder")
QUESTIONS: list[tuple[str, tuple[Any, ...]]] = [
    *((name, (action,)) for name in ("action", "documented_on", "required_by") for action in NAMES),
    *(("dependent_actions", (action,)) for action in ("ring:Self", "ring:Gone", "ring:Pages")),
    *((name, ()) for name in ("actions", "services", "resource_types", "condition_keys")),
    *((name, ()) for name in ("changes", "disagreements")),
    *(("condition_keys", (prefix,)) for prefix in ("locks", "doors")),
    *(("search", (text,)) for text in ("order", "list orders", "ring")),
    *((name, ("orders:*",)) for name in ("expand", "changes_of_patterns")),
    ("match_arn", ("arn:aws:orders:eu-west-1:111122223333:channel/1",)),
    ("operation", ("orders:CreateOrder",)),
    ("check_policy", ({"Statement": [{"Effect": "Allow", "Action": NAMES, "Resource": "*"}]},)),
    ("explain_policy", ({"Statement": [{"Effect": "Allow", "Action": ["orders:*"]}]},)),
]


def answer(catalog: Catalog, name: str, words: tuple[Any, ...]) -> Any:
    try:
        return getattr(catalog, name)(*words)
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    ("name", "words"), QUESTIONS, ids=[f"{name} {words}" for name, words in QUESTIONS]
)
@pytest.mark.parametrize("date", DATES)
def test_python_at_a_date_answers_as_a_build_up_to_it(
    date: str, name: str, words: tuple[Any, ...], whole: str, built: Built
) -> None:
    with Catalog(whole, as_of=date) as catalog, Catalog(built(date)) as expected:
        found, wanted = answer(catalog, name, words), answer(expected, name, words)
        if name == "search":  # sample policies have no dates, and stay at every date
            found, wanted = (
                [each for each in results if each.kind != "policy"] for results in (found, wanted)
            )
        assert facts_of(found) == facts_of(wanted)


def exported(path: str, folder: Path, *options: str) -> dict[str, list[dict[str, str]]]:
    """Export tables as CSV; return their rows."""
    result = CliRunner().invoke(cli, ["export", "csv", str(folder), "--database", path, *options])
    assert result.exit_code == 0, result.output
    return {each.stem: list(read(each)) for each in sorted(folder.glob("*.csv"))}


def read(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield {name: value for name, value in row.items() if name not in NOT_COMPARED[2:]}


@pytest.mark.parametrize("date", DATES)
def test_exports_at_a_date_are_those_of_a_build_up_to_it(
    date: str, whole: str, built: Built, tmp_path: Path
) -> None:
    found = exported(whole, tmp_path / "found", "--as-of", date)
    expected = exported(built(date), tmp_path / "expected")

    assert found.keys() == expected.keys()
    different = [
        name
        for name in found
        if found[name] != expected[name] and not name.startswith("polic")  # these have no past
    ]
    assert different == []
