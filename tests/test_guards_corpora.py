"""Real pages, altered as pages have been in real life: no gutted catalog takes the old one's place.

The folder is named by the environment variable IAM_CATALOG_CORPORA.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from click.testing import CliRunner

from iam_catalog import Catalog
from scraper.cli import cli

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)
HTML = CORPORA / "html" / "2025-07-01"
MARKDOWN = CORPORA / "markdown-2017-2020" / "2019-08-12"
SERVICES = ("connect", "s3", "sns")
NEXT_DAY = "2025-07-02"

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        not CORPORA.is_dir(),
        reason=f"no folder {str(CORPORA)!r}: name the corpora in IAM_CATALOG_CORPORA",
    ),
]

Alter = Callable[[str], str | None]
"""The text of a page -> the altered one; None takes the page away."""


def run(folders: list[Path], output: Path, *options: str) -> tuple[int, list[str]]:
    """Exit code and talk of a build of complete folders."""
    line = ["build", "--complete", "--output", str(output), *options]
    for folder in folders:
        line += ["--data", str(folder)]
    result = CliRunner().invoke(cli, line)
    return result.exit_code, result.stderr.splitlines()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three services of a snapshot with the catalog that was built of them."""
    folder = tmp_path_factory.mktemp("real")
    (folder / HTML.name).mkdir()
    for service in SERVICES:
        shutil.copy(HTML / f"list_amazon{service}.html", folder / HTML.name)
    assert run([folder / HTML.name], folder / "catalog.db")[0] == 0
    return folder


@pytest.fixture
def refreshed(built: Path, tmp_path: Path) -> Callable[[Alter], tuple[int, list[str]]]:
    """Refresh a copy of that catalog with altered pages; checks that the old one still answers."""

    def refresh(alter: Alter) -> tuple[int, list[str]]:
        output = tmp_path / "catalog.db"
        shutil.copy(built / "catalog.db", output)
        (tmp_path / NEXT_DAY).mkdir()
        for page in sorted((built / HTML.name).iterdir()):
            text = alter(page.read_text(encoding="utf-8"))
            if text is not None:
                (tmp_path / NEXT_DAY / page.name).write_text(text, encoding="utf-8")
        before = output.read_bytes()
        code, talk = run([built / HTML.name, tmp_path / NEXT_DAY], output)
        if code:
            assert output.read_bytes() == before
            with Catalog(output) as catalog:
                assert len(catalog.dependent_actions("connect:CreateInstance")) == 11
                assert len(catalog.actions(service_prefix="connect")) == 291
        return code, talk

    return refresh


def with_table(change: Callable[[Tag], None]) -> Alter:
    """Change the action table of a page."""

    def altered(text: str) -> str:
        soup = BeautifulSoup(text, "html.parser")
        for table in soup.find_all("table"):
            if any("Dependent actions" in each.get_text() for each in table.find_all("th")):
                change(table)
        return str(soup)

    return altered


def rows(table: Tag) -> list[Tag]:
    return [row for row in table.find_all("tr") if row.find("td")]


def remove_column(table: Tag) -> None:
    for row in table.find_all("tr"):
        row.find_all(["th", "td"])[-1].decompose()


def blank_column(table: Tag) -> None:
    for row in rows(table):
        row.find_all("td")[-1].clear()


def break_row(table: Tag) -> None:
    """A row in the middle has a cell less than the others."""
    middle = [row for row in rows(table) if len(row.find_all("td")) == 6][10]
    middle.find_all("td")[-1].decompose()


def remove_rows(table: Tag) -> None:
    for row in rows(table):
        row.decompose()


def keep_five_rows(table: Tag) -> None:
    starts = [row for row in rows(table) if len(row.find_all("td")) == 6]
    end = rows(table).index(starts[5])
    for row in rows(table)[end:]:
        row.decompose()


def rename_header(table: Tag) -> None:
    header = next(each for each in table.find_all("th") if "Condition keys" in each.get_text())
    header.string = "Conditions"


def close_up_header(table: Tag) -> None:
    header = next(each for each in table.find_all("th") if "Condition keys" in each.get_text())
    header.string = "Condition keys"


def say_none(table: Tag) -> None:
    """What AWS's pages said of every service on 2019-09-22."""
    sentence = "It has no API operations that can be used in the Action element of an IAM policy."
    table.replace_with(BeautifulSoup(f"<p>{sentence}</p>", "html.parser"))


