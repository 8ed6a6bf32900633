"""Hooks of Datasette, each of which leaves databases that are not catalogs as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl

from iam_catalog.arn.search import search_rows
from iam_catalog.datasette_plugin import compat, freshness, links, routes
from iam_catalog.datasette_plugin.live_database import (
    LiveDatabase,
    adopt,
    hide_folders,
    live_databases,
    one_generation,
)
from iam_catalog.datasette_plugin.responses import finished
from iam_catalog.datasette_plugin.security import (
    LONGEST_BODY,
    answer_to_fault,
    guarded,
    limit_connection,
)
from iam_catalog.facts.catalog_file import is_catalog
from iam_catalog.facts.search import search_query
from iam_catalog.words import csv_text


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def startup(datasette: Any) -> Callable[[], Awaitable[None]] | None:
    adopt(datasette)
    if not live_databases(datasette):
        return None
    compat.keep_terminal_free()
    compat.take_csv()

    async def take_queries() -> None:
        await compat.take_queries(datasette)

    return take_queries


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    def wrapper(app: Any) -> Any:
        async def in_one_generation(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            # Datasette's list of databases tells the folders of files to anybody.
            hide_folders(scope["path"].endswith(("/-/databases", "/-/databases.json")))
            catalogs = live_databases(datasette)
            compat.choose_csv_text(datasette, scope, catalogs, csv_text)
            async with one_generation(datasette):
                await (guarded_app if catalogs else app)(scope, receive, send)

        def longest_body(path: str) -> int:
            # Above what a page takes, so that the page itself can say what is too long.
            return LONGEST_BODY + (routes.longest_form(datasette, path) or 0)

        guarded_app = guarded(finished(app), longest_body)
        return in_one_generation

    return wrapper


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    freshness.add_to_templates(env, datasette)


@hookimpl  # type: ignore[untyped-decorator]
def extra_js_urls(database: str | None, datasette: Any) -> list[str]:
    names = [each.name for each in live_databases(datasette)]
    return [datasette.urls.path(routes.SCRIPT)] if database in names else []


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    return routes.all_routes()


@hookimpl  # type: ignore[untyped-decorator]
def skip_csrf(datasette: Any, scope: Any) -> bool:
    # The tools change nothing and know nobody: there is nothing that another site could forge.
    return scope["type"] == "http" and routes.longest_form(datasette, scope["path"]) is not None


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Awaitable[Any] | None:
    # Other values than text are numbers, NULL, or foreign keys that Datasette links by itself.
    source = datasette.get_database(database)
    if not isinstance(value, str) or not isinstance(source, LiveDatabase):
        return None
    key = links.key_column(row, column, table)
    if key is None:
        return None
    return links.link(datasette, source, table, key, (links.name_in(value, column, key), value))


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    # Last, to replace Datasette's own escape_fts, which makes queries that FTS5 refuses of a
    # blank, of a lone quote and of a NUL.
    if is_catalog(conn):
        conn.create_function("escape_fts", 1, lambda text: search_query(text) or '""')
        limit_connection(conn)
        conn.create_function("search_catalog", 1, lambda text: search_rows(conn, text or ""))


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    if not live_databases(datasette):
        return None
    return answer_to_fault(request, exception)
