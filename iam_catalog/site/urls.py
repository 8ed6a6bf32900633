"""Write the addresses of the site: of a catalog's pages, of the rows behind them, and of SQL.

Names are percent-encoded, because ARNs and condition keys hold `/`, `$` and `{`. Rows and SQL are
pages of Datasette, and addressed as it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from iam_catalog.site.assets import asset_named

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def tilde_encode(text: str) -> str:
    """Return *text* as Datasette writes it in addresses: `~` and hexadecimal digits, `+` for blank.

    >>> tilde_encode("connect:instance/a b")
    'connect~3Ainstance~2Fa+b'
    """
    return "".join(
        chr(byte) if byte in _PLAIN else "+" if byte == 32 else f"~{byte:02X}"
        for byte in text.encode()
    )


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses of one catalog on one server."""

    base: str
    """Path of the whole site, with a slash at its end: Datasette's `base_url`."""
    database: str
    """Name of the database, encoded by `tilde_encode`."""

    @property
    def live(self) -> bool:
        """Say whether a server answers: without one there are no tools, tables, JSON or queries."""
        return True

    @property
    def canonical(self) -> str | None:
        """Return the whole address of the page at hand, where it has only one: in an export."""
        return None

    def page(self, *parts: str, **query: str | None) -> str:
        """Return the address of a page of the catalog; a query without values is left out."""
        path = "/".join([_quoted(part) for part in parts])
        asked = {name: value for name, value in query.items() if value is not None}
        address = f"{self.base}{self.database}/-/{path}"
        return f"{address}?{urlencode(asked)}" if asked else address

    @property
    def home(self) -> str:
        return self.page("")

    @property
    def opensearch(self) -> str | None:
        """Return the address of what tells browsers of the search; `None` if there is none."""
        return self.page("opensearch.xml")

    def service(self, prefix: str) -> str:
        return self.page("service", prefix)

    def action(self, name: str) -> str:
        return self.page("action", name)

    def resource_type(self, name: str) -> str:
        return self.page("resource-type", name)

    def condition_key(self, key: str) -> str:
        return self.page("condition-key", key)

    def access_level(self, level: str) -> str:
        return self.page("access-level", level)

    def source(self, page: str) -> str:
        """Return the page about a source."""
        address = self.page("page", page)
        # A page of AWS's JSON without a date ends as the addresses of our JSON do.
        return f"{address[:-5]}%2Ejson" if address.endswith(".json") else address

    def source_json(self, page: str) -> str:
        """Return the same as JSON."""
        return f"{self.source(page)}.json"

    def policy(self, policy: str) -> str:
        return self.page("policy", policy)

    def named(self, kind: str, name: str) -> str | None:
        """Return the page of what a search, a change or an error names; `None` for other kinds."""
        pages = {
            "service": self.service,
            "action": self.action,
            "resource type": self.resource_type,
            "condition key": self.condition_key,
            "access level": self.access_level,
            "policy": self.policy,
            "sample policy": self.policy,
            "source": self.source,
        }
        return pages[kind](name) if kind in pages else None

    def static(self, file: str) -> str:
        mark = asset_named(file).mark
        return f"{self.base}-/static-plugins/iam-catalog/{quote(file)}?{mark}"

    def row(self, table: str, key: str) -> str:
        """Return Datasette's page of a row with a single key."""
        return f"{self.base}{self.database}/{table}/{tilde_encode(key)}"

    def table(self, table: str, **filters: str) -> str:
        """Return Datasette's page of a table, filtered by exact values."""
        asked = urlencode({f"{name}__exact": value for name, value in filters.items()})
        address = f"{self.base}{self.database}/{table}"
        return f"{address}?{asked}" if asked else address

    def sql(self, sql: str, **parameters: Any) -> str:
        """Return Datasette's page that runs a query, which people can change there."""
        asked = urlencode({"sql": sql.strip(), **parameters})
        return f"{self.base}{self.database}?{asked}"


@lru_cache(maxsize=4096)
def _quoted(part: str) -> str:
    # Cached, because pages name the same services and actions again and again.
    return quote(part, safe=":@~")
