"""Let a connection answer as the catalog was at an earlier date, for good or for one question.

What no source states any more is asked so too: a removed action, resource type, key or service is a
current one on the last day before it was removed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from iam_catalog import schema
from iam_catalog.errors import MalformedDate
from iam_catalog.facts.lookup import aliased
from iam_catalog.facts.rows import execute_undisturbed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec

    from iam_catalog.records import Action, KeyWithUses, ResourceType, Service

    Asked = ParamSpec("Asked")

Record = TypeVar("Record", "Action", "ResourceType", "Service", "KeyWithUses")
Answer = TypeVar("Answer")


def checked_date(text: str) -> str:
    """Return *text* if it is a day of the calendar; raise `MalformedDate` otherwise."""
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise MalformedDate(text)


def stand_at(connection: sqlite3.Connection, date: str) -> None:
    """Make every later question to *connection* answer as the catalog was on *date*.

    Temporary views take the names of the tables. A row is there if it read so since *date* or
    earlier and was replaced later, and it tells nothing of later dates: it refers to the source
    that had stated it by then. Raises `MalformedDate`.
    """
    for statement in _statements(checked_date(date)):
        connection.execute(statement)


def ask_at(
    connection: sqlite3.Connection,
    date: str,
    question: Callable[Concatenate[sqlite3.Connection, Asked], Answer],
    *args: Asked.args,
    **kwargs: Asked.kwargs,
) -> Answer:
    """Ask one question as of *date*, also of a connection that answers as of a later one.

    Takes about 10 ms in a catalog of all of AWS. No cursor of the connection may be open.
    """
    connection.execute("savepoint earlier")
    try:
        views = connection.execute(
            "select type, name from sqlite_temp_master where type = 'view' or name = 'sources_at'"
        ).fetchall()
        for kind, name in views:
            connection.execute(f"drop {kind} temp.{name}")
        stand_at(connection, date)
        return question(connection, *args, **kwargs)
    finally:
        # This brings back the views that were dropped, too.
        execute_undisturbed(connection, "rollback to earlier")
        execute_undisturbed(connection, "release earlier")


def _statements(date: str) -> list[str]:
    """Write the statements that create all views as of *date*."""
    day = f"'{date}'"
    views = schema.VIEWS.replace("create view", "create temp view").split(";")
    return [
        *_sources_at(day),
        *[_table_at(table, day) for table in schema.PAST],
        *[_past_at(table, day) for table in schema.PAST],
        *[_pages_at(day), _datasets_at(day), _aliases_at(day), _changes_at(day)],
        _CONDITION_KEYS_AT,
        *[view for view in views if view.strip()],
    ]


_SINCE = "_since"
"""How the name of a column ends that dates when the value of the one before it came to be known."""


def _sources_at(day: str) -> tuple[str, str]:
    """Create a table that names, for each page, the newest one of its line up to *day*.

    A row that one page after the other states alike refers to the newest of them.
    """
    table = f"""
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
)"""
    return table, "create unique index temp.sources_at_page on sources_at(page)"


def _table_at(table: str, day: str) -> str:
    """Create the view that hides a table: its rows of today and of the past as of *day*."""
    special = {"page": "at.source as page", "last_seen": "at.seen as last_seen"} | {
        name: f"(select source from temp.sources_at where page = r.{name}) as {name}"
        for name in ("details_page", "dependents_page")
    }
    names = schema.columns(table)
    for since in (name for name in names if name.endswith(_SINCE)):
        value = since.removesuffix(_SINCE)
        known = f"r.{since} is null or r.{since} <= {day}"
        special |= {
            each: f"case when {known} then r.{each} end as {each}" for each in (value, since)
        }
    columns = ", ".join(special.get(name, f"r.{name}") for name in names)

    def selected(source: str, held: str) -> str:
        return (
            f"select {columns} from main.{source} as r join temp.sources_at as at using (page)"
            f" where (r.valid_from is null or r.valid_from <= {day}){held}"
        )

    return (
        f"create temp view {table} as {selected(table, '')}"
        f" union all {selected(f'past_{table}', f' and r.until > {day}')}"
    )


def _past_at(table: str, day: str) -> str:
    return (
        f"create temp view past_{table} as"
        f" select * from main.past_{table} as r where r.until <= {day}"
    )


def _pages_at(day: str) -> str:
    names = schema.columns("pages")
    edition = (
        "select dataset from main.page_dates where page_dates.page = r.page"
        f" and date <= {day} order by date desc limit 1"
    )
    of_edition = {
        name: f"coalesce((select {name} from main.datasets where dataset = ({edition})), r.{name})"
        f" as {name}"
        for name in ("dataset", "file", "sha256")
    }
    special = of_edition | {
        "last_date": f"(select max(date) from main.page_dates where page_dates.page = r.page"
        f" and date <= {day}) as last_date",
        "replaced": f"case when r.replaced <= {day} then r.replaced end as replaced",
    }
    columns = ", ".join(special.get(name, f"r.{name}") for name in names)
    return (
        f"create temp view pages as select {columns} from main.pages as r"
        f" where r.date is null or r.date <= {day}"
    )


def _datasets_at(day: str) -> str:
    return (
        "create temp view datasets as select * from main.datasets"
        f" where date is null or date <= {day}"
    )


def _aliases_at(day: str) -> str:
    return (
        "create temp view service_aliases as select * from main.service_aliases"
        f" where first_seen is null or first_seen <= {day}"
    )


def _changes_at(day: str) -> str:
    return f"create temp view changes as select * from main.changes where date <= {day}"


_GUIDE_FIRST = (
    "(select title is null and dataset is null from main.pages where pages.page = stated.page)"
)
"""Files of AWS's service reference, the only pages of AWS without a title, come after the guide."""
_CONDITION_KEYS_AT = f"""
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
        order by service_prefix, {_GUIDE_FIRST}, page, line
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
"""Names the keys of definitions and uses as a build does: spelled as the first one spells them."""


class Removal(NamedTuple):
    """When something was removed, and which dataset says so."""

    key: str
    """AWS's spelling of its name."""
    removed: str
    """ISO 8601 date of the source that no longer states it."""
    removed_by: str | None
    """Name and version of the public dataset whose word it is; None for AWS's own pages."""
    last_seen: str | None
    """Date of the newest source that stated it."""


