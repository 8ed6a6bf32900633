"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.

Follows the GitHub Docs, "Workflow commands for GitHub Actions", section "Setting an error message";
how values are escaped is what GitHub's own toolkit does (`@actions/core`).
"""

from __future__ import annotations

from iam_catalog.policy.check.findings import Finding, Severity

COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}
DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
PROPERTY = (*DATA, (":", "%3A"), (",", "%2C"))


def annotation(finding: Finding) -> str:
    """One line of a workflow's log.

    >>> annotation(Finding("unknown-action", "warning", "100% odd", (), file="a,b.json", line=3))
    '::warning file=a%2Cb.json,line=3,title=unknown-action::100%25 odd'
    """
    suggestion = f" Instead: {finding.suggestion}" if finding.suggestion else ""
    file = escaped(finding.file or "-", PROPERTY)
    place = f"file={file},line={finding.line or 1},title={finding.code}"
    return f"::{COMMANDS[finding.severity]} {place}::{escaped(finding.text + suggestion, DATA)}"


def error(text: str) -> str:
    """A line for what has no place, such as a file that can not be read."""
    return f"::error title=iam-catalog::{escaped(text, DATA)}"


def escaped(text: str, signs: tuple[tuple[str, str], ...]) -> str:
    for sign, code in signs:
        text = text.replace(sign, code)
    return text