def cut_in_half(text: str) -> str:
    return text[: len(text) // 2]


def error_page(_: str) -> str:
    return "<html><head><title>Error</title></head><body><h1>Access Denied</h1></body></html>"


def no_connect(text: str) -> str | None:
    """The page of Connect is missing; the others are of the new date."""
    return None if 'id="list_amazonconnect"' in text else text + "\n"


Refresh = Callable[[Alter], tuple[int, list[str]]]


@pytest.mark.parametrize("alter", [with_table(close_up_header), lambda text: text + "\n"])
def test_pages_that_say_the_same_take_their_place(refreshed: Refresh, alter: Alter) -> None:
    code, talk = refreshed(alter)

    assert code == 0, talk
    assert any(line.endswith(": other pages that say the same") for line in talk)


@pytest.mark.parametrize(
    ("alter", "guard", "seen"),
    [
        (
            with_table(blank_column),
            "page-emptied: 3 not accepted.",
            (
                "  connect: dependent actions: 0 on amazonconnect@2025-07-02, "
                "151 on amazonconnect@2025-07-01"
            ),
        ),
        (
            with_table(say_none),
            "page-emptied: 3 not accepted.",
            "  connect: actions: 0 on amazonconnect@2025-07-02, 291 on amazonconnect@2025-07-01",
        ),
        (
            with_table(keep_five_rows),
            "page-shrank: 5 not accepted.",
            "  connect: actions: 5 on amazonconnect@2025-07-02, 291 on amazonconnect@2025-07-01",
        ),
        (
            no_connect,
            "service-gone: 1 not accepted.",
            "  connect: the service is gone (actions: 291)",
        ),
    ],
)
def test_gutted_pages_are_refused(refreshed: Refresh, alter: Alter, guard: str, seen: str) -> None:
    code, talk = refreshed(alter)

    assert code == 1
    assert any(line.startswith(guard) for line in talk), talk
    assert seen in talk


@pytest.mark.parametrize(
    ("alter", "kind"),
    [
        (with_table(remove_column), "unknown-header"),
        (with_table(rename_header), "unknown-header"),
        (with_table(break_row), "unknown-row-shape"),
        (with_table(remove_rows), "empty-section"),
        (cut_in_half, "cut-off"),
        (error_page, "not-a-page"),
    ],
)
def test_pages_that_can_not_be_read_are_refused(
    refreshed: Refresh, alter: Alter, kind: str
) -> None:
    code, talk = refreshed(alter)

    assert code == 1
    refused = re.compile(f"{kind}: [0-9,]+ not accepted, on 3 pages")
    assert any(refused.fullmatch(line) for line in talk), talk


def blank_types(table: Tag) -> None:
    """The columns of resource types and condition keys, which no row of an action needs."""
    for row in rows(table):
        for cell in row.find_all("td")[-3:-1]:
            cell.clear()


def test_columns_that_turn_blank_on_the_day_of_the_old_pages_are_refused(
    built: Path, tmp_path: Path
) -> None:
    output, day = tmp_path / "catalog.db", tmp_path / HTML.name
    shutil.copy(built / "catalog.db", output)
    before = output.read_bytes()
    day.mkdir()
    for page in (built / HTML.name).iterdir():
        text = with_table(blank_types)(page.read_text(encoding="utf-8"))
        (day / page.name).write_text(text or "", encoding="utf-8")

    code, talk = run([day], output)

    assert (code, output.read_bytes()) == (1, before)
    assert "  s3: required resource types: 0, in the replaced catalog 146" in talk


def left_out(text: str) -> str:
    """The action table of a Markdown page gives way to the placeholder of some years."""
    table = re.compile(r"^\| Actions \|.*?(?=^[^|])", re.DOTALL | re.MULTILINE)
    placeholder = "\\[See the AWS documentation website for more details\\]\n\n"
    return table.sub(lambda _: placeholder, text)


def test_snapshot_without_its_action_tables_is_refused(tmp_path: Path) -> None:
    output, emptied = tmp_path / "catalog.db", tmp_path / "2019-09-22"
    emptied.mkdir()
    for page in MARKDOWN.iterdir():
        text = left_out(page.read_text(encoding="utf-8"))
        (emptied / page.name).write_text(text, encoding="utf-8")
    assert run([MARKDOWN], output)[0] == 0
    before = output.read_bytes()

    code, talk = run([MARKDOWN, emptied], output)

    assert code == 1
    assert output.read_bytes() == before
    assert any(line.startswith("page-emptied: 94 not accepted. ") for line in talk), talk
    with Catalog(output) as old, Catalog(tmp_path / "catalog.refused.db") as refused:
        # Nothing would be lost yet, and nothing would ever be new again.
        assert len(old.actions()) == len(refused.actions()) == 1873


# --- levels that pages of one day state differently

CHANGED = ("elementalmediaconnect", "wickr", "systemsmanagerforsap")
SAME = ("amazonsqs", "amazonapigatewaymanagement", "amazonapigatewaymanagementv2")
REFERENCES = ("mediaconnect", "wickr", "ssm-sap", "sqs", "apigateway")


def test_only_levels_that_aws_itself_changed_meanwhile_trip_the_guard_of_levels(
    tmp_path: Path,
) -> None:
    """Pages that are seven months apart, as if they were of one day."""
    day = tmp_path / "2026-02-04"
    day.mkdir()
    for slug in (*(f"aws{slug}" for slug in CHANGED), *SAME):
        shutil.copy(HTML / f"list_{slug}.html", day)
    for prefix in REFERENCES:
        shutil.copy(CORPORA / "json" / day.name / f"{prefix}.json", day)

    assert run([day], tmp_path / "catalog.db")[0] == 1

    told = json.loads((tmp_path / "catalog.refused.json").read_text(encoding="utf-8"))
    assert {each["guard"] for each in told["guards"]} == {"levels-disagree"}
    assert [name for each in told["guards"] for name in each["differ"]] == [
        f"{action} ({changing}; {reading})"
        for action, changing, reading in (
            (
                "mediaconnect:DiscoverGatewayPollEndpoint",
                "Write on awselementalmediaconnect",
                "Read on mediaconnect.json",
            ),
            (
                "ssm-sap:GetResourcePermission",
                "Permissions management, Write on ssm-sap.json",
                "Read on awssystemsmanagerforsap",
            ),
            ("wickr:ListNetworks", "Write on awswickr", "Read on wickr.json"),
        )
    ]
