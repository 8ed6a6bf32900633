"""Write findings as JSON lines, an object in each."""

from __future__ import annotations

import json
from collections.abc import Iterator

from iam_catalog.policy.check.reported import Run, findings
from iam_catalog.policy.check.reports.json import record

ENDINGS = (".jsonl", ".ndjson")


def pieces(run: Run) -> Iterator[str]:
    """Yield a line for each finding."""
    for finding in findings(run):
        yield json.dumps(record(finding), ensure_ascii=False) + "\n"
