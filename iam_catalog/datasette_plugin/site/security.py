"""What every response of a site with a catalog says to browsers, and how much a request may send.

The pages of this site need no inline script or style. Datasette's own pages have a few scripts,
which are allowed by their hashes alone, and style attributes, for which there are no hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import datasette as datasette_package
from datasette.utils.asgi import Base400

App = Callable[[Any, Any, Any], Awaitable[None]]

LONGEST_QUERY = 16_000
"""Bytes of a query string."""
LONGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request's body: far above the largest policy that AWS accepts."""

SCRIPTS = ("_codemirror_foot.html", "_close_open_menus.html")
"""Datasette's templates with an inline script that is always the same."""
FACET_SCRIPTS = tuple(f"DATASETTE_ALLOW_FACET = {word};" for word in ("true", "false"))
"""The one whose text depends on a setting (templates/table.html)."""

STRICT = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none';"
    " form-action 'self'; img-src 'self' data:"
)
OWN_POLICY = f"{STRICT}; script-src 'self'; style-src 'self'"
"""Of the pages of this site."""

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
POLICY = b"content-security-policy"


@cache
def datasette_policy() -> str:
    """The policy of Datasette's own pages."""
    folder = Path(datasette_package.__file__).parent / "templates"
    texts = list(FACET_SCRIPTS)
    for name in SCRIPTS:
        texts += re.findall(
            r"<script>(.*?)</script>", (folder / name).read_text("utf-8"), re.DOTALL
        )
    allowed = " ".join(f"'sha256-{digest(text)}'" for text in texts)
    return f"{STRICT}; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'"


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class TooLarge(Base400):  # type: ignore[misc]  # Datasette has no type information
    """A body that goes on after `LONGEST_BODY`; Datasette makes a page of its status and text."""

    status = 413


def guarded(app: App) -> App:
    """*app* with our headers on every response, and with requests of a sane size only."""

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        started = False

        async def send_with_headers(message: Any) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": with_headers(message.get("headers", []))}
            await send(message)

        if said := refusal(scope):
            await refuse(send_with_headers, *said)
            return
        try:
            await app(scope, limited(receive), send_with_headers)
        except Exception as error:
            is_large = isinstance(error, TooLarge)
            if not started:
                said = (413, str(error)) if is_large else (500, "The site could not answer.")
                await refuse(send_with_headers, *said)
            if not is_large:
                raise

    return guard


def refusal(scope: Any) -> tuple[int, str] | None:
    """The status and the text for a request that is too large by what it says of itself."""
    if len(scope.get("query_string", b"")) > LONGEST_QUERY:
        return 414, "The address is too long."
    if declared_length(scope) > LONGEST_BODY:
        return 413, too_large()
    return None


def with_headers(headers: list[Any]) -> list[Any]:
    """The headers of a response and ours; what it says of the same matter stays."""
    said = {name.lower() for name, _ in headers}
    own = (*HEADERS, (POLICY, datasette_policy().encode()))
    return [*headers, *((name, value) for name, value in own if name not in said)]


def limited(receive: Any) -> Callable[[], Awaitable[Any]]:
    """*receive*, which raises `TooLarge` where a body goes on and on."""
    total = 0

    async def receive_some() -> Any:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > LONGEST_BODY:
            raise TooLarge(too_large())
        return message

    return receive_some


def declared_length(scope: Any) -> int:
    for name, value in scope.get("headers", ()):
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


def too_large() -> str:
    return f"The request has more than {LONGEST_BODY:,} bytes."


async def refuse(send: Any, status: int, text: str) -> None:
    """Answer with a line of text, without the application."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
