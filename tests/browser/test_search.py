"""Search as one types: with the keyboard alone, and from everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
expect = api.expect

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def type_in(page: Page, text: str) -> None:
    """Type into the field that has the focus, and wait for what the site suggests for all of it."""
    # A browser gives the focus that a page asks for when it next draws: after the page is loaded.
    await expect(page.get_by_role("combobox")).to_be_focused()
    asked = f"search.json?{urlencode({'q': text})}&"
    async with page.expect_response(lambda response: asked in response.url):
        await page.keyboard.type(text)
    await expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()


async def test_the_search_of_the_home_page_has_the_focus(page: Page) -> None:
    await page.goto("/")

    await expect(page.get_by_role("combobox")).to_be_focused()


async def test_arrows_and_enter_lead_to_what_was_typed(page: Page) -> None:
    await page.goto("/")
    await type_in(page, "orders:createo")

    field = page.get_by_role("combobox")
    await expect(field).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    option = page.get_by_role("option", selected=True)
    await expect(option).to_contain_text("orders:CreateOrder")
    assert await field.get_attribute("aria-activedescendant") == await option.get_attribute("id")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url("/catalog/-/action/orders:CreateOrder")


async def test_arrows_go_around(page: Page) -> None:
    await page.goto("/")
    await type_in(page, "order")
    options = page.get_by_role("option")
    count = await options.count()
    assert count > 2

    await page.keyboard.press("ArrowUp")
    await expect(options.nth(count - 1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(0)).to_have_attribute("aria-selected", "true")


async def test_a_suggestion_can_be_clicked(page: Page) -> None:
    await page.goto("/catalog/-/services")
    await page.get_by_role("combobox").click()
    await type_in(page, "hazard fuse")

    await page.get_by_role("option", name="hazard:Fuse").click()

    await expect(page).to_have_url("/catalog/-/condition-key/hazard:Fuse")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("stock", "/catalog/-/service/stock"),
        ("orders:order", "/catalog/-/resource-type/orders:order"),
        ("orders channel", "/catalog/-/resource-type/orders:channel"),
        ("seeing", "/catalog/-/policy/seeing-orders:6"),
    ],
)
async def test_every_kind_is_found(page: Page, text: str, address: str) -> None:
    await page.goto("/")
    await type_in(page, text)

    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(address)


async def test_the_best_of_every_kind_are_among_many_suggestions(page: Page) -> None:
    await page.goto("/")
    await type_in(page, "o")

    kinds = await page.locator(".suggestions .kind").all_inner_texts()

    assert len(kinds) <= 12
    assert {each.strip() for each in kinds} == {
        *("service", "action", "resource type", "condition key", "policy")
    }


async def test_enter_without_a_choice_shows_all_results(page: Page) -> None:
    await page.goto("/")
    await type_in(page, "order")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url("/catalog/-/search?q=order")
    await expect(page.get_by_role("link", name="orders:CreateOrder")).to_be_visible()


async def test_escape_closes_the_suggestions(page: Page) -> None:
    await page.goto("/")
    await type_in(page, "order")
    await page.keyboard.press("Escape")

    await expect(page.get_by_role("listbox")).to_be_hidden()
    await expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("address", ["/", "/catalog/-/action/orders:CreateOrder"])
async def test_a_slash_leads_to_the_search(page: Page, address: str) -> None:
    await page.goto(address)
    field = page.get_by_role("combobox")
    await field.blur()

    await page.keyboard.press("/")

    await expect(field).to_be_focused()
    await expect(field).to_have_value("")


async def test_a_slash_in_a_text_is_a_slash(page: Page) -> None:
    await page.goto("/catalog/-/tools/check")
    field = page.get_by_label("Policy").first
    await field.focus()

    await page.keyboard.type("a/b")

    await expect(field).to_have_value("a/b")


async def test_what_is_found_is_shown_as_text(page: Page) -> None:
    await page.goto("/")
    await type_in(page, "hazard")

    assert "<script>" not in await page.locator(".suggestions").inner_html()
    await expect(page.get_by_role("option").first).to_contain_text("hazard")
