"""Tell those who index a site which pages it has, and which to leave out."""

from __future__ import annotations

from typing import Any

from datasette import NotFound, Response

from iam_catalog.datasette_plugin.freshness import visible_catalogs
from iam_catalog.site.crawlers import file_of_sitemap, robots, sitemap_index, sitemap_parts
from iam_catalog.site.urls import tilde_encode

OPENSEARCH = r"opensearch\.xml"
SITEMAP = r"sitemap-(?P<kind>[a-z-]+?)(?:-(?P<number>[1-9][0-9]{0,3}))?\.xml"


def all_routes() -> list[tuple[str, Any]]:
    """Return the routes of the files at the root of a site."""
    return [(r"/robots\.txt$", _robots), (r"/sitemap\.xml$", _sitemaps)]


async def _robots(datasette: Any, request: Any) -> Response:
    """Leave out what answers questions: SQL, filters, forms. All else is a page of its own."""
    databases = await visible_catalogs(datasette, request.actor)
    if not databases:
        raise NotFound("No catalog is attached")
    base = datasette.setting("base_url")
    left_out = [f"{base}-/"]
    for database in databases:
        start = f"{base}{tilde_encode(database.route or database.name)}"
        left_out += [
            f"{start}?",
            f"{start}/*?",
            f"{start}.db",
            f"{start}/-/go",
            f"{start}/-/search",
        ]
        left_out.append(f"{start}/-/tools/")
    address = str(datasette.absolute_url(request, datasette.urls.path("sitemap.xml")))
    return Response.text(robots(left_out, address), headers=dict(_HEADERS))


async def _sitemaps(datasette: Any, request: Any) -> Response:
    """List the sitemaps of every catalog."""
    databases = await visible_catalogs(datasette, request.actor)
    if not databases:
        raise NotFound("No catalog is attached")
    base = datasette.setting("base_url")
    found = []
    for database in databases:
        parts = await database.ask(sitemap_parts)
        start = f"{base}{tilde_encode(database.route or database.name)}/-/"
        found += [
            str(datasette.absolute_url(request, f"{start}{file_of_sitemap(kind, number)}"))
            for kind, several in parts.items()
            for number in range(1, len(several) + 1)
        ]
    body = sitemap_index(found)
    return Response(body, 200, dict(_HEADERS), "application/xml; charset=utf-8")


_HEADERS = {"Cache-Control": "no-cache"}
