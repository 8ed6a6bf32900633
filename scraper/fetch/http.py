"""Addresses -> bytes, over HTTP: what is asked, of whom, how often, and how much may come back.

Redirects are followed here, not by the client, so that each hop is checked before it is asked.
"""

from __future__ import annotations

import functools
import importlib.util
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urljoin

import httpx

from iam_catalog import __version__
from scraper.fetch.addresses import Form, Site
from scraper.fetch.body import Body, Cut
from scraper.fetch.errors import FetchError, FetchStopped, NotServed
from scraper.fetch.retry import Timing, TryAgain, pause, retry_after

USER_AGENT = (
    f"iam-catalog/{__version__} (reads AWS service authorization pages; httpx/{httpx.__version__})"
)
MIB = 1024 * 1024
KEPT_HEADERS = ("content-type", "etag", "last-modified")
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (408, 425, 429, 500, 502, 503, 504)
# A store of files says 403 for what it does not hold.
ABSENT = (403, 404, 410)


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
    """For one answer, however steadily it drips."""
    run: float = 3600.0
    wait: float = 300.0
    """The longest `Retry-After` that is heeded; a longer one ends the run."""
    file_bytes: int = 16 * MIB
    run_bytes: int = 512 * MIB


@dataclass(frozen=True, slots=True)
class Known:
    """What an older fetch has of an address, and what tells whether it still holds."""

    path: Path
    sha256: str
    etag: str | None
    last_modified: str | None

    def conditions(self) -> dict[str, str]:
        """The headers of a request for what is newer."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    url: str
    """Where it came from at last, after redirects."""
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """Those of `KEPT_HEADERS` that it has."""
    content: bytes | None = None
    """None where the older bytes still hold."""


class Getter(Protocol):
    """Gives the text of an address: from the network, or from a folder."""

    async def get(self, url: str, form: Form, known: Known | None = None) -> Answer: ...


@functools.cache
def trusted() -> ssl.SSLContext:
    """The certificates, which take a tenth of a second to load."""
    return httpx.create_ssl_context()


def open_client(limits: Limits) -> httpx.AsyncClient:
    """A client that keeps a few connections, with HTTP/2 where the server has it."""
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
    """Asks servers; one instance a run."""

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

    async def get(self, url: str, form: Form, known: Known | None = None) -> Answer:
        """The text at *url*; raises `FetchError`, and `FetchStopped` where the run has to end."""
        reason = ""
        for attempt in range(self.limits.attempts):
            await self.wait(url)
            try:
                return await self.follow(url, form, known)
            except (TryAgain, Cut, httpx.TransportError) as error:
                reason = str(error) or type(error).__name__
                if attempt + 1 < self.limits.attempts:
                    await self.hold(url, error, attempt)
        text = f"{reason}; {self.limits.attempts} attempts failed. Run again later to continue."
        raise FetchError("unreachable", url, text)

    async def wait(self, url: str) -> None:
        """Sleep until the server wants requests again; no run lasts for ever."""
        now = self.timing.monotonic()
        if max(now, self.not_before) > self.deadline:
            text = f"the run has a limit of {self.limits.run:,.0f} seconds. Run again to continue."
            raise FetchStopped("too-slow", url, text)
        if self.not_before > now:
            await self.timing.sleep(self.not_before - now)

    async def hold(self, url: str, error: Exception, attempt: int) -> None:
        """Pause before the next attempt: as long as the server asks, else for longer each time."""
        after = error.after if isinstance(error, TryAgain) else None
        if after is None:
            await self.timing.sleep(pause(attempt, self.timing.chance()))
            return
        if after > self.limits.wait:
            text = f"the server asks to wait for {after:,.0f} seconds. Run again later to continue."
            raise FetchStopped("busy", url, text)
        # Jitter on top: all who were sent away together would come back together.
        moment = self.timing.monotonic() + after + self.timing.chance()
        self.not_before = max(self.not_before, moment)

    async def follow(self, url: str, form: Form, known: Known | None) -> Answer:
        """Ask, and ask where the answer points to, as long as that is a configured host."""
        asked, seen = url, {url}
        for _ in range(self.limits.redirects + 1):
            self.check(url, asked)
            answer, location = await self.ask(asked, form, known)
            if answer is not None:
                return answer
            try:
                asked = urljoin(asked, location)
            except ValueError as error:
                text = f"redirects to {location!r}, which is no address."
                raise FetchError("redirects", url, text) from error
            if asked in seen:
                raise FetchError("redirects", url, f"redirects in a circle, back to {asked}.")
            seen.add(asked)
        text = f"more than {self.limits.redirects} redirects, the last one to {asked}."
        raise FetchError("redirects", url, text)

    def check(self, url: str, asked: str) -> None:
        """Nothing is asked of a host that is not configured."""
        try:
            self.site.check(asked)
        except FetchError as error:
            if asked == url:
                raise
            raise FetchError(error.kind, url, f"redirects to {asked}: {error.text}") from error

    async def ask(self, url: str, form: Form, known: Known | None) -> tuple[Answer | None, str]:
        """One request: the answer, or None with the address that a redirect names."""
        headers = known.conditions() if known else {}
        try:
            async with self.client.stream("GET", url, headers=headers) as response:
                if response.status_code in REDIRECTS:
                    return None, location_of(response, url)
                kept = {
                    name: response.headers[name]
                    for name in KEPT_HEADERS
                    if name in response.headers
                }
                if response.status_code == 304 and headers:
                    return Answer(url, 304, kept), ""
                self.check_status(response, url)
                check_type(kept.get("content-type"), url, form)
                return Answer(url, 200, kept, await self.read(response, url)), ""
        except httpx.InvalidURL as error:
            raise FetchError("redirects", url, f"no address: {error}") from error

    def check_status(self, response: httpx.Response, url: str) -> None:
        status = response.status_code
        if status in PASSING:
            after = retry_after(response.headers.get("retry-after"), self.timing.now())
            raise TryAgain(f"status {status}", after)
        if status in ABSENT:
            raise NotServed("gone", url, f"status {status}.")
        if status != 200:
            raise FetchError("status", url, f"status {status}; expected 200.")

    async def read(self, response: httpx.Response, url: str) -> bytes:
        """The body, within every limit."""
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


def location_of(response: httpx.Response, url: str) -> str:
    location = str(response.headers.get("location", ""))
    if not location:
        text = f"status {response.status_code} without an address to go to."
        raise FetchError("redirects", url, text)
    return location


def check_type(content_type: str | None, url: str, form: Form) -> None:
    """Refuse an answer that calls itself another kind; one that says nothing passes."""
    found = (content_type or "").partition(";")[0].strip().lower()
    if found and found not in form.content_types:
        expected = ", ".join(sorted(form.content_types))
        raise NotServed("wrong-type", url, f"the content type {found!r}; expected {expected}.")
