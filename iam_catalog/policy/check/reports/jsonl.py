"""Write findings as JSON lines, an object in each."""

from __future__ import annotations

import json
from collections.abc import Iterator

from iam_catalog.policy.check.reports.json import record
from iam_catalog.policy.check.run import CheckRun, findings

ENDINGS = (".jsonl", ".ndjson")


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield a line for each finding."""
    for finding in findings(run):
        yield json.dumps(record(finding), ensure_ascii=False) + "\n"
