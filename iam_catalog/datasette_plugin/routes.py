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
from urllib.parse import quote, unquote
from weakref import WeakKeyDictionary

from datasette import NotFound, Response

from iam_catalog.datasette_plugin import compat, crawlers
from iam_catalog.datasette_plugin.download import DOWNLOAD_ROUTE, download
from iam_catalog.datasette_plugin.freshness import (
    JSON_ROUTE,
    freshness_json,
    line_of,
    visible_catalogs,
)
from iam_catalog.datasette_plugin.generations import Generation
from iam_catalog.datasette_plugin.live_database import LiveDatabase, live_databases
from iam_catalog.datasette_plugin.validators import named_tags, validators_of
from iam_catalog.errors import build_command
from iam_catalog.site import assets
from iam_catalog.site.crawlers import opensearch, paths_of, sitemap, sitemap_parts
from iam_catalog.site.pages import PAGES
from iam_catalog.site.pages.home import PAGE as HOME
from iam_catalog.site.render import (
    Rendered,
    SitePage,
    Visit,
    accepts_gzip,
    error_page,
    from_template,
    redirection,
    rendered,
)
from iam_catalog.site.request import BadRequest, Request, read_values
from iam_catalog.site.urls import Urls, tilde_encode

MOST_KEPT = 32 * 1024 * 1024
"""Bytes of rendered pages that are kept of a catalog."""

_DATABASE = r"/(?P<database>[^/]+)/-/"
"""How the addresses of a catalog start."""
_ASSETS = r"/-/static-plugins/iam[-_]catalog/(?P<file>[a-z-]+\.(?:css|js))$"
"""In the place of Datasette's own, which would send them anew with every page."""
SCRIPT = "-/static-plugins/iam-catalog/datasette.js"
"""The script of Datasette's own pages of a catalog, from the base of the site."""
_OWN_ASSETS = Path(__file__).parent / "static"
"""The style sheet of Datasette's own pages, which metadata.json names, and their script."""
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
        *crawlers.all_routes(),
        (rf"{_DATABASE}{crawlers.OPENSEARCH}$", _of_catalogs(_opensearch)),
        (rf"{_DATABASE}{crawlers.SITEMAP}$", _of_catalogs(_sitemap)),
        (rf"{_DATABASE[:-1]}$", _of_catalogs(_without_path)),
        (_ASSETS, _asset),
        *pages,
        (rf"{_DATABASE}(?P<path>(?s:.*))$", _of_catalogs(_not_found, is_last=True)),
    ]


def longest_form(datasette: Any, path: str) -> int | None:
    """Return the bytes of a POST that the page of a catalog at *path* takes; `None` for others."""
    base = datasette.setting("base_url")
    inside = f"/{path.removeprefix(base)}" if path.startswith(base) else path
    found = re.match(rf"{_DATABASE}(?P<page>.+?)(?:\.json)?$", inside)
    if found is None or _catalog_named(datasette, found["database"]) is None:
        return None
    return next((page.longest_form for page in PAGES if page.path == found["page"]), None)


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
    path = compat.path_as_sent(request.scope)
    if path.endswith("/") and page is not HOME:
        query = f"?{request.query_string}" if request.query_string else ""
        is_post = request.method == "POST"
        return _response(request, redirection(path.rstrip("/") + query, is_post=is_post))
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
    is_start = path.removeprefix(urls.base).strip("/") == ""  # which is the home of the one catalog
    visit = Visit(
        page, urls, parts, form, request.query_string, posted, path=None if is_start else path
    )
    if posted is not None:
        response = _response(request, await _answer(visit, database, None))
        response.headers["Cache-Control"] = "no-store"
        return response
    address = f"{urls.base} {path}?{request.query_string}"
    return await _validated(request, database, address, lambda: _answer(visit, database, address))


async def _validated(
    request: Any,
    database: LiveDatabase,
    address: str,
    answer: Callable[[], Awaitable[Rendered]],
) -> Response:
    """Answer 304 where the client has what *answer* would give; else with its validators."""
    try:
        generation = database.asked()
    except sqlite3.Error:
        return _response(request, await answer())
    known = await validators_of(generation, address, line_of(database))
    headers = known.headers(is_private=request.actor is not None)
    headers["Vary"] = "Accept-Encoding"
    if known.has_tag(request.headers):  # which only an answer 200 to this address had
        return Response("", 304, headers)
    page = await answer()
    if page.status != HTTPStatus.OK:
        return _response(request, page)
    if known.is_known(request.headers):
        return Response("", 304, headers)
    response = _response(request, page)
    response.headers.update(headers)
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
        return visit.fault(503, "The catalog cannot be read.")
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


