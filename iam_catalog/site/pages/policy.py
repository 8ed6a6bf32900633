"""Show one sample policy: as it was published, in words, what it names, and what `check` finds."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, replace
from typing import Any

from iam_catalog.errors import UnknownPolicy
from iam_catalog.facts.samples import (
    StoredPolicy,
    has_policies,
    notes_of,
    policies_of,
    policy_pages,
    stored_policy,
)
from iam_catalog.policy.explain.policy import explain_policy
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.source import line_of
from iam_catalog.policy.samples import actions_of_policy, known_policy
from iam_catalog.site.findings import (
    actions_in,
    as_plain,
    checker_of,
    codes,
    counts,
    shown_findings,
)
from iam_catalog.site.forms import json_without
from iam_catalog.site.pages.policies import below
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request


def policy(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the sample policy of that name, or of a document that has only one.

    `named` has what the policy writes as actions, with the actions of the catalog that match;
    `documented` is `None` where the catalog does not hold the service. Lines are those of the
    document. Raises `UnknownPolicy`.
    """
    if not has_policies(connection):
        raise UnknownPolicy(request.names["name"], detail=", which has no place for any")
    key = known_policy(connection, request.names["name"])
    found = stored_policy(connection, key)
    (document,) = policy_pages(connection, found.policy_document)
    text = _document_of(found)
    checked = list(checker_of(connection).check(text))
    findings = [as_plain(each) for each in checked]
    explained = asdict(explain_policy(connection, text))
    for statement in explained["statements"]:
        statement["line"] = line_of(text, statement["path"])
    return {
        "policy": _own_fields(found) | {"heading": below(document.title, found.title)},
        "document": document._asdict(),
        "explained": explained,
        "named": [asdict(each) for each in actions_of_policy(connection, key)],
        "notes": [each._asdict() for each in notes_of(connection, key)],
        "findings": findings,
        "counts": counts(findings),
        "codes": codes(findings),
        "checked": [(text, checked)],
        "linked": actions_in(connection, findings),
        "others": [
            {"policy": each.policy, "title": each.title, "line": each.line}
            for each in policies_of(connection, found.policy_document)
            if each.policy != key
        ],
    }


_OF_PAGE = ("checked", "linked")
"""What only the page needs of the model."""


def _own_fields(found: StoredPolicy) -> dict[str, Any]:
    fields = found._asdict()
    del fields["statements"]
    return fields


def _document_of(policy: StoredPolicy) -> PolicyDocument:
    """Read the policy, with the lines that it has in its document."""
    found = next(read_documents("policy.json", policy.text.encode()))
    return replace(
        found,
        file=policy.policy_document,
        title=policy.title,
        line=policy.line,
        text_line=policy.line,
        kind=found.kind or policy.kind,
    )


def _shown(model: dict[str, Any]) -> dict[str, Any]:
    """Return the text in the lines of its document, with findings and footnotes."""
    policy = model["policy"]
    shown = shown_findings(
        policy["text"], model["checked"], model["linked"], policy["line"], as_written=True
    )
    blocks = [block for piece in shown["pieces"] for block in piece["blocks"]]
    lines = {line["number"]: line for block in blocks for line in block["lines"]}
    for note in model["notes"]:
        if note["line"] in lines:
            lines[note["line"]]["notes"].append(note)
    return shown


PAGE = SitePage(
    "policy/(?P<name>.+?)",
    "policy.html",
    policy,
    lambda model: f"{model['policy']['heading'] or model['policy']['policy']} - sample policy",
    formats={"json": json_without(*_OF_PAGE)},
    shown=_shown,
    name=lambda model: model["policy"]["policy"],
)
