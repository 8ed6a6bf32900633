"""Answer what one source is, what it carries and what it states, and where single facts come from.

A source is a page of AWS, or what a public dataset says of one service.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from iam_catalog.schema import DETAILS, SECTIONS


class SectionCount(NamedTuple):
    """A section of a source."""

    section: str
    state: str
    rows: int | None
    recorded: int | None
    in_error: int | None


class StoredSource(NamedTuple):
    """A source, current or replaced, with what was counted when it was read."""

    page: str
    title: str | None
    slug: str
    service_prefix: str
    service_name: str | None
    format: str
    date: str | None
    last_date: str | None
    """The newest date on which it read the same."""
    replaced: str | None
    url: str | None
    url_then: str | None
    """Its address at its date."""
    dataset: str | None
    incomplete: bool
    publisher: str | None
    licence: str | None
    file: str
    sha256: str
    sections: tuple[SectionCount, ...]
    details: dict[str, str]
    """The state of each of `schema.DETAILS`."""


class StoredDataset(NamedTuple):
    """A public dataset of the catalog."""

    dataset: str
    name: str
    version: str | None
    date: str | None
    url: str | None
    publisher: str | None
    licence: str | None
    file: str
    sha256: str


class SourceProblem(NamedTuple):
    """Text of a source that is not a record, with the reason why that is accepted."""

    kind: str
    line: int | None
    place: str | None
    text: str | None
    reason: str | None


class DisputedValue(NamedTuple):
    """What a source says of a subject, where another one of the same time says otherwise."""

    kind: str
    subject: str
    field: str
    value: str | None
    line: int | None


class OtherSource(NamedTuple):
    """Another source of the same service."""

    page: str
    title: str | None
    date: str | None
    replaced: str | None


class SourceStatement(NamedTuple):
    """A value that one of several sources of one time states, with its place."""

    field: str
    value: str | None
    page: str
    line: int | None


class DescriptionSource(NamedTuple):
    """Where a description is stated."""

    page: str
    line: int | None
    date: str | None


_PARTS = SectionCount._fields[1:]


def stored_source(connection: sqlite3.Connection, name: str) -> StoredSource | None:
    """Return the source of that key; None where the catalog was not built from it."""
    cursor = connection.execute("select * from pages where page = ?", (name,))
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    if row is None:
        return None
    stored = dict(zip(names, row, strict=True))
    own = {field: stored[field] for field in StoredSource._fields if field in stored}
    return StoredSource(
        **own | {"incomplete": bool(stored["incomplete"])},
        sections=tuple(
            SectionCount(each, *(stored[f"{each}_{part}"] for part in _PARTS)) for each in SECTIONS
        ),
        details={each: stored[f"{each}_state"] for each in DETAILS},
    )


def similar_sources(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the newest sources with the slug of *name*, or of the service of that name."""
    rows = connection.execute(
        "select page from pages where slug = ?1 or service_prefix = ?1 order by date desc limit 3",
        (name.partition("@")[0],),
    )
    return [page for (page,) in rows]


def stored_dataset(connection: sqlite3.Connection, label: str | None) -> StoredDataset | None:
    """Return the public dataset of that name and version; None for None, a page of AWS."""
    columns = ", ".join(StoredDataset._fields)
    row = connection.execute(
        f"select {columns} from datasets where dataset = ?", (label,)
    ).fetchone()
    return None if row is None else StoredDataset(*row)


def dates_of_source(connection: sqlite3.Connection, page: str) -> list[str]:
    """Return the dates on which a source read as it does, in order."""
    rows = connection.execute("select date from page_dates where page = ? order by date", (page,))
    return [date for (date,) in rows]


_OF_SERVICE = "where service_prefix = ?2"
_FACTS = {
    "actions": f"actions {_OF_SERVICE}",
    "action_rows": f"action_rows join actions using (action) {_OF_SERVICE}",
    "action_condition_keys": (
        "actions cross join action_rows on action_rows.action = actions.action"
        " cross join action_condition_keys"
        f" on action_condition_keys.action_row = action_rows.action_row {_OF_SERVICE}"
    ),
    "dependent_actions": f"dependent_actions join actions using (action) {_OF_SERVICE}",
    "resource_types": f"resource_types {_OF_SERVICE}",
    "arn_formats": f"arn_formats join resource_types using (resource_type) {_OF_SERVICE}",
    "resource_type_condition_keys": (
        f"resource_type_condition_keys join resource_types using (resource_type) {_OF_SERVICE}"
    ),
    "condition_key_definitions": f"condition_key_definitions {_OF_SERVICE}",
    "operations": f"operations {_OF_SERVICE}",
    "operation_actions": f"operation_actions join operations using (operation) {_OF_SERVICE}",
}
"""The tables of facts, each with how the facts of a service are found: pages have no index."""


