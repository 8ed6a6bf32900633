"""The actions that a pattern matches, on this catalog, and what a pattern gained or lost.

Service prefix and name compare without case, and both wildcards can stand anywhere in the name
(IAM User Guide, "IAM JSON policy elements: Action"). `*` alone is every action. A policy can have
no wildcard in a service prefix otherwise ("Grammar of the IAM JSON policy language":
`action_string` is a service namespace, a colon and a name that can include wildcards); asked for
one, the catalog answers with what the text matches.
"""

from __future__ import annotations

import sqlite3

from iam_catalog.arn.pattern import (
    ANY,
    VARIABLE,
    fold_stars,
    has_wildcard,
    literal_start,
    matcher_of,
)
from iam_catalog.errors import MalformedPattern
from iam_catalog.facts.history import changes
from iam_catalog.facts.names import unheld_service
from iam_catalog.records import Change

LAST = "\U0010ffff"
"""No text that a name starts with is behind this one."""


def expand(connection: sqlite3.Connection, *patterns: str) -> list[str]:
    """List the current actions that any of *patterns* matches, in AWS's spelling, sorted.

    `*` is any text and `?` one character, anywhere in a name; case is ignored. Nothing for a
    pattern of a held service that matches nothing, also where a source of it leaves its actions
    out. Raises `UnknownServicePrefix` for a service that the catalog does not hold, and
    `MalformedPattern`.

    >>> expand("connect:List*ances", "CONNECT:Get*Token", "connect:StopC?ntact")
    ['connect:GetFederationToken', 'connect:ListInstances', 'connect:StopContact']
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        names = matching_actions(connection, pattern)
        if not names:
            check_pattern(connection, pattern)
        found |= dict.fromkeys(names)
    return list(found) if len(patterns) == 1 else sorted(found, key=str.lower)


def matching_actions(connection: sqlite3.Connection, pattern: str) -> list[str]:
    """The answer of `expand` to one pattern, and none where `expand` raises: for any text.

    None for one with a variable, too, which no action has ("IAM policy elements: Variables and
    tags", "Where you can use policy variables").
    """
    whole = ":" in pattern or is_every_action(pattern)
    if not whole or not pattern.isascii() or VARIABLE in pattern:
        return []
    pattern = fold_stars(pattern.lower())
    start = pattern[: literal_start(pattern)]
    rows = connection.execute(
        "select action from actions where action >= ? and action < ? order by action",
        (start, start + LAST),
    )
    names = [row[0] for row in rows]
    if pattern == start + ANY:
        return names
    fits = matcher_of(pattern)
    return [name for name in names if fits(name.lower())]


def is_every_action(pattern: str) -> bool:
    """`*`, however often it is written."""
    return pattern != "" and not pattern.strip(ANY)


def check_pattern(connection: sqlite3.Connection, pattern: str) -> None:
    """Raise what is wrong with a pattern that matches nothing, or nothing."""
    check_form(pattern)
    prefix = pattern.partition(":")[0]
    if not has_wildcard(prefix):
        held = connection.execute("select 1 from services where service_prefix = ?", (prefix,))
        if held.fetchone() is None:
            raise unheld_service(connection, prefix)


def check_form(pattern: str) -> None:
    """Raise `MalformedPattern` for a text that can be no pattern of actions."""
    prefix, _, name = pattern.partition(":")
    letters = prefix + name
    for sign in "-_.*?":
        letters = letters.replace(sign, "")
    plain = letters.isascii() and (letters == "" or letters.isalnum())
    if not (plain and prefix and (name or is_every_action(pattern))):
        raise MalformedPattern(pattern)


def changes_of_patterns(
    connection: sqlite3.Connection, *patterns: str, since: str | None = None
) -> list[Change]:
    """List the actions that *patterns* gained (`added`) or lost (`removed`), by date.

    As collections of *since* and later brought them. Raises `MalformedDate`, `MalformedPattern`,
    and `UnknownServicePrefix` for a service that the catalog does not hold and never held.

    >>> changes_of_patterns("connect:*", since="2019-08-12")
    []
    """
    found = [
        change
        for change in changes(connection, since=since)
        if change.kind == "action" and change.change in ("added", "removed")
    ]
    ours: dict[int, Change] = {}
    for pattern in patterns:
        check_form(pattern)
        fits = matcher_of(pattern.lower())
        matched = {
            number: change for number, change in enumerate(found) if fits(change.subject.lower())
        }
        if not matched:
            check_pattern(connection, pattern)
        ours |= matched
    return [ours[number] for number in sorted(ours)]
