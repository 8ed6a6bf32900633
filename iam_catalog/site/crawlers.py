"""Write what search engines and browsers read of a site: sitemaps, robots.txt, OpenSearch.

A server and a static export write the same. Sitemaps are those of sitemaps.org (protocol 0.9),
which take at most 50,000 addresses and whole ones only; OpenSearch is version 1.1.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence

from iam_catalog.facts.catalog_file import names_by_kind
from iam_catalog.site.typography import xml_text
from iam_catalog.site.urls import Urls

SINGLE = "lists"
"""The kind of the pages that list others, and are one of a kind."""
SINGLE_PAGES = ("", "services", "global-keys", "changes", "policies")
_MOST_ADDRESSES = 40_000
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"


def sitemap_parts(connection: sqlite3.Connection) -> dict[str, list[list[str]]]:
    """Return the names that have pages, by kind, in parts that a sitemap has room for."""
    found: dict[str, list[list[str]]] = {SINGLE: [list(SINGLE_PAGES)]}
    for kind, names in names_by_kind(connection).items():
        if names:
            starts = range(0, len(names), _MOST_ADDRESSES)
            found[kind] = [names[start : start + _MOST_ADDRESSES] for start in starts]
    return found


def file_of_sitemap(kind: str, number: int) -> str:
    """Return the name of a sitemap.

    >>> file_of_sitemap("action", 1), file_of_sitemap("action", 2)
    ('sitemap-action.xml', 'sitemap-action-2.xml')
    """
    return f"sitemap-{kind}.xml" if number == 1 else f"sitemap-{kind}-{number}.xml"


def paths_of(urls: Urls, kind: str, names: Iterable[str]) -> list[str]:
    """Return the addresses of pages of one kind."""
    if kind == SINGLE:
        return [urls.page(name) if name else urls.home for name in names]
    if kind == "page":
        return [urls.source(name) for name in names]
    return [urls.page(kind, name) for name in names]


def sitemap(addresses: Sequence[str], date: str | None) -> str:
    """Write a sitemap of pages that are all of a *date*."""
    changed = f"<lastmod>{xml_text(date)}</lastmod>" if date else ""
    lines = [f"<url><loc>{xml_text(each)}</loc>{changed}</url>\n" for each in addresses]
    return f'{_HEAD}<urlset xmlns="{_SITEMAPS}">\n{"".join(lines)}</urlset>\n'


def sitemap_index(addresses: Sequence[str]) -> str:
    """Write the list of some sitemaps."""
    lines = [f"<sitemap><loc>{xml_text(each)}</loc></sitemap>\n" for each in addresses]
    return f'{_HEAD}<sitemapindex xmlns="{_SITEMAPS}">\n{"".join(lines)}</sitemapindex>\n'


def robots(left_out: Iterable[str], sitemap_address: str | None) -> str:
    """Write robots.txt (RFC 9309): what to leave out, and where the sitemap is."""
    rules = [f"Disallow: {path}\n" for path in left_out] or ["Disallow:\n"]
    last = f"\nSitemap: {sitemap_address}\n" if sitemap_address else ""
    return f"User-agent: *\n{''.join(rules)}{last}"


def opensearch(urls: Urls, absolute: Callable[[str], str], name: str) -> str:
    """Describe the search of a catalog; *absolute* makes an address a whole one."""
    search = xml_text(absolute(urls.page("search")))
    return (
        f'{_HEAD}<OpenSearchDescription xmlns="{_OPENSEARCH}">\n'
        f"<ShortName>{xml_text(name[:16])}</ShortName>\n"
        "<Description>Actions, resource types and condition keys of AWS IAM</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" method="get" template="{search}?q={{searchTerms}}"/>\n'
        f"</OpenSearchDescription>\n"
    )
