"""A server on loopback that serves small pages of our own, and misbehaves on command."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import json
import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from iam_catalog.facts.keys import GLOBAL_KEYS as KNOWN_KEYS
from scraper.fetch.addresses import INDEX_NAME, KEYS_NAME, LIST_NAME, MAPPING_NAME, Site
from scraper.fetch.http import Timing

DOCS = "/service-authorization/latest/reference/"
KEYS = "/IAM/latest/UserGuide/"
REFERENCE = "/"
MARKDOWN = "text/markdown; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"
WAIT = 10.0
"""Seconds after which a test that hangs ends; none waits so long."""


@dataclass
class Text:
    """What an address serves."""

    content: bytes
    content_type: str
    etag: str | None = None
    last_modified: str | None = "Mon, 02 Nov 2026 10:00:00 GMT"

    @property
    def tag(self) -> str:
        return self.etag or f'"{hashlib.sha256(self.content).hexdigest()[:12]}"'


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    status: int


Fault = Callable[["Handler"], None]


@dataclass
class Log:
    """What was asked, and what it cost."""

    requests: list[Request] = field(default_factory=list)
    sent: int = 0
    """Bytes of bodies."""

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    wbufsize = -1  # Head and body in one packet, as quick as it gets.

    def do_GET(self) -> None:
        with self.server.lock:
            faults = self.server.faults.get(self.path, [])
            fault = faults.pop(0) if faults else self.server.always.get(self.path)
        if fault:
            fault(self)
        else:
            self.serve()

    def serve(self) -> None:
        """The text of the address, or 304 where the client's is the same."""
        text = self.server.texts.get(self.path)
        if text is None:
            self.answer(404, b"<html><body><h1>Not found</h1></body></html>", HTML)
        elif self.headers.get("If-None-Match") == text.tag:
            self.answer(304, b"", None, ETag=text.tag)
        else:
            headers = {"ETag": text.tag}
            if text.last_modified:
                headers["Last-Modified"] = text.last_modified
            self.answer(200, text.content, text.content_type, **headers)

    def answer(self, status: int, body: bytes, kind: str | None, **headers: str) -> None:
        with self.server.lock:
            self.server.log.requests.append(Request(self.path, dict(self.headers), status))
            self.server.log.sent += len(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if kind:
            self.send_header("Content-Type", kind)
        if status != 304 and "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    """Ends with its `with` block, and so do its threads."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.texts: dict[str, Text] = {}
        self.faults: dict[str, list[Fault]] = {}
        """By address: what to do with the next requests, one each."""
        self.always: dict[str, Fault] = {}
        self.log = Log()
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Server:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()
        self.thread.join(WAIT)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is what some tests are about."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def site(self) -> Site:
        return Site(*(f"{self.address}{path}" for path in (DOCS, KEYS, REFERENCE)))

    def put(self, path: str, content: str | bytes, kind: str) -> None:
        body = content.encode() if isinstance(content, str) else content
        self.texts[path] = Text(body, kind)

    def clear_log(self) -> None:
        self.log = Log()


def status(code: int, **headers: str) -> Fault:
    return lambda handler: handler.answer(code, b"busy", "text/plain", **headers)


def redirect(location: str) -> Fault:
    return lambda handler: handler.answer(302, b"", None, Location=location)


def body(content: bytes, kind: str, **headers: str) -> Fault:
    """Something else, with status 200."""
    return lambda handler: handler.answer(200, content, kind, **headers)


def cut(handler: Handler) -> None:
    """Half of the text that was announced, and the connection ends."""
    text = handler.server.texts[handler.path]
    half = text.content[: len(text.content) // 2]
    handler.answer(200, half, text.content_type, Content_Length=str(len(text.content)))
    handler.hang_up()


def too_short_length(handler: Handler) -> None:
    """The whole text, announced as half of it."""
    text = handler.server.texts[handler.path]
    length = str(len(text.content) // 2)
    handler.answer(200, text.content, text.content_type, Content_Length=length)
    handler.hang_up()


def silent(handler: Handler) -> None:
    """Half of the text, and then nothing, until the client or the test has had enough."""
    text = handler.server.texts[handler.path]
    half = text.content[: len(text.content) // 2]
    handler.answer(200, half, text.content_type, Content_Length=str(len(text.content)))
    handler.server.ended.wait(WAIT)
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """The text in small pieces, without a pause."""
    text = handler.server.texts[handler.path]
    handler.answer(200, b"", text.content_type, Content_Length=str(len(text.content)))
    for start in range(0, len(text.content), 64):
        handler.wfile.write(text.content[start : start + 64])
        handler.wfile.flush()


def packed(content: bytes, kind: str) -> Fault:
    return body(gzip.compress(content), kind, Content_Encoding="gzip")


def page(title: str, prefix: str, slug: str, actions: str = "") -> str:
    """A page as AWS serves it since 2026-07-09."""
    rows = (
        actions
        or "|   [ListShelves](https://docs.aws.amazon.com/l)  | Lists shelves |  |   | List |"
    )
    return f"""# Actions, resources, and condition keys for {title}
<a name="list_{slug}"></a>

{title} (service prefix: `{prefix}`) provides the following service-specific operations, \
resources, actions, and condition keys for use in IAM permission policies.

## Actions defined by {title}
<a name="list_{slug}-actions-as-permissions"></a>

You can specify the following actions in the `Action` element of an IAM policy statement.

| Actions | Description | Resource types (\\*required) | Condition keys | Access level |
| --- | --- | --- | --- | --- |
{rows}

## Resource types defined by {title}
<a name="list_{slug}-resources-for-iam-policies"></a>

{title} does not support specifying a resource ARN in the `Resource` element of an IAM policy \
statement.

## Condition keys for {title}
<a name="list_{slug}-policy-keys"></a>

{title} has no service-specific condition keys that can be used in the `Condition` element of \
policy statements.
"""


def html_page(title: str, prefix: str, slug: str) -> str:
    """The same as HTML."""
    return f"""<!DOCTYPE html>
<html><head><title>{title}</title></head><body><div id="main-col-body">
<h1 class="topictitle" id="list_{slug}">Actions, resources, and condition keys for {title}</h1>
<p>{title} (service prefix: <code>{prefix}</code>) provides the following service-specific \
resources, actions, and condition keys for use in IAM permission policies.</p>
<h2 id="{slug}-actions">Actions defined by {title}</h2>
<table><thead><tr><th>Actions</th><th>Description</th><th>Access level</th>\
<th>Resource types (*required)</th><th>Condition keys</th><th>Dependent actions</th></tr></thead>
<tr><td>ListBoxes</td><td>Lists boxes</td><td>List</td><td></td><td></td><td></td></tr>
</table>
<h2 id="{slug}-resources">Resource types defined by {title}</h2>
<p>{title} does not support specifying a resource ARN in the <code>Resource</code> element of an \
IAM policy statement.</p>
<h2 id="{slug}-keys">Condition keys for {title}</h2>
<p>{title} has no service-specific condition keys that can be used in the <code>Condition</code> \
element of policy statements.</p>
</div></body></html>
"""


SERVICES = [
    ("Example Store", "store", "store"),
    ("Example Depot (Large)", "depot", "depot-v2"),
    ("Example Mill", "mill", "mill"),
    ("Example Barn", "barn", "barn"),
]
"""Title, prefix and slug of each."""
GLOBAL_KEYS = "# AWS global condition context keys\n\n" + "\n".join(
    f"### {key}\n\n+ **Data type** - {types[0]}\n" for key, types in KNOWN_KEYS.items()
)


def index(services: list[tuple[str, str, str]]) -> str:
    lines = "\n".join(f"+ [{title} ({prefix})](list_{slug}.md)" for title, prefix, slug in services)
    return f"""# Actions, resources, and condition keys for AWS services
<a name="{INDEX_NAME}"></a>

Each topic consists of tables.

**Topics**
+ [Operations table](#operations_table)
+ [Actions table](#actions_table)
{lines}
"""


def reference(prefix: str) -> str:
    return json.dumps({"Name": prefix, "Version": "v1.4", "Actions": [action("ListShelves")]})


def action(name: str) -> dict[str, object]:
    flags = {"IsList": True, "IsPermissionManagement": False, "IsTaggingOnly": False}
    return {"Name": name, "Annotations": {"Properties": {**flags, "IsWrite": False}}}


def service_list(address: str, prefixes: list[str]) -> str:
    return json.dumps(
        [{"service": each, "url": f"{address}/v1/{each}/{each}.json"} for each in prefixes]
    )


def fill(server: Server) -> None:
    """A whole small site."""
    server.put(f"{DOCS}{INDEX_NAME}.md", index(SERVICES), MARKDOWN)
    server.put(f"{KEYS}{KEYS_NAME}.md", GLOBAL_KEYS, MARKDOWN)
    for title, prefix, slug in SERVICES:
        server.put(f"{DOCS}list_{slug}.md", page(title, prefix, slug), MARKDOWN)
        server.put(f"/v1/{prefix}/{prefix}.json", reference(prefix), JSON)
    prefixes = [prefix for _, prefix, _ in SERVICES]
    server.put(f"/v1/{LIST_NAME}", service_list(server.address, prefixes), JSON)
    server.put(f"/v1/{MAPPING_NAME}", '{"SDK": {"Python": {"Boto3": {}}}}', JSON)


def statuses(server: Server) -> dict[int, int]:
    """How many answers of each status were given."""
    counted: dict[int, int] = defaultdict(int)
    for request in server.log.requests:
        counted[request.status] += 1
    return dict(counted)


@dataclass
class FakeTime:
    """Time that passes only by sleeping, and where a test says so."""

    seconds: float = 0.0
    step: float = 0.0
    """How far each look at the clock moves it."""
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        self.seconds += self.step
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def timing(self) -> Timing:
        now = datetime.datetime(2026, 11, 22, 12, 0, 0, tzinfo=datetime.UTC)
        return Timing(self.monotonic, lambda: now, self.sleep, lambda: 0.0)
