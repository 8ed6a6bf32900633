"""Errors for names that the catalog does not hold, with the nearest names that it does.

Only imported when a name is unknown: `difflib` is slow to import, and nobody is in a hurry then.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

from iam_catalog.errors import (
    UnknownAction,
    UnknownConditionKey,
    UnknownOperation,
    UnknownResourceType,
    UnknownServicePrefix,
)
from iam_catalog.facts.about import what_brings_all
from iam_catalog.facts.at_date import removed_resource_types
from iam_catalog.facts.lookup import as_of, services_named, spellings
from iam_catalog.names import folded_sql, split_action_name
from iam_catalog.words import operation_words, removal_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.records import Operation

_MOST = 3
_CUTOFF = 0.7
_MARGIN = 0.06
"""A name that is less like the text than the best one by this much is not worth a mention."""


def nearest(text: str, names: Iterable[str]) -> list[str]:
    """Return the one to three of *names* that look most like *text*; case does not count.

    A prefix that all share says nothing, so what follows the first colon is compared where *text*
    has one.
    """
    start = ":" in text
    spelled = {name.lower().partition(":")[2] if start else name.lower(): name for name in names}
    wanted = text.lower().partition(":")[2] if start else text.lower()
    close = get_close_matches(wanted, spelled, n=_MOST, cutoff=_CUTOFF)
    likeness = [SequenceMatcher(None, each, wanted).ratio() for each in close]
    return [
        spelled[name]
        for name, ratio in zip(close, likeness, strict=True)
        if ratio > likeness[0] - _MARGIN
    ]


def _dated(connection: sqlite3.Connection, prefix: str | None = None) -> str:
    """Write as of when a name is not there: in a service if it is known, else in the catalog.

    ` as of 2026-10-27`, and nothing where no source has a date.
    """
    date = (as_of(connection, prefix) if prefix else None) or as_of(connection)
    return f" as of {date}" if date else ""


def _column(connection: sqlite3.Connection, sql: str, *parameters: str) -> list[str]:
    """Return the first column of the rows."""
    return [row[0] for row in connection.execute(sql, parameters)]


def unknown_action(
    connection: sqlite3.Connection, action: str, operation: Operation | None
) -> UnknownAction:
    """Make the error for *action*, which may be the name of an *operation*.

    Raises `MalformedActionName` for what cannot be the name of an action.
    """
    prefix, name = split_action_name(action)
    held = _column(
        connection, "select service_prefix from services where service_prefix = ?", prefix
    )
    if not held:
        return _unknown_service_of(connection, action, prefix, name)
    (left_out,) = connection.execute(
        "select max(actions_state = 'not in source') from pages"
        " where service_prefix = ? and replaced is null",
        (prefix,),
    ).fetchone()
    detail = _dated(connection, held[0])
    if left_out:
        detail += f" (a source of {held[0]} leaves its actions out, so the action may well exist)"
    if operation:
        detail += f"; {operation_words(operation)}"
        return UnknownAction(action, operation.actions[:_MOST], detail=detail)
    names = _column(connection, "select action from actions where service_prefix = ?", prefix)
    same_name = _column(connection, "select action from actions where name = ?", name)[:_MOST]
    return UnknownAction(action, nearest(action, names) or same_name, detail=detail)


def _unknown_service_of(
    connection: sqlite3.Connection, action: str, prefix: str, name: str
) -> UnknownAction:
    """Make the error for an action of a service that is not known under that prefix."""
    own = services_named(connection, prefix)
    same_name = _column(
        connection, "select action from actions where name = ? order by action", name
    )
    prefixes = own or nearest(prefix, _column(connection, "select service_prefix from services"))
    near = [each for each in same_name if each.partition(":")[0] in prefixes]
    for known in prefixes if not near else ():
        names = _column(connection, "select action from actions where service_prefix = ?", known)
        near += nearest(f"{known}:{name}", names)
    if own:
        detail = f": {prefix!r} is another name of a service whose prefix is {' or '.join(own)}"
        return UnknownAction(action, (near or same_name)[:_MOST], detail=detail)
    return UnknownAction(
        action,
        (near or same_name)[:_MOST],
        detail=_not_held(connection, prefix),
        remedy=what_brings_all(connection),
    )


def _not_held(connection: sqlite3.Connection, prefix: str) -> str:
    """Write what an error says of a service prefix, or a name like one, that is not known."""
    meant = _prefixes_meant(connection, prefix)
    if meant:
        return f": {prefix!r} is {_said_of(meant)}"
    return f"{_dated(connection)}, which holds no service {prefix!r}"


def _prefixes_meant(connection: sqlite3.Connection, name: str) -> list[str | None]:
    """Return the service prefixes that *name* means as a name of an SDK client or as a nickname.

    The services may be known or not. A client whose service prefix nobody knows gives None. Where
    *name* is itself one of the prefixes, there is nothing to explain, and the list is empty.
    """
    sql = " union ".join(
        f"select service_prefix from {table} where {folded_sql(column)} in (?1, ?2, ?3)"
        for table, column in (
            ("sdk_clients", "sdk_client"),
            ("sdk_clients", "service_id"),
            ("sdk_clients", "name"),
            ("nicknames", "nickname"),
        )
    )
    rows = connection.execute(f"{sql} order by 1", spellings(name))
    found: list[str | None] = [prefix for (prefix,) in rows]
    return [] if name.strip().lower() in found else found


def _said_of(meant: list[str | None]) -> str:
    """Write half a sentence about a name that means services which are not known."""
    if prefixes := [prefix for prefix in meant if prefix]:
        return f"{' or '.join(prefixes)}, which this catalog does not hold"
    return "an SDK client whose service prefix is not known"


def unknown_service(
    connection: sqlite3.Connection, name: str, several: list[str]
) -> UnknownServicePrefix:
    """Make the error for a service; *several* are the prefixes of those that share the name."""
    if several:
        return UnknownServicePrefix(name, several, detail=", but several that go by that name")
    gone = connection.execute(
        "select removed, removed_by, last_seen from past_services"
        " where service_prefix = ? and removed is not null order by removed desc",
        (name,),
    ).fetchone()
    prefixes = _column(connection, "select service_prefix from services order by service_prefix")
    if gone:
        return UnknownServicePrefix(name, detail=f": it was {removal_words(*gone)}")
    detail = _dated(connection)
    detail += f", which holds {', '.join(prefixes)}" if len(prefixes) <= 5 else ""
    if meant := _prefixes_meant(connection, name):
        detail = f": it is {_said_of(meant)}"
        return UnknownServicePrefix(name, detail=detail, remedy=what_brings_all(connection))
    known = _column(
        connection,
        "select alias from service_aliases"
        " where service_prefix in (select service_prefix from services) order by alias",
    )
    return UnknownServicePrefix(
        name,
        nearest(name, prefixes) or nearest(name, known),
        detail=detail,
        remedy=what_brings_all(connection),
    )


def unknown_operation(connection: sqlite3.Connection, name: str) -> UnknownOperation:
    """Make the error for an operation; a service without a map of operations has an unknown one."""
    prefix, colon, _ = name.partition(":")
    held = services_named(connection, prefix)
    marks = ", ".join("?" * len(held))
    states = _column(
        connection,
        "select distinct operations_state from pages"
        f" where service_prefix in ({marks}) and replaced is null",
        *held,
    )
    if colon and not states:
        detail, remedy = _not_held(connection, prefix), what_brings_all(connection)
        return UnknownOperation(name, detail=detail, remedy=remedy)
    detail = _dated(connection, held[0] if held else None)
    if colon and states == ["not in source"]:
        detail = f": no source of {prefix!r} that is held maps operations to actions"
    names = _column(
        connection,
        "select service_prefix || ':' || name from operations"
        " union select services.service_prefix || ':' || sdk_operations.name from sdk_operations"
        " join sdk_clients on sdk_clients.sdk_client = sdk_operations.sdk_client"
        " join services on services.service_prefix = sdk_clients.service_prefix order by 1",
    )
    return UnknownOperation(name, _nearest_prefixed(name, names), detail=detail)


def unknown_resource_type(connection: sqlite3.Connection, name: str) -> UnknownResourceType:
    """Make the error for a resource type, also for a removed one."""
    if removed := removed_resource_types(connection, name):
        detail = f": it was {removal_words(*removed[0][1:])}"
        return UnknownResourceType(name, detail=detail)
    full = _column(connection, "select resource_type from resource_types order by resource_type")
    detail = _dated(connection, _prefix_of(name))
    near = _nearest_prefixed(name, full)
    remedy = None if near and ":" not in name else _remedy_for(connection, name)
    return UnknownResourceType(name, near, detail=detail, remedy=remedy)


def unknown_condition_key(connection: sqlite3.Connection, key: str) -> UnknownConditionKey:
    """Make the error for a condition key."""
    keys = _column(connection, "select condition_key from condition_keys order by condition_key")
    detail = _dated(connection, _prefix_of(key))
    near = _nearest_prefixed(key, keys)
    return UnknownConditionKey(key, near, detail=detail, remedy=_remedy_for(connection, key))


def _remedy_for(connection: sqlite3.Connection, name: str) -> str | None:
    """Write what brings all of AWS, unless the service that *name* begins with is known."""
    sql = "select service_prefix from services where service_prefix = ?"
    return None if _column(connection, sql, name.partition(":")[0]) else what_brings_all(connection)


def _prefix_of(name: str) -> str | None:
    """Return the text before the colon of *name*; None without one."""
    prefix, colon, _ = name.partition(":")
    return prefix if colon else None


def _nearest_prefixed(text: str, names: list[str]) -> list[str]:
    """Return the nearest of *names* with the prefix of *text*, else with any prefix."""
    head, _, tail = text.partition(":")
    prefix, rest = (head, tail) if tail else ("", head)
    own = [name for name in names if name.lower().startswith(f"{prefix.lower()}:")]
    if near := nearest(f":{rest}", own):
        return near
    alike = nearest(rest, [name.partition(":")[2] for name in names])
    return [name for name in names if name.partition(":")[2] in alike][:_MOST]
