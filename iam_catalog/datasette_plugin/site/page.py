"""A page of the site: an address, a model that asks the catalog, and a template that shows it.

The model and the template run in one thread on one connection, so that a page is of one catalog.
What was rendered is kept for as long as its catalog is current, because a catalog never changes.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from datasette import Response
from datasette.utils import tilde_encode
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from iam_catalog.datasette_plugin.freshness_line import line_of
from iam_catalog.datasette_plugin.generations import Generation
from iam_catalog.datasette_plugin.live_database import LiveDatabase
from iam_catalog.datasette_plugin.site.asked import Asked, BadRequest, read_values
from iam_catalog.datasette_plugin.site.of_catalogs import (
    DATABASE,
    catalog_named,
    inside,
    of_catalogs,
)
from iam_catalog.datasette_plugin.site.posted import read_posted
from iam_catalog.datasette_plugin.site.security import OWN_POLICY
from iam_catalog.datasette_plugin.site.time_limit import time_limit
from iam_catalog.datasette_plugin.site.typography import CONTROLS, FILTERS, visible
from iam_catalog.datasette_plugin.site.urls import Urls
from iam_catalog.errors import CatalogError, UnknownName, build_command
from iam_catalog.facts.about import what_brings_all

Model = dict[str, Any]
TEMPLATES = Path(__file__).parent.parent / "templates"
MOST_KEPT = 32 * 1024 * 1024
"""Bytes of rendered pages that are kept of a catalog."""
WORTH_COMPRESSING = 1_000
"""Bytes below which compressing costs more than it saves."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One kind of page."""

    path: str
    """Pattern behind `/DB/-/`, with named groups; the site adds `.json`."""
    template: str
    model: Callable[[sqlite3.Connection, Asked], Model]
    title: Callable[[Model], str]
    formats: Mapping[str, Callable[[Model, Urls], Rendered]] | None = None
    """Further forms of the page, by suffix: `atom`."""
    shown: Callable[[Model], dict[str, Any]] = lambda _: {}
    """What the template gets beside the model: pictures, made of it."""
    status: Callable[[Model], int] = lambda _: HTTPStatus.OK
    """Other than OK where the model says what is wrong with a form, which the page shows again."""
    longest_value: Mapping[str, int] = field(default_factory=dict)
    """Characters that values of some names may have, if not `LONGEST_VALUE`."""
    longest_form: int | None = None
    """Bytes that a POST may have; None where the page takes none."""
    file_field: str = "file"
    """The value of a posted form that is a file."""

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

    def response(self, accepts: str) -> Response:
        headers = {"Vary": "Accept-Encoding", "Content-Security-Policy": OWN_POLICY}
        body = self.body
        if self.compressed is not None and "gzip" in accepts:
            body = self.compressed
            headers["Content-Encoding"] = "gzip"
        return Response(body, self.status, headers, self.content_type)


class Kept:
    """The rendered pages of one catalog, the least used of which go first."""

    def __init__(self) -> None:
        self.pages: OrderedDict[str, Rendered] = OrderedDict()
        self.size = 0

    def get(self, key: str) -> Rendered | None:
        found = self.pages.get(key)
        if found:
            self.pages.move_to_end(key)
        return found

    def keep(self, key: str, rendered: Rendered) -> None:
        size = len(rendered.body) + len(rendered.compressed or b"")
        if key in self.pages or size > MOST_KEPT // 8:
            return
        self.pages[key] = rendered
        self.size += size
        while self.size > MOST_KEPT:
            _, oldest = self.pages.popitem(last=False)
            self.size -= len(oldest.body) + len(oldest.compressed or b"")


_kept: WeakKeyDictionary[Generation, Kept] = WeakKeyDictionary()


