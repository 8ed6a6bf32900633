"""What stands at an address below `/DB/-/` that is no page: Datasette would take it for a row."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from datasette import Response

from iam_catalog.datasette_plugin.live_database import LiveDatabase
from iam_catalog.datasette_plugin.site.of_catalogs import DATABASE, of_catalogs
from iam_catalog.datasette_plugin.site.page import error_page, urls_of

NOTHING_ROUTE = rf"{DATABASE}(?P<path>(?s:.*))$"
"""Behind those of all pages."""


@of_catalogs
async def nothing(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """A page that says so; an address with a slash too many leads to the one without."""
    await datasette.ensure_permissions(
        request.actor, [("view-database", database.name), "view-instance"]
    )
    path = request.url_vars["path"]
    if path.endswith("/") and path.strip("/"):
        query = f"?{request.query_string}" if request.query_string else ""
        return Response.redirect(request.path.rstrip("/") + query)
    form = "json" if path.endswith(".json") else "html"
    message = f"No page {unquote(path)[:200]!r} on this site: search for what it was about."
    answer = error_page(urls_of(datasette, database), form, 404, message)
    return answer.response(request.headers.get("accept-encoding", ""))
