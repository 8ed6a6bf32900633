"""Pages say "not in the source" where nothing is known, and "none" where a page says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from datasette.app import Datasette
from dated_pages import complete, store
from page_texts import Row, Service, Type, act, as_bullets, as_html, as_json, as_table
from tool_catalog import get, opened, soup_of, text_of

GET = act("Get", "Read", Row("thing*"))
LATELY = Service((GET,), (Type("thing"),), prefix="lately", slug="lately")
ONCE = Service((GET,), (Type("thing"),), prefix="once", slug="once")
ELIDED = Service(None, (Type("thing"),), prefix="elided", slug="elided")
BULLETS = Service((GET,), prefix="bullets", slug="bullets")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    texts = (as_json(LATELY), as_html(ONCE), as_table(ELIDED), as_bullets(BULLETS))
    path = store(tmp_path_factory.mktemp("unknown"), complete("2020-03-04", *texts))
    with opened(path) as site:
        yield site


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "action/lately:Get",
            "not known: what it needs, whether it is permission only and which API operations",
        ),
        ("action/once:Get", "Needs no other action as of 2020-03-04"),
        ("action/bullets:Get", "its resource types and condition keys, what it needs"),
        ("action/bullets:Get", "Allows it on what you name. Fill in what is in ${…}"),
        ("service/lately", "Descriptions, dependent actions and permission-only marks are not in"),
        ("service/elided", "Actions not in the source"),
        ("service/bullets", "What they touch is not in the source"),
        ("page/lately.json@2020-03-04", "Dependent actions not in source"),
        ("page/once@2020-03-04", "Dependent actions none"),
        ("services", "elided Example Orders not in source 1 0"),
        ("services", "bullets Example Orders 1 not in source 0"),
    ],
)
async def test_a_page_says_what_is_not_known(site: Datasette, page: str, said: str) -> None:
    assert said in " ".join(soup_of(await get(site, page)).get_text(" ").split())


async def test_permission_only_is_not_told_of_an_action_that_is_known_not_to_be(
    site: Datasette,
) -> None:
    assert "ermission only" not in text_of(await get(site, "action/once:Get"))


async def test_the_json_of_the_site_has_null_where_nothing_is_known(site: Datasette) -> None:
    services = (await get(site, "services.json")).json()["services"]
    numbers = ("actions", "resource_types", "condition_keys", "operations")
    action = (await get(site, "action/lately:Get.json")).json()

    assert {each["service_prefix"]: [each[name] for name in numbers] for each in services} == {
        "bullets": [1, None, 0, None],
        "elided": [None, 1, 0, None],
        "lately": [1, 1, 0, None],
        "once": [1, 1, 0, None],
    }
    assert action["action"]["permission_only"] is None
    assert (action["dependents"]["state"], action["dependents"]["page"]) == ("not in source", None)