class ModelEnvironment(Environment):
    """Looks into dictionaries for their keys first, which is what models are made of."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def without_controls(value: Any) -> Any:
    """*value*, whose control characters must not act on what shows a page, such as a terminal."""
    return visible(value) if type(value) is str and CONTROLS.search(value) else value


@cache
def templates() -> Environment:
    """The templates of the site; a name that a model does not have is an error."""
    environment = ModelEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=without_controls,
    )
    environment.filters.update(FILTERS)
    return environment


def routes(pages: tuple[SitePage, ...]) -> list[tuple[str, Any]]:
    """Datasette's routes of the pages."""
    found = []
    for page in pages:
        suffixes = "|".join(["json", *(page.formats or ())])
        pattern = rf"{DATABASE}{page.path}(?:\.(?P<form>{suffixes}))?$"
        found.append((pattern, view_of(page)))
    return found


def takes_forms(pages: tuple[SitePage, ...], datasette: Any, path: str) -> bool:
    """Whether *path* is the address of a page of a catalog that answers a POST."""
    found = re.match(rf"{DATABASE}(?P<page>.+?)(?:\.json)?$", inside(datasette, path))
    return (
        found is not None
        and any(page.longest_form and page.path == found["page"] for page in pages)
        and catalog_named(datasette, found["database"]) is not None
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page."""

    page: SitePage
    urls: Urls
    names: Mapping[str, str]
    form: str
    """`html`, `json`, or another one that the page has."""
    key: str | None
    """What the answer is kept under; None for the answer to a form."""
    query: str
    posted: tuple[str, bytes] | None
    """The content type and the body of a POST."""
    accepts: str
    """The encodings that the browser takes."""

    def asked(self) -> Asked:
        """What is asked; raises `BadRequest`."""
        if self.posted is None:
            return Asked(self.names, read_values(self.query, self.page.longest_value))
        return read_posted(self.names, self.query, *self.posted, self.page.file_field)

    def fault(self, status: int, message: str) -> Rendered:
        return error_page(self.urls, self.form, status, message)

    def unknown(self, error: UnknownName) -> Rendered:
        """What a name that is not there may have been, with the way to each."""
        named = {
            name: self.urls.named(error.noun, name) or self.urls.page("search", q=name)
            for name in error.suggestions
        }
        return error_page(self.urls, self.form, HTTPStatus.NOT_FOUND, str(error), named)


def view_of(page: SitePage) -> Callable[[Any, Any], Any]:
    async def view(datasette: Any, request: Any, database: LiveDatabase) -> Response:
        names = {name: unquote(text) for name, text in request.url_vars.items() if text}
        del names["database"]
        return await view_at(page, datasette, request, database, names)

    return of_catalogs(view)


async def view_at(
    page: SitePage,
    datasette: Any,
    request: Any,
    database: LiveDatabase,
    names: Mapping[str, str],
) -> Response:
    """The page of one catalog; *names* are the parts of the address, with its `form`."""
    await datasette.ensure_permissions(
        request.actor, [("view-database", database.name), "view-instance"]
    )
    urls = urls_of(datasette, database)
    form = names.get("form", "html")
    accepts = request.headers.get("accept-encoding", "")
    if request.method not in page.methods:
        message = f"{request.method[:20]} has no meaning here."
        return error_page(urls, form, 405, message).response(accepts)
    sent = None
    try:
        if request.method == "POST":
            sent = await posted(page, request)
    except BadRequest as error:
        return error_page(urls, form, error.status, str(error)).response(accepts)
    key = f"{urls.base} {request.full_path}" if sent is None else None
    parts = {name: text for name, text in names.items() if name != "form"}
    visit = Visit(page, urls, parts, form, key, request.query_string, sent, accepts)
    response = await answer(visit, database)
    if sent:
        response.headers["Cache-Control"] = "no-store"
    return response


def urls_of(datasette: Any, database: LiveDatabase) -> Urls:
    """The addresses of one catalog, with its name as Datasette writes it in its own."""
    return Urls(datasette.setting("base_url"), tilde_encode(database.route or database.name))


async def answer(visit: Visit, database: LiveDatabase) -> Response:
    """The page, as it was kept or made anew."""
    try:
        generation = database.asked()
    except sqlite3.Error:
        return visit.fault(503, "The catalog can not be read.").response(visit.accepts)
    if generation.problem:
        return visit.fault(503, remedy(database)).response(visit.accepts)
    kept = _kept.setdefault(generation, Kept())
    found = kept.get(visit.key) if visit.key else None
    if found is None:
        freshness = line_of(database)
        found = await database.execute_fn(lambda connection: made_of(visit, connection, freshness))
        if visit.key and found.status == HTTPStatus.OK:
            kept.keep(visit.key, found)
    return found.response(visit.accepts)


def remedy(database: LiveDatabase) -> str:
    """What is wrong with a catalog that this site can not read, and what to do."""
    command = build_command(str(database.path))
    return f"{line_of(database)}. Build it anew with: {command}"


def made_of(visit: Visit, connection: sqlite3.Connection, freshness: str) -> Rendered:
    """The page from the catalog, or the page that says why there is none."""
    try:
        with time_limit(connection):
            model = visit.page.model(connection, visit.asked())
        brings_all = what_brings_all(connection)
    except UnknownName as error:
        return visit.unknown(error)
    except CatalogError as error:
        return visit.fault(400, str(error))
    except BadRequest as error:
        return visit.fault(error.status, str(error))
    if visit.page.formats and visit.form in visit.page.formats:
        return visit.page.formats[visit.form](model, visit.urls)
    if visit.form == "json":
        return as_json(model, visit.page.status(model))
    html = html_of(visit.page, model, visit.urls, freshness, brings_all)
    return made(visit.page.status(model), "text/html; charset=utf-8", html)


async def posted(page: SitePage, request: Any) -> tuple[str, bytes]:
    """The content type and the body of a POST; raises `BadRequest` for a longer one."""
    body = await request.post_body()
    longest = page.longest_form or 0
    if len(body) > longest:
        raise BadRequest(
            f"The form has {len(body):,} bytes: send at most {longest:,}, or ask iam-catalog on"
            " the command line.",
            413,
        )
    return request.headers.get("content-type", ""), body


def html_of(
    page: SitePage, model: Model, urls: Urls, freshness: str, brings_all: str | None = None
) -> str:
    """The model in its template, with what brings all of AWS where that is at hand."""
    template = templates().get_template(f"iam_catalog/{page.template}")
    return template.render(
        model=model,
        urls=urls,
        title=page.title(model),
        freshness=freshness,
        brings_all=brings_all,
        **page.shown(model),
    )


def as_json(value: Any, status: int = HTTPStatus.OK) -> Rendered:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return made(status, "application/json; charset=utf-8", text)


def made(status: int, content_type: str, text: str) -> Rendered:
    body = bytes_of(text)
    # No time stamp in the archive: the same page is the same bytes.
    compressed = gzip.compress(body, 6, mtime=0) if len(body) > WORTH_COMPRESSING else None
    return Rendered(status, content_type, body, compressed)


def bytes_of(text: str) -> bytes:
    """What is sent of a rendered text: without the empty lines that templates leave."""
    return re.sub(r"\n[ \t]*(?=\n)", "", text).encode()


def error_page(
    urls: Urls,
    form: str,
    status: int,
    message: str,
    suggestions: Mapping[str, str] = MappingProxyType({}),
) -> Rendered:
    """What is wrong with the request, and where the one who asked may have wanted to go.

    *suggestions* are names with their addresses.
    """
    if form == "json":
        return as_json({"error": message, "suggestions": list(suggestions)}, status)
    html = (
        templates()
        .get_template("iam_catalog/error.html")
        .render(
            message=message,
            suggestions=suggestions,
            status=status,
            urls=urls,
            title=HTTPStatus(status).phrase,
            freshness=None,
        )
    )
    return made(status, "text/html; charset=utf-8", html)
