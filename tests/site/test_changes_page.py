"""What was added, removed and changed: by date and service, filtered, in pages, and as a feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from names_catalog import build_names_catalog
from tool_catalog import get, opened, soup_of, text_of

from iam_catalog import schema
from iam_catalog.compare import CHANGE_KINDS
from iam_catalog.records import Change
from iam_catalog.site.pages.changes import GROUPS, ROWS, SOME, changes
from iam_catalog.site.parts import change
from iam_catalog.site.request import Request

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_names_catalog(tmp_path_factory.mktemp("names"))) as site:
        yield site


@pytest.fixture
def many() -> Iterator[sqlite3.Connection]:
    """The changes of 3 dates and of none, 100 services, and 2 services with very many."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.DDL)
        rows = [
            (date, f"service{number}", f"service{number}:Action{each}")
            for date in ("2020-01-01", "2021-01-01", "2022-01-01", None)
            for number in range(100)
            for each in range(ROWS + 50 if number < 2 else number % 9 + 1)
        ]
        connection.executemany(
            "insert into changes (date, service_prefix, change, kind, subject)"
            " values (?, ?, 'added', 'action', ?)",
            rows,
        )
        yield connection


def asked(connection: sqlite3.Connection, **values: str) -> dict[str, Any]:
    return changes(connection, Request({}, {name: (value,) for name, value in values.items()}))


async def told(site: Datasette, **values: str) -> dict[str, Any]:
    response = await get(site, "changes.json", **values)
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def subjects(found: dict[str, Any]) -> list[str]:
    return [row["subject"] for group in found["groups"] for row in group["rows"]]


# --- what is told


async def test_changes_come_by_date_and_service(site: Datasette) -> None:
    found = await told(site)

    assert [
        (group["date"], group["service_prefix"], group["changes"]) for group in found["groups"]
    ] == [("2022-03-04", "gone", 4), ("2022-03-04", "hazard", 4), ("2022-03-04", "shop", 11)]
    assert (found["total"], found["services"], found["dates"]) == (19, 3, ["2022-03-04"])


async def test_a_long_group_shows_some_and_counts_the_others(site: Datasette) -> None:
    shop = (await told(site))["groups"][2]

    assert len(shop["rows"]) == SOME
    assert shop["counts"] == [
        {"kind": "action", "change": "added", "changes": 3},
        {"kind": "action", "change": "changed", "changes": 4},
        {"kind": "condition key", "change": "changed", "changes": 1},
        {"kind": "action", "change": "removed", "changes": 1},
        {"kind": "condition key", "change": "removed", "changes": 1},
        {"kind": "resource type", "change": "removed", "changes": 1},
    ]
    page = soup_of(await get(site, "changes"))
    more = page.select_one("li.more a")
    assert more is not None
    assert str(more["href"]) == "/catalog/-/changes?service=shop&date=2022-03-04"
    assert len(subjects(await told(site, service="shop", date="2022-03-04"))) == 11


async def test_descriptions_are_told_apart(site: Datasette) -> None:
    assert {row["field"] for row in (await told(site, service="shop"))["groups"][0]["rows"]} == {
        *(None, "access level", "resource types", "condition keys", "dependent actions", "type")
    }
    only = await told(site, descriptions="1")
    assert subjects(only) == ["shop:Buy", "shop:Size (shop)"]
    assert {row["field"] for row in only["groups"][0]["rows"]} == {"description"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": "resource type"}, ["gone:thing", "hazard:bomb", "shop:box"]),
        ({"change": "removed", "kind": "action"}, ["gone:Do", "shop:Old"]),
        ({"service": "HAZARD", "kind": "service"}, ["hazard"]),
        ({"service": "gone", "change": "added"}, []),
        ({"date": "2019-08-12"}, []),
        ({"date": "undated"}, []),
        ({"until": "2019-08-12"}, []),
        ({"since": "2019-08-13", "kind": "service", "service": "hazard"}, ["hazard"]),
        ({"kind": "level-rose"}, ["shop:Buy"]),
        ({"kind": "level-fell"}, []),
        ({"kind": "key-came", "service": "shop"}, ["shop:Buy"]),
        ({"kind": "service-removed"}, ["gone"]),
        ({"kind": "service-removed", "service": "shop"}, []),
    ],
)
async def test_filters_are_combined(
    site: Datasette, filters: dict[str, str], expected: list[str]
) -> None:
    assert subjects(await told(site, **filters)) == expected


