"""Guard a site with a catalog: headers of every response, and how much a request may send.

The pages of this site need no inline script or style, and have a policy of their own. Datasette's
own pages have a few scripts, which are allowed by their hashes alone, and style attributes, for
which there are no hashes; with version 1.0 scripts differ by page, so that all are allowed.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import sqlite3
import traceback
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import Any

from iam_catalog.datasette_plugin import compat
from iam_catalog.errors import CatalogError
from iam_catalog.site.render import STRICT_POLICY

App = Callable[[Any, Any, Any], Awaitable[None]]

LONGEST_QUERY = 16_000
"""Bytes of a query string."""
LONGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request's body, where the page does not take more."""
LARGEST_SUM = 96 * 1024 * 1024
"""Bytes of the bodies of all requests at one time."""

BODY_SECONDS = 20.0
"""Within which a body has come, however slowly its client sends."""
DRAIN_SECONDS, DRAINED_BYTES = 5.0, 64 * 1024 * 1024
"""For how long, and how much, is read of a body that was refused."""
LONGEST_VALUE = 1024 * 1024
"""Bytes of one SQL value; none of a catalog of all of AWS has 20,000."""
LARGEST_RESULT = 64 * 1024 * 1024
"""Bytes of all values of one query; the largest table of a catalog has fewer in 5,000 rows."""

_METHODS = ("GET", "HEAD", "OPTIONS")
_LOCAL = ("127.0.0.1", "localhost")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_POLICY = b"content-security-policy"


@cache
def _datasette_policy() -> str:
    """Return the policy of Datasette's own pages."""
    scripts = compat.page_scripts()
    if scripts is None:
        allowed = "'unsafe-inline'"
    else:
        allowed = " ".join(f"'sha256-{_digest(text)}'" for text in scripts)
    return f"{STRICT_POLICY}; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class TooLarge(compat.Base400):  # type: ignore[misc]  # Datasette has no type information
    """A body that is longer than its page takes; Datasette makes a page of its status and text."""

    status = 413


class TooBusy(compat.Base400):  # type: ignore[misc]
    """A body for which `LARGEST_SUM` leaves no room."""

    status = 503


class TooSlow(compat.Base400):  # type: ignore[misc]
    """A body that has not come after `BODY_SECONDS`."""

    status = 408


def guarded(app: App, longest_body: Callable[[str], int] = lambda _: LONGEST_BODY) -> App:
    """Wrap *app* to send our headers with every response, and refuse what is too long or slow.

    *longest_body* says how many bytes the page at a path takes.
    """
    room = _Room()

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        longest = longest_body(scope.get("path", ""))
        with room.for_body(receive, longest) as body:
            answer = _Sender(send, body)
            if said := _refusal(scope, longest):
                body.is_refused = _header(scope, b"expect").lower() != b"100-continue"
                await _refuse(answer.send, *said)
                return
            await _answer(app, scope, body, answer)

    return guard


async def _answer(app: App, scope: Any, body: _Body, answer: _Sender) -> None:
    """Have *app* answer, and answer for it where it fails before it has begun to."""
    try:
        await app(scope, body.receive, answer.send)
    except (TooLarge, TooSlow, TooBusy) as error:
        if not answer.is_started:
            await _refuse(answer.send, error.status, str(error))
    except Exception as error:
        is_malformed = isinstance(error, ValueError)  # of a cookie or a form, before any page
        if not answer.is_started:
            malformed = (400, "The request is malformed.")
            said = malformed if is_malformed else (500, "The site could not answer.")
            await _refuse(answer.send, *said)
        if not is_malformed:
            raise


class _Sender:
    """Sends a response with our headers, and its end once a refused body has been read."""

    def __init__(self, send: Any, body: _Body) -> None:
        self._send = send
        self._body = body
        self.is_started = False

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.is_started = True
            message = {**message, "headers": _with_headers(message.get("headers", []))}
        elif self._body.is_refused and not message.get("more_body"):
            # What is closed with bytes unread is reset, and the client never sees the answer.
            await self._send({**message, "more_body": True})
            await self._body.drain()
            message = {**message, "body": b""}
        await self._send(message)


class _Room:
    """Bounds what the bodies of all requests hold in memory."""

    def __init__(self) -> None:
        self._taken = 0

    @contextlib.contextmanager
    def for_body(self, receive: Any, longest: int) -> Iterator[_Body]:
        body = _Body(receive, longest, self)
        try:
            yield body
        finally:
            self._taken -= body.total

    def take(self, size: int) -> bool:
        """Count more bytes of a body; return False where there is no room for them."""
        self._taken += size
        return self._taken <= LARGEST_SUM


