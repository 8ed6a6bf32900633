"""Write findings as SARIF 2.1.0, which code scanning of GitHub and others read.

Follows "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", an OASIS standard, and
the GitHub Docs, "SARIF support for code scanning". The log is written piece by piece, so that
memory does not grow with the findings, but for the fingerprints of one file. Ignored findings are
in it too, as suppressed results with their reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import PurePath
from urllib.parse import quote

from iam_catalog.policy.check.findings import Finding, Severity
from iam_catalog.policy.check.ignores import Ignore
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.rule import Rule
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.source import path_text

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_INDEXES = {code: index for index, code in enumerate(CODES)}

Reported = tuple[Finding, Ignore | None, PolicyDocument | None]
"""A finding, what it is ignored for, and the policy that it is about."""


def sarif_log(version: str, found: Iterable[Reported], unreadable: Iterable[str]) -> Iterator[str]:
    """Yield a log of one run, in pieces of text; *unreadable* is asked last, for files not read."""
    yield '{"$schema": ' + json.dumps(_SCHEMA) + ', "version": "2.1.0", "runs": [{"tool": '
    yield json.dumps({"driver": _driver(version)})
    yield ', "results": ['
    fingerprints = Fingerprints()
    for number, (finding, ignore, document) in enumerate(found):
        result = _result(finding, ignore, fingerprints.of(finding, document))
        yield ("," if number else "") + "\n" + json.dumps(result)
    texts = list(unreadable)
    notifications = [{"level": "error", "message": {"text": text}} for text in texts]
    invocation = {
        "executionSuccessful": not texts,
        "toolExecutionNotifications": notifications,
    }
    yield '\n], "invocations": ' + json.dumps([invocation]) + "}]}\n"


class Fingerprints:
    """Fingerprints of findings, which lines and positions that moved leave as they are.

    A finding is known by its code, the title of its policy, the Sid of its statement (its effect
    without one), and the item: neither by its text, which has dates of the catalog, nor by the
    places in lists. Findings of one file that are equal so far are numbered.
    """

    def __init__(self) -> None:
        self._file: str | None = None
        self._seen: Counter[str] = Counter()

    def of(self, finding: Finding, document: PolicyDocument | None) -> str:
        """Return the fingerprint of the next finding: a hash and the number of its occurrence."""
        if finding.file != self._file:
            self._file = finding.file
            self._seen.clear()
        value = document.value if document else None
        parts = [finding.code, finding.title, *_identity(finding.path, value)]
        if document is None:
            parts.append(finding.text)
        digest = sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"


def _identity(path: tuple[str | int, ...], value: object) -> Iterator[object]:
    """Yield the names on the way to an item, statements by their Sid or effect, and the item."""
    for index, step in enumerate(path):
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        elif isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
            yield step
        if index < 2 and isinstance(value, dict) and path[0] == "Statement":
            yield value.get("Sid") or value.get("Effect")
    if path:
        yield value


def _driver(version: str) -> dict[str, object]:
    """Return the tool, with a rule for each code."""
    return {
        "name": "iam-catalog",
        "semanticVersion": version,
        "rules": [_descriptor(rule) for rule in CODES.values()],
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
    suggestion = f" Instead: {finding.suggestion}" if finding.suggestion else ""
    found: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": _INDEXES[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.text + suggestion},
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
    place: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(finding.file or "-")},
            "region": {"startLine": max(1, finding.line or 1)},
        }
    }
    if finding.path:
        place["logicalLocations"] = [{"fullyQualifiedName": path_text(finding.path)}]
    return place


def _uri(file: str) -> str:
    """Return a file as a URI: relative to the working folder, unless named from the root."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")
