"""Write findings as workflow commands of GitHub Actions, which shows them beside changed lines.

Follows the GitHub Docs, "Workflow commands for GitHub Actions", section "Setting an error message";
how values are escaped is what GitHub's own toolkit does (`@actions/core`).
"""

from __future__ import annotations

from iam_catalog.policy.check.findings import Finding, Severity

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}
_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def annotation(finding: Finding) -> str:
    """Return one line of a workflow's log.

    >>> annotation(Finding("unknown-action", "warning", "100% odd", (), file="a,b.json", line=3))
    '::warning file=a%2Cb.json,line=3,title=unknown-action::100%25 odd'
    """
    suggestion = f" Instead: {finding.suggestion}" if finding.suggestion else ""
    file = _escaped(finding.file or "-", _PROPERTY)
    place = f"file={file},line={finding.line or 1},title={finding.code}"
    return f"::{_COMMANDS[finding.severity]} {place}::{_escaped(finding.text + suggestion, _DATA)}"


def error(text: str) -> str:
    """Return a line for what has no place, such as a file that cannot be read."""
    return f"::error title=iam-catalog::{_escaped(text, _DATA)}"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for character, code in escapes:
        text = text.replace(character, code)
    return text
