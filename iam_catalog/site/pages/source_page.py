"""Show one source: what it carries, what is wrong with it, and which facts it states.

A source is a page of AWS, or what a public dataset says of one service.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.errors import UnknownName
from iam_catalog.facts import sources
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request

MOST_LISTED = 500
"""Problems and disagreements that are shown; the counts are of all."""
_WORDS = {
    "descriptions": "descriptions of actions",
    "permission_only": "permission-only marks",
    "row_pairing": "resource types and keys of actions",
    "required": "required resource types",
    "key_types": "types of condition keys",
    "key_descriptions": "descriptions of condition keys",
    "addresses": "addresses of the documentation",
}
"""How the details of rows are called, where their name does not say it."""


class UnknownPage(UnknownName):
    """The catalog was not built from such a source."""

    noun = "source"


def source_page(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the source with its sections and their counts, and what it has a place for in rows.

    With it come the `dataset` that it is of, the dates on which it read so, its problems with the
    reasons why they are accepted, and how many current facts it states. Raises `UnknownPage`.
    """
    name = request.names["name"]
    found = sources.stored_source(connection, name)
    if found is None:
        raise UnknownPage(name, sources.similar_sources(connection, name))
    dataset = sources.stored_dataset(connection, found.dataset)
    facts = sources.facts_of_source(connection, found.page, found.service_prefix)
    problems = sources.problems_of_source(connection, found.page, MOST_LISTED)
    disputed = sources.disputed_by_source(connection, found.page, MOST_LISTED)
    others = sources.other_sources(connection, found.page, found.service_prefix)
    return {
        "page": _own_fields(found),
        "sections": [
            {**each._asdict(), "section": each.section.replace("_", " ")} for each in found.sections
        ],
        "carries": [
            {"detail": _WORDS.get(detail, detail.replace("_", " ")), "state": state}
            for detail, state in found.details.items()
        ],
        "dataset": dataset._asdict() if dataset else None,
        "dates": sources.dates_of_source(connection, found.page),
        "facts": [{"table": table, "facts": number} for table, number in facts.items()],
        "problems": [each._asdict() for each in problems],
        "disagreements": [each._asdict() for each in disputed],
        "others": [each._asdict() for each in others],
    }


def _own_fields(found: sources.StoredSource) -> dict[str, Any]:
    fields = found._asdict()
    del fields["sections"], fields["details"]
    return fields


PAGE = SitePage(
    "page/(?P<name>.+?)",
    "source_page.html",
    source_page,
    lambda model: model["page"]["title"] or model["page"]["page"],
    shows_whole_catalog=True,
    name=lambda model: model["page"]["page"],
)
