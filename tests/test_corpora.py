"""Real pages as they were published, a folder of each date: counts of all that is in them.

The folder is named by the environment variable IAM_CATALOG_CORPORA; its README.md states the
totals of an independent reading.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scraper.cli import CACHE
from scraper.formats.registry import parse_sources
from scraper.page.model import DETAILS, SECTIONS, RowCount, ServicePage, stated_details
from scraper.sources import read_collections

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "corpora"
FOLDER = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason=f"no folder {str(FOLDER)!r}: name the corpora in IAM_CATALOG_CORPORA",
    ),
]

Pages = tuple[ServicePage, ...]
Read = Callable[[str], Pages]


NOTHING = RowCount()


@dataclass(frozen=True)
class Snapshot:
    """What is known of all pages of one folder."""

    folder: str
    formats: dict[str | None, int]
    """Files of each format."""
    left_out: int = 0
    """Pages without their action table."""
    operations: RowCount = NOTHING
    actions: RowCount = NOTHING
    resource_types: RowCount = NOTHING
    condition_keys: RowCount = NOTHING
    action_records: int = 0
    distinct_actions: int = 0
    distinct_resource_types: int = 0
    dependent_actions: int = 0
    """References, each counted once for an action."""
    problems: tuple[tuple[str, int], ...] = ()


def whole(rows: int) -> RowCount:
    """All rows are records."""
    return RowCount(rows, rows)


KNOWN = (
    Snapshot(
        "markdown-2017-2020/2017-12-04",
        {"markdown-bullets": 105},
        actions=whole(3203),
        condition_keys=whole(148),
        action_records=3203,
        distinct_actions=3195,
        problems=(
            ("odd-condition-key", 1),
            ("repeated-action", 8),
            ("repeated-condition-key", 3),
        ),
    ),
    Snapshot(
        "markdown-2017-2020/2018-04-26",
        {"markdown-table": 138},
        left_out=41,
        actions=whole(1973),
        resource_types=whole(299),
        condition_keys=whole(176),
        action_records=1973,
        distinct_actions=1973,
        distinct_resource_types=294,
        dependent_actions=34,
        problems=(
            ("broken-link", 2),
            ("odd-condition-key", 1),
            ("repeated-condition-key", 2),
            ("unresolved-link", 63),
        ),
    ),
    Snapshot(
        "markdown-2017-2020/2018-06-08",
        {"markdown-table": 141},
        left_out=41,
        actions=RowCount(2020, 137, 1883),
        resource_types=RowCount(310, 45, 265),
        condition_keys=RowCount(230, 66, 164),
        action_records=2020,
        distinct_actions=137,
        distinct_resource_types=45,
        dependent_actions=34,
        problems=(("broken-link", 2), ("lost-name", 2312)),
    ),
    Snapshot(
        "markdown-2017-2020/2019-08-12",
        {"markdown-table": 189},
        left_out=95,
        actions=whole(1873),
        resource_types=whole(531),
        condition_keys=whole(514),
        action_records=1873,
        distinct_actions=1873,
        distinct_resource_types=527,
        dependent_actions=113,
        problems=(
            ("odd-condition-key", 1),
            ("repeated-condition-key", 3),
            ("unresolved-link", 72),
        ),
    ),
    Snapshot(
        "markdown-2017-2020/2020-06-12",
        {"markdown-table": 232},
        left_out=135,
        actions=whole(1491),
        resource_types=whole(728),
        condition_keys=whole(756),
        action_records=1491,
        distinct_actions=1491,
        distinct_resource_types=724,
        dependent_actions=78,
        problems=(("repeated-condition-key", 3), ("unresolved-link", 11)),
    ),
    Snapshot(
        "html/2019-10-18",
        {"html": 180},
        actions=whole(7113),
        resource_types=whole(525),
        condition_keys=whole(506),
        action_records=5851,
        distinct_actions=5843,
        distinct_resource_types=525,
        dependent_actions=192,
        problems=(
            ("odd-condition-key", 1),
            ("repeated-condition-key", 3),
            ("unresolved-link", 12),
        ),
    ),
    Snapshot(
        "html/2020-12-18",
        {"html": 264},
        actions=whole(12237),
        resource_types=whole(925),
        condition_keys=whole(921),
        action_records=9136,
        distinct_actions=9105,
        distinct_resource_types=921,
        dependent_actions=474,
        problems=(("repeated-condition-key", 3), ("unresolved-link", 52)),
    ),
    Snapshot(
        "html/2025-07-01",
        {"html": 442},
        actions=whole(28220),
        resource_types=whole(2034),
        condition_keys=whole(2167),
        action_records=18812,
        distinct_actions=18694,
        distinct_resource_types=2008,
        dependent_actions=3707,
        problems=(("unresolved-link", 401),),
    ),
    Snapshot(
        "json/2026-02-04",
        {"json": 441, None: 1},
        left_out=1,  # the list of services
        operations=whole(17444),
        actions=whole(20270),
        resource_types=whole(2143),
        condition_keys=whole(2313),
        action_records=20270,
        distinct_actions=20270,
        distinct_resource_types=2143,
        problems=(("index", 1), ("undefined-resource-type", 1)),
    ),
    Snapshot(
        "markdown-2026/2026-08",
        {"markdown-2026": 14},
        operations=whole(44),
        actions=whole(117),
        resource_types=whole(14),
        condition_keys=whole(10),
        action_records=116,
        distinct_actions=116,
        distinct_resource_types=14,
    ),
    Snapshot(
        "markdown-2026/variants",
        {"markdown-2026": 3},
        operations=whole(12),
        actions=whole(33),
        resource_types=whole(4),
        condition_keys=whole(5),
        action_records=32,
        distinct_actions=32,
        distinct_resource_types=4,
        problems=(("unresolved-link", 20),),
    ),
)
FOLDERS = [known.folder for known in KNOWN]
TABLES = [known.folder for known in KNOWN if set(known.formats) == {"markdown-table"}]


@pytest.fixture(scope="session")
def read() -> Read:
    """The pages of a folder, parsed once for all tests."""
    parsed: dict[str, Pages] = {}

    def pages(folder: str) -> Pages:
        if folder not in parsed:
            collections = read_collections([FOLDER / folder])
            sources = [source for each in collections for source in each.sources]
            parsed[folder] = tuple(parse_sources(sources, CACHE))
        return parsed[folder]

    return pages


def total(pages: Pages, section: str) -> RowCount:
    counts = [page.count(section) for page in pages]
    return RowCount(
        sum(count.found for count in counts),
        sum(count.recorded for count in counts),
        sum(count.in_error for count in counts),
    )


def summary(folder: str, pages: Pages) -> Snapshot:
    actions = [(page.service_prefix, action) for page in pages for action in page.actions]
    names = [(prefix, action.name) for prefix, action in actions]
    types = [(page.service_prefix, each.name) for page in pages for each in page.resource_types]
    return Snapshot(
        folder,
        dict(Counter(page.format for page in pages)),
        left_out=sum(page.state("actions") == "not in source" for page in pages),
        **{section: total(pages, section) for section in SECTIONS},
        action_records=len(actions),
        distinct_actions=len({(prefix, name.lower()) for prefix, name in names if name}),
        distinct_resource_types=len({each for each in types if each[1]}),
        dependent_actions=references(pages),
        problems=tuple(
            sorted(Counter(problem.kind for page in pages for problem in page.problems).items())
        ),
    )


def references(pages: Pages) -> int:
    """Dependent actions: each once for a named action, and every one of the nameless."""
    found: set[tuple[object, ...]] = set()
    for page in pages:
        for action in page.actions:
            subject = (page.service_prefix, action.name or (page.file, action.line))
            found |= {(*subject, each) for row in action.rows for each in row.dependent_actions}
    return len(found)


@pytest.mark.parametrize("known", KNOWN, ids=FOLDERS)
def test_pages_of_a_folder_hold_what_is_known_of_them(known: Snapshot, read: Read) -> None:
    assert summary(known.folder, read(known.folder)) == known


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_row_is_a_record_or_an_error(folder: str, read: Read) -> None:
    counts = [(page.file, count) for page in read(folder) for count in page.rows.values()]

    assert [
        (file, count) for file, count in counts if count.found != count.recorded + count.in_error
    ] == []


@pytest.mark.parametrize("folder", TABLES)
def test_each_line_of_a_table_is_a_row(folder: str, read: Read) -> None:
    """Counted without the parser: lines with pipes, less two for each table."""
    for page in read(folder):
        lines = (FOLDER / folder / page.file).read_text(encoding="utf-8").split("\n")
        rows = sum("|" in line for line in lines) - 2 * sum("| ---" in line for line in lines)

        assert (page.file, sum(count.found for count in page.rows.values())) == (page.file, rows)


@pytest.mark.parametrize("folder", [each for each in FOLDERS if each.startswith("html/")])
def test_each_row_element_is_a_row(folder: str, read: Read) -> None:
    """Counted without the parser: `<tr`, less one for each header and for layout tables."""
    for page in read(folder):
        text = (FOLDER / folder / page.file).read_text(encoding="utf-8")
        text = text[text.index("<h1") :]
        rows = len(re.findall(r"<tr[\s>]", text)) - len(re.findall(r"<table[\s>]", text))

        assert (page.file, sum(count.found for count in page.rows.values())) == (page.file, rows)


@pytest.mark.parametrize("folder", TABLES)
def test_each_action_has_a_row_of_its_own_and_one_of_the_five_levels(
    folder: str, read: Read
) -> None:
    actions = [action for page in read(folder) for action in page.actions]

    assert [action for action in actions if len(action.rows) != 1 or not action.access_levels] == []


@pytest.mark.parametrize("folder", [each for each in FOLDERS if "json" not in each])
def test_each_page_has_its_prefix_and_name(folder: str, read: Read) -> None:
    assert [
        page.file for page in read(folder) if not (page.service_prefix and page.service_name)
    ] == []


@pytest.mark.parametrize("folder", [each for each in FOLDERS if "variants" not in each])
def test_each_page_is_called_by_its_file(folder: str, read: Read) -> None:
    pages = [page for page in read(folder) if page.format]

    assert [page.slug for page in pages] == [
        page.file.removeprefix("list_").rpartition(".")[0] for page in pages
    ]


def test_every_folder_is_known() -> None:
    found = {path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*/*")}

    assert found == set(FOLDERS)


OF_ACTIONS = {detail for detail, (section, _) in DETAILS.items() if section == "actions"}
LACKING = {
    "html/2019-10-18": set(),
    "html/2025-07-01": set(),
    "markdown-2017-2020/2017-12-04": OF_ACTIONS - {"permission_only"},
    "markdown-2017-2020/2018-04-26": set(),
    "markdown-2017-2020/2020-06-12": set(),
    "markdown-2026/2026-08": {"dependent_actions"},
    "json/2026-02-04": OF_ACTIONS - {"access_levels", "row_pairing"},
}
"""What the pages of a folder that have an action table have no place for in its rows."""


@pytest.mark.parametrize("folder", LACKING)
def test_what_a_page_has_no_place_for_is_read_from_it(folder: str, read: Read) -> None:
    found = Counter(
        frozenset(detail for detail in OF_ACTIONS if not page.carries(detail))
        for page in read(folder)
        if page.state("actions") == "parsed"
    )

    assert found.keys() == {frozenset(LACKING[folder])}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_detail_is_parsed_where_a_row_states_it(folder: str, read: Read) -> None:
    for page in read(folder):
        stated = {detail for detail in DETAILS if page.state(detail) == "parsed"}

        assert (page.file, stated) == (page.file, stated_details(page))
