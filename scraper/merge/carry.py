"""Merge a newer page over those it replaces, and keep what it has no place for.

- A section that is `parsed` or `none` replaces what the predecessors said of it.
- A section, column or table that the newer page does not carry removes nothing: the older facts
  stay, with their own source and date.
- A section with nameless rows, rows in error or blank levels updates what it names and removes
  nothing.
- A public dataset that _remaining one of several pages of a service removes no row of an action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from scraper.merge.statements import (
    PageVersion,
    StatedAction,
    StatedKey,
    StatedRow,
    StatedType,
    Statements,
    join,
    marked,
    newest_dependents,
    state_page,
)
from scraper.page.model import ServicePage

Key = TypeVar("Key")
Value = TypeVar("Value")


def merge_version(
    version: PageVersion,
    predecessors: Sequence[Statements],
    others: Sequence[Statements] = (),
    datasets: Sequence[Statements] = (),
) -> Statements:
    """Merge a page version over those it replaces.

    *others* are the other pages of the service: an action may have moved here from one of them.
    *datasets* are what public datasets say of it, later than the predecessors.
    """
    stated = state_page(version)
    if not predecessors and not others and not datasets:
        return stated
    older = _union(_unite_older(datasets), _unite_older(predecessors))
    moved = _unite_older(others).actions
    page = version.page
    stated.name = stated.name or older.name
    actions = {}
    for key, action in stated.actions.items():
        before = older.actions.get(key) or moved.get(key)
        actions[key] = _carried_action(action, before, page) if before else action
    stated.actions = _remaining(version, "actions", actions, older.actions)
    stated.resource_types = _remaining(
        version,
        "resource_types",
        {
            key: _carried_type(each, older.resource_types.get(key), page)
            for key, each in stated.resource_types.items()
        },
        older.resource_types,
    )
    stated.condition_keys = _remaining(
        version,
        "condition_keys",
        {
            key: tuple(_carried_key(each, older.condition_keys.get(key, ()), page) for each in all_)
            for key, all_ in stated.condition_keys.items()
        },
        older.condition_keys,
    )
    stated.operations = _remaining(version, "operations", stated.operations, older.operations)
    return stated


def _remaining(
    version: PageVersion,
    section: str,
    stated: dict[Key, Value],
    older: Mapping[Key, Value],
) -> dict[Key, Value]:
    """Return the stated facts of a section, and the older ones that nothing removes."""
    if version.page.state(section) == "not in source":
        return dict(older)
    if _is_damaged(version, section):
        return stated | {key: value for key, value in older.items() if key not in stated}
    return stated


def _is_damaged(version: PageVersion, section: str) -> bool:
    """Return True if the section lost rows, names or levels: what it omits may still be there."""
    page = version.page
    blank = (
        section == "actions"
        and page.carries("access_levels")
        and any(not action.access_levels and not action.own_level for action in page.actions)
    )
    return page.count(section).in_error > 0 or blank


def _union(upper: Statements, lower: Statements) -> Statements:
    """Return the union of two sets of statements; *upper* wins."""
    return Statements(
        upper.name or lower.name,
        lower.actions | upper.actions,
        lower.resource_types | upper.resource_types,
        lower.condition_keys | upper.condition_keys,
        lower.operations | upper.operations,
    )


def without(stated: Statements, others: Sequence[Statements]) -> Statements:
    """Return the facts of *stated* that none of the *others* states."""
    return Statements(
        stated.name,
        _unnamed(stated.actions, [each.actions for each in others]),
        _unnamed(stated.resource_types, [each.resource_types for each in others]),
        _unnamed(stated.condition_keys, [each.condition_keys for each in others]),
        _unnamed(stated.operations, [each.operations for each in others]),
    )


def _unnamed(
    facts: Mapping[Key, Value], others: Sequence[Mapping[Key, object]]
) -> dict[Key, Value]:
    named = {key for each in others for key in each}
    return {key: value for key, value in facts.items() if key not in named}


def _unite_older(predecessors: Sequence[Statements]) -> Statements:
    """Unite several predecessors: an action of two pages has the rows of both."""
    united = Statements()
    for each in predecessors:
        united.name = united.name or each.name
        for key, action in each.actions.items():
            known = united.actions.get(key)
            united.actions[key] = _joined(known, action) if known else action
        for name, stated in each.resource_types.items():
            united.resource_types.setdefault(name, stated)
        for key, definitions in each.condition_keys.items():
            united.condition_keys.setdefault(key, definitions)
        for named, operation in each.operations.items():
            united.operations.setdefault(named, operation)
    return united


def _joined(first: StatedAction, second: StatedAction) -> StatedAction:
    rows = {row.key: row for row in (*first.rows, *second.rows)}
    dependents = {each.key: each for each in (*first.dependents, *second.dependents)}
    return replace(
        first,
        access_levels=join(first.access_levels, second.access_levels),
        permission_only=marked((first, second)),
        rows=tuple(rows.values()),
        dependents=tuple(dependents.values()),
        dependents_at=newest_dependents((first, second)),
    )


def _carried_action(action: StatedAction, older: StatedAction, page: ServicePage) -> StatedAction:
    """Return *action* with the older values of what its page has no place for."""
    if not action.access_levels:
        action = replace(action, access_levels=older.access_levels, levels_at=older.levels_at)
    if not page.carries("descriptions"):
        action = replace(action, description=older.description, details_at=older.details_at)
    if action.permission_only is None:
        action = replace(action, permission_only=older.permission_only)
    if not page.carries("addresses"):
        action = replace(action, url=action.url or older.url)
    if page.carries("row_pairing"):
        action = replace(action, rows=_carried_rows(action.rows, older.rows, page))
    else:
        action = replace(action, rows=older.rows)
    if action.dependents_at is None:
        current = {row.key for row in action.rows}
        dependents = tuple(
            each if each.action_row in current else replace(each, action_row=None)
            for each in older.dependents
        )
        action = replace(action, dependents=dependents, dependents_at=older.dependents_at)
    return _with_other_rows(action, older) if page.incomplete else action


def _with_other_rows(action: StatedAction, older: StatedAction) -> StatedAction:
    """Return *action* with the older rows of types that it does not name, and their dependents.

    Its source _remaining one of several pages: what the others say was lost, not removed.
    """
    types = {row.row.resource_type for row in action.rows}
    others = tuple(row for row in older.rows if row.row.resource_type not in types)
    keys = {row.key for row in others}
    dependents = tuple(each for each in older.dependents if each.action_row in keys)
    return replace(action, rows=action.rows + others, dependents=action.dependents + dependents)


def _carried_rows(
    rows: tuple[StatedRow, ...], older: tuple[StatedRow, ...], page: ServicePage
) -> tuple[StatedRow, ...]:
    """Return the rows with required marks and scenarios of pages that had a place for them."""
    if not page.carries("required"):
        marks = {row.row.resource_type: row.required for row in older if row.row.scenario is None}
        rows = tuple(replace(row, required=marks.get(row.row.resource_type)) for row in rows)
    if not page.carries("scenarios"):
        rows += tuple(row for row in older if row.row.scenario is not None)
    return rows


def _carried_type(stated: StatedType, older: StatedType | None, page: ServicePage) -> StatedType:
    if older and not page.carries("addresses"):
        return replace(stated, url=older.url)
    return stated


def _carried_key(stated: StatedKey, older: tuple[StatedKey, ...], page: ServicePage) -> StatedKey:
    if not older:
        return stated
    if not page.carries("key_descriptions"):
        stated = replace(stated, description=older[0].description)
    if not page.carries("addresses"):
        stated = replace(stated, url=older[0].url)
    return stated if page.carries("key_types") else replace(stated, type=older[0].type)
