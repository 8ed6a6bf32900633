"""A Chromium, and a server of the site for it, both started once.

The browser is the one of the machine: Playwright drives it by its path, and downloads none. Where
there is none, the tests skip. A page that reports an error or asks another host fails its test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from site_catalog import build_site_catalog

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
VARIABLE = "IAM_CATALOG_CHROMIUM"
"""Names a Chromium that is not on the path."""
PATIENCE = 8_000
"""Milliseconds after which a page that does not do what is expected has failed."""


def find_chromium() -> str | None:
    """The path of a Chromium; None where there is none."""
    named = os.environ.get(VARIABLE)
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of this folder where there is no Chromium."""
    if find_chromium():
        return
    named = os.environ.get(VARIABLE, ", ".join(NAMES))
    reason = f"no Chromium ({named}): apt-get install chromium, or name one in {VARIABLE}"
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with the small catalog of `site_catalog`."""
    with served(build_site_catalog(tmp_path_factory.mktemp("site"))) as address:
        yield address


@contextmanager
def served(database: str) -> Iterator[str]:
    """The address of a server of its own for *database*, which takes any free port."""
    command = [sys.executable, "-m", "iam_catalog", "serve", "--port", "0", "--database", database]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        try:
            assert address.startswith("http://127.0.0.1:"), "the server did not start"
            yield address.rstrip("/")
        finally:
            server.terminate()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    async with api.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium())
        yield browser
        await browser.close()


class Watch:
    """What the pages of a context report and load."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.faults: list[str] = []
        self.documents: set[str] = set()

    def attach(self, page: Page) -> dict[str, Any]:
        """Watch *page*; the handlers by their events."""
        page.set_default_timeout(PATIENCE)
        events = {"console": self.console, "pageerror": self.error, "request": self.request}
        for name, handler in events.items():
            page.on(name, handler)
        return events

    def error(self, error: object) -> None:
        self.faults.append(f"error: {error}")

    def console(self, message: ConsoleMessage) -> None:
        # Chromium says so of every page that answers 404, which pages of errors are to do.
        is_status = message.text.startswith("Failed to load resource")
        if is_status and message.location["url"] in self.documents:
            return
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text}")

    def request(self, request: Any) -> None:
        if request.is_navigation_request():
            self.documents.add(request.url)
        if not request.url.startswith((f"{self.site}/", "data:")):
            self.faults.append(f"loads {request.url}")


@asynccontextmanager
async def watched(browser: Browser, site: str, **options: Any) -> AsyncIterator[BrowserContext]:
    """A context that starts at *site*, and whose pages may neither fail nor ask another host."""
    watch = Watch(site)
    context = await browser.new_context(base_url=site, reduced_motion="reduce", **options)
    context.on("page", watch.attach)
    yield context
    await context.close()
    assert watch.faults == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tab(chromium: Browser, site: str) -> AsyncIterator[Page]:
    """One for all tests that need no other: a new one costs more than most tests."""
    context = await chromium.new_context(base_url=site, reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


@asynccontextmanager
async def watched_tab(tab: Page, site: str) -> AsyncIterator[Page]:
    """The tab as if it were new; what it shows may neither fail nor ask another host."""
    watch = Watch(site)
    events = watch.attach(tab)
    await tab.set_viewport_size({"width": 1280, "height": 720})
    await tab.emulate_media(media="screen", color_scheme="light")
    yield tab
    for name, handler in events.items():
        tab.remove_listener(name, handler)
    assert watch.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(tab: Page, site: str) -> AsyncIterator[Page]:
    async with watched_tab(tab, site) as page:
        yield page


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which comes with a package of Python."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
