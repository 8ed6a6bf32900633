"""Check the names that questions use: return AWS's spelling, or raise with the nearest names.

The errors are built in `iam_catalog.facts.unknown`, which is imported when a name is unknown:
`difflib` is slow to import.
"""

from __future__ import annotations

from iam_catalog.errors import UnknownServicePrefix
from iam_catalog.facts.lookup import as_of as as_of
from iam_catalog.facts.lookup import is_current as is_current
from iam_catalog.facts.lookup import resource_types_named
from iam_catalog.facts.lookup import services_named as services_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3


def known_action(connection: sqlite3.Connection, action: str) -> str:
    """Return AWS's spelling of an action, which may be a removed one.

    Raises `UnknownAction` with the nearest names, or `MalformedActionName`.
    """
    row = connection.execute(
        "select action from actions where action = ?1"
        " union all select action from past_actions where action = ?1 limit 1",
        (action,),
    ).fetchone()
    if row is None:
        from iam_catalog.facts.operations import find_operation
        from iam_catalog.facts.unknown import unknown_action
        from iam_catalog.names import split_action_name

        name = ":".join(split_action_name(action))
        raise unknown_action(connection, action, find_operation(connection, name))
    return str(row[0])


def known_service(connection: sqlite3.Connection, name: str) -> str:
    """Return the prefix of the service that goes by *name*.

    That is a prefix, a name, a page slug, an SDK client or a nickname, whatever its case; blanks,
    `-` and `_` do not count, and neither does *Amazon* or *AWS* at the start. A prefix comes first.
    Raises `UnknownServicePrefix`, also for a name of several services: its suggestions are their
    prefixes.
    """
    prefixes = services_named(connection, name)
    if len(prefixes) == 1:
        return prefixes[0]
    from iam_catalog.facts.unknown import unknown_service

    raise unknown_service(connection, name, prefixes)


def unheld_service(connection: sqlite3.Connection, prefix: str) -> UnknownServicePrefix:
    """Make the error for a prefix that no service has; it may be another name of one."""
    try:
        return UnknownServicePrefix(prefix, [known_service(connection, prefix)])
    except UnknownServicePrefix as error:
        return error


def known_resource_types(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the full names that `instance` or `connect:instance` means, sorted.

    The prefix is compared without case, the name with it. Raises `UnknownResourceType`.
    """
    names = resource_types_named(connection, name)
    if not names:
        from iam_catalog.facts.unknown import unknown_resource_type

        raise unknown_resource_type(connection, name)
    return names
