"""Render the pages of the site for an export, and write them."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError

from iam_catalog.errors import CatalogError
from iam_catalog.export.site.places import Places, narrowed
from iam_catalog.export.site.urls import Address, Published, StaticUrls, without_absent
from iam_catalog.facts import about as freshness
from iam_catalog.facts.catalog_file import Remembering, names_by_kind, open_copy
from iam_catalog.facts.keys import GLOBAL_KEYS
from iam_catalog.facts.overviews import service_names
from iam_catalog.site.pages import PAGES
from iam_catalog.site.pages.home import PAGE as HOME
from iam_catalog.site.render import SitePage, bytes_of, html_of
from iam_catalog.site.request import BadRequest, Request

START = ""
"""Address of the start, as `Urls.home` has it."""
SEARCH = SitePage("search", "static_search.html", lambda *_: {}, lambda _: "Search")
"""Page that the script of an export fills in, instead of the one that a server renders."""
FEED = "atom"
"""Other form of a page that an export has, too."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file of an export."""

    path: str
    """From the folder of the export, with slashes."""
    sha256: str
    wanted: frozenset[Address] = frozenset()
    """Narrowed pages that it links to."""


def write_file(folder: Path, path: str, content: bytes) -> Written:
    target = folder / path
    try:
        target.write_bytes(content)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return Written(path, hashlib.sha256(content).hexdigest())


def single_pages() -> dict[str, SitePage]:
    """Return the pages that are one of a kind, by their addresses."""
    pages = {page.path: page for page in PAGES if not kind_of(page) and page is not HOME}
    kept = {name: page for name, page in pages.items() if not page.needs_server}
    feeds = {f"{name}.{FEED}": page for name, page in kept.items() if FEED in (page.formats or ())}
    return {START: HOME, SEARCH.path: SEARCH, **kept, **feeds}


def named_pages() -> dict[str, tuple[SitePage, str]]:
    """Return the pages of names, by the word in their addresses, with the group of the name."""
    found = {}
    for page in PAGES:
        kind = kind_of(page)
        if kind and not page.needs_server:
            (group,) = re.compile(page.path).groupindex
            found[kind] = (page, group)
    return found


def file_of(name: str) -> str:
    """Return the file of a page that is one of a kind."""
    return name if name.endswith(f".{FEED}") else f"{name or 'index'}.html"


def kind_of(page: SitePage) -> str | None:
    """Return the word before the name in the address of a page; `None` where there is no name."""
    kind, slash, rest = page.path.partition("/")
    return kind if slash and rest.startswith("(?P<") else None


def _names_of(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return every name that gets a page, by the word in its address; each in one spelling."""
    found = names_by_kind(connection)
    held = {name.lower() for name in found["condition-key"]}
    found["condition-key"] += [name for name in GLOBAL_KEYS if name.lower() not in held]
    return found


class Renderer:
    """Renders pages of the two copies of a catalog into a folder."""

    def __init__(self, copies: tuple[str, str], folder: str, published: Published) -> None:
        self.folder, self.copies = Path(folder), copies
        self.whole, self.chosen = open_copy(copies[0]), open_copy(copies[1])
        self.remembering = open_copy(copies[1], Remembering)
        self.published = published
        self.single, self.named = single_pages(), named_pages()
        files = {name: file_of(name) for name in self.single}
        names = _names_of(self.chosen)
        self.places = Places(files, {kind: names[kind] for kind in self.named})
        self.current = frozenset(service_names(self.chosen))
        about = freshness.about(self.chosen, "")
        self.freshness = f"as files: {freshness.in_short(about)}"

    def close(self) -> None:
        self.whole.close()
        self.chosen.close()
        self.remembering.close()

    def addresses(self) -> list[Address]:
        """Return the pages that an export has in any case."""
        single = [Address((name,)) for name in self.single]
        named = [
            Address((kind, name)) for kind, names in self.places.names.items() for name in names
        ]
        return single + named

    def write(self, addresses: Iterable[Address]) -> Iterator[Written]:
        """Write pages; raises `CatalogError` where one cannot be rendered."""
        for address in addresses:
            path = self.places.file_of(address.parts)
            assert path is not None, address
            if address.query:
                path = narrowed(path, address.query)
            urls = StaticUrls("", "", self.places, path, self.published, self.current)
            content = self.rendered(address, urls)
            written = write_file(self.folder, path, content)
            yield Written(path, written.sha256, frozenset(urls.wanted))

    def rendered(self, address: Address, urls: StaticUrls) -> bytes:
        page, names = self.page_at(address)
        values = {name: (value,) for name, value in address.query}
        try:
            model = page.model(self.connection_for(address), Request(names, values))
            if page.formats and urls.path.endswith(f".{FEED}"):
                return page.formats[FEED](model, urls).body
            html = html_of(page, model, urls, self.freshness)
        except (CatalogError, BadRequest, TemplateError) as error:
            raise CatalogError(f"Cannot render {urls.path!r}: {error}") from error
        return bytes_of(without_absent(html))

    def connection_for(self, address: Address) -> sqlite3.Connection:
        if address.query:
            return self.remembering
        page, _ = self.page_at(address)
        return self.whole if page.shows_whole_catalog else self.chosen

    def page_at(self, address: Address) -> tuple[SitePage, dict[str, str]]:
        """Return the page of the site at an address, and the names in the address."""
        if len(address.parts) == 1:
            return self.single[address.parts[0]], {}
        page, group = self.named[address.parts[0]]
        return page, {group: address.parts[1]}
