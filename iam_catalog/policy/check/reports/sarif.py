"""Write findings as SARIF 2.1.0, which code scanning of GitHub and others read.

Follows "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", an OASIS standard, and
the GitHub Docs, "SARIF support for code scanning". The log is written piece by piece, so that
memory does not grow with the findings, but for the fingerprints of one file. Ignored findings are
in it too, as suppressed results with their reason. A file that could not be read is a result as
well as a notification.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from iam_catalog import __version__
from iam_catalog.policy.check.findings import Finding, Severity
from iam_catalog.policy.check.ignores import Ignore
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.rule import Rule
from iam_catalog.policy.check.run import (
    UNREADABLE,
    UNREADABLE_MEANING,
    CheckRun,
    Fingerprints,
    Unread,
    digest_of,
    file_uri,
    message,
)
from iam_catalog.policy.read.source import path_text

ENDINGS = (".sarif",)

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_INDEXES = {code: index for index, code in enumerate(CODES)}
_UNREADABLE_RULE: dict[str, object] = {
    "id": UNREADABLE,
    "shortDescription": {"text": UNREADABLE_MEANING},
    "fullDescription": {"text": UNREADABLE_MEANING},
    "defaultConfiguration": {"level": "error"},
    "properties": {"tags": ["files"]},
}


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield a log of one run, in pieces of text."""
    yield '{"$schema": ' + json.dumps(_SCHEMA) + ', "version": "2.1.0", "runs": [{"tool": '
    yield json.dumps({"driver": _driver(__version__)})
    yield ', "results": ['
    fingerprints = Fingerprints()
    comma = ""
    for finding, ignore, document in run.reported():
        result = _result(finding, ignore, fingerprints.of(finding, document))
        yield f"{comma}\n{json.dumps(result)}"
        comma = ","
    for unread in run.unreadable:
        yield f"{comma}\n{json.dumps(_unread_result(unread))}"
        comma = ","
    yield '\n], "invocations": ' + json.dumps([_invocation(run)]) + "}]}\n"


def _invocation(run: CheckRun) -> dict[str, object]:
    """Return how the run ended; it is not a success where a file could not be read."""
    return {
        "executionSuccessful": not run.unread,
        "exitCode": run.exit_code,
        "exitCodeDescription": run.summary(),
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": each.text},
                "locations": [{"physicalLocation": _physical(each.file, each.line)}],
                "associatedRule": {"id": UNREADABLE, "index": len(CODES)},
            }
            for each in run.unreadable
        ],
    }


def _unread_result(unread: Unread) -> dict[str, object]:
    """Return a result for a file that could not be read: code scanning shows no notifications."""
    return {
        "ruleId": UNREADABLE,
        "ruleIndex": len(CODES),
        "level": "error",
        "message": {"text": unread.text},
        "locations": [{"physicalLocation": _physical(unread.file, unread.line)}],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{digest_of((UNREADABLE, unread.line))}:1"
        },
    }


def _driver(version: str) -> dict[str, object]:
    """Return the tool, with a rule for each code."""
    return {
        "name": "iam-catalog",
        "semanticVersion": version,
        "rules": [*map(_descriptor, CODES.values()), _UNREADABLE_RULE],
    }


def _descriptor(rule: Rule) -> dict[str, object]:
    """Return what a log says of a rule, with AWS's address for help where there is one."""
    full = " ".join([rule.meaning, *rule.explanation.split("\n\n")]).strip()
    read = f" (read on {rule.read_on})" if rule.read_on else ""
    link = f"[{rule.reference}]({rule.source})" if rule.source else rule.reference
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.meaning},
        "fullDescription": {"text": full},
        **({"helpUri": rule.source} if rule.source else {}),
        "help": {
            "text": f"{full} See: {rule.reference}{read}",
            "markdown": f"{full}\n\nSee: {link}{read}",
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.topic]},
    }


def _result(finding: Finding, ignore: Ignore | None, fingerprint: str) -> dict[str, object]:
    """Return one finding, suppressed where it is ignored."""
    found: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": _INDEXES[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": message(finding)},
        "locations": [_location(finding)],
        # The one name that GitHub uses; its upload action keeps a value that is there.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
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


def _location(finding: Finding) -> dict[str, object]:
    place: dict[str, object] = {"physicalLocation": _physical(finding.file or "-", finding.line)}
    if finding.path:
        place["logicalLocations"] = [{"fullyQualifiedName": path_text(finding.path)}]
    return place


def _physical(file: str, line: int | None) -> dict[str, object]:
    return {
        "artifactLocation": {"uri": file_uri(file)},
        "region": {"startLine": max(1, line or 1)},
    }
