"""Leads from what somebody has picked in a search to its page: `/DB/-/go?kind=action&name=…`.

A redirect, so that what searches need not know how names are written in addresses.
"""

from __future__ import annotations

from typing import Any

from datasette import Response

from iam_catalog.datasette_plugin.live_database import LiveDatabase
from iam_catalog.datasette_plugin.site.asked import Asked, BadRequest, read_values
from iam_catalog.datasette_plugin.site.of_catalogs import DATABASE, of_catalogs
from iam_catalog.datasette_plugin.site.page import error_page, urls_of

GO_ROUTE = f"{DATABASE}go$"


@of_catalogs
async def go(datasette: Any, request: Any, database: LiveDatabase) -> Response:
    """To the page of the kind and name; to the search for a name without a kind."""
    await datasette.ensure_permissions(
        request.actor, [("view-database", database.name), "view-instance"]
    )
    urls = urls_of(datasette, database)
    try:
        asked = Asked(values=read_values(request.query_string))
    except BadRequest as error:
        return error_page(urls, "html", 400, str(error)).response("")
    name = asked.value("name")
    if name is None:
        return Response.redirect(urls.page("search"))
    kind = asked.value("kind") or ""
    return Response.redirect(urls.named(kind, name) or urls.page("search", q=name))
