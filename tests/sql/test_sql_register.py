"""`register`: what it takes, and how long what it registers answers."""

from __future__ import annotations

import json
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from small_catalog import build_small_catalog
from sql_engines import ENGINES, InDuckdb, InSqlite
from sql_policies import policy, statement

from iam_catalog import Catalog, CatalogError, CatalogNotFound
from iam_catalog.sql import register

POLICY = policy(statement(Action="store:*"))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("register"))


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_a_catalog_is_named_by_its_path(engine, path):
    for named in (path, Path(path)):
        assert engine(named).call("iam_expand", "store:List*") == ["store:ListShelves"]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_without_a_catalog_the_one_that_answers_is_asked(engine, path, monkeypatch):
    monkeypatch.setenv("IAM_CATALOG_DB", path)

    assert engine(None).call("iam_expand", "store:List*") == ["store:ListShelves"]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_a_catalog_answers_as_of_its_date(engine, path):
    with Catalog(path, as_of="2020-01-31") as catalog:
        assert engine(catalog).call("iam_expand", "store:*") is None


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_registering_again_replaces_the_catalog(engine, path):
    made = engine(None)

    register(made.connection, path)
    register(made.connection, path)

    assert made.call("iam_expand", "store:List*") == ["store:ListShelves"]


@pytest.mark.parametrize("target", [None, "catalog.db", object(), sqlite3])
def test_another_target_is_refused_with_what_is_accepted(target):
    with pytest.raises(CatalogError) as caught:
        register(target)

    assert str(caught.value).endswith(
        ": expected a connection of sqlite3, a connection of DuckDB (duckdb.connect()), or a"
        " SparkSession of PySpark."
    )


def test_another_catalog_is_refused(path):
    with pytest.raises(CatalogError, match="5 is not a catalog: expected a Catalog, the path"):
        register(sqlite3.connect(":memory:"), 5)  # type: ignore[arg-type]
    with pytest.raises(CatalogNotFound):
        register(sqlite3.connect(":memory:"), "nowhere.db")
    closed = Catalog(path)
    closed.close()
    with pytest.raises(CatalogError, match="closed"):
        register(sqlite3.connect(":memory:"), closed)


@pytest.mark.parametrize("package", ["numpy", "pyarrow"])
def test_a_missing_package_is_named_with_its_extra(monkeypatch, package):
    connection = pytest.importorskip("duckdb").connect()
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(CatalogError, match=rf"{package}, .* pip install 'iam-catalog\[duckdb\]'"):
        register(connection)


def test_a_class_of_ones_own_is_a_connection(path):
    class Connection(sqlite3.Connection):
        pass

    connection = sqlite3.connect(":memory:", factory=Connection)
    register(connection, path)

    assert connection.execute("select iam_matches('*', 'a:B')").fetchone() == (1,)


# --- SQLite


def test_sqlite_takes_a_policy_without_a_kind(path):
    connection = InSqlite(path).connection
    sql = "select iam_check(?1) = iam_check(?1, null)"

    assert connection.execute(sql, (POLICY,)).fetchone() == (1,)


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (1.5, "1.5"), (POLICY.encode(), POLICY), (b"{", "{")]
)
def test_sqlite_takes_other_values_as_their_text(path, value, text):
    engine = InSqlite(path)

    assert engine.call("iam_check", value) == engine.call("iam_check", text)


def test_bytes_that_are_no_text_are_a_finding(path):
    engine = InSqlite(path)

    (found,) = engine.call("iam_check", b'{"Sid": "\xff"}')
    assert (found["code"], found["text"]) == (
        "unreadable-file",
        "Cannot read policies from '<policy>': it is not UTF-8 text.",
    )
    assert engine.call("iam_actions", b"\xff") is None
    assert engine.call("iam_arn_types", b"arn:aws:\xff:::a") == []
    assert engine.call("iam_expand", b"\xff:*") == []


def test_the_json_of_sqlite_is_a_table(path):
    connection = InSqlite(path).connection
    sql = (
        "select value ->> 'action', value ->> 'statement' from json_each(iam_actions(?))"
        " where value ->> 'by' = 'store:*' and value ->> 'action' like '%s'"
    )

    assert connection.execute(sql, (POLICY,)).fetchall() == [("store:ListShelves", 0)]


def test_threads_share_a_catalog(path):
    with Catalog(path) as catalog:

        def ask(_: int) -> list[str]:
            return [each["code"] for each in InSqlite(catalog).call("iam_check", POLICY)]

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(40)))
    assert answers == [answers[0]] * 40


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_query_after_the_end_of_its_catalog_fails(path):
    """Datasette, where it is imported, lets sqlite3 print what a function raised."""
    catalog = Catalog(path)
    engine = InSqlite(catalog)
    catalog.close()

    with pytest.raises(sqlite3.OperationalError):
        engine.call("iam_expand", "store:*")


# --- DuckDB


def test_duckdb_says_why_a_query_fails_after_the_end_of_its_catalog(path):
    catalog = Catalog(path)
    engine = InDuckdb(catalog)
    catalog.close()

    with pytest.raises(Exception, match="Cannot operate on a closed database"):
        engine.call("iam_expand", "store:*")


def test_duckdb_checks_a_table_of_many_rows_in_its_order(path):
    connection = InDuckdb(path).connection
    connection.execute("create table p as select range as id from range(5000)")
    rows = connection.execute(
        "select id, iam_expand(case when id % 3 = 0 then null when id % 3 = 1 then 'store:List*'"
        " else 'x' end) from p order by id"
    ).fetchall()

    answers = [None, ["store:ListShelves"], []]
    assert rows == [(number, answers[number % 3]) for number in range(5000)]


def test_duckdb_unnests_findings(path):
    connection = InDuckdb(path).connection
    text = policy(statement(Action="store:ListShelfs"))
    sql = "select f.code, f.place from (select unnest(iam_check(?, null)) as f) order by 1"

    assert ("unknown-action", "Statement[0].Action") in connection.execute(sql, [text]).fetchall()


def test_threads_of_duckdb_share_a_catalog(path):
    connection = InDuckdb(path).connection
    sql = "select iam_expand('store:List*')"

    def ask(_: int) -> object:
        return connection.cursor().execute(sql).fetchone()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(20))) == [(["store:ListShelves"],)] * 20


def test_the_tables_of_a_catalog_are_those_of_duckdb_too(path):
    """By DuckDB's reader of SQLite, which is an extension that DuckDB downloads when asked."""
    duckdb = pytest.importorskip("duckdb")
    connection = InDuckdb(path).connection
    connection.execute("set autoinstall_known_extensions = false")
    try:
        connection.execute("load sqlite")
    except duckdb.Error as error:
        pytest.skip(f"DuckDB's reader of SQLite is not installed: {str(error).splitlines()[0]}")
    connection.execute(f"attach '{path}' as catalog (type sqlite, read_only)")
    sql = "select action from catalog.actions where access_level = 'List'"

    assert connection.execute(sql).fetchall() == [("store:ListShelves",)]


def test_findings_are_written_as_json_in_the_letters_of_the_policy(path):
    connection = InSqlite(path).connection
    text = policy(statement(Action="store:é"))
    (written,) = connection.execute("select iam_check(?)", (text,)).fetchone()

    assert "store:é" in written
    assert json.loads(written)
