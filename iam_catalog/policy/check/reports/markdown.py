"""Write a summary in Markdown, for the page of a job or a comment.

Follows the GitHub Docs, "Workflow commands", section "Adding a job summary", which allows 1 MiB:
the most severe findings come first, and the rest is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from iam_catalog.policy.check.findings import SEVERITIES, Finding
from iam_catalog.policy.check.run import CheckRun, findings, message, place_words

ENDINGS = (".md",)

_MOST = 500
"""So many findings are shown; with their texts they take about a quarter of what GitHub allows."""
_LONGEST = 1_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@$&])")


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield headline, table of codes, and a table of findings."""
    shown: dict[str, list[Finding]] = {severity: [] for severity in SEVERITIES}
    codes: Counter[tuple[str, str]] = Counter()
    for finding in findings(run):
        codes[finding.severity, finding.code] += 1
        if len(shown[finding.severity]) < _MOST:
            shown[finding.severity].append(finding)
    yield f"## IAM policies: {run.summary()}\n"
    if run.catalog_date:
        yield f"\nChecked against the facts of AWS as of {run.catalog_date}.\n"
    for unread in run.unreadable[:_MOST]:
        yield f"\n- :x: {_cell(unread.text)}"
    yield "\n" if run.unreadable else ""
    if codes:
        yield "\n| Findings | Severity | Code |\n|---:|---|---|\n"
        for (severity, code), number in sorted(codes.items(), key=_most_severe):
            yield f"| {number:,} | {severity} | `{code}` |\n"
        yield from _table([each for level in reversed(SEVERITIES) for each in shown[level]])
    left = sum(codes.values()) - min(_MOST, sum(map(len, shown.values())))
    if left:
        yield f"\n{left:,} more findings are not shown.\n"


def _most_severe(item: tuple[tuple[str, str], int]) -> tuple[int, int, str]:
    """Return the key that sorts counts of codes: the most severe first, then the most frequent."""
    (severity, code), number = item
    return -[*map(str, SEVERITIES)].index(severity), -number, code


def _table(shown: list[Finding]) -> Iterator[str]:
    yield "\n| Where | Severity | Finding |\n|---|---|---|\n"
    for finding in shown[:_MOST]:
        place = place_words(finding)
        where = f"{_cell(f'{finding.file}:{finding.line}')}{f'<br>{_cell(place)}' if place else ''}"
        yield f"| {where} | {finding.severity} | {_cell(message(finding))} `{finding.code}` |\n"


def _cell(text: str) -> str:
    """Return a text on one line, in which nothing is markup."""
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return _SPECIAL.sub(r"\\\1", " ".join(short.split()))
