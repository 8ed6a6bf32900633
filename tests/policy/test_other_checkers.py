"""docs/access-analyzer.md accounts for the checks of others by codes that exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from iam_catalog.policy.check.registry import CODES

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "access-analyzer.md").read_text("utf-8")
SECTION = re.compile(r"^### (.*)$", re.MULTILINE)
ROW = re.compile(r"^\| (?P<name>[^|]+) \| (?P<codes>[^|]+) \| (?P<remark>[^|]*) ?\|$", re.MULTILINE)
CODE = re.compile(r"\[`([a-z-]+)`\]\(checks/([a-z-]+)\.md\) \((error|warning|info)\)")

ROWS = [match.groupdict() for match in ROW.finditer(DOCUMENT) if match["name"] != "Check"]
ROWS = [row for row in ROWS if not row["name"].startswith("---")]


def rows_of(section: str) -> list[str]:
    """Return the names of the checks in a section."""
    text = DOCUMENT.split(f"### {section}\n")[1].split("\n#")[0]
    return [match["name"] for match in ROW.finditer(text) if match["name"] != "Check"]


@pytest.mark.parametrize(
    ("section", "checks"),
    [("Error", 79), ("General warning", 26), ("Security warning", 19), ("Suggestion", 29)],
)
def test_every_check_of_access_analyzer_has_a_row(section: str, checks: int) -> None:
    names = rows_of(section)

    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert len(names) == checks


def test_a_code_exists_and_has_the_severity_of_its_row() -> None:
    named = {match.groups() for match in CODE.finditer(DOCUMENT)}

    assert named
    for code, page, severity in named:
        assert (code, CODES[code].severity) == (page, severity)


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_a_row_names_a_code_or_says_why_there_is_none(row: dict[str, str]) -> None:
    if row["codes"] == "—":
        assert row["remark"].strip()
    else:
        assert CODE.sub("", row["codes"]).replace(",", "").strip() == ""
