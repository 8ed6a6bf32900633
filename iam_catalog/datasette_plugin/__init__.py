"""What a site of a catalog has beyond metadata.json: how fresh it is on every page, links to names
that the catalog holds, search that takes any text, and an update without a restart.

Datasette loads this in every site of its environment. A database that does not carry the
catalog's application id is left exactly as it is. A package, because Datasette finds the
templates of nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl

from iam_catalog.datasette_plugin.download import ROUTE, download
from iam_catalog.datasette_plugin.freshness_line import JSON_ROUTE, add_to_templates, freshness_json
from iam_catalog.datasette_plugin.links import key_column, link, name_in
from iam_catalog.datasette_plugin.live_database import (
    LiveDatabase,
    adopt,
    live_databases,
    one_generation,
)
from iam_catalog.datasette_plugin.site.assets import ASSET_ROUTE, asset
from iam_catalog.datasette_plugin.site.go import GO_ROUTE, go
from iam_catalog.datasette_plugin.site.nothing import NOTHING_ROUTE, nothing
from iam_catalog.datasette_plugin.site.page import routes, takes_forms
from iam_catalog.datasette_plugin.site.routes import PAGES
from iam_catalog.datasette_plugin.site.security import guarded
from iam_catalog.datasette_plugin.site.start import START_ROUTE, start
from iam_catalog.datasette_plugin.terminal import keep_terminal_free
from iam_catalog.facts.search import search_query
from iam_catalog.schema import APPLICATION_ID


def is_catalog(connection: sqlite3.Connection) -> bool:
    """Whether the database was written as a catalog; False for one that can not be read."""
    try:
        found = connection.execute("pragma application_id").fetchone()[0]
    except sqlite3.Error:
        return False
    return bool(found == APPLICATION_ID)


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def startup(datasette: Any) -> None:
    adopt(datasette)
    if live_databases(datasette):
        keep_terminal_free()


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    def wrapper(app: Any) -> Any:
        async def in_one_generation(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            async with one_generation(datasette):
                await (guarded_app if live_databases(datasette) else app)(scope, receive, send)

        guarded_app = guarded(app)
        return in_one_generation

    return wrapper


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    add_to_templates(env, datasette)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    own = [(JSON_ROUTE, freshness_json), (ROUTE, download), (START_ROUTE, start), (GO_ROUTE, go)]
    return [*own, (ASSET_ROUTE, asset), *routes(PAGES), (NOTHING_ROUTE, nothing)]


@hookimpl  # type: ignore[untyped-decorator]
def skip_csrf(datasette: Any, scope: Any) -> bool:
    # The tools change nothing and know nobody: there is nothing that another site could forge.
    return scope["type"] == "http" and takes_forms(PAGES, datasette, scope["path"])


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Awaitable[Any] | None:
    # Other values than text are numbers, NULL, or foreign keys that Datasette links by itself.
    source = datasette.get_database(database)
    if not isinstance(value, str) or not isinstance(source, LiveDatabase):
        return None
    key = key_column(row, column, table)
    if key is None:
        return None
    return link(datasette, source, table, key, (name_in(value, column, key), value))


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    # Last, to replace Datasette's own escape_fts, which makes queries that FTS5 refuses of a
    # blank, of a lone quote and of a NUL.
    if is_catalog(conn):
        conn.create_function("escape_fts", 1, lambda text: search_query(text) or '""')
