"""What a check finds: facts with evidence, each under a stable code.

A finding never says that a policy is secure, or that an action does not exist: it says what the
document states, and what the catalog of a date holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from iam_catalog.policy.records import Path

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
"""From the least to the most severe."""


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
    """A key of `iam_catalog.policy.check.codes.CODES`; never renamed."""
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
