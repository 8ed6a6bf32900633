"""What the catalog knows of actions, services, resource types and condition keys, as records.

Lists hold what is current; a removed action is still found by its name. Records are imported
inside the functions that make them, because `dataclasses` is slow to import.
"""

from __future__ import annotations

from iam_catalog.facts.names import (
    current_resource_types,
    known_action,
    known_condition_key,
    known_resource_types,
    known_service,
    other_names,
    removal,
    services_named,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from typing import Any

    from iam_catalog.records import (
        Action,
        ActionRow,
        ActionSummary,
        ConditionKey,
        Page,
        ResourceType,
        Service,
        Source,
    )


SOURCE = "pages.date, pages.title, pages.url, pages.dataset, pages.incomplete, pages.licence"
"""What a `Source` says of a page or dataset, besides its key, the line and the place."""


def source(row: Sequence[Any]) -> Source:
    """Make the source of *row*: its key, the line, the place, and the columns of `SOURCE`."""
    from iam_catalog.records import Source

    page, line, place, date, title, url, dataset, incomplete, licence = row
    return Source(
        page, line, date, title, url, dataset, mark(incomplete), place=place, licence=licence
    )


def actions(
    connection: sqlite3.Connection,
    *,
    service_prefix: str | None = None,
    access_level: str | None = None,
    resource_type: str | None = None,
    condition_key: str | None = None,
) -> list[ActionSummary]:
    """The actions that fit every filter, sorted by name; all of them without a filter.

    *access_level* means the primary level, without case. *resource_type* is `instance` or
    `connect:instance`. *condition_key* fits where a row of the action, or a resource type that it
    takes, has the key. An unknown word is an error: `UnknownServicePrefix`, `UnknownAccessLevel`,
    `UnknownResourceType` or `UnknownConditionKey`.
    """
    from iam_catalog.names import match_access_level
    from iam_catalog.records import ActionSummary

    clauses: list[str] = []
    values: list[str] = []
    if service_prefix is not None:
        clauses.append("service_prefix = ?")
        values.append(known_service(connection, service_prefix))
    if access_level is not None:
        clauses.append("access_level = ?")
        values.append(match_access_level(access_level))
    if resource_type is not None:
        types = known_resource_types(connection, resource_type)
        marks = ", ".join("?" * len(types))
        clauses.append(
            f"action in (select action from action_rows where resource_type in ({marks}))"
        )
        values += types
    if condition_key is not None:
        clauses.append("action in (select action from condition_key_uses where condition_key = ?)")
        values.append(known_condition_key(connection, condition_key))
    where = f"where {' and '.join(clauses)}" if clauses else ""
    rows = connection.execute(
        "select action, service_prefix, name, access_level, description, permission_only"
        f" from actions {where} order by action",
        values,
    )
    return [
        ActionSummary(name, prefix, bare, level, description, boolean(permission_only))
        for name, prefix, bare, level, description, permission_only in rows
    ]


def mark(value: int | None) -> bool | None:
    """True for a mark that is set; None otherwise, because nothing is known to be marked."""
    return bool(value) or None


def boolean(value: int | None) -> bool | None:
    """SQLite's 0, 1 or NULL as a boolean, or None for what no source states."""
    return None if value is None else bool(value)


def action(connection: sqlite3.Connection, name: str) -> Action:
    """Everything that the catalog knows of one action.

    Of a removed action these are the facts of the last source that documented it. Raises
    `UnknownAction` with the nearest names, or `MalformedActionName`.
    """
    from iam_catalog.records import Action, DependentAction

    past, until = "", None
    fact = action_fact(connection, name, past, until)
    if fact is None:
        key = known_action(connection, name)
        past, until = "past_", removal(connection, key)
        fact = action_fact(connection, key, past, until)
        assert fact is not None, "the view removed_actions names only past actions"
    key, prefix = fact[0], fact[1]
    when = "and until = ?2" if past else "and ?2 is null"
    levels = connection.execute(
        f"select access_level from {past}action_access_levels where action = ?1 {when}"
        " order by position",
        (key, until),
    )
    dependents = connection.execute(
        "select dependent_action, resource_type_name, last_seen, page, line, dataset, place,"
        f" action_row, needed from {past}dependent_actions join pages using (page)"
        f" where action = ?1 {when} order by position",
        (key, until),
    ).fetchall()
    beside: dict[str, list[str]] = {}
    for dependent in dependents:
        beside.setdefault(dependent[-2], []).append(dependent[0])
    rows = action_rows(connection, (key, prefix, until), past, beside)
    needed = tuple([dependent[0] for dependent in dependents if dependent[-1]])
    known_from, date, incomplete, removed_by = fact[9:13]
    return Action(
        action=key,
        service_prefix=prefix,
        name=fact[2],
        access_level=fact[3],
        access_levels=tuple([level for (level,) in levels]),
        description=fact[4],
        permission_only=boolean(fact[5]),
        url=fact[6],
        rows=rows,
        resource_types=unique([row.resource_type for row in rows if row.resource_type])
        if rows
        else None,
        condition_keys=unique([each for row in rows for each in row.condition_keys])
        if rows
        else None,
        dependent_actions=needed,
        dependents=tuple([DependentAction(*place) for *place, _, _ in dependents]),
        dependents_state="not in source" if not known_from else "parsed" if needed else "none",
        dependents_page=known_from,
        dependents_documented_on=date,
        source=source(fact[13:]),
        first_seen=fact[7],
        last_seen=fact[8],
        removed=until,
        removed_by=removed_by,
        incomplete=mark(incomplete),
    )


def action_fact(
    connection: sqlite3.Connection, name: str, past: str, until: str | None
) -> tuple[Any, ...] | None:
    """The row of an action with that of its source; *past* and *until* say which interval."""
    row: tuple[Any, ...] | None = connection.execute(
        "select a.action, a.service_prefix, a.name, a.access_level, a.description,"
        " a.permission_only, a.url, a.first_seen, a.last_seen, a.dependents_page,"
        " (select last_date from pages as known where known.page = a.dependents_page),"
        f" a.incomplete, {'a.removed_by' if past else 'null'},"
        f" pages.page, a.line, a.place, {SOURCE}"
        f" from {past}actions as a join pages on pages.page = a.page"
        f" where a.action = ?1 and {'until = ?2' if past else '?2 is null'}",
        (name, until),
    ).fetchone()
    return row


def action_rows(
    connection: sqlite3.Connection,
    which: tuple[str, str, str | None],
    past: str,
    dependents: dict[str, list[str]],
) -> tuple[ActionRow, ...]:
    """The rows of an action; *which* are its key, its prefix and the end of a past interval."""
    from iam_catalog.records import ActionRow

    key, prefix, until = which
    when = "r.until = ?2" if past else "?2 is null"
    rows = connection.execute(
        "select r.action_row, coalesce(r.resource_type, ?3 || ':' || r.resource_type_name),"
        f" r.required, r.scenario, r.page, r.line from {past}action_rows as r"
        f" where r.action = ?1 and {when} order by r.position",
        (key, until, prefix),
    ).fetchall()
    keys: dict[str, list[str]] = {}
    same = "and k.until = r.until" if past else ""
    for row, condition_key in connection.execute(
        f"select k.action_row, k.condition_key from {past}action_rows as r"
        f" join {past}action_condition_keys as k on k.action_row = r.action_row {same}"
        f" where r.action = ?1 and {when} order by r.position, k.position",
        (key, until),
    ):
        keys.setdefault(row, []).append(condition_key)
    return tuple(
        [
            ActionRow(
                name,
                boolean(required),
                scenario,
                tuple(keys.get(row, ())),
                tuple(dependents.get(row, ())),
                page,
                line,
            )
            for row, name, required, scenario, page, line in rows
        ]
    )


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """*names* without repeats, whatever their case, in order."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return tuple(found.values())


def services(connection: sqlite3.Connection) -> list[Service]:
    """Every service that the catalog holds, by prefix."""
    prefixes = connection.execute("select service_prefix from services order by service_prefix")
    return [service(connection, prefix) for (prefix,) in prefixes.fetchall()]


def service(connection: sqlite3.Connection, service_prefix: str) -> Service:
    """One service with its sources and what they state; any name that it goes by will do.

    Of a removed service these are the facts of the last sources that documented it. Raises
    `UnknownServicePrefix`.
    """
    from iam_catalog.records import Service

    if not services_named(connection, service_prefix):
        from iam_catalog.facts.removed import last_service

        return last_service(connection, service_prefix)
    prefix = known_service(connection, service_prefix)
    row = connection.execute(
        "select service_prefix, counts.name, actions, resource_types, condition_keys, operations,"
        " first_seen, last_seen from service_counts as counts join services using (service_prefix)"
        " where service_prefix = ?",
        (prefix,),
    ).fetchone()
    prefix, title, actions, resource_types, condition_keys, operations, first_seen, last_seen = row
    return Service(
        prefix,
        title,
        actions,
        resource_types,
        condition_keys,
        operations,
        tuple(page_records(connection, prefix, None)),
        unique(other_names(connection, prefix)),
        first_seen,
        last_seen,
        None,
    )


def pages(connection: sqlite3.Connection, service_prefix: str) -> list[Page]:
    """The sources of a service, by their key."""
    return page_records(connection, known_service(connection, service_prefix), None)


def page_records(connection: sqlite3.Connection, prefix: str, replaced: str | None) -> list[Page]:
    """The sources of a service that were replaced or withdrawn on a date, or the current ones."""
    from iam_catalog.records import Page
    from iam_catalog.schema import DETAILS, SECTIONS

    states = ", ".join(f"{each}_state" for each in (*SECTIONS, *DETAILS))
    rows = connection.execute(
        f"select page, title, slug, format, last_date, url, {states}, sha256, dataset, incomplete,"
        " licence from pages where service_prefix = ? and replaced is ? order by page",
        (prefix, replaced),
    )
    values = [(*said, mark(incomplete), licence) for *said, incomplete, licence in rows]
    return [Page(*each) for each in values]


RESOURCE_TYPE = (
    "select resource_type, service_prefix, name, resource_types.url, first_seen, last_seen,"
    f" resource_types.incomplete, pages.page, line, place, {SOURCE}"
    " from resource_types join pages using (page, service_prefix)"
)


def resource_types(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[ResourceType]:
    """The resource types of a service, or of all, sorted; raises `UnknownServicePrefix`."""
    where, values = "", list[str]()
    if service_prefix is not None:
        where, values = "where service_prefix = ?", [known_service(connection, service_prefix)]
    rows = connection.execute(f"{RESOURCE_TYPE} {where} order by resource_type", values)
    return [resource_type_record(connection, row) for row in rows.fetchall()]


def resource_type(connection: sqlite3.Connection, name: str) -> ResourceType:
    """One resource type; `instance` will do where only one service has it.

    Of a removed one these are the facts of the last source that documented it. Raises
    `UnknownResourceType`, also for a name that several services have: its suggestions are their
    full names.
    """
    names = current_resource_types(connection, name)
    if not names:
        from iam_catalog.facts.removed import last_resource_type

        return last_resource_type(connection, name)
    if len(names) > 1:
        from iam_catalog.errors import UnknownResourceType

        raise UnknownResourceType(name, names, detail=" without its service prefix")
    row = connection.execute(f"{RESOURCE_TYPE} where resource_type = ?", names).fetchone()
    return resource_type_record(connection, row)


def resource_type_record(connection: sqlite3.Connection, row: tuple[Any, ...]) -> ResourceType:
    from iam_catalog.records import ResourceType

    def names(sql: str) -> tuple[str, ...]:
        return unique([found[0] for found in connection.execute(sql, (row[0],))])

    return ResourceType(
        row[0],
        row[1],
        row[2],
        names(
            "select format from arn_formats where resource_type = ?"
            " order by page, line, length(arn_format), arn_format"
        ),
        names(
            "select condition_key from resource_type_condition_keys"
            " where resource_type = ? order by position"
        ),
        names("select action from action_rows where resource_type = ? order by action"),
        row[3],
        source(row[7:]),
        row[4],
        row[5],
        None,
        incomplete=mark(row[6]),
    )


def condition_keys(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[ConditionKey]:
    """What the sources of a service, or all of them, define as condition keys, sorted by key.

    One record for each definition. Raises `UnknownServicePrefix`.
    """
    from iam_catalog.records import ConditionKey

    where, values = "", list[str]()
    if service_prefix is not None:
        where = "where keys.service_prefix = ?"
        values = [known_service(connection, service_prefix)]
    rows = connection.execute(
        "select key_as_written, keys.service_prefix, type, description, keys.url, first_seen,"
        f" last_seen, pages.page, line, place, {SOURCE}"
        " from condition_key_definitions as keys join pages on pages.page = keys.page"
        f" {where} order by condition_key, keys.service_prefix, keys.page, line, definition",
        values,
    )
    return [
        ConditionKey(key, prefix, kind, description, url, source(place), first_seen, last_seen)
        for key, prefix, kind, description, url, first_seen, last_seen, *place in rows
    ]
