"""Every page of a site says which catalog it shows; a site without a catalog stays as it is."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from sites import close
from small_catalog import build_small_catalog

from iam_catalog.cli import serve
from iam_catalog.facts import about as freshness
from iam_catalog.schema import VERSION

METADATA = str(Path(__file__).parent.parent / "metadata.json")
SAID = (
    "catalog.db (named): as of 2020-03-04, oldest page of AWS 2020-01-02, 2 services, 4 actions; "
    "from 2 pages of AWS"
)
LINE = f'<p class="iam-catalog-freshness"><a href="/-/iam-catalog.json">Catalog</a> {SAID}</p>'
PAGES = {
    "/": 200,
    "/catalog": 200,
    "/catalog/actions": 200,
    "/catalog/service_counts": 200,
    "/catalog/actions?_facet=access_level&_search=shelf": 200,
    "/catalog/actions/store~3ACreateShelf": 200,
    "/catalog/show?action=store:CreateShelf": 200,
    "/catalog?sql=select+1": 200,
    "/catalog?sql=select": 400,
    "/catalog?sql=delete+from+actions": 400,
    "/catalog/nothing": 404,
    "/catalog/actions/nothing": 404,
    "/nothing": 404,
    "/-/permissions": 403,
    "/-/plugins": 200,
    "/-/allow-debug": 200,
}
"""Home, database, table, view, row, query and error pages, with their status."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
async def site(small: str) -> AsyncIterator[Datasette]:
    site = serve.make_site(small, METADATA)
    yield site
    serve.close(site)
    close(site)


async def lines(site: Datasette, path: str, **options: Any) -> list[str]:
    response = await site.client.get(path, **options)
    return re.findall(r'<p class="iam-catalog-freshness">.*?</p>', response.text)


@pytest.mark.parametrize(("path", "status"), PAGES.items())
async def test_page_says_which_catalog_it_shows(site: Datasette, path: str, status: int) -> None:
    response = await site.client.get(path)

    assert response.status_code == status
    assert response.text.partition("<footer")[2].count(SAID) == 1


@pytest.mark.parametrize("path", PAGES)
async def test_page_does_not_tell_where_the_file_is(site: Datasette, small: str, path: str) -> None:
    response = await site.client.get(path)

    assert str(Path(small).parent) not in response.text


async def test_page_says_that_the_date_of_its_catalog_is_after_today(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "today", lambda: date(2020, 3, 1))

    (line,) = await lines(site, "/nothing")

    assert line.endswith(
        f"{SAID}. The facts of this catalog are as of 2020-03-04, 3 days after today (2020-03-01): "
        "the clock of this machine is wrong, or the date of a source.</p>"
    )


async def test_json_says_the_same(site: Datasette) -> None:
    assert (await site.client.get("/-/iam-catalog.json")).json() == {
        "catalogs": [
            {
                "database": "catalog",
                "file": "catalog.db",
                "origin": "named",
                "schema_version": VERSION,
                "as_of": "2020-03-04",
                "dependents_as_of": "2020-03-04",
                "newest_page": "2020-03-04",
                "oldest_page": "2020-01-02",
                "services": 2,
                "actions": 4,
                "resource_types": 3,
                "condition_keys": 3,
                "dependent_actions": 5,
                "pages": 2,
                "datasets": [],
            }
        ]
    }


async def test_address_keeps_the_base_url(small: str) -> None:
    site = Datasette(immutables=[small], settings={"base_url": "/iam/"})

    assert await lines(site, "/nothing") == [LINE.replace('"/-/', '"/iam/-/')]
    serve.close(site)
    close(site)


async def test_plain_datasette_with_a_catalog_says_it_too(small: str) -> None:
    site = Datasette([small])

    assert await lines(site, "/catalog") == await lines(site, "/catalog/nothing") == [LINE]
    serve.close(site)
    close(site)


async def test_catalog_that_is_added_later_is_said_too(small: str, tmp_path: Path) -> None:
    site = Datasette([other_database(tmp_path)])
    before = await lines(site, "/other")
    site.add_database(site.databases["other"].__class__(site, path=small, is_mutable=False))

    assert (before, await lines(site, "/other")) == ([], [LINE])
    serve.close(site)
    close(site)