@pytest.mark.parametrize(
    ("filters", "status", "said"),
    [
        ({"date": "yesterday"}, 400, "'yesterday' is not a date"),
        ({"since": "yesterday"}, 400, "'yesterday' is not a date"),
        ({"kind": "thing"}, 400, "kind is 'thing': use one of service, action"),
        ({"change": "moved"}, 400, "change is 'moved': use one of added, removed, changed."),
        ({"page": "2"}, 400, "page is '2': there are 1."),
        ({"page": "-1"}, 400, "page is '-1'"),
        ({"service": "shpo"}, 404, "No service 'shpo' in the catalog"),
    ],
)
async def test_other_words_are_refused(
    site: Datasette, filters: dict[str, str], status: int, said: str
) -> None:
    response = await site.client.get("/catalog/-/changes", params=filters)

    assert (response.status_code, said in text_of(response)) == (status, True)


async def test_a_changed_list_says_what_is_new_and_what_is_gone(site: Datasette) -> None:
    row = Change("2022", "s", "changed", "action", "s:A", "condition keys", "a:B, a:C", "A:c, a:D")

    assert {
        name: value for name, value in change(row).items() if name in ("newly", "no_longer", "name")
    } == {"name": "s:A", "newly": ["a:D"], "no_longer": ["a:B"]}
    assert "shop:Buy resource types now also cart" in text_of(
        await get(site, "changes", service="shop")
    )


async def test_names_lead_to_their_pages_also_removed_ones(site: Datasette) -> None:
    for service in ("shop", "gone", "hazard"):
        page = soup_of(await get(site, "changes", service=service))
        for link in page.select(".changes a"):
            response = await site.client.get(str(link["href"]))
            assert (link["href"], response.status_code) == (link["href"], 200)


async def test_nothing_says_why(site: Datasette) -> None:
    assert "No change fits." in text_of(await get(site, "changes", service="gone", change="added"))


def test_a_catalog_of_one_date_has_none() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.DDL)
        found = asked(connection)

    assert (found["groups"], found["dates"], found["pages"]) == ([], [], 1)


# --- pages


