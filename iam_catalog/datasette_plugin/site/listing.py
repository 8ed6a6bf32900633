"""A text line by line, with what was found beside the line that it is about.

Of a long text only the lines around findings are shown. Pure: no HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

WHOLE = 400
"""Lines of a text that is shown whole."""
AROUND = 3
"""Lines that are shown before and behind a finding in a longer one."""
LONGEST_LINE = 20_000
"""Characters of a line: policies are often written in one."""
MOST_FINDINGS = 500
"""A page shows so many; its JSON has them all."""


def listing(
    text: str,
    findings: Iterable[Mapping[str, Any]],
    titles: Mapping[int, str] | None = None,
    first_line: int = 1,
) -> list[dict[str, Any]]:
    """The text in blocks of lines, each with the number of lines that are left out before it.

    *titles* stand above the lines where policies start. Findings are numbered in the order of
    their lines; one of a line that the text has not stands at the first.
    """
    lines = text.split("\n")
    last_line = first_line + len(lines) - 1
    by_line: dict[int, list[dict[str, Any]]] = {}
    for number, finding in enumerate(sorted(findings, key=line_of), 1):
        line = line_of(finding)
        if number <= MOST_FINDINGS:
            place = line if first_line <= line <= last_line else first_line
            by_line.setdefault(place, []).append({**finding, "number": number})
    kept = shown_lines(range(first_line, last_line + 1), by_line.keys() | (titles or {}).keys())
    blocks: list[dict[str, Any]] = []
    before = first_line - 1
    for number in kept:
        if number != before + 1 or not blocks:
            blocks.append({"left_out": number - before - 1, "lines": []})
        blocks[-1]["lines"].append(
            {
                "number": number,
                **parted(cut(lines[number - first_line])),
                "title": (titles or {}).get(number),
                "findings": by_line.get(number, []),
                "notes": [],
            }
        )
        before = number
    if before < last_line:
        blocks.append({"left_out": last_line - before, "lines": []})
    return blocks


def line_of(finding: Mapping[str, Any]) -> int:
    return finding["line"] or 1


def shown_lines(lines: range, marked: Iterable[int]) -> Iterator[int]:
    """All lines of a short text, and of a long one those around what is marked."""
    if len(lines) <= WHOLE:
        return iter(lines)
    near = {line + step for line in marked for step in range(-AROUND, AROUND + 1)}
    return (line for line in lines if line in near)


def parted(line: str) -> dict[str, str]:
    """The blanks that a line starts with apart, which narrow screens show narrower."""
    text = line.lstrip(" \t")
    return {"indent": line[: len(line) - len(text)], "text": text}


def cut(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line.rstrip("\r")
    return f"{line[:LONGEST_LINE]} … and {len(line) - LONGEST_LINE:,} characters more"
