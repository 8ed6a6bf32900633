"""Measure the language server as an editor meets it: over standard input and output.

An empty server of pygls is what a start is compared with. Memory is read where Linux shows it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.measure import Aim, Result

EMPTY = "editor: start of an empty server"
AIMS = {
    "editor: start to first answer": Aim(1.4, EMPTY),
    "editor: completion, 95 %": Aim(0.030),
    "editor: diagnostics of 6 kB, 95 %": Aim(0.050),
    "editor: memory": Aim(150.0),
}
_EMPTY_SERVER = """
from lsprotocol import types
from pygls.lsp.server import LanguageServer
server = LanguageServer("empty", "1")
server.feature(types.TEXT_DOCUMENT_COMPLETION)(lambda params: [])
server.start_io()
"""
_TYPED = ("s3:", "s3:Get", "ec2:Desc", "iam:pass", "lambda:", "getobj", "dynamodb:*Item", "kms:De")
_PREFIXES = ("s3", "ec2", "iam", "lambda", "dynamodb", "kms", "sqs", "sns", "logs", "ssm")
_SIZE = 6_000


class _Editor:
    """The other end of a server's pipes."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._number = 0

    def tell(self, method: str, params: object, **more: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def ask(self, method: str, params: object) -> Any:
        """Return the answer to a request, passing over what else comes before it."""
        self._number += 1
        self.tell(method, params, id=self._number)
        while (answer := self._read()).get("id") != self._number or "method" in answer:
            pass
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        found: dict[str, Any] = json.loads(stream.read(length))
        return found

    def open(self, uri: str, text: str) -> None:
        item = {"uri": uri, "languageId": "json", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def memory(self) -> float | None:
        """Return the megabytes that the server has in memory; None where nothing tells."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return None
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextmanager
def _editor(command: list[str]) -> Iterator[_Editor]:
    editor = _Editor(command)
    try:
        capabilities: dict[str, object] = {"textDocument": {"diagnostic": {}}}
        editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        editor.tell("initialized", {})
        yield editor
    finally:
        editor.process.kill()
        editor.process.wait()


def _start(command: list[str]) -> float:
    start = time.perf_counter()
    with _editor(command):
        return time.perf_counter() - start


def measure_editor(catalog: str, rounds: int) -> list[Result]:
    """Measure starts, completion, diagnostics and memory on a catalog."""
    command = [sys.executable, "-m", "iam_catalog", "lsp", "--database", catalog]
    empty = [sys.executable, "-c", _EMPTY_SERVER]
    starts = [(_start(empty), _start(command)) for _ in range(max(rounds, 3))]
    bare = median(each[0] for each in starts)
    ours = median(each[1] for each in starts)
    with _editor(command) as editor:
        completions = _completions(editor, rounds)
        diagnostics = _diagnostics(editor, rounds)
        memory = editor.memory()
    found = {
        "editor: completion, 95 %": _p95(completions),
        "editor: diagnostics of 6 kB, 95 %": _p95(diagnostics),
    }
    name = "editor: start to first answer"
    results = [
        Result(EMPTY, bare, None, None),
        Result(name, ours, ours / bare, AIMS[name]),
        *[Result(each, seconds, None, AIMS[each]) for each, seconds in found.items()],
    ]
    if memory is not None:
        results.append(Result("editor: memory", memory, None, AIMS["editor: memory"], "MB"))
    return results


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _completions(editor: _Editor, rounds: int) -> list[float]:
    """Time completion after each of several texts, the first of each service included."""
    taken = []
    start = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "'
    for number in range(rounds):
        for index, typed in enumerate(_TYPED):
            uri = f"file:///project/{number}-{index}.json"
            editor.open(uri, start + typed)
            position = {"line": 0, "character": len(start + typed)}
            before = time.perf_counter()
            editor.ask(
                "textDocument/completion", {"textDocument": {"uri": uri}, "position": position}
            )
            taken.append(time.perf_counter() - before)
    return taken


def _policy(number: int) -> str:
    """Write a policy of 6 kB that is another one for each number."""
    statements: list[dict[str, object]] = []
    while len(json.dumps(statements, indent=2)) < _SIZE - 400:
        prefix = _PREFIXES[(len(statements) + number) % len(_PREFIXES)]
        arn = f"arn:aws:{prefix}:eu-west-1:111122223333:thing/{number}-{len(statements)}"
        actions = [f"{prefix}:Get*", f"{prefix}:List*"]
        if not statements:
            actions.append(f"{prefix}:Create{number}")  # a mistyped one
        statements.append({"Effect": "Allow", "Action": actions, "Resource": [arn]})
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _diagnostics(editor: _Editor, rounds: int) -> list[float]:
    taken = []
    for number in range(rounds * 4):
        uri = f"file:///project/policy-{number}.json"
        editor.open(uri, _policy(number))
        before = time.perf_counter()
        editor.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        taken.append(time.perf_counter() - before)
    return taken
