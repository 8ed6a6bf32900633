"""Where the site stands: below another address, with other names, beside others, and with none."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from datasette.app import Datasette
from datasette.plugins import pm
from site_catalog import ADDRESSES, build_site_catalog
from sites import close

from iam_catalog.schema import VERSION

Open = Callable[..., Datasette]
ADDRESS = re.compile(r'\s(?:href|src|action|formaction|data-suggest|xlink:href)="([^"]*)"')


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(build_site_catalog(tmp_path_factory.mktemp("site")))


@pytest.fixture
def open_site() -> Iterator[Open]:
    """Opens a Datasette as `datasette -i FILE …` does."""
    sites: list[Datasette] = []

    def open_site(files: Sequence[Path], **settings: Any) -> Datasette:
        sites.append(Datasette([], immutables=list(map(str, files)), settings=settings))
        return sites[-1]

    yield open_site
    for site in sites:
        for database in site.databases.values():
            database.close()
        close(site)


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a copy of the catalog with that name."""

    def copied(name: str) -> Path:
        return Path(shutil.copy(built, tmp_path / name))

    return copied


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A database that is not a catalog, with a table whose rows have addresses like our pages."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table things (id integer primary key)")
        connection.execute('create table "-" (id integer primary key)')
        connection.execute('insert into "-" values (1)')
    return path


def addresses(text: str, page: str) -> set[str]:
    """What a page links, loads and sends forms to, on this site."""
    found = {urljoin(page, unescape(each)) for each in ADDRESS.findall(text)}
    return {urldefrag(each).url for each in found if not urlsplit(each).scheme}


async def ask(site: Datasette, address: str) -> Any:
    """The answer to an address as it stands on a page: the client puts base_url before it."""
    base = site.setting("base_url")
    assert address.startswith(base)
    return await site.client.get(f"/{address.removeprefix(base)}")


async def status(site: Datasette, address: str) -> int:
    return int((await ask(site, address)).status_code)


@pytest.mark.parametrize(
    ("base", "name"), [("/", "catalog.db"), ("/aws/iam/", "my catalogs, v1.2.db")]
)
async def test_every_address_on_every_page_is_one_of_the_site_and_answers(
    open_site: Open, copied: Callable[[str], Path], base: str, name: str
) -> None:
    site = open_site([copied(name)], base_url=base)
    home = (await site.client.get("/")).text
    start = re.search(r'class="brand" href="([^"]*)"', home)
    assert start

    pages = [base, *(f"{start[1]}{each}" for each in ADDRESSES)]
    found: dict[str, str] = {}
    for page in pages:
        found |= dict.fromkeys(addresses((await ask(site, page)).text, page), page)

    assert {each for each in found if not each.startswith(base)} == set()
    wrong = {(await status(site, each), each, found[each]) for each in sorted(found)}
    assert {each for each in wrong if each[0] not in (200, 302)} == set()


@pytest.mark.parametrize("base", ["/", "/aws/"])
async def test_an_address_that_is_no_page_says_so_as_the_site_does(
    open_site: Open, built: Path, base: str
) -> None:
    site = open_site([built], base_url=base)

    for path in ("nothing", "service", "nothing/at/all", "tools/nothing"):
        response = await site.client.get(f"/catalog/-/{path}")
        assert (response.status_code, f"No page &#39;{path}&#39;" in response.text) == (404, True)
    assert (await site.client.get("/catalog/-/nothing.json")).json() == {
        "error": "No page 'nothing.json' on this site: search for what it was about.",
        "suggestions": [],
    }


@pytest.mark.parametrize("base", ["/", "/aws/"])
async def test_a_slash_too_many_leads_to_the_page(open_site: Open, built: Path, base: str) -> None:
    site = open_site([built], base_url=base)

    response = await site.client.get("/catalog/-/search/?q=order")

    assert (response.status_code, response.headers["location"]) == (
        301,
        f"{base}catalog/-/search?q=order",
    )


async def test_the_start_of_a_site_with_one_catalog_is_its_home(
    open_site: Open, built: Path, other: Path
) -> None:
    site = open_site([built, other])

    start = await site.client.get("/")
    home = await site.client.get("/catalog/-/")

    assert (start.status_code, start.text) == (200, home.text)


async def test_the_start_of_a_site_with_several_catalogs_lists_them(
    open_site: Open, copied: Callable[[str], Path], other: Path
) -> None:
    site = open_site([copied("spring.db"), other, copied("autumn.db")], base_url="/aws/")

    text = (await site.client.get("/")).text

    assert re.findall(r'<li><a href="(/aws/[^"]*)">', text)[-2:] == [
        "/aws/spring/-/",
        "/aws/autumn/-/",
    ]


