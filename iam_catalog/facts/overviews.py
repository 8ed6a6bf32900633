"""Count and list what the catalog holds, and walk from an action to what it needs or is needed by.

Lists answer a little about many things: access levels, services, actions, resource types. Steps of
a walk count from the action: 1 is direct. An action that is on both sides is on a circle. Nothing
here is formatted for people.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from iam_catalog.facts.dependents import direct_dependents
from iam_catalog.facts.rows import boolean, gathered, select_in
from iam_catalog.schema import SECTIONS


class LevelCount(NamedTuple):
    """One of AWS's access levels."""

    access_level: str
    description: str | None
    actions: int
    """Those whose primary level it is."""


class LevelUse(NamedTuple):
    """How a service uses an access level."""

    service_prefix: str
    name: str | None
    actions: int
    """Those whose primary level it is."""
    also: int
    """Those that have it beside another primary level."""


class ServiceCount(NamedTuple):
    """A service with its counts, each None where every source leaves the section out."""

    service_prefix: str
    name: str | None
    actions: int | None
    resource_types: int | None
    condition_keys: int | None
    operations: int | None
    actions_state: str | None
    date: str | None
    dataset: str | None
    """The public dataset that states it today, if one does."""


class ActionAtLevel(NamedTuple):
    """An action that has an access level, perhaps beside its primary one."""

    action: str
    access_level: str | None
    description: str | None
    permission_only: bool | None


class NamedAction(NamedTuple):
    """What a list of actions shows of one."""

    action: str
    access_level: str | None
    description: str | None
    removed: bool
    """No source states it any more: this is what the last one said."""


def access_levels(connection: sqlite3.Connection) -> list[LevelCount]:
    """Return AWS's five levels, in AWS's order."""
    rows = connection.execute(
        "select access_levels.access_level, access_levels.description, count(action)"
        " from access_levels"
        " left join actions on actions.access_level = access_levels.access_level"
        " group by 1 order by position"
    )
    return [LevelCount(*row) for row in rows]


def level_description(connection: sqlite3.Connection, level: str) -> str | None:
    """Return what AWS says of an access level."""
    row = connection.execute(
        "select description from access_levels where access_level = ?", (level,)
    ).fetchone()
    return row[0] if row else None


def level_uses(connection: sqlite3.Connection, level: str) -> list[LevelUse]:
    """Return the services with an action at *level*, by prefix."""
    primary = dict(
        connection.execute(
            "select service_prefix, count(*) from actions where access_level = ? group by 1",
            (level,),
        )
    )
    held = connection.execute(
        "select count(*) from action_access_levels where access_level = ?", (level,)
    ).fetchone()[0]
    # The join is slow, and most levels are nowhere beside another one.
    also = _beside_another(connection, level) if held > sum(primary.values()) else {}
    return [
        LevelUse(prefix, name, primary.get(prefix, 0), also.get(prefix, 0))
        for prefix, name in service_names(connection).items()
        if prefix in primary or prefix in also
    ]


def _beside_another(connection: sqlite3.Connection, level: str) -> dict[str, int]:
    return dict(
        connection.execute(
            "select service_prefix, count(*) from action_access_levels as l join actions using"
            " (action) where l.access_level = ?1 and actions.access_level is not ?1 group by 1",
            (level,),
        )
    )


def actions_at_level(
    connection: sqlite3.Connection, level: str, service_prefix: str | None
) -> list[ActionAtLevel]:
    """Return the actions that have *level*, by name, of one service or, with None, of all."""
    where = "" if service_prefix is None else "service_prefix = ?2 and"
    rows = connection.execute(
        f"select action, access_level, description, permission_only from actions where {where}"
        " (access_level = ?1 or exists (select 1 from action_access_levels as l"
        " where l.action = actions.action and l.access_level = ?1)) order by action",
        (level, service_prefix)[: 1 + (service_prefix is not None)],
    )
    return [
        ActionAtLevel(action, primary, description, boolean(permission_only))
        for action, primary, description, permission_only in rows
    ]


def main_level(connection: sqlite3.Connection, resource_type: str) -> str | None:
    """Return the access level that most actions on a resource type have."""
    row = connection.execute(
        "select access_level from action_rows join actions using (action)"
        " where resource_type = ? and access_level is not null"
        " group by 1 order by count(distinct action) desc limit 1",
        (resource_type,),
    ).fetchone()
    return row[0] if row else None


def service_names(connection: sqlite3.Connection) -> dict[str, str | None]:
    """Return the names of the services, by their prefixes in order."""
    return dict(connection.execute("select service_prefix, name from services order by 1"))


def service_name(connection: sqlite3.Connection, prefix: str) -> str | None:
    """Return the name of a service, which may be one that no source states any more."""
    row = connection.execute(
        "select name from services where service_prefix = ?1 union all"
        " select name from past_services where service_prefix = ?1 limit 1",
        (prefix,),
    ).fetchone()
    return row[0] if row else None


