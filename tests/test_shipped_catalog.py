"""Questions to the committed catalog.db, and to the pages that it says its facts come from."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from iam_catalog import Catalog
from iam_catalog.names import ACCESS_LEVELS
from scraper.cli import cli

pytestmark = pytest.mark.shipped

CHECKOUT = Path(__file__).parent.parent
SHIPPED = CHECKOUT / "catalog.db"

NAMED_ON_LINE = {
    "services": "service_prefix",
    "actions": "name",
    "resource_types": "name",
    "arn_formats": "format",
    "condition_key_definitions": "key_as_written",
    "action_rows": "resource_type_name",
    "dependent_actions": "dependent_action",
    "resource_type_condition_keys": "condition_key",
}
"""The column of each table that its source line shows."""


@pytest.fixture(scope="module")
def catalog():
    with Catalog(SHIPPED) as catalog:
        yield catalog


@pytest.fixture(scope="module")
def connection():
    connection = sqlite3.connect(f"{SHIPPED.as_uri()}?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory) -> Path:
    """The catalog built anew from a copy of data/."""
    folder = tmp_path_factory.mktemp("rebuilt")
    shutil.copytree(CHECKOUT / "data", folder / "data")
    line = ["build", "--data", str(folder / "data"), "--output", str(folder / "catalog.db")]
    result = CliRunner().invoke(cli, line)
    assert result.exit_code == 0, result.output
    return folder / "catalog.db"


def written_by(path: Path) -> int:
    """The number of the SQLite that wrote a file last: bytes 96 to 99 of its header."""
    return int.from_bytes(path.read_bytes()[96:100], "big")


def content(path: Path) -> dict[str, object]:
    """Everything that a file says, whatever the layout of its pages."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        schema = connection.execute("select type, name, sql from sqlite_master order by 1, 2")
        tables = [
            name
            for _, name, kind, *_ in connection.execute("pragma table_list").fetchall()
            if kind == "table" and not name.startswith("sqlite_")
        ]
        return {
            "schema": schema.fetchall(),
            "versions": [
                connection.execute(f"pragma {name}").fetchone()
                for name in ("application_id", "user_version")
            ],
            **{
                name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr)
                for name in tables
            },
        }
    finally:
        connection.close()


def test_a_rebuild_gives_the_same_content(rebuilt):
    assert content(rebuilt) == content(SHIPPED)


def test_a_rebuild_with_the_same_sqlite_gives_the_same_bytes(rebuilt):
    if written_by(rebuilt) != written_by(SHIPPED):
        pytest.skip("catalog.db was written by another version of SQLite")

    assert rebuilt.read_bytes() == SHIPPED.read_bytes()


def test_sqlite_finds_no_fault(connection):
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert connection.execute("pragma foreign_key_check").fetchall() == []


def test_session_manager_has_four_actions_that_write_and_no_resource_types(catalog):
    service = catalog.service("ssmmessages")

    assert service.name == "Amazon Session Manager Messsage Gateway Service"
    assert [
        (each.name, each.access_level) for each in catalog.actions(service_prefix="ssmmessages")
    ] == [
        ("CreateControlChannel", "Write"),
        ("CreateDataChannel", "Write"),
        ("OpenControlChannel", "Write"),
        ("OpenDataChannel", "Write"),
    ]
    assert [(page.resource_types_state, page.condition_keys_state) for page in service.pages] == [
        ("none", "none")
    ]
    assert catalog.resource_types("ssmmessages") == []


def test_connect_has_eleven_actions(catalog):
    actions = catalog.actions(service_prefix="connect")

    assert {
        level: [each.name for each in actions if each.access_level == level]
        for level in ACCESS_LEVELS
    } == {
        "List": ["ListInstances"],
        "Read": [
            "DescribeInstance",
            "GetCurrentMetricData",
            "GetFederationToken",
            "GetMetricData",
        ],
        "Write": [
            "CreateInstance",
            "DestroyInstance",
            "GetFederationTokens",
            "ModifyInstance",
            "StartOutboundVoiceContact",
            "StopContact",
        ],
        "Permissions management": [],
        "Tagging": [],
    }


def test_connect_has_three_resource_types(catalog):
    instance = "arn:${Partition}:connect::${Account}:instance/${InstanceId}"

    assert {each.name: each.arn_formats for each in catalog.resource_types("connect")} == {
        "contact": (f"{instance}/contact/${{ContactId}}",),
        "instance": (instance,),
        "queue": (f"{instance}/queue/${{QueueId}}",),
    }


def test_connect_requires_each_resource_type_that_it_names(connection):
    assert connection.execute(
        "select count(*), sum(required) from action_rows where resource_type like 'connect:%'"
    ).fetchone() == (9, 9)


def test_connect_has_34_references_to_dependent_actions(connection):
    assert connection.execute(
        "select action, count(*) from dependent_actions group by action order by 2 desc"
    ).fetchall() == [
        ("connect:CreateInstance", 14),
        ("connect:ModifyInstance", 10),
        ("connect:DescribeInstance", 7),
        ("connect:GetFederationTokens", 3),
    ]
    assert connection.execute(
        "select count(*) from dependent_actions where dependent_action not like 'connect:%'"
    ).fetchone() == (32,)


def test_every_action_has_a_level_of_aws_and_every_service_a_page(connection):
    levels = connection.execute("select distinct access_level from actions").fetchall()
    prefixes = connection.execute("select service_prefix from services order by 1").fetchall()
    of_pages = connection.execute("select distinct service_prefix from pages order by 1").fetchall()

    assert {level for (level,) in levels} - set(ACCESS_LEVELS) == set()
    assert prefixes == of_pages


def test_every_table_of_facts_has_page_and_line(connection):
    tables = [
        name
        for _, name, kind, *_ in connection.execute("pragma table_list").fetchall()
        if kind == "table" and not name.startswith("sqlite_")
    ]
    with_source = {
        name
        for name in tables
        if {"page", "line"} <= {row[1] for row in connection.execute(f"pragma table_info({name})")}
    }

    assert set(NAMED_ON_LINE) <= with_source
    for name in with_source:
        query = f"select count(*) from {name} where page is null or line is null or line < 1"
        assert (name, connection.execute(query).fetchone()) == (name, (0,))


@pytest.mark.parametrize(("table", "column"), NAMED_ON_LINE.items())
def test_the_line_of_the_source_holds_the_name(connection, table, column):
    lines = {
        page: path.read_text(encoding="utf-8").replace("\\", "").splitlines()
        for page, file in connection.execute("select page, file from pages")
        for path in (CHECKOUT / "data").rglob(file.rpartition("/")[2])
    }
    rows = connection.execute(
        f"select {column}, page, line from {table} where {column} is not null"
    ).fetchall()

    assert [row for row in rows if row[0] not in lines[row[1]][row[2] - 1]] == []


def test_transitive_dependent_actions_of_a_shipped_action(catalog):
    direct = catalog.dependent_actions("connect:GetFederationTokens")
    further = catalog.dependent_actions("connect:GetFederationTokens", transitive=True)

    assert direct == ["connect:DescribeInstance", "connect:ListInstances", "ds:DescribeDirectories"]
    assert further == [*direct, *catalog.dependent_actions("connect:DescribeInstance")]
