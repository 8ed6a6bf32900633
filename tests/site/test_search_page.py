"""The search: services, actions, resource types, condition keys and policies in one answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from datasette.app import Datasette
from names_catalog import build_names_catalog
from tool_catalog import build_tool_catalog, get, opened, soup_of, text_of


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_tool_catalog(tmp_path_factory.mktemp("search"))) as site:
        yield site


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_names_catalog(tmp_path_factory.mktemp("names"))) as site:
        yield site


async def found(site: Datasette, text: str, **asked: Any) -> list[tuple[str, str]]:
    answer = (await get(site, "search.json", q=text, **asked)).json()
    return [(each["kind"], each["name"]) for each in answer["results"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trust", ["guide:29"]),
        ("guide", ["guide:6", "guide:29"]),
        ("GUIDE shel", ["guide:6"]),
        ("guide:6", ["guide:6"]),
        ("guide nothing", []),
        ("'; --", []),
    ],
)
async def test_policies_are_found_by_words_of_their_titles_and_documents(site, text, expected):
    assert [name for kind, name in await found(site, text) if kind == "policy"] == expected


async def test_a_policy_stands_by_its_title_and_leads_to_its_page(site):
    link = soup_of(await get(site, "search", q="trust")).select_one(".results a")

    assert (link.get_text(), link["href"]) == ("Guide / Trust", "/catalog/-/policy/guide:29")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws:principalorgid", ["aws:PrincipalOrgID"]),
        ("source vpc", ["aws:SourceVpc", "aws:SourceVpcArn", "aws:Ec2InstanceSourceVpc"]),
        ("SourceVpc", ["aws:SourceVpc"]),
        ("sourcevpce", ["aws:SourceVpce"]),
        ("global", []),
    ],
)
async def test_global_condition_keys_are_found_that_no_page_lists(site, text, expected):
    names = [name for kind, name in await found(site, text) if kind == "condition key"]

    assert names[: len(expected)] == expected
    assert bool(names) == bool(expected)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("aws:principalorgid", "/catalog/-/condition-key/aws:PrincipalOrgID"),
        ("guide:29", "/catalog/-/policy/guide:29"),
    ],
)
async def test_a_full_name_and_enter_lead_to_its_page(site, text, address):
    response = await get(site, "search", q=text)

    assert (response.status_code, response.headers["location"]) == (302, address)


async def test_a_full_name_is_in_the_list_of_its_kind(site):
    page = await get(site, "search", q="aws:PrincipalOrgID", kind="condition key")

    assert page.status_code == 200
    assert soup_of(page).select_one(".results a").get_text() == "aws:PrincipalOrgID"


async def test_policies_come_behind_the_names(site):
    kinds = [kind for kind, _ in await found(site, "guide")]

    assert kinds == ["policy", "policy"]
    assert (await found(site, "s"))[-1][0] == "policy"


async def test_no_page_has_more_results_than_asked_for(shop):
    every = await found(shop, "shop")
    answer = await shop.client.get("/catalog/-/search.json?q=shop&limit=2&page=2")

    assert await found(shop, "shop", limit=2) == every[:2]
    assert [each["name"] for each in answer.json()["results"]] == [name for _, name in every[2:4]]


async def test_results_are_narrowed_by_kind_and_service(shop):
    every = await found(shop, "shop")
    kinds = await found(shop, "shop", kind="resource-type")

    assert kinds == [each for each in every if each[0] == "resource type"]
    assert await found(shop, "shop", service="shop") == [
        each for each in every if each[1].partition(":")[0] == "shop"
    ]


async def test_a_wrong_kind_is_refused(shop):
    answer = await get(shop, "search.json", q="shop", kind="colour")

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(
        "'colour' is not a kind of result: write one of service,"
    )


async def test_a_pasted_policy_leads_to_the_checker(site):
    form = soup_of(await get(site, "search", q='{"Version": "2012-10-17"}')).select_one(
        "form.message"
    )

    assert (form["method"], form["action"]) == ("post", "/catalog/-/tools/check")
    assert form.select_one("input")["value"] == '{"Version": "2012-10-17"}'


@pytest.mark.parametrize(
    ("text", "tool"), [("arn:aws:iam::1:role/x", "arn?arn="), ("shop:B*", "expand?pattern=")]
)
async def test_an_arn_and_a_pattern_lead_to_their_tools(site, text, tool):
    link = soup_of(await get(site, "search", q=text)).select_one("p.message a")

    assert link["href"].startswith(f"/catalog/-/tools/{tool}")


@pytest.mark.parametrize("text", ["Buy", "shop:buy", "SHOP BUY", "buy "])
async def test_a_name_that_is_all_that_was_typed_comes_first_of_its_kind(shop, text):
    actions = [name for kind, name in await found(shop, text) if kind == "action"]

    assert actions[0] == "shop:Buy"


async def test_a_page_of_results_has_a_way_to_each_kind_and_to_more(site):
    page = soup_of(await get(site, "search", q="s", limit="2"))

    links = [link.get_text() for link in page.select("nav.inside ul:first-child a")]
    assert links == [
        *("everything", "services", "actions", "resource types", "condition keys", "policies")
    ]
    assert "page=2" in page.select_one("nav.pager a[rel=next]")["href"]


async def test_nothing_found_says_how_words_are_read(site):
    assert "Words may be cut short" in text_of(await get(site, "search", q="xyzzy"))
