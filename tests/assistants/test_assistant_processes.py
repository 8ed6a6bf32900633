"""`iam-catalog mcp` as assistants start it: on standard input and output, and over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from assistant_clients import PROGRAM, ask, http_server, stdio_client_of
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from small_catalog import build_small_catalog

from iam_catalog.assistants.server import LONGEST_BODY
from iam_catalog.assistants.tools import TOOLS

SHELF = "arn:aws:store:eu-west-1:111122223333:shelf/one"
POLICY = {"Statement": {"Effect": "Allow", "Action": "store:CreateShelf", "Resource": SHELF}}
CALLS: dict[str, dict[str, Any]] = {
    "search": {"text": "create shelf"},
    "action": {"name": "store:CreateShelf"},
    "actions": {"service": "store", "limit": 2},
    "expand": {"patterns": ["store:*"]},
    "match_arn": {"arn": SHELF},
    "actions_for_arn": {"arn": SHELF},
    "operation": {"name": "store:CreateShelf"},
    "describe": {"kind": "service", "name": "store"},
    "check_policy": {"policy": json.dumps(POLICY)},
    "explain_policy": {"policy": POLICY},
    "complete_policy": {"policy": POLICY},
    "write_policy": {"actions": ["store:CreateShelf"], "arns": [SHELF]},
    "changes": {},
}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def address(small: str) -> Iterator[str]:
    with http_server(small) as found:
        yield found


async def use_all(client: Client, path: str) -> None:
    """Ask every tool, read a resource, and get a prompt."""
    assert [each.name for each in (await client.list_tools()).tools] == list(TOOLS) == list(CALLS)
    for name, arguments in CALLS.items():
        result = await client.call_tool(name, arguments)
        assert result.structured_content == await ask(path, name, **arguments)
        assert result.is_error is False
    (content,) = (await client.read_resource("iam-catalog://rule/unknown-action")).contents
    assert content.text.startswith("# `unknown-action`\n")  # type: ignore[union-attr]
    prompt = await client.get_prompt("review_policy", {"policy": "{}"})
    assert len(prompt.messages) == 1


async def test_the_client_of_the_sdk_uses_it_on_standard_input(small: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with stdio_client_of(small, log) as client:
        await use_all(client, small)

    assert log.read_text(encoding="utf-8") == ""


async def test_the_client_of_the_sdk_uses_it_over_http(small: str, address: str) -> None:
    async with Client(streamable_http_client(address)) as client:
        await use_all(client, small)


def test_its_address_is_on_loopback(address: str) -> None:
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/mcp")


class Talk:
    """A server on standard input and output, line by line."""

    def __init__(self, path: str) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "mcp", "--database", path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout
        self.say(INITIALIZE)
        assert self.heard()["id"] == 1

    def say(self, message: object) -> None:
        self.input.write(f"{json.dumps(message)}\n" if message else "no message\n")
        self.input.flush()

    def heard(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.output.readline())
        return found

    def end(self) -> tuple[int, str]:
        """Return the exit code and standard error, once it has ended."""
        try:
            code = self.process.wait(60)
            assert self.process.stderr is not None
            return code, self.process.stderr.read()
        finally:
            self.process.kill()
            for stream in (self.input, self.output, self.process.stderr):
                if stream is not None and not stream.closed:
                    stream.close()
            self.process.wait()


def test_it_ends_quietly_with_its_input(small: str) -> None:
    talk = Talk(small)
    talk.input.close()

    assert talk.end() == (0, "")


def test_it_ends_quietly_with_the_reader_of_its_output(small: str) -> None:
    talk = Talk(small)
    talk.output.close()

    assert talk.end() == (0, "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_by_a_signal(small: str, how: signal.Signals) -> None:
    talk = Talk(small)
    talk.process.send_signal(how)

    assert talk.end() == (-how, "")


def test_what_is_no_message_is_passed_over(small: str) -> None:
    talk = Talk(small)
    talk.say(None)
    talk.say(PING)

    assert talk.heard() == {"jsonrpc": "2.0", "id": 2, "result": {}}
    talk.input.close()
    assert talk.end() == (0, "")


def test_a_catalog_that_cannot_be_opened_is_an_error_at_once(tmp_path: Path) -> None:
    done = run("mcp", "--database", str(tmp_path / "no.db"))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: No catalog.db found (looked for ")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_port_in_use_is_an_error(small: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        done = run("mcp", "--http", "--port", str(port), "--database", small)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: Cannot listen on port {port}: Address already in use. Name another port, for"
        " example --port 8001.\n"
    )


@pytest.mark.parametrize("lacking", ["mcp", "mcp_types", "pydantic"])
def test_without_the_sdk_it_names_the_extra(small: str, lacking: str) -> None:
    program = (
        f"import sys; sys.modules[{lacking!r}] = None\n"
        "from iam_catalog.cli.main import cli\n"
        f"cli(['mcp', '--database', {small!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The SDK of the Model Context Protocol, by which assistants ask, is not installed:"
        " pip install 'iam-catalog[mcp]'\n"
    )


def post(address: str, body: bytes, **headers: str) -> tuple[int, str]:
    """Send a message over HTTP; return the status and the text of the answer."""
    at = urlsplit(address)
    connection = HTTPConnection(str(at.hostname), at.port, timeout=60)
    try:
        given = {"Content-Type": "application/json", "Accept": "application/json"}
        given["Accept"] += ", text/event-stream"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", at.path, body, {**given, **named})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


MESSAGE = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {"name": "expand", "arguments": {"patterns": ["store:Create*"]}},
    }
).encode()


def test_a_request_without_a_session_is_answered(address: str) -> None:
    status, text = post(address, MESSAGE)

    answer = json.loads(text)["result"]["structuredContent"]
    assert (status, answer["result"]) == (200, ["store:CreateShelf"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8010"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "text/plain"}, 400),
    ],
)
def test_a_request_for_another_name_or_from_another_page_is_refused(
    address: str, headers: dict[str, str], status: int
) -> None:
    found, text = post(address, MESSAGE, **headers)

    assert found == status
    assert "store:" not in text


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_request_from_its_own_origin_is_answered(address: str, name: str) -> None:
    host = f"{name}:{urlsplit(address).port}"

    assert post(address, MESSAGE, Host=host, Origin=f"http://{host}")[0] == 200


def test_a_body_that_is_too_long_is_refused(address: str) -> None:
    assert post(address, b" " * (LONGEST_BODY + 1))[0] == 413


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"text"', b'{"jsonrpc": "2.0"}'])
def test_what_is_no_message_is_a_bad_request(address: str, body: bytes) -> None:
    assert post(address, body)[0] == 400


def test_over_http_a_replaced_catalog_is_taken_up(small: str, tmp_path: Path) -> None:
    place = tmp_path / "catalog.db"
    place.write_bytes(Path(small).read_bytes())
    shipped = Path(__file__).parent.parent.parent / "catalog.db"
    with http_server(str(place)) as address:
        before = post(address, MESSAGE)[1]
        new = tmp_path / "new.db"
        new.write_bytes(shipped.read_bytes())
        new.replace(place)
        after = post(address, MESSAGE)[1]

    assert json.loads(before)["result"]["structuredContent"]["problem"] is None
    problem = json.loads(after)["result"]["structuredContent"]["problem"]
    assert problem["kind"] == "UnknownServicePrefix"
