"""Show the sample policies of the catalog, by the documents that show them, with the fragments."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.facts.samples import (
    PolicyPage,
    fragments_of,
    has_policies,
    policies_of,
    policy_pages,
    services_of_policies,
)
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request


def policies(connection: sqlite3.Connection, _: Request) -> dict[str, Any]:
    """Return the documents by name, each with its policies and fragments in its order.

    `held` is False for a catalog that has no place for sample policies.
    """
    if not has_policies(connection):
        return {"held": False, "documents": []}
    services = services_of_policies(connection)
    documents = [_document(connection, each, services) for each in policy_pages(connection)]
    return {"held": True, "documents": documents}


def _document(
    connection: sqlite3.Connection, document: PolicyPage, services: dict[str, list[str]]
) -> dict[str, Any]:
    name = document.policy_document
    return {
        **document._asdict(),
        "policies": [
            {
                "policy": each.policy,
                "title": each.title,
                "kind": each.kind,
                "statements": each.statements,
                "line": each.line,
                "heading": below(document.title, each.title),
                "services": services.get(each.policy, []),
            }
            for each in policies_of(connection, name)
        ],
        "fragments": [each._asdict() for each in fragments_of(connection, name)],
    }


def below(document: str | None, title: str | None) -> str | None:
    """Return the headings of a policy without the first, if that is the title of its document.

    >>> below("Guide", "Guide / End users / Console")
    'End users / Console'
    """
    if document is None or title is None:
        return title
    first, _, rest = title.partition(" / ")
    return rest if rest and first.startswith(document) else title


PAGE = SitePage("policies", "policies.html", policies, lambda _: "Sample policies")
