"""Finish every response of a site: compressed, with a language, and without a body for HEAD.

Datasette sends its own pages as they are; the pages of catalogs come compressed, and pass.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from iam_catalog.datasette_plugin import compat
from iam_catalog.site.render import WORTH_COMPRESSING, accepts_gzip

App = Callable[[Any, Any, Any], Awaitable[None]]
_Headers = list[tuple[bytes, bytes]]

_LEVEL = 5
_IN_A_THREAD = 128 * 1024
"""Bytes from which compressing would keep other requests waiting."""
_COMPRESSIBLE = re.compile(
    rb"text/(?!event-stream)|application/(?:json|javascript|xml|[\w.-]+\+(?:json|xml))|image/svg"
)
_HTML = b"text/html"


def finished(app: App) -> App:
    """Wrap *app*, which need know nothing of HEAD, of compression and of languages."""

    async def finish(scope: Any, receive: Any, send: Any) -> None:
        is_head = scope["method"] == "HEAD"
        headers = {key.lower(): value for key, value in scope.get("headers", ())}
        accepted = headers.get(b"accept-encoding", b"").decode("latin-1")
        finisher = _Finisher(send, accepts_gzip(accepted), is_head=is_head)
        asked = {**scope, "method": "GET"} if is_head else scope
        await app(asked, receive, finisher.send)

    return finish


class _Finisher:
    """Sends a response, the start of which waits for the first part of its body."""

    def __init__(self, send: Any, takes_gzip: bool, *, is_head: bool) -> None:
        self._send = send
        self._takes_gzip = takes_gzip
        self._is_head = is_head
        self._start: Any = None
        self._stream: Any = None

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            await self._take_start(message)
        elif message["type"] == "http.response.body" and self._start is not None:
            await self._begin(message)
        elif message["type"] == "http.response.body":
            await self._go_on(message)
        else:
            await self._send(message)

    async def _take_start(self, message: Any) -> None:
        headers: _Headers = [(name.lower(), value) for name, value in message.get("headers", ())]
        kind = _value(headers, b"content-type")
        if kind.startswith(_HTML) or _COMPRESSIBLE.match(kind):
            self._start = {**message, "headers": headers}
        else:
            await self._send(message)  # events and downloads do not wait for their first part

    async def _begin(self, message: Any) -> None:
        """Send the start with the first part of the body, or all of it."""
        start, self._start = self._start, None
        headers: _Headers = start["headers"]
        kind = _value(headers, b"content-type")
        body, is_whole = message.get("body", b""), not message.get("more_body")
        if kind.startswith(_HTML) and is_whole and not _value(headers, b"content-encoding"):
            body = compat.with_labels(body)
            headers = _replaced(headers, b"content-length", str(len(body)).encode())
        if self._may_compress(start["status"], headers, kind):
            headers = _varying(headers)
            if not self._takes_gzip or (is_whole and len(body) < WORTH_COMPRESSING):
                pass
            elif is_whole:
                body = await _compressed(body)
                headers = _replaced(headers, b"content-length", str(len(body)).encode())
                headers.append((b"content-encoding", b"gzip"))
            else:
                self._stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
                headers = [each for each in headers if each[0] != b"content-length"]
                headers.append((b"content-encoding", b"gzip"))
        await self._send({**start, "headers": headers})
        await self._go_on({**message, "body": body})

    def _may_compress(self, status: int, headers: _Headers, kind: bytes) -> bool:
        is_encoded = bool(_value(headers, b"content-encoding"))
        return status not in (204, 206, 304) and not is_encoded and bool(_COMPRESSIBLE.match(kind))

    async def _go_on(self, message: Any) -> None:
        body, is_last = message.get("body", b""), not message.get("more_body")
        if self._stream is not None:
            body = self._stream.compress(body) + (self._stream.flush() if is_last else b"")
        if self._is_head:
            body = b""
        if body or is_last:
            await self._send({**message, "body": body})


async def _compressed(body: bytes) -> bytes:
    # Without a time stamp: the same page is the same bytes.
    if len(body) < _IN_A_THREAD:
        return gzip.compress(body, _LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)


def _value(headers: _Headers, name: bytes) -> bytes:
    return next((value for key, value in headers if key == name), b"")


def _replaced(headers: _Headers, name: bytes, value: bytes) -> _Headers:
    """Return *headers* with another value of one that is there."""
    return [(key, value if key == name else old) for key, old in headers]


def _varying(headers: _Headers) -> _Headers:
    """Return *headers* that say that a response depends on what encodings a client takes."""
    named = [value for key, value in headers if key == b"vary"]
    if any(b"accept-encoding" in value.lower() or value.strip() == b"*" for value in named):
        return headers
    others = [each for each in headers if each[0] != b"vary"]
    return [*others, (b"vary", b", ".join([*named, b"Accept-Encoding"]))]
