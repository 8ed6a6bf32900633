"""A static export of the site: the pages that a server has as files, without a dead link."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import shutil
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from export_catalogs import dated, export, files_of
from site_catalog import HOSTILE, build_site_catalog
from site_crawler import MISSING, Site

from iam_catalog import Catalog, CatalogError
from iam_catalog.export.site.pages import Renderer, named_pages, single_pages
from iam_catalog.export.site.urls import Published
from iam_catalog.export.site.writing import write_site
from iam_catalog.export.writing import Export
from iam_catalog.facts.catalog_file import write_copy
from iam_catalog.site.pages import PAGES
from iam_catalog.site.render import CONTENT_POLICY, SitePage
from iam_catalog.site.request import Request

PUBLISHED = "https://example.com/iam/"
LISTED = Path(__file__).with_name("static_site.txt")


def exported(
    path: str, folder: Path, *services: str, as_of: str | None = None, base_url: str | None = None
) -> Site:
    write(path, folder, services, as_of=as_of, base_url=base_url)
    return Site(folder, urlsplit(base_url or "/").path)


def write(
    path: str,
    folder: Path,
    services: Sequence[str] = (),
    *,
    as_of: str | None = None,
    base_url: str | None = None,
) -> Export:
    with Catalog(path, as_of=as_of) as catalog:
        return write_site(catalog, folder, services, base_url=base_url)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_site_catalog(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def site(path: str, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return exported(path, tmp_path_factory.mktemp("whole") / "site", base_url=PUBLISHED)


@pytest.fixture(scope="module")
def chosen(path: str, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Of the service `orders` alone, whose actions need those of others."""
    return exported(path, tmp_path_factory.mktemp("chosen") / "site", "Orders")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("earlier")
    return exported(dated(folder), folder / "site", as_of="2026-02-04")


@pytest.fixture(scope="module", params=["site", "chosen", "earlier"])
def each(request: pytest.FixtureRequest) -> Site:
    found: Site = request.getfixturevalue(request.param)
    return found


def text_of(site: Site, name: str) -> str:
    return (site.folder / name).read_text(encoding="utf-8")


def test_every_page_has_the_file_that_its_name_says(
    site: Site, request: pytest.FixtureRequest
) -> None:
    """All files, but for the many of `stock` and of AWS's global keys."""
    found = [
        name
        for name in sorted(site.files)
        if not name.startswith(("action/stock/", "condition-key/", "resource-type/stock/"))
    ]
    if request.config.getoption("--rewrite-expected"):
        LISTED.write_text("\n".join(found) + "\n", encoding="utf-8")

    assert found == LISTED.read_text(encoding="utf-8").splitlines()


def test_everything_with_a_name_has_a_page(path: str, site: Site) -> None:
    with Catalog(path) as catalog:
        actions = [each.action for each in catalog.actions()]

    assert len([name for name in site.files if name.startswith("action/")]) == len(actions) + 1
    assert "action/orders/CancelOrder.html" in site.files  # removed
    assert "condition-key/aws/SourceIp.html" in site.files  # on no page of a service


def test_no_link_is_dead(each: Site) -> None:
    assert each.dead_links() == []
    assert len(each.pages) > 80


def test_every_page_is_reached_from_the_start(site: Site) -> None:
    """But for global keys that nothing of the catalog names, and what the feed alone tells of."""
    others = set(site.pages) - site.reached() - {MISSING}

    assert {name for name in others if not name.startswith(("changes/", "condition-key/"))} == set()


def test_there_is_no_script_or_style_sheet_that_no_page_loads(site: Site) -> None:
    loaded = {
        posixpath.normpath(posixpath.join(posixpath.dirname(name), urlsplit(address).path))
        for name, page in site.pages.items()
        for _, address in page.links
    }

    by_scripts = {"static/descriptions.js", "static/names.js"}
    assert {name for name in site.files - loaded if name.startswith("static/")} == by_scripts


def test_nothing_of_a_page_is_inline(each: Site) -> None:
    assert {name: page.inline for name, page in each.pages.items() if page.inline} == {}


