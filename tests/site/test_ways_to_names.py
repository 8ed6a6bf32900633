"""The ways to the page of a name: from one that is nearly it, and from what a search has found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from datasette.app import Datasette
from names_catalog import build_names_catalog
from tool_catalog import get, opened, soup_of, text_of


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_names_catalog(tmp_path_factory.mktemp("ways"))) as site:
        yield site


@pytest.mark.parametrize(
    ("page", "status", "said", "suggested"),
    [
        ("action/shop:Grants", 404, "No action 'shop:Grants' in the catalog", ["shop:Grant"]),
        ("action/nothing", 400, "'nothing' is not an action name", []),
        ("resource-type/shop:itm", 404, "No resource type 'shop:itm'", ["shop:item"]),
        ("condition-key/shop:Sze", 404, "No condition key 'shop:Sze'", ["shop:Size"]),
        ("page/shop@1999-01-01", 404, "No source 'shop@1999-01-01'", ["shop@2026-08-31"]),
        ("service/shopp", 404, "No service 'shopp'", ["shop"]),
        (
            "access-level/Wride",
            404,
            "No access level 'Wride'",
            ["List", "Read", "Write", "Permissions management", "Tagging"],
        ),
    ],
)
async def test_unknown_names_have_suggestions(
    site: Datasette, page: str, status: int, said: str, suggested: list[str]
) -> None:
    as_json = await get(site, f"{page}.json")
    as_html = await get(site, page)

    assert (as_json.status_code, as_html.status_code) == (status, status)
    assert said in as_json.json()["error"]
    assert as_json.json()["suggestions"][: len(suggested)] == suggested
    assert said in text_of(as_html)


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("action/shop:Grants", "action/shop:Grant"),
        ("resource-type/shop:itm", "resource-type/shop:item"),
        ("condition-key/shop:Sze", "condition-key/shop:Size"),
        ("page/shop@1999-01-01", "page/shop@2026-08-31"),
        ("service/shopp", "service/shop"),
        ("condition-key/shop:Size?service=shopp", "service/shop"),
        ("access-level/Wride", "access-level/Permissions%20management"),
    ],
)
async def test_a_suggestion_leads_to_what_it_names(
    site: Datasette, page: str, leads_to: str
) -> None:
    found = soup_of(await site.client.get(f"/catalog/-/{page}"))

    assert f"/catalog/-/{leads_to}" in [link["href"] for link in found.select("ul.names a")]


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ({"kind": "action", "name": "shop:Buy"}, "action/shop:Buy"),
        ({"kind": "service", "name": "shop"}, "service/shop"),
        ({"kind": "resource type", "name": "shop:item"}, "resource-type/shop:item"),
        (
            {"kind": "condition key", "name": "aws:RequestTag/${TagKey}"},
            "condition-key/aws:RequestTag%2F%24%7BTagKey%7D",
        ),
        ({"kind": "policy", "name": "guide#3"}, "policy/guide%233"),
        ({"kind": "nothing", "name": "shop:Buy"}, "search?q=shop%3ABuy"),
        ({"name": "x\r\nSet-Cookie: a=b"}, "search?q=x%0D%0ASet-Cookie%3A+a%3Db"),
        ({}, "search"),
    ],
)
async def test_what_is_picked_in_a_search_leads_to_its_page(
    site: Datasette, asked: dict[str, str], address: str
) -> None:
    response = await get(site, "go", **asked)

    assert (response.status_code, response.headers["location"]) == (302, f"/catalog/-/{address}")


async def test_going_nowhere_is_no_error_of_the_site(site: Datasette) -> None:
    assert (await get(site, "go", name="x" * 5_000)).status_code == 400
