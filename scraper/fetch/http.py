"""Get the bytes at an address over HTTP, within limits of hosts, attempts, time and size.

Redirects are followed here, not by the client, so that each hop is checked before its request.
Bodies are unpacked here too, step by step: a few kilobytes of gzip can hold gigabytes, and the
client unpacks whole chunks. Clock, sleep and chance are passed in, so that tests never wait.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
import importlib.util
import random
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urljoin

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from iam_catalog import __version__
from scraper.fetch.addresses import Form, Site
from scraper.fetch.errors import FetchError, FetchStopped, NotServed

USER_AGENT = (
    f"iam-catalog/{__version__} (reads AWS service authorization pages; httpx/{httpx.__version__})"
)
MIB = 1024 * 1024
KEPT_HEADERS = ("content-type", "etag", "last-modified")
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (408, 425, 429, 500, 502, 503, 504)
# A store of files says 403 for what it does not hold.
ABSENT = (403, 404, 410)


LONGEST_HEADER = 1000
"""Characters of a header that is kept; the longest mark that AWS has sent has about 70."""


def is_plain(value: str) -> bool:
    """Return True for a header's value that can be sent back: short, and printable ASCII."""
    return len(value) <= LONGEST_HEADER and value.isascii() and value.isprintable()


FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts: doubled each time, up to the longest."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks, the sleep and the chance of a run."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


class TryAgain(Exception):
    """An attempt failed in a way that may pass; *after* is how long the server asks to wait."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything one run takes; times in seconds."""

    connections: int = 8
    attempts: int = 5
    redirects: int = 5
    connect: float = 10.0
    read: float = 30.0
    """Between two pieces of an answer."""
    file: float = 120.0
    """For one attempt with its redirects, however steadily the answer drips."""
    run: float = 3600.0
    """For all of it, from the first list to the last page."""
    wait: float = 300.0
    """The longest `Retry-After` that is heeded; a longer one ends the run."""
    file_bytes: int = 16 * MIB
    run_bytes: int = 512 * MIB


@dataclass(frozen=True, slots=True)
class Known:
    """The file of an older fetch of an address, and the headers that say if it is current."""

    path: Path
    sha256: str
    etag: str | None
    last_modified: str | None

    def conditions(self) -> dict[str, str]:
        """Return the headers of a request for what is newer."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value and is_plain(value)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came from an address."""

    url: str
    """The last address, after redirects."""
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """Those of `KEPT_HEADERS` that it has."""
    content: bytes | None = None
    """None where the older bytes still hold."""


class Getter(Protocol):
    """Get the text of an address: from the network, or from a folder."""

    async def get(self, url: str, form: Form, known: Known | None = None) -> Answer: ...


@functools.cache
def trusted() -> ssl.SSLContext:
    """Load the certificates, which takes a tenth of a second."""
    return httpx.create_ssl_context()


def open_client(limits: Limits) -> httpx.AsyncClient:
    """Open a client that keeps a few connections, with HTTP/2 where the server has it."""
    return httpx.AsyncClient(
        http2=importlib.util.find_spec("h2") is not None,
        verify=trusted(),
        follow_redirects=False,
        # Only what `Body` unpacks within its limit.
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(limits.read, connect=limits.connect, pool=None),
        limits=httpx.Limits(max_connections=limits.connections),
    )


