"""HTTP/2, which AWS's servers speak: many requests on one connection, and what can befall them.

Without TLS, so with prior knowledge of the protocol; all else is as it is against AWS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import pytest
from fetch_server import DOCS, KEYS, FakeTime
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RequestReceived

from scraper.fetch.addresses import MARKDOWN, Site
from scraper.fetch.errors import FetchError
from scraper.fetch.http import Answer, HttpGetter, Known, Limits

TEXT = b"# A page\n" * 200
LIMITS = Limits(read=5.0)
Found = TypeVar("Found")


@dataclass
class Server:
    """Answers every address with the same text, or misbehaves."""

    faults: list[Callable[[Talk, int], None]] = field(default_factory=list)
    """What to do with the next requests, one each."""
    per_connection: int = 1000
    """Requests after which it says goodbye."""
    connections: int = 0
    requests: list[dict[str, str]] = field(default_factory=list)


class Talk(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self.server = server
        self.answered = 0
        # The faults break rules that h2 would keep for its user.
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.server.connections += 1
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            if isinstance(event, RequestReceived) and not self.transport.is_closing():
                self.answer(event.stream_id, dict(event.headers))
        self.flush()

    def answer(self, stream: int, headers: dict[str, str]) -> None:
        self.server.requests.append(headers)
        if self.server.faults:
            self.server.faults.pop(0)(self, stream)
        elif self.answered >= self.server.per_connection:
            self.h2.close_connection(last_stream_id=stream - 2)
            self.flush()
            self.transport.close()
        elif headers.get("if-none-match") == '"1"':
            self.send(stream, b"", (":status", "304"), ("etag", '"1"'))
        else:
            self.send(stream, TEXT, (":status", "200"), ("content-type", "text/markdown"))

    def send(self, stream: int, text: bytes, *headers: tuple[str, str]) -> None:
        self.answered += 1
        self.h2.send_headers(stream, headers)
        self.h2.send_data(stream, text, end_stream=True)

    def flush(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self.h2.data_to_send())


def reset(talk: Talk, stream: int) -> None:
    talk.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)


def too_short(talk: Talk, stream: int) -> None:
    """Less than was announced."""
    talk.send(stream, TEXT[:100], (":status", "200"), ("content-length", str(len(TEXT))))


def hang_up(talk: Talk, stream: int) -> None:
    """Half of the text, and the connection ends."""
    talk.h2.send_headers(stream, [(":status", "200"), ("content-type", "text/markdown")])
    talk.h2.send_data(stream, TEXT[:100])
    talk.flush()
    talk.transport.close()


def nonsense(talk: Talk, stream: int) -> None:  # noqa: ARG001
    talk.transport.write(b"\x00\x00\x05\x01\x05\x00\x00\x00\x09wrong")


async def ask(server: Server, question: Callable[[HttpGetter, str], Awaitable[Found]]) -> Found:
    """What *question* gives, with a getter and the address of the server."""
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Talk(server), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    site = Site(f"{address}{DOCS}", f"{address}{KEYS}", f"{address}/")
    try:
        async with httpx.AsyncClient(http1=False, http2=True, timeout=LIMITS.read) as client:
            return await question(HttpGetter(client, site, LIMITS, FakeTime().timing), address)
    finally:
        listener.close()


async def get_many(server: Server, count: int) -> list[bytes | None]:
    """The texts of as many addresses, asked for at once."""

    async def question(getter: HttpGetter, address: str) -> list[Answer]:
        urls = [f"{address}{DOCS}list_{number}.md" for number in range(count)]
        return await asyncio.gather(*(getter.get(url, MARKDOWN) for url in urls))

    return [answer.content for answer in await ask(server, question)]


async def test_many_texts_come_over_one_connection():
    server = Server()

    assert await get_many(server, 20) == [TEXT] * 20

    assert (server.connections, len(server.requests)) == (1, 20)


async def test_a_server_that_says_goodbye_is_asked_anew():
    server = Server(per_connection=5)

    assert await get_many(server, 8) == [TEXT] * 8

    assert server.connections > 1


@pytest.mark.parametrize("fault", [reset, too_short, hang_up, nonsense])
async def test_a_text_that_came_to_grief_is_asked_for_again(fault):
    server = Server([fault])

    assert await get_many(server, 1) == [TEXT]

    assert len(server.requests) == 2


@pytest.mark.parametrize("fault", [reset, too_short, hang_up, nonsense])
async def test_what_never_comes_whole_is_unreachable(fault):
    server = Server([fault] * LIMITS.attempts)

    with pytest.raises(FetchError, match=r"unreachable: .*; 5 attempts failed"):
        await get_many(server, 1)


async def test_what_has_not_changed_is_not_sent_again(tmp_path):
    server = Server()

    async def question(getter: HttpGetter, address: str) -> Answer:
        known = Known(tmp_path, "", '"1"', None)
        return await getter.get(f"{address}{DOCS}list_store.md", MARKDOWN, known)

    answer = await ask(server, question)

    assert (answer.status, answer.content, answer.headers) == (304, None, {"etag": '"1"'})
