"""A static export in a browser: from a web server that knows nothing, and from a disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from conftest import watched
from site_catalog import build_site_catalog
from test_every_page import RULES, WIDER, faults

from iam_catalog import Catalog
from iam_catalog.export.site.writing import write_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def send_error(self, code: int, *_: Any) -> None:  # type: ignore[override]
        """Send 404.html, as hosts of files do."""
        content = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("static")
    with Catalog(build_site_catalog(place)) as catalog:
        write_site(catalog, place / "a site")
    return place / "a site"


@contextmanager
def hosted(folder: Path, below: str = "/a%20site") -> Iterator[str]:
    """The address of a server that hands out files, below a path; 404.html where there is none."""
    handler = partial(Quiet, directory=str(folder.parent if below else folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{below}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module", params=["disk", "server"])
def place(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the export starts, without a slash at its end."""
    if request.param == "disk":
        yield folder.as_uri()
    else:
        with hosted(folder) as address:
            yield address


@pytest_asyncio.fixture(loop_scope="session")
async def start(chromium: Browser, place: str) -> AsyncIterator[Page]:
    async with watched(chromium, place) as context:
        page = await context.new_page()
        await page.goto(f"{place}/index.html")
        yield page


async def test_typing_finds_names_and_the_arrow_keys_lead_to_their_pages(
    start: Page, place: str
) -> None:
    await start.keyboard.press("/")
    await start.keyboard.type("create ord")
    option = start.get_by_role("option")
    await option.first.wait_for()
    assert await option.all_inner_texts() == ["orders:CreateOrder action"]

    await start.keyboard.press("ArrowDown")
    await start.keyboard.press("Enter")
    await start.wait_for_url(f"{place}/action/orders/CreateOrder.html")

    assert await start.locator("h1 code").inner_text() == "orders:CreateOrder"


async def test_enter_leads_to_the_results_and_they_to_pages(start: Page, place: str) -> None:
    await start.get_by_role("searchbox").or_(start.get_by_role("combobox")).fill("example stock")
    await start.keyboard.press("Enter")
    await start.wait_for_url(f"{place}/search.html?q=example+stock")
    await start.get_by_role("list", name="Results").wait_for()
    await start.get_by_role("status").first.filter(has_text="1 result").wait_for()
    assert await start.title() == "example stock - Search · IAM catalog"

    await start.get_by_role("link", name="stock", exact=True).click()

    assert start.url == f"{place}/service/stock.html"


async def test_results_are_narrowed_by_kind_and_service(start: Page, place: str) -> None:
    await start.goto(f"{place}/search.html?q=order")
    narrow = start.get_by_role("navigation", name="Narrow the results")
    results = start.get_by_role("list", name="Results").get_by_role("listitem")
    await results.first.wait_for()
    everything = await results.count()

    await narrow.get_by_role("link", name="resource types").click()
    await start.wait_for_url(f"{place}/search.html?q=order&kind=resource+type")
    await results.first.wait_for()

    kinds = await start.locator(".results .kind").all_inner_texts()
    assert set(kinds) == {"resource type"}
    assert await results.count() < everything
    assert await narrow.locator("[aria-current]").all_inner_texts() == ["resource types"]


async def test_further_results_are_on_further_pages(start: Page, place: str) -> None:
    await start.goto(f"{place}/search.html?q=stock")
    results = start.get_by_role("list", name="Results").get_by_role("listitem")
    await results.first.wait_for()
    assert await results.count() == 50

    await start.get_by_role("link", name="More").click()
    await start.wait_for_url(f"{place}/search.html?q=stock&page=2")
    await start.get_by_role("status").first.filter(has_text="Results 51 to").wait_for()

    assert await results.count() > 0
    assert await start.get_by_role("link", name="Better ones").count() == 1


async def test_a_service_is_sorted_filtered_and_ticked(start: Page, place: str) -> None:
    await start.goto(f"{place}/service/orders.html?q=order&sort=level")
    rows = start.locator("#action-rows tbody tr:visible")
    levels = [each.strip() for each in await rows.locator("td:nth-child(3)").all_inner_texts()]
    assert levels[0] == "List"
    assert await start.get_by_label("Show only").input_value() == "order"

    await start.get_by_role("button", name="Action").click()
    names = await rows.locator("th").all_inner_texts()
    await start.get_by_role("checkbox").first.check()

    assert names == sorted(names)
    assert await start.locator(".ticked [role=status]").inner_text() == "1 action ticked"
    assert await start.get_by_role("button", name="Write a policy").count() == 0


async def test_a_text_that_nothing_has_is_said_and_stays_a_text(start: Page, place: str) -> None:
    await start.goto(f"{place}/search.html?q=%3Cimg+src%3Dx%3E")

    said = start.get_by_role("status").first
    await said.filter(has_text="Nothing in this catalog").wait_for()

    assert "“<img src=x>”" in await said.inner_text()
    assert await start.locator("main img").count() == 0


@pytest.mark.parametrize(
    ("path", "best"),
    [
        ("action/orders/CreateOrdr.html", "orders:CreateOrder"),
        ("catalog/-/action/orders:getorder", "orders:GetOrder"),
        ("condition-key/orders/Chanel.html", "orders:Channel"),
    ],
)
async def test_a_missing_page_suggests_what_it_may_have_been(
    chromium: Browser, folder: Path, path: str, best: str, axe: str
) -> None:
    with hosted(folder, "") as place:
        async with watched(chromium, place) as context:
            page = await context.new_page()
            await page.goto(f"{place}/{path}")

            await page.get_by_role("list", name="Results").get_by_role("link").first.wait_for()
            assert await page.locator(".results a").first.inner_text() == best
            assert await faults(page, axe, runOnly=RULES) == []


@pytest.mark.parametrize("path", ["search.html?q=order", "action/orders/CreateOrder.html"])
async def test_a_page_is_accessible_and_as_wide_as_a_telephone(
    chromium: Browser, folder: Path, path: str, axe: str
) -> None:
    with hosted(folder) as place:
        async with watched(chromium, place) as context:
            page = await context.new_page()
            await page.set_viewport_size({"width": 320, "height": 800})
            await page.goto(f"{place}/{path}")
            if "?" in path:
                await page.get_by_role("list", name="Results").wait_for()

            assert await page.evaluate(WIDER) == []
            assert await faults(page, axe, runOnly=RULES) == []


async def test_without_scripts_the_search_leads_to_the_services(
    chromium: Browser, place: str
) -> None:
    async with watched(chromium, place, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(f"{place}/search.html?q=order")

        await page.get_by_role("link", name="all services from A to Z").click()
        await page.get_by_role("link", name="orders", exact=True).click()
        await page.get_by_role("link", name="CreateOrder", exact=True).click()

        assert page.url == f"{place}/action/orders/CreateOrder.html"