class HttpGetter:
    """Request texts from servers; one instance a run."""

    def __init__(
        self, client: httpx.AsyncClient, site: Site, limits: Limits, timing: Timing
    ) -> None:
        self.client = client
        self.site = site
        self.limits = limits
        self.timing = timing
        self.deadline = timing.monotonic() + limits.run
        self.not_before = 0.0
        """A server that asks one request to wait means all of them."""
        self.received = 0
        """Bytes of all bodies, as they came over the wire."""
        self.unpacked = 0
        self.served: datetime.datetime | None = None
        """The latest time that a server gave."""

    async def get(self, url: str, form: Form, known: Known | None = None) -> Answer:
        """Return the text at *url*. Raises `FetchError`, or `FetchStopped` to end the run."""

        async def attempt() -> Answer:
            await self._wait(url)
            try:
                # Headers may drip as well as bodies, and a server may say "100 Continue" for ever.
                async with asyncio.timeout(self.limits.file):
                    return await self._follow(url, form, known)
            except TimeoutError as error:
                text = f"not whole after {self.limits.file:,.0f} seconds"
                raise TryAgain(text) from error

        def give_up(state: RetryCallState) -> Answer:
            error = state.outcome and state.outcome.exception()
            text = f"{str(error) or type(error).__name__}; {state.attempt_number} attempts failed."
            raise FetchError("unreachable", url, f"{text} Run again later to continue.")

        attempts = AsyncRetrying(
            retry=retry_if_exception_type((TryAgain, Cut, httpx.TransportError)),
            stop=stop_after_attempt(self.limits.attempts),
            wait=lambda state: self._pause(url, state),
            sleep=self._sleep,
            retry_error_callback=give_up,
        )
        return await attempts(attempt)

    async def _wait(self, url: str) -> None:
        """Sleep until the server wants requests again, at most to the end of the run."""
        now = self.timing.monotonic()
        if max(now, self.not_before) > self.deadline:
            text = f"the run has a limit of {self.limits.run:,.0f} seconds. Run again to continue."
            raise FetchStopped("too-slow", url, text)
        if self.not_before > now:
            await self.timing.sleep(self.not_before - now)

    async def _sleep(self, seconds: float) -> None:
        """Sleep between two attempts, unless `_wait` does so for all requests."""
        if seconds:
            await self.timing.sleep(seconds)

    def _pause(self, url: str, state: RetryCallState) -> float:
        """Return the seconds before the next attempt; 0 where the server says how long to wait."""
        error = state.outcome and state.outcome.exception()
        after = error.after if isinstance(error, TryAgain) else None
        if after is None:
            return pause(state.attempt_number - 1, self.timing.chance())
        self.hold_all(url, after)
        return 0.0

    def hold_all(self, url: str, after: float) -> None:
        """Let no request go out for *after* seconds, as the server asked. Raises `FetchStopped`."""
        if after > self.limits.wait:
            text = f"the server asks to wait for {after:,.0f} seconds. Run again later to continue."
            raise FetchStopped("busy", url, text)
        # Jitter on top: all who were sent away together would come back together.
        moment = self.timing.monotonic() + after + self.timing.chance()
        self.not_before = max(self.not_before, moment)

    async def _follow(self, url: str, form: Form, known: Known | None) -> Answer:
        """Request an address, and where it redirects to, as long as that is a configured host."""
        asked, seen = url, {url}
        for _ in range(self.limits.redirects + 1):
            self._check(url, asked)
            answer, location = await self._ask(asked, form, known)
            if answer is not None:
                return answer
            try:
                asked = urljoin(asked, location)
            except ValueError as error:
                text = f"redirects to {location!r}, which is not an address."
                raise FetchError("redirects", url, text) from error
            if asked in seen:
                raise FetchError("redirects", url, f"redirects in a circle, back to {asked}.")
            seen.add(asked)
        text = f"more than {self.limits.redirects} redirects, the last one to {asked}."
        raise FetchError("redirects", url, text)

    def _check(self, url: str, asked: str) -> None:
        """Refuse an address of a host that is not configured."""
        try:
            self.site.check(asked)
        except FetchError as error:
            if asked == url:
                raise
            raise FetchError(error.kind, url, f"redirects to {asked}: {error.text}") from error

    async def _ask(self, url: str, form: Form, known: Known | None) -> tuple[Answer | None, str]:
        """Send one request: return the answer, or None with the address that a redirect names."""
        headers = known.conditions() if known else {}
        try:
            async with self.client.stream("GET", url, headers=headers) as response:
                if response.status_code in REDIRECTS:
                    return None, _location_of(response, url)
                kept = {
                    name: response.headers[name]
                    for name in KEPT_HEADERS
                    if is_plain(response.headers.get(name, "")) and name in response.headers
                }
                self._note_date(response.headers.get("date"))
                if response.status_code == 304 and headers:
                    return Answer(url, 304, kept), ""
                self._check_status(response, url)
                _check_type(kept.get("content-type"), url, form)
                return Answer(url, 200, kept, await self._read(response, url)), ""
        except httpx.InvalidURL as error:
            raise FetchError("redirects", url, f"no address: {error}") from error

    def _note_date(self, value: str | None) -> None:
        """Remember the latest time that a server gives, which this machine's clock may miss."""
        try:
            moment = parsedate_to_datetime(value or "")
        except ValueError:
            return
        if moment.tzinfo is not None and (self.served is None or moment > self.served):
            self.served = moment

    def _check_status(self, response: httpx.Response, url: str) -> None:
        status = response.status_code
        if status in PASSING:
            after = retry_after(response.headers.get("retry-after"), self.timing.now())
            raise TryAgain(f"status {status}", after)
        if status in ABSENT:
            raise NotServed("gone", url, f"status {status}.")
        if status != 200:
            raise FetchError("status", url, f"status {status}; expected 200.")

    async def _read(self, response: httpx.Response, url: str) -> bytes:
        """Read the body, within every limit."""
        limits, started = self.limits, self.timing.monotonic()
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limits.file_bytes:
            text = f"{int(declared):,} bytes; no page is larger than {limits.file_bytes:,}."
            raise FetchError("too-large", url, text)
        body = Body(url, response.headers.get("content-encoding", "").lower(), limits.file_bytes)
        async for chunk in response.aiter_raw():
            self.received += len(chunk)
            body.feed(chunk)
            if self.timing.monotonic() - started > limits.file:
                raise TryAgain(f"not whole after {limits.file:,.0f} seconds")
        content = body.whole()
        self.unpacked += len(content)
        if self.unpacked > limits.run_bytes:
            text = f"more than {limits.run_bytes:,} bytes in one run; all pages are far fewer."
            raise FetchStopped("too-large", url, text)
        return content


