"""Read the sample policies of the catalog, and the actions and patterns that they write."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

SampleRow = tuple[str, str | None, str, str | None, str | None, int, int]
"""A sample policy, its title, its document with the address and date of that, its line, and its
number of statements."""


class WrittenRow(NamedTuple):
    """An item of Action or NotAction of a sample policy."""

    policy: str
    title: str | None
    statement: str
    effect: str | None
    element: str
    pattern: str
    service_prefix: str | None
    policy_document: str
    line: int


def all_samples(connection: sqlite3.Connection) -> list[SampleRow]:
    """Read the sample policies by document and in its order."""
    rows = connection.execute(
        "select policy, policies.title, policy_document, url, date, line, statements"
        " from policies join policy_documents using (policy_document)"
        " order by policy_document, position"
    )
    return rows.fetchall()


def written_with(connection: sqlite3.Connection, action: str) -> list[WrittenRow]:
    """Read the items that are *action*, and all that have a wildcard, in their order."""
    rows = connection.execute(
        f"{_WRITTEN} where has_wildcard or pattern = ?"
        " order by policy_document, policies.position, policy_statements.position, element,"
        " written.position",
        (action,),
    )
    return [WrittenRow(*row) for row in rows]


def written_in(connection: sqlite3.Connection, policy: str) -> list[WrittenRow]:
    """Read the items of one policy in their order."""
    rows = connection.execute(
        f"{_WRITTEN} where policies.policy = ?"
        " order by policy_statements.position, element, written.position",
        (policy,),
    )
    return [WrittenRow(*row) for row in rows]


_WRITTEN = (
    "select policies.policy, policies.title, statement, effect, element, pattern, service_prefix,"
    " policy_document, written.line from policy_statement_actions as written"
    " join policy_statements using (statement)"
    " join policies on policies.policy = policy_statements.policy"
)


def sample_keys(connection: sqlite3.Connection, name: str) -> list[str]:
    """Read the keys of the policies that are *name*, or are of the document *name*, in order."""
    rows = connection.execute(
        "select policy from policies where policy = ?1 or policy_document = ?1"
        " order by policy_document, position",
        (name,),
    )
    return [policy for (policy,) in rows]


def all_sample_keys(connection: sqlite3.Connection) -> list[str]:
    return [policy for (policy,) in connection.execute("select policy from policies order by 1")]


def services_with_actions(connection: sqlite3.Connection) -> set[str]:
    """Name in lower case the prefixes of the services whose actions a source has a place for."""
    rows = connection.execute(
        "select distinct lower(service_prefix) from pages where actions_state <> 'not in source'"
    )
    return {prefix for (prefix,) in rows}
