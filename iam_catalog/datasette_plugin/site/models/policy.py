"""One sample policy: as it was published, in words, what it names, and what `check` finds."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, replace
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.checkers import checker_of
from iam_catalog.datasette_plugin.site.models.policies import DOCUMENT, below, has_policies, rows
from iam_catalog.datasette_plugin.site.models.tool_check import as_plain, codes, counts
from iam_catalog.errors import UnknownPolicy
from iam_catalog.policy.explain.policy import explain_policy
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.documents import read_documents
from iam_catalog.policy.read.lines import line_of
from iam_catalog.policy.samples import actions_of_policy, known_policy

POLICY = ("policy", "policy_document", "position", "title", "kind", "version", "text", "line")
NOTE = ("number", "path", "text", "line")


def policy(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The sample policy of that name, or of a document that has only one.

    `named` has what stands as an action, with the actions of the catalog that it matches;
    `documented` is None where the catalog does not hold the service. Lines are those of the
    document. Raises `UnknownPolicy`.
    """
    if not has_policies(connection):
        raise UnknownPolicy(asked.names["name"], detail=", which has no place for any")
    key = known_policy(connection, asked.names["name"])
    (found,) = rows(connection, POLICY, "policies where policy = ?", key)
    where = "policy_documents where policy_document = ?"
    (document,) = rows(connection, DOCUMENT, where, found["policy_document"])
    text = document_of(found)
    findings = [as_plain(each) for each in checker_of(connection).check(text)]
    explained = asdict(explain_policy(connection, text))
    for statement in explained["statements"]:
        statement["line"] = line_of(text, statement["path"])
    return {
        "policy": {**found, "heading": below(document["title"], found["title"])},
        "document": document,
        "explained": explained,
        "named": [asdict(each) for each in actions_of_policy(connection, key)],
        "notes": rows(connection, NOTE, "policy_notes where policy = ? order by position", key),
        "findings": findings,
        "counts": counts(findings),
        "codes": codes(findings),
        "others": others(connection, found),
    }


def document_of(row: dict[str, Any]) -> PolicyDocument:
    """The policy with the lines that it has in its document."""
    found = next(read_documents("policy.json", row["text"].encode()))
    return replace(
        found,
        file=row["policy_document"],
        title=row["title"],
        line=row["line"],
        text_line=row["line"],
        kind=found.kind or row["kind"],
    )


def others(connection: sqlite3.Connection, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The other policies of the document."""
    where = "policies where policy_document = ? and policy <> ? order by position"
    return rows(
        connection, ("policy", "title", "line"), where, row["policy_document"], row["policy"]
    )
