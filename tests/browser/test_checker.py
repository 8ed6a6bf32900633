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

    await expect(page.get_by_role("heading", name="That cannot be answered")).to_be_visible()
    await expect(page.get_by_label("Policy").first).to_have_value(
        "</textarea><script>alert(1)</script>"
    )


async def test_it_answers_without_scripts(chromium: Browser, site: str) -> None:
    async with watched(chromium, site, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(CHECK)
        await page.get_by_label("Policy").first.fill(json.dumps(json.loads(POLICY)))
        await page.get_by_role("button", name="Check", exact=True).click()

        await expect(page.locator(".lines mark").first).to_have_text("orders:GetOrders")


# --- Back, and the changes that findings suggest


async def checked(page: Page, policy: str = POLICY) -> None:
    await page.goto(CHECK)
    await page.get_by_label("Policy").first.fill(policy)
    await page.get_by_role("button", name="Check", exact=True).click()
    await expect(page.locator(".finding").first).to_be_visible()


async def test_back_from_the_page_of_a_finding_shows_the_answer_again(page: Page) -> None:
    await checked(page)
    await page.get_by_role("link", name="unknown-action").first.click()
    await page.wait_for_url("**/tools/rule/unknown-action")
    await page.go_back()

    await expect(page.locator(".lines mark")).to_have_text("orders:GetOrders")
    assert await page.locator("#policy").input_value() == POLICY


async def test_back_from_an_answer_keeps_the_text_and_forward_the_answer(page: Page) -> None:
    await page.goto("/catalog/-/services")
    await checked(page)
    await page.go_back()
    await expect(page.locator("#policy")).to_have_value(POLICY)
    await expect(page.locator(".finding")).to_have_count(0)

    await page.go_forward()
    await expect(page.locator(".lines mark")).to_have_text("orders:GetOrders")


async def test_back_keeps_a_text_that_was_not_sent(page: Page) -> None:
    await page.goto(CHECK)
    await page.get_by_label("Policy").first.fill(POLICY)
    await page.goto("/catalog/-/services")
    await page.go_back()

    await expect(page.locator("#policy")).to_have_value(POLICY)


async def test_an_answer_can_be_loaded_again(page: Page) -> None:
    await checked(page)
    await page.reload()

    await expect(page.locator(".lines mark")).to_have_text("orders:GetOrders")


async def test_the_checker_starts_empty_when_it_is_opened_anew(page: Page) -> None:
    await checked(page)
    await page.goto("/catalog/-/services")
    await page.goto(CHECK)

    await expect(page.locator("#policy")).to_have_value("")


async def test_a_suggested_change_is_made_in_the_text_and_undone(page: Page) -> None:
    await checked(page)
    fix = page.locator(".fix").filter(has_text="orders:GetOrder")
    await fix.get_by_role("button", name="Apply").click()

    field = page.locator("#policy")
    await expect(field).to_have_value(POLICY.replace("orders:GetOrders", "orders:GetOrder"))
    await expect(page.locator("#fixed")).to_contain_text("1 change is made in the text.")

    await fix.get_by_role("button", name="Undo").click()
    await expect(field).to_have_value(POLICY)


async def test_several_changes_are_made_together_whatever_their_order(page: Page) -> None:
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "allow", "Action": "orders:ListOrder", "Resource": "*"},
                {"Effect": "deny", "Action": "orders:GetOrders", "Resource": "*"},
            ],
        }
    )
    await checked(page, policy)
    buttons = page.locator(".fix").get_by_role("button", name="Apply")
    count = await buttons.count()
    for _ in range(count):
        await buttons.last.click()

    meant = policy.replace('"allow"', '"Allow"').replace('"deny"', '"Deny"')
    meant = meant.replace("ListOrder", "ListOrders").replace("GetOrders", "GetOrder")
    await expect(page.locator("#policy")).to_have_value(meant)
    await page.get_by_role("button", name="Check again").click()
    await expect(page.locator(".finding-error")).to_have_count(0)


async def test_a_change_that_no_longer_fits_is_not_made(page: Page) -> None:
    await checked(page)
    await page.get_by_text("Change the policy").click()
    await page.locator("#policy").fill("{}")
    await page.locator(".fix").get_by_role("button", name="Apply").first.click()

    await expect(page.locator("#fixed")).to_contain_text("no longer fits")
    await expect(page.locator("#policy")).to_have_value("{}")


async def test_written_policies_remember_partition_and_account_in_the_browser(page: Page) -> None:
    await page.goto("/catalog/-/tools/write?actions=orders:GetOrder")
    await page.locator('[name="fill.Account"]').fill("111122223333")
    await page.locator('[name="fill.Partition"]').fill("aws-cn")
    await page.get_by_role("button", name="Write with these").click()
    await expect(page.locator("#policy-1")).to_contain_text("arn:aws-cn:orders")

    await page.goto("/catalog/-/tools/write")
    await expect(page.locator('[name="fill.Account"]')).to_have_value("111122223333")
    await page.get_by_role("button", name="Forget them").click()
    await page.reload()
    await expect(page.locator('[name="fill.Account"]')).to_have_value("")
