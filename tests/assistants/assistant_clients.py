"""Clients of the SDK, in this process and of others, for the tests of what assistants get."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult

from iam_catalog.assistants.live import LiveCatalog
from iam_catalog.assistants.server import make_server

PROGRAM = str(Path(sys.executable).parent / "iam-catalog")


@contextmanager
def open_live(path: str) -> Iterator[LiveCatalog]:
    live = LiveCatalog(lambda: path)
    try:
        yield live
    finally:
        live.close()


@cache
def server_of(path: str) -> MCPServer:
    """A server in this process, made once for each catalog, because that takes a while."""
    return make_server(LiveCatalog(lambda: path))


@asynccontextmanager
async def client_of(path: str) -> AsyncIterator[Client]:
    """A client of a server in this process."""
    async with Client(server_of(path)) as client:
        yield client


async def ask(path: str, tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer of a tool, which is the same as structure and as text."""
    result = await raw(path, tool, **arguments)
    assert result.structured_content is not None, result.content
    return result.structured_content


async def raw(path: str, tool: str, **arguments: Any) -> CallToolResult:
    async with client_of(path) as client:
        return await client.call_tool(tool, arguments)


@asynccontextmanager
async def stdio_client_of(path: str, log: Path) -> AsyncIterator[Client]:
    """A client of `iam-catalog mcp` on standard input and output; *log* gets standard error."""
    parameters = StdioServerParameters(command=PROGRAM, args=["mcp", "--database", path])
    with log.open("w", encoding="utf-8") as errors:
        async with Client(stdio_client(parameters, errlog=errors)) as client:
            yield client


@contextmanager
def http_server(path: str, *options: str) -> Iterator[str]:
    """`iam-catalog mcp --http` on a free port; gives its address."""
    process = subprocess.Popen(
        [PROGRAM, "mcp", "--http", "--port", "0", "--database", path, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        yield process.stderr.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=60)
