"""Pages whose texts act where they are not shown as texts: nothing of them does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from names_catalog import HOSTILE, SCRIPT_LINK, build_names_catalog
from tool_catalog import get, opened

PAGES = (
    "action/hazard:Explode",
    "resource-type/hazard:bomb",
    "condition-key/hazard:Fuse",
    "access-level/Write",
    "access-level/Write?service=hazard",
    "page/hazard@2022-03-04",
    "service/hazard",
    "changes",
    "changes?service=hazard",
)
SHOWN = HOSTILE.replace("\x1b", "\u241b").replace("\u202e", "⟨U+202E⟩")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_names_catalog(tmp_path_factory.mktemp("names"))) as site:
        yield site


@pytest.mark.parametrize("page", PAGES)
async def test_nothing_becomes_an_element_or_an_attribute(site: Datasette, page: str) -> None:
    text = (await get_at(site, page)).replace("<script src=", "<own src=")
    found = BeautifulSoup(text, "html.parser")

    assert found.find_all("script") == []
    assert [
        (each.name, name)
        for each in found.find_all(True)
        for name in each.attrs
        if name.startswith("on") or name == "style"
    ] == []


async def get_at(site: Datasette, page: str) -> str:
    response = await site.client.get(f"/catalog/-/{page}")
    assert (page, response.status_code) == (page, 200)
    return str(response.text)


@pytest.mark.parametrize("page", PAGES)
async def test_only_https_leads_out(site: Datasette, page: str) -> None:
    found = BeautifulSoup(await get_at(site, page), "html.parser")
    addresses = [str(each["href"]) for each in found.find_all(href=True)]

    assert [each for each in addresses if not re.match(r"/|#|https://", each)] == []
    assert SCRIPT_LINK not in addresses


@pytest.mark.parametrize("page", PAGES)
async def test_no_control_character_reaches_a_terminal(site: Datasette, page: str) -> None:
    path, _, query = page.partition("?")
    for address in (page, f"{path}.json?{query}"):
        text = await get_at(site, address)

        assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f]", text) == []
    assert "\u202e" not in await get_at(site, page)


@pytest.mark.parametrize("page", ["action/hazard:Explode", "condition-key/hazard:Fuse"])
async def test_the_text_itself_is_shown(site: Datasette, page: str) -> None:
    found = BeautifulSoup(await get_at(site, page), "html.parser")

    assert SHOWN in found.get_text()


async def test_problems_of_hostile_pages_are_text(site: Datasette) -> None:
    found = BeautifulSoup(await get_at(site, "page/hazard@2022-03-04"), "html.parser")

    assert found.get_text().count(SHOWN) >= 4


async def test_the_feed_of_hostile_names_is_xml(site: Datasette) -> None:
    response = await get(site, "changes.atom", service="hazard")

    assert ElementTree.fromstring(response.text) is not None
