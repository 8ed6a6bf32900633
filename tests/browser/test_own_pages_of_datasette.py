"""Datasette's own pages below ours: what they load is still allowed, and they work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_every_page import RULES, faults

api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
expect = api.expect

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")


ADDRESSES = (
    "/catalog",
    "/catalog/actions",
    "/catalog/actions?_facet=access_level",
    "/catalog/actions/orders~3ACreateOrder",
    "/catalog/dependent-actions?action=orders:CreateOrder",
    "/catalog?sql=select+action+from+actions",
    "/-/databases",
    "/catalog/nothing",
)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_page_of_datasette_is_accessible(page: Page, address: str, axe: str) -> None:
    await page.goto(address)

    assert await faults(page, axe, runOnly=RULES) == []


@pytest.mark.parametrize("address", ADDRESSES[:-1])
async def test_a_page_of_datasette_reports_nothing(page: Page, address: str) -> None:
    answer = await page.goto(address)

    assert answer
    assert answer.status == 200


async def test_the_menu_of_a_column_opens(page: Page) -> None:
    await page.goto("/catalog/actions")
    await page.locator("th svg.dropdown-menu-icon").first.click()

    await expect(page.get_by_role("link", name="Sort descending").first).to_be_visible()


async def test_the_editor_of_sql_is_there(page: Page) -> None:
    await page.goto("/catalog?sql=select+1")

    await expect(page.locator(".CodeMirror")).to_be_visible()
