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
    UnknownResourceType,
    UnknownServicePrefix,
)
from iam_catalog.names import split_action_name

MOST = 3
CUTOFF = 0.7
MARGIN = 0.06
"""A name that is this much less like the text than the best one is not worth a mention."""


def nearest(text: str, names: Iterable[str]) -> list[str]:
    """The one to three of *names* that look most like *text*; case does not count.

    A prefix that all share says nothing, so what follows the first colon is compared where *text*
    has one.
    """
    start = ":" in text
    spelled = {name.lower().partition(":")[2] if start else name.lower(): name for name in names}
    wanted = text.lower().partition(":")[2] if start else text.lower()
    close = get_close_matches(wanted, spelled, n=MOST, cutoff=CUTOFF)
    likeness = [SequenceMatcher(None, each, wanted).ratio() for each in close]
    return [
        spelled[name]
        for name, ratio in zip(close, likeness, strict=True)
        if ratio > likeness[0] - MARGIN
    ]


def column(connection: sqlite3.Connection, sql: str, *parameters: str) -> list[str]:
    return [row[0] for row in connection.execute(sql, parameters)]


def unknown_action(connection: sqlite3.Connection, action: str) -> UnknownAction:
    """The error for *action*; raises `MalformedActionName` where it can be none at all."""
    prefix, name = split_action_name(action)
    pages = connection.execute(
        "select max(date), max(actions_state = 'not in source') from pages"
        " where service_prefix = ?",
        (prefix,),
    ).fetchone()
    held = column(
        connection, "select service_prefix from services where service_prefix = ?", prefix
    )
    if not held:
        return unknown_service_of(connection, action, prefix, name)
    date, left_out = pages
    names = column(connection, "select action from actions where service_prefix = ?", prefix)
    detail = f" as of {date}" if date else ""
    if left_out:
        detail += (
            f" (a page of {held[0]} leaves its action table out, so the action may well exist)"
        )
    same_name = column(connection, "select action from actions where name = ?", name)[:MOST]
    return UnknownAction(action, nearest(action, names) or same_name, detail=detail)


def unknown_service_of(
    connection: sqlite3.Connection, action: str, prefix: str, name: str
) -> UnknownAction:
    """The error for an action of a service that the catalog does not hold."""
    same_name = column(
        connection, "select action from actions where name = ? order by action", name
    )
    prefixes = nearest(prefix, column(connection, "select service_prefix from services"))
    near = [each for each in same_name if each.partition(":")[0] in prefixes]
    for known in prefixes if not near else ():
        names = column(connection, "select action from actions where service_prefix = ?", known)
        near += nearest(f"{known}:{name}", names)
    return UnknownAction(
        action, (near or same_name)[:MOST], detail=f", which holds no service {prefix!r}"
    )


def unknown_service(connection: sqlite3.Connection, prefix: str) -> UnknownServicePrefix:
    prefixes = column(connection, "select service_prefix from services order by service_prefix")
    detail = f", which holds {', '.join(prefixes)}" if len(prefixes) <= 5 else ""
    return UnknownServicePrefix(prefix, nearest(prefix, prefixes), detail=detail)


def unknown_resource_type(connection: sqlite3.Connection, name: str) -> UnknownResourceType:
    full = column(connection, "select resource_type from resource_types order by resource_type")
    bare = name.rpartition(":")[2]
    return UnknownResourceType(name, nearest(f":{bare}", full))


def unknown_condition_key(connection: sqlite3.Connection, key: str) -> UnknownConditionKey:
    keys = column(connection, "select condition_key from condition_keys order by condition_key")
    return UnknownConditionKey(key, nearest(key, keys))
