"""The catalog in time: how it stood at a date, what changed since, and where sources disagree."""

from __future__ import annotations

from iam_catalog import schema
from iam_catalog.errors import MalformedDate
from iam_catalog.facts.names import aliased, known_service, other_names, services_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from typing import Any

    from iam_catalog.compare import State
    from iam_catalog.records import Change, Disagreement

NUMBERED = "numbered_"
"""Stands before the names of the tables whose rows the search indexes of a past state number."""


def checked_date(text: str) -> str:
    """*text*, which must be a day of the calendar; raises `MalformedDate`."""
    from datetime import date

    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise MalformedDate(text)


def stand_at(connection: sqlite3.Connection, date: str) -> None:
    """Make every later question to *connection* answer as the catalog stood at *date*.

    Temporary views take the names of the tables. A row is there if it read so since *date* or
    earlier and was replaced later, and says of later dates nothing: it refers to the source that
    had stated it by then.
    """
    day = f"'{checked_date(date)}'"
    views = [sources_at(day)]
    views += [table_at(table, day) for table in schema.PAST]
    views += [past_at(table, day) for table in schema.PAST]
    views += [pages_at(day), datasets_at(day), aliases_at(day), changes_at(day)]
    views.append(CONDITION_KEYS_AT)
    views.append(schema.VIEWS.replace("create view", "create temp view"))
    connection.executescript(";\n".join(views))


def sources_at(day: str) -> str:
    """The table that names, for each page, the newest one of its line up to *day*, and its date.

    A row that one page after the other states alike refers to the newest of them.
    """
    return f"""
create temp table sources_at as
select pages.page, older.page as source, (
    select max(date) from main.page_dates
    where page_dates.page = older.page and page_dates.date <= {day}
) as seen
from main.pages left join main.pages as older on older.page = (
    select page from main.pages as each
    where each.lineage = pages.lineage and (each.date is null or each.date <= {day})
        and (each.date is null or each.date <= coalesce(pages.date, each.date))
    order by each.date desc limit 1
);
create unique index temp.sources_at_page on sources_at(page)"""


def table_at(table: str, day: str) -> str:
    """The view that stands for a table: its rows of today and of the past that held at *day*."""
    special = {"page": "at.source as page", "last_seen": "at.seen as last_seen"} | {
        name: f"(select source from temp.sources_at where page = r.{name}) as {name}"
        for name in ("details_page", "dependents_page")
    }
    columns = ", ".join(special.get(name, f"r.{name}") for name in schema.columns(table))

    def selected(source: str, held: str) -> str:
        return (
            f"select {columns} from main.{source} as r join temp.sources_at as at using (page)"
            f" where (r.valid_from is null or r.valid_from <= {day}){held}"
        )

    return (
        f"create temp view {table} as {selected(table, '')}"
        f" union all {selected(f'past_{table}', f' and r.until > {day}')}"
    )


def past_at(table: str, day: str) -> str:
    return (
        f"create temp view past_{table} as"
        f" select * from main.past_{table} as r where r.until <= {day}"
    )


def pages_at(day: str) -> str:
    names = schema.columns("pages")
    special = {
        "last_date": f"(select max(date) from main.page_dates where page_dates.page = r.page"
        f" and date <= {day}) as last_date",
        "replaced": f"case when r.replaced <= {day} then r.replaced end as replaced",
    }
    columns = ", ".join(special.get(name, f"r.{name}") for name in names)
    return (
        f"create temp view pages as select {columns} from main.pages as r"
        f" where r.date is null or r.date <= {day}"
    )


def datasets_at(day: str) -> str:
    return (
        "create temp view datasets as select * from main.datasets"
        f" where date is null or date <= {day}"
    )


def aliases_at(day: str) -> str:
    return (
        "create temp view service_aliases as select * from main.service_aliases"
        f" where first_seen is null or first_seen <= {day}"
    )


def changes_at(day: str) -> str:
    return f"create temp view changes as select * from main.changes where date <= {day}"


