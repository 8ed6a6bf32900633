"""The site with all services of AWS: its largest pages are as usable as its smallest."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from click.testing import CliRunner
from conftest import served, watched
from test_every_page import LARGEST, LOADED, WIDER

from scraper.cli import cli

api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
expect = api.expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

DEFAULT = Path(__file__).parent.parent.parent.parent / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)
HTML = CORPORA / "html" / "2025-07-01"

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.corpora,
    pytest.mark.skipif(
        not HTML.is_dir(),
        reason=f"no folder {str(HTML)!r}: name the corpora in IAM_CATALOG_CORPORA",
    ),
]
ADDRESSES = (
    "",
    "services",
    "search?q=create",
    "service/ec2",
    "service/ssmmessages",
    "action/ec2:RunInstances",
    "action/iam:PassRole",
    "action/iam:CreateServiceLinkedRole",
    "resource-type/ec2:instance",
    "condition-key/aws:ResourceTag%2F%24%7BTagKey%7D",
    "access-level/Write",
    "tools/expand?pattern=*",
)
"""The home page, and pages that have much to say."""


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = str(tmp_path_factory.mktemp("full") / "catalog.db")
    words = ["build", "--complete", "--data", str(HTML), "--output", database]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    with served(database) as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, full_site: str) -> AsyncIterator[Page]:
    async with watched(chromium, full_site) as context:
        yield await context.new_page()


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_page_is_small_and_fits_a_narrow_screen(page: Page, address: str) -> None:
    answer = await page.goto(f"/catalog/-/{address}")
    loaded = await page.evaluate(LOADED)
    await page.set_viewport_size({"width": 320, "height": 640})

    assert answer
    assert answer.status == 200
    assert sum(size for _, size in loaded) < LARGEST, loaded
    assert await page.evaluate(WIDER) == []


async def test_hundreds_of_actions_are_filtered_as_one_types(page: Page) -> None:
    await page.goto("/catalog/-/service/ec2")
    rows = page.locator("#action-rows tbody tr:visible")
    assert await rows.count() > 600

    await page.get_by_label("Show only").first.fill("spot fleet")

    await expect(rows.first).to_contain_text("Spot")
    assert 2 < await rows.count() < 30


async def test_the_parts_of_a_long_list_stand_in_the_same_columns(page: Page) -> None:
    await page.goto("/catalog/-/service/ec2")
    tables = page.locator("#action-rows .group:first-child table")
    assert await tables.count() > 1

    lefts = await tables.evaluate_all(
        "all => all.map(each => each.querySelector('tbody td:nth-child(3)').offsetLeft)"
    )

    assert len(set(lefts)) == 1


async def test_an_action_is_found_among_all(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await page.keyboard.type("ec2:runinst")
    await expect(page.get_by_role("option").first).to_contain_text("ec2:RunInstances")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url("/catalog/-/action/ec2:RunInstances")
