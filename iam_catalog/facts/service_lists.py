"""List what a service has, now or when it was removed: the rows of its page.

A removed service is read from the `past_` tables at the date of its removal, by the same questions.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from iam_catalog.facts.keys import condition_keys
from iam_catalog.facts.overviews import gathered
from iam_catalog.facts.rows import boolean, mark


class ServiceAction(NamedTuple):
    """An action in the list of its service."""

    action: str
    name: str
    access_level: str | None
    access_levels: list[str]
    description: str | None
    permission_only: bool | None
    resource_types: list[str] | None
    """Bare names; None where no source has a place for the resource types of the action."""
    dependent_actions: int | None
    """How many it needs; None where no source has a place for them."""
    incomplete: bool | None


class ServiceType(NamedTuple):
    """A resource type in the list of its service."""

    resource_type: str
    name: str
    arn_formats: list[str]
    actions: int
    """How many take it."""


class ServiceKey(NamedTuple):
    """A condition key as a service defines it."""

    condition_key: str
    type: str | None
    description: str | None


class ServiceOperation(NamedTuple):
    """An operation of a service."""

    name: str
    actions: dict[str, bool]
    """The actions that it needs, in AWS's order, and whether the catalog holds each."""


class ServiceLists(NamedTuple):
    """Everything that a service has, each list by name."""

    actions: list[ServiceAction]
    resource_types: list[ServiceType]
    condition_keys: list[ServiceKey]
    operations: list[ServiceOperation]


def service_lists(
    connection: sqlite3.Connection, prefix: str, removed: str | None = None
) -> ServiceLists:
    """Return the lists of a service; of one *removed* at that date, as they were at last."""
    ask = _Question(connection, prefix, removed)
    actions = _actions(ask)
    counts = Counter(name for each in actions for name in each.resource_types or ())
    return ServiceLists(
        actions,
        _removed_types(ask, counts) if removed else _types(ask),
        _removed_keys(ask) if removed else _keys(ask),
        _operations(ask),
    )


class _Question(NamedTuple):
    """Asks about a service, of the current tables or of the past ones."""

    connection: sqlite3.Connection
    prefix: str
    removed: str | None

    def rows(self, sql: str) -> Iterator[Any]:
        """Yield the rows of *sql*.

        In it `{past}` starts the name of a table with a past, `{a}` names the condition on the
        table with the alias `a`, and `{same_b}` joins that with the alias `b` to it.
        """
        past = self.removed is not None
        filled = sql.format(
            past="past_" if past else "",
            a=f"a.service_prefix = ?1 and {'a.until = ?2' if past else '?2 is null'}",
            same_b="and b.until = a.until" if past else "",
        )
        return self.connection.execute(filled, (self.prefix, self.removed))


def _actions(ask: _Question) -> list[ServiceAction]:
    levels = gathered(
        ask.rows(
            "select b.action, b.access_level from {past}actions as a"
            " join {past}action_access_levels as b on b.action = a.action {same_b}"
            " where {a} order by b.position"
        )
    )
    rows = list(
        ask.rows(
            "select b.action, b.resource_type_name from {past}actions as a"
            " join {past}action_rows as b on b.action = a.action {same_b}"
            " where {a} order by b.position"
        )
    )
    types = gathered((action, name) for action, name in rows if name is not None)
    # An action without a row: no source of it has a place for resource types.
    paired = {action for action, _ in rows}
    needs = dict(
        ask.rows(
            "select b.action, count(*) from {past}actions as a"
            " join {past}dependent_actions as b on b.action = a.action {same_b}"
            " where {a} and b.needed group by 1"
        )
    )
    return [
        ServiceAction(
            action,
            name,
            level,
            levels.get(action, []),
            description,
            boolean(permission_only),
            types.get(action, []) if action in paired else None,
            needs.get(action, 0) if known_from else None,
            mark(incomplete),
        )
        for action, name, level, description, permission_only, known_from, incomplete in ask.rows(
            "select action, name, access_level, description, permission_only, dependents_page,"
            " incomplete from {past}actions as a where {a} order by name"
        )
    ]


def _formats(ask: _Question) -> dict[str, list[str]]:
    return gathered(
        ask.rows(
            "select b.resource_type, b.format from {past}resource_types as a"
            " join {past}arn_formats as b on b.resource_type = a.resource_type {same_b}"
            " where {a} order by b.page, b.line"
        )
    )


def _types(ask: _Question) -> list[ServiceType]:
    formats = _formats(ask)
    rows = ask.rows(
        "select a.resource_type, a.name, count(distinct action) from resource_types as a"
        " left join action_rows as r on r.resource_type = a.resource_type"
        " where {a} group by 1 order by a.name"
    )
    return [ServiceType(key, name, formats.get(key, []), actions) for key, name, actions in rows]


def _removed_types(ask: _Question, counts: Counter[str]) -> list[ServiceType]:
    formats = _formats(ask)
    rows = ask.rows(
        "select resource_type, name from {past}resource_types as a where {a} order by name"
    )
    return [ServiceType(key, name, formats.get(key, []), counts[name]) for key, name in rows]


def _keys(ask: _Question) -> list[ServiceKey]:
    found = condition_keys(ask.connection, ask.prefix)
    return [ServiceKey(each.condition_key, each.type, each.description) for each in found]


def _removed_keys(ask: _Question) -> list[ServiceKey]:
    rows = ask.rows(
        "select key_as_written, type, description from {past}condition_key_definitions as a"
        " where {a} order by condition_key, page, line"
    )
    return [ServiceKey(*row) for row in rows]


def _operations(ask: _Question) -> list[ServiceOperation]:
    found: dict[str, dict[str, bool]] = {}
    for name, action, is_held in ask.rows(
        "select a.name, b.action, actions.action is not null from {past}operations as a"
        " left join {past}operation_actions as b on b.operation = a.operation {same_b}"
        " left join actions on actions.action = b.action"
        " where {a} order by a.name, b.position"
    ):
        # Two SDK clients can have one operation: its actions are those of both.
        found.setdefault(name, {}).update({action: bool(is_held)} if action else {})
    return [ServiceOperation(name, actions) for name, actions in found.items()]
