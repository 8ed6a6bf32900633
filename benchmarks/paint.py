"""When a browser shows the first of a page: what Chromium says of pages that it has never seen."""

from __future__ import annotations

import asyncio
import shutil
from statistics import median
from typing import Any

from benchmarks.measure import Aim, Result

PAGES = {
    "home": "/",
    "action": "/catalog/-/action/ec2:RunInstances",
    "service ec2": "/catalog/-/service/ec2",
    "service ssmmessages": "/catalog/-/service/ssmmessages",
}
ROUNDS = 7
PAINTED = """() => new Promise(done => {
    const seen = () => performance.getEntriesByName("first-contentful-paint")[0];
    const look = () => seen() ? done(seen().startTime) : setTimeout(look, 20);
    look(); })"""


def first_paints(site: str) -> list[Result]:
    """First contentful paint, counted from the click; nothing where there is no Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        return []
    return asyncio.run(painted(async_playwright, path, site)) if path else []


async def painted(async_playwright: Any, path: str, site: str) -> list[Result]:
    times: dict[str, list[float]] = {name: [] for name in PAGES}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        for number in range(ROUNDS + 1):
            for name, address in PAGES.items():
                # A new context has nothing in its cache.
                context = await browser.new_context(viewport={"width": 1280, "height": 900})
                page = await context.new_page()
                answer = await page.goto(f"{site}{address}")
                if number and answer and answer.ok:
                    times[name].append(await page.evaluate(PAINTED) / 1e3)
                await context.close()
        await browser.close()
    return [
        Result(f"paint: {name}", median(spent), None, Aim(0.3))
        for name, spent in times.items()
        if spent
    ]
