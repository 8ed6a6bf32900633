"""Findings without a place: what is said of an action or a resource wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass

from iam_catalog.policy.check.codes import CODES
from iam_catalog.policy.check.findings import Evidence, Finding
from iam_catalog.policy.records import Path

EXAMPLES = 3
"""So many names of a longer list are told."""


@dataclass(frozen=True, slots=True)
class Note:
    """A finding that is kept with the text that it is about."""

    code: str
    text: str
    evidence: tuple[Evidence, ...] = ()
    suggestion: str | None = None


def finding(
    code: str,
    text: str,
    path: Path,
    evidence: tuple[Evidence, ...] = (),
    suggestion: str | None = None,
) -> Finding:
    """A finding with the severity of its code."""
    return Finding(code, CODES[code].severity, text, path, evidence, suggestion)


def placed(note: Note, path: Path, suggestion: str | None = None) -> Finding:
    """The finding of a note; *suggestion* where the note has none."""
    return finding(note.code, note.text, path, note.evidence, note.suggestion or suggestion)


def listed(names: list[str] | tuple[str, ...], most: int = EXAMPLES) -> str:
    """The first names, and how many more there are.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    if len(names) <= most:
        return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def as_of(date: str | None) -> str:
    """How a sentence about a page goes on: ` as of 2026-08-31`."""
    return f" as of {date}" if date else ""


def documented(date: str | None) -> str:
    return f" (documented on {date})" if date else ""
