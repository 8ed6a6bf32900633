"""No page of the site leads nowhere: every link of it is followed, with the part that it names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from datasette.app import Datasette
from site_crawler import Page
from tool_catalog import build_tool_catalog, opened

SHIPPED = Path(__file__).parent.parent.parent / "catalog.db"
LOADED = ("link", "script", "form")
"""Elements whose addresses are not followed."""


@pytest.fixture(params=["shipped", "small"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Datasette]:
    path = SHIPPED if request.param == "shipped" else build_tool_catalog(tmp_path)
    with opened(str(path)) as site:
        yield site


async def pages_of(site: Datasette) -> tuple[dict[str, Page], list[str]]:
    """The site's own pages that links lead to from the start; and the links that lead nowhere."""
    pages: dict[str, Page] = {}
    dead = []
    waiting = [("/catalog/-/", "the start")]
    while waiting:
        address, origin = waiting.pop()
        if address in pages:
            continue
        response = await site.client.get(address)
        if response.status_code not in (200, 301, 302):
            dead.append(f"{origin}: {address} is {response.status_code}")
        is_page = response.headers.get("content-type", "").startswith("text/html")
        pages[address] = Page(response.text if is_page else "")
        found = {urldefrag(urljoin(address, link)).url for link in links_of(pages[address])}
        waiting += [(each, address) for each in found if each.startswith("/catalog/-/")]
    return pages, dead


def links_of(page: Page) -> list[str]:
    return [address for element, address in page.links if element not in LOADED]


async def test_every_link_leads_to_a_page_and_to_a_part_of_it(site: Datasette) -> None:
    pages, dead = await pages_of(site)

    for origin, page in pages.items():
        for link in links_of(page):
            address, part = urldefrag(urljoin(origin, link))
            if part and address in pages and part not in pages[address].identifiers:
                dead.append(f"{origin}: no part {link}")
    assert dead == []
    assert len(pages) > 50
