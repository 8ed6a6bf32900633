"""What the catalog says of many actions at once: access level, resource types, where it stands.

`iam_catalog.action` tells everything of one action; policies name hundreds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iam_catalog.policy.check.findings import Evidence

AT_ONCE = 500
"""Names in one question: SQLite lets a question have at least 999 parameters."""


@dataclass(frozen=True, slots=True)
class TakenType:
    """A resource type that an action takes."""

    resource_type: str
    """Full name, such as `ec2:instance`."""
    required: bool | None
    """A row of the action marks it so; None where its rows do not say (AWS's JSON does not)."""
    arn_formats: tuple[str, ...]
    """None where no source that is held gives its ARN format."""


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """A current action."""

    action: str
    service_prefix: str
    access_level: str | None
    """The primary level; None where no source gives one."""
    types: tuple[TakenType, ...] | None
    """In the source's order; empty where the action takes only `*`, None where no held source of it
    has a place for them."""
    evidence: Evidence
    incomplete: bool = False
    """It may take other resource types too, or other ARN formats of these: a public dataset kept
    one of the pages on which AWS describes it."""


def action_facts(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, ActionFacts]:
    """Facts of the current ones among *names*, by the name in lower case, sorted by it."""
    wanted = sorted({name.lower() for name in names})
    types = taken_types(connection, wanted)
    rows = select_in(
        connection,
        "select action, service_prefix, access_level,"
        " exists (select 1 from action_rows where action_rows.action = actions.action),"
        " incomplete or exists (select 1"
        " from action_rows as r join resource_types as t on t.resource_type = r.resource_type"
        " where r.action = actions.action and t.incomplete), page, line, last_seen, place"
        " from actions where action in ({})",
        wanted,
    )
    return {
        action.lower(): ActionFacts(
            action,
            prefix,
            level,
            tuple(types.get(action.lower(), ())) if has_rows else None,
            Evidence(*source),
            bool(incomplete),
        )
        for action, prefix, level, has_rows, incomplete, *source in sorted(
            rows, key=lambda row: str(row[0]).lower()
        )
    }


def taken_types(connection: sqlite3.Connection, names: Sequence[str]) -> dict[str, list[TakenType]]:
    """The resource types of actions, by the action's name in lower case."""
    rows = list(
        select_in(
            connection,
            "select action_rows.action, coalesce(action_rows.resource_type,"
            " service_prefix || ':' || resource_type_name) as type, max(required), min(position)"
            " from action_rows join actions on actions.action = action_rows.action"
            " where resource_type_name is not null and action_rows.action in ({})"
            " group by action_rows.action, type order by action_rows.action, min(position)",
            names,
        )
    )
    formats = arn_formats(connection, {row[1] for row in rows})
    types: dict[str, list[TakenType]] = {}
    for action, name, required, _ in rows:
        flag = None if required is None else bool(required)
        types.setdefault(action.lower(), []).append(
            TakenType(name, flag, tuple(formats.get(name, ())))
        )
    return types


def arn_formats(connection: sqlite3.Connection, types: Iterable[str]) -> dict[str, list[str]]:
    """The ARN formats of resource types, in the order of the pages."""
    formats: dict[str, list[str]] = {}
    rows = select_in(
        connection,
        "select resource_type, format from arn_formats where resource_type in ({})"
        " order by resource_type, page, line, length(arn_format), arn_format",
        sorted(types),
    )
    for name, text in rows:
        if text not in formats.setdefault(name, []):
            formats[name].append(text)
    return formats


def select_in(
    connection: sqlite3.Connection, sql: str, names: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a question about many names: its `in ({})` is filled as often as need be."""
    for start in range(0, len(names), AT_ONCE):
        chunk = names[start : start + AT_ONCE]
        yield from connection.execute(sql.format(", ".join("?" * len(chunk))), chunk)
