"""One address for each page, and what says whether a page is still good."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from site_catalog import ADDRESSES, KINDS, build_site_catalog
from sites import build_dated_catalog, close
from tool_catalog import opened

from iam_catalog.datasette_plugin import validators

KEY = "condition-key/aws:ResourceTag%2F%24%7BTagKey%7D"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_site_catalog(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def site(path: str) -> Iterator[Datasette]:
    with opened(path) as site:
        yield site


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("action/ORDERS:createorder", "action/orders:CreateOrder"),
        ("action/orders%3ACreateOrder", "action/orders:CreateOrder"),
        ("action/orders:CreateOrder/", "action/orders:CreateOrder"),
        ("Action/orders:CreateOrder", "action/orders:CreateOrder"),
        ("action/orders:createorder.json", "action/orders:CreateOrder.json"),
        ("action/orders:createorder?x=1", "action/orders:CreateOrder?x=1"),
        ("service/ORDERS", "service/orders"),
        ("access-level/permissions%20management", "access-level/Permissions%20management"),
        ("condition-key/aws:resourcetag%2f$%7BTagKey%7D", KEY),
        ("condition-key/aws:ResourceTag/$%7BTagKey%7D", KEY),
        ("services/", "services"),
        ("SERVICES", "services"),
        ("/services", "services"),
        ("%73ervices", "services"),
        ("tools/Check/", "tools/check"),
        ("index", ""),
        ("page/ORDERS@2026-08-31", None),
    ],
)
async def test_another_spelling_leads_to_the_address_for_ever(
    site: Datasette, asked: str, address: str | None
) -> None:
    response = await site.client.get(f"/catalog/-/{asked}")

    if address is None:  # names of sources have a case
        assert response.status_code == 404
        return
    assert (response.status_code, response.headers["location"]) == (301, f"/catalog/-/{address}")
    assert (await site.client.get(response.headers["location"])).status_code == 200


async def test_the_start_of_a_catalog_ends_with_a_slash(site: Datasette) -> None:
    response = await site.client.get("/catalog/-")

    assert (response.status_code, response.headers["location"]) == (301, "/catalog/-/")


async def test_a_form_is_sent_again_to_the_address(site: Datasette) -> None:
    response = await site.client.post("/catalog/-/tools/check/", data={"policy": "{}"})

    assert (response.status_code, response.headers["location"]) == (308, "/catalog/-/tools/check")


async def test_a_key_with_the_key_of_a_tag_keeps_its_address(site: Datasette) -> None:
    response = await site.client.get("/catalog/-/condition-key/aws:ResourceTag%2Fteam")

    assert response.status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_page_names_its_address_and_says_what_it_is(site: Datasette, address: str) -> None:
    page = BeautifulSoup((await site.client.get(f"/catalog/-/{address}")).text, "html.parser")

    (link,) = page.select("link[rel=canonical]")
    assert urlsplit(link["href"]).path == f"/catalog/-/{urlsplit(address).path}"
    assert (await site.client.get(link["href"])).status_code == 200
    about = page.select_one("meta[name=description]")["content"]
    assert 5 < len(about) <= 400
    assert page.select_one("meta[property='og:title']")["content"] in page.title.string
    assert page.select_one("meta[property='og:description']")["content"] == about


async def test_the_start_page_of_a_site_is_the_home_of_its_catalog(site: Datasette) -> None:
    page = BeautifulSoup((await site.client.get("/")).text, "html.parser")

    assert page.select_one("link[rel=canonical]")["href"] == "/catalog/-/"


# --- validators


@pytest.mark.parametrize("address", [*KINDS, "services.json", "changes.atom", "sitemap-action.xml"])
async def test_a_client_that_has_a_page_is_not_sent_it_again(site: Datasette, address: str) -> None:
    url = f"/catalog/-/{address}"
    first = await site.client.get(url)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    known = [
        {"if-none-match": tag},
        {"if-none-match": tag.removeprefix("W/")},
        {"if-none-match": f'"other", W/"a,b" , {tag}'},
        {"if-none-match": "*"},
        {"if-modified-since": date},
        {"if-modified-since": formatdate(time.time(), usegmt=True)},
    ]
    for headers in known:
        again = await site.client.get(url, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), headers
    others = [
        {"if-none-match": '"other"'},
        {"if-none-match": '"other"', "if-modified-since": date},
        {"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"if-modified-since": "no date"},
        {"if-modified-since": formatdate(time.time() + 1_000_000, usegmt=True)},
    ]
    for headers in others:
        assert (await site.client.get(url, headers=headers)).status_code == 200, headers
    assert first.headers["cache-control"] == "no-cache"


async def test_each_address_has_a_tag_of_its_own_and_errors_have_none(site: Datasette) -> None:
    page = await site.client.get("/catalog/-/action/orders:CreateOrder")
    missing = "/catalog/-/action/orders:CreateOrders"
    answers = [
        await site.client.get(missing, headers={"if-none-match": tag})
        for tag in (page.headers["etag"], "*")
    ]

    assert [each.status_code for each in answers] == [404, 404]
    assert "etag" not in answers[0].headers
    other = await site.client.get("/catalog/-/action/orders:GetOrder")
    assert other.headers["etag"] != page.headers["etag"]


async def test_a_posted_policy_has_no_validators(site: Datasette) -> None:
    answer = await site.client.post("/catalog/-/tools/check", data={"policy": "{}"})

    assert not {"etag", "last-modified"} & set(answer.headers)


async def test_the_file_of_a_catalog_and_the_assets_have_tags(site: Datasette) -> None:
    for address in ("/catalog.db", "/-/static-plugins/iam-catalog/site.css"):
        first = await site.client.get(address)
        again = await site.client.get(address, headers={"if-none-match": first.headers["etag"]})

        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


# --- for crawlers and browsers


def locations(text: str) -> list[str]:
    root = ElementTree.fromstring(text)
    return [each.text or "" for each in root.iter() if each.tag.endswith("}loc")]


async def test_sitemaps_list_every_page_of_a_name(site: Datasette) -> None:
    index = locations((await site.client.get("/sitemap.xml")).text)
    pages = [
        address
        for each in index
        for address in locations((await site.client.get(urlsplit(each).path)).text)
    ]

    assert all(each.startswith("http://localhost/catalog/-/") for each in pages)
    paths = {urlsplit(each).path for each in pages}
    assert {
        "/catalog/-/",
        "/catalog/-/services",
        "/catalog/-/service/stock",
        "/catalog/-/action/orders:CancelOrder",
        f"/catalog/-/{KEY}",
        "/catalog/-/page/orders@2026-08-31",
    } <= paths
    for each in sorted(paths)[::20]:
        assert (await site.client.get(each)).status_code == 200


@pytest.mark.parametrize("name", ["sitemap-nothing.xml", "sitemap-action-2.xml"])
async def test_there_are_no_other_sitemaps(site: Datasette, name: str) -> None:
    assert (await site.client.get(f"/catalog/-/{name}")).status_code == 404


async def test_robots_are_told_of_the_sitemap_and_kept_from_questions(site: Datasette) -> None:
    lines = (await site.client.get("/robots.txt")).text.split("\n")

    assert "Sitemap: http://localhost/sitemap.xml" in lines
    assert {"Disallow: /-/", "Disallow: /catalog?", "Disallow: /catalog/-/tools/"} <= set(lines)


async def test_browsers_learn_how_to_search(site: Datasette) -> None:
    page = BeautifulSoup((await site.client.get("/catalog/-/")).text, "html.parser")
    link = page.select_one("link[rel=search]")
    description = await site.client.get(link["href"])

    assert description.headers["content-type"].startswith(link["type"])
    template = ElementTree.fromstring(description.text).find("{*}Url").attrib["template"]
    assert template == "http://localhost/catalog/-/search?q={searchTerms}"


# --- sites of their own, which close all others: last


async def test_nothing_of_a_catalog_is_good_when_another_has_replaced_it(tmp_path: Path) -> None:
    served = tmp_path / "catalog.db"
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    shutil.copy(build_site_catalog(first), served)
    with opened(str(served)) as site:
        before = await site.client.get("/catalog/-/services")
        newer = build_dated_catalog(second)
        os.utime(newer, (0, 0))  # older than the one that it replaces
        Path(newer).replace(served)
        headers = (
            {"if-none-match": before.headers["etag"]},
            {"if-modified-since": before.headers["last-modified"]},
        )
        after = [await site.client.get("/catalog/-/services", headers=each) for each in headers]

    assert [each.status_code for each in after] == [200, 200]
    assert after[0].headers["etag"] != before.headers["etag"]


async def test_another_version_of_the_program_has_other_tags(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = []
    for digest in ("one", "two"):
        monkeypatch.setattr(validators, "_program_digest", lambda digest=digest: digest)
        with opened(path) as site:
            tags.append((await site.client.get("/catalog/-/services")).headers["etag"])
            await asyncio.sleep(0)

    assert len(set(tags)) == 2


async def test_a_site_without_a_catalog_has_no_such_files() -> None:
    other = Datasette(memory=True)
    found = [(await other.client.get(each)).status_code for each in ("/robots.txt", "/sitemap.xml")]
    close(other)

    assert found == [404, 404]
