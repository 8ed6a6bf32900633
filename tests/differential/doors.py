"""The doors through which one catalog is asked: Python, command line, site, canned queries, SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from datasette.app import Datasette
from sites import close

from iam_catalog import Catalog
from iam_catalog.cli.main import cli

METADATA = Path(__file__).parents[2] / "metadata.json"
MOST = 5000
"""Rows of a canned query, which has no second page: as the site is served."""


class Doors:
    """One catalog, with all that asks it; its file is named `catalog.db`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.catalog = Catalog(path)
        texts = json.loads(METADATA.read_text(encoding="utf-8"))
        self.site = Datasette(
            [], immutables=[path], metadata=texts, settings={"max_returned_rows": MOST}
        )

    def close(self) -> None:
        self.catalog.close()
        for database in self.site.databases.values():
            database.close()
        close(self.site)

    def cli(self, command: str, *words: str) -> Any:
        """Run a command; return what it prints as JSON."""
        line = [command, "--format", "json", "--database", self.path, *words]
        result = CliRunner().invoke(cli, line)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    async def page(self, address: str, **asked: str) -> Any:
        """Return the JSON of a page of the site."""
        return await self.get(f"/catalog/-/{address}.json", asked)

    async def query(self, name: str, **asked: str) -> list[dict[str, Any]]:
        """Return the rows of a canned query."""
        rows: list[dict[str, Any]] = await self.get(
            f"/catalog/{name}.json", {"_shape": "array", **asked}
        )
        return rows

    async def sql(self, sql: str, **asked: str) -> list[dict[str, Any]]:
        """Return the rows of a question in SQL."""
        rows: list[dict[str, Any]] = await self.get(
            "/catalog.json", {"sql": sql, "_shape": "array", **asked}
        )
        return rows

    async def get(self, address: str, asked: dict[str, str] | None = None) -> Any:
        """Return the JSON at an address of the site."""
        response = await self.site.client.get(address, params=asked, follow_redirects=True)
        assert response.status_code == 200, (address, asked, response.text)
        return response.json()


@contextmanager
def doors(path: str) -> Iterator[Doors]:
    """Open the doors to a catalog; close them in the end."""
    opened = Doors(path)
    yield opened
    opened.close()
