"""What an action needs and what requires it, step by step."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from iam_catalog import schema
from iam_catalog.facts.overviews import around

NEEDS = {
    "s:A": ["t:b", "s:C"],
    "t:B": ["u:D", "s:a"],
    "s:C": ["u:D"],
    "v:E": ["s:A"],
    "w:F": ["v:E", "s:A"],
    "s:Self": ["S:self"],
}


SIDES = ("needs", "required_by")


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.DDL)
        connection.execute("pragma foreign_keys = off")
        connection.executemany(
            "insert into dependent_actions (reference, action, dependent_action, position, page,"
            " line) values (?, ?, ?, ?, 'p', 1)",
            [
                (f"{action}{number}", action, name, number)
                for action, names in NEEDS.items()
                for number, name in enumerate(names, 1)
            ],
        )
        connection.executemany(
            "insert into actions (action, service_prefix, name, access_level, permission_only,"
            " details_page, details_line, incomplete, page, line)"
            " values (?, 's', 'x', ?, 0, 'p', 1, 0, 'p', 1)",
            [("s:A", "Write"), ("t:B", "Read"), ("v:E", None)],
        )
        connection.execute(
            "insert into past_actions (action, service_prefix, name, access_level, permission_only,"
            " details_page, incomplete, page, line, until, removed)"
            " values ('s:C', 's', 'C', 'List', 0, 'p', 0, 'p', 1, '2022', '2022')"
        )
        yield connection


def test_both_sides_are_told_by_steps_with_state_and_level(connection: sqlite3.Connection) -> None:
    found = around(connection, "s:A", ["t:b", "s:C"])

    columns = ("action", "steps", "state", "access_level", "needs")
    told = {side: [tuple(node[c] for c in columns) for node in found[side]] for side in SIDES}
    assert told == {
        "needs": [
            ("t:B", 1, "current", "Read", ["u:D", "s:A"]),
            ("s:C", 1, "removed", "List", ["u:D"]),
            ("u:D", 2, "not in the catalog", None, []),
        ],
        "required_by": [
            ("t:B", 1, "current", "Read", ["u:D", "s:A"]),
            ("v:E", 1, "current", None, ["s:A"]),
            ("w:F", 1, "not in the catalog", None, ["s:A", "v:E"]),
        ],
    }
    assert (found["action"], found["direct"]) == ("s:A", ["t:B", "s:C"])
    assert found["circles"] == [["s:A", "t:B"]]


def test_an_action_that_nobody_knows_of_has_what_requires_it(
    connection: sqlite3.Connection,
) -> None:
    found = around(connection, "U:d", [])

    assert [(node["action"], node["steps"]) for node in found["required_by"]] == [
        ("s:C", 1),
        ("t:B", 1),
        ("s:A", 2),
        ("v:E", 3),
        ("w:F", 3),
    ]
    assert (found["needs"], found["direct"]) == ([], [])


def test_past_dependent_actions_can_stand_for_current_ones(connection: sqlite3.Connection) -> None:
    found = around(connection, "s:Gone", ["v:E"])

    assert [(node["action"], node["steps"]) for node in found["needs"]] == [
        ("v:E", 1),
        ("s:A", 2),
        ("t:B", 3),
        ("s:C", 3),
        ("u:D", 4),
    ]


def test_what_lists_itself_neither_needs_nor_requires_itself(
    connection: sqlite3.Connection,
) -> None:
    found = around(connection, "s:Self", [])

    assert (found["needs"], found["required_by"], found["circles"]) == ([], [], [])
