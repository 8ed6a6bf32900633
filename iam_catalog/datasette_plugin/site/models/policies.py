"""The sample policies of the catalog, by the documents that show them, with the fragments."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked

DOCUMENT = ("policy_document", "title", "date", "url", "publisher", "licence", "file")
POLICY = ("policy", "title", "kind", "statements", "line")
FRAGMENT = ("fragment", "title", "reason", "text", "line")


def policies(connection: sqlite3.Connection, _: Asked) -> dict[str, Any]:
    """The documents by name, each with its policies and fragments in its order.

    `held` is False for a catalog that has no place for sample policies.
    """
    if not has_policies(connection):
        return {"held": False, "documents": []}
    documents = rows(connection, DOCUMENT, "policy_documents order by policy_document")
    services = services_named(connection)
    for document in documents:
        of_document = "where policy_document = ? order by position"
        key = document["policy_document"]
        found = rows(connection, POLICY, f"policies {of_document}", key)
        document["policies"] = [
            {
                **each,
                "heading": below(document["title"], each["title"]),
                "services": services.get(each["policy"], []),
            }
            for each in found
        ]
        document["fragments"] = rows(connection, FRAGMENT, f"policy_fragments {of_document}", key)
    return {"held": True, "documents": documents}


def has_policies(connection: sqlite3.Connection) -> bool:
    """Whether the catalog has a place for sample policies."""
    found = connection.execute("select 1 from sqlite_master where name = 'policies'").fetchone()
    return found is not None


def rows(
    connection: sqlite3.Connection, columns: tuple[str, ...], rest: str, *values: str
) -> list[dict[str, Any]]:
    found = connection.execute(f"select {', '.join(columns)} from {rest}", values)
    return [dict(zip(columns, row, strict=True)) for row in found]


def services_named(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The service prefixes that each policy names, sorted."""
    found: dict[str, list[str]] = {}
    for policy, prefix in connection.execute(
        "select distinct policy, lower(service_prefix) from policy_statement_actions"
        " join policy_statements using (statement) where service_prefix is not null order by 1, 2"
    ):
        found.setdefault(policy, []).append(prefix)
    return found


def policies_naming(connection: sqlite3.Connection, prefix: str) -> list[dict[str, Any]] | None:
    """The policies that name actions of a service, by document, each with what it writes of them.

    Patterns that name no service, such as `*`, do not count. None for a catalog that has no place
    for sample policies.
    """
    if not has_policies(connection):
        return None
    found: dict[str, dict[str, Any]] = {}
    for policy, title, pattern in connection.execute(
        "select policies.policy, title, pattern from policy_statement_actions as written"
        " join policy_statements using (statement)"
        " join policies on policies.policy = policy_statements.policy"
        " where service_prefix = ? order by policy_document, policies.position,"
        " policy_statements.position, element, written.position",
        (prefix,),
    ):
        use = found.setdefault(policy, {"policy": policy, "title": title, "patterns": []})
        if pattern not in use["patterns"]:
            use["patterns"].append(pattern)
    return list(found.values())


def below(document: str | None, title: str | None) -> str | None:
    """The headings of a policy without the first, where that is the title of its document.

    >>> below("Guide", "Guide / End users / Console")
    'End users / Console'
    """
    if document is None or title is None:
        return title
    first, _, rest = title.partition(" / ")
    return rest if rest and first.startswith(document) else title
