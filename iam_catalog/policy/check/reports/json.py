"""Write findings as one list of JSON, an object for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.run import CheckRun, findings
from iam_catalog.policy.read.source import path_text

ENDINGS = (".json",)


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield the list, with one finding a piece."""
    empty = True
    for finding in findings(run):
        yield "[\n" if empty else ",\n"
        text = json.dumps(record(finding), indent=2, ensure_ascii=False)
        yield "\n".join(f"  {line}" for line in text.split("\n"))
        empty = False
    yield "[]\n" if empty else "\n]\n"


def record(finding: Finding) -> dict[str, object]:
    """Return a finding as plain values, with its path in words beside it."""
    return {**asdict(finding), "place": path_text(finding.path)}