def removed_actions(connection: sqlite3.Connection, action: str) -> list[Removal]:
    """Return the removal of an action, or nothing if it is current or unknown."""
    return _removals(connection, "actions", "action", "gone.action = ?", action)


def removed_resource_types(connection: sqlite3.Connection, name: str) -> list[Removal]:
    """Return the removals of the types that `instance` or `connect:instance` means, by name."""
    prefix, colon, rest = name.partition(":")
    return _removals(
        connection,
        "resource_types",
        "resource_type",
        "gone.name = ? and (? or gone.service_prefix = ?)",
        *(rest if colon else name, not colon, prefix),
    )


def removed_condition_keys(connection: sqlite3.Connection, key: str) -> list[Removal]:
    """Return the removal of a condition key, or nothing if it is defined or unknown."""
    return _removals(
        connection, "condition_key_definitions", "condition_key", "gone.condition_key = ?", key
    )[:1]


def removed_services(connection: sqlite3.Connection, name: str) -> list[Removal]:
    """Return the removals of the services that go by *name*: one, if it is a prefix."""
    own = _removals(connection, "services", "service_prefix", "gone.service_prefix = ?", name)
    if own:
        return own
    others = aliased(connection, name, "past_services")
    marks = ", ".join("?" * len(others))
    where = f"gone.service_prefix in ({marks})"
    return _removals(connection, "services", "service_prefix", where, *others)


def _removals(
    connection: sqlite3.Connection, table: str, key: str, where: str, *values: str | bool
) -> list[Removal]:
    """Find the last removal of each past row (`gone`) that fits *where* and is not current."""
    rows = connection.execute(
        f"select gone.{key}, gone.removed, gone.removed_by, gone.last_seen"
        f" from past_{table} as gone where gone.removed is not null and {where}"
        f" and not exists (select 1 from {table} as now where now.{key} = gone.{key})"
        f" and not exists (select 1 from past_{table} as later"
        f"  where later.{key} = gone.{key} and later.removed > gone.removed) order by 1",
        values,
    )
    return [Removal(*row) for row in rows.fetchall()]


def ask_before(
    connection: sqlite3.Connection,
    removal: Removal,
    question: Callable[[sqlite3.Connection, str], Answer],
) -> Answer:
    """Ask about what was removed as of the last day on which the catalog held it."""
    day = date.fromisoformat(removal.removed) - timedelta(days=1)
    return ask_at(connection, day.isoformat(), question, removal.key)


def last_record(
    connection: sqlite3.Connection,
    removal: Removal,
    question: Callable[[sqlite3.Connection, str], Record],
) -> Record:
    """Return what *question* answered on the last day of what was removed, marked as removed."""
    record = ask_before(connection, removal, question)
    return replace(record, removed=removal.removed, removed_by=removal.removed_by)
