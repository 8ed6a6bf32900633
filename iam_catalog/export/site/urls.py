"""Write addresses within an export, relative to the page that they are on, so that any folder will
do, also one that is opened without a web server.

What needs a server, and what the export has no page of, has the address `ABSENT`: `without_absent`
takes it out of a rendered page, so that the text stays and leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from iam_catalog.export.site.places import Places, narrowed
from iam_catalog.site.assets import asset_named
from iam_catalog.site.pages import PAGES
from iam_catalog.site.render import CONTENT_POLICY
from iam_catalog.site.urls import Urls

ABSENT = "absent:"
LINK_TO_ABSENT = re.compile(r'<link [^>]*href="absent:[^>]*>| href="absent:[^"]*"')
OPENSEARCH = "opensearch.xml"
SEARCH = "search"
"""Page whose query is read by its script."""
NARROWED = {
    page.path.partition("/")[0] + ("" if form == "html" else f".{form}"): names
    for page in PAGES
    for form, names in page.narrowed_by.items()
}
"""Queries whose answers are pages of the export, by the first part of the address."""
POLICY = "; ".join(
    each for each in CONTENT_POLICY.split("; ") if not each.startswith("frame-ancestors")
)
"""Content-Security-Policy of the site, but for what browsers take from a server alone."""


class Address(NamedTuple):
    """Page of the site, whatever its file."""

    parts: tuple[str, ...]
    """Such as `action` and `s3:GetObject`."""
    query: tuple[tuple[str, str], ...] = ()
    """Query that narrows it, sorted."""


@dataclass(frozen=True, slots=True)
class Published:
    """Facts about an export that every page of it shows."""

    site: str | None
    """Where it will be published, with a slash at its end."""
    services: tuple[str, ...] | None
    """The prefixes of the services that it has pages of; None for all."""
    as_of: str | None
    """Date of what it shows; `None` for the newest sources."""
    index: str = ""
    """Stands for the text of the search's index in addresses."""


@dataclass(frozen=True, slots=True)
class StaticUrls(Urls):
    """Addresses on one page of an export."""

    places: Places
    path: str
    """Of the page itself, from the folder of the export."""
    published: Published
    current: frozenset[str]
    """The prefixes of the services of today: removed ones have a page, and changes."""
    wanted: set[Address] = field(default_factory=set)
    """Narrowed pages that were linked to, which are not known before."""

    @property
    def live(self) -> bool:
        return False

    @property
    def content_policy(self) -> str:
        """Return the Content-Security-Policy of every page."""
        return POLICY

    @property
    def canonical(self) -> str | None:
        """Return the address of this page where it is published; `None` if that is not known."""
        return f"{self.published.site}{self.path}" if self.published.site else None

    @property
    def opensearch(self) -> str | None:
        return self.to(OPENSEARCH) if self.published.site else None

    def to(self, path: str) -> str:
        """Return the address of a file of the export: in a feed, which is read elsewhere, whole."""
        if self.path.endswith(".atom") and self.published.site:
            return f"{self.published.site}{path}"
        return "../" * self.path.count("/") + path

    def page(self, *parts: str, **query: str | None) -> str:
        asked = {name: str(value) for name, value in query.items() if value is not None}
        if asked.get("page") == "1":
            del asked["page"]
        if "descriptions" in asked:
            asked["descriptions"] = "1"
        path = self.places.file_of(parts)
        if path is None:
            return ABSENT
        if not asked:
            return self.to(path)
        if parts == (SEARCH,):
            return f"{self.to(path)}?{urlencode(asked)}"
        return self.narrowed_page(parts, path, asked)

    def narrowed_page(self, parts: tuple[str, ...], path: str, asked: Mapping[str, str]) -> str:
        """Return the address of a page with a query."""
        if parts[0] == "service" and asked.keys() == {"access_level"}:
            return self.page("access-level", asked["access_level"], service=parts[1])
        if asked.keys() - NARROWED.get(parts[0], frozenset()) or not self.has(parts[0], asked):
            return ABSENT
        query = tuple(sorted(asked.items()))
        self.wanted.add(Address(parts, query))
        return self.to(narrowed(path, query))

    def has(self, kind: str, asked: Mapping[str, str]) -> bool:
        """Return True if the service that a page is narrowed to is in the export."""
        service = asked.get("service")
        if service is None or service in self.current:
            return True
        return kind.startswith("changes") and self.places.find("service", service) is not None

    def static(self, file: str) -> str:
        return f"{self.to(f'static/{file}')}?{asset_named(file).mark}"

    def row(self, table: str, key: str) -> str:  # noqa: ARG002   the rows are on servers
        return ABSENT

    def table(self, table: str, **filters: str) -> str:  # noqa: ARG002
        return ABSENT

    def sql(self, sql: str, **parameters: Any) -> str:  # noqa: ARG002
        return ABSENT


@dataclass(frozen=True, slots=True)
class RootUrls(StaticUrls):
    """Addresses on a page that is shown at any address of a host: from the root of the host.

    Where the export will be is then part of them; without a base URL, that is the root itself.
    """

    @property
    def canonical(self) -> str | None:
        return None

    def to(self, path: str) -> str:
        return f"{urlsplit(self.published.site or '/').path}{path}"


def without_absent(html: str) -> str:
    """Remove the links of *html* that lead nowhere.

    A link without an address is a placeholder: neither focused nor followed. Texts hold no quotes
    in HTML, so that none can look like an attribute.
    """
    return LINK_TO_ABSENT.sub("", html).replace(f'="{ABSENT}"', '=""')
