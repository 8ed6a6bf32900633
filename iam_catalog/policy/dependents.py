"""The dependent actions of many actions, with their sources, and of which they are not known.

What a source lists is a fact with a date; an action whose sources never had a place for dependent
actions (AWS publishes none since 2026-07-09) has unknown ones, not none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from iam_catalog.policy.action_facts import ActionFacts, select_in
from iam_catalog.policy.check.findings import Evidence


@dataclass(frozen=True, slots=True)
class Dependent:
    """A dependent action, as a source lists it."""

    action: str
    """The action that needs it."""
    dependent_action: str
    """In the spelling of the catalog where it has the action, else as the source writes it."""
    evidence: Evidence
    dataset: str | None = None
    """The public dataset that lists it; None where a page of AWS does."""


def dependents_of(
    connection: sqlite3.Connection, names: Iterable[str], *, transitive: bool = False
) -> list[Dependent]:
    """List what the current ones among *names* need, by action and in AWS's order.

    Each comes once, and no action needs itself, as `iam_catalog.dependent_actions` answers.
    *transitive* follows the dependent actions of each, too, also where they form a cycle.
    """
    found: list[Dependent] = []
    asked: set[str] = set()
    wanted = {name.lower() for name in names}
    while wanted:
        asked |= wanted
        level = direct_dependents(connection, sorted(wanted))
        found += level
        further = {each.dependent_action.lower() for each in level} - asked
        wanted = further if transitive else set()
    return found


def direct_dependents(connection: sqlite3.Connection, names: Sequence[str]) -> list[Dependent]:
    rows = select_in(
        connection,
        "select t.action, coalesce(actions.action, t.dependent_action), pages.dataset,"
        " t.page, t.line, t.last_seen, t.place"
        " from dependent_actions as t"
        " left join actions on actions.action = t.dependent_action"
        " join pages on pages.page = t.page"
        " where t.action in ({}) and needed order by t.action, t.position",
        names,
    )
    return [
        Dependent(action, dependent, Evidence(*source), dataset)
        for action, dependent, dataset, *source in rows
    ]


def types_beside(
    dependents: Iterable[Dependent], facts: Mapping[str, ActionFacts]
) -> dict[str, set[str]]:
    """For each dependent action, the resource types of the actions that may need it.

    *facts* are those of these actions, by their names in lower case.
    """
    found: dict[str, set[str]] = {}
    for each in dependents:
        needing = facts.get(each.action.lower())
        types = found.setdefault(each.dependent_action, set())
        types.update(taken.resource_type for taken in ((needing and needing.types) or ()))
    return found


def without_known_dependents(connection: sqlite3.Connection, names: Iterable[str]) -> list[str]:
    """The current ones among *names* whose dependent actions no held source had a place for."""
    wanted = sorted({name.lower() for name in names})
    rows = select_in(
        connection,
        "select action from actions where dependents_page is null and action in ({})",
        wanted,
    )
    return sorted((action for (action,) in rows), key=str.lower)


def held_in_part(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, list[str]]:
    """Group those of *names* by service whose dependent actions are known, but perhaps not all."""
    rows = select_in(
        connection,
        "select service_prefix, action from actions"
        " where incomplete and dependents_page is not null and action in ({})",
        sorted({name.lower() for name in names}),
    )
    found: dict[str, list[str]] = {}
    for prefix, action in sorted(rows):
        found.setdefault(prefix, []).append(action)
    return found
