"""Sample policies as rows of the catalog, and the questions that these answer."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from missing_modules import leave_out
from small_catalog import build_small_catalog

from iam_catalog.errors import MalformedActionName, UnknownPolicy
from iam_catalog.policy.samples import (
    NamedActions,
    PolicyUse,
    actions_of_policy,
    policies_using,
    sample_policies,
)
from iam_catalog.schema import tables
from scraper.errors import SourceError
from scraper.merge.unite import Rows
from scraper.policies import policy_rows
from scraper.sources import SourceFile, read_collections

DATA = Path(__file__).parent.parent.parent / "data"
GUIDE = """# Guide

## Shelves

```json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": ["store:List*", "store:createshelf", "store:Nothing"], ①
      "Resource": "*",
      "Condition": {"StringLike": {"store:Colour": ["red", "blue"]}}
    },
    {
      "Effect": "Deny",
      "NotAction": ["depot:Look", "other:Do", "*:Tag*"],
      "NotResource": ["arn:aws:store:::shelf/shelf-id"]
    }
  ]
}
```

**1** Of shelves\\.

```json
, {"Effect": "Allow", "Action": "store:ListShelves"}
```
"""
TRUST = """{"Statement": {"Effect": "Allow", "Principal": {"AWS": ["1", "2"], "Service": "s.x"},
"Action": "sts:AssumeRole"}} and {"Version": "2012-10-17", "Statement": []}"""


def source(path: str, text: str, date: str | None = None) -> SourceFile:
    content = text.encode()
    return SourceFile(path, content, hashlib.sha256(content).hexdigest(), date, title="The guide")


@pytest.fixture(scope="module")
def rows() -> Rows:
    return policy_rows([source("policies/guide.md", GUIDE), source("policies/trust.txt", TRUST)])


@pytest.fixture(scope="module")
def connection(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows
) -> Iterator[sqlite3.Connection]:
    path = build_small_catalog(tmp_path_factory.mktemp("samples"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma foreign_keys = on")
        for table, each in rows.items():
            for row in each:
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", row)
        yield connection


# --- rows


def test_a_document_is_a_row_with_what_its_manifest_says(rows):
    assert rows["policy_documents"][0] == {
        "policy_document": "guide",
        "title": "The guide",
        "date": None,
        "url": None,
        "url_then": None,
        "publisher": None,
        "licence": None,
        "file": "policies/guide.md",
        "sha256": hashlib.sha256(GUIDE.encode()).hexdigest(),
    }


def test_a_policy_is_a_row_with_its_place(rows):
    assert [
        (row["policy"], row["position"], row["title"], row["kind"], row["version"], row["line"])
        for row in rows["policies"]
    ] == [
        ("guide:6", 1, "Guide / Shelves", "identity", "2012-10-17", 6),
        ("trust:1", 1, None, "trust", None, 1),
        ("trust:2", 2, None, None, "2012-10-17", 2),
    ]


def test_two_policies_of_one_line_are_told_apart():
    text = '{"Version": "1", "Statement": []} {"Version": "2", "Statement": []}'

    assert [row["policy"] for row in policy_rows([source("policies/a.md", text)])["policies"]] == [
        "a:1",
        "a:1~2",
    ]


def test_every_part_of_a_statement_is_a_row_with_its_line(rows):
    first, second, trust = "guide:6.1", "guide:6.2", "trust:1.1"

    assert [tuple(row.values()) for row in rows["policy_statements"]] == [
        (first, "guide:6", 1, "Read", "Allow", 9),
        (second, "guide:6", 2, None, "Deny", 16),
        (trust, "trust:1", 1, None, "Allow", 1),
    ]
    assert [tuple(row.values()) for row in rows["policy_statement_actions"]] == [
        (first, "Action", 1, "store:List*", "store", 1, 12),
        (first, "Action", 2, "store:createshelf", "store", 0, 12),
        (first, "Action", 3, "store:Nothing", "store", 0, 12),
        (second, "NotAction", 1, "depot:Look", "depot", 0, 18),
        (second, "NotAction", 2, "other:Do", "other", 0, 18),
        (second, "NotAction", 3, "*:Tag*", None, 1, 18),
        (trust, "Action", 1, "sts:AssumeRole", "sts", 0, 2),
    ]
    assert [tuple(row.values()) for row in rows["policy_statement_resources"]] == [
        (first, "Resource", 1, "*", 13),
        (second, "NotResource", 1, "arn:aws:store:::shelf/shelf-id", 19),
    ]
    assert [tuple(row.values()) for row in rows["policy_statement_conditions"]] == [
        (first, 1, "StringLike", "store:Colour", "red", 14),
        (first, 2, "StringLike", "store:Colour", "blue", 14),
    ]
    assert [tuple(row.values()) for row in rows["policy_statement_principals"]] == [
        (trust, "Principal", 1, "AWS", "1", 1),
        (trust, "Principal", 2, "AWS", "2", 1),
        (trust, "Principal", 3, "Service", "s.x", 1),
    ]


def test_notes_and_fragments_are_kept(rows):
    assert [tuple(row.values()) for row in rows["policy_notes"]] == [
        ("guide:6", 1, "guide:6.1", "Statement[0].Action[2]", 1, "Of shelves.", 12)
    ]
    assert [tuple(row.values()) for row in rows["policy_fragments"]] == [
        (
            "guide:28",
            "guide",
            1,
            "Guide / Shelves",
            ', {"Effect": "Allow", "Action": "store:ListShelves"}',
            "a statement without a policy around it",
            28,
        )
    ]


def test_every_table_of_the_schema_gets_rows(rows):
    names = [table.name for table in tables.TABLES if table.group == "policies"]

    assert set(names) == rows.keys()


def test_of_two_files_of_one_name_the_newer_counts():
    old = source("policies/a.md", '{"Statement": []}', "2024-01-01")
    new = source("policies/a.md", "no policy", "2025-01-01")
    found = policy_rows([old, new])

    assert [row["date"] for row in found["policy_documents"]] == ["2025-01-01"]
    assert "policies" not in found


def test_documents_of_one_stem_are_told_apart():
    found = policy_rows([source("policies/a.txt", "x"), source("policies/a.md", "x")])

    assert [(row["policy_document"], row["file"]) for row in found["policy_documents"]] == [
        ("a", "policies/a.md"),
        ("a~2", "policies/a.txt"),
    ]


def test_pages_are_passed_over():
    assert policy_rows([source("service-authorization/list_x.md", GUIDE)]) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\n\xff",
         "'policies/a.md' line 2 is not UTF-8 text: restore the file, or leave it out."),
        (b"x" * (4 * 2**20 + 1),
         "'policies/a.md' cannot be read: it is a text of more than 4 MB."),
    ],
)  # fmt: skip
def test_a_document_that_can_not_be_read_stops_the_scraper(content, message):
    with pytest.raises(SourceError) as raised:
        policy_rows([SourceFile("policies/a.md", content, "")])

    assert str(raised.value) == message


def test_a_reader_that_is_not_installed_stops_the_scraper(monkeypatch):
    leave_out(monkeypatch, "iam_catalog.policy.read.hcl_text")
    text = b"```hcl\npolicy = jsonencode({Statement = []})\n```\n"

    with pytest.raises(SourceError, match="line 2: reading HCL needs python-hcl2"):
        policy_rows([SourceFile("policies/a.md", text, "")])


def test_the_text_of_a_policy_in_another_language_is_json():
    text = b"```yaml\nStatement:\n- Effect: Allow\n  Action: a:b\n```\n"
    rows = policy_rows([SourceFile("policies/a.md", text, "")])

    (row,) = rows["policies"]
    assert json.loads(str(row["text"])) == {"Statement": [{"Effect": "Allow", "Action": "a:b"}]}
    assert [each["line"] for each in rows["policy_statements"]] == [3]


def test_the_documents_of_the_catalog_give_eight_policies():
    sources = [each for held in read_collections([DATA]) for each in held.sources]
    counts = {table: len(each) for table, each in policy_rows(sources).items()}

    assert counts == {
        "policy_documents": 3,
        "policies": 8,
        "policy_statements": 26,
        "policy_statement_actions": 58,
        "policy_statement_resources": 28,
        "policy_statement_conditions": 5,
        "policy_notes": 10,
        "policy_fragments": 2,
    }


# --- questions


def test_samples_come_by_document(connection):
    assert [(each.policy, each.statements) for each in sample_policies(connection)] == [
        ("guide:6", 2),
        ("trust:1", 1),
        ("trust:2", 0),
    ]


def use(statement: str, effect: str, element: str, pattern: str, line: int) -> PolicyUse:
    return PolicyUse(
        "guide:6", "Guide / Shelves", statement, effect, element, pattern, "guide", line
    )


@pytest.mark.parametrize(
    ("action", "uses"),
    [
        ("store:ListShelves", [use("guide:6.1", "Allow", "Action", "store:List*", 12)]),
        ("STORE:createSHELF", [use("guide:6.1", "Allow", "Action", "store:createshelf", 12)]),
        ("other:Do", [use("guide:6.2", "Deny", "NotAction", "other:Do", 18)]),
        ("store:TagShelf", [use("guide:6.2", "Deny", "NotAction", "*:Tag*", 18)]),
        ("store:PutShelfPolicy", []),
    ],
)
def test_the_policies_that_use_an_action_name_it_or_match_it(connection, action, uses):
    assert policies_using(connection, action) == uses


def test_what_is_no_action_is_used_nowhere(connection):
    with pytest.raises(MalformedActionName):
        policies_using(connection, "store:*")


def test_the_actions_of_a_policy_are_those_that_the_catalog_documents(connection):
    named = actions_of_policy(connection, "guide:6")

    assert named[0] == NamedActions(
        "guide:6.1", "Allow", "Action", "store:List*", ("store:ListShelves",), True, "guide", 12
    )
    assert [(each.pattern, each.actions, each.documented) for each in named[1:]] == [
        ("store:createshelf", ("store:CreateShelf",), True),
        ("store:Nothing", (), False),
        ("depot:Look", (), None),
        ("other:Do", (), None),
        ("*:Tag*", ("store:TagShelf",), True),
    ]


def test_a_document_of_one_policy_names_it(connection):
    assert actions_of_policy(connection, "guide") == actions_of_policy(connection, "guide:6")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("trust", ", but a document of 2 policies. Did you mean trust:1 or trust:2?"),
        ("guide:7", ". Did you mean guide:6?"),
        ("nothing", "."),
    ],
)
def test_an_unknown_policy_is_told_its_neighbours(connection, name, message):
    with pytest.raises(UnknownPolicy) as raised:
        actions_of_policy(connection, name)

    assert str(raised.value) == f"No sample policy {name!r} in the catalog{message}"


def test_the_view_says_the_same_as_the_functions(connection):
    named = actions_of_policy(connection, "guide:6")
    rows = connection.execute(
        "select statement, pattern, action from policy_actions"
        " where policy = 'guide:6' and in_catalog order by 1, 2, 3"
    ).fetchall()

    assert sorted(rows) == sorted(
        (each.statement, each.pattern, action) for each in named for action in each.actions
    )


def test_the_view_keeps_what_the_catalog_does_not_document(connection):
    assert connection.execute(
        "select pattern, action from policy_actions where not in_catalog order by 1"
    ).fetchall() == [
        ("depot:Look", "depot:Look"),
        ("other:Do", "other:Do"),
        ("store:Nothing", "store:Nothing"),
        ("sts:AssumeRole", "sts:AssumeRole"),
    ]
