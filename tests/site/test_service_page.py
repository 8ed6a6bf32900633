"""The page of a service: its actions by access level, what is not known of them, its policies."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import Tag
from datasette.app import Datasette
from names_catalog import build_names_catalog
from tool_catalog import get, opened, soup_of, text_of

from iam_catalog.site.pages.service import FIRST_ROWS, MORE_ROWS, in_tables


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_names_catalog(tmp_path_factory.mktemp("service"))) as site:
        yield site


async def groups(site: Datasette, page: str, **asked: Any) -> list[tuple[str, list[str]]]:
    """The groups of actions, each with its heading and the first cells of its rows."""
    found = soup_of(await get(site, page, **asked)).select("#action-rows .group")
    return [
        (words(group.h3) if group.h3 else "", [words(cell) for cell in group.select("tbody th")])
        for group in found
    ]


def words(found: Tag) -> str:
    return " ".join(found.get_text().split())


async def test_actions_stand_in_groups_by_access_level_in_the_order_of_aws(site):
    assert await groups(site, "service/shop", sort="level") == [
        ("List 1 action", ["Look Read"]),
        ("Write 2 actions", ["Buy", "Pay"]),
        ("Permissions management 1 action", ["Grant permission only"]),
        ("Tagging 1 action", ["Tag"]),
    ]


@pytest.mark.parametrize(
    ("number", "lengths"),
    [
        (0, [0]),
        (FIRST_ROWS, [FIRST_ROWS]),
        (FIRST_ROWS + 1, [FIRST_ROWS, 1]),
        (FIRST_ROWS + MORE_ROWS + 7, [FIRST_ROWS, MORE_ROWS, 7]),
    ],
)
def test_a_long_group_is_split_so_that_the_first_screen_needs_little(number, lengths):
    actions = [{"action": f"shop:Do{each}"} for each in range(number)]

    tables = in_tables(actions)

    assert [len(table) for table in tables] == lengths
    assert [each for table in tables for each in table] == actions


async def test_each_group_is_a_part_of_the_page_with_a_heading(site):
    page = soup_of(await get(site, "service/shop", sort="level"))

    headings = [words(each) for each in page.select("#action-rows h3")]
    assert headings[:2] == ["List 1 action", "Write 2 actions"]
    tables = page.select("#action-rows table")
    labels = [page.find(id=table["aria-labelledby"]) for table in tables]
    assert [label.name for label in labels] == ["h3"] * 4


async def test_one_level_is_one_group(site):
    asked = {"access_level": "tagging", "sort": "level"}

    assert await groups(site, "service/shop", **asked) == [("Tagging 1 action", ["Tag"])]


async def rows(site: Datasette, **asked: Any) -> list[str]:
    ((_, names),) = await groups(site, "service/shop", **asked)
    return [name.removesuffix(" permission only") for name in names]


async def test_actions_are_one_list_from_a_to_z(site):
    assert await rows(site) == ["Buy", "Grant", "Look", "Pay", "Tag"]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", ["Buy", "Grant", "Look", "Pay", "Tag"]),
        ("resource_types", ["Buy", "Tag", "Grant", "Look", "Pay"]),
        ("condition_keys", ["Buy", "Grant", "Look", "Pay", "Tag"]),
        ("needs", ["Buy", "Pay", "Grant", "Look", "Tag"]),
    ],
)
async def test_the_list_can_be_sorted_by_each_column(site, order, names):
    page = soup_of(await get(site, "service/shop", sort=order))

    assert await rows(site, sort=order) == names
    (head,) = page.select("thead th[aria-sort]")
    assert head.a["data-sort"] == order


async def test_an_order_that_is_none_is_refused_with_those_that_are(site):
    answer = await get(site, "service/shop", sort="size")

    assert answer.status_code == 400
    assert (
        "sort is 'size': expected one of name, level, resource_types, condition_keys, needs."
        in (text_of(answer))
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [("buy item", ["Buy"]), ("SIZE", ["Buy"]), ("tagging", ["Tag"]), ("permission", ["Grant"])],
)
async def test_the_list_is_narrowed_by_words_of_any_column(site, text, names):
    found = (await get(site, "service/shop.json", q=text)).json()

    assert [each["name"] for each in found["actions"]] == names
    assert await rows(site, q=text) == names


async def test_what_narrows_the_list_is_in_the_links_that_change_it(site):
    page = soup_of(await get(site, "service/shop", q="a", sort="level", access_level="Write"))

    levels = {words(each): each["href"] for each in page.select(".chips a")}
    assert levels["Tagging 1"] == (
        "/catalog/-/service/shop?access_level=Tagging&sort=level&q=a#actions"
    )
    hidden = {each["name"]: each["value"] for each in page.select("form.narrow input[type=hidden]")}
    assert hidden == {"access_level": "Write", "sort": "level"}


async def test_a_list_of_nothing_says_so_and_leads_back(site):
    page = soup_of(await get(site, "service/shop", q="zebra", access_level="Write"))

    assert words(page.select_one("main .message")) == (
        "No action of shop has all the words of zebra and the level Write. All 5 actions"
    )


async def test_condition_keys_are_those_of_rows_of_the_action(site):
    found = (await get(site, "service/shop.json")).json()["actions"]

    assert {each["name"]: each["condition_keys"] for each in found if each["condition_keys"]} == {
        "Buy": ["aws:RequestTag/${TagKey}", "shop:Size"]
    }


async def test_the_listed_actions_are_a_csv_file(site):
    answer = await get(site, "service/shop.csv", access_level="Write")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, *rows = csv.reader(answer.text.splitlines())
    assert head == [
        *("action", "access_level", "access_levels", "description", "permission_only"),
        *("resource_types", "condition_keys", "dependent_actions"),
    ]
    keys = "aws:RequestTag/${TagKey} shop:Size"
    assert rows == [
        ["shop:Buy", "Write", "Write", "Buys an item.", "false", "item cart", keys, "2"],
        ["shop:Pay", "Write", "Write", "Does it.", "false", "", "", "2"],
    ]


async def test_ticked_actions_are_sent_to_what_writes_policies(site):
    form = soup_of(await get(site, "service/shop")).select_one("form#ticked")
    ticks = [each["value"] for each in form.select("input[type=checkbox][name=action]")]

    assert form["action"] == "/catalog/-/tools/write"
    assert ticks == [f"shop:{name}" for name in ("Buy", "Grant", "Look", "Pay", "Tag")]
    written = (await get(site, "tools/write.json", action=ticks[:1])).json()
    assert written["actions"] == ["shop:Buy"]


async def test_dependent_actions_are_counted(site):
    (use,) = (await get(site, "service/plain.json")).json()["actions"]

    assert use["dependent_actions"] == 1
    assert "Needs" in text_of(await get(site, "service/plain"))


async def test_its_sample_policies_are_listed_with_what_they_name_of_it(site):
    found = (await get(site, "service/shop.json")).json()["policies"]
    page = soup_of(await get(site, "service/shop"))

    assert found == [{"policy": "guide#3", "title": "Shops > Buying", "patterns": ["shop:B*"]}]
    assert page.select_one("section[aria-labelledby=policies] th a")["href"] == (
        "/catalog/-/policy/guide%233"
    )


async def test_a_service_that_no_sample_policy_names_says_so(site):
    assert (await get(site, "service/plain.json")).json()["policies"] == []
    assert "No sample policy of this catalog names an action of the service." in text_of(
        await get(site, "service/plain")
    )


async def test_other_names_of_a_service_leave_out_the_one_above_them(site):
    aliases = (await get(site, "service/shop.json")).json()["service"]["aliases"]
    other = soup_of(await get(site, "service/shop")).select_one("h1 + p").get_text()

    assert aliases == ["Example Shop", "Example Shop V2", "shopv2"]
    assert other == "Also known as Example Shop V2, shopv2"


async def test_numbers_of_facts_tell_none_from_not_known(site):
    page = soup_of(await get(site, "service/plain"))

    told = {words(each.dt): words(each.dd) for each in page.select(".band > div")}
    assert (told["Condition keys"], told["Operations"]) == ("none", "not in the source")
