"""Use what is private in Datasette, or differs between the versions that this plugin knows.

No other module of the package uses a name of Datasette that its documentation does not have. A new
version of Datasette is added to `_KNOWN` after the tests have passed with it.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

import datasette as datasette_package
from datasette.database import Database
from datasette.utils import resolve_routes, tilde_decode
from datasette.utils.asgi import AsgiFileDownload, Base400, Forbidden, NotFound, asgi_start

from iam_catalog.datasette_plugin.versions import IS_1

__all__ = [
    "AsgiFileDownload",
    "AskedDatabase",
    "Base400",
    "answer_of_datasette",
    "asgi_start",
    "check_may_see",
    "choose_csv_text",
    "close_site",
    "download_of_datasette",
    "is_of_datasette",
    "keep_terminal_free",
    "make_site",
    "may_see",
    "page_scripts",
    "path_as_sent",
    "prepare_connection",
    "start_of_datasette",
    "take_csv",
    "take_queries",
    "tilde_decode",
    "with_labels",
]

Answer = TypeVar("Answer")

_SCRIPTS = ("_codemirror_foot.html", "_close_open_menus.html")
"""Datasette's templates with an inline script that is always the same."""
_FACET_SCRIPTS = tuple(f"DATASETTE_ALLOW_FACET = {word};" for word in ("true", "false"))
"""The one whose text depends on a setting (templates/table.html)."""
_OF_CONFIG = ("queries",)
"""What 1.0 reads of a database in its configuration, where 0.65 reads it in the metadata."""
_INHERITED = ("license", "license_url", "source", "source_url", "about", "about_url")
_OF_CONFIG_AT_TOP = ("extra_css_urls", "extra_js_urls")

_HEAD_OF_PAGE = 1_000
"""Bytes in which a page has its first element."""

_WITHOUT_LANGUAGE = re.compile(rb"<html(?=[\s>])(?![^>]*\slang=)")
_UNLABELLED = tuple(
    (re.compile(rb"<%s(?![^>]*aria-label)" % start), rb'\g<0> aria-label="%s"' % label)
    for start, label in (
        (rb'select name="_filter_column(?:_\d+)?"', b"Column to filter by"),
        (rb'select name="_filter_op(?:_\d+)?"', b"How to compare"),
        (rb'input type="text" name="_filter_value(?:_\d+)?"', b"Value to compare with"),
        (rb'select name="_sort(?:_desc)?"', b"Sort by"),
        (rb'textarea id="sql-editor"', b"SQL"),
    )
)
"""Fields of Datasette's pages that say what they are by their place alone."""
_CONTENT = re.compile(rb'<section class="content"(?![^>]*role=)')
_SKIPPED_LEVEL = re.compile(rb"<h3(?![^>]*aria-level)(?=[\s>])")
"""Below an `h1` Datasette writes `h3`."""


class AskedDatabase(Database):  # type: ignore[misc]  # Datasette has no type information
    """A database whose questions all go to `ask`, by whichever way Datasette asks them."""

    async def ask(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """Answer *fn*; subclasses say on which connection."""
        raise NotImplementedError

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Answer]) -> Answer:
        answer: Answer = await self.ask(fn)
        return answer

    async def _execute_fn(self, fn: Callable[[sqlite3.Connection], Answer]) -> Answer:
        # Version 1.0 asks its own questions here, and not by execute_fn.
        answer: Answer = await self.ask(fn)
        return answer


async def may_see(datasette: Any, actor: Any, database: str) -> bool:
    """Return True if *actor* may see a database, which takes that they may see the site."""
    if not IS_1:
        wanted = ["view-instance", ("view-database", database)]
        return bool((await datasette.check_visibility(actor, permissions=wanted))[0])
    from datasette.resources import DatabaseResource

    resource = DatabaseResource(database=database)
    return bool(await datasette.allowed(action="view-database", resource=resource, actor=actor))


async def check_may_see(datasette: Any, actor: Any, database: str) -> None:
    """Raise Datasette's `Forbidden` unless *actor* may see a database."""
    if not IS_1:
        await datasette.ensure_permissions(actor, [("view-database", database), "view-instance"])
        return
    from datasette.resources import DatabaseResource

    resource = DatabaseResource(database=database)
    await datasette.ensure_permission(action="view-database", resource=resource, actor=actor)


async def answer_of_datasette(
    datasette: Any, request: Any, send: Any, own_start: str, *, pages_only: bool = False
) -> Any:
    """Answer as Datasette and other plugins do, without the routes that begin with *own_start*.

    With *pages_only*, `None` unless one of the others has a page at an address with `/-/`, which is
    no row of a table. Else raises `NotFound` where they have no page.
    """
    routes = [each for each in datasette._routes() if not each[0].pattern.startswith(own_start)]
    if pages_only:
        routes = [each for each in routes if each[0].pattern.startswith(_DATABASE_PAGES)]
    match, view = resolve_routes(routes, _inside(datasette, path_as_sent(request.scope)))
    if match is None:
        if pages_only:
            return None
        raise NotFound("404")
    request.scope = {**request.scope, "url_route": {"kwargs": match.groupdict()}}
    return await view(request, send)


_DATABASE_PAGES = r"/(?P<database>[^\/\.]+)/-/"
"""How the patterns of Datasette's pages of a database begin; 0.65 has none."""


def path_as_sent(scope: Any) -> str:
    """Return the path of a request with its escapes: Datasette tells `%2F` from `/`, too."""
    path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
    return str(path.partition("?")[0])


def _inside(datasette: Any, path: str) -> str:
    base = datasette.setting("base_url")
    return f"/{path.removeprefix(base)}" if path.startswith(base) else path