class _Body:
    """The body of a request, within the limits of size and time."""

    def __init__(self, receive: Any, longest: int, room: _Room) -> None:
        self._receive = receive
        self._longest = longest
        self._room = room
        self.total = 0
        self._is_whole = False
        self._deadline: float | None = None
        self.is_refused = False

    async def receive(self) -> Any:
        """Receive as ASGI does. Raises `TooLarge`, `TooSlow` and `TooBusy`."""
        if self._is_whole:
            return await self._receive()
        clock = asyncio.get_running_loop().time
        self._deadline = self._deadline or clock() + BODY_SECONDS
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._deadline - clock()))
        except TimeoutError as error:
            self.is_refused = True
            text = f"The request has not come within {BODY_SECONDS:,.0f} seconds."
            raise TooSlow(text) from error
        self._is_whole = not message.get("more_body")
        size = len(message.get("body", b""))
        self.total += size
        has_room = self._room.take(size)
        if self.total > self._longest or not has_room:
            self.is_refused = not self._is_whole
            if not has_room:
                raise TooBusy("The site reads too many large requests: try again in a moment.")
            raise TooLarge(_too_large(self._longest))
        return message

    async def drain(self) -> None:
        """Read on for a while, and forget what comes."""
        received = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while received < DRAINED_BYTES:
                    message = await self._receive()
                    received += len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body"):
                        return


def _refusal(scope: Any, longest: int) -> tuple[int, str] | None:
    """Return the status and the text for a request whose headers say that it is too long."""
    if len(scope.get("query_string", b"")) > LONGEST_QUERY:
        return 414, "The address is too long."
    if _declared_length(scope) > longest:
        return 413, _too_large(longest)
    return None


def _header(scope: Any, name: bytes) -> bytes:
    found = (value for key, value in scope.get("headers", ()) if key.lower() == name)
    return bytes(next(found, b""))


def local_only(app: App) -> App:
    """Wrap *app*, which is served on loopback, to answer only to the names of this machine.

    Another name that leads here is one that a foreign page made to lead here (DNS rebinding).
    """

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        host = _header(scope, b"host") if scope["type"] == "http" else b""
        if not host or _is_local(host.decode("latin-1")):
            await app(scope, receive, send)
            return
        await _refuse(send, 421, f"This site answers to {' and '.join(_LOCAL)} alone.")

    return guard


def _is_local(host: str) -> bool:
    """Return True for a `Host` header that names this machine, with or without a port."""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    named = name if port.isdigit() and name else host
    return named.lower() in (*_LOCAL, "[::1]")


def limit_connection(connection: sqlite3.Connection) -> None:
    """Bound what one query can hold in memory, and keep the folders of files to the machine."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.row_factory = _bounded_rows()
    connection.set_authorizer(_authorize)


def _authorize(action: int, name: str | None, *_: str | None) -> int:
    denied = action == sqlite3.SQLITE_PRAGMA and (name or "").lower() == "database_list"
    return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK


def _bounded_rows() -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """Return a factory of rows that raises an error where those of one query are too large."""
    last: sqlite3.Cursor | None = None
    size = 0

    def row_of(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> sqlite3.Row:
        nonlocal last, size
        if cursor is not last:
            last, size = cursor, 0
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if size > LARGEST_RESULT:
            raise sqlite3.OperationalError(f"the result has more than {LARGEST_RESULT:,} bytes")
        return sqlite3.Row(cursor, row)

    return row_of


_OWN = ("iam_catalog.site", "iam_catalog.policy", "iam_catalog.facts")


def answer_to_fault(request: Any, error: Exception) -> Any:
    """Return a response in place of a 500 that Datasette's own views make of a request.

    None for errors that have a status, and for those of our own pages or of the catalog's file,
    which are not the fault of a request.
    """
    if compat.is_of_datasette(error) or _is_of_file(error):
        return None
    modules = [
        str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    if any(name == own or name.startswith(f"{own}.") for name in modules for own in _OWN):
        return None
    from datasette import Response

    if request.method not in _METHODS:
        return Response.text(f"No page here takes {request.method}.\n", status=405)
    return Response.text("The address asks for what this page cannot answer.\n", status=400)


def _is_of_file(error: BaseException) -> bool:
    """Return True if an error, or its cause, says that the catalog's file cannot be read."""
    codes = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR)
    return (
        isinstance(error, OSError | CatalogError)
        or getattr(error, "sqlite_errorcode", 0) & 0xFF in (*codes, sqlite3.SQLITE_NOTADB)
        or (error.__cause__ is not None and _is_of_file(error.__cause__))
    )


def _with_headers(headers: list[Any]) -> list[Any]:
    """Add our headers to those of a response, which come first where both have one."""
    said = {name.lower() for name, _ in headers}
    own = (*_HEADERS, (_POLICY, _datasette_policy().encode()))
    return [*headers, *((name, value) for name, value in own if name not in said)]


def _declared_length(scope: Any) -> int:
    for name, value in scope.get("headers", ()):
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


def _too_large(longest: int) -> str:
    return f"The request has more than {longest:,} bytes."


async def _refuse(send: Any, status: int, text: str) -> None:
    """Answer with a line of text, without the application."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
