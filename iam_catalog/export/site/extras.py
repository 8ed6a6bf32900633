"""Write what an export has beside its pages: scripts, the search's index, and what crawlers read.

Whole addresses are in sitemaps and in the description of the search, so that these are written only
where it is known where the files will be published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from iam_catalog.export.site.pages import Renderer, Written, write_file
from iam_catalog.export.site.search_index import index_files
from iam_catalog.export.site.urls import OPENSEARCH, RootUrls, StaticUrls, without_absent
from iam_catalog.facts import about as freshness
from iam_catalog.site import assets
from iam_catalog.site.crawlers import (
    SINGLE,
    SINGLE_PAGES,
    file_of_sitemap,
    opensearch,
    robots,
    sitemap,
    sitemap_index,
)
from iam_catalog.site.render import SitePage, bytes_of, html_of

LEFT_OUT = frozenset(["tools.js"])
"""Loaded by the tools alone."""
MISSING = "404.html"
"""Where hosts of files look for the page that they show in the place of a missing one."""
_MISSING_PAGE = SitePage(MISSING, "static_missing.html", lambda *_: {}, lambda _: "Not found")
_MOST_ADDRESSES = 40_000


def write_assets(renderer: Renderer) -> Iterator[Written]:
    """Write scripts, style sheet and index; the pages then name the mark of the index."""
    for path in sorted(assets.FOLDER.iterdir()):
        if path.name not in LEFT_OUT:
            yield write_file(renderer.folder, f"static/{path.name}", path.read_bytes())
    digest = hashlib.sha256()
    for name, text in index_files(renderer.chosen, renderer.places).items():
        digest.update(text.encode())
        yield write_file(renderer.folder, f"static/{name}", text.encode())
    renderer.published = replace(renderer.published, index=digest.hexdigest()[:12])


def write_extras(renderer: Renderer) -> Iterator[Written]:
    """Write the page of missing addresses and robots.txt; with a base URL sitemaps, too."""
    urls = RootUrls("", "", renderer.places, MISSING, renderer.published, renderer.current)
    html = html_of(_MISSING_PAGE, {}, urls, renderer.freshness)
    yield write_file(renderer.folder, MISSING, bytes_of(without_absent(html)))
    site = renderer.published.site
    address = f"{site}sitemap.xml" if site else None
    yield write_file(renderer.folder, "robots.txt", robots((), address).encode())
    if site:
        yield from _write_sitemaps(renderer, site)
        own = StaticUrls("", "", renderer.places, OPENSEARCH, renderer.published, renderer.current)
        text = opensearch(own, lambda path: f"{site}{path}", "IAM catalog")
        yield write_file(renderer.folder, OPENSEARCH, text.encode())


def _write_sitemaps(renderer: Renderer, site: str) -> Iterator[Written]:
    """Write a sitemap for each kind of page, and their list."""
    date = freshness.about(renderer.chosen, "").as_of
    single = [renderer.places.single[name] for name in SINGLE_PAGES]
    files = {SINGLE: single, **{k: sorted(v.values()) for k, v in renderer.places.names.items()}}
    names = []
    for kind, paths in files.items():
        for number, start in enumerate(range(0, len(paths), _MOST_ADDRESSES), 1):
            part = paths[start : start + _MOST_ADDRESSES]
            name = file_of_sitemap(kind, number)
            names.append(name)
            text = sitemap([f"{site}{path}" for path in part], date)
            yield write_file(renderer.folder, name, text.encode())
    index = sitemap_index([f"{site}{name}" for name in names])
    yield write_file(renderer.folder, "sitemap.xml", index.encode())
