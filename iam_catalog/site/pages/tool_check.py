"""Show what is found in a policy that was sent, what it says in words, and what it lacks.

The policy is read and answered, and goes to no file, no address and no log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from iam_catalog.errors import CatalogError, UnreadablePolicy
from iam_catalog.policy.explain.policy import explain_policy
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.write.complete import complete_policy
from iam_catalog.site.findings import (
    MOST_FINDINGS,
    actions_in,
    as_plain,
    checker_of,
    codes,
    counts,
    shown_findings,
)
from iam_catalog.site.forms import answered, json_without, one_of, status_of, titled
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request
from iam_catalog.site.typography import counted

LONGEST_POLICY = 16 * 1024 * 1024
"""Bytes of a form: a plan of Terraform of 8 MB, and what its spelling for a form adds."""
LONGEST_FILE = 8 * 1024 * 1024
"""Bytes of a file that the page takes."""

_NAME = "policy"
"""What messages call the text; without an ending, so that its content tells how it is read."""
_KINDS = ("identity", "resource", "trust", "scp", "rcp")
_SHOWS = ("findings", "words", "missing")
_MOST_POLICIES = 2_000
"""Of one text."""
_SECONDS = 12.0
"""Of work: four times what the largest plan of the benchmark takes."""
_NOUNS = {"error": "error", "warning": "warning", "info": "note"}


def check(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the findings of each policy in the text that was sent, in the order of its lines.

    `counts` has the findings by severity, `codes` what AWS says about each code that occurs. With
    `show` as `words` a policy has `explained`, as `missing` it has `completed`, or `left_out` with
    the reason why it has not. Without a text nothing of this is there.
    """
    asked = {"kind": request.value("kind"), "show": request.value("show") or _SHOWS[0], "text": ""}
    if request.file is None:
        return asked
    file = request.file
    asked["text"] = file.decode("utf-8-sig", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return answered(asked, lambda: _answer(connection, file, asked))


def _answer(connection: sqlite3.Connection, file: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    kind = one_of("kind", asked["kind"], (None, *_KINDS))
    show = one_of("show", asked["show"], _SHOWS)
    checker = checker_of(connection)
    policies, checked = [], []
    for document in _documents_in(file):
        known = replace(document, kind=document.kind or kind)
        found = list(checker.check(known))
        checked.append((known, found))
        policies.append(
            {
                "title": document.title,
                "line": document.line,
                "findings": [as_plain(each) for each in found],
                **_further(connection, known, show),
            }
        )
    findings = [each for policy in policies for each in policy["findings"]]
    return {
        "policies": policies,
        "counts": counts(findings),
        "codes": codes(findings),
        "checked": checked,
        "linked": actions_in(connection, findings[:MOST_FINDINGS]),
    }


def _documents_in(file: bytes) -> list[PolicyDocument]:
    """Return the policies of the text; raises `UnreadablePolicy`, as `iam-catalog check` does."""
    found: list[PolicyDocument] = []
    for document in read_documents(_NAME, file):
        if len(found) == _MOST_POLICIES:
            raise UnreadablePolicy(
                _NAME,
                f"it has more than {_MOST_POLICIES} policies; check so many with:"
                " iam-catalog check",
                line=document.line,
            )
        found.append(document)
    if not found:
        raise UnreadablePolicy(_NAME, "it has no policy: expected an object with 'Statement'")
    return found


def _further(connection: sqlite3.Connection, document: PolicyDocument, show: str) -> dict[str, Any]:
    """Return what else was asked for of a policy."""
    questions: dict[str, tuple[str, Callable[..., Any]]] = {
        "words": ("explained", explain_policy),
        "missing": ("completed", complete_policy),
    }
    if show not in questions:
        return {}
    name, question = questions[show]
    try:
        return {name: asdict(question(connection, document)), "left_out": None}
    except CatalogError as error:
        return {name: None, "left_out": str(error)}


def _counted_findings(model: dict[str, Any]) -> str | None:
    """Return `1 error, 2 warnings`; `None` before there is an answer."""
    if "counts" not in model:
        return None
    found = [counted(number, _NOUNS[each]) for each, number in model["counts"].items() if number]
    return ", ".join(found) or "Nothing found"


def _shown(model: dict[str, Any]) -> dict[str, Any]:
    """Return the text in numbered lines with the findings, and the first of each severity."""
    found = shown_findings(model["text"], model.get("checked", ()), model.get("linked", ()))
    return {"longest": LONGEST_FILE, **found}


PAGE = SitePage(
    "tools/check",
    "tool_check.html",
    check,
    lambda model: titled("Check a policy", model, _counted_findings(model)),
    formats={"json": json_without("text", "checked", "linked")},
    shown=_shown,
    status=status_of,
    longest_form=LONGEST_POLICY,
    seconds=_SECONDS,
    file_field="policy",
    needs_server=True,
)
