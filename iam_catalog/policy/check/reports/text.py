"""Write findings as text: a line for each, which editors read, and below it what helps.

With ANSI colors; where they are not wanted, the caller takes them out.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.run import CheckRun, evidence_lines, findings, place_words
from iam_catalog.words import printable, wrapped

ENDINGS = (".txt",)

_COLORS = {"info": 34, "warning": 33, "error": 31}
_INDENT = "    "


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield the lines of each finding."""
    room = None if run.width is None else run.width - len(_INDENT)
    for finding in findings(run):
        yield "\n".join(_lines(finding, room)) + "\n"


def _lines(finding: Finding, room: int | None) -> Iterator[str]:
    place = printable(f"{finding.file}:{finding.line}")
    start = f"{place}: {finding.severity}: "
    first, *others = wrapped(f"{start}{printable(f'{finding.text} [{finding.code}]')}", room)
    if first.startswith(start):
        severity = f"\x1b[{_COLORS[finding.severity]}m{finding.severity}\x1b[0m"
        first = f"\x1b[1m{place}\x1b[0m: {severity}: {first.removeprefix(start)}"
    yield first
    for line in others:
        yield f"{_INDENT}{line}"
    for detail in _details(finding):
        for line in wrapped(printable(detail), room):
            yield f"{_INDENT}{line}"


def _details(finding: Finding) -> Iterator[str]:
    if place := place_words(finding):
        yield f"at {place}"
    if finding.suggestion:
        yield f"instead: {finding.suggestion}"
    for line in evidence_lines(finding):
        yield f"see {line}"