CONDITION_KEYS_AT = """
create temp view condition_keys as
with stated as (
    select condition_key, type, description, service_prefix, page, line
    from condition_key_definitions
    union all
    select condition_key, null, null, '~', page, line from action_condition_keys
    union all
    select condition_key, null, null, '~~', page, line from resource_type_condition_keys
), ranked as (
    select condition_key, type, description, row_number() over (
        partition by condition_key collate nocase
        order by service_prefix, page like '%.json@%', page, line
    ) as rank
    from stated
)
select
    condition_key,
    (select each.type from ranked as each
        where each.condition_key = ranked.condition_key collate nocase and each.type is not null
        order by each.rank limit 1) as type,
    (select each.description from ranked as each
        where each.condition_key = ranked.condition_key collate nocase
            and each.description is not null
        order by each.rank limit 1) as description
from ranked
where rank = 1
"""
"""The keys that definitions and uses name, as in a build: spelled as the first one spells them."""


def with_search(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Give a connection that stands at a date its search indexes, and return it."""
    from iam_catalog.names import name_words, service_words

    if connection.execute("select 1 from sqlite_temp_master where name = 'actions_fts'").fetchone():
        return connection
    connection.executescript(schema.SEARCH.replace("virtual table ", "virtual table temp."))
    for table, key, column in schema.SEARCHED:
        description = column or "null"
        connection.execute(
            f"create temp table {NUMBERED}{table} as select * from {table} order by {key}"
        )
        rows = connection.execute(
            f"select rowid, {key}, {description} from {NUMBERED}{table}"
        ).fetchall()
        words = {name: name_words(name) for _, name, _ in rows}
        if table == "services":
            words = {name: service_words(name, other_names(connection, name)) for name in words}
        connection.executemany(
            f"insert into temp.{table}_fts(rowid, {key}, words, description) values (?, ?, ?, ?)",
            [(rowid, name, words[name], text) for rowid, name, text in rows],
        )
    return connection


def changes(
    connection: sqlite3.Connection,
    *,
    since: str | None = None,
    service_prefix: str | None = None,
    descriptions: bool = False,
) -> list[Change]:
    """What collections of *since* and later brought, by date; of one service, or of all.

    Changes of descriptions alone come only with *descriptions*. Raises `MalformedDate` or
    `UnknownServicePrefix`.
    """
    from iam_catalog.records import Change

    clauses = ["1"] if descriptions else ["field is not 'description'"]
    values: list[str] = []
    if since is not None:
        clauses.append("date >= ?")
        values.append(checked_date(since))
    if service_prefix is not None:
        clauses.append("service_prefix = ?")
        values.append(service_of_changes(connection, service_prefix))
    rows = connection.execute(
        "select date, service_prefix, change, kind, subject, field, old_value, new_value, dataset"
        f" from changes where {' and '.join(clauses)} order by date, id",
        values,
    )
    return [Change(*row) for row in rows]


def service_of_changes(connection: sqlite3.Connection, name: str) -> str:
    """The prefix of a service, which may be one that is gone."""
    row = connection.execute(
        "select service_prefix from changes where service_prefix = ? limit 1", (name,)
    ).fetchone()
    if row:
        return str(row[0])
    gone = [] if services_named(connection, name) else aliased(connection, name, "past_services")
    return gone[0] if len(gone) == 1 else known_service(connection, name)


def disagreements(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[Disagreement]:
    """What sources of the same time say differently, every statement of it, by subject and field.

    Raises `UnknownServicePrefix`.
    """
    from iam_catalog.records import Disagreement

    where, values = "", list[str]()
    if service_prefix is not None:
        where = "where page in (select page from pages where service_prefix = ?)"
        values = [known_service(connection, service_prefix)]
    rows = connection.execute(
        "select kind, subject, field, value, page, line from disagreements"
        f" {where} order by subject, field, page, line",
        values,
    )
    return [Disagreement(*row) for row in rows]


def catalog_differences(old: State, new: State) -> list[Change]:
    """What differs between the states of two catalogs, changes of descriptions included."""
    from iam_catalog.compare import differences, service_of
    from iam_catalog.records import Change

    found = differences(old, new)
    return [Change(None, service_of(row["subject"], row["kind"]), **row) for row in found]


def read_state(connection: sqlite3.Connection) -> State:
    """What the catalog holds, to be compared."""
    from iam_catalog.compare import TABLES, state_of

    def rows(table: str) -> Iterator[dict[str, Any]]:
        cursor = connection.execute(f"select * from {table}")
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    return state_of({table: list(rows(table)) for table in TABLES}, rows("pages"))
