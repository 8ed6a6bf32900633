"""Resource types: their ARN formats, their condition keys, and the actions that take them."""

from __future__ import annotations

from iam_catalog.facts.lookup import resource_types_named
from iam_catalog.facts.names import known_service
from iam_catalog.facts.rows import SOURCE, mark, source, unique

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

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
        from iam_catalog.facts.removed import last_record, removed_resource_types

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
