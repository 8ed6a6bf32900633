"""Show the findings of a checked policy: beside the lines of its text, counted and explained."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from threading import local
from typing import Any

from iam_catalog.policy.check.engine import Checker
from iam_catalog.policy.check.findings import SEVERITIES, Finding
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.read.source import path_text

WHOLE = 400
"""Lines of a text that is shown whole."""
AROUND = 3
"""Lines that are shown before and behind a finding in a longer one."""
LONGEST_LINE = 20_000
"""Characters of a line: policies are often written in one."""
MOST_FINDINGS = 500
"""A page shows so many; its JSON has them all."""

_of_thread = local()


def checker_of(connection: sqlite3.Connection) -> Checker:
    """Return the checker of this thread, which knows the catalog already.

    It knows nothing of the policies that it has checked.
    """
    checker: Checker | None = getattr(_of_thread, "checker", None)
    if checker is None or checker.connection is not connection:
        checker = _of_thread.checker = Checker(connection)
    checker.forget()
    return checker


def as_plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as the command line prints it: with its place in words, without the file."""
    plain = asdict(finding)
    del plain["file"], plain["title"]
    return {**plain, "place": path_text(finding.path)}


def counts(findings: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Count the findings of each severity, the most severe first."""
    found = Counter(each["severity"] for each in findings)
    return {severity: found[severity] for severity in reversed(SEVERITIES)}


def codes(findings: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return what each code that occurs means, and where AWS says so."""
    return {
        code: {"meaning": CODES[code].meaning, "reference": CODES[code].reference}
        for code in sorted({each["code"] for each in findings})
    }


def shown_findings(
    text: str, findings: list[dict[str, Any]], titles: dict[int, str], first_line: int = 1
) -> dict[str, Any]:
    """Return what the template `tool_parts.html` needs to show findings in their text."""
    blocks = listing(text, findings, titles, first_line) if text else []
    numbered = [
        finding for block in blocks for line in block["lines"] for finding in line["findings"]
    ]
    first: dict[str, int] = {}
    for finding in numbered:
        first.setdefault(finding["severity"], finding["number"])
    return {
        "blocks": blocks,
        "first": first,
        "shown": len(numbered),
        "more": len(findings) - len(numbered),
    }


def listing(
    text: str,
    findings: Iterable[Mapping[str, Any]],
    titles: Mapping[int, str] | None = None,
    first_line: int = 1,
) -> list[dict[str, Any]]:
    """Return the text in blocks of lines, each with the number of lines left out before it.

    *titles* are those of the policies, by the lines where they start. Findings are numbered in the
    order of their lines; one of a line that the text does not have is at the first.
    """
    lines = text.split("\n")
    last_line = first_line + len(lines) - 1
    by_line: dict[int, list[dict[str, Any]]] = {}
    for number, finding in enumerate(sorted(findings, key=_line_of), 1):
        line = _line_of(finding)
        if number <= MOST_FINDINGS:
            place = line if first_line <= line <= last_line else first_line
            by_line.setdefault(place, []).append({**finding, "number": number})
    shown = _shown_lines(range(first_line, last_line + 1), by_line.keys() | (titles or {}).keys())
    blocks: list[dict[str, Any]] = []
    before = first_line - 1
    for number in shown:
        if number != before + 1 or not blocks:
            blocks.append({"left_out": number - before - 1, "lines": []})
        blocks[-1]["lines"].append(
            {
                "number": number,
                **_parted(_cut(lines[number - first_line])),
                "title": (titles or {}).get(number),
                "findings": by_line.get(number, []),
                "notes": [],
            }
        )
        before = number
    if before < last_line:
        blocks.append({"left_out": last_line - before, "lines": []})
    return blocks


def _line_of(finding: Mapping[str, Any]) -> int:
    return finding["line"] or 1


def _shown_lines(lines: range, marked: Iterable[int]) -> Iterator[int]:
    """Return all lines of a short text, and of a long one those around what is marked."""
    if len(lines) <= WHOLE:
        return iter(lines)
    near = {line + step for line in marked for step in range(-AROUND, AROUND + 1)}
    return (line for line in lines if line in near)


def _parted(line: str) -> dict[str, str]:
    """Split off the blanks that a line starts with, which narrow screens show narrower."""
    text = line.lstrip(" \t")
    return {"indent": line[: len(line) - len(text)], "text": text}


def _cut(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line.rstrip("\r")
    return f"{line[:LONGEST_LINE]} … and {len(line) - LONGEST_LINE:,} characters more"
