"""Show what a search finds, the best answer first; also asked while somebody types."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.arn import search as searching
from iam_catalog.facts import search as ranking
from iam_catalog.facts import searched
from iam_catalog.site.render import Model, SitePage
from iam_catalog.site.request import Request
from iam_catalog.site.urls import Urls

_MOST = 50
"""Results on a page."""
_MOST_PAGES = 100
_MOST_SERVICES = 8
_LONGEST_TEXT = 60_000
"""Characters of a text: somebody may paste a policy, which is sent on to the checker."""


def search(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the results of `q`, the best first; at most `limit` on a `page`, which counts from 1.

    `kind` and `service` leave only those results. `more` is true where a further page follows.
    `reads_as` says where the text is no words but a policy, an ARN or a pattern.
    """
    text = request.value("q") or ""
    limit = request.number("limit", _MOST, most=_MOST)
    page = request.number("page", 1, most=_MOST_PAGES)
    kind, service = request.value("kind"), request.value("service")
    found = searching.search(
        connection,
        text,
        limit=limit + 1,
        offset=limit * (page - 1),
        kind=kind,
        service=service,
    )
    return {
        "q": text,
        "results": [asdict(each) for each in found[:limit]],
        "limit": limit,
        "page": page,
        "more": len(found) > limit and page < _MOST_PAGES,
        "kind": kind,
        "service": service,
        "reads_as": ranking.reads_as(text),
    }


def _address(model: Model, urls: Urls) -> str | None:
    """Return the page of what `q` is the full name of, such as `s3:GetObject`."""
    asked_for_list = model["kind"] or model["service"] or model["page"] > 1
    if asked_for_list or not model["results"] or ":" not in model["q"]:
        return None
    best = model["results"][0]
    if best["name"].lower() != model["q"].lower():
        return None
    return urls.named(best["kind"], best["name"])


def _shown(model: Model) -> dict[str, Any]:
    """Return what narrows the list: the kinds, and the services of the results."""
    names = [each["name"] for each in model["results"] if each["kind"] != searched.POLICY]
    prefixes = dict.fromkeys(name.partition(":")[0] for name in names)
    return {"kinds": ranking.ALL_KINDS, "services": list(prefixes)[:_MOST_SERVICES]}


PAGE = SitePage(
    "search",
    "search.html",
    search,
    lambda model: f"{model['q'][:80]} - search" if model["q"] else "Search",
    shown=_shown,
    leads_to=_address,
    longest_value={"q": _LONGEST_TEXT},
    needs_server=True,
)