def test_pages_have_every_date_and_service_once(many: sqlite3.Connection) -> None:
    pages = asked(many)["pages"]
    groups = [
        (group["date"], group["service_prefix"])
        for number in range(1, pages + 1)
        for group in asked(many, page=str(number))["groups"]
    ]

    assert pages == -(-400 // GROUPS)
    assert len(groups) == len(set(groups)) == 400
    assert [date for date, _ in groups] == sorted(
        (date for date, _ in groups), key=lambda date: date or "", reverse=True
    )


def test_pages_of_a_service_have_every_change_once(many: sqlite3.Connection) -> None:
    pages = asked(many, service="service1")["pages"]
    rows = [
        (row["date"], row["subject"])
        for number in range(1, pages + 1)
        for group in asked(many, service="service1", page=str(number))["groups"]
        for row in group["rows"]
    ]

    assert pages == -(-4 * (ROWS + 50) // ROWS)
    assert len(rows) == len(set(rows)) == 4 * (ROWS + 50)


def test_a_page_is_never_long(many: sqlite3.Connection) -> None:
    assert len(subjects(asked(many))) <= GROUPS * SOME
    assert len(subjects(asked(many, service="service1"))) == ROWS


def test_changes_without_a_date_come_last_and_can_be_asked_for(many: sqlite3.Connection) -> None:
    assert asked(many, date="undated")["total"] == asked(many)["total"] // 4
    assert asked(many)["dates"] == ["2022-01-01", "2021-01-01", "2020-01-01", None]


# --- the feed


async def feed(site: Datasette, **values: str) -> ElementTree.Element:
    response = await get(site, "changes.atom", **values)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.text)


def texts(found: ElementTree.Element, *names: str) -> list[str | None]:
    return [found.findtext(f"{ATOM}{name}") for name in names]


def links(found: ElementTree.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in found.findall(f"{ATOM}link")}


async def test_the_feed_has_what_atom_requires(site: Datasette) -> None:
    found = await feed(site)

    assert found.tag == f"{ATOM}feed"
    assert texts(found, "title", "updated") == [
        "Changes of AWS's IAM actions",
        "2022-03-04T00:00:00Z",
    ]
    assert found.findtext(f"{ATOM}author/{ATOM}name") == "IAM catalog"
    assert links(found) == {
        "self": "/catalog/-/changes.atom",
        "alternate": "/catalog/-/changes",
    }
    entries = found.findall(f"{ATOM}entry")
    assert [texts(each, "title", "updated") for each in entries] == [
        [
            (
                "gone: 1 action removed, 1 condition key removed, 1 resource type removed,"
                " 1 service removed"
            ),
            "2022-03-04T00:00:00Z",
        ],
        [
            "hazard: 1 action added, 1 condition key added, 1 resource type added, 1 service added",
            "2022-03-04T00:00:00Z",
        ],
        [
            (
                "shop: 3 actions added, 4 actions changed, 1 condition key changed,"
                " 1 action removed, 1 condition key removed, 1 resource type removed"
            ),
            "2022-03-04T00:00:00Z",
        ],
    ]
    ids = [str(each.findtext(f"{ATOM}id")) for each in (found, *entries)]
    assert len(set(ids)) == 4
    assert all(each.startswith("urn:uuid:") for each in ids)


async def test_ids_are_the_same_tomorrow(site: Datasette) -> None:
    entry = (await feed(site, service="shop")).findall(f"{ATOM}entry")[0]

    assert texts(entry, "id") == ["urn:uuid:cbf122eb-a245-5a3c-ab37-82c06f33e93d"]
    assert texts((await feed(site)).findall(f"{ATOM}entry")[2], "id") == texts(entry, "id")


async def test_entries_lead_to_their_changes_and_tell_them(site: Datasette) -> None:
    entry = (await feed(site, service="shop")).findall(f"{ATOM}entry")[0]
    content = entry.find(f"{ATOM}content")

    assert links(entry) == {"alternate": "/catalog/-/changes?service=shop&date=2022-03-04"}
    assert (await site.client.get(links(entry)["alternate"])).status_code == 200
    assert content is not None
    assert content.attrib == {"type": "html"}
    items = [each.get_text() for each in BeautifulSoup(content.text or "", "html.parser")("li")]
    assert items[:2] == [
        "changed action shop:Buy: access level Write, was Read",
        "changed action shop:Buy: resource types; now also cart",
    ]


async def test_the_feed_takes_the_filters_of_the_page(site: Datasette) -> None:
    found = await feed(site, change="removed", kind="action")

    assert [entry.findtext(f"{ATOM}title") for entry in found.findall(f"{ATOM}entry")] == [
        "gone: 1 action removed",
        "shop: 1 action removed",
    ]
    page = soup_of(await get(site, "changes", change="removed", kind="action"))
    link = page.find("link", type="application/atom+xml")
    assert link is not None
    assert link["href"] == "/catalog/-/changes.atom?kind=action&change=removed"


async def test_a_kind_of_change_is_a_feed_of_its_own(site: Datasette) -> None:
    found = await feed(site, kind="level-rose")
    (entry,) = found.findall(f"{ATOM}entry")

    assert found.findtext(f"{ATOM}title") == "Changes of AWS's IAM actions: level rose"
    assert links(found)["self"] == "/catalog/-/changes.atom?kind=level-rose"
    assert entry.findtext(f"{ATOM}title") == "shop: 1 action changed"
    assert entry.findtext(f"{ATOM}content") == (
        "<ul><li>changed action shop:Buy: access level Write, was Read</li></ul>"
    )


async def test_every_kind_of_change_can_be_chosen_and_is_in_the_heading(site: Datasette) -> None:
    page = soup_of(await get(site, "changes", kind="level-rose"))
    options = [str(each["value"]) for each in page.select("select[name=kind] optgroup option")]
    (chosen,) = page.select("select[name=kind] option[selected]")

    assert page.h1 is not None
    assert options == list(CHANGE_KINDS)
    assert (chosen["value"], page.h1.get_text()) == ("level-rose", "Changes: level rose")


def test_every_date_is_listed_with_how_much_it_brought(many: sqlite3.Connection) -> None:
    each = {"changes": 1193, "services": 100}

    assert asked(many)["by_date"] == [
        {"date": date, **each} for date in ("2022-01-01", "2021-01-01", "2020-01-01", None)
    ]
    assert asked(many, date="2021-01-01", service="service7")["by_date"] == [
        {"date": "2021-01-01", "changes": 8, "services": 1}
    ]


async def test_an_empty_feed_is_a_feed(site: Datasette) -> None:
    found = await feed(site, date="2019-08-12")

    assert texts(found, "updated") == ["1970-01-01T00:00:00Z"]
    assert found.findall(f"{ATOM}entry") == []


async def test_a_feed_of_nothing_that_is_known_is_an_error(site: Datasette) -> None:
    assert (await get(site, "changes.atom", service="shpo")).status_code == 404
