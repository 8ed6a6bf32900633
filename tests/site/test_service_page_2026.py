"""The page of a service whose only page is of 2026: several levels, no dependent actions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from datasette.app import Datasette
from dated_pages import complete, store
from page_texts import Row, Service, Type, act, as_2026
from tool_catalog import get, opened, soup_of, text_of

SHOP = Service(
    (act("Copy", "Tagging, Write"), act("Sell", "Write", Row("item"))),
    (Type("item"),),
    prefix="shop",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    path = store(tmp_path_factory.mktemp("service"), complete("2026-08-31", as_2026(SHOP)))
    with opened(path) as site:
        yield site


async def test_an_action_of_several_levels_names_the_others_beside_its_primary_one(site):
    copy = (await get(site, "service/shop.json")).json()["actions"][0]
    page = soup_of(await get(site, "service/shop", sort="level"))

    assert (copy["access_level"], copy["access_levels"]) == ("Tagging", ["Tagging", "Write"])
    row = next(row for row in page.select("#action-rows tbody th") if "Copy" in row.get_text())
    assert [level.get_text() for level in row.select(".level")] == ["Write"]


async def test_a_list_from_a_to_z_has_every_level_of_an_action_in_a_column(site):
    page = soup_of(await get(site, "service/shop"))

    row = next(row for row in page.select("#action-rows tbody tr") if "Copy" in row.get_text())
    assert [level.get_text() for level in row.select(".level")] == ["Tagging", "Write"]


async def test_dependent_actions_that_no_page_has_a_place_for_are_unknown_not_none(site):
    found = (await get(site, "service/shop.json")).json()["actions"]
    page = text_of(await get(site, "service/shop"))

    assert [each["dependent_actions"] for each in found] == [None, None]
    assert "Dependent actions are not in the source" in page
    assert "Needs" not in page
