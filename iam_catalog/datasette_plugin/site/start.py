"""The start of the whole site, at `/`: the catalog, or the list where there are several.

A Datasette without a catalog keeps its own start page.
"""

from __future__ import annotations

from typing import Any

from datasette import Response
from datasette.views.index import IndexView

from iam_catalog.datasette_plugin.freshness_line import line_of, visible_catalogs
from iam_catalog.datasette_plugin.site.page import made, templates, urls_of, view_at
from iam_catalog.datasette_plugin.site.routes import HOME

START_ROUTE = r"/(?P<format>)$"
"""With the name that Datasette's own start page asks for, which is always empty here."""


async def start(datasette: Any, request: Any) -> Response:
    """The home page of the one catalog, the list of several, or Datasette's own start page."""
    catalogs = await visible_catalogs(datasette, request.actor)
    if not catalogs:
        return await IndexView(datasette).dispatch_request(request)
    if len(catalogs) == 1:
        return await view_at(HOME, datasette, request, catalogs[0], {})
    base = datasette.setting("base_url")
    listed = [
        {"name": each.name, "urls": urls_of(datasette, each), "line": line_of(each)}
        for each in catalogs
    ]
    template = templates().get_template("iam_catalog/catalogs.html")
    html = template.render(
        title="Catalogs", catalogs=listed, urls=listed[0]["urls"], freshness=None, base=base
    )
    return made(200, "text/html; charset=utf-8", html).response(
        request.headers.get("accept-encoding", "")
    )
