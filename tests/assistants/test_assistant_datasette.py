"""In a Datasette with datasette-mcp, the same tools answer from its catalog."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from assistant_clients import ask, client_of
from datasette.app import Datasette
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from replaced_catalog import build_marked_catalogs
from sites import close
from small_catalog import build_small_catalog

from iam_catalog.assistants.live import LiveCatalog
from iam_catalog.assistants.server import add_tools
from iam_catalog.assistants.tools import TOOLS

datasette_mcp = pytest.importorskip("datasette_mcp")

HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


class Talk:
    """A session with a site."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def result(self, method: str, **params: Any) -> dict[str, Any]:
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        response = await self._client.post("/-/mcp", json=message)
        self._client.headers.update(
            {name: value for name, value in response.headers.items() if name == "mcp-session-id"}
        )
        found: dict[str, Any] = response.json()["result"]
        return found

    async def names(self) -> list[str]:
        return [each["name"] for each in (await self.result("tools/list"))["tools"]]

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await self.result("tools/call", name=tool, arguments=arguments)


@asynccontextmanager
async def talk_with(paths: list[str], **settings: Any) -> AsyncIterator[Talk]:
    site = Datasette(paths, **settings)
    await site.invoke_startup()
    transport = httpx.ASGITransport(app=site.app())
    try:
        async with (
            datasette_mcp._get_state(site).server.session_manager.run(),
            httpx.AsyncClient(
                transport=transport, base_url="http://localhost", headers=HEADERS
            ) as client,
        ):
            talk = Talk(client)
            await talk.result("initialize", **INITIALIZE)
            yield talk
    finally:
        close(site)


async def test_a_site_with_a_catalog_has_the_tools_beside_others(small: str) -> None:
    async with talk_with([small]) as talk:
        names = await talk.names()

    assert [name for name in names if name in TOOLS] == list(TOOLS)
    assert "execute_sql" in names


async def test_its_definitions_are_those_of_the_server(small: str) -> None:
    async with client_of(small) as client:
        expected = (await client.list_tools()).tools
    async with talk_with([small]) as talk:
        found = (await talk.result("tools/list"))["tools"]

    assert [each for each in found if each["name"] in TOOLS] == [
        each.model_dump(by_alias=True, exclude_none=True) for each in expected
    ]


async def test_a_tool_of_another_plugin_stays_as_it_is() -> None:
    def search(words: str) -> str:
        """Search elsewhere."""
        return words

    server = MCPServer("other")
    server.add_tool(search)
    (before,) = await server.list_tools()

    add_tools(server, admit_none)

    after = {each.name: each for each in await server.list_tools()}
    assert after["search"] == before
    assert set(after) == set(TOOLS)


async def admit_none(_: Any) -> LiveCatalog:
    raise ToolError("nobody")


async def test_a_site_without_a_catalog_has_none_of_them(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("create table search (text)")
    connection.close()
    async with talk_with([str(other)]) as talk:
        assert set(TOOLS) & set(await talk.names()) == set()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("action", {"name": "store:CreateShelf"}),
        ("action", {"name": "store:CreateShelfs"}),
        ("action", {}),
        ("action", {"name": "store:CreateShelf", "as_of": "2019-01-01"}),
        ("search", {"text": 5}),
        ("search", {"text": "shelf", "limitt": 5}),
        ("check_policy", {"policy": '{"Statement": []}'}),
    ],
)
async def test_it_answers_what_the_server_answers(
    small: str, name: str, arguments: dict[str, Any]
) -> None:
    async with talk_with([small]) as talk:
        result = await talk.call(name, **arguments)

    assert result["structuredContent"] == await ask(small, name, **arguments)
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


async def test_who_may_not_see_the_catalog_gets_no_answer(small: str) -> None:
    metadata = {"databases": {"catalog": {"allow": False}}}
    async with talk_with([small], metadata=metadata) as talk:
        result = await talk.call("action", name="store:CreateShelf")

    assert result["isError"] is True
    assert "structuredContent" not in result
    assert "This site has no catalog that you may see." in result["content"][0]["text"]


async def test_a_replaced_catalog_is_taken_up(tmp_path: Path) -> None:
    old, new = build_marked_catalogs(tmp_path)
    async with talk_with([str(old)]) as talk:
        before = await talk.call("search", text="shelf")
        new.replace(old)
        after = await talk.call("search", text="shelf")

    dates = [each["structuredContent"]["catalog"]["as_of"] for each in (before, after)]
    assert dates == ["2020-03-04", "2021-03-04"]
