"""What holds for every page of the site: it is accessible, small, narrow where it must be, and
asks nobody else for anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from conftest import watched_tab
from site_catalog import ADDRESSES, KINDS, MISSING

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""Those of axe-core for WCAG 2.2, level AA, and what it calls good practice."""
FAULTS = """async options => (await axe.run(document, options)).violations.map(
    rule => `${rule.id}: ${rule.nodes.map(node => node.html.slice(0, 200)).join(" | ")}`)"""
LARGEST = 100_000
"""Bytes of a page with all that it loads."""
LOADED = """() => [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")].map(each => [each.name, each.encodedBodySize])"""
WIDER = """() => {
    const width = document.documentElement.clientWidth;
    return document.documentElement.scrollWidth > width
        ? [...document.querySelectorAll("body *")]
            .filter(each => each.getBoundingClientRect().right > width + 1)
            .map(each => each.outerHTML.slice(0, 100)).slice(0, 5)
        : []; }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[*ADDRESSES, MISSING])
async def visited(tab: Page, site: str, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A page that was opened once for all that is asked of it."""
    async with watched_tab(tab, site) as page:
        await page.goto(f"/catalog/-/{request.param}")
        yield page


async def faults(page: Page, axe: str, **options: Any) -> list[str]:
    """What axe-core says against a page, also against what is folded away."""
    await page.evaluate('document.querySelectorAll("details").forEach(each => each.open = true)')
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe)
    asked = {"preload": False, "resultTypes": ["violations"], **options}
    found: list[str] = await page.evaluate(FAULTS, asked)
    return found


async def test_it_is_small(visited: Page) -> None:
    loaded = await visited.evaluate(LOADED)

    assert sum(size for _, size in loaded) < LARGEST, loaded


async def test_it_is_accessible(visited: Page, axe: str) -> None:
    assert await faults(visited, axe, runOnly=RULES) == []


@pytest.mark.parametrize("visited", [*KINDS, MISSING], indirect=True)
async def test_its_colours_can_be_read_in_the_dark(visited: Page, axe: str) -> None:
    await visited.emulate_media(color_scheme="dark")

    assert await faults(visited, axe, runOnly=["color-contrast"]) == []


async def test_it_is_as_wide_as_a_narrow_screen(visited: Page) -> None:
    await visited.set_viewport_size({"width": 320, "height": 640})

    assert await visited.evaluate(WIDER) == []
