"""What patterns of actions match, what they gained and lost, and patterns for a list of actions."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.answers import answered, names_in
from iam_catalog.datasette_plugin.site.models.examples import examples
from iam_catalog.datasette_plugin.site.models.named_actions import (
    asked_level,
    at_level,
    by_level,
    by_service,
    listed,
)
from iam_catalog.errors import CatalogError
from iam_catalog.policy.expand import changes_of_patterns, expand, matching_actions
from iam_catalog.policy.shrink import shrink

MOST_PATTERNS = 20
MOST_TO_SHRINK = 20_000
"""About as many as AWS has actions."""
MOST_WILDCARDS = 200
"""Of what is to be shrunk: each is compared with every other one."""


def expanded(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The actions that any `pattern` matches, and the patterns that match exactly `actions`.

    `levels` and `services` count all actions that match, `actions` lists those of `access_level`.
    With `since`, `changes` says what the patterns gained and lost from that date on; `dates` are
    those of the oldest and the newest page of the catalog. `shrunk` answers `actions`. Unasked,
    there are `examples`.
    """
    patterns = names_in(asked.values.get("pattern", ()))
    level, since = asked.value("access_level"), asked.value("since")
    given: dict[str, Any] = {
        "patterns": patterns,
        "since": since,
        "access_level": level,
        "to_shrink": None,
    }
    to_shrink = names_in(list_of(asked))
    if to_shrink:
        shortest = asked.flag("shortest")
        given |= {"to_shrink": to_shrink, "shortest": shortest}
        return answered(given, lambda: {"shrunk": shrunk(connection, to_shrink, shortest)})
    if not patterns:
        pattern = examples(connection).pattern
        proposed = [pattern, f"*{pattern[pattern.index(':') :]}"] if pattern else []
        return {**given, "examples": proposed}
    return answered(given, lambda: answer(connection, patterns, since, level))


def list_of(asked: Asked) -> tuple[str, ...]:
    """The text that was pasted: of a form, or of an address."""
    if asked.file is not None:
        return (asked.file.decode("utf-8", "replace"),)
    return asked.values.get("actions", ())


def answer(
    connection: sqlite3.Connection, patterns: list[str], since: str | None, level: str | None
) -> dict[str, Any]:
    check_number(patterns, MOST_PATTERNS, "patterns")
    level = asked_level(level)
    matched = {pattern: expand(connection, pattern) for pattern in patterns}
    names = sorted({name for each in matched.values() for name in each}, key=str.lower)
    actions = listed(connection, names)
    changes = [] if since is None else changes_of_patterns(connection, *patterns, since=since)
    return {
        "access_level": level,
        "each": [
            {"pattern": pattern, "actions": len(found), "remark": remark(connection, pattern)}
            for pattern, found in matched.items()
        ],
        "levels": by_level(actions),
        "services": by_service(actions),
        "actions": at_level(actions, level),
        "changes": None if since is None else [asdict(each) for each in changes],
        "dates": dates(connection),
    }


def remark(connection: sqlite3.Connection, pattern: str) -> str | None:
    """What is to be said of a pattern besides what it matches."""
    prefix, colon, _ = pattern.partition(":")
    if colon and has_wildcard(prefix):
        return "A policy can have no wildcard in the service prefix."
    left_out = connection.execute(
        "select 1 from pages where service_prefix = ? and replaced is null"
        " and actions_state = 'not in source'",
        (prefix,),
    ).fetchone()
    if left_out:
        return f"A source of {prefix} leaves its actions out, so there may be more."
    return None


def dates(connection: sqlite3.Connection) -> dict[str, str | None]:
    oldest, newest = connection.execute("select min(date), max(last_date) from pages").fetchone()
    return {"oldest": oldest, "newest": newest}


def shrunk(
    connection: sqlite3.Connection, names: list[str], shortest: bool
) -> list[dict[str, Any]]:
    """The patterns, each with how many actions of the catalog it matches."""
    check_number(names, MOST_TO_SHRINK, "names")
    check_number([name for name in names if has_wildcard(name)], MOST_WILDCARDS, "patterns")
    return [
        {"pattern": pattern, "actions": len(matching_actions(connection, pattern))}
        for pattern in shrink(connection, names, shortest=shortest)
    ]


def check_number(names: list[str], most: int, noun: str) -> None:
    if len(names) > most:
        raise CatalogError(
            f"{len(names):,} {noun} are more than the {most:,} that can be asked of here at once:"
            " leave some out."
        )
