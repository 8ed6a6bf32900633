"""Show every service of the catalog, with counts and what its sources carry."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.facts.overviews import service_counts
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request


def services(connection: sqlite3.Connection, _: Request) -> dict[str, Any]:
    """List the services by prefix; a number is null where every held source leaves it out."""
    return {"services": [each._asdict() for each in service_counts(connection)]}


PAGE = SitePage("services", "services.html", services, lambda _: "Services")
