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
        ("source vpc", ["aws:SourceVpc", "aws:Ec2InstanceSourceVpc", "aws:SourceVpcArn"]),
        ("SourceVpc", ["aws:SourceVpc"]),
        ("sourcevpce", ["aws:SourceVpce"]),
        ("global", []),
    ],
)
async def test_global_condition_keys_are_found_that_no_page_lists(site, text, expected):
    names = [name for kind, name in await found(site, text) if kind == "condition key"]

    assert names[: len(expected)] == expected
    assert bool(names) == bool(expected)


async def test_a_global_condition_key_leads_to_its_page(site):
    (link,) = soup_of(await get(site, "search", q="aws:PrincipalOrgID")).select(".results a")
    page = await get(site, link["href"].partition("/-/")[2])

    assert page.status_code == 200
    assert "aws:PrincipalOrgID" in text_of(page)


async def test_policies_come_behind_the_names(site):
    kinds = list(dict.fromkeys(kind for kind, _ in await found(site, "s", limit=3)))

    assert kinds[-1] == "policy"
    assert {"service", "action", "resource type"} <= set(kinds)


async def test_no_kind_has_more_results_than_asked_for(shop):
    kinds = [kind for kind, _ in await found(shop, "shop", limit=2)]

    assert kinds.count("action") == 2


@pytest.mark.parametrize("text", ["Buy", "shop:buy", "SHOP BUY", "buy "])
async def test_a_name_that_is_all_that_was_typed_comes_first_of_its_kind(shop, text):
    actions = [name for kind, name in await found(shop, text) if kind == "action"]

    assert actions[0] == "shop:Buy"


async def test_a_page_of_results_has_a_way_to_each_kind(site):
    page = soup_of(await get(site, "search", q="store"))

    links = {link["href"] for link in page.select("nav.inside a")}
    assert links == {f"#{each['id']}" for each in page.select("main h2")}
    assert len(links) > 1


async def test_nothing_found_says_how_words_are_read(site):
    assert "Words may be cut short" in text_of(await get(site, "search", q="xyzzy"))
