"""Nobody who reads is disturbed while the catalog is replaced, again and again.

Two catalogs are marked in all that they say. An answer that has the marks of both would be a
mixture, and one that has none would say nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from dataclasses import asdict
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from sites import close
from small_catalog import STORE

import iam_catalog
from iam_catalog import Catalog, CatalogError, api, database, serve
from iam_catalog.cli import cli
from iam_catalog.datasette_plugin.live_database import LiveDatabase, one_generation
from scraper.cli import cli as scraper_cli

# Datasette asks for SQLite's version on connections that it does not close: Python 3.13 warns.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")

METADATA = str(Path(__file__).parent.parent / "metadata.json")
BIN = Path(sys.executable).parent
MARKS = re.compile(r"Amber|Cobalt|2020-03-04|2021-03-04|\b[45] actions\b")
MEANS = {"2020-03-04": "Amber", "2021-03-04": "Cobalt", "4 actions": "Amber", "5 actions": "Cobalt"}
LAST_ROW = "|   TagShelf  |"
ONE_MORE = "|   SealShelf  | Seals a shelf, Cobalt\\. | Write |  |  |  |\n"

PAUSE = 0.02
"""Seconds between replacements: without any, the readers wait for the one who copies files."""

QUESTIONS: list[Callable[[Any], Any]] = [
    lambda asked: asked.action("store:CreateShelf"),
    lambda asked: asked.services(),
    lambda asked: asked.resource_types("store"),
    lambda asked: asked.condition_keys(),
    lambda asked: asked.search("shelf"),
]
"""Each takes several SELECTs, but for the condition keys."""

COMMANDS = [
    ["show", "store:CreateShelf"],
    ["services"],
    ["resource-types", "store"],
    ["condition-keys", "--format", "csv"],
    ["search", "shelf", "--format", "table"],
]
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


def marked(mark: str) -> str:
    """The page of the store with *mark* in every name and text that can have it."""
    text = re.sub(r"(?<=[a-z])\\\. \|", f", {mark}\\\\. |", STORE)
    text = re.sub(r"\b(shelf|box)(?=\\\*| \]|  \|)", rf"\g<1>{mark}", text)
    text = text.replace("store:Colour", f"store:Colour{mark}")
    text = re.sub(r"iam:(\w+)", rf"iam:\g<1>{mark}", text)
    text = re.sub(r"(?<=Example Store)", f" {mark}", text)
    return text if mark == "Amber" else text.replace(LAST_ROW, ONE_MORE + LAST_ROW)


@pytest.fixture(scope="module")
def marked_catalogs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The catalog of 2020, which is amber, and that of 2021, which is cobalt."""
    found = []
    for date, mark in (("2020-03-04", "Amber"), ("2021-03-04", "Cobalt")):
        folder = tmp_path_factory.mktemp(mark) / date
        folder.mkdir()
        (folder / "list_store.md").write_text(marked(mark), encoding="utf-8")
        output = folder.parent / "catalog.db"
        line = ["build", "--data", str(folder), "--output", str(output)]
        result = CliRunner().invoke(scraper_cli, line)
        assert result.exit_code == 0, result.output
        found.append(output)
    return found


@pytest.fixture
async def site(replaced: Replaced) -> AsyncIterator[Datasette]:
    """A site of the catalog that is replaced."""
    site = serve.make_site(replaced.path, METADATA)
    await site.invoke_startup()
    yield site
    serve.close(site)
    close(site)


@pytest.fixture
def replaced(marked_catalogs: list[Path], tmp_path: Path) -> Replaced:
    return Replaced(tmp_path / "catalog.db", marked_catalogs)


