"""Write findings as workflow commands of GitHub Actions, which shows them beside changed lines.

Follows the GitHub Docs, "Workflow commands for GitHub Actions", section "Setting an error message";
how values are escaped is what GitHub's own toolkit does (`@actions/core`).
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, Severity
from iam_catalog.policy.check.run import CheckRun, Unread, findings, message, reported_path
from iam_catalog.words import printable

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}
_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield a line for each finding, and then for each file that could not be read."""
    for finding in findings(run):
        yield printable(annotation(finding)) + "\n"
    for unread in run.unreadable:
        yield printable(error(unread)) + "\n"


def annotation(finding: Finding) -> str:
    """Return one line of a workflow's log.

    >>> annotation(Finding("unknown-action", "warning", "100% odd", (), file="a,b.json", line=3))
    '::warning file=a%2Cb.json,line=3,title=unknown-action::100%25 odd'
    """
    place = _place(finding.file or "-", finding.line, finding.code)
    return f"::{_COMMANDS[finding.severity]} {place}::{_escaped(message(finding), _DATA)}"


def error(unread: Unread) -> str:
    """Return a line for a file that could not be read."""
    place = _place(unread.file, unread.line, "iam-catalog")
    return f"::error {place}::{_escaped(unread.text, _DATA)}"


def _place(file: str, line: int | None, title: str) -> str:
    file = reported_path(file).as_posix()
    return f"file={_escaped(file, _PROPERTY)},line={line or 1},title={title}"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for character, code in escapes:
        text = text.replace(character, code)
    return text
