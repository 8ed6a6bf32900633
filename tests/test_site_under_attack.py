"""A served site under requests that nobody means well: no 500, no folder, no gigabytes."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sites import close
from small_catalog import build_small_catalog

from iam_catalog.cli import serve
from iam_catalog.datasette_plugin import security

METADATA = str(Path(__file__).parent.parent / "metadata.json")
REQUESTS = 5_000
PATHS = (
    "/",
    "/catalog",
    "/catalog.json",
    "/catalog/actions",
    "/catalog/actions.json",
    "/catalog/actions.csv",
    "/catalog/actions/store~3AListShelves",
    "/catalog/actions/none",
    "/catalog/nothing",
    "/catalog/actions_fts",
    "/catalog/-/search",
    "/-/databases.json",
    "/-/versions.json",
    "/-/logout",
    "/-/permissions",
    "/-/allow-debug",
    "/~ff~zz",
    "/catalog/a~/%00",
)
NAMES = (
    "_timelimit",
    "_sort",
    "_sort_desc",
    "_size",
    "_next",
    "_facet",
    "_facet_size",
    "_facet_date",
    "_facet_array",
    "_where",
    "_search",
    "_search_x",
    "_col",
    "_nocol",
    "_labels",
    "_shape",
    "_ttl",
    "_trace",
    "_through",
    "_json",
    "_extra",
    "action__exact",
    "action__in",
    "action__arraycontains",
    "rowid__gt",
    "sql",
    "q",
)
VALUES = (
    "x",
    "-1",
    "9" * 30,
    "%00",
    "%ff",
    "{",
    '{"a":',
    "select 1",
    "select randomblob(900000000)",
    "select * from pragma_database_list",
    "action",
    "'",
    "[1]",
    "1.5",
    "",
    "objects",
    "~",
    "\u202e",
)
METHODS = ("GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "X")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    site = serve.make_site(build_small_catalog(tmp_path_factory.mktemp("small")), METADATA)
    yield site
    close(site)


def statuses(site: Any, requests: list[tuple[str, str]]) -> list[tuple[int, str, str]]:
    async def ask() -> list[tuple[int, str, str]]:
        await site.invoke_startup()
        found = []
        for method, url in requests:
            answer = await site.client.request(method, url)
            found.append((answer.status_code, method, url))
        return found

    return asyncio.run(ask())


def fuzzed(number: int) -> list[tuple[str, str]]:
    chance = random.Random(20261127)
    found = []
    for _ in range(number):
        query = "&".join(
            f"{chance.choice(NAMES)}={chance.choice(VALUES)}" for _ in range(chance.randrange(4))
        )
        found.append((chance.choice(METHODS), f"{chance.choice(PATHS)}?{query}"))
    return found


@pytest.mark.slow
# Datasette leaves coroutines behind where it refuses to go on.
@pytest.mark.filterwarnings("ignore")
def test_no_request_is_answered_with_a_fault_of_the_site(site: Any) -> None:
    faults = [each for each in statuses(site, fuzzed(REQUESTS)) if each[0] >= 500]

    assert faults == []


@pytest.mark.parametrize("sql", ["randomblob(900000000)", "zeroblob(900000000)"])
def test_one_value_has_a_bound(site: Any, sql: str) -> None:
    ((status, _, _),) = statuses(site, [("GET", f"/catalog.json?sql=select {sql}")])

    assert status == 400


def test_all_values_of_a_query_have_a_bound() -> None:
    connection = sqlite3.connect(":memory:")
    security.limit_connection(connection)
    many = "with recursive n(i) as (select 1 union all select i + 1 from n limit 5000)"

    with pytest.raises(sqlite3.OperationalError, match="the result has more than 67,108,864 bytes"):
        connection.execute(f"{many} select zeroblob(1000000) from n").fetchall()
    connection.close()


@pytest.mark.parametrize(
    "url",
    [
        "/-/databases.json",
        "/-/databases",
        "/catalog.json?sql=select * from pragma_database_list",
        "/catalog.json?sql=select hex(file) from pragma_database_list()",
        "/catalog.json",
    ],
)
def test_no_folder_of_the_machine_is_shown(site: Any, url: str) -> None:
    async def ask() -> str:
        await site.invoke_startup()
        return str((await site.client.get(url)).text)

    text = asyncio.run(ask())
    folder = str(Path(site.get_database("catalog").path).parent)
    assert folder not in text
    assert folder.encode().hex().upper() not in text


@pytest.mark.parametrize("address", ["/catalog.csv", "/catalog.csv?_dl=1&", "/other.csv"])
def test_csv_of_a_catalog_commands_nothing(site: Any, address: str) -> None:
    """A database beside the catalog is written as Datasette writes it."""
    site.add_memory_database("other")
    sql = "select '=1%2B1' as a, 'x' || char(27) as b, -1 as c, null as d"

    async def ask() -> str:
        await site.invoke_startup()
        mark = "" if "?" in address else "?"
        return str((await site.client.get(f"{address}{mark}sql={sql}")).text)

    text = asyncio.run(ask())
    site.remove_database("other")
    plain = "=1+1,x\x1b,-1,"
    assert text.split("\r\n")[1] == (plain if address == "/other.csv" else "'=1+1,x\\u001b,-1,")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8001", 200),
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("[::1]:8001", 200),
        ("", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:8001", 421),
        ("localhost:x", 421),
    ],
)
def test_a_served_site_answers_to_the_names_of_this_machine(host: str, status: int) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", host.encode())] if host else []
    scope = {"type": "http", "headers": headers}
    asyncio.run(security.local_only(app)(scope, None, send))

    assert sent[0]["status"] == status


def test_a_body_that_never_ends_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(security, "DRAIN_SECONDS", 0.05)

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        while (await receive()).get("more_body"):
            pass

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(security.guarded(app)({"type": "http", "headers": []}, receive, send))

    assert sent[0]["status"] == 408


def test_the_413_is_sent_before_the_rest_of_the_body_is_read_and_the_end_after_it() -> None:
    read = 0

    async def receive() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": read < 60}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append((message["type"], message.get("status"), message.get("more_body"), read))

    declared = [(b"content-length", b"6000000")]
    scope = {"type": "http", "headers": declared}
    asyncio.run(security.guarded(None)(scope, receive, send))  # type: ignore[arg-type]

    assert sent == [
        ("http.response.start", 413, None, 0),
        ("http.response.body", None, True, 0),
        ("http.response.body", None, None, 60),
    ]