def test_no_page_has_an_identifier_twice(each: Site) -> None:
    twice = {
        name
        for name, page in each.pages.items()
        if len(page.identifiers) != len(set(page.identifiers))
    }

    assert twice == set()


def test_every_page_has_the_policy_of_the_site_before_it_loads_anything(each: Site) -> None:
    policy = CONTENT_POLICY.replace(" frame-ancestors 'none';", "")
    heads = {
        (tag, attributes.get("http-equiv"), attributes.get("content"))
        for page in each.pages.values()
        for tag, attributes in page.elements[4:5]
    }

    assert heads == {("meta", "Content-Security-Policy", policy)}
    assert {page.elements[3][1].get("name") for page in each.pages.values()} == {"viewport"}


def test_no_page_asks_a_server(each: Site) -> None:
    asked = {
        (tag, attributes.get("action"))
        for page in each.pages.values()
        for tag, attributes in page.elements
        if tag == "form" and not (attributes["action"] or "").endswith("search.html")
    }
    words = {
        name
        for name in each.pages
        if "/tools/" in text_of(each, name) or "JSON" in text_of(each, name)
    }

    assert asked == set()
    assert {
        name for name in words if "the JSON of each page are in" not in text_of(each, name)
    } == set()
    assert [name for name in each.files if "absent:" in text_of(each, name)] == []


NAMED = {
    "service": "select service_prefix from services union select service_prefix from past_services"
    " union select service_prefix from changes",
    "action": "select action from actions union select action from past_actions"
    " union select dependent_action from dependent_actions union select pattern"
    " from policy_statement_actions",
    "resource-type": "select resource_type from resource_types"
    " union select resource_type from past_resource_types",
    "condition-key": "select condition_key from condition_keys"
    " union select condition_key from past_condition_key_definitions union select 'a:b'",
    "access-level": "select access_level from access_levels union select 'Wriet'",
    "page": "select page from pages union select 'orders'",
    "policy": "select policy from policies union select 'seeing'",
}
"""Every name that the catalog has somewhere, by what it is a name of."""


@pytest.mark.parametrize("hostile", [True, False])
def test_a_name_has_a_page_where_it_has_one_on_a_server(tmp_path: Path, hostile: bool) -> None:
    path = build_site_catalog(tmp_path) if hostile else dated(tmp_path)
    published = Published(None, None, None)
    served, written = {}, {}

    with closing(Renderer((path, path), str(tmp_path), published)) as renderer:
        for kind, (page, group) in named_pages().items():
            for (name,) in renderer.whole.execute(NAMED[kind]).fetchall():
                served[kind, name] = answers(renderer.whole, page, {group: name})
                written[kind, name] = renderer.places.find(kind, name) is not None

    assert written == served
    assert set(served.values()) == {True, False}


def answers(connection: sqlite3.Connection, page: SitePage, names: dict[str, str]) -> bool:
    try:
        page.model(connection, Request(names))
    except CatalogError:
        return False
    return True


def test_every_page_of_the_site_is_exported_or_needs_a_server(site: Site) -> None:
    """A new page is one or the other."""
    exported_ones = {page.path for page, _ in named_pages().values()}
    exported_ones |= {page.path for page in single_pages().values()}

    others = sorted(page.path for page in PAGES if page.path not in exported_ones)

    assert others == [
        "tools",
        "tools/arn",
        "tools/check",
        "tools/expand",
        "tools/rule/(?P<code>[a-z0-9-]{1,80})",
        "tools/write",
    ]
    assert {"index.html", "search.html"} <= site.files


def test_an_export_of_services_has_their_pages_alone(chosen: Site) -> None:
    assert {name for name in chosen.files if name.startswith("service/")} == {"service/orders.html"}
    assert {name.split("/")[1] for name in chosen.files if name.startswith("action/")} == {"orders"}
    assert "resource-type/stock/shelf-of-a-long-name-0.html" not in chosen.files
    assert "1 service" in text_of(chosen, "services.html")
    assert (
        'href="../../service/orders.html"><code>orders</code></a>. Names of others are not linked'
        in (text_of(chosen, "action/orders/CreateOrder.html"))
    )