def facts_of_source(connection: sqlite3.Connection, page: str, prefix: str) -> dict[str, int]:
    """Count the current facts that a source states, by table; tables without any are left out.

    *prefix* is the service that the source is about.
    """
    counts = {
        table: connection.execute(
            f"select count(*) from {where} and {table}.page = ?1", (page, prefix)
        ).fetchone()[0]
        for table, where in _FACTS.items()
    }
    return {table: number for table, number in counts.items() if number}


def problems_of_source(connection: sqlite3.Connection, page: str, most: int) -> list[SourceProblem]:
    """Return the problems of a source by line, at most *most*."""
    rows = connection.execute(
        "select kind, line, place, text, reason from problems where page = ?"
        " order by line, place, kind limit ?",
        (page, most),
    )
    return [SourceProblem(*row) for row in rows]


def disputed_by_source(connection: sqlite3.Connection, page: str, most: int) -> list[DisputedValue]:
    """Return up to *most* facts that a source states unlike another one of its time, by line."""
    rows = connection.execute(
        "select kind, subject, field, value, line from disagreements where page = ?"
        " order by line, subject, field limit ?",
        (page, most),
    )
    return [DisputedValue(*row) for row in rows]


def statements_about(
    connection: sqlite3.Connection, kind: str, subject: str
) -> list[SourceStatement]:
    """Return what sources of one time say differently of a subject, by field."""
    rows = connection.execute(
        "select field, value, page, line from disagreements where kind = ? and subject = ?"
        " order by field, page, line",
        (kind, subject),
    )
    return [SourceStatement(*row) for row in rows]


def other_sources(
    connection: sqlite3.Connection, page: str, prefix: str, most: int = 50
) -> list[OtherSource]:
    """Return the other sources of a service, the newest first, at most *most*."""
    rows = connection.execute(
        "select page, title, date, replaced from pages where service_prefix = ? and page <> ?"
        " order by coalesce(last_date, '') desc, page limit ?",
        (prefix, page, most),
    )
    return [OtherSource(*row) for row in rows]


def addresses_of_source(
    connection: sqlite3.Connection, page: str | None
) -> tuple[str | None, str | None]:
    """Return the address that a source had at its date, and that of the public dataset it is of."""
    row: tuple[Any, Any] | None = connection.execute(
        "select url_then, datasets.url from pages left join datasets using (dataset)"
        " where page = ?",
        (page,),
    ).fetchone()
    return row or (None, None)


def description_source(
    connection: sqlite3.Connection, action: str, removed: str | None
) -> DescriptionSource:
    """Return where an action's description is stated, which may be an older source.

    *removed* is the date of removal of an action that is gone.
    """
    past, until = ("past_", "a.until = ?2") if removed else ("", "?2 is null")
    row = connection.execute(
        f"select details_page, details_line, last_date from {past}actions as a"
        f" join pages on pages.page = details_page where a.action = ?1 and {until}",
        (action, removed),
    ).fetchone()
    return DescriptionSource(*row)


def holds_dependents(connection: sqlite3.Connection) -> bool:
    """Return True if any source of the catalog has a place for dependent actions."""
    sql = "select 1 from actions where dependents_page is not null limit 1"
    return connection.execute(sql).fetchone() is not None


def leaves_actions_out(connection: sqlite3.Connection, prefix: str) -> bool:
    """Return True if a current source of a service has no table of actions."""
    found = connection.execute(
        "select 1 from pages where service_prefix = ? and replaced is null"
        " and actions_state = 'not in source'",
        (prefix,),
    ).fetchone()
    return found is not None


def dates_of_sources(connection: sqlite3.Connection) -> tuple[str | None, str | None]:
    """Return the dates of the oldest and of the newest source."""
    oldest, newest = connection.execute("select min(date), max(last_date) from pages").fetchone()
    return oldest, newest
