"""Findings: facts about a policy with evidence, each under a stable code.

A finding never says that a policy is secure, or that an action does not exist: it says what the
document states, and what the catalog of a date holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from iam_catalog.policy.model import Path

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
"""From the least to the most severe."""

EXAMPLES = 3
"""So many names of a longer list are quoted."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row of a source that a finding rests on."""

    page: str
    line: int | None
    """None in a public dataset, which has no lines."""
    date: str | None
    place: str | None = None
    """Where in a public dataset; None on a page, and where the finding rests on all of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a policy."""

    code: str
    """Never renamed; `iam-catalog rule CODE` explains it."""
    severity: Severity
    text: str
    """What is found, with the value quoted, and what was expected."""
    path: Path
    """From the root of the policy."""
    evidence: tuple[Evidence, ...] = ()
    suggestion: str | None = None
    """What could stand there instead, where one is known."""
    line: int | None = None
    """1-based line of the file; filled in when a finding of a document is reported."""
    file: str | None = None
    title: str | None = None
    """Of the policy document."""

    def at(self, line: int, file: str | None = None, title: str | None = None) -> Finding:
        """Return the finding with its place; `dataclasses.replace` takes twice as long."""
        return Finding(
            self.code,
            self.severity,
            self.text,
            self.path,
            self.evidence,
            self.suggestion,
            line,
            file,
            title,
        )


def quoted(value: object, most: int = 100) -> str:
    """Return a value in quotes, on one line, and of at most *most* characters."""
    text = str(value)
    return repr(text) if len(text) <= most else f"{text[:most]!r}… ({len(text):,} characters)"


def listed(names: list[str] | tuple[str, ...], most: int = EXAMPLES) -> str:
    """Return the first names, and how many more there are.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    if len(names) <= most:
        return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 action`, `1,200 actions`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def as_of(date: str | None) -> str:
    """Return how a sentence about a source goes on: ` as of 2026-08-31`."""
    return f" as of {date}" if date else ""


def documented(date: str | None) -> str:
    """Return how a sentence about a row goes on: ` (documented on 2026-08-31)`."""
    return f" (documented on {date})" if date else ""
