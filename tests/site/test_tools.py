"""Asking the tools about ARNs and patterns, and what all tools have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from datasette.app import Datasette
from small_catalog import brings_all
from tool_catalog import build_tool_catalog, get, opened, post, soup_of, text_of

SHELF = "arn:aws:store:us-east-1:111122223333:shelf/a"
TOOLS = ("arn", "expand", "check", "write")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_tool_catalog(tmp_path_factory.mktemp("tools"))) as site:
        yield site


async def test_the_list_of_tools_leads_to_each_and_says_what_it_is_asked(site):
    page = await get(site, "tools")
    listed = (await get(site, "tools.json")).json()["tools"]

    linked = {link["href"] for link in soup_of(page).select("main a[href]")}
    assert {f"/catalog/-/tools/{tool}" for tool in TOOLS} <= linked
    assert [each["tool"] for each in listed] == list(TOOLS)
    for each in listed:
        assert all(name in text_of(page) for name in each["asked"])


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_tool_that_is_asked_nothing_shows_its_form_without_an_error(site, tool):
    page = await get(site, f"tools/{tool}")

    assert page.status_code == 200
    assert soup_of(page).select_one(".problem, [aria-invalid]") is None
    assert all(
        soup_of(page).find("label", attrs={"for": field.get("id")}) or field.find_parent("label")
        for field in soup_of(page).select("main input, main textarea, main select")
    )


@pytest.mark.parametrize("tool", TOOLS)
async def test_the_tabs_say_which_tool_is_shown(site, tool):
    page = await get(site, f"tools/{tool}")

    current = soup_of(page).select(".tabs [aria-current=page]")
    assert [link["href"] for link in current] == [f"/catalog/-/tools/{tool}"]


async def test_values_that_a_tool_does_not_know_change_nothing(site):
    plain = await get(site, "tools/arn", arn=SHELF)
    more = await get(site, "tools/arn", arn=SHELF, unknown="1", x=["a", "b"])

    assert text_of(more) == text_of(plain)


async def test_a_tool_without_a_form_for_it_takes_no_post(site):
    page = await post(site, "tools/arn", {"arn": SHELF})

    assert page.status_code == 405
    assert "POST has no meaning here." in text_of(page)


# --- match an ARN


async def test_an_arn_is_told_by_its_parts_types_and_actions(site):
    answer = (await get(site, "tools/arn.json", arn=SHELF)).json()

    assert answer["parts"] == {
        "partition": "aws",
        "service": "store",
        "region": "us-east-1",
        "account": "111122223333",
        "resource": "shelf/a",
    }
    assert [
        (each["resource_type"], each["exact"], each["variables"])
        for each in answer["resource_types"]
    ] == [
        (
            "store:shelf",
            True,
            {
                "Partition": "aws",
                "Region": "us-east-1",
                "Account": "111122223333",
                "ShelfId": "a",
            },
        )
    ]
    assert [(each["action"], each["resource_types"]) for each in answer["actions"]] == [
        ("store:CreateShelf", ["store:shelf"]),
        ("store:PutShelfPolicy", ["store:shelf"]),
        ("store:TagShelf", ["store:shelf"]),
    ]


async def test_the_page_of_an_arn_links_types_and_actions(site):
    page = await get(site, "tools/arn", arn=SHELF)

    assert page.status_code == 200
    links = {link["href"] for link in soup_of(page).select("main a")}
    assert {
        "/catalog/-/resource-type/store:shelf",
        "/catalog/-/action/store:TagShelf",
        "/catalog/-/page/store@2020-03-04",
    } <= links
    assert soup_of(page).select_one("#arn").get_text().strip() == SHELF


async def test_the_actions_of_an_arn_can_be_narrowed_to_a_level(site):
    answer = (await get(site, "tools/arn.json", arn=SHELF, access_level="tagging")).json()

    assert [each["action"] for each in answer["actions"]] == ["store:TagShelf"]
    assert sum(each["actions"] for each in answer["levels"]) == 3


async def test_an_arn_that_fits_no_format_shows_those_of_its_service(site):
    text = text_of(await get(site, "tools/arn", arn="arn:aws:store:::rack/1"))

    assert "No resource type has such an ARN" in text
    assert "store:box arn:${Partition}:store:::box/${BoxId}" in text


async def test_the_bare_star_is_an_arn_of_every_type(site):
    answer = (await get(site, "tools/arn.json", arn="*")).json()

    assert answer["parts"] is None
    types = {each["resource_type"] for each in answer["resource_types"]}
    assert types == {"store:shelf", "store:box", "depot:shelf"}


async def test_what_is_no_arn_is_an_error_at_its_field(site):
    page = await get(site, "tools/arn", arn="shelf/a")

    assert page.status_code == 400
    soup = soup_of(page)
    assert soup.title.string.startswith("Error - Match an ARN")
    assert "'shelf/a' is not an ARN" in soup.select_one(".problem").get_text()
    field = soup.select_one(soup.select_one(".problem a")["href"])
    assert (field.get_text().strip(), field["aria-invalid"], field["aria-describedby"]) == (
        "shelf/a",
        "true",
        "problem",
    )


async def test_an_arn_of_a_service_that_is_not_held_is_not_found(site):
    answer = await get(site, "tools/arn.json", arn="arn:aws:stor:::shelf")

    assert (answer.status_code, answer.json()["error"], answer.json()["suggestions"]) == (
        404,
        (
            "No service 'stor' in the catalog as of 2020-03-04, which holds depot, store."
            " Did you mean store?"
            f" {brings_all(2)}"
        ),
        ["store"],
    )


# --- expand and shrink


async def test_a_pattern_is_counted_by_level_and_listed(site):
    answer = (await get(site, "tools/expand.json", pattern="store:*SH?L*")).json()

    assert [(each["access_level"], each["actions"]) for each in answer["levels"]] == [
        ("List", 1),
        ("Write", 1),
        ("Permissions management", 1),
        ("Tagging", 1),
    ]
    assert [each["action"] for each in answer["actions"]] == [
        "store:CreateShelf",
        "store:ListShelves",
        "store:PutShelfPolicy",
        "store:TagShelf",
    ]


async def test_several_patterns_are_united_and_counted_one_by_one(site):
    answer = (await get(site, "tools/expand.json", pattern="store:List* STORE:*shelves")).json()

    assert [(each["pattern"], each["actions"]) for each in answer["each"]] == [
        ("store:List*", 1),
        ("STORE:*shelves", 1),
    ]
    assert [each["action"] for each in answer["actions"]] == ["store:ListShelves"]


async def test_the_bar_of_levels_is_told_in_words(site):
    page = await get(site, "tools/expand", pattern="store:*")

    picture = soup_of(page).select_one("svg.levels")
    assert picture["role"] == "img"
    assert picture["aria-label"] == "List: 1, Write: 1, Permissions management: 1, Tagging: 1"
    ends = [int(part["x"]) + int(part["width"]) for part in picture.select("rect")]
    assert ends == [250, 500, 750, 1000]


async def test_a_wildcard_in_the_prefix_is_answered_with_what_policies_can_have(site):
    text = text_of(await get(site, "tools/expand", pattern="st*:*"))

    assert "A policy can have no wildcard in the service prefix." in text


async def test_a_service_without_its_actions_in_the_source_is_told_from_none(site):
    text = text_of(await get(site, "tools/expand", pattern="depot:*"))

    assert "0 actions" in text
    assert "A source of depot leaves its actions out, so there may be more." in text


async def test_changes_since_a_date_say_as_of_which_pages_nothing_is_known(site):
    page = await get(site, "tools/expand", pattern="store:*", since="2019-01-01")

    assert "its sources are of 2020-01-02 to 2020-03-04" in text_of(page)


async def test_a_date_that_is_none_is_an_error(site):
    page = await get(site, "tools/expand", pattern="store:*", since="yesterday")

    assert page.status_code == 400
    assert "'yesterday' is not a date" in text_of(page)


@pytest.mark.parametrize(
    "typed",
    [
        "store:ListShelves store:CreateShelf store:PutShelfPolicy store:TagShelf",
        '["store:ListShelves",\r\n "store:CreateShelf", "store:PutShelfPolicy", "store:TagShelf"]',
    ],
)
async def test_a_pasted_list_is_shrunk_however_it_is_written(site, typed):
    by_form = await post(site, "tools/expand.json", {"actions": typed})
    by_address = await get(site, "tools/expand.json", actions=typed)

    assert by_form.json()["shrunk"] == [{"pattern": "store:*", "actions": 4}]
    assert by_form.json() == by_address.json()


async def test_names_that_the_catalog_does_not_hold_stay_and_are_told(site):
    page = await post(site, "tools/expand", {"actions": "store:ListShelves store:Nothing"})

    assert soup_of(page).select_one("#shrunk").get_text() == "store:ListShelves\nstore:Nothing"
    assert "Not in the catalog, and left as they are: store:Nothing." in text_of(page)


async def test_too_many_patterns_are_refused_with_their_number(site):
    typed = " ".join(f"store:*{number}*" for number in range(201))

    shrunk = await post(site, "tools/expand.json", {"actions": typed})
    expanded = await get(site, "tools/expand.json", pattern=typed[:300])

    assert (shrunk.status_code, shrunk.json()["error"]) == (
        400,
        "201 patterns are more than the 200 that can be asked of here at once: leave some out.",
    )
    assert expanded.status_code == 400


OTHER = "arn:aws:store:eu-west-1:111122223333:shelf/b c"


@pytest.mark.parametrize(
    "pasted",
    [
        f'"{SHELF}",',
        f"  '{SHELF}'  ",
        f'"Resource": "{SHELF}"',
        f"Resource: {SHELF}",
        f"- {SHELF}",
        f'["{SHELF}"]',
        f"[{SHELF}]",
        f"`{SHELF}`.".replace("`.", "`"),
        f"<{SHELF}>",
        f"\n\n{SHELF};\n",
    ],
)
async def test_an_arn_is_taken_as_it_is_copied(site, pasted):
    answer = (await get(site, "tools/arn.json", arn=pasted)).json()

    assert (answer["arn"], len(answer["resource_types"])) == (SHELF, 1)


async def test_the_arns_of_a_statement_are_answered_together(site):
    pasted = f'"Resource": [\n  "{SHELF}",\n  "{OTHER}"\n]'
    answer = (await get(site, "tools/arn.json", arn=pasted)).json()
    page = await get(site, "tools/arn", arn=pasted)

    assert [(each["arn"], each["resource_types"]) for each in answer["several"]] == [
        (SHELF, ["store:shelf"]),
        (OTHER, ["store:shelf"]),
    ]
    assert answer["arn"] == SHELF
    assert soup_of(page).select_one("#arn").get_text() == f"\n{SHELF}\n{OTHER}"


async def test_what_is_wrong_with_one_of_several_arns_is_beside_it(site):
    answer = (await get(site, "tools/arn.json", arn=f"{SHELF}\nshelf/a")).json()

    assert [each["actions"] for each in answer["several"]] == [3, None]
    assert "'shelf/a' is not an ARN" in answer["several"][1]["error"]


async def test_too_many_arns_are_refused(site):
    answer = await get(site, "tools/arn.json", arn="\n".join(f"arn:aws:a:::{n}" for n in range(51)))

    assert answer.status_code == 400
    assert "51 ARNs are more than the 50" in answer.json()["error"]


# --- the page of a rule


async def test_the_page_of_a_rule_says_what_it_finds_with_examples(site):
    page = await get(site, "tools/rule/unknown-action")
    answer = (await get(site, "tools/rule/unknown-action.json")).json()

    assert "no source of it documents the action" in text_of(page)
    assert answer["severity"] == "warning"
    headings = [each["heading"] for each in answer["examples"]]
    assert headings == ["Fails", "Passes", "Fails", "Passes", "Ignoring it"]
    assert '"Action": "post:GetLeter"' in answer["examples"][0]["parts"][0]["text"]


async def test_a_code_that_no_finding_has_is_not_found(site):
    answer = await get(site, "tools/rule/unknown-acton.json")

    assert answer.status_code == 404
    assert "unknown-action" in answer.json()["error"]