async def _opensearch(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """Tell browsers how to search this catalog."""
    await compat.check_may_see(datasette, request.actor, database.name)
    urls = _urls_of(datasette, database)
    name = "IAM catalog" if len(live_databases(datasette)) == 1 else f"IAM catalog {database.name}"
    text = opensearch(urls, lambda path: str(datasette.absolute_url(request, path)), name)
    page = rendered(200, "application/opensearchdescription+xml; charset=utf-8", text)

    async def answer() -> Rendered:
        return page

    return await _validated(request, database, text, answer)


async def _sitemap(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """List the pages of names of one kind, for those who index sites."""
    await compat.check_may_see(datasette, request.actor, database.name)
    kind, number = request.url_vars["kind"], int(request.url_vars["number"] or 1)
    urls = _urls_of(datasette, database)
    start = str(datasette.absolute_url(request, "/"))
    about = database.asked().about

    async def answer() -> Rendered:
        parts = await database.ask(sitemap_parts)
        names = parts.get(kind, [])
        if not 1 <= number <= len(names) or about is None:
            return error_page(
                urls, "html", 404, f"No sitemap of {kind!r} with the number {number}."
            )
        addresses = [
            f"{start.rstrip('/')}{path}" for path in paths_of(urls, kind, names[number - 1])
        ]
        return rendered(200, "application/xml; charset=utf-8", sitemap(addresses, about.as_of))

    return await _validated(request, database, f"{start} {request.path}", answer)


async def _not_found(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """Answer 404 below `/DB/-/`, which Datasette would read as a row.

    An address that spells that of a page otherwise leads there.
    """
    await compat.check_may_see(datasette, request.actor, database.name)
    path = request.url_vars["path"]
    meant = _meant(path)
    if meant is not None:
        address = _urls_of(datasette, database).home + meant
        query = f"?{request.query_string}" if request.query_string else ""
        is_post = request.method not in ("GET", "HEAD")
        return _response(request, redirection(address + query, is_post=is_post))
    form = "json" if path.endswith(".json") else "html"
    message = f"No page {unquote(path)[:200]!r} on this site: search for what it was about."
    return _response(request, error_page(_urls_of(datasette, database), form, 404, message))


def _meant(path: str) -> str | None:
    """Return the path of a page that *path* spells otherwise: with more slashes or in capitals.

    >>> _meant("services/"), _meant("Action//s3:GetObject"), _meant("nothing/")
    ('services', 'action/s3:GetObject', None)
    """
    decoded = re.sub(r"//+", "/", unquote(path)).strip("/")
    kind, slash, rest = decoded.partition("/")
    if kind.lower() == "tools":
        rest = rest.lower()
    meant = f"{kind.lower()}{slash}{rest}" if slash else decoded.lower()
    spelled = quote(meant, safe="/:@~")
    is_page = any(re.fullmatch(rf"{page.path}(?:\.\w+)?", meant) for page in PAGES)
    return spelled if is_page and spelled != path else None


async def _without_path(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """Lead from `/DB/-` to the home of a catalog."""
    await compat.check_may_see(datasette, request.actor, database.name)
    return _response(request, redirection(_urls_of(datasette, database).home))


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
        "ETag": f'W/"{found.mark}"',
    }
    if f'"{found.mark}"' in named_tags(request.headers):
        return Response("", 304, headers)
    if not accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(found.body, 200, headers, found.content_type)
    headers["Content-Encoding"] = "gzip"
    return Response(found.compressed, 200, headers, found.content_type)


def _urls_of(datasette: Any, database: LiveDatabase) -> Urls:
    return Urls(datasette.setting("base_url"), tilde_encode(database.route or database.name))


def _response(request: Any, page: Rendered) -> Response:
    body, headers = page.sent(request.headers.get("accept-encoding", ""))
    return Response(body, page.status, headers, page.content_type)
