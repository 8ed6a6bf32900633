"""Each page under `pages/` shows one quirk, and gives exactly the JSON that stands beside it.

`pages/README.md` says what each page shows. After a wanted change run
`pytest tests/test_pages.py --rewrite-expected` and review the difference.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scraper.formats.registry import parse_bytes
from scraper.page.model import page_as_json
from scraper.problems import KINDS

PAGES = Path(__file__).parent / "pages"
FILES = sorted(
    path
    for path in PAGES.iterdir()
    if path.name != "README.md" and not path.name.endswith(".expected.json")
)

DEFECTS: dict[str, str] = {}
"""Pages that the parser does not read as documented yet; their expectations are never rewritten."""


def parsed_json(path: Path) -> dict[str, Any]:
    """The page as it is printed: through JSON, so that tuples are lists."""
    page = page_as_json(parse_bytes(path.name, path.read_bytes()))
    parsed: dict[str, Any] = json.loads(json.dumps(page))
    return parsed


def expectation(path: Path) -> Path:
    return path.with_suffix(".expected.json")


def case(path: Path) -> Any:
    reason = DEFECTS.get(path.stem)
    marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
    return pytest.param(path, id=path.name, marks=marks)


@pytest.mark.parametrize("path", [case(path) for path in FILES])
def test_page_gives_its_expected_json(path: Path, request: pytest.FixtureRequest) -> None:
    found = parsed_json(path)
    if request.config.getoption("--rewrite-expected") and path.stem not in DEFECTS:
        text = json.dumps(found, indent=2, ensure_ascii=False)
        expectation(path).write_text(f"{text}\n", encoding="utf-8")

    assert found == json.loads(expectation(path).read_text(encoding="utf-8"))


def test_every_expectation_has_its_page() -> None:
    assert sorted(PAGES.glob("*.expected.json")) == sorted(map(expectation, FILES))


def test_readme_lists_every_page() -> None:
    readme = (PAGES / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE) == [path.name for path in FILES]


def test_every_kind_of_problem_is_shown_by_a_page() -> None:
    shown = {
        problem["kind"]
        for path in FILES
        for problem in json.loads(expectation(path).read_text(encoding="utf-8"))["problems"]
    }

    assert set(KINDS) - shown == {
        "incomplete-in-dataset",  # of no page, but a dataset: test_datasets.py
        "unreadable-entry",  # of no page, but a dataset: test_datasets.py
        "page-added-beside",  # said of two dates: test_timeline.py
        "unlinked-page",  # said of a collection: test_linked.py
        "unaccounted-row",  # no page can bring it about: test_report.py
        "unreadable",  # not text: test_parse.py
    }


def test_fields_of_a_page_stand_in_the_documented_order() -> None:
    assert list(parsed_json(PAGES / "ordinary.md")) == [
        "file",
        "format",
        "title",
        "slug",
        "service_name",
        "service_prefix",
        "sections",
        "carries",
        "actions",
        "resource_types",
        "condition_keys",
        "operations",
        "rows_found",
        "rows_in_error",
        "problems",
    ]
