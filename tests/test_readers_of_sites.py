"""No page of a site is disturbed, or a mixture, while its catalog is replaced again and again."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextvars import Context
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from datasette.app import Datasette
from replaced_catalog import BOTH, Replaced, build_marked_catalogs, mark_of, read_at_once
from sites import close

from iam_catalog.cli import serve
from iam_catalog.datasette_plugin.live_database import LiveDatabase, one_generation

METADATA = str(Path(__file__).parent.parent / "metadata.json")
BIN = Path(sys.executable).parent
PAGES = [
    "/catalog/actions?_facet=access_level",
    "/catalog/actions/store~3ACreateShelf",
    "/catalog/show?action=store:CreateShelf",
    "/catalog/pages.json",
    "/catalog/condition_key_definitions.csv",
    "/catalog/nothing",
    "/-/iam-catalog.json",
]
SLOW_PAGES = ["/", "/catalog"]
"""Those that count the rows of every table."""


@pytest.fixture(scope="module")
def marked_catalogs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build_marked_catalogs(tmp_path_factory.mktemp("marked"))


@pytest.fixture
def replaced(marked_catalogs: list[Path], tmp_path: Path) -> Replaced:
    return Replaced(tmp_path / "catalog.db", marked_catalogs)


@pytest.fixture
async def site(replaced: Replaced) -> AsyncIterator[Datasette]:
    """A site of the catalog that is replaced."""
    site = serve.make_site(replaced.path, METADATA)
    await site.invoke_startup()
    yield site
    serve.close(site)
    close(site)


async def read_page(site: Datasette, path: str) -> str:
    """The mark of a page."""
    response = await site.client.get(path)
    assert (path, response.status_code) == (path, 404 if path == "/catalog/nothing" else 200)
    return mark_of(response.text)


async def test_pages_of_a_site_are_not_disturbed(site: Datasette, replaced: Replaced) -> None:
    async def read(paths: list[str]) -> set[str]:
        return {await read_page(site, path) for path in paths}

    with replaced.all_the_time():
        found = await asyncio.gather(*[read(PAGES * 8 + SLOW_PAGES) for _ in range(5)])

    assert set.union(*found) == BOTH


@pytest.mark.parametrize("path", PAGES + SLOW_PAGES)
async def test_page_stays_with_its_catalog_when_every_query_is_late(
    site: Datasette, replaced: Replaced, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The catalog is replaced before each query of the page."""
    ask = LiveDatabase.execute_fn

    async def late(self: LiveDatabase, question: Any) -> Any:
        replaced.replace()
        return await ask(self, question)

    await read_page(site, path)
    monkeypatch.setattr(LiveDatabase, "execute_fn", late)

    assert await read_page(site, path) in BOTH
    assert await read_page(site, path) in BOTH


async def test_next_page_shows_the_new_catalog(site: Datasette, replaced: Replaced) -> None:
    found = []
    for path in PAGES:
        found.append(await read_page(site, path))
        replaced.replace()

    assert found == ["Amber", "Cobalt", "Amber", "Cobalt", "Amber", "Cobalt", "Amber"]


async def test_request_inside_a_request_stays_with_its_catalog(
    site: Datasette, replaced: Replaced
) -> None:
    async with one_generation(site):
        outer = await read_page(site, "/catalog/pages.json")
        replaced.replace()
        assert await read_page(site, "/catalog/pages.json") == outer == "Amber"
    assert await read_page(site, "/catalog/pages.json") == "Cobalt"


async def test_query_outside_of_a_request_asks_the_newest_catalog_that_was_shown(
    site: Datasette, replaced: Replaced
) -> None:
    catalog = site.get_database("catalog")
    replaced.replace()
    before = await catalog.execute("select name from services")
    await read_page(site, "/catalog/pages.json")
    after = await catalog.execute("select name from services")

    assert [before.single_value(), after.single_value()] == [
        "Example Store Amber",
        "Example Store Cobalt",
    ]


async def test_task_that_outlives_its_request_asks_the_newest_catalog(
    site: Datasette, replaced: Replaced
) -> None:
    answered = asyncio.Event()

    async def ask_later() -> Any:
        await answered.wait()
        return await site.get_database("catalog").execute("select name from services")

    async with one_generation(site):
        task = asyncio.create_task(ask_later())
        await asyncio.sleep(0)
    replaced.replace()
    await read_page(site, "/catalog/pages.json")
    answered.set()

    assert (await task).single_value() == "Example Store Cobalt"


