"""What is found in a policy that was sent, what it says in words, and what it lacks.

The policy is read and answered, and goes to no file, no address and no log.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.answers import answered
from iam_catalog.datasette_plugin.site.models.checkers import checker_of
from iam_catalog.errors import CatalogError, UnreadablePolicy
from iam_catalog.policy.check.findings import SEVERITIES, Finding
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.explain.policy import explain_policy
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.documents import read_documents
from iam_catalog.policy.read.paths import path_text
from iam_catalog.policy.write.complete import complete_policy

NAME = "policy"
"""What messages call the text; without an ending, so that its content tells how it is read."""
KINDS = ("identity", "resource", "trust", "scp", "rcp")
SHOWS = ("findings", "words", "missing")
MOST_POLICIES = 100
"""Of one text."""


def check(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The findings of each policy in the text that was sent, in the order of its lines.

    `counts` has the findings by severity, `codes` what AWS says about each code that occurs. With
    `show` as `words` a policy has `explained`, as `missing` it has `completed`, or `left_out` with
    the reason why it has not. Without a text nothing of this is there.
    """
    given = {"kind": asked.value("kind"), "show": asked.value("show") or SHOWS[0], "text": ""}
    if asked.file is None:
        return given
    file = asked.file
    given["text"] = file.decode("utf-8-sig", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return answered(given, lambda: answer(connection, file, given))


def answer(connection: sqlite3.Connection, file: bytes, given: dict[str, Any]) -> dict[str, Any]:
    kind = one_of("kind", given["kind"], (None, *KINDS))
    show = one_of("show", given["show"], SHOWS)
    checker = checker_of(connection)
    policies = []
    for document in documents_in(file):
        known = replace(document, kind=document.kind or kind)
        found = checker.check(known)
        policies.append(
            {
                "title": document.title,
                "line": document.line,
                "findings": [as_plain(each) for each in found],
                **further(connection, known, show),
            }
        )
    findings = [each for policy in policies for each in policy["findings"]]
    return {"policies": policies, "counts": counts(findings), "codes": codes(findings)}


def one_of(name: str, word: str | None, words: Iterable[str | None]) -> Any:
    """*word*, which must be one of *words*."""
    if word in words:
        return word
    known = ", ".join(each for each in words if each)
    raise CatalogError(f"{name} is {(word or '')[:80]!r}: expected one of {known}.")


def documents_in(file: bytes) -> list[PolicyDocument]:
    """The policies of the text; raises `UnreadablePolicy`, as `iam-catalog check` does."""
    found: list[PolicyDocument] = []
    for document in read_documents(NAME, file):
        if len(found) == MOST_POLICIES:
            raise UnreadablePolicy(
                NAME,
                f"it has more than {MOST_POLICIES} policies; check so many with: iam-catalog check",
                line=document.line,
            )
        found.append(document)
    if not found:
        raise UnreadablePolicy(NAME, "no policy stands in it: expected an object with 'Statement'")
    return found


def further(connection: sqlite3.Connection, document: PolicyDocument, show: str) -> dict[str, Any]:
    """What else was asked for of a policy."""
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


def as_plain(finding: Finding) -> dict[str, Any]:
    """A finding as the command line prints it: with its place in words, and without the file."""
    plain = asdict(finding)
    del plain["file"], plain["title"]
    return {**plain, "place": path_text(finding.path)}


def counts(findings: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many findings there are of each severity, the most severe first."""
    found = Counter(each["severity"] for each in findings)
    return {severity: found[severity] for severity in reversed(SEVERITIES)}


def codes(findings: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """What each code that occurs means, and where AWS says so."""
    return {
        code: {"meaning": CODES[code].meaning, "reference": CODES[code].reference}
        for code in sorted({each["code"] for each in findings})
    }