class Replaced:
    """A catalog that another one takes the place of, as a build does it: by renaming."""

    def __init__(self, path: Path, catalogs: list[Path]) -> None:
        self.path = str(path)
        self.times = 0
        self._catalogs = catalogs
        self.replace()

    def replace(self) -> None:
        beside = Path(f"{self.path}.new")
        shutil.copyfile(self._catalogs[self.times % 2], beside)
        beside.replace(self.path)
        self.times += 1

    @contextmanager
    def all_the_time(self) -> Iterator[None]:
        """Replace it over and over while the block runs."""
        ended = threading.Event()
        started = self.times

        def work() -> None:
            while not ended.wait(PAUSE):
                self.replace()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        assert self.times > started + 10


def mark_of(text: str) -> str:
    """The one mark of an answer."""
    marks = {MEANS.get(found, found) for found in MARKS.findall(text)}
    assert len(marks) == 1, f"{sorted(marks)} in {text[:2000]}"
    return marks.pop()


def written(answer: Any) -> str:
    records = answer if isinstance(answer, list) else [answer]
    return json.dumps([asdict(record) for record in records])


def read_at_once(read: Callable[[int], str], reads: int, threads: int = 3) -> set[str]:
    """The marks that *read* found, called with a number that goes up."""
    with ThreadPoolExecutor(threads) as pool:
        return set(pool.map(read, range(reads)))


BOTH = {"Amber", "Cobalt"}


def test_one_call_forms_are_not_disturbed(
    replaced: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(database.ENVIRONMENT, replaced.path)

    def read(number: int) -> str:
        return mark_of(written(QUESTIONS[number % len(QUESTIONS)](iam_catalog)))

    with replaced.all_the_time():
        assert read_at_once(read, 1000) == BOTH


def test_catalog_that_stays_open_answers_from_the_file_that_it_opened(replaced: Replaced) -> None:
    with Catalog(replaced.path) as catalog, replaced.all_the_time():
        marks = read_at_once(lambda number: mark_of(written(QUESTIONS[number % 5](catalog))), 1000)

    assert marks == {"Amber"}


def test_catalogs_that_are_opened_meanwhile_are_whole(replaced: Replaced) -> None:
    def read(number: int) -> str:
        with Catalog(replaced.path, as_of=None if number % 10 else "2021-12-31") as catalog:
            return mark_of("".join(written(question(catalog)) for question in QUESTIONS))

    with replaced.all_the_time():
        assert read_at_once(read, 200) == BOTH


def test_one_call_forms_notice_a_replacement_while_they_open_the_file(
    replaced: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at and what was opened are two files then."""
    monkeypatch.setenv(database.ENVIRONMENT, replaced.path)

    def late(path: str) -> Catalog:
        replaced.replace()
        return Catalog(path)

    with monkeypatch.context() as patched:
        patched.setattr(api, "Catalog", late)
        replaced.replace()
        assert iam_catalog.services()[0].name == "Example Store Amber"
    replaced.replace()
    assert iam_catalog.services()[0].name == "Example Store Cobalt"


def test_a_file_that_is_gone_between_two_looks_is_a_catalog_error(
    replaced: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(database.ENVIRONMENT, replaced.path)
    monkeypatch.setattr(database.os.path, "exists", lambda _: True)
    Path(replaced.path).unlink()

    with pytest.raises(CatalogError) as caught:
        iam_catalog.services()

    assert str(caught.value).startswith(f"{replaced.path!r} is not a catalog: unable to open")


def test_command_line_is_not_disturbed(replaced: Replaced) -> None:
    def read(number: int) -> str:
        line = [*COMMANDS[number % len(COMMANDS)], "--database", replaced.path]
        result = CliRunner().invoke(cli, line)
        assert (result.exit_code, result.stderr) == (0, "")
        return mark_of(result.stdout)

    with replaced.all_the_time():
        assert read_at_once(read, 300, threads=1) == BOTH


def test_processes_of_the_command_line_are_not_disturbed(replaced: Replaced) -> None:
    def read(number: int) -> str:
        line = [BIN / "iam-catalog", *COMMANDS[number % len(COMMANDS)]]
        done = subprocess.run(
            [*line, "--database", replaced.path], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return mark_of(done.stdout)

    with replaced.all_the_time():
        assert read_at_once(read, 30) == BOTH


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
