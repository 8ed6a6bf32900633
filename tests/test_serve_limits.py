"""A served site on a real socket: slow clients, many clients, and bodies that are too large."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from typing import Any

import pytest

from iam_catalog.cli import serve
from iam_catalog.datasette_plugin.security import LONGEST_BODY, guarded, local_only

Connect = Callable[[], socket.socket]
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read a body, and answer with its size."""
    if scope["type"] == "lifespan":
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    text = str(size).encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Serve the application to four connections at once, and open some."""
    monkeypatch.setattr(serve, "MOST_CONNECTIONS", 4)
    opened: list[socket.socket] = []
    server = serve.make_server(local_only(guarded(app)))
    with serve.listen(0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()

        def connection() -> socket.socket:
            opened.append(socket.create_connection(listener.getsockname(), timeout=20))
            return opened[-1]

        yield connection
        for each in opened:
            each.close()
        server.should_exit = True
        thread.join()


def answer(connection: socket.socket) -> bytes:
    return connection.recv(65536)


def status(connection: socket.socket) -> int:
    """Read a whole response; a further one may follow."""
    response = HTTPResponse(connection)
    response.begin()
    response.read()
    return response.status


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "HEADER_SECONDS", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"", b"GET / HT", REQUEST[:-2]])
def test_a_request_whose_headers_do_not_come_is_given_up(connect: Connect, sent: bytes) -> None:
    connection = connect()
    connection.sendall(sent)

    assert answer(connection) == b""


@pytest.mark.usefixtures("impatient")
def test_headers_that_drip_are_given_up(connect: Connect) -> None:
    connection = connect()
    pause = threading.Event()

    def drip() -> None:
        for letter in b"GET /" + b"a" * 200:
            connection.sendall(bytes([letter]))
            pause.wait(0.05)

    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        drip()


def test_a_connection_is_kept_for_a_further_request(connect: Connect) -> None:
    connection = connect()
    found = []
    for _ in range(3):
        connection.sendall(REQUEST)
        found.append(status(connection))

    assert found == [200, 200, 200]


def test_more_connections_than_that_are_turned_away(connect: Connect) -> None:
    held = [connect() for _ in range(4)]
    for each in held:
        each.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n")
    last = connect()
    last.sendall(REQUEST)

    assert status(last) == 503


@pytest.mark.parametrize("is_declared", [True, False])
def test_a_client_sees_the_413_of_a_body_that_is_too_large(
    connect: Connect, is_declared: bool
) -> None:
    connection = connect()
    chunk = b"x" * 65536
    number = LONGEST_BODY // len(chunk) + 8
    length = (
        f"Content-Length: {number * len(chunk)}" if is_declared else "Transfer-Encoding: chunked"
    )
    connection.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n".encode())
    for _ in range(number):
        framed = chunk if is_declared else b"10000\r\n" + chunk + b"\r\n"
        connection.sendall(framed)

    assert status(connection) == 413


def test_a_client_of_another_name_is_refused(connect: Connect) -> None:
    connection = connect()
    connection.sendall(REQUEST.replace(b"localhost", b"evil.example"))

    assert status(connection) == 421
