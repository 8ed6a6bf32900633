"""What an action needs and what requires it, step by step: the graph around one action.

Steps count from the action: 1 is direct. An action that is on both sides is on a circle.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from iam_catalog.facts.dependents import direct_dependents
from iam_catalog.facts.services_held import select_in

Names = dict[str, str]
"""Names as written, by their lower case, which is how IAM compares them."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What is reached from an action, in the order in which it is reached."""

    distance: dict[str, int] = field(default_factory=dict)
    edges: dict[str, list[str]] = field(default_factory=dict)
    names: Names = field(default_factory=dict)


def around(connection: sqlite3.Connection, action: str, direct: Sequence[str]) -> dict[str, Any]:
    """The actions that *action* `needs`, and those that it is `required_by`, also through others.

    *direct* are its own dependent actions, which for a removed action are past ones. Each has the
    number of `steps` between them, whether it is in the catalog (`state`: `current`, `removed` or
    `not in the catalog`), and what it `needs` of the others here. `circles` are the
    groups of actions that need each other; those on a circle with the action are on both sides.
    """
    own = {name.lower(): name for name in direct}
    start = action.lower()
    needed = steps_from(
        action, lambda key: own if key == start else direct_dependents(connection, key)
    )
    requiring = steps_from(action, lambda key: requiring_actions(connection, key))
    names = spelled(connection, {**needed.names, **requiring.names, start: action})
    edges = {**reversed_edges(requiring), **needed.edges}
    circles = circles_of(edges)
    facts = Facts(names, edges, states(connection, names))
    return {
        "action": names[start],
        "direct": [names[key] for key in own],
        "needs": [facts.node(key, steps) for key, steps in needed.distance.items()],
        "required_by": [facts.node(key, steps) for key, steps in requiring.distance.items()],
        "circles": [[names[key] for key in circle] for circle in circles],
    }


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the actions of a graph."""

    names: Names
    edges: dict[str, list[str]]
    states: dict[str, tuple[str, str | None]]

    def node(self, key: str, steps: int) -> dict[str, Any]:
        state, level = self.states.get(key, ("not in the catalog", None))
        needs = [self.names[other] for other in self.edges.get(key, ())]
        return {
            "action": self.names[key],
            "steps": steps,
            "state": state,
            "access_level": level,
            "needs": needs,
        }


def steps_from(action: str, follow: Callable[[str], Names]) -> Steps:
    """Everything reached from *action*, which is itself no part of it, breadth first."""
    found = Steps()
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


def requiring_actions(connection: sqlite3.Connection, action: str) -> Names:
    rows = connection.execute(
        "select action from dependent_actions where dependent_action = ? and needed"
        " order by action",
        (action,),
    )
    return {name.lower(): name for (name,) in rows}


def reversed_edges(steps: Steps) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target, sources in steps.edges.items():
        for source in sources:
            found.setdefault(source, []).append(target)
    return found


def spelled(connection: sqlite3.Connection, names: Names) -> Names:
    """*names* as the catalog spells them, where it has them; else as some page does."""
    rows = select_in(connection, "select action from actions where action in ({})", list(names))
    return {**names, **{name.lower(): name for (name,) in rows}}


def states(connection: sqlite3.Connection, names: Names) -> dict[str, tuple[str, str | None]]:
    """State and primary access level of those that the catalog has or had."""
    current = "select action, access_level from actions where action in ({})"
    removed = "select action, access_level from removed_actions where action in ({})"
    found = {
        name.lower(): ("current", level)
        for name, level in select_in(connection, current, list(names))
    }
    others = [name for key, name in names.items() if key not in found]
    for name, level in select_in(connection, removed, others):
        found[name.lower()] = ("removed", level)
    return found


def circles_of(edges: dict[str, list[str]]) -> list[list[str]]:
    """The largest groups in which everything is reached from everything else.

    Kosaraju's algorithm without recursion: what is left last forwards is looked at first backwards.
    """
    backwards: dict[str, list[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            backwards.setdefault(target, []).append(source)
    seen: set[str] = set()
    left = [key for start in edges for key in depth_first(start, edges, seen)]
    seen.clear()
    groups = (depth_first(start, backwards, seen) for start in reversed(left))
    return [sorted(group) for group in groups if len(group) > 1]


def depth_first(start: str, edges: dict[str, list[str]], seen: set[str]) -> list[str]:
    """What is newly reached from *start*, in the order in which it is left."""
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
