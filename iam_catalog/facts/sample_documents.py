"""List the documents that show sample policies, with the policies, fragments and notes in them.

What a policy names and which policies use an action is answered by `iam_catalog.policy.samples`.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Literal, NamedTuple

PolicyKind = Literal["identity", "resource", "trust", "scp", "rcp"]


class PolicyPage(NamedTuple):
    """A document that shows sample policies."""

    policy_document: str
    title: str | None
    date: str | None
    url: str | None
    publisher: str | None
    licence: str | None
    file: str


class StoredPolicy(NamedTuple):
    """A sample policy as it was published."""

    policy: str
    policy_document: str
    position: int
    title: str | None
    kind: PolicyKind | None
    version: str | None
    text: str
    line: int
    statements: int


class Fragment(NamedTuple):
    """Text in a document that looks like a policy and is none."""

    fragment: str
    title: str | None
    reason: str
    text: str
    line: int


class Note(NamedTuple):
    """A footnote of a sample policy."""

    number: str
    path: str
    text: str
    line: int


class NamedInPolicy(NamedTuple):
    """A sample policy that names actions of a service, with what it writes of them."""

    policy: str
    title: str | None
    patterns: list[str]


class PolicyTitles(NamedTuple):
    """What a sample policy is found by."""

    policy: str
    title: str | None
    document_title: str | None


def has_policies(connection: sqlite3.Connection) -> bool:
    """Return True if the catalog has a place for sample policies."""
    found = connection.execute("select 1 from sqlite_master where name = 'policies'").fetchone()
    return found is not None


def policy_pages(connection: sqlite3.Connection, name: str | None = None) -> list[PolicyPage]:
    """Return the documents by name, or the one of that *name*."""
    where = "" if name is None else "where policy_document = ?"
    return _rows(connection, PolicyPage, f"policy_documents {where} order by policy_document", name)


def policies_of(connection: sqlite3.Connection, document: str) -> list[StoredPolicy]:
    """Return the policies of a document, in its order."""
    where = "policies where policy_document = ? order by position"
    return _rows(connection, StoredPolicy, where, document)


def stored_policy(connection: sqlite3.Connection, key: str) -> StoredPolicy:
    """Return the policy with a key that the catalog has."""
    found: StoredPolicy = _rows(connection, StoredPolicy, "policies where policy = ?", key)[0]
    return found


def fragments_of(connection: sqlite3.Connection, document: str) -> list[Fragment]:
    """Return the fragments of a document, in its order."""
    where = "policy_fragments where policy_document = ? order by position"
    return _rows(connection, Fragment, where, document)


def notes_of(connection: sqlite3.Connection, policy: str) -> list[Note]:
    """Return the footnotes of a policy, in its order."""
    return _rows(connection, Note, "policy_notes where policy = ? order by position", policy)


def services_of_policies(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the service prefixes that each policy names, sorted, in lower case."""
    found: dict[str, list[str]] = {}
    for policy, prefix in connection.execute(
        "select distinct policy, lower(service_prefix) from policy_statement_actions"
        " join policy_statements using (statement) where service_prefix is not null order by 1, 2"
    ):
        found.setdefault(policy, []).append(prefix)
    return found


def policies_naming(connection: sqlite3.Connection, prefix: str) -> list[NamedInPolicy]:
    """Return the policies that name actions of a service, by document.

    Patterns that name no service, such as `*`, do not count.
    """
    found: dict[str, NamedInPolicy] = {}
    for policy, title, pattern in connection.execute(
        "select policies.policy, title, pattern from policy_statement_actions as written"
        " join policy_statements using (statement)"
        " join policies on policies.policy = policy_statements.policy"
        " where service_prefix = ? order by policy_document, policies.position,"
        " policy_statements.position, element, written.position",
        (prefix,),
    ):
        use = found.setdefault(policy, NamedInPolicy(policy, title, []))
        if pattern not in use.patterns:
            use.patterns.append(pattern)
    return list(found.values())


def policy_titles(connection: sqlite3.Connection) -> list[PolicyTitles]:
    """Return the policies with their titles, by document and in its order."""
    rows = connection.execute(
        "select policy, p.title, d.title from policies as p"
        " join policy_documents as d using (policy_document) order by policy_document, position"
    )
    return [PolicyTitles(*row) for row in rows]


def _rows(connection: sqlite3.Connection, kind: Any, rest: str, value: str | None) -> list[Any]:
    values = () if value is None else (value,)
    rows = connection.execute(f"select {', '.join(kind._fields)} from {rest}", values)
    return [kind(*row) for row in rows]
