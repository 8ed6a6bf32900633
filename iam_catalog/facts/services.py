"""Services: which ones the catalog holds, their sources, and what these state.

`service_lists` answers the rows of a service's page: what it has, now or when it was removed. A
removed service is read from the `past_` tables at the date of its removal, by the same questions.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any, NamedTuple

from iam_catalog.facts.keys import condition_keys
from iam_catalog.facts.lookup import other_names, services_named
from iam_catalog.facts.names import known_service
from iam_catalog.facts.rows import boolean, gathered, mark, read_at_once, unique

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iam_catalog.records import Page, Service


def services(connection: sqlite3.Connection) -> list[Service]:
    """List every service that the catalog holds, by prefix.

    >>> [found.service_prefix for found in services()]
    ['connect', 'ssmmessages']
    """
    return read_at_once(connection, _records, None)


def service(connection: sqlite3.Connection, service_prefix: str) -> Service:
    """Describe one service with its sources and what they state; raises `UnknownServicePrefix`.

    Of a removed service these are the facts of the last sources that documented it. Here and
    wherever a service is named, its names, page slugs, SDK clients and nicknames will do as well;
    case, blanks, hyphens and a first *Amazon* or *AWS* do not count.

    >>> service("connect").name, service("Amazon Connect Service").service_prefix
    ('Amazon Connect', 'connect')
    """
    if not services_named(connection, service_prefix):
        from iam_catalog.facts.at_date import last_record, removed_services

        removals = removed_services(connection, service_prefix)
        if len(removals) == 1:
            return last_record(connection, removals[0], _record)
    return read_at_once(connection, _record, known_service(connection, service_prefix))


def _record(connection: sqlite3.Connection, prefix: str) -> Service:
    """Describe the current service with this prefix."""
    return _records(connection, prefix)[0]


_COUNTED = {
    "actions": "count(*)",
    "resource_types": "count(*)",
    "condition_key_definitions": "count(distinct condition_key)",
    "operations": "count(distinct name)",
}
"""What of a service is counted, by table, as the view `service_counts` does. The view is slow as of
an earlier date, where SQLite would read all rows for each service."""
_SECTIONS = ("actions", "resource_types", "condition_keys", "operations")
"""The sections of pages that hold what is counted, in the same order."""


def _records(connection: sqlite3.Connection, prefix: str | None) -> list[Service]:
    """Describe the current service with a prefix, or all of them, by prefix."""
    from iam_catalog.records import Service

    where, values = _only(prefix)
    rows = connection.execute(
        "select service_prefix, name, first_seen, last_seen from services"
        f"{where} order by service_prefix",
        values,
    ).fetchall()
    counts = _counts(connection, prefix)
    sources = _pages(connection, prefix)
    return [
        Service(
            own,
            name,
            *counts.get(own.lower(), (None, None, None, None)),
            pages=tuple(sources.get(own.lower(), ())),
            aliases=unique(other_names(connection, own)),
            first_seen=first_seen,
            last_seen=last_seen,
            removed=None,
        )
        for own, name, first_seen, last_seen in rows
    ]


_Counts = tuple["int | None", "int | None", "int | None", "int | None"]


def _counts(connection: sqlite3.Connection, prefix: str | None) -> dict[str, _Counts]:
    """Map prefixes, in lower case, to numbers of actions, resource types, condition keys and
    operations; None where every source of the service leaves them out."""
    where, values = _only(prefix)
    numbers = [
        {
            own.lower(): number
            for own, number in connection.execute(
                f"select service_prefix, {number} from {table}{where} group by service_prefix",
                values,
            )
        }
        for table, number in _COUNTED.items()
    ]
    known = ", ".join(f"max({each}_state <> 'not in source')" for each in _SECTIONS)
    stated = {
        own.lower(): states
        for own, *states in connection.execute(
            f"select service_prefix, {known} from pages{where} group by service_prefix", values
        )
    }
    return {
        own: tuple(  # type: ignore[misc]
            [
                found.get(own, 0 if is_known else None)
                for found, is_known in zip(numbers, stated.get(own, (0,) * 4), strict=True)
            ]
        )
        for own in stated.keys() | set().union(*numbers)
    }


def _only(prefix: str | None) -> tuple[str, tuple[str, ...]]:
    """Write the condition for one service, with its values; none for all services."""
    return ("", ()) if prefix is None else (" where service_prefix = ?", (prefix,))


def _pages(connection: sqlite3.Connection, prefix: str | None) -> dict[str, list[Page]]:
    """Map prefixes of services, in lower case, to their current sources, by key."""
    from iam_catalog.records import Page
    from iam_catalog.schema import DETAILS, SECTIONS

    states = ", ".join(f"{each}_state" for each in (*SECTIONS, *DETAILS))
    where, values = _only(prefix)
    rows: Iterable[tuple[Any, ...]] = connection.execute(
        f"select service_prefix, page, title, slug, format, last_date, url, {states}, sha256,"
        f" dataset, incomplete, licence from pages{where or ' where 1'} and replaced is null"
        " order by page",
        values,
    )
    found: dict[str, list[Page]] = {}
    for service_prefix, *values_of_page in rows:
        *stated, incomplete, licence = values_of_page
        page = Page(*[*stated, mark(incomplete), licence])
        found.setdefault(service_prefix.lower(), []).append(page)
    return found


# --- lists


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
    condition_keys: list[str]
    """Those on rows of its own; resource types have further ones."""
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
    ask = _ListQuestion(connection, prefix, removed)
    actions = _actions(ask)
    counts = Counter(name for each in actions for name in each.resource_types or ())
    return ServiceLists(
        actions,
        _removed_types(ask, counts) if removed else _types(ask),
        _removed_keys(ask) if removed else _keys(ask),
        _operations(ask),
    )


class _ListQuestion(NamedTuple):
    """Asks about a service, of the current tables or of the past ones."""

    connection: sqlite3.Connection
    prefix: str
    removed: str | None

    def rows(self, sql: str) -> Iterator[Any]:
        """Yield the rows of *sql*.

        In it `{past}` starts the name of a table with a past, `{a}` names the condition on the
        table with the alias `a`; `{same_b}` and `{same_c}` join those with the aliases `b` and `c`
        to it.
        """
        past = self.removed is not None
        filled = sql.format(
            past="past_" if past else "",
            a=f"a.service_prefix = ?1 and {'a.until = ?2' if past else '?2 is null'}",
            same_b="and b.until = a.until" if past else "",
            same_c="and c.until = a.until" if past else "",
        )
        return self.connection.execute(filled, (self.prefix, self.removed))


def _actions(ask: _ListQuestion) -> list[ServiceAction]:
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
    keys = gathered(
        ask.rows(
            "select b.action, c.condition_key from {past}actions as a"
            " join {past}action_rows as b on b.action = a.action {same_b}"
            " join {past}action_condition_keys as c on c.action_row = b.action_row {same_c}"
            " where {a} order by b.position, c.position"
        )
    )
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
            keys.get(action, []),
            needs.get(action, 0) if known_from else None,
            mark(incomplete),
        )
        for action, name, level, description, permission_only, known_from, incomplete in ask.rows(
            "select action, name, access_level, description, permission_only, dependents_page,"
            " incomplete from {past}actions as a where {a} order by name"
        )
    ]


def _formats(ask: _ListQuestion) -> dict[str, list[str]]:
    return gathered(
        ask.rows(
            "select b.resource_type, b.format from {past}resource_types as a"
            " join {past}arn_formats as b on b.resource_type = a.resource_type {same_b}"
            " where {a} order by b.page, b.line"
        )
    )


def _types(ask: _ListQuestion) -> list[ServiceType]:
    formats = _formats(ask)
    rows = ask.rows(
        "select a.resource_type, a.name, count(distinct action) from resource_types as a"
        " left join action_rows as r on r.resource_type = a.resource_type"
        " where {a} group by 1 order by a.name"
    )
    return [ServiceType(key, name, formats.get(key, []), actions) for key, name, actions in rows]


def _removed_types(ask: _ListQuestion, counts: Counter[str]) -> list[ServiceType]:
    formats = _formats(ask)
    rows = ask.rows(
        "select resource_type, name from {past}resource_types as a where {a} order by name"
    )
    return [ServiceType(key, name, formats.get(key, []), counts[name]) for key, name in rows]


def _keys(ask: _ListQuestion) -> list[ServiceKey]:
    found = condition_keys(ask.connection, ask.prefix)
    return [ServiceKey(each.condition_key, each.type, each.description) for each in found]


def _removed_keys(ask: _ListQuestion) -> list[ServiceKey]:
    rows = ask.rows(
        "select key_as_written, type, description from {past}condition_key_definitions as a"
        " where {a} order by condition_key, page, line"
    )
    return [ServiceKey(*row) for row in rows]


def _operations(ask: _ListQuestion) -> list[ServiceOperation]:
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
