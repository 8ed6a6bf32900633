"""The site in a browser that runs no scripts: everything can be reached and read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from conftest import watched

api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
expect = api.expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, site: str) -> AsyncIterator[Page]:
    async with watched(chromium, site, java_script_enabled=False) as context:
        yield await context.new_page()


async def test_the_search_is_a_form(page: Page) -> None:
    await page.goto("/")
    await page.get_by_label("Search").fill("create order")
    await page.get_by_role("button", name="Search").click()

    await page.get_by_role("link", name="orders:CreateOrder").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("orders:CreateOrder")


async def test_a_service_is_narrowed_by_links(page: Page) -> None:
    await page.goto("/catalog/-/service/stock")
    await page.get_by_role("list", name="Access levels").get_by_role("link", name="List").click()

    await expect(page.locator("#action-rows tbody tr")).to_have_count(22)


async def test_a_service_is_filtered_and_sorted_by_its_form_and_links(page: Page) -> None:
    await page.goto("/catalog/-/service/stock")
    await page.get_by_label("Show only").fill("reserve01")
    await page.get_by_role("button", name="Show", exact=True).click()

    rows = page.locator("#action-rows tbody tr")
    assert 0 < await rows.count() < 20
    await page.get_by_role("columnheader", name="Level").get_by_role("link").click()
    await expect(page).to_have_url("/catalog/-/service/stock?q=reserve01&sort=level#actions")
    assert 0 < await rows.count() < 20


async def test_ticked_actions_get_a_policy(page: Page) -> None:
    await page.goto("/catalog/-/service/orders")
    await page.get_by_role("checkbox", name="CreateOrder", exact=True).check()
    await page.get_by_role("button", name="Write a policy").click()

    await expect(page.locator("main pre").first).to_contain_text("orders:CreateOrder")


async def test_nothing_is_offered_that_needs_a_script(page: Page) -> None:
    for address in ("service/stock", "action/orders:CreateOrder", "tools/check", "tools/write"):
        await page.goto(f"/catalog/-/{address}")
        assert await page.locator(".filter:visible, [data-copies]:visible").count() == 0
        assert await page.locator('input[type="file"]:visible').count() == 0


async def test_the_tools_answer(page: Page) -> None:
    await page.goto("/catalog/-/tools/expand")
    await page.get_by_label("Pattern").first.fill("orders:*Order")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("link", name="orders:CreateOrder").first).to_be_visible()