async def test_each_catalog_of_several_answers_from_its_own_facts(
    open_site: Open, copied: Callable[[str], Path]
) -> None:
    spring, autumn = copied("spring.db"), copied("autumn.db")
    with closing(sqlite3.connect(autumn)) as connection, connection:
        connection.execute("update actions set description = 'It is autumn.'")
    site = open_site([spring, autumn])

    found = []
    for _ in range(2):  # the second time from what is kept
        for name in ("spring", "autumn"):
            text = (await site.client.get(f"/{name}/-/service/orders")).text
            found.append(("It is autumn." in text, f"/{name}/-/services" in text))

    assert found == [(False, True), (True, True)] * 2


@pytest.mark.parametrize("base", ["/", "/under/here/"])
async def test_a_database_that_is_no_catalog_keeps_its_rows_beside_one(
    open_site: Open, built: Path, other: Path, base: str
) -> None:
    site = open_site([built, other], base_url=base)

    row = await site.client.get("/other/-/1.json")
    search = await site.client.get("/other/-/search")

    assert (row.status_code, row.json()["rows"]) == (200, [[1]])
    assert (search.status_code, "IAM catalog" in search.text) == (404, False)


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/", 200),
        ("/other", 200),
        ("/other/things", 200),
        ("/other/-/1", 200),
        ("/-/databases", 200),
        ("/other/-/", 302),
        ("/other/-/services", 404),
        ("/other/-/tools/check", 404),
        ("/nothing/-/go", 404),
        ("/-/nothing", 404),
    ],
)
async def test_a_datasette_without_a_catalog_is_not_disturbed(
    open_site: Open, other: Path, path: str, answers: int
) -> None:
    disturbed = await open_site([other]).client.get(path)
    with without_plugin():
        alone = await open_site([other]).client.get(path)

    assert (disturbed.status_code, untimed(disturbed)) == (alone.status_code, untimed(alone))
    assert disturbed.headers == alone.headers
    assert alone.status_code == answers


def untimed(response: Any) -> str:
    """A page without what Datasette says of the time that it took."""
    return re.sub(r"[\d.]+ms", "", response.text)


@contextmanager
def without_plugin() -> Iterator[None]:
    plugin = pm.unregister(name="iam_catalog")
    try:
        yield
    finally:
        pm.register(plugin, name="iam_catalog")


def outdated(path: Path, version: int) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"pragma user_version = {version}")
    return path


@pytest.mark.parametrize("path", ["/", "/catalog/-/", "/catalog/-/service/orders"])
@pytest.mark.parametrize("version", [VERSION - 1, VERSION + 1])
async def test_a_catalog_of_another_schema_gives_a_page_that_says_what_to_do(
    open_site: Open, copied: Callable[[str], Path], path: str, version: int
) -> None:
    site = open_site([outdated(copied("catalog.db"), version)])

    response = await site.client.get(path)

    assert response.status_code == 503
    assert f"of schema version {version}, where this site reads version {VERSION}" in response.text
    assert "Build it anew with: python -m scraper build" in response.text
    assert str(copied) not in response.text


async def test_a_catalog_of_another_schema_says_so_to_programs(
    open_site: Open, copied: Callable[[str], Path]
) -> None:
    site = open_site([outdated(copied("catalog.db"), VERSION + 1)])

    response = await site.client.get("/catalog/-/services.json")

    assert (response.status_code, sorted(response.json())) == (503, ["error", "suggestions"])


async def test_a_catalog_of_another_schema_leaves_its_neighbours_alone(
    open_site: Open, copied: Callable[[str], Path]
) -> None:
    site = open_site([copied("good.db"), outdated(copied("old.db"), VERSION + 1)])

    answers = [await status(site, f"/{name}/-/services") for name in ("good", "old")]

    assert answers == [200, 503]


async def test_a_catalog_whose_file_is_gone_gives_a_page(
    open_site: Open, copied: Callable[[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    path = copied("catalog.db")
    site = open_site([path])
    assert await status(site, "/catalog/-/services") == 200
    site.get_database("catalog").close()
    path.unlink()

    response = await site.client.get("/catalog/-/services")

    assert (response.status_code, "The catalog cannot be read." in response.text) == (503, True)
    assert capfd.readouterr() == ("", "")
