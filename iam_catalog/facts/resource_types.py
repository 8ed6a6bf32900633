"""Resource types: their ARN formats, their condition keys, and the actions that take them.

ARN formats are read by service, by resource type, and by the words in them.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from iam_catalog.facts.lookup import resource_types_named
from iam_catalog.facts.names import known_service
from iam_catalog.facts.rows import SOURCE, gathered, mark, select_in, source, unique

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from iam_catalog.records import ResourceType


def resource_types(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[ResourceType]:
    """List the resource types of a service, or of all, sorted; raises `UnknownServicePrefix`.

    >>> [found.name for found in resource_types("connect")]
    ['contact', 'instance', 'queue']
    """
    if service_prefix is None:
        return _records(connection, "", ())
    prefix = known_service(connection, service_prefix)
    return _records(connection, "where types.service_prefix = ?", (prefix,))


def resource_type(connection: sqlite3.Connection, name: str) -> ResourceType:
    """Describe one resource type; `instance` will do where only one service has it.

    Of a removed one these are the facts of the last source that documented it. Raises
    `UnknownResourceType`, also for a name that several services have: its suggestions are their
    full names.

    >>> resource_type("connect:instance").arn_formats
    ('arn:${Partition}:connect::${Account}:instance/${InstanceId}',)
    """
    names = resource_types_named(connection, name)
    if len(names) == 1:
        return _record(connection, names[0])
    if not names:
        from iam_catalog.facts.at_date import last_record, removed_resource_types

        removals = removed_resource_types(connection, name)
        if len(removals) == 1:
            return last_record(connection, removals[0], _record)
        names = [removal.key for removal in removals]
    if names:
        from iam_catalog.errors import UnknownResourceType

        raise UnknownResourceType(name, names, detail=" without its service prefix")
    from iam_catalog.facts.unknown import unknown_resource_type

    raise unknown_resource_type(connection, name)


def _record(connection: sqlite3.Connection, resource_type: str) -> ResourceType:
    """Describe a current resource type by its full name."""
    return _records(connection, "where types.resource_type = ?", (resource_type,))[0]


_TYPES = (
    "select resource_type, service_prefix, name, types.url, first_seen, last_seen,"
    f" types.incomplete, pages.page, line, place, {SOURCE}"
    " from resource_types as types join pages using (page, service_prefix)"
)


def _records(
    connection: sqlite3.Connection, where: str, values: tuple[str, ...]
) -> list[ResourceType]:
    """Describe the resource types (`types`) that fit *where*, by name."""
    from iam_catalog.records import ResourceType

    rows = connection.execute(f"{_TYPES} {where} order by resource_type", values).fetchall()
    if not rows:
        return []
    chosen = f"in (select resource_type from resource_types as types {where})" if where else ""

    def names(column: str, table: str, order: str) -> dict[str, list[str]]:
        """Map resource types to their names in a table, in one query for all of them."""
        found: dict[str, list[str]] = {}
        for name, resource_type in connection.execute(
            f"select {column}, resource_type from {table}"
            f" where resource_type {chosen or 'is not null'} order by {order}",
            values,
        ):
            found.setdefault(resource_type, []).append(name)
        return found

    formats = names("format", "arn_formats", "page, line, length(arn_format), arn_format")
    keys = names("condition_key", "resource_type_condition_keys", "resource_type, position")
    actions = names("action", "action_rows", "action")
    return [
        ResourceType(
            key,
            prefix,
            name,
            unique(formats.get(key, ())),
            unique(keys.get(key, ())),
            unique(actions.get(key, ())),
            url,
            source(place),
            first_seen,
            last_seen,
            None,
            incomplete=mark(incomplete),
        )
        for key, prefix, name, url, first_seen, last_seen, incomplete, *place in rows
    ]


# --- ARN formats

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
    """Return True if a format or a known service has the name that ARNs have for a service."""
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
    return gathered(rows)


def formats_of_prefix(connection: sqlite3.Connection, prefix: str) -> dict[str, list[str]]:
    """Do the same for all types of a service, whose prefix is in AWS's spelling."""
    rows = connection.execute(
        f"{_BY_TYPE} where resource_type >= ? and resource_type < ? {_IN_ORDER}",
        (f"{prefix}:", f"{prefix};"),
    )
    return gathered(rows)


_BY_TYPE = "select resource_type, format from arn_formats"
_IN_ORDER = "order by resource_type, page, line, length(arn_format), arn_format"


def written_words(connection: sqlite3.Connection, part: str) -> frozenset[str]:
    """Read what formats write out as a *part*, `region` or `account`, instead of a placeholder."""
    rows = connection.execute(
        f"select distinct {part} from arn_formats where {part} not like '%${{%'"
    )
    return frozenset([word for (word,) in rows])


def written_resources(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Read the service and the resource of every format, without repeats."""
    return connection.execute(
        "select distinct service, resource from arn_formats"
        " where service is not null and resource is not null"
    ).fetchall()


def _formats(connection: sqlite3.Connection, condition: str, *values: str) -> list[ArnFormatRow]:
    rows = connection.execute(
        "select arn_format, resource_type, format, page, line, last_seen from arn_formats"
        f" where {condition}",
        values,
    )
    return [ArnFormatRow(*row) for row in rows]