async def test_each_of_several_catalogs_has_a_line(small: str, tmp_path: Path) -> None:
    second = str(tmp_path / "<b> ü.db")
    shutil.copy(small, second)
    site = Datasette(immutables=[small, second])

    found = await lines(site, "/catalog")

    assert found == [LINE, LINE.replace("catalog.db", "&lt;b&gt; ü.db")]
    serve.close(site)
    close(site)


async def test_catalog_of_another_version_says_so(small: str, tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    shutil.copy(small, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 1")
    site = Datasette([str(path)])

    problem = f"of schema version 1, where this site reads version {VERSION}"

    (line,) = await lines(site, "/catalog")
    assert line.endswith(f"</a> catalog.db (named): {problem}</p>")
    (fact,) = (await site.client.get("/-/iam-catalog.json")).json()["catalogs"]
    assert fact["problem"] == problem
    serve.close(site)
    close(site)


async def test_catalog_that_can_not_be_opened_says_so(small: str, tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    shutil.copy(small, path)
    site = Datasette([str(path)])
    await site.invoke_startup()
    path.unlink()

    response = await site.client.get("/nothing")
    facts = await site.client.get("/-/iam-catalog.json")

    assert response.status_code == 500
    assert "Catalog</a> catalog.db (named): cannot be opened</p>" in response.text
    assert str(tmp_path) not in response.text
    assert facts.json() == {
        "catalogs": [
            {
                "database": "catalog",
                "file": "catalog.db",
                "origin": "named",
                "problem": "cannot be opened",
            }
        ]
    }
    close(site)


async def test_catalog_that_is_private_is_said_to_those_who_may_see_it(small: str) -> None:
    metadata = {"databases": {"catalog": {"allow": {"id": "root"}}}}
    site = Datasette(immutables=[small], metadata=metadata)
    cookies = {"ds_actor": site.sign({"a": {"id": "root"}}, "actor")}

    assert await lines(site, "/-/plugins") == await lines(site, "/nothing") == []
    assert (await site.client.get("/-/iam-catalog.json")).status_code == 404
    assert await lines(site, "/-/plugins", cookies=cookies) == [LINE]
    assert (await site.client.get("/-/iam-catalog.json", cookies=cookies)).status_code == 200
    serve.close(site)
    close(site)


def other_database(folder: Path) -> str:
    path = folder / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table items (id integer primary key, action text)")
        connection.execute("insert into items (action) values ('connect:CreateInstance')")
    return str(path)


@pytest.mark.parametrize(
    "path", ["/", "/other", "/other/items", "/other/items/1", "/other/nothing", "/-/plugins"]
)
@pytest.mark.parametrize("opened", ["files", "immutables"])
async def test_site_without_a_catalog_stays_as_it_is(
    tmp_path: Path, opened: str, path: str
) -> None:
    """Its footer is, to the letter, the one that Datasette's own template gives."""
    site = Datasette(**{opened: [other_database(tmp_path)]})
    await site.invoke_startup()
    own = await site.client.get(path)
    plain = site.jinja_env.get_template("default:_footer.html")
    wanted = site.jinja_env.get_template("_footer.html")

    assert await wanted.render_async(request=None) == await plain.render_async(request=None)
    assert "iam-catalog-freshness" not in own.text
    assert type(site.get_database("other")).__module__ == "datasette.database"
    close(site)


async def test_site_without_a_catalog_downloads_as_before(tmp_path: Path) -> None:
    path = other_database(tmp_path)
    site = Datasette(immutables=[path])

    response = await site.client.get("/other.db")

    assert response.content == Path(path).read_bytes()
    assert (await site.client.get("/-/iam-catalog.json")).status_code == 404
    assert (await site.client.get("/nothing.db")).status_code == 404
    close(site)


async def test_download_that_the_reader_has_is_not_sent_again(site: Datasette) -> None:
    first = await site.client.get("/catalog.db")
    again = await site.client.get("/catalog.db", headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-disposition"] == "attachment; filename*=UTF-8''catalog.db"
    assert (again.status_code, again.content) == (304, b"")
