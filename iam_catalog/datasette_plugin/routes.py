"""Serve the pages of catalogs in Datasette: at `/DB/-/…`, at `/`, and what they load.

At such an address of another database Datasette answers as ever: it is a row of a table called
`-`, a page of Datasette's own, or nothing. What was rendered is kept for as long as its catalog is
current, because a catalog never changes.
"""

from __future__ import annotations

import re
import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from datasette import NotFound, Response

from iam_catalog.datasette_plugin import compat
from iam_catalog.datasette_plugin.download import DOWNLOAD_ROUTE, download
from iam_catalog.datasette_plugin.freshness import (
    JSON_ROUTE,
    freshness_json,
    line_of,
    visible_catalogs,
)
from iam_catalog.datasette_plugin.generations import Generation
from iam_catalog.datasette_plugin.live_database import LiveDatabase, live_databases
from iam_catalog.errors import build_command
from iam_catalog.site import assets
from iam_catalog.site.pages import PAGES
from iam_catalog.site.pages.home import PAGE as HOME
from iam_catalog.site.render import Rendered, SitePage, Visit, error_page, from_template, rendered
from iam_catalog.site.request import BadRequest, Request, read_values
from iam_catalog.site.urls import Urls, tilde_encode

MOST_KEPT = 32 * 1024 * 1024
"""Bytes of rendered pages that are kept of a catalog."""

_DATABASE = r"/(?P<database>[^/]+)/-/"
"""How the addresses of a catalog start."""
_ASSETS = r"/-/static-plugins/iam[-_]catalog/(?P<file>[a-z-]+\.(?:css|js))$"
"""In the place of Datasette's own, which would send them anew with every page."""
_OWN_ASSETS = Path(__file__).parent / "static"
"""The style sheet of Datasette's own pages, which metadata.json names."""
_START = r"/(?P<format>)$"
"""With the name that Datasette's own start page asks for, which is always empty here."""

_View = Callable[[Any, Any, LiveDatabase], Awaitable[Response]]


def all_routes() -> list[tuple[str, Any]]:
    """Return the routes of the plugin, the last of which takes what the others left."""
    pages = []
    for page in PAGES:
        suffixes = "|".join(["json", *(page.formats or ())])
        pattern = rf"{_DATABASE}{page.path}(?:\.(?P<form>{suffixes}))?$"
        pages.append((pattern, _of_catalogs(_view_of(page))))
    return [
        (JSON_ROUTE, freshness_json),
        (DOWNLOAD_ROUTE, download),
        (_START, _start),
        (rf"{_DATABASE}go$", _of_catalogs(_go)),
        (_ASSETS, _asset),
        *pages,
        (rf"{_DATABASE}(?P<path>(?s:.*))$", _of_catalogs(_not_found, is_last=True)),
    ]


def takes_forms(datasette: Any, path: str) -> bool:
    """Return True if *path* is the address of a page of a catalog that answers a POST."""
    base = datasette.setting("base_url")
    inside = f"/{path.removeprefix(base)}" if path.startswith(base) else path
    found = re.match(rf"{_DATABASE}(?P<page>.+?)(?:\.json)?$", inside)
    return (
        found is not None
        and any(page.longest_form and page.path == found["page"] for page in PAGES)
        and _catalog_named(datasette, found["database"]) is not None
    )


def _of_catalogs(view: _View, *, is_last: bool = False) -> Callable[..., Any]:
    """Route only requests for catalogs to *view*; leave all others to Datasette.

    With *is_last* also those for pages that Datasette itself has of every database.
    """

    async def route(datasette: Any, request: Any, send: Any) -> Any:
        database = _catalog_named(datasette, request.url_vars["database"])
        if database is None:
            return await compat.answer_of_datasette(datasette, request, send, _DATABASE)
        if is_last and (
            answer := await compat.answer_of_datasette(
                datasette, request, send, _DATABASE, pages_only=True
            )
        ):
            return answer
        return await view(datasette, request, database)

    return route


def _catalog_named(datasette: Any, name: str) -> LiveDatabase | None:
    for database in live_databases(datasette):
        if compat.tilde_decode(unquote(name)) in (database.route, database.name):
            return database
    return None


def _view_of(page: SitePage) -> _View:
    async def view(datasette: Any, request: Any, database: LiveDatabase) -> Response:
        names = {name: unquote(text) for name, text in request.url_vars.items() if text}
        del names["database"]
        return await _page(page, datasette, request, database, names)

    return view


async def _page(
    page: SitePage,
    datasette: Any,
    request: Any,
    database: LiveDatabase,
    names: Mapping[str, str],
) -> Response:
    """Answer with the page of one catalog; *names* are the parts of the address, and its `form`."""
    await compat.check_may_see(datasette, request.actor, database.name)
    urls = _urls_of(datasette, database)
    form = names.get("form", "html")
    if request.method not in page.methods:
        message = f"{request.method[:20]} has no meaning here."
        return _response(request, error_page(urls, form, 405, message))
    posted = None
    try:
        if request.method == "POST":
            posted = await _posted(page, request)
    except BadRequest as error:
        return _response(request, error_page(urls, form, error.status, str(error)))
    parts = {name: text for name, text in names.items() if name != "form"}
    visit = Visit(page, urls, parts, form, request.query_string, posted)
    key = f"{urls.base} {request.full_path}" if posted is None else None
    response = _response(request, await _answer(visit, database, key))
    if posted:
        response.headers["Cache-Control"] = "no-store"
    return response


