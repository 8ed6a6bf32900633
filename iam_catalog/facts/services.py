"""Services: which ones the catalog holds, their sources, and what these state."""

from __future__ import annotations

from iam_catalog.facts.lookup import other_names, services_named
from iam_catalog.facts.names import known_service
from iam_catalog.facts.rows import mark, read_at_once, unique

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from typing import Any

    from iam_catalog.records import Page, Service


def services(connection: sqlite3.Connection) -> list[Service]:
    """List every service that the catalog holds, by prefix.

    >>> [found.service_prefix for found in services()]
    ['connect', 'ssmmessages']
    """
    return read_at_once(connection, _records, None)


def service(connection: sqlite3.Connection, service_prefix: str) -> Service:
    """Describe one service with its sources and what they state; raises `UnknownServicePrefix`.

    Of a removed service these are the facts of the last sources that documented it. Here and
    wherever a service is named, its names, page slugs, SDK clients and nicknames will do as well;
    case, blanks, hyphens and a first *Amazon* or *AWS* do not count.

    >>> service("connect").name, service("Amazon Connect Service").service_prefix
    ('Amazon Connect', 'connect')
    """
    if not services_named(connection, service_prefix):
        from iam_catalog.facts.removed import last_record, removed_services

        removals = removed_services(connection, service_prefix)
        if len(removals) == 1:
            return last_record(connection, removals[0], _record)
    return read_at_once(connection, _record, known_service(connection, service_prefix))


def _record(connection: sqlite3.Connection, prefix: str) -> Service:
    """Describe the current service with this prefix."""
    return _records(connection, prefix)[0]


_COUNTED = {
    "actions": "count(*)",
    "resource_types": "count(*)",
    "condition_key_definitions": "count(distinct condition_key)",
    "operations": "count(distinct name)",
}
"""What of a service is counted, by table, as the view `service_counts` does. The view is slow as of
an earlier date, where SQLite would read all rows for each service."""
_SECTIONS = ("actions", "resource_types", "condition_keys", "operations")
"""The sections of pages that hold what is counted, in the same order."""


def _records(connection: sqlite3.Connection, prefix: str | None) -> list[Service]:
    """Describe the current service with a prefix, or all of them, by prefix."""
    from iam_catalog.records import Service

    where, values = _only(prefix)
    rows = connection.execute(
        "select service_prefix, name, first_seen, last_seen from services"
        f"{where} order by service_prefix",
        values,
    ).fetchall()
    counts = _counts(connection, prefix)
    sources = _pages(connection, prefix)
    return [
        Service(
            own,
            name,
            *counts.get(own.lower(), (None, None, None, None)),
            pages=tuple(sources.get(own.lower(), ())),
            aliases=unique(other_names(connection, own)),
            first_seen=first_seen,
            last_seen=last_seen,
            removed=None,
        )
        for own, name, first_seen, last_seen in rows
    ]


_Counts = tuple["int | None", "int | None", "int | None", "int | None"]


def _counts(connection: sqlite3.Connection, prefix: str | None) -> dict[str, _Counts]:
    """Map prefixes, in lower case, to numbers of actions, resource types, condition keys and
    operations; None where every source of the service leaves them out."""
    where, values = _only(prefix)
    numbers = [
        {
            own.lower(): number
            for own, number in connection.execute(
                f"select service_prefix, {number} from {table}{where} group by service_prefix",
                values,
            )
        }
        for table, number in _COUNTED.items()
    ]
    known = ", ".join(f"max({each}_state <> 'not in source')" for each in _SECTIONS)
    stated = {
        own.lower(): states
        for own, *states in connection.execute(
            f"select service_prefix, {known} from pages{where} group by service_prefix", values
        )
    }
    return {
        own: tuple(  # type: ignore[misc]
            [
                found.get(own, 0 if is_known else None)
                for found, is_known in zip(numbers, stated.get(own, (0,) * 4), strict=True)
            ]
        )
        for own in stated.keys() | set().union(*numbers)
    }


def _only(prefix: str | None) -> tuple[str, tuple[str, ...]]:
    """Write the condition for one service, with its values; none for all services."""
    return ("", ()) if prefix is None else (" where service_prefix = ?", (prefix,))


def _pages(connection: sqlite3.Connection, prefix: str | None) -> dict[str, list[Page]]:
    """Map prefixes of services, in lower case, to their current sources, by key."""
    from iam_catalog.records import Page
    from iam_catalog.schema import DETAILS, SECTIONS

    states = ", ".join(f"{each}_state" for each in (*SECTIONS, *DETAILS))
    where, values = _only(prefix)
    rows: Iterable[tuple[Any, ...]] = connection.execute(
        f"select service_prefix, page, title, slug, format, last_date, url, {states}, sha256,"
        f" dataset, incomplete, licence from pages{where or ' where 1'} and replaced is null"
        " order by page",
        values,
    )
    found: dict[str, list[Page]] = {}
    for service_prefix, *values_of_page in rows:
        *stated, incomplete, licence = values_of_page
        page = Page(*[*stated, mark(incomplete), licence])
        found.setdefault(service_prefix.lower(), []).append(page)
    return found
