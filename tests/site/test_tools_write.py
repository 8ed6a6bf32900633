"""Writing policies on the site: what was asked stays in the form, and the answer can be shared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from datasette.app import Datasette
from tool_catalog import build_tool_catalog, get, opened, post, soup_of, text_of

SHELF = "arn:aws:store:us-east-1:111122223333:shelf/a"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_tool_catalog(tmp_path_factory.mktemp("tools"))) as site:
        yield site


async def test_named_actions_get_a_policy_on_the_given_arns(site):
    page = await get(site, "tools/write", actions="store:PutShelfPolicy", arns=SHELF)

    policy = json.loads(soup_of(page).select_one("#policy-1").get_text())
    assert policy["Statement"] == [
        {
            "Sid": "StoreShelf",
            "Effect": "Allow",
            "Action": ["store:PutShelfPolicy"],
            "Resource": [SHELF],
        }
    ]
    assert "check finds nothing in it" in text_of(page)


async def test_single_actions_can_be_named_as_links_to_the_form_do(site):
    answer = await get(site, "tools/write.json", action=["store:TagShelf", "store:ListShelves"])

    assert answer.json()["actions"] == ["store:TagShelf", "store:ListShelves"]


async def test_levels_of_a_service_get_a_policy_too(site):
    answer = await get(
        site, "tools/write.json", access_level=["Tagging", "List"], service_prefix="store"
    )

    assert [each["action"] for each in answer.json()["written"]["actions"]] == [
        "store:ListShelves",
        "store:TagShelf",
    ]


async def test_the_form_shows_again_what_was_asked(site):
    asked = {
        "actions": "store:TagShelf, store:ListShelves",
        "arns": SHELF,
        "access_level": ["Tagging"],
        "service_prefix": "store",
        "kind": "inline-role",
        "shrink": "1",
    }
    soup = soup_of(await get(site, "tools/write", **asked))

    assert soup.select_one("#actions").get_text() == "\nstore:TagShelf\nstore:ListShelves"
    assert soup.select_one("#arns").get_text() == f"\n{SHELF}"
    assert [box["value"] for box in soup.select("[name=access_level][checked]")] == ["Tagging"]
    assert soup.select_one("#service_prefix")["value"] == "store"
    assert soup.select_one("#kind [selected]")["value"] == "inline-role"
    assert soup.select_one("[name=shrink]").has_attr("checked")


async def test_the_json_is_at_an_address_that_asks_the_same(site):
    asked = {"actions": "store:TagShelf", "access_level": ["List"], "service_prefix": "store"}
    page = await get(site, "tools/write", **asked, **{"fill.Account": "111122223333"})

    address = urlsplit(soup_of(page).select_one(".behind a")["href"])
    assert address.path == "/catalog/-/tools/write.json"
    assert parse_qs(address.query) == {
        "actions": ["store:TagShelf"],
        "access_level": ["List"],
        "service_prefix": ["store"],
        "kind": ["managed"],
        "fill.Account": ["111122223333"],
    }
    answer = await site.client.get(address.geturl())
    assert "services" not in answer.json()
    assert len(answer.json()["policies"]) == 1


async def test_placeholders_can_be_filled_in_below_the_policy(site):
    page = await get(site, "tools/write", actions="store:TagShelf", **{"fill.Partition": "aws"})

    fields = {each["name"]: each["value"] for each in soup_of(page).select(".fills input")}
    assert fields == {
        "fill.Account": "",
        "fill.Partition": "aws",
        "fill.Region": "",
        "fill.ShelfId": "",
    }
    assert "arn:aws:store:${Region}:${Account}:shelf/${ShelfId}" in text_of(page)
    assert "Fill in 3 placeholders" in text_of(page)


async def test_a_value_for_a_placeholder_of_an_earlier_question_does_no_harm(site):
    page = await get(site, "tools/write", actions="store:TagShelf", **{"fill.BoxId": "b"})

    assert page.status_code == 200


async def test_a_value_that_no_arn_can_have_is_an_error(site):
    page = await get(site, "tools/write", actions="store:TagShelf", **{"fill.Account": "1:2"})

    assert page.status_code == 400
    assert "'1:2' is not a value for the placeholder 'Account'" in text_of(page)
    assert soup_of(page).select_one("[name='fill.Account']")["value"] == "1:2"


async def test_dependent_actions_stand_below_with_their_page(site):
    page = await get(site, "tools/write", actions="store:TagShelf")

    assert "What these actions may need besides" in text_of(page)
    assert "check finds 1 error, 2 notes" in text_of(page)
    assert "store:CreateShelf" in text_of(page)


@pytest.mark.parametrize(
    ("asked", "status", "field", "text"),
    [
        ({"actions": "store:TagShel"}, 404, "actions", "No action 'store:TagShel'"),
        ({"actions": "store:*Nothing*"}, 400, "actions", "No action in the catalog matches"),
        (
            {"actions": "store:TagShelf", "arns": "shelf"},
            400,
            "arns",
            "'shelf' is not an ARN",
        ),
        (
            {"access_level": "List", "service_prefix": "stor"},
            404,
            "service_prefix",
            "No service 'stor'",
        ),
        (
            {"access_level": "Lits", "service_prefix": "store"},
            400,
            "levels",
            "'Lits' is not an access level",
        ),
        ({"arns": SHELF}, 400, "actions", "Nothing to write"),
        ({"actions": "store:TagShelf", "kind": "huge"}, 400, "actions", "kind is 'huge'"),
    ],
)
async def test_an_error_leads_to_its_field(site, asked, status, field, text):
    page = await get(site, "tools/write", **asked)

    soup = soup_of(page)
    assert page.status_code == status
    assert text in soup.select_one(".problem").get_text()
    assert soup.select_one(".problem a")["href"] == f"#{field}"
    assert soup.select_one(f"#{field}") is not None


async def test_a_written_policy_can_be_checked_without_typing_it(site):
    page = await get(site, "tools/write", actions="store:PutShelfPolicy")

    form = soup_of(page).select_one(".below form")
    assert (form["method"], form["action"]) == ("post", "/catalog/-/tools/check")
    checked = await post(site, "tools/check", {"policy": form.textarea.get_text()})
    assert "placeholder-left" in text_of(checked)
    assert "1 note" in text_of(checked)


async def test_more_than_an_address_holds_is_refused_with_its_length(site):
    page = await get(site, "tools/write", actions="a" * 8001)

    assert page.status_code == 400
    assert "actions has 8,001 characters: write at most 8,000." in text_of(page)
