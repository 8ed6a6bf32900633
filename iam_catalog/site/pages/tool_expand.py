"""Show what patterns of actions match, what they gained and lost, and patterns for a list."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import CatalogError
from iam_catalog.facts.sources import dates_of_sources, leaves_actions_out
from iam_catalog.policy.expand import changes_of_patterns, expand, matching_actions
from iam_catalog.policy.rewrite import shrink
from iam_catalog.site.action_lists import at_level, by_level, by_service, checked_level, listed
from iam_catalog.site.examples import examples
from iam_catalog.site.forms import answered, names_in, status_of, titled
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request

_MOST_PATTERNS = 20
_MOST_TO_SHRINK = 20_000
"""About as many as AWS has actions."""
_MOST_WILDCARDS = 200
"""Of what is to be shrunk: each is compared with every other one."""
_LONGEST_FORM = 512 * 1024
"""Bytes of a form with actions to shrink: all that AWS has fit in."""
_BAR_WIDTH = 1_000
"""Of the bar of access levels, in its own units."""


def expanded(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the actions that any `pattern` matches, and patterns that match exactly `actions`.

    `levels` and `services` count all actions that match, `actions` lists those of `access_level`.
    With `since`, `changes` says what the patterns gained and lost from that date on; `dates` are
    those of the oldest and the newest page of the catalog. `shrunk` answers `actions`. Unasked,
    there are `examples`.
    """
    patterns = names_in(request.values.get("pattern", ()))
    level, since = request.value("access_level"), request.value("since")
    asked: dict[str, Any] = {
        "patterns": patterns,
        "since": since,
        "access_level": level,
        "to_shrink": None,
    }
    to_shrink = names_in(_pasted(request))
    if to_shrink:
        shortest = request.flag("shortest")
        asked |= {"to_shrink": to_shrink, "shortest": shortest}
        return answered(asked, lambda: {"shrunk": _shrunk(connection, to_shrink, shortest)})
    if not patterns:
        pattern = examples(connection).pattern
        proposed = [pattern, f"*{pattern[pattern.index(':') :]}"] if pattern else []
        return {**asked, "examples": proposed}
    return answered(asked, lambda: _answer(connection, patterns, since, level))


def _pasted(request: Request) -> tuple[str, ...]:
    if request.file is not None:
        return (request.file.decode("utf-8", "replace"),)
    return request.values.get("actions", ())


def _answer(
    connection: sqlite3.Connection, patterns: list[str], since: str | None, level: str | None
) -> dict[str, Any]:
    _check_number(patterns, _MOST_PATTERNS, "patterns")
    level = checked_level(level)
    matched = {pattern: expand(connection, pattern) for pattern in patterns}
    names = sorted({name for each in matched.values() for name in each}, key=str.lower)
    actions = listed(connection, names)
    changes = [] if since is None else changes_of_patterns(connection, *patterns, since=since)
    oldest, newest = dates_of_sources(connection)
    return {
        "access_level": level,
        "each": [
            {"pattern": pattern, "actions": len(found), "remark": _remark(connection, pattern)}
            for pattern, found in matched.items()
        ],
        "levels": by_level(actions),
        "services": by_service(actions),
        "actions": at_level(actions, level),
        "changes": None if since is None else [asdict(each) for each in changes],
        "dates": {"oldest": oldest, "newest": newest},
    }


def _remark(connection: sqlite3.Connection, pattern: str) -> str | None:
    """Return what a reader should know of a pattern besides what it matches."""
    prefix, colon, _ = pattern.partition(":")
    if colon and has_wildcard(prefix):
        return "A policy can have no wildcard in the service prefix."
    if leaves_actions_out(connection, prefix):
        return f"A source of {prefix} leaves its actions out, so there may be more."
    return None


def _shrunk(
    connection: sqlite3.Connection, names: list[str], shortest: bool
) -> list[dict[str, Any]]:
    """Return the patterns, each with how many actions of the catalog it matches."""
    _check_number(names, _MOST_TO_SHRINK, "names")
    _check_number([name for name in names if has_wildcard(name)], _MOST_WILDCARDS, "patterns")
    return [
        {"pattern": pattern, "actions": len(matching_actions(connection, pattern))}
        for pattern in shrink(connection, names, shortest=shortest)
    ]


def _check_number(names: list[str], most: int, noun: str) -> None:
    if len(names) > most:
        raise CatalogError(
            f"{len(names):,} {noun} are more than the {most:,} that can be asked of here at once:"
            " leave some out."
        )


def _shown(model: dict[str, Any]) -> dict[str, Any]:
    """Return the bar of access levels, and the patterns of a shrunk list as text."""
    patterns = [each["pattern"] for each in model.get("shrunk", ())]
    return {"bars": _bars(model.get("levels", ())), "shrunk_text": "\n".join(patterns)}


def _bars(levels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return where the part of each level starts in a bar of `_BAR_WIDTH`, and how wide it is."""
    counts = list(levels)
    total = sum(each["actions"] for each in counts)
    found, start = [], 0
    for each in counts:
        end = start + each["actions"]
        x = _BAR_WIDTH * start // total
        width = _BAR_WIDTH * end // total - x
        found.append({"access_level": each["access_level"], "x": x, "width": width})
        start = end
    return found


PAGE = SitePage(
    "tools/expand",
    "tool_expand.html",
    expanded,
    lambda model: titled("Expand a pattern", model, " ".join(model["patterns"])),
    shown=_shown,
    status=status_of,
    longest_form=_LONGEST_FORM,
    file_field="actions",
    needs_server=True,
)