def test_the_page_of_an_action_says_the_same_whatever_is_exported(site: Site, chosen: Site) -> None:
    name = "action/orders/CreateOrder.html"
    assert "stock" in main_of(text_of(chosen, name))
    assert 'href="../../action/stock/Reserve000.html"' in text_of(site, name)

    assert words_of(text_of(chosen, name)) == words_of(text_of(site, name))


def main_of(html: str) -> str:
    return html.partition("<main")[2].partition("</main>")[0]


def words_of(html: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"<[^>]*>", "", main_of(html))


def test_a_hostile_text_is_a_text(site: Site) -> None:
    for name in ("service/hazard.html", "action/hazard/Explode.html", "index.html"):
        assert HOSTILE not in text_of(site, name)
        assert "alert" not in {tag for tag, _ in site.pages[name].elements}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text_of(site, "action/hazard/Explode.html")
    assert {
        len([tag for tag, _ in page.elements if tag == "script"]) for page in site.pages.values()
    } <= {2, 3}


def test_an_export_as_of_a_date_says_so(earlier: Site) -> None:
    assert "It stands at 2026-02-04" in text_of(earlier, "index.html")
    assert "action/orders/PutOrders.html" in earlier.files
    assert "as of 2026-02-04" in text_of(earlier, "action/orders/PutOrder.html")


def test_pages_name_the_address_where_they_are_published(site: Site, chosen: Site) -> None:
    def canonical(of: Site) -> dict[str, str | None]:
        return {
            name: attributes["href"]
            for name, page in of.pages.items()
            for tag, attributes in page.elements
            if (tag, attributes.get("rel")) == ("link", "canonical")
        }

    pages = site.pages.keys() - {MISSING}
    assert canonical(site) == {name: f"{PUBLISHED}{name}" for name in pages}
    assert canonical(chosen) == {}


def test_the_feed_has_the_addresses_of_where_it_is_published(site: Site) -> None:
    feed = ElementTree.fromstring(text_of(site, "changes.atom"))
    addresses = [each.get("href") or "" for each in feed.iter("{http://www.w3.org/2005/Atom}link")]

    assert addresses[:2] == [f"{PUBLISHED}changes.atom", f"{PUBLISHED}changes.html"]
    assert {each.removeprefix(PUBLISHED) in site.files for each in addresses} == {True}


def test_the_feed_of_a_place_that_nobody_knows_is_relative(chosen: Site) -> None:
    feed = ElementTree.fromstring(text_of(chosen, "changes.atom"))
    addresses = [each.get("href") or "" for each in feed.iter("{http://www.w3.org/2005/Atom}link")]

    assert {each in chosen.files for each in addresses} == {True}


@pytest.mark.parametrize(
    "address",
    [
        *("http://example.com", "example.com", "https://", "https://a/?b", "https://a/#b", ""),
        *("https://a b", "https://[", 'https://a/"', "javascript:alert(1)", "https://é.example"),
    ],
)
def test_an_address_that_nothing_can_be_published_at_is_refused(
    path: str, tmp_path: Path, address: str
) -> None:
    with pytest.raises(CatalogError) as caught:
        write(path, tmp_path / "out", base_url=address)

    assert str(caught.value) == (
        f"{address!r} is not an address to publish at: write one that starts with https:// and has "
        "no query, for example 'https://example.com/iam/'."
    )
    assert list(tmp_path.iterdir()) == []


def test_the_same_catalog_gives_the_same_bytes_by_any_number_of_processes(
    path: str, site: Site, tmp_path: Path
) -> None:
    with Catalog(path) as catalog:
        write_site(catalog, tmp_path / "out", base_url=PUBLISHED, jobs=2)

    assert files_of(tmp_path / "out") == files_of(site.folder)


def test_every_file_is_listed_with_its_sum(site: Site) -> None:
    files = files_of(site.folder)
    lines = files.pop("files.sha256").decode().splitlines()
    package = json.loads(files.pop("datapackage.json"))

    assert lines == [
        f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in sorted(files.items())
    ]
    assert package["iam_catalog"]["export"] == "site"
    assert [each["path"] for each in package["resources"]] == ["files.sha256"]


