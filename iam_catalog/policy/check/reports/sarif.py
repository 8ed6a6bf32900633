"""Findings as SARIF 2.1.0, which code scanning of GitHub and others read.

Follows "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", an OASIS standard. The
log is written piece by piece, so that memory does not grow with the findings. Ignored findings are
in it too, as suppressed results with their reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from urllib.parse import quote

from iam_catalog.policy.check.codes import CODES
from iam_catalog.policy.check.findings import Finding, Severity
from iam_catalog.policy.check.ignores import Ignore
from iam_catalog.policy.read.paths import path_text

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
INDEXES = {code: index for index, code in enumerate(CODES)}


def sarif_log(
    version: str, found: Iterable[tuple[Finding, Ignore | None]], unreadable: Iterable[str]
) -> Iterator[str]:
    """A log of one run, in pieces of text.

    *found* are the findings, with what those are ignored for that are; *unreadable* is asked last,
    for what kept files from being checked.
    """
    yield '{"$schema": ' + json.dumps(SCHEMA) + ', "version": "2.1.0", "runs": [{"tool": '
    yield json.dumps({"driver": driver(version)})
    yield ', "results": ['
    for number, (finding, ignore) in enumerate(found):
        yield ("," if number else "") + "\n" + json.dumps(result(finding, ignore))
    texts = list(unreadable)
    notifications = [{"level": "error", "message": {"text": text}} for text in texts]
    invocation = {
        "executionSuccessful": not texts,
        "toolExecutionNotifications": notifications,
    }
    yield '\n], "invocations": ' + json.dumps([invocation]) + "}]}\n"


def driver(version: str) -> dict[str, object]:
    """The tool, with a rule for each code."""
    return {
        "name": "iam-catalog",
        "semanticVersion": version,
        "rules": [
            {
                "id": code,
                "shortDescription": {"text": facts.meaning},
                "help": {"text": f"See: {facts.reference}"},
                "defaultConfiguration": {"level": LEVELS[facts.severity]},
            }
            for code, facts in CODES.items()
        ],
    }


def result(finding: Finding, ignore: Ignore | None) -> dict[str, object]:
    """One finding, suppressed where it is ignored."""
    suggestion = f" Instead: {finding.suggestion}" if finding.suggestion else ""
    found: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": INDEXES[finding.code],
        "level": LEVELS[finding.severity],
        "message": {"text": finding.text + suggestion},
        "locations": [location(finding)],
        "properties": {
            "evidence": [
                {
                    "page": each.page,
                    "date": each.date,
                    **({} if each.line is None else {"line": each.line}),
                    **({} if each.place is None else {"place": each.place}),
                }
                for each in finding.evidence
            ],
            **({"policy": finding.title} if finding.title else {}),
        },
    }
    if ignore is not None:
        kind = "external" if ignore.line is None else "inSource"
        found["suppressions"] = [{"kind": kind, "justification": ignore.reason}]
    return found


def location(finding: Finding) -> dict[str, object]:
    place: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(finding.file or "-")},
            "region": {"startLine": max(1, finding.line or 1)},
        }
    }
    if finding.path:
        place["logicalLocations"] = [{"fullyQualifiedName": path_text(finding.path)}]
    return place


def uri(file: str) -> str:
    """A file as a URI: relative to where the check ran, unless it was named from the root."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")
