"""The policy checker: a policy pasted or dropped in, and what is said beside its lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import watched

api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
expect = api.expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHECK = "/catalog/-/tools/check"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "orders:GetOrders",
    "Resource": "*"
  }
}"""


async def test_a_finding_stands_at_its_line(page: Page) -> None:
    await page.goto(CHECK)
    await page.get_by_label("Policy").first.fill(POLICY)
    await page.get_by_role("button", name="Check", exact=True).click()

    line = page.locator('[data-line="5"]')
    await expect(line).to_contain_text('"Action": "orders:GetOrders"')
    await expect(line.locator(".finding")).to_contain_text("orders:GetOrder")
    await expect(page.locator('[data-line="6"] .finding')).to_have_count(0)


async def test_nothing_of_a_policy_comes_into_an_address(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(CHECK)
    await page.get_by_label("Policy").first.fill(POLICY)
    await page.get_by_role("button", name="Check", exact=True).click()
    await expect(page.locator(".finding").first).to_be_visible()

    assert page.url.endswith(CHECK)
    assert [each for each in asked if "GetOrders" in each] == []


async def test_the_keyboard_sends_the_policy(page: Page) -> None:
    await page.goto(CHECK)
    await page.get_by_label("Policy").first.fill(POLICY)
    await page.keyboard.press("Control+Enter")

    await expect(page.locator('[data-line="5"] .finding').first).to_be_visible()


async def test_a_file_is_read_into_the_form(page: Page) -> None:
    await page.goto(CHECK)
    content = {"name": "policy.json", "mimeType": "application/json", "buffer": POLICY.encode()}
    await page.locator('input[type="file"]').set_input_files(content)

    await expect(page.get_by_label("Policy").first).to_have_value(POLICY)


async def test_a_file_that_is_no_text_is_refused(page: Page) -> None:
    await page.goto(CHECK)
    content = {"name": "policy.zip", "mimeType": "application/zip", "buffer": b"PK\xff\xfe"}
    await page.locator('input[type="file"]').set_input_files(content)

    await expect(page.get_by_text("policy.zip is not UTF-8 text.")).to_be_visible()


async def test_what_is_no_policy_is_refused_and_stays_in_the_form(page: Page) -> None:
    await page.goto(CHECK)
    await page.get_by_label("Policy").first.fill("</textarea><script>alert(1)</script>")
    await page.get_by_role("button", name="Check", exact=True).click()

    await expect(page.get_by_role("heading", name="That can not be answered")).to_be_visible()
    await expect(page.get_by_label("Policy").first).to_have_value(
        "</textarea><script>alert(1)</script>"
    )


async def test_it_answers_without_scripts(chromium: Browser, site: str) -> None:
    async with watched(chromium, site, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(CHECK)
        await page.get_by_label("Policy").first.fill(json.dumps(json.loads(POLICY)))
        await page.get_by_role("button", name="Check", exact=True).click()

        await expect(page.locator('[data-line="1"] .finding').first).to_be_visible()
