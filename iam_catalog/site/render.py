"""Render a page of the site: an address, a model that asks the catalog, and a template.

The model is made of plain JSON values: it is the answer at the address with `.json`, and what the
template shows. Nothing here knows which server asks, if any.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from time import thread_time
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from iam_catalog.errors import CatalogError, UnknownName
from iam_catalog.facts.about import what_brings_all
from iam_catalog.site.request import BadRequest, Request, read_posted, read_values
from iam_catalog.site.typography import CONTROLS, FILTERS, visible
from iam_catalog.site.urls import Urls

Model = dict[str, Any]

STRICT_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none';"
    " form-action 'self'; img-src 'self' data:"
)
CONTENT_POLICY = f"{STRICT_POLICY}; script-src 'self'; style-src 'self'"
"""The Content-Security-Policy of the pages, which have no inline script or style."""

SECONDS = 3.0
"""Of work, not of waiting: many times what the largest page of a full catalog takes."""
STEPS = 1_000
"""Of SQLite's machine, between two looks at the clock."""

_TEMPLATES = Path(__file__).parent / "templates"
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<q>[0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)
_LONGEST_DESCRIPTION = 300
"""Characters; search engines show fewer."""
WORTH_COMPRESSING = 1_000
"""Bytes below which compressing costs more than it saves."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One kind of page."""

    path: str
    """Pattern of its address below that of the catalog, with named groups, without `.json`."""
    template: str
    model: Callable[[sqlite3.Connection, Request], Model]
    title: Callable[[Model], str]
    name: Callable[[Model], str | None] = lambda _: None
    """The name in the address, as the catalog spells it."""
    description: Callable[[Model], str | None] = lambda _: None
    """What the page says, in a sentence, for those who link to it."""
    formats: Mapping[str, Callable[[Model, Urls], Rendered]] | None = None
    """Further forms of the page, by suffix: `atom`."""
    shown: Callable[[Model], dict[str, Any]] = lambda _: {}
    """Make what the template gets beside the model, such as pictures."""
    status: Callable[[Model], int] = lambda _: HTTPStatus.OK
    """Other than OK where the model says what is wrong with a form, which the page shows again."""
    longest_value: Mapping[str, int] = field(default_factory=dict)
    """Characters that values of some names may have, if not `LONGEST_VALUE`."""
    longest_form: int | None = None
    """Bytes that a POST may have; `None` where the page takes none."""
    seconds: float = SECONDS
    """Of work that the page may take."""
    file_field: str = "file"
    """The value of a posted form that is a file."""
    leads_to: Callable[[Model, Urls], str | None] = lambda *_: None
    """Find the page that a request is better answered by, which the browser is sent to."""
    needs_server: bool = False
    """It answers what people type, so that a static site cannot have it."""
    shows_whole_catalog: bool = False
    """In a static site of some services it shows what the others say, too."""
    narrowed_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The queries whose answers a static site has as pages, by form (`html`, `atom`)."""

    def address(self, model: Model, urls: Urls) -> str:
        """Return the one address of the page, without a query."""
        kinds, _, has_name = self.path.partition("(?P<")
        parts = [part for part in kinds.split("/") if part]
        if self.path.startswith("("):  # of the home, which has no name, or `index`
            return urls.home
        if not has_name:
            return urls.page(*parts)
        name = self.name(model) or ""
        return urls.source(name) if parts == ["page"] else urls.page(*parts, name)

    @property
    def methods(self) -> tuple[str, ...]:
        return ("GET", "HEAD") if self.longest_form is None else ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The body of a response, as it is sent again and again."""

    status: int
    content_type: str
    body: bytes
    compressed: bytes | None
    location: str | None = None
    """Where the browser is sent instead."""

    def sent(self, accepted_encodings: str) -> tuple[bytes, dict[str, str]]:
        """Return the body as it is sent, and the headers that go with it."""
        headers = {"Vary": "Accept-Encoding", "Content-Security-Policy": CONTENT_POLICY}
        if self.location:
            headers["Location"] = self.location
        if self.compressed is None or not accepts_gzip(accepted_encodings):
            return self.body, headers
        return self.compressed, {**headers, "Content-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page."""

    page: SitePage
    urls: Urls
    names: Mapping[str, str]
    """The parts of the address, decoded."""
    form: str
    """`html`, `json`, or another one that the page has."""
    query: str
    posted: tuple[str, bytes] | None = None
    """The content type and the body of a POST."""
    path: str | None = None
    """The path as it was sent; None where it does not matter how the address is spelled."""

    def answer(self, connection: sqlite3.Connection, freshness: str) -> Rendered:
        """Make the page from the catalog, or the page that says why there is none.

        *freshness* is the line at its foot.
        """
        try:
            with time_limit(connection, self.page.seconds):
                model = self.page.model(connection, self._request())
            brings_all = what_brings_all(connection)
        except UnknownName as error:
            return self._unknown(error)
        except CatalogError as error:
            return self.fault(400, str(error))
        except BadRequest as error:
            return self.fault(error.status, str(error))
        if other := self._other_address(model):
            return redirection(other)
        if self.page.formats and self.form in self.page.formats:
            return self.page.formats[self.form](model, self.urls)
        if self.form == "json":
            return as_json(model, self.page.status(model))
        if address := self.page.leads_to(model, self.urls):
            return Rendered(HTTPStatus.FOUND, "text/plain; charset=utf-8", b"", None, address)
        canonical = self._canonical(model)
        html = html_of(self.page, model, self.urls, freshness, brings_all, canonical)
        return rendered(self.page.status(model), "text/html; charset=utf-8", html)

    def _other_address(self, model: Model) -> str | None:
        """Return the address of the page, if that is not how the request spells it."""
        if self.path is None or self.posted is not None:
            return None
        address = self.page.address(model, self.urls)
        if self.form != "html":
            is_home = address == self.urls.home  # where there is no name to put a suffix to
            address = f"{self.urls.page('index') if is_home else address}.{self.form}"
        # Below the base, which a proxy may have taken away.
        if address.removeprefix(self.urls.base) == self.path.removeprefix(self.urls.base).lstrip(
            "/"
        ):
            return None
        return f"{address}?{self.query}" if self.query else address

    def _canonical(self, model: Model) -> str:
        """Return the address of what is shown, with the values that make it another page."""
        address = self.page.address(model, self.urls)
        if self.posted is not None:
            return address
        kept = self.page.narrowed_by.get("html", frozenset())
        values = read_values(self.query, self.page.longest_value)
        asked = [
            (name, text)
            for name, texts in sorted(values.items())
            for text in texts
            if text and name in kept
        ]
        return f"{address}?{urlencode(asked)}" if asked else address

    def fault(self, status: int, message: str) -> Rendered:
        """Make the page that says what is wrong with the request."""
        return error_page(self.urls, self.form, status, message)

    def _request(self) -> Request:
        if self.posted is None:
            return Request(self.names, read_values(self.query, self.page.longest_value))
        return read_posted(self.names, self.query, *self.posted, self.page.file_field)

    def _unknown(self, error: UnknownName) -> Rendered:
        named = {
            name: self.urls.named(error.noun, name) or self.urls.page("search", q=name)
            for name in error.suggestions
        }
        return error_page(self.urls, self.form, HTTPStatus.NOT_FOUND, str(error), named)


@contextmanager
def time_limit(connection: sqlite3.Connection, seconds: float = SECONDS) -> Iterator[None]:
    """Stop what asks *connection* for longer than *seconds*, by raising `BadRequest`.

    The time of the thread that asks counts, so that a busy machine stops nobody. SQLite looks at
    the clock while it answers, so a model is stopped at its next question.
    """
    end = thread_time() + seconds
    connection.set_progress_handler(lambda: thread_time() > end, STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        raise BadRequest(
            f"That takes more than {seconds:g} seconds of work: ask for less at once, or ask"
            " iam-catalog on the command line, which takes its time.",
            503,
        ) from None
    finally:
        connection.set_progress_handler(None, 0)


def html_of(
    page: SitePage,
    model: Model,
    urls: Urls,
    freshness: str,
    brings_all: str | None = None,
    canonical: str | None = None,
) -> str:
    """Render a model; *brings_all* says what brings all of AWS, where that is at hand.

    *canonical* is the address of the page, unless *urls* know it.
    """
    return from_template(
        page.template,
        model=model,
        urls=urls,
        title=page.title(model),
        freshness=freshness,
        brings_all=brings_all,
        canonical=urls.canonical or canonical,
        description=shortened(page.description(model)),
        **page.shown(model),
    )


def from_template(name: str, **variables: Any) -> str:
    """Render a template of the site; a name that it is not given is an error."""
    known = {"canonical": None, "description": None, **variables}
    return _templates().get_template(name).render(**known)


def shortened(text: str | None) -> str | None:
    """Return a text as a description of a page: in a line, of at most `_LONGEST_DESCRIPTION`."""
    line = " ".join((text or "").split())
    if len(line) > _LONGEST_DESCRIPTION:
        line = line[:_LONGEST_DESCRIPTION].rpartition(" ")[0].rstrip(",;:") + " …"
    return line or None


def redirection(address: str, *, is_post: bool = False) -> Rendered:
    """Send a browser to the one address of a page, for ever; a form is sent there again."""
    status = HTTPStatus.PERMANENT_REDIRECT if is_post else HTTPStatus.MOVED_PERMANENTLY
    return Rendered(status, "text/plain; charset=utf-8", b"", None, address)


def accepts_gzip(accepted: str) -> bool:
    """Return True if an `Accept-Encoding` header allows gzip.

    >>> accepts_gzip("br, gzip;q=0.5"), accepts_gzip("gzip;q=0"), accepts_gzip("identity")
    (True, False, False)
    """
    found = _GZIP.search(accepted)
    return found is not None and (found["q"] is None or float(found["q"] or 0) > 0)


def as_json(value: Any, status: int = HTTPStatus.OK) -> Rendered:
    """Render a value as JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return rendered(status, "application/json; charset=utf-8", text)


def rendered(status: int, content_type: str, text: str) -> Rendered:
    """Make the body of a response, compressed where that pays."""
    body = bytes_of(text)
    # No time stamp in the archive: the same page is the same bytes.
    compressed = gzip.compress(body, 6, mtime=0) if len(body) > WORTH_COMPRESSING else None
    return Rendered(status, content_type, body, compressed)


def bytes_of(text: str) -> bytes:
    """Encode a rendered text, without the empty lines that templates leave."""
    return re.sub(r"\n[ \t]*(?=\n)", "", text).encode()


def error_page(
    urls: Urls,
    form: str,
    status: int,
    message: str,
    suggestions: Mapping[str, str] = MappingProxyType({}),
) -> Rendered:
    """Say what is wrong with a request, and where the one who asked may have wanted to go.

    *suggestions* are names with their addresses.
    """
    if form == "json":
        return as_json({"error": message, "suggestions": list(suggestions)}, status)
    html = from_template(
        "error.html",
        message=message,
        suggestions=suggestions,
        status=status,
        urls=urls,
        title=HTTPStatus(status).phrase,
        freshness=None,
    )
    return rendered(status, "text/html; charset=utf-8", html)


class _ModelEnvironment(Environment):
    """Looks into dictionaries for their keys first, which is what models are made of."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _without_controls(value: Any) -> Any:
    # Control characters would act on what shows a page, such as a terminal.
    return visible(value) if type(value) is str and CONTROLS.search(value) else value


@cache
def _templates() -> Environment:
    environment = _ModelEnvironment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_controls,
    )
    environment.filters.update(FILTERS)
    return environment