async def _posted(page: SitePage, request: Any) -> tuple[str, bytes]:
    """Return the content type and the body of a POST; raises `BadRequest` for a longer one."""
    body = await request.post_body()
    longest = page.longest_form or 0
    if len(body) > longest:
        raise BadRequest(
            f"The form has {len(body):,} bytes: send at most {longest:,}, or ask iam-catalog on"
            " the command line.",
            413,
        )
    return request.headers.get("content-type", ""), body


async def _answer(visit: Visit, database: LiveDatabase, key: str | None) -> Rendered:
    """Return the page as it was kept under *key*, or make it; with `None` it is not kept."""
    try:
        generation = database.asked()
    except sqlite3.Error:
        return visit.fault(503, "The catalog can not be read.")
    if generation.problem:
        command = build_command(str(database.path))
        return visit.fault(503, f"{line_of(database)}. Build it anew with: {command}")
    kept = _kept.setdefault(generation, _Kept())
    found = kept.get(key) if key else None
    if found is None:
        line = line_of(database)
        # In one thread on one connection, so that a page is of one catalog.
        found = await database.ask(lambda connection: visit.answer(connection, line))
        if key and found.status == HTTPStatus.OK:
            kept.keep(key, found)
    return found


class _Kept:
    """The rendered pages of one catalog, the least used of which go first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Rendered] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> Rendered | None:
        found = self._pages.get(key)
        if found:
            self._pages.move_to_end(key)
        return found

    def keep(self, key: str, page: Rendered) -> None:
        size = len(page.body) + len(page.compressed or b"")
        if key in self._pages or size > MOST_KEPT // 8:
            return
        self._pages[key] = page
        self._size += size
        while self._size > MOST_KEPT:
            _, oldest = self._pages.popitem(last=False)
            self._size -= len(oldest.body) + len(oldest.compressed or b"")


_kept: WeakKeyDictionary[Generation, _Kept] = WeakKeyDictionary()


async def _start(datasette: Any, request: Any) -> Any:
    """Show the home page of the one catalog, the list of several, or Datasette's start page."""
    catalogs = await visible_catalogs(datasette, request.actor)
    if not catalogs:
        return await compat.start_of_datasette(datasette, request)
    if len(catalogs) == 1:
        return await _page(HOME, datasette, request, catalogs[0], {})
    base = datasette.setting("base_url")
    listed = [
        {"name": each.name, "urls": _urls_of(datasette, each), "line": line_of(each)}
        for each in catalogs
    ]
    html = from_template(
        "catalogs.html",
        title="Catalogs",
        catalogs=listed,
        urls=listed[0]["urls"],
        freshness=None,
        base=base,
    )
    return _response(request, rendered(200, "text/html; charset=utf-8", html))


async def _go(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """Redirect to the page of a kind and name, or to the search for a name without a kind.

    So what searches need not know how names are written in addresses.
    """
    await compat.check_may_see(datasette, request.actor, database.name)
    urls = _urls_of(datasette, database)
    try:
        asked = Request(values=read_values(request.query_string))
    except BadRequest as error:
        return _response(request, error_page(urls, "html", 400, str(error)))
    name = asked.value("name")
    if name is None:
        return Response.redirect(urls.page("search"))
    kind = asked.value("kind") or ""
    return Response.redirect(urls.named(kind, name) or urls.page("search", q=name))


async def _not_found(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """Answer 404 below `/DB/-/`, which Datasette would read as a row.

    An address with a slash too many leads to the one without.
    """
    await compat.check_may_see(datasette, request.actor, database.name)
    path = request.url_vars["path"]
    if path.endswith("/") and path.strip("/"):
        query = f"?{request.query_string}" if request.query_string else ""
        return Response.redirect(request.path.rstrip("/") + query)
    form = "json" if path.endswith(".json") else "html"
    message = f"No page {unquote(path)[:200]!r} on this site: search for what it was about."
    return _response(request, error_page(_urls_of(datasette, database), form, 404, message))


async def _asset(request: Any) -> Response:
    """Send a script or style sheet, compressed, and with its mark in the address for ever."""
    file = request.url_vars["file"]
    folder = _OWN_ASSETS if (_OWN_ASSETS / file).exists() else None
    try:
        found = assets.asset_named(file, folder)
    except FileNotFoundError as error:
        raise NotFound("No such file") from error
    headers = {
        "Cache-Control": found.cache_control(request.query_string),
        "Vary": "Accept-Encoding",
    }
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.body, 200, headers, found.content_type)
    headers["Content-Encoding"] = "gzip"
    return Response(found.compressed, 200, headers, found.content_type)


def _urls_of(datasette: Any, database: LiveDatabase) -> Urls:
    return Urls(datasette.setting("base_url"), tilde_encode(database.route or database.name))


def _response(request: Any, page: Rendered) -> Response:
    body, headers = page.sent(request.headers.get("accept-encoding", ""))
    return Response(body, page.status, headers, page.content_type)
