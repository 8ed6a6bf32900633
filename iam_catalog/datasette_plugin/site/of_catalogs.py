"""The site's addresses belong to catalogs: at those of another database stands what always did.

Such an address is `/DB/-/…`, which for Datasette is a row of a table called `-`, or nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from datasette import NotFound, Response
from datasette.utils import resolve_routes, tilde_decode

from iam_catalog.datasette_plugin.live_database import LiveDatabase, live_databases

CatalogView = Callable[[Any, Any, LiveDatabase], Awaitable[Response]]
DATABASE = r"/(?P<database>[^/]+)/-/"
"""How the addresses of a catalog start."""


def of_catalogs(view: CatalogView) -> Callable[..., Any]:
    """*view* of a catalog, as Datasette asks for it, and what Datasette has elsewhere."""

    async def of_any_database(datasette: Any, request: Any, send: Any) -> Response | None:
        database = catalog_named(datasette, request.url_vars["database"])
        if database:
            return await view(datasette, request, database)
        return await without_us(datasette, request, send)

    return of_any_database


def catalog_named(datasette: Any, name: str) -> LiveDatabase | None:
    """The catalog of that name in an address; None for any other database."""
    for database in live_databases(datasette):
        if tilde_decode(unquote(name)) in (database.route, database.name):
            return database
    return None


async def without_us(datasette: Any, request: Any, send: Any) -> Response | None:
    """What Datasette and other plugins answer; raises `NotFound` where they have no page."""
    routes = [each for each in datasette._routes() if not each[0].pattern.startswith(DATABASE)]
    match, view = resolve_routes(routes, inside(datasette, path_of(request.scope)))
    if match is None:
        raise NotFound("404")
    request.scope = {**request.scope, "url_route": {"kwargs": match.groupdict()}}
    response: Response | None = await view(request, send)
    return response


def path_of(scope: Any) -> str:
    """The address as it was sent: Datasette tells `%2F` from `/`, too."""
    path = scope["raw_path"].decode("ascii") if scope.get("raw_path") else scope["path"]
    return str(path.partition("?")[0])


def inside(datasette: Any, path: str) -> str:
    """*path* without Datasette's `base_url`."""
    base = datasette.setting("base_url")
    return f"/{path.removeprefix(base)}" if path.startswith(base) else path