def _location_of(response: httpx.Response, url: str) -> str:
    location = str(response.headers.get("location", ""))
    if not location:
        text = f"status {response.status_code} without an address to go to."
        raise FetchError("redirects", url, text)
    return location


def _check_type(content_type: str | None, url: str, form: Form) -> None:
    """Refuse an answer that calls itself another kind; one that says nothing passes."""
    found = (content_type or "").partition(";")[0].strip().lower()
    if found and found not in form.content_types:
        expected = ", ".join(sorted(form.content_types))
        raise NotServed("wrong-type", url, f"the content type {found!r}; expected {expected}.")


ENCODINGS = ("", "identity", "gzip", "x-gzip")


class Cut(Exception):
    """The packed bytes end too early, or are damaged: another attempt may bring them whole."""


class Body:
    """Unpack the raw bytes of one answer."""

    def __init__(self, url: str, encoding: str, limit: int) -> None:
        if encoding not in ENCODINGS:
            text = f"the encoding {encoding!r} was not asked for; expected 'gzip' or none."
            raise FetchError("wrong-type", url, text)
        self.url = url
        self.limit = limit
        self.content = bytearray()
        self.packed = 0
        # 16 more than the window's bits: a gzip header is expected.
        self.unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16) if "gzip" in encoding else None

    def feed(self, chunk: bytes) -> None:
        """Take some bytes; raises `FetchError` once they are too many, `Cut` where damaged."""
        self.packed += len(chunk)
        if self.unpacker is None:
            self.content += chunk
        else:
            self.content += self.unpack(self.unpacker, chunk)
        if max(len(self.content), self.packed) > self.limit:
            text = f"more than {self.limit:,} bytes; no page is that large."
            raise FetchError("too-large", self.url, text)

    def unpack(self, unpacker: zlib._Decompress, chunk: bytes) -> bytes:
        try:
            if unpacker.eof and chunk:
                raise Cut("bytes behind the end of the gzip")
            content = unpacker.decompress(chunk, self.limit + 1 - len(self.content))
        except zlib.error as error:
            raise Cut(f"damaged gzip ({error})") from error
        if unpacker.unused_data:
            raise Cut("bytes behind the end of the gzip")
        return content

    def whole(self) -> bytes:
        """Return the whole content. Raises `Cut` where the packed bytes end too early."""
        if self.unpacker is not None and not self.unpacker.eof:
            raise Cut("the gzip is not whole")
        return bytes(self.content)


def pause(attempt: int, chance: float) -> float:
    """Return the seconds to wait after *attempt* (0 for the first): doubled, half of it chance."""
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
    return longest * (0.5 + chance / 2)


def retry_after(value: str | None, now: datetime.datetime) -> float | None:
    """Return the seconds that a `Retry-After` asks for, as a number or a date; None for neither."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return max(0.0, (moment - now).total_seconds())
