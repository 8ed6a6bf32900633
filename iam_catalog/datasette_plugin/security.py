"""Guard a site with a catalog: headers of every response, and how much a request may send.

The pages of this site need no inline script or style, and have a policy of their own. Datasette's
own pages have a few scripts, which are allowed by their hashes alone, and style attributes, for
which there are no hashes; with version 1.0 scripts differ by page, so that all are allowed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from iam_catalog.datasette_plugin import compat
from iam_catalog.site.render import STRICT_POLICY

App = Callable[[Any, Any, Any], Awaitable[None]]

LONGEST_QUERY = 16_000
"""Bytes of a query string."""
LONGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request's body: far above the largest policy that AWS accepts."""

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
    """A body that goes on after `LONGEST_BODY`; Datasette makes a page of its status and text."""

    status = 413


def guarded(app: App) -> App:
    """Wrap *app* to send our headers with every response, and refuse what is too long."""

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        started = False

        async def send_with_headers(message: Any) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": _with_headers(message.get("headers", []))}
            await send(message)

        if said := _refusal(scope):
            await _refuse(send_with_headers, *said)
            return
        try:
            await app(scope, _limited(receive), send_with_headers)
        except Exception as error:
            is_large = isinstance(error, TooLarge)
            if not started:
                said = (413, str(error)) if is_large else (500, "The site could not answer.")
                await _refuse(send_with_headers, *said)
            if not is_large:
                raise

    return guard


def _refusal(scope: Any) -> tuple[int, str] | None:
    """Return the status and the text for a request whose headers say that it is too long."""
    if len(scope.get("query_string", b"")) > LONGEST_QUERY:
        return 414, "The address is too long."
    if _declared_length(scope) > LONGEST_BODY:
        return 413, _too_large()
    return None


def _with_headers(headers: list[Any]) -> list[Any]:
    """Add our headers to those of a response, which come first where both have one."""
    said = {name.lower() for name, _ in headers}
    own = (*_HEADERS, (_POLICY, _datasette_policy().encode()))
    return [*headers, *((name, value) for name, value in own if name not in said)]


def _limited(receive: Any) -> Callable[[], Awaitable[Any]]:
    """Wrap ASGI *receive* to raise `TooLarge` beyond `LONGEST_BODY`."""
    total = 0

    async def receive_some() -> Any:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > LONGEST_BODY:
            raise TooLarge(_too_large())
        return message

    return receive_some


def _declared_length(scope: Any) -> int:
    for name, value in scope.get("headers", ()):
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


def _too_large() -> str:
    return f"The request has more than {LONGEST_BODY:,} bytes."


async def _refuse(send: Any, status: int, text: str) -> None:
    """Answer with a line of text, without the application."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
