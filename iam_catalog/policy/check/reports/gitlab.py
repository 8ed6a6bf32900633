"""Write findings as a Code Quality report, which GitLab shows in merge requests.

Follows the GitLab Docs, "Code Quality", section "Code Quality report format": a list of objects
with a fingerprint that no other one has. Ignored findings are not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from iam_catalog.policy.check.findings import Severity
from iam_catalog.policy.check.run import (
    UNREADABLE,
    CheckRun,
    Fingerprints,
    digest_of,
    message,
    reported_path,
)

_SEVERITIES: dict[Severity, str] = {"error": "critical", "warning": "major", "info": "info"}
_UNREADABLE = "blocker"


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield the list, with one finding a piece, and the files that were not read at its end."""
    prints = Fingerprints()
    comma = "[\n"
    for finding, ignore, document in run.reported():
        if ignore is not None:
            continue
        file, known = finding.file or "-", prints.of(finding, document)
        severity = _SEVERITIES[finding.severity]
        yield comma + _entry(message(finding), finding.code, severity, file, finding.line, known)
        comma = ",\n"
    for unread in run.unreadable:
        yield comma + _entry(
            unread.text, UNREADABLE, _UNREADABLE, unread.file, unread.line, unread.text
        )
        comma = ",\n"
    yield "[]\n" if comma.startswith("[") else "\n]\n"


def _entry(text: str, code: str, severity: str, file: str, line: int | None, known: str) -> str:
    """Return an object; *known* is what tells it from others of its code and file."""
    file = reported_path(file).as_posix()
    entry = {
        "description": text,
        "check_name": code,
        "fingerprint": digest_of((file, code, known)),
        "severity": severity,
        "location": {"path": file, "lines": {"begin": max(1, line or 1)}},
    }
    return json.dumps(entry, ensure_ascii=False)