async def start_of_datasette(datasette: Any, request: Any) -> Any:
    """Answer with Datasette's own start page."""
    from datasette.views.index import IndexView

    return await IndexView(datasette).dispatch_request(request)


async def download_of_datasette(datasette: Any, request: Any) -> Any:
    """Answer with Datasette's own download of a database."""
    if IS_1:
        from datasette.views.database import database_download

        return await database_download(request, datasette)
    from datasette.views.database import DatabaseDownload  # which loads the plugins, so us

    return await DatabaseDownload(datasette).dispatch_request(request)


def prepare_connection(datasette: Any, connection: sqlite3.Connection, database: str) -> None:
    """Prepare a connection as Datasette prepares its own, with the functions of plugins."""
    datasette._prepare_connection(connection, database)


def is_of_datasette(error: BaseException) -> bool:
    """Return True for an error that Datasette turns into a page with a status of its own."""
    known = isinstance(error, Base400 | NotFound | Forbidden)
    return known or getattr(error, "status", 500) != 500


def keep_terminal_free() -> None:
    """Keep Datasette from printing pages of local variables, and policies among them.

    It does so wherever rich is installed, for each page that is not there and each body that is
    too long; and where no exception is at hand, rich fails, and the page with it.
    """
    from datasette import handle_exception  # not before datasette.app, which is to load it

    handle_exception.rich = None


_CsvText = Callable[[str], str]
_csv_text: ContextVar[_CsvText | None] = ContextVar("csv_text", default=None)


class _Csv:
    """What Datasette's view of CSV asks of the module `csv`."""

    def writer(self, file: Any) -> Any:
        return _CsvWriter(file)


class _CsvWriter:
    """Writes the texts of rows as the request chose."""

    def __init__(self, file: Any) -> None:
        self._writer = csv.writer(file)

    def writerow(self, row: Iterable[Any]) -> Any:
        """Write a row; return what writing to the file returned, which Datasette awaits."""
        written = _csv_text.get()
        cells = [written(cell) if written and isinstance(cell, str) else cell for cell in row]
        return self._writer.writerow(cells)


def take_csv() -> None:
    """Have Datasette write the cells of CSV as `choose_csv_text` says, for which it has no hook."""
    from datasette.views import base

    base.csv = _Csv()


def choose_csv_text(datasette: Any, scope: Any, databases: Iterable[Any], text: _CsvText) -> None:
    """Choose *text* to write the cells of the answer, if it is of one of *databases*."""
    name = _inside(datasette, path_as_sent(scope)).strip("/").partition("/")[0].removesuffix(".csv")
    routes = [each.route for each in databases]
    _csv_text.set(text if tilde_decode(name) in routes else None)


def page_scripts() -> list[str] | None:
    """Return the inline scripts of Datasette's own pages; `None` where they differ by page."""
    if IS_1:
        return None
    folder = Path(datasette_package.__file__).parent / "templates"
    texts = list(_FACET_SCRIPTS)
    for name in _SCRIPTS:
        found = re.findall(r"<script>(.*?)</script>", (folder / name).read_text("utf-8"), re.DOTALL)
        texts += found
    return texts


def with_labels(html: bytes) -> bytes:
    """Return a page of Datasette with its language, its main part, and names for its fields."""
    if not _WITHOUT_LANGUAGE.search(html[:_HEAD_OF_PAGE]):
        return html  # not one of Datasette's
    html = _WITHOUT_LANGUAGE.sub(b'<html lang="en"', html, count=1)
    html = _CONTENT.sub(b'<section class="content" role="main"', html, count=1)
    html = _SKIPPED_LEVEL.sub(b'<h3 aria-level="2"', html)
    for field, labelled in _UNLABELLED:
        html = field.sub(labelled, html)
    return html


def make_site(metadata: Any, settings: dict[str, Any]) -> Any:
    """Make a Datasette without databases, with *metadata* as version 0.65 has it."""
    from datasette.app import Datasette

    shown = _with_licences(metadata) if IS_1 else metadata
    site = Datasette([], metadata=shown, settings=settings)
    site.remove_database("_memory")  # Datasette adds it to a site without files
    if IS_1:
        _move_to_config(metadata, site.config)
    return site


def _with_licences(metadata: Any) -> Any:
    """Repeat licence and source for each database and table, which 1.0 does not inherit."""
    inherited = {key: metadata[key] for key in _INHERITED if key in metadata}
    databases = {
        name: {
            **inherited,
            **database,
            "tables": {
                table: {**inherited, **texts} for table, texts in database.get("tables", {}).items()
            },
        }
        for name, database in metadata.get("databases", {}).items()
    }
    return {**metadata, "databases": databases}


async def take_queries(datasette: Any) -> None:
    """Have version 1.0 read what metadata of version 0.65 says of queries and style sheets."""
    if IS_1 and _move_to_config(datasette._metadata_local, datasette.config):
        await datasette._save_queries_from_config()


def _move_to_config(metadata: Any, config: Any) -> bool:
    """Add to *config* what it lacks of *metadata*; return whether there was anything to add."""
    found = False
    for key in _OF_CONFIG_AT_TOP:
        if key in metadata and key not in config:
            config[key] = metadata[key]
            found = True
    for name, database in metadata.get("databases", {}).items():
        own = config.setdefault("databases", {}).setdefault(name, {})
        for key in _OF_CONFIG:
            if key in database and key not in own:
                own[key] = database[key]
                found = True
    return found


def close_site(site: Any) -> None:
    """Close the files of a site's databases, and with 1.0 its own."""
    if IS_1:
        site.close()
        return
    for database in site.databases.values():
        database.close()