def service_counts(connection: sqlite3.Connection) -> list[ServiceCount]:
    """Return every service, by prefix."""
    rows = connection.execute(
        "select service_prefix, name, actions, resource_types, condition_keys, operations,"
        " actions_state, date, (select max(dataset) from pages where replaced is null"
        " and pages.service_prefix = counts.service_prefix)"
        " from service_counts as counts order by service_prefix"
    )
    return [ServiceCount(*row) for row in rows]


def services_without(connection: sqlite3.Connection) -> dict[str, int]:
    """Count, for each section, the services of which no current source has it."""
    return {
        section: connection.execute(
            "select count(*) from (select service_prefix from pages where replaced is null"
            f" group by service_prefix having min({section}_state = 'not in source'))"
        ).fetchone()[0]
        for section in SECTIONS
    }


def actions_named(
    connection: sqlite3.Connection, names: Sequence[str], *, with_removed: bool = False
) -> dict[str, NamedAction]:
    """Return those of *names* that the catalog holds, by the name in lower case.

    With *with_removed* also those that no source states any more.
    """
    columns = "select action, access_level, description from"
    found = {
        name.lower(): NamedAction(name, level, text, False)
        for name, level, text in select_in(
            connection, f"{columns} actions where action in ({{}})", names
        )
    }
    if with_removed:
        others = [name for name in names if name.lower() not in found]
        sql = f"{columns} removed_actions where action in ({{}})"
        for name, level, text in select_in(connection, sql, others):
            found[name.lower()] = NamedAction(name, level, text, True)
    return found


