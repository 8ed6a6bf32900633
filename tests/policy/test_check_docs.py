"""The codes of findings are documented as they are; `--rewrite-expected` writes a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from iam_catalog.policy.check.codes import CODES
from iam_catalog.policy.read.documents import LINES, PROSE, YAML

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "check.md"


def codes_markdown() -> str:
    rows = ["| Code | Severity | Meaning | Where AWS says so |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | {code.severity} | {cell(code.meaning)} | {cell(code.reference)} |"
        for name, code in CODES.items()
    ]
    return "\n".join(rows)


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def test_the_documentation_lists_every_code(request: pytest.FixtureRequest) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    start, end = "<!-- codes -->\n", "<!-- end -->"
    before, _, rest = text.partition(start)
    expected = f"{before}{start}\n{codes_markdown()}\n\n{end}{rest.partition(end)[2]}"
    if request.config.getoption("--rewrite-expected"):
        DOCUMENT.write_text(expected, encoding="utf-8")

    assert DOCUMENT.read_text(encoding="utf-8") == expected


def test_the_documentation_names_every_ending_that_is_read() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert [ending for ending in sorted(LINES | PROSE | YAML) if f"`{ending}`" not in text] == []
