"""How long `iam-catalog mcp` takes to start and to answer, and how much memory it has.

It is compared with a server of the same SDK that has one tool, because importing the SDK takes most
of a start. Both are asked line by line over standard input and output, as assistants do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from benchmarks.measure import BIN, Aim, Result
from iam_catalog import Catalog

_BARE = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("bare")
@server.tool()
def add(one: int, other: int) -> int:
    return one + other
server.run()
"""
_START_OF_BARE = "mcp: bare server, start to first answer"
_FACTS: dict[str, dict[str, Any]] = {
    "search": {"text": "create instance"},
    "action": {"name": "ec2:RunInstances"},
    "actions": {"service": "s3", "access_level": "Write"},
    "expand": {"patterns": ["ec2:Describe*"]},
    "match_arn": {"arn": "arn:aws:s3:::logs/*"},
    "actions_for_arn": {"arn": "arn:aws:s3:::logs/*"},
    "operation": {"name": "s3:CreateMultipartUpload"},
    "describe": {"kind": "service", "name": "ec2"},
    "changes": {"service": "s3"},
}
_SIZE = 6_000
"""Characters of a policy: AWS's limit for a managed one is 6,144."""
_CALLS = 20
"""Of each tool, in a server that has answered each once."""


class _Server:
    """A server that is asked over its standard input."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._last = 0

    def ask(self, method: str, **params: Any) -> Any:
        """Return the result of a request; an error of the protocol is a `KeyError`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._last += 1
        message = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}
        self._process.stdin.write(f"{json.dumps(message)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())["result"]

    def seconds_of(self, tool: str, arguments: dict[str, Any]) -> float:
        """Return how long a tool takes to answer; raises `ValueError` where it cannot."""
        start = time.perf_counter()
        result = self.ask("tools/call", name=tool, arguments=arguments)
        taken = time.perf_counter() - start
        if result["isError"]:
            raise ValueError(f"{tool} did not answer: {result['content'][0]['text']:.300}")
        return taken


@contextmanager
def _started(*command: str) -> Iterator[tuple[_Server, list[float]]]:
    """Start a server and greet it; its peak of memory in MB is in the list once it has ended."""
    peak: list[float] = []
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    server = _Server(process)
    client = {"name": "benchmarks", "version": "1"}
    server.ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
    try:
        yield server, peak
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        peak.append(usage.ru_maxrss / 1024)


def measure_assistants(catalog: str, rounds: int) -> list[Result]:
    """Measure starts, calls and memory with *catalog*, which is meant to be one of all of AWS."""
    own = [str(BIN / "iam-catalog"), "mcp", "--database", catalog]
    bare = [sys.executable, "-c", _BARE]
    starts: dict[str, list[float]] = {"own": [], "bare": []}
    for _ in range(rounds):  # in turn, so that a busy moment of the machine hits both
        starts["bare"].append(_start(bare, "add", {"one": 1, "other": 2}))
        starts["own"].append(_start(own, "action", {"name": "s3:GetObject"}))
    of_bare, of_own = median(starts["bare"]), median(starts["own"])
    with _started(*bare) as (server, memory_of_bare):
        server.seconds_of("add", {"one": 1, "other": 2})
    with _started(*own) as (server, memory):
        calls = list(_calls(server, catalog))
    aim = Aim(1.4, _START_OF_BARE)
    return [
        Result(_START_OF_BARE, of_bare, None, None),
        Result("mcp: start to first answer", of_own, of_own / of_bare, aim),
        *calls,
        Result("mcp: bare server, peak memory", memory_of_bare[0], None, None, "MB"),
        Result("mcp: peak memory", memory[0], None, Aim(200), "MB"),
    ]


def _start(command: list[str], tool: str, arguments: dict[str, Any]) -> float:
    """Time a server from its start to its first answer."""
    start = time.perf_counter()
    with _started(*command) as (server, _):
        server.seconds_of(tool, arguments)
        return time.perf_counter() - start


def _calls(server: _Server, catalog: str) -> Iterator[Result]:
    """Time each tool: the median of calls after the first."""
    policy = _policy(catalog)
    of_policies = {
        "check_policy": {"policy": policy},
        "explain_policy": {"policy": policy},
        "complete_policy": {"policy": policy},
        "write_policy": {"actions": json.loads(policy)["Statement"][0]["Action"]},
    }
    for tools, seconds in ((_FACTS, 0.03), (of_policies, 0.1)):
        for tool, arguments in tools.items():
            server.seconds_of(tool, arguments)
            times = [server.seconds_of(tool, arguments) for _ in range(_CALLS)]
            yield Result(f"mcp: {tool}", median(times), None, Aim(seconds))


def _policy(path: str) -> str:
    """Write a policy of about `_SIZE` characters, on the objects and instances of many services."""
    with Catalog(path) as catalog:
        names = catalog.expand("s3:*", "ec2:*", "iam:*")[::3]
    statements: list[dict[str, Any]] = []
    text = ""
    while len(text) < _SIZE and names:
        some, names = names[:20], names[20:]
        resource = ["arn:aws:s3:::logs/*", "arn:aws:ec2:*:111122223333:instance/*"]
        statements.append({"Effect": "Allow", "Action": some, "Resource": resource})
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return text
