"""Walk from an action to what it needs and to what requires it, step by step.

Steps count from the action: 1 is direct. An action that is on both sides is on a circle.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from iam_catalog.facts.dependents import direct_dependents
from iam_catalog.facts.overviews import NamedAction, actions_named

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