async def test_catalog_before_is_closed_when_its_last_page_is_done(
    site: Datasette, replaced: Replaced
) -> None:
    catalog = site.get_database("catalog")
    before = catalog.newest()
    async with one_generation(site):
        replaced.replace()
        await asyncio.create_task(read_page(site, "/catalog/pages.json"), context=Context())
        in_use = before.is_closed
    unused = before.is_closed

    assert (in_use, unused, catalog.newest().is_closed) == (False, True, False)


async def test_download_is_the_file_that_the_page_was_asked_of(
    site: Datasette, replaced: Replaced
) -> None:
    amber = Path(replaced.path).read_bytes()
    async with one_generation(site):
        replaced.replace()
        inside = await site.client.get("/catalog.db")
    after = await site.client.get("/catalog.db")

    assert inside.content == amber
    assert after.content == Path(replaced.path).read_bytes() != amber
    for response in (inside, after):
        digest = hashlib.sha256(response.content).hexdigest()
        assert response.headers["etag"] == f'"{digest}"'
        assert response.headers["content-length"] == str(len(response.content))


@pytest.mark.parametrize("how", ["cut off", "no catalog", "of another version", "gone"])
async def test_site_stays_with_its_catalog_where_the_new_one_can_not_be_read(
    site: Datasette, replaced: Replaced, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    def put(content: bytes) -> None:
        beside = Path(f"{replaced.path}.new")
        beside.write_bytes(content)
        beside.replace(replaced.path)

    amber = Path(replaced.path).read_bytes()
    if how == "gone":
        Path(replaced.path).unlink()
    else:
        other_version = amber[:60] + b"\0\0\0\1" + amber[64:]
        put(
            {"cut off": amber[:9000], "no catalog": b"text", "of another version": other_version}[
                how
            ]
        )
    marks = [await read_page(site, path) for path in PAGES]
    talk = capsys.readouterr().err
    replaced.replace()

    assert marks == ["Amber"] * len(PAGES)
    assert talk.count("The catalog was replaced, and the site stays") == (how != "gone")
    assert await read_page(site, PAGES[0]) == "Cobalt"


async def test_site_goes_on_where_a_file_is_replaced_faster_than_it_opens(
    site: Datasette, replaced: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*arguments: Any, **named: Any) -> sqlite3.Connection:
        replaced.replace()
        return connect(*arguments, **named)

    connect = sqlite3.connect
    replaced.replace()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", late)
        mark = await read_page(site, PAGES[0])

    assert mark == "Amber"
    assert await read_page(site, PAGES[0]) in BOTH


@pytest.mark.parametrize("opened", ["files", "immutables"])
async def test_catalog_in_a_plain_datasette_is_not_disturbed_either(
    replaced: Replaced, opened: str
) -> None:
    site = Datasette(**{opened: [replaced.path]}, settings={"num_sql_threads": 2})
    paths = ["/catalog/actions", "/catalog/pages.json", "/catalog/services?_facet=name"]
    await site.invoke_startup()
    with replaced.all_the_time():
        found = [await read_page(site, path) for path in paths * 10]
    marks = []
    for path in paths:
        replaced.replace()
        marks.append(await read_page(site, path))
    site.get_database("catalog").close()
    close(site)

    assert set(found) == BOTH
    assert marks in (["Amber", "Cobalt", "Amber"], ["Cobalt", "Amber", "Cobalt"])


async def test_site_without_threads_is_not_disturbed(replaced: Replaced) -> None:
    site = Datasette(immutables=[replaced.path], settings={"num_sql_threads": 0})
    marks = []
    for _ in range(2):
        marks.append(await read_page(site, "/catalog/actions"))
        replaced.replace()
    site.get_database("catalog").close()

    assert marks == ["Amber", "Cobalt"]


def test_served_site_is_not_disturbed(replaced: Replaced) -> None:
    command = [BIN / "iam-catalog", "serve", "--port", "0", "--database", replaced.path]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            place = urlsplit(process.stdout.readline().strip())

            def read(number: int) -> str:
                path = PAGES[number % len(PAGES)]
                connection = HTTPConnection(str(place.hostname), place.port, timeout=60)
                connection.request("GET", path)
                response = connection.getresponse()
                text = response.read().decode()
                connection.close()
                assert (path, response.status) == (path, 404 if "nothing" in path else 200)
                return mark_of(text)

            with replaced.all_the_time():
                marks = read_at_once(read, 150)
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=60)
        finally:
            process.kill()  # or a failure would wait for the server for ever

    assert (marks, process.returncode, rest) == (BOTH, 0, ("", ""))
