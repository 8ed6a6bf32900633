"""The dependent actions of many actions, with their sources, and of which they are not known.

What a page lists is a fact with a date; an action whose pages never had a place for dependent
actions (AWS publishes none since 2026-07-09) has unknown ones, not none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from iam_catalog.policy.action_facts import ActionFacts, select_in
from iam_catalog.policy.findings import Evidence
from iam_catalog.queries import WITH_DEPENDENTS


@dataclass(frozen=True, slots=True)
class Dependent:
    """A dependent action, as a row of a page lists it."""

    action: str
    """The action that needs it."""
    dependent_action: str
    """In the spelling of the catalog where it has the action, else as the page writes it."""
    evidence: Evidence
    dataset: str | None = None
    """The public dataset that lists it; None where a page of AWS does."""


def dependents_of(
    connection: sqlite3.Connection, names: Iterable[str], *, transitive: bool = False
) -> list[Dependent]:
    """What the current ones among *names* need, by action and in AWS's order, without repeats.

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
        "select d.action, coalesce(actions.action, d.dependent_action), pages.dataset,"
        " d.page, d.line, d.last_seen"
        " from dependent_actions as d left join actions on actions.action = d.dependent_action"
        " join pages on pages.page = d.page"
        " where d.action in ({}) order by d.action, d.position",
        names,
    )
    found: dict[tuple[str, str], Dependent] = {}
    for action, dependent, dataset, *source in rows:
        key = (action.lower(), dependent.lower())
        if key[0] != key[1]:
            found.setdefault(key, Dependent(action, dependent, Evidence(*source), dataset))
    return list(found.values())


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
        types.update(taken.resource_type for taken in (needing.types if needing else ()))
    return found


def without_known_dependents(connection: sqlite3.Connection, names: Iterable[str]) -> list[str]:
    """The current ones among *names* whose dependent actions no held page had a place for."""
    wanted = sorted({name.lower() for name in names})
    rows = select_in(
        connection,
        "select action from actions join pages on pages.page = details_page"
        f" where action in ({{}}) and format not in {WITH_DEPENDENTS}"
        " and action not in (select action from dependent_actions)"
        " and action not in (select action from past_dependent_actions)"
        " and action not in (select action from past_actions"
        "   join pages on pages.page = past_actions.details_page"
        f"   where format in {WITH_DEPENDENTS})",
        wanted,
    )
    return sorted((action for (action,) in rows), key=str.lower)
