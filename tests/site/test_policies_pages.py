"""The pages of sample policies: the list by document, and one policy with all that is known."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from tool_catalog import GUIDE, build_tool_catalog, get, opened, soup_of, text_of

from iam_catalog.site.pages.policies import below


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_tool_catalog(tmp_path_factory.mktemp("policies"))


@pytest.fixture(scope="module")
def site(path: str) -> Iterator[Datasette]:
    with opened(path) as site:
        yield site


async def test_policies_are_listed_by_document_with_what_they_name(site):
    answer = (await get(site, "policies.json")).json()

    assert answer["held"] is True
    assert [
        (
            document["policy_document"],
            [(each["policy"], each["heading"], each["services"]) for each in document["policies"]],
            [each["line"] for each in document["fragments"]],
        )
        for document in answer["documents"]
    ] == [
        (
            "guide",
            [
                ("guide:6", "Shelves", ["depot", "other", "store"]),
                ("guide:29", "Trust", ["sts"]),
            ],
            [23],
        ),
        (
            "hostile",
            [("hostile:4", "alert(1)", ["<img src=x onerror=alert(3)>", "store"])],
            [],
        ),
    ]


async def test_the_list_leads_to_each_policy_and_to_the_document_by_https_alone(site):
    page = await get(site, "policies")

    linked = {link["href"] for link in soup_of(page).select("main a")}
    assert {"/catalog/-/policy/guide:6", "https://docs.example.com/guide"} <= linked
    assert not [address for address in linked if address.startswith("javascript")]


async def test_a_fragment_is_shown_with_the_reason_why_it_is_no_policy(site):
    page = await get(site, "policies")

    fragment = soup_of(page).find("details")
    assert fragment.summary.get_text() == (
        "A fragment in line 23: a statement without a policy around it"
    )
    assert fragment.pre.get_text() == ', {"Effect": "Allow", "Action": "store:ListShelves"}'


async def test_a_policy_is_shown_in_the_lines_of_its_document(site):
    page = await get(site, "policy/guide:6")

    lines = soup_of(page).select(".lines > li")
    assert [line["id"] for line in lines] == [f"L{number}" for number in range(6, 18)]
    first = GUIDE.split("\n")[5:17]
    assert [line.code.get_text().strip() for line in lines] == [
        text.strip().removesuffix(" ①") for text in first
    ]


async def test_a_footnote_stands_below_the_line_with_its_number(site):
    page = await get(site, "policy/guide:6")

    (note,) = soup_of(page).select(".footnote")
    assert (note.get_text(), note.find_parent("li")["data-line"]) == ("1 Of shelves.", "12")


async def test_the_findings_of_check_stand_beside_their_lines(site):
    answer = (await get(site, "policy/guide:6.json")).json()

    assert [(each["code"], each["line"]) for each in answer["findings"]] == [
        ("unknown-action", 12),
        ("malformed-arn", 13),
        ("missing-dependent-actions", 12),
        ("service-not-held", 15),
    ]
    page = await get(site, "policy/guide:6")
    assert len(soup_of(page).select("#L12 .finding")) == 2


async def test_statements_are_told_in_words_with_their_lines(site):
    page = await get(site, "policy/guide:6")

    headings = [each.get_text(" ").split() for each in soup_of(page).select(".statement h3")]
    assert headings == [["Statement", "1", "Read", "line", "9"], ["Statement", "2", "line", "15"]]


async def test_the_actions_that_a_policy_names_are_linked_or_told_unknown(site):
    page = await get(site, "policy/guide:6")

    rows = [
        [cell.get_text().strip() for cell in row.select("th, td")]
        for row in soup_of(page).select("section[aria-labelledby=named] tbody tr")
    ]
    unknown = "not known: the catalog does not hold the service, or not its actions"
    assert rows == [
        ["store:List*", "Allow", "store:ListShelves", "12"],
        ["store:createshelf", "Allow", "store:CreateShelf", "12"],
        ["store:Nothing", "Allow", "not documented", "12"],
        ["NotAction depot:Look", "Deny", unknown, "15"],
        ["NotAction other:Do", "Deny", unknown, "15"],
    ]
    linked = {link["href"] for link in soup_of(page).select("main a")}
    assert {"/catalog/-/action/store:CreateShelf", "#L12", "/catalog/-/policy/guide:29"} <= linked
    assert all(
        soup_of(page).select_one(f"[id='{address[1:]}']")
        for address in linked
        if address.startswith("#")
    )


async def test_a_policy_and_the_actions_that_it_names_lead_to_each_other(site):
    policy = await get(site, "policy/guide:6")
    action = await get(site, "action/store:CreateShelf")

    assert "/catalog/-/action/store:CreateShelf" in policy.text
    assert "/catalog/-/policy/guide:6" in action.text


async def test_a_document_with_one_policy_names_it(site):
    page = await get(site, "policy/hostile")

    assert page.status_code == 301
    assert (await site.client.get(page.headers["location"])).status_code == 200


async def test_a_policy_that_is_not_held_is_not_found_with_those_of_its_document(site):
    page = await get(site, "policy/guide.json")

    assert (page.status_code, page.json()["suggestions"]) == (404, ["guide:6", "guide:29"])


async def test_nothing_that_a_document_says_becomes_markup_or_a_link(site):
    for name in ("policies", "policy/hostile:4"):
        soup = soup_of(await get(site, name))

        assert not soup.select("main script, main img, main b, [onclick], [onerror]")
        assert all(
            link["href"].startswith(("/", "#", "https://")) for link in soup.select("a[href]")
        )


async def test_control_characters_are_shown_as_pictures(path, tmp_path):
    copy = Path(shutil.copy(path, tmp_path / "catalog.db"))
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("update policies set text = replace(text, 'key-name', 'a\u202eb\u007f')")
        connection.commit()
    with opened(str(copy)) as changed:
        text = soup_of(await get(changed, "policy/guide:6")).select_one("#L13").code.get_text()

    assert text.strip() == '"Resource": "a⟨U+202E⟩b⟨U+007F⟩"'


async def test_a_catalog_without_policies_says_so(path, tmp_path):
    copy = Path(shutil.copy(path, tmp_path / "catalog.db"))
    with closing(sqlite3.connect(copy)) as connection:
        for table in ("policy_notes", "policy_fragments", "policies", "policy_documents"):
            connection.execute(f"delete from {table}")
        connection.commit()
    with opened(str(copy)) as site:
        assert "so it holds none" in text_of(await get(site, "policies"))


async def test_a_catalog_without_the_tables_says_so(path, tmp_path):
    copy = Path(shutil.copy(path, tmp_path / "catalog.db"))
    with closing(sqlite3.connect(copy)) as connection:
        names = connection.execute(
            "select type, name from sqlite_master where name glob 'polic*' and type <> 'index'"
        ).fetchall()
        for kind, name in names:
            connection.execute(f"drop {kind} if exists {name}")
        connection.commit()
    with opened(str(copy)) as site:
        page, policy = await get(site, "policies"), await get(site, "policy/guide:6")

    assert (page.status_code, policy.status_code) == (200, 404)
    assert "This catalog has no place for sample policies" in text_of(page)


@pytest.mark.parametrize(
    ("document", "title", "expected"),
    [
        ("Guide", "Guide / A / B", "A / B"),
        ("Guide", "Guide for all / A", "A"),
        ("Guide", "Another / A", "Another / A"),
        ("Guide", "Guide", "Guide"),
        (None, "Guide / A", "Guide / A"),
        ("Guide", None, None),
    ],
)
def test_a_heading_leaves_out_the_title_of_its_document(document, title, expected):
    assert below(document, title) == expected