def test_an_earlier_export_is_replaced_whole(path: str, chosen: Site, tmp_path: Path) -> None:
    write(path, tmp_path / "out")

    write(path, tmp_path / "out", ["orders"])

    assert files_of(tmp_path / "out") == files_of(chosen.folder)
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_an_earlier_export_with_a_file_of_others_is_refused(path: str, tmp_path: Path) -> None:
    write(path, tmp_path / "out", ["orders"])
    (tmp_path / "out" / "CNAME").touch()

    with pytest.raises(CatalogError, match=r"has 'CNAME', which no export has written there"):
        write(path, tmp_path / "out", ["orders"])


def test_an_export_of_another_kind_is_refused(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "csv")

    with pytest.raises(CatalogError, match="has an earlier export as csv, not as site"):
        write(path, tmp_path / "out")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /dev/full")
def test_a_catalog_that_there_is_no_room_to_copy_is_not_called_damaged() -> None:
    with closing(sqlite3.connect(":memory:")) as catalog:
        catalog.execute("create table actions (action)")

        # SQLite gives the reason in its own words.
        with pytest.raises(OSError):  # noqa: PT011
            write_copy(catalog, "/dev/full")


def test_a_page_that_can_not_be_rendered_is_named_and_nothing_is_written(
    path: str, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.db"
    shutil.copy(path, damaged)
    with closing(sqlite3.connect(damaged)) as connection:
        connection.execute("update actions set action = 'broken' where action = 'orders:GetOrder'")
        connection.commit()

    with pytest.raises(CatalogError) as caught:
        write(str(damaged), tmp_path / "out")

    assert str(caught.value).startswith("Cannot render 'action/broken.html': 'broken' is not an ")

    assert [each.name for each in tmp_path.iterdir()] == ["damaged.db"]


# --- for browsers, hosts and crawlers


def locations(site: Site, name: str) -> list[str]:
    root = ElementTree.fromstring(text_of(site, name))
    return [each.text or "" for each in root.iter() if each.tag.endswith("}loc")]


def test_sitemaps_list_every_page_that_is_not_narrowed_by_its_whole_address(site: Site) -> None:
    sitemaps = locations(site, "sitemap.xml")
    listed = [
        address for each in sitemaps for address in locations(site, each.removeprefix(PUBLISHED))
    ]

    others = {MISSING, "search.html"}
    pages = {name for name in site.pages if "=" not in name} - others
    assert sorted(listed) == sorted(f"{PUBLISHED}{name}" for name in pages)
    assert text_of(site, "robots.txt").endswith(f"Sitemap: {PUBLISHED}sitemap.xml\n")


def test_the_search_is_described_for_browsers(site: Site) -> None:
    assert f'template="{PUBLISHED}search.html?q={{searchTerms}}"' in text_of(site, "opensearch.xml")
    assert '<link rel="search"' in text_of(site, "action/orders/CreateOrder.html")


def test_without_a_base_url_there_is_nothing_that_takes_whole_addresses(chosen: Site) -> None:
    assert {name for name in chosen.files if name.endswith(".xml")} == set()
    assert text_of(chosen, "robots.txt") == "User-agent: *\nDisallow:\n"
    assert 'rel="search"' not in text_of(chosen, "index.html")


def test_the_page_of_missing_addresses_works_at_any_of_them(site: Site, chosen: Site) -> None:
    assert 'src="/iam/static/search-static.js?' in text_of(site, MISSING)
    assert 'src="/static/search-static.js?' in text_of(chosen, MISSING)


def test_a_file_that_pages_load_has_the_mark_of_its_text_in_the_address(site: Site) -> None:
    page = text_of(site, "index.html")
    for name in ("site.css", "site.js", "search-static.js"):
        mark = hashlib.sha256((site.folder / "static" / name).read_bytes()).hexdigest()[:12]
        assert f'"static/{name}?{mark}"' in page
    index = b"".join(
        (site.folder / "static" / name).read_bytes() for name in ("names.js", "descriptions.js")
    )
    assert f'data-index="{hashlib.sha256(index).hexdigest()[:12]}"' in page
