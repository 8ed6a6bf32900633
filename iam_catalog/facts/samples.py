"""Read the sample policies of the catalog: their documents, and the actions and patterns in them.

What a policy names and which policies use an action is answered by `iam_catalog.policy.samples`.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Literal, NamedTuple

PolicyKind = Literal["identity", "resource", "trust", "scp", "rcp"]

SampleRow = tuple[str, str | None, str, str | None, str | None, int, int]
"""A sample policy, its title, its document with the address and date of that, its line, and its
number of statements."""


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


class StoredFragment(NamedTuple):
    """Text in a document that looks like a policy and is none."""

    fragment: str
    title: str | None
    reason: str
    text: str
    line: int


class StoredNote(NamedTuple):
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


def fragments_of(connection: sqlite3.Connection, document: str) -> list[StoredFragment]:
    """Return the fragments of a document, in its order."""
    where = "policy_fragments where policy_document = ? order by position"
    return _rows(connection, StoredFragment, where, document)


def notes_of(connection: sqlite3.Connection, policy: str) -> list[StoredNote]:
    """Return the footnotes of a policy, in its order."""
    return _rows(connection, StoredNote, "policy_notes where policy = ? order by position", policy)


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


def services_as_principals(connection: sqlite3.Connection) -> list[str]:
    """List the service principals that sample policies name, the most frequent first."""
    rows = connection.execute(
        "select principal from policy_statement_principals where type = 'Service'"
        " group by principal order by count(*) desc, principal"
    )
    return [name for (name,) in rows]
