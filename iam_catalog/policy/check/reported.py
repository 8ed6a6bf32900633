"""Describe what reports are made of: findings, and files that were not read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Protocol
from urllib.parse import quote

from iam_catalog.errors import CatalogError
from iam_catalog.policy.check.findings import Finding, Severity
from iam_catalog.policy.check.ignores import Ignore
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.source import path_text

Reported = tuple[Finding, Ignore | None, PolicyDocument | None]
"""A finding, what it is ignored for, and the policy that it is about."""

UNREADABLE = "unreadable-file"
"""The code under which reports list a file that could not be read; no rule finds it."""
UNREADABLE_MEANING = "A file cannot be read, so that nothing in it was checked."


@dataclass(frozen=True, slots=True)
class Unread:
    """One file, or one line of it, that could not be read."""

    text: str
    """The whole message, with the file and the line."""
    file: str
    line: int | None = None

    @classmethod
    def of(cls, error: CatalogError, file: str) -> Unread:
        """Return what an error says about *file*."""
        line = getattr(error, "line", None)
        return cls(str(error), file, line if isinstance(line, int) else None)


class Run(Protocol):
    """A check that a report is written of; its totals are whole once the findings were read."""

    @property
    def width(self) -> int | None:
        """Columns that lines of text may take; None for lines of any length."""

    @property
    def catalog_date(self) -> str | None:
        """As of which date the catalog answers."""

    @property
    def unreadable(self) -> list[Unread]:
        """The first files that could not be read."""

    @property
    def unread(self) -> int:
        """How many files could not be read."""

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity are not ignored."""

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""

    def reported(self) -> Iterator[Reported]:
        """Yield every finding, also the ignored ones; to be read once."""

    def summary(self) -> str:
        """Summarise the check in a line."""


def findings(run: Run) -> Iterator[Finding]:
    """Yield the findings that are not ignored."""
    for finding, ignore, _ in run.reported():
        if ignore is None:
            yield finding


def message(finding: Finding) -> str:
    """Return the text of a finding with its suggestion, in a line."""
    return finding.text + (f" Instead: {finding.suggestion}" if finding.suggestion else "")


def evidence_lines(finding: Finding) -> Iterator[str]:
    """Yield a line for each source that a finding rests on: `postoffice@2025-07-01, line 9`."""
    pages: dict[str, list[str]] = {}
    numbers: dict[str, list[str]] = {}
    for each in finding.evidence:
        places = pages.setdefault(each.page, [])
        if each.place is not None:
            places.append(each.place)
        if each.line is not None:
            numbers.setdefault(each.page, []).append(str(each.line))
    for page, places in pages.items():
        lines = numbers.get(page, [])
        noun = [f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"] if lines else []
        yield ", ".join((page, *noun, *places))


def place_words(finding: Finding) -> str:
    """Return where in a policy a finding is, and in which; empty where nothing is known of that."""
    title = f" of {finding.title}" if finding.title else ""
    if not finding.path and not title:
        return ""
    return f"{path_text(finding.path) or 'the policy'}{title}"


def file_uri(file: str) -> str:
    """Return a file as a URI: relative to the working folder, unless named from the root."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")


class Fingerprints:
    """Fingerprints of findings, which lines and positions that moved leave as they are.

    A finding is known by its code, the title of its policy, the Sid of its statement (its effect
    without one), and the item: neither by its text, which has dates of the catalog, nor by the
    places in lists. Findings of one file that are equal so far are numbered.
    """

    def __init__(self) -> None:
        self._file: str | None = None
        self._seen: Counter[str] = Counter()

    def of(self, finding: Finding, document: PolicyDocument | None) -> str:
        """Return the fingerprint of the next finding: a hash and the number of its occurrence."""
        if finding.file != self._file:
            self._file = finding.file
            self._seen.clear()
        value = document.value if document else None
        parts = [finding.code, finding.title, *_identity(finding.path, value)]
        if document is None:
            parts.append(finding.text)
        digest = digest_of(parts)
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"


def digest_of(parts: Iterable[object]) -> str:
    """Return 16 hexadecimal digits that stand for *parts*, values that JSON can hold."""
    return sha256(json.dumps(list(parts), sort_keys=True).encode()).hexdigest()[:16]


def _identity(path: tuple[str | int, ...], value: object) -> Iterator[object]:
    """Yield the names on the way to an item, statements by their Sid or effect, and the item."""
    for index, step in enumerate(path):
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        elif isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
            yield step
        if index < 2 and isinstance(value, dict) and path[0] == "Statement":
            yield value.get("Sid") or value.get("Effect")
    if path:
        yield value
