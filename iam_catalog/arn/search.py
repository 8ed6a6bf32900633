"""Answer a search: by the ranking of `facts.search`, and for ARNs by the engine that matches them.

Every front door asks this module.
"""

from __future__ import annotations

from iam_catalog.errors import CatalogError
from iam_catalog.facts import search as ranking

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from iam_catalog.records import SearchResult


def search(
    connection: sqlite3.Connection,
    text: str,
    *,
    limit: int = 100,
    offset: int = 0,
    kind: str | None = None,
    service: str | None = None,
) -> list[SearchResult]:
    """Find services, actions, resource types, condition keys and sample policies, best first.

    *text* is a name, or words of names and descriptions, which may be cut short: `create inst`
    finds `connect:CreateInstance`. An API operation finds the action that allows it, an ARN the
    resource types that it fits and then their actions, a pattern such as `s3:Get*` the actions that
    it covers. Where nothing has all words, words with one or two letters wrong are read as others.
    Returns at most *limit* results after the first *offset*, of one *kind* or one *service* (any
    name of it) only where that is asked for. A text without a letter or digit finds nothing.

    >>> [found.name for found in search("stop contact")][:1]
    ['connect:StopContact']
    """
    return ranking.find_ranked(
        connection, text, _fitting, limit=limit, offset=offset, kind=kind, service=service
    )


def search_rows(connection: sqlite3.Connection, text: str) -> str:
    """Return the results of `search` as a JSON array of objects, for the SQL of the site."""
    import json
    from dataclasses import asdict

    return json.dumps([asdict(each) for each in search(connection, text)])


def _fitting(connection: sqlite3.Connection, arn: str) -> tuple[list[str], list[str]]:
    """Return the resource types that an ARN fits, the closest first, and their actions."""
    from iam_catalog.arn.match import actions_for_arn, match_arn

    try:
        types = [each.resource_type for each in match_arn(connection, arn)]
        return types, actions_for_arn(connection, arn) if types else []
    except CatalogError:  # no ARN: its words may find something
        return [], []
