"""Real pages as they were published, a folder of each date: counts of all that is in them.

The folder is named by the environment variable IAM_CATALOG_CORPORA; its README.md states the
totals of an independent reading.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from scraper.pages import RowCount, ServicePage
from scraper.parse import parse_bytes

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "corpora"
FOLDER = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)
SNAPSHOTS = FOLDER / "markdown-2017-2020"

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        not SNAPSHOTS.is_dir(),
        reason=f"no folder {str(SNAPSHOTS)!r}: name the corpora in IAM_CATALOG_CORPORA",
    ),
]


@dataclass(frozen=True)
class Snapshot:
    """What is known of all pages of one date."""

    date: str
    pages: int
    tables_left_out: int
    actions: RowCount
    resource_types: RowCount
    condition_keys: RowCount
    dependent_actions: int
    problems: dict[str, int]


KNOWN = (
    Snapshot(
        "2018-04-26",
        pages=138,
        tables_left_out=41,
        actions=RowCount(1973, 1973),
        resource_types=RowCount(299, 299),
        condition_keys=RowCount(176, 176),
        dependent_actions=34,
        problems={
            "broken-link": 2,
            "odd-condition-key": 1,
            "repeated-condition-key": 2,
            "unresolved-link": 63,
        },
    ),
    Snapshot(
        "2018-06-08",
        pages=141,
        tables_left_out=41,
        actions=RowCount(2020, 137, 1883),
        resource_types=RowCount(310, 45, 265),
        condition_keys=RowCount(230, 66, 164),
        dependent_actions=34,
        problems={"lost-name": 2312},
    ),
    Snapshot(
        "2019-08-12",
        pages=189,
        tables_left_out=95,
        actions=RowCount(1873, 1873),
        resource_types=RowCount(531, 531),
        condition_keys=RowCount(514, 514),
        dependent_actions=113,
        problems={
            "odd-condition-key": 1,
            "repeated-condition-key": 3,
            "unresolved-link": 72,
        },
    ),
    Snapshot(
        "2020-06-12",
        pages=232,
        tables_left_out=135,
        actions=RowCount(1491, 1491),
        resource_types=RowCount(728, 728),
        condition_keys=RowCount(756, 756),
        dependent_actions=78,
        problems={"repeated-condition-key": 3, "unresolved-link": 11},
    ),
)
DATES = [known.date for known in KNOWN]


@cache
def read_snapshot(date: str) -> tuple[ServicePage, ...]:
    paths = sorted((SNAPSHOTS / date).glob("list_*.md"))
    return tuple(parse_bytes(path.name, path.read_bytes()) for path in paths)


def total(pages: tuple[ServicePage, ...], section: str) -> RowCount:
    counts = [page.count(section) for page in pages]
    return RowCount(
        sum(count.found for count in counts),
        sum(count.recorded for count in counts),
        sum(count.in_error for count in counts),
    )


@pytest.mark.parametrize("known", KNOWN, ids=DATES)
def test_pages_of_a_date_hold_what_is_known_of_them(known: Snapshot) -> None:
    pages = read_snapshot(known.date)
    rows = [row for page in pages for action in page.actions for row in action.rows]

    assert known == Snapshot(
        known.date,
        pages=len(pages),
        tables_left_out=sum(page.state("actions") == "not in source" for page in pages),
        actions=total(pages, "actions"),
        resource_types=total(pages, "resource_types"),
        condition_keys=total(pages, "condition_keys"),
        dependent_actions=sum(len(row.dependent_actions) for row in rows),
        problems=dict(Counter(problem.kind for page in pages for problem in page.problems)),
    )


@pytest.mark.parametrize("date", DATES)
def test_each_row_is_a_record_or_an_error(date: str) -> None:
    counts = [(page.file, count) for page in read_snapshot(date) for count in page.rows.values()]

    assert [
        (file, count) for file, count in counts if count.found != count.recorded + count.in_error
    ] == []


@pytest.mark.parametrize("date", DATES)
def test_each_line_of_a_table_is_a_row(date: str) -> None:
    """Counted without the parser: lines with pipes, less two for each table."""
    for page in read_snapshot(date):
        lines = (SNAPSHOTS / date / page.file).read_text(encoding="utf-8").split("\n")
        rows = sum("|" in line for line in lines) - 2 * sum("| ---" in line for line in lines)

        assert (page.file, sum(count.found for count in page.rows.values())) == (page.file, rows)


@pytest.mark.parametrize("date", DATES)
def test_each_action_has_a_row_of_its_own_and_one_of_the_five_levels(date: str) -> None:
    actions = [action for page in read_snapshot(date) for action in page.actions]

    assert [action for action in actions if len(action.rows) != 1 or not action.access_levels] == []


@pytest.mark.parametrize("date", DATES)
def test_each_page_has_its_prefix_name_and_slug(date: str) -> None:
    pages = read_snapshot(date)

    assert [page.file for page in pages if not (page.service_prefix and page.service_name)] == []
    assert [f"list_{page.slug}.md" for page in pages] == [page.file for page in pages]
