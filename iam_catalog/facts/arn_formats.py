"""Read the ARN formats of the catalog: by service, by resource type, and the words in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from iam_catalog.facts.rows import select_in

_WITH_PLACEHOLDER = "(service >= '${' and service < '$|')"
"""A service that starts with a placeholder, as an index can find it."""


class ArnFormatRow(NamedTuple):
    """An ARN format of a resource type, with where a source states it."""

    key: str
    resource_type: str
    text: str
    page: str
    line: int
    last_seen: str | None


def formats_of_service(connection: sqlite3.Connection, service: str) -> list[ArnFormatRow]:
    """Read the formats that name a service, with case; also those of types of another prefix."""
    return _formats(connection, "service = ?", service)


def formats_of_any_service(connection: sqlite3.Connection) -> list[ArnFormatRow]:
    """Read the formats with a placeholder for their service."""
    return _formats(connection, _WITH_PLACEHOLDER)


def formats_of_all_services(connection: sqlite3.Connection) -> list[ArnFormatRow]:
    """Read all other formats."""
    return _formats(connection, f"not {_WITH_PLACEHOLDER}")


def names_service(connection: sqlite3.Connection, service: str) -> bool:
    """Return True if a format or a held service has the name that ARNs have for a service."""
    row = connection.execute(
        "select 1 from arn_formats where service = ?1"
        " union all select 1 from services where service_prefix = ?1 limit 1",
        (service,),
    ).fetchone()
    return row is not None


def formats_of_types(
    connection: sqlite3.Connection, resource_types: Iterable[str]
) -> dict[str, list[str]]:
    """Map resource types to their ARN formats in the order of the pages, without repeats."""
    rows = select_in(
        connection, f"{_BY_TYPE} where resource_type in ({{}}) {_IN_ORDER}", sorted(resource_types)
    )
    return _by_type(rows)


def formats_of_prefix(connection: sqlite3.Connection, prefix: str) -> dict[str, list[str]]:
    """Do the same for all types of a service, whose prefix is in AWS's spelling."""
    rows = connection.execute(
        f"{_BY_TYPE} where resource_type >= ? and resource_type < ? {_IN_ORDER}",
        (f"{prefix}:", f"{prefix};"),
    )
    return _by_type(rows)


_BY_TYPE = "select resource_type, format from arn_formats"
_IN_ORDER = "order by resource_type, page, line, length(arn_format), arn_format"


def written_words(connection: sqlite3.Connection, part: str) -> frozenset[str]:
    """Read what formats write out as a *part*, `region` or `account`, instead of a placeholder."""
    rows = connection.execute(
        f"select distinct {part} from arn_formats where {part} not like '%${{%'"
    )
    return frozenset([word for (word,) in rows])


def _formats(connection: sqlite3.Connection, condition: str, *values: str) -> list[ArnFormatRow]:
    rows = connection.execute(
        "select arn_format, resource_type, format, page, line, last_seen from arn_formats"
        f" where {condition}",
        values,
    )
    return [ArnFormatRow(*row) for row in rows]


def _by_type(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in rows:
        formats = found.setdefault(name, [])
        if text not in formats:
            formats.append(text)
    return found
