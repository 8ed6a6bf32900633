"""The pages of actions, resource types, condition keys, access levels and pages of the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import Tag
from datasette.app import Datasette
from httpx import Response
from names_catalog import build_names_catalog
from tool_catalog import get, opened, soup_of, text_of

from iam_catalog.facts.keys import GLOBAL_KEYS

ARN = "arn:${Partition}:shop:::item/${ItemId}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_names_catalog(tmp_path_factory.mktemp("names"))) as site:
        yield site


async def text(site: Datasette, page: str, **asked: str) -> str:
    return text_of(await answer(site, page, **asked))


async def model(site: Datasette, page: str, **asked: str) -> dict[str, Any]:
    found: dict[str, Any] = (await answer(site, f"{page}.json", **asked)).json()
    return found


async def answer(site: Datasette, page: str, **asked: str) -> Response:
    """What is at an address, or where it leads."""
    response = await site.client.get(f"/catalog/-/{page}", params=asked, follow_redirects=True)
    assert (page, response.status_code) == (page, 200)
    return response


async def section(site: Datasette, page: str, name: str) -> Tag:
    """The part of a page whose heading has that identifier."""
    found = soup_of(await get(site, page)).find("section", {"aria-labelledby": name})
    assert isinstance(found, Tag), name
    return found


def words(found: Tag) -> str:
    for each in found.find_all("wbr"):
        each.decompose()
    found.smooth()
    return " ".join(found.get_text().split())


def cells(found: Tag) -> list[list[str]]:
    return [
        [words(cell) for cell in row.find_all(["th", "td"])] for row in found.select("tbody tr")
    ]


def addresses(found: Tag) -> dict[str, str]:
    return {words(link): str(link["href"]) for link in found.find_all("a", href=True)}


# --- actions


async def test_an_action_tells_everything_as_json(site: Datasette) -> None:
    found = await model(site, "action/shop:Buy")

    assert list(found) == [
        *("action", "service_name", "takes_known", "rows", "resource_types", "dependents"),
        *("operations", "policies", "statement", "changes", "disagreements", "source", "described"),
    ]
    assert found["action"] == {
        "action": "shop:Buy",
        "service_prefix": "shop",
        "name": "Buy",
        "access_level": "Write",
        "access_levels": ["Write"],
        "description": "Buys an item.",
        "permission_only": False,
        "url": "https://docs.example.com/Buy",
        "first_seen": "2019-08-12",
        "last_seen": "2026-08-31",
        "incomplete": None,
        "removed": None,
        "removed_by": None,
    }
    assert found["statement"] == {
        "Sid": "ShopItem",
        "Effect": "Allow",
        "Action": ["shop:Buy"],
        "Resource": [ARN],
    }
    assert found["operations"] == {"documented_on": "2026-08-31", "names": ["shop:BuyItem"]}
    assert found["source"] == {
        "page": "shop@2026-08-31",
        "line": found["source"]["line"],
        "date": "2026-08-31",
        "title": "Actions, resources, and condition keys for Example Shop",
        "url": "https://docs.example.com/now",
        "dataset": None,
        "incomplete": None,
        "place": None,
        "licence": None,
        "dataset_url": None,
        "url_then": "https://docs.example.com/then",
    }


async def test_a_name_is_found_in_any_case_and_told_in_that_of_aws(site: Datasette) -> None:
    assert (await model(site, "action/SHOP:buy"))["action"]["action"] == "shop:Buy"


async def test_rows_pair_resource_types_with_keys_and_formats(site: Datasette) -> None:
    found = await section(site, "action/shop:Buy", "takes")

    assert [row[:2] for row in cells(found)] == [
        [
            f"item required{ARN}",
            "aws:RequestTag/${TagKey}of the resource type: aws:ResourceTag/${TagKey}",
        ],
        ["cartarn:${Partition}:shop:::cart/${CartId}", "shop:Size"],
    ]


async def test_rows_of_a_scenario_stand_apart(site: Datasette) -> None:
    found = await section(site, "action/plain:Use", "takes")
    details = found.find("details")

    assert isinstance(details, Tag)
    assert words(details.find("summary")) == "Scenario By post, 1 row"  # type: ignore[arg-type]
    assert cells(details)[0][:2] == [
        "desk requiredarn:${Partition}:plain:::desk/${DeskId}",
        "aws:SourceIp",
    ]


async def test_names_formats_and_statements_can_be_copied(site: Datasette) -> None:
    page = soup_of(await get(site, "action/shop:Buy"))

    assert [(words(each), each["data-copy"]) for each in page.select("code[data-copy]")] == [
        ("shop:Buy", "the name"),
        (ARN, "the ARN format"),
        ("arn:${Partition}:shop:::cart/${CartId}", "the ARN format"),
    ]
    assert [each["data-copy"] for each in page.select("pre[data-copy]")] == ["the policy statement"]


async def test_an_action_without_resource_types_says_that_it_takes_only_the_star(
    site: Datasette,
) -> None:
    assert words(await section(site, "action/shop:Look", "takes")) == (
        'Resources and condition keys No resource type: a policy must say "Resource": "*" for it.'
    )


async def test_the_statement_comes_before_what_it_rests_on(site: Datasette) -> None:
    page = soup_of(await get(site, "action/shop:Buy"))

    assert [str(each["id"]) for each in page.select("main h2")] == [
        *("statement", "takes", "needs", "required-by", "operations", "policies"),
        *("history", "source"),
    ]


async def test_dependents_have_the_date_page_and_type_of_their_row(site: Datasette) -> None:
    found = await section(site, "action/shop:Buy", "needs")

    assert "as documented on 2022-03-04." in words(found)
    assert [row[:4] for row in cells(found)] == [
        ["shop:Pay", "Write", "item", ""],
        ["iam:PassRole not in the catalog", "", "item", ""],
        ["shop:Tag", "Tagging", "", "shop:Pay"],
    ]
    assert addresses(found)["shop:Pay"] == "/catalog/-/action/shop:Pay"
    assert "iam:PassRole" not in addresses(found)


async def test_the_graph_has_a_name_and_a_list_that_says_the_same(site: Datasette) -> None:
    found = await section(site, "action/shop:Buy", "needs")
    image = found.find("svg", role="img")

    assert isinstance(image, Tag)
    assert image.title is not None
    assert image.title.get_text() == "What shop:Buy needs"
    assert [str(link["href"]) for link in found.select("svg.graph a")] == [
        f"/catalog/-/action/{name}" for name in ("shop:Pay", "shop:Tag")
    ]
    assert words(found.select_one("details summary")) == "The same as a list"  # type: ignore[arg-type]


async def test_what_requires_it_is_listed_by_service(site: Datasette) -> None:
    found = await section(site, "action/shop:Buy", "required-by")

    assert words(found) == "What requires it 2 actions list it as dependent. plain 1 Use shop 1 Pay"


async def test_circles_are_said(site: Datasette) -> None:
    assert "These need each other in a circle: shop:Buy, shop:Pay." in words(
        await section(site, "action/shop:Buy", "needs")
    )


async def test_an_action_that_lists_itself_does_not_need_itself(site: Datasette) -> None:
    found = await model(site, "action/shop:Pay")

    assert [each["dependent_action"] for each in found["dependents"]["references"]] == [
        "shop:Tag",
        "shop:Buy",
        "shop:Pay",
    ]
    assert found["dependents"]["direct"] == ["shop:Tag", "shop:Buy"]
    assert "shop:Pay" not in [each["action"] for each in found["dependents"]["needs"]]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("shop:Tag", "Needs no other action as of 2022-03-04"),
        ("shop:Tag", "2 more require it through them"),
        ("plain:Use", "Required by no action"),
        ("shop:Tag", "No API operation needs it, as documented on 2026-08-31."),
        ("plain:Use", "Not in the source, and so not known: which API operations need it."),
        ("shop:Buy", "1 API operation needs it, as documented on 2026-08-31."),
        ("shop:Tag", "No sample policy of this catalog names it."),
        ("shop:Buy", "Shops > Buying, line 6: Allow shop:B*"),
    ],
)
async def test_empty_and_unknown_say_which(site: Datasette, action: str, said: str) -> None:
    page = soup_of(await get(site, f"action/{action}"))

    assert said in " ".join(page.get_text(" ").replace(" *", "*").split()) or said in words(page)


async def test_what_is_not_there_has_no_section(site: Datasette) -> None:
    page = soup_of(await get(site, "action/shop:Tag"))

    assert [str(each["id"]) for each in page.select("main h2")] == [
        *("statement", "takes", "required-by", "history", "source"),
    ]


async def test_permission_only_is_said(site: Datasette) -> None:
    assert "permission only no API operation has its name" in await text(site, "action/shop:Grant")


async def test_history_is_told_from_new_to_old(site: Datasette) -> None:
    found = await section(site, "action/shop:Buy", "history")

    dates = found.select("ol > li")
    events = {words(each.time): list(map(words, each.find_all("li"))) for each in dates}
    assert events == {
        "2026-08-31": ["last documented"],
        "2022-03-04": [
            "± changed access level was Read → is Write",
            "± changed resource types now also cart",
            "± changed condition keys now also aws:RequestTag/${TagKey}, shop:Size",
            "± changed dependent actions now also iam:PassRole, shop:Pay",
            "± changed description was Buys. → is Buys an item.",
        ],
        "2019-08-12": ["first documented"],
    }
    assert list(events) == ["2026-08-31", "2022-03-04", "2019-08-12"]


async def test_disagreeing_pages_are_told_with_their_lines(site: Datasette) -> None:
    found = await section(site, "action/shop:Look", "disagreements")

    assert [row[:2] for row in cells(found)] == [
        ["access level", "List"],
        ["access level", "Read"],
        ["description", "Looks around."],
        ["description", "Looks."],
    ]
    assert "List primary Read" in await text(site, "action/shop:Look")


async def test_the_source_leads_to_aws_as_it_is_and_was(site: Datasette) -> None:
    found = await section(site, "action/shop:Buy", "source")

    assert list(addresses(found).values()) == [
        "/catalog/-/page/shop@2026-08-31",
        "https://docs.example.com/now",
        "https://docs.example.com/then",
        "https://docs.example.com/Buy",
    ]


async def test_what_an_older_page_says_is_told_with_its_page(site: Datasette) -> None:
    assert "is of" not in words(await section(site, "action/shop:Buy", "source"))
    assert (await model(site, "action/shop:Old"))["described"] == {
        "page": "shop@2019-08-12",
        "line": 10,
        "date": "2019-08-12",
    }


async def test_a_removed_action_has_a_page_with_its_last_facts(site: Datasette) -> None:
    found = await text(site, "action/shop:Old")

    assert "Removed on 2022-03-04: no page of AWS states it since." in found
    assert "last documented on 2019-08-12" in found
    assert "arn:${Partition}:shop:::cart/${CartId}" in found
    assert "No other action" not in found
    assert "Statement" not in found
    assert [
        node["action"] for node in (await model(site, "action/shop:Old"))["dependents"]["needs"]
    ] == ["shop:Look"]


async def test_every_page_leads_to_its_json_rows_and_sql(site: Datasette) -> None:
    for page in (
        *("action/shop:Buy", "action/shop:Old", "resource-type/shop:item"),
        *("resource-type/shop:box", "condition-key/shop:Size", "access-level/Write"),
        *("page/shop@2026-08-31", "changes", "changes?service=shop&date=2022-03-04"),
    ):
        behind = soup_of(await get(site, page)).find("p", class_="behind")
        assert isinstance(behind, Tag)
        found = addresses(behind)
        assert "JSON" in found
        for address in found.values():
            response = await site.client.get(address)
            assert (address, response.status_code) == (address, 200)
            assert "message-error" not in response.text


# --- resource types, condition keys, access levels


async def test_a_resource_type_has_its_actions_by_level_with_the_star(site: Datasette) -> None:
    found = await model(site, "resource-type/shop:item")

    assert found["resource_type"]["arn_formats"] == [ARN]
    assert [
        (group["access_level"], [(each["action"], each["required"]) for each in group["actions"]])
        for group in found["actions"]
    ] == [("Write", [("shop:Buy", True)]), ("Tagging", [("shop:Tag", False)])]
    assert "2 actions take it" in await text(site, "resource-type/shop:item")


async def test_a_removed_resource_type_has_its_last_facts(site: Datasette) -> None:
    found = await text(site, "resource-type/shop:box")

    assert "Removed on 2022-03-04: no page of AWS states it since." in found
    assert "arn:${Partition}:shop:::box/${BoxId}" in found
    assert "shop:Size" in found


async def test_a_removed_type_keeps_the_star_of_its_actions(site: Datasette) -> None:
    found = await model(site, "resource-type/gone:thing")

    assert found["actions"] == [
        {
            "access_level": "Write",
            "actions": [{"action": "gone:Do", "required": True, "description": "Does it."}],
        }
    ]


async def test_a_removed_service_has_its_last_lists(site: Datasette) -> None:
    found = await model(site, "service/gone")

    assert [each["action"] for each in found["actions"]] == ["gone:Do"]
    assert found["resource_types"] == [
        {
            "resource_type": "gone:thing",
            "name": "thing",
            "arn_formats": ["arn:${Partition}:gone:::thing/${Id}"],
            "actions": 1,
        }
    ]
    assert [each["condition_key"] for each in found["condition_keys"]] == ["gone:Key"]
    assert found["matrix"] == [{"resource_type": "thing", "actions": {"Write": 1}}]
    assert "Removed on 2022-03-04: no page of AWS states it since." in await text(
        site, "service/gone"
    )


async def test_a_condition_key_tells_each_definition_and_use(site: Datasette) -> None:
    found = await model(site, "condition-key/shop:size")

    assert (found["condition_key"], found["global"], found["removed"]) == ("shop:Size", None, None)
    assert [(each["service_prefix"], each["type"]) for each in found["definitions"]] == [
        ("shop", "Numeric")
    ]
    assert found["by_service"] == [{"service_prefix": "shop", "actions": 1, "resource_types": 0}]
    assert found["listed_actions"] == [
        {"action": "shop:Buy", "access_level": "Write", "on_own_row": True}
    ]


async def test_actions_have_the_keys_of_their_resource_types(site: Datasette) -> None:
    found = await model(site, "condition-key/aws:ResourceTag%2F%24%7BTagKey%7D")

    assert [(each["action"], each["on_own_row"]) for each in found["listed_actions"]] == [
        ("shop:Buy", False),
        ("shop:Tag", False),
    ]
    assert found["listed_resource_types"] == ["shop:item"]


async def test_a_key_of_a_tag_is_told_with_the_key_that_it_is_a_case_of(site: Datasette) -> None:
    found = await text(site, "condition-key/aws:RequestTag/team")

    assert "aws:RequestTag/team is a case of this key" in found


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("aws:RequestTag%2F%24%7BTagKey%7D", "It holds only for actions and resource types whose"),
        ("aws:SourceArn", "It is not tied to a service"),
        ("aws:SourceIp", "Type IPAddress"),
        ("aws:SourceIp", "Values in a request one"),
        ("aws:SourceIp", "IpAddress, NotIpAddress; each also with IfExists"),
        ("aws:CalledVia", "Values in a request several"),
        ("aws:CalledVia", "write ForAnyValue: or ForAllValues: before the operator"),
        ("aws:SecureTransport", "Whether the request was sent with TLS."),
    ],
)
async def test_global_keys_say_so_also_where_no_page_has_them(
    site: Datasette, key: str, said: str
) -> None:
    page = soup_of(await get(site, f"condition-key/{key}"))

    assert said in " ".join(page.get_text(" ").replace(" ,", ",").replace(" ;", ";").split())


async def test_every_global_key_is_listed_with_what_it_compares(site: Datasette) -> None:
    listed = (await model(site, "global-keys"))["keys"]
    page = soup_of(await get(site, "global-keys"))

    assert [each["condition_key"] for each in listed] == sorted(GLOBAL_KEYS, key=str.lower)
    assert all(each["description"].endswith(".") for each in listed)
    assert cells(page)[0] == [
        "aws:AssumedRoot",
        "Whether the caller is a session that AssumeRoot gave.",
        "Bool",
        "one",
    ]


async def test_a_removed_condition_key_has_its_last_definition(site: Datasette) -> None:
    found = await text(site, "condition-key/shop:Colour")

    assert "Removed on 2022-03-04: no page of AWS states it since." in found
    assert "Filters." in found


async def test_an_access_level_counts_also_those_that_have_it_beside_another(
    site: Datasette,
) -> None:
    found = await model(site, "access-level/read")

    assert (found["access_level"], found["actions"], found["also"]) == ("Read", 1, 1)
    assert found["services"] == [
        {"service_prefix": "plain", "name": "Example Plain", "actions": 1, "also": 0},
        {"service_prefix": "shop", "name": "Example Shop", "actions": 0, "also": 1},
    ]
    assert [each["action"] for each in found["listed"]] == ["plain:Use", "shop:Look"]


async def test_an_access_level_lists_the_actions_of_one_service(site: Datasette) -> None:
    found = await model(site, "access-level/Write", service="Example Shop")

    assert found["service"] == "shop"
    assert [each["action"] for each in found["listed"]] == ["shop:Buy", "shop:Pay"]


# --- pages of the source


async def test_a_page_tells_its_sections_and_what_stands_on_it(site: Datasette) -> None:
    found = await model(site, "page/shop@2026-08-31")

    assert [(each["section"], each["state"]) for each in found["sections"]] == [
        ("actions", "parsed"),
        ("resource types", "parsed"),
        ("condition keys", "parsed"),
        ("operations", "parsed"),
    ]
    assert {each["table"]: each["facts"] for each in found["facts"]}["actions"] == 5
    assert [each["page"] for each in found["others"]][:1] == ["shopv2@2026-08-31"]


async def test_facts_on_a_page_are_as_many_as_its_table_shows(site: Datasette) -> None:
    for page in ("shop@2026-08-31", "shop@2022-03-04", "plain@2019-08-12", "hazard@2022-03-04"):
        for each in (await model(site, f"page/{page}"))["facts"]:
            rows = await site.client.get(
                f"/catalog/{each['table']}.json", params={"page__exact": page, "_size": "max"}
            )
            assert (page, each["table"], rows.json()["filtered_table_rows_count"]) == (
                page,
                each["table"],
                each["facts"],
            )


async def test_a_replaced_page_says_so_and_what_still_stands_on_it(site: Datasette) -> None:
    found = await text(site, "page/shop@2022-03-04")

    assert "Not current. A newer source replaced or withdrew it on 2026-08-31." in found
    assert "dependent_actions 5 rows" in found


async def test_problems_are_told_with_the_reasons_why_they_stand(site: Datasette) -> None:
    found = await model(site, "page/hazard@2022-03-04")

    assert [(each["kind"], each["line"]) for each in found["problems"]] == [("unresolved-link", 7)]
