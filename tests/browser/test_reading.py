"""Reading from page to page: along dependent actions, through tables, in the dark, on paper."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from conftest import served, watched
from small_catalog import build_small_catalog
from test_every_page import WIDER

api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
expect = api.expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEEDED = "section[aria-labelledby=needs] table"
CREATE = "/catalog/-/action/orders:CreateOrder"
LUMINANCE = """() => [document.documentElement, document.body].map(each => getComputedStyle(each))
    .flatMap(style => [style.backgroundColor, style.color])"""


async def test_an_action_leads_to_what_it_needs_and_back(page: Page) -> None:
    await page.goto(CREATE)

    await (
        page.get_by_role("region", name="What it needs")
        .get_by_role("table")
        .get_by_role("link", name="stock:Reserve000")
        .first.click()
    )
    await expect(page).to_have_url("/catalog/-/action/stock:Reserve000")
    required = page.locator("section[aria-labelledby=required-by]").get_by_text("CreateOrder")
    await expect(required.first).to_be_visible()
    await page.go_back()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("orders:CreateOrder")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(build_small_catalog(tmp_path_factory.mktemp("shop"))) as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def buy(chromium: Browser, shop: str) -> AsyncIterator[Page]:
    async with watched(chromium, shop) as context:
        page = await context.new_page()
        await page.goto("/catalog/-/action/store:CreateShelf")
        yield page


async def test_the_graph_is_an_image_with_a_name_and_its_boxes_are_links(buy: Page) -> None:
    picture = buy.get_by_role("img", name="What store:CreateShelf needs")
    await expect(picture).to_be_visible()
    await buy.locator("svg.graph a", has_text="TagShelf").first.click()

    await buy.wait_for_url("**/action/store:TagShelf")


async def test_links_of_the_graph_are_reached_by_the_keyboard(buy: Page) -> None:
    await buy.locator("svg.graph a", has_text="TagShelf").first.focus()
    await buy.keyboard.press("Enter")

    await buy.wait_for_url("**/action/store:TagShelf")


async def test_what_would_be_a_wall_of_boxes_is_a_list(page: Page) -> None:
    await page.goto(CREATE)

    await expect(page.locator("svg.graph")).to_have_count(0)
    await expect(
        page.get_by_role("region", name="What it needs").get_by_role("table")
    ).to_be_visible()


async def test_the_graph_fits_and_gives_way_to_the_list_on_a_telephone(buy: Page) -> None:
    await buy.set_viewport_size({"width": 840, "height": 800})
    assert await buy.evaluate(WIDER) == []
    await expect(buy.locator("svg.graph")).to_be_visible()
    await buy.set_viewport_size({"width": 320, "height": 640})
    await buy.reload()

    await expect(buy.locator("svg.graph")).to_be_hidden()
    await expect(
        buy.get_by_role("region", name="What it needs").get_by_role("table")
    ).to_be_visible()


async def test_the_statement_is_on_the_first_screen(page: Page) -> None:
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(CREATE)

    box = await page.locator("pre[data-copy]").bounding_box()

    assert box
    assert box["y"] < 500


async def test_the_first_key_leads_past_the_head_of_the_page(page: Page) -> None:
    await page.goto(CREATE)

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(page.locator("main")).to_be_focused()


async def test_a_long_table_is_filtered_by_words(page: Page) -> None:
    await page.goto("/catalog/-/service/stock")
    rows = page.locator("#action-rows tbody tr:visible")
    await expect(rows).to_have_count(90)

    await page.get_by_label("Show only").first.fill("reserve write 01")

    await expect(rows).to_have_count(await page.locator("#action-rows tbody tr:visible").count())
    assert await rows.count() < 10
    await expect(page.locator("[data-filter] [role=status]").first).to_have_text(
        f"{await rows.count()} of 90"
    )


async def test_what_is_filtered_is_filtered_again_after_back(page: Page) -> None:
    await page.goto("/catalog/-/service/stock")
    await page.get_by_label("Show only").first.fill("reserve01")
    rows = page.locator("#action-rows tbody tr:visible")
    await expect(page).to_have_url("/catalog/-/service/stock?q=reserve01")
    number = await rows.count()
    assert 0 < number < 20
    await rows.first.get_by_role("link").first.click()
    await page.wait_for_url("**/action/**")

    await page.go_back()

    await expect(page.get_by_label("Show only").first).to_have_value("reserve01")
    await expect(rows).to_have_count(number)
    await page.get_by_label("Show only").first.fill("")
    await expect(rows).to_have_count(90)


async def test_a_click_on_a_column_sorts_by_it_and_back_keeps_the_order(page: Page) -> None:
    await page.goto("/catalog/-/service/orders")
    names = page.locator("#action-rows tbody th a")
    assert await names.all_inner_texts() == sorted(await names.all_inner_texts())

    await page.get_by_role("columnheader", name="Level").get_by_role("button").click()

    await expect(page).to_have_url("/catalog/-/service/orders?sort=level")
    await expect(page.get_by_role("columnheader", name="Level")).to_have_attribute(
        "aria-sort", "ascending"
    )
    levels = await page.locator("#action-rows tbody tr td:nth-child(3)").all_inner_texts()
    order = ["List", "Read", "Write", "Permissions management", "Tagging"]
    first = [order.index(each.strip().split("\n")[0].strip()) for each in levels if each.strip()]
    assert first == sorted(first)


async def test_ticked_actions_are_a_policy_to_copy(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto("/catalog/-/service/orders")
    bar = page.locator(".ticked")
    await expect(bar).to_be_hidden()

    await page.get_by_role("checkbox", name="CreateOrder", exact=True).check()
    await page.get_by_role("checkbox", name="TagOrder", exact=True).check()
    await expect(bar).to_contain_text("2 actions ticked")
    await bar.get_by_role("button", name="Copy as a policy").click()

    policy = json.loads(await page.evaluate("navigator.clipboard.readText()"))
    assert policy["Version"] == "2012-10-17"
    actions = [name for each in policy["Statement"] for name in each["Action"]]
    assert actions == ["orders:CreateOrder", "orders:TagOrder"]
    await bar.get_by_role("button", name="Write a policy").click()
    await page.wait_for_url("**/tools/write?actions=orders%3ACreateOrder+orders%3ATagOrder")


async def test_a_table_is_narrowed_to_an_access_level(page: Page) -> None:
    await page.goto("/catalog/-/service/stock?sort=level")

    await page.get_by_role("list", name="Access levels").get_by_role("link", name="Tagging").click()

    await expect(page.locator("#action-rows tbody tr")).to_have_count(22)
    heads = await page.locator("#action-rows h3").all_inner_texts()
    assert [" ".join(text.split()) for text in heads] == ["Tagging 22 actions"]


async def test_groups_without_a_row_that_fits_are_hidden(page: Page) -> None:
    await page.goto("/catalog/-/service/stock?sort=level")
    groups = page.locator("#action-rows .group:visible")
    await expect(groups).to_have_count(4)

    await page.get_by_label("Show only").first.fill("tagging")
    await expect(groups).to_have_count(1)
    await page.get_by_label("Show only").first.fill("")

    await expect(groups).to_have_count(4)


async def test_a_link_into_a_long_page_ends_at_what_it_names(page: Page) -> None:
    await page.goto("/catalog/-/service/stock")

    await page.locator(".band a[href='#resource-types']").click()

    heading = page.get_by_role("heading", name="Resource types", exact=True)
    await expect(heading).to_be_in_viewport()
    # Had the rows before it no place, it would be in sight without a step.
    assert await page.evaluate("scrollY") > 1_000


async def test_what_is_not_in_sight_yet_is_found_and_printed(page: Page) -> None:
    await page.goto("/catalog/-/service/stock")
    later = page.locator(".later").last
    assert await page.evaluate("window.find('Number of actions by resource type')")
    await page.emulate_media(media="print")

    assert await later.evaluate("each => getComputedStyle(each).contentVisibility") == "visible"


async def test_a_name_is_copied(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(CREATE)

    await page.get_by_role("button", name="Copy").first.click()

    await expect(page.get_by_role("button", name="Copy").first).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "orders:CreateOrder"
    assert await page.get_by_role("heading", level=1).inner_text() == "orders:CreateOrder"


async def test_dark_is_dark_and_light_is_light(page: Page) -> None:
    await page.goto(CREATE)
    found = {}
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        paper, _, _, ink = map(brightness, await page.evaluate(LUMINANCE))
        found[scheme] = "dark" if paper < ink else "light"

    assert found == {"light": "light", "dark": "dark"}


def brightness(colour: str) -> float:
    """Of `rgb(1, 2, 3)`: the mean of its parts."""
    parts = colour.partition("(")[2].rstrip(")").split(",")
    return sum(map(float, parts[:3])) / 3


async def test_paper_is_light_whatever_the_screen_is(page: Page) -> None:
    await page.goto(CREATE)
    await page.emulate_media(media="print", color_scheme="dark")
    paper, _, _, ink = map(brightness, await page.evaluate(LUMINANCE))

    assert (paper, ink) == (255, 0)


async def test_paper_has_the_facts_and_none_of_the_controls(page: Page) -> None:
    await page.goto(CREATE)
    await page.emulate_media(media="print")

    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_role("table").first).to_be_visible()
    assert await page.locator("button:visible, input:visible, nav:visible").count() == 0


async def test_a_wide_screen_has_lines_that_can_be_read(page: Page) -> None:
    await page.set_viewport_size({"width": 2560, "height": 1200})
    await page.goto(CREATE)
    width = await page.evaluate("document.querySelector('main').getBoundingClientRect().width")

    assert 900 < width <= 1600


async def test_a_removed_action_says_when_it_went(page: Page) -> None:
    await page.goto("/catalog/-/action/orders:CancelOrder")

    await expect(page.locator("main")).to_contain_text("2022-03-04")


async def test_an_unknown_name_leads_to_the_nearest_ones(page: Page) -> None:
    answer = await page.goto("/catalog/-/action/orders:CreateOrders")
    assert answer
    assert answer.status == 404

    await page.get_by_role("main").get_by_role("link", name="orders:CreateOrder").first.click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("orders:CreateOrder")


async def test_hostile_texts_are_shown_and_do_nothing(page: Page) -> None:
    dialogs = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for address in ("action/hazard:Explode", "service/hazard", "resource-type/hazard:bomb"):
        await page.goto(f"/catalog/-/{address}")
        assert "<script>alert(1)</script>" in await page.locator("main").inner_text()
        assert await page.locator('[href^="javascript:"]').count() == 0

    assert dialogs == []
