"""Show the start of a catalog: what it is, how fresh it is, and what is not in its source."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.facts import about as freshness
from iam_catalog.facts.history import newest_changes
from iam_catalog.facts.overviews import (
    ServiceCount,
    access_levels,
    service_counts,
    services_without,
)
from iam_catalog.facts.searched import MOST_USED
from iam_catalog.site.examples import Examples, examples
from iam_catalog.site.pages.tools import tools
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request

_MOST_SERVICES = 24


def home(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return counts, dates, tools, levels, much used services, what no source says, and texts to
    search for."""
    about = asdict(freshness.about(connection, ""))
    del about["path"]
    proposed = examples(connection)
    date, counts = newest_changes(connection)
    return {
        "about": about,
        "tools": [
            {name: each[name] for name in ("tool", "title", "about")}
            for each in tools(connection, request)["tools"]
        ],
        "access_levels": [each._asdict() for each in access_levels(connection)],
        "services": _used_services(connection),
        "not_in_source": [
            {"section": section.replace("_", " "), "services": number}
            for section, number in services_without(connection).items()
        ],
        "changes": {"date": date, "counts": counts},
        "examples": [text for text in (proposed.words, start_of(proposed)) if text],
    }


def start_of(proposed: Examples) -> str | None:
    """Return what somebody types first of a name: `ec2:Describe`."""
    return proposed.pattern.rstrip("*") if proposed.pattern else None


def _used_services(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the services that most accounts use (`MOST_USED`), then those of most actions."""
    order = list(MOST_USED)

    def place(each: ServiceCount) -> tuple[int, int, int]:
        points = MOST_USED.get(each.service_prefix, 0)
        listed = order.index(each.service_prefix) if points > 0 else 0
        return -points, listed, -(each.actions or 0)

    return [
        {"service_prefix": each.service_prefix, "name": each.name, "actions": each.actions}
        for each in sorted(service_counts(connection), key=place)[:_MOST_SERVICES]
    ]


PAGE = SitePage(
    r"(?:index)?", "home.html", home, lambda _: "Actions, resource types, condition keys"
)