def action_names(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """Return the names of the actions of a service, sorted, each with its prefix."""
    rows = connection.execute(
        "select action from actions where service_prefix = ? order by action", (prefix,)
    )
    return [name for (name,) in rows]


def bare_action_names(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """Return the names of the actions of a service without its prefix, in no order of their own."""
    rows = connection.execute("select name from actions where service_prefix = ?", (prefix,))
    return [name for (name,) in rows]


def most_needing_action(connection: sqlite3.Connection, known: Sequence[str]) -> str | None:
    """Return the action with the most dependent actions, but one of *known* where it is known."""
    marks = ", ".join("?" * len(known))
    row = connection.execute(
        "select actions.action from actions left join dependent_actions using (action)"
        f" group by 1 order by actions.action not in ({marks}), count(*) desc, 1 limit 1",
        known,
    ).fetchone()
    return row[0] if row else None


def actions_taking(
    connection: sqlite3.Connection, resource_types: Iterable[str]
) -> dict[str, list[str]]:
    """Return the actions that take one of *resource_types*, each with those that it takes."""
    taken: dict[str, list[str]] = {}
    for resource_type in resource_types:
        rows = connection.execute(
            "select distinct action from action_rows where resource_type = ?", (resource_type,)
        )
        for (action,) in rows:
            taken.setdefault(action, []).append(resource_type)
    return taken


def held_resource_types(connection: sqlite3.Connection, names: Sequence[str]) -> set[str]:
    """Return those of *names* that are resource types of the catalog."""
    sql = "select resource_type from resource_types where resource_type in ({})"
    return {name for (name,) in select_in(connection, sql, names)}


def required_marks(
    connection: sqlite3.Connection, resource_type: str, actions: Sequence[str], until: str | None
) -> dict[str, bool | None]:
    """Return whether the rows of *actions* mark a resource type as required.

    *resource_type* is the bare name. None where no row says whether. *until* is the date on which
    the resource type was removed.
    """
    past, end = ("past_", "until") if until else ("", "null")
    marks: dict[str, bool | None] = {}
    sql = (
        f"select action, resource_type_name, required, {end} from {past}action_rows"
        " where action in ({})"
    )
    for action, name, required, row_until in select_in(connection, sql, actions):
        if name == resource_type and row_until == until:
            marks[action] = _either(marks.get(action), boolean(required))
    return marks


def _either(first: bool | None, second: bool | None) -> bool | None:
    return max((mark for mark in (first, second) if mark is not None), default=None)


def keys_of_resource_types(
    connection: sqlite3.Connection, names: Sequence[str]
) -> dict[str, list[str]]:
    """Return the condition keys of resource types, each in AWS's order."""
    sql = (
        "select resource_type, condition_key from resource_type_condition_keys"
        " where resource_type in ({}) order by resource_type, position"
    )
    return gathered(select_in(connection, sql, names))


def last_arn_formats(connection: sqlite3.Connection, resource_type: str) -> list[str]:
    """Return the last documented ARN formats of a resource type that was removed."""
    rows = connection.execute(
        "select distinct format from past_arn_formats where resource_type = ?1 and until ="
        " (select max(until) from past_arn_formats where resource_type = ?1) order by page, line",
        (resource_type,),
    )
    return [text for (text,) in rows]


def arn_formats_of_service(connection: sqlite3.Connection, service: str) -> list[tuple[str, str]]:
    """Return the ARN formats that name *service* in their third part, as (resource type, format).

    Sorted by the resource type.
    """
    return connection.execute(
        "select distinct resource_type, format from arn_formats where service = ? order by 1, 2",
        (service,),
    ).fetchall()


def shortest_arn_formats(connection: sqlite3.Connection, number: int) -> list[tuple[str, str]]:
    """Return the *number* shortest ARN formats, as (resource type, format)."""
    return connection.execute(
        "select resource_type, format from arn_formats order by length(format) limit ?", (number,)
    ).fetchall()


_Names = dict[str, str]
"""Names as written, by their lower case, which is how IAM compares them."""


@dataclass(frozen=True, slots=True)
class _Steps:
    """Everything reached from an action, in the order in which it is reached."""

    distance: dict[str, int] = field(default_factory=dict)
    edges: dict[str, list[str]] = field(default_factory=dict)
    names: _Names = field(default_factory=dict)


def around(connection: sqlite3.Connection, action: str, direct: Sequence[str]) -> dict[str, Any]:
    """Return the actions that *action* `needs`, and those it is `required_by`, also through others.

    *direct* are its own dependent actions, which for a removed action are past ones. Each has the
    number of `steps` between them, whether it is in the catalog (`state`: `current`, `removed` or
    `not in the catalog`), and what it `needs` of the others here. `circles` are the
    groups of actions that need each other; those on a circle with the action are on both sides.
    """
    own = {name.lower(): name for name in direct}
    start = action.lower()
    needed = _steps_from(
        action, lambda key: own if key == start else direct_dependents(connection, key)
    )
    requiring = _steps_from(action, lambda key: _requiring(connection, key))
    names = {**needed.names, **requiring.names, start: action}
    known = actions_named(connection, list(names.values()), with_removed=True)
    # As the catalog spells them, where it has them; else as some page does.
    names |= {key: each.action for key, each in known.items() if not each.removed}
    edges = {**_reversed_edges(requiring), **needed.edges}
    circles = circles_of(edges)
    facts = _Facts(names, edges, known)
    return {
        "action": names[start],
        "direct": [names[key] for key in own],
        "needs": [facts.node(key, steps) for key, steps in needed.distance.items()],
        "required_by": [facts.node(key, steps) for key, steps in requiring.distance.items()],
        "circles": [[names[key] for key in circle] for circle in circles],
    }


@dataclass(frozen=True, slots=True)
class _Facts:
    """Facts about the actions that were reached."""

    names: _Names
    edges: dict[str, list[str]]
    known: dict[str, NamedAction]

    def node(self, key: str, steps: int) -> dict[str, Any]:
        known = self.known.get(key)
        state = "not in the catalog"
        if known:
            state = "removed" if known.removed else "current"
        needs = [self.names[other] for other in self.edges.get(key, ())]
        return {
            "action": self.names[key],
            "steps": steps,
            "state": state,
            "access_level": known.access_level if known else None,
            "needs": needs,
        }


def _requiring(connection: sqlite3.Connection, action: str) -> _Names:
    # Not names.required_by: most actions here are required by none, and it would look for each of
    # them whether the catalog knows it, which takes longer than all the rest.
    rows = connection.execute(
        "select action from dependent_actions where dependent_action = ? and needed"
        " order by action",
        (action,),
    )
    return {name.lower(): name for (name,) in rows}


def _steps_from(action: str, follow: Callable[[str], _Names]) -> _Steps:
    """Follow from *action*, which is not part of the answer, breadth first."""
    found = _Steps()
    start = action.lower()
    queue = [start]
    for key in queue:
        further = follow(key)
        found.edges[key] = list(further)
        for other, name in further.items():
            if other != start and other not in found.distance:
                found.distance[other] = found.distance.get(key, 0) + 1
                found.names[other] = name
                queue.append(other)
    return found


def _reversed_edges(steps: _Steps) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target, sources in steps.edges.items():
        for source in sources:
            found.setdefault(source, []).append(target)
    return found


def circles_of(edges: dict[str, list[str]]) -> list[list[str]]:
    """Return the largest groups in which everything is reached from everything else.

    Kosaraju's algorithm without recursion: what is left last forwards is looked at first backwards.
    """
    backwards: dict[str, list[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            backwards.setdefault(target, []).append(source)
    seen: set[str] = set()
    left = [key for start in edges for key in _depth_first(start, edges, seen)]
    seen.clear()
    groups = (_depth_first(start, backwards, seen) for start in reversed(left))
    return [sorted(group) for group in groups if len(group) > 1]


def _depth_first(start: str, edges: dict[str, list[str]], seen: set[str]) -> list[str]:
    """Return what is newly reached from *start*, in the order in which it is left."""
    if start in seen:
        return []
    seen.add(start)
    left = []
    stack = [(start, iter(edges.get(start, ())))]
    while stack:
        key, targets = stack[-1]
        further = next((each for each in targets if each not in seen), None)
        if further is None:
            left.append(key)
            stack.pop()
        else:
            seen.add(further)
            stack.append((further, iter(edges.get(further, ()))))
    return left
