"""A catalog as it stood at a date, copied into memory: read as quickly as any other.

The views through which an open catalog is read at a date have no indexes of their own. They also
leave some tables as they are today that no question asks at a date; here those are cut off, too.
"""

from __future__ import annotations

import sqlite3

from iam_catalog import schema

ALIASES = """
with named(kind, alias, service_prefix, page) as (
    select 'prefix', service_prefix, service_prefix, page from pages
    union select 'name', service_name, service_prefix, page from pages
    union select 'slug', slug, service_prefix, page from pages
    union select 'SDK client', sdk_client, service_prefix, page from operations
    union select 'SDK client', sdk_client, service_prefix, page from past_operations
), used as (
    select named.*, date from named join page_dates using (page) where date <= :date
)
select aliases.alias, aliases.kind, aliases.service_prefix, first_seen,
    case when first_seen is not null then max(date) end
from service_aliases as aliases
left join used on used.kind = aliases.kind and used.service_prefix = aliases.service_prefix
    and used.alias = aliases.alias collate nocase
where aliases.service_prefix in (
    select service_prefix from services union select service_prefix from past_services)
group by 1, 2, 3
"""
OF_CLIENTS = (
    " where sdk_client in (select sdk_client from sdk_clients where service_prefix in ("
    "select service_prefix from services union select service_prefix from past_services))"
)
DISAGREEMENTS = ", ".join(schema.columns("disagreements")[1:])
SELECTED = {
    "service_aliases": ALIASES,
    "sdk_operations": f"select * from sdk_operations{OF_CLIENTS}",
    "likely_actions": f"select * from likely_actions{OF_CLIENTS}",
    "page_dates": "select * from page_dates where date <= :date",
    "problems": "select * from problems where page is null or page in (select page from pages)",
    "disagreements": (
        f"select subject || '#' || row_number() over (), {DISAGREEMENTS} from disagreements"
    ),
}
"""How the tables are read that do not stand at the date by themselves, or are numbered anew."""


def copy_at(connection: sqlite3.Connection, as_of: str, copy: sqlite3.Connection) -> None:
    """Make of the empty *copy* a catalog, without search, of what *connection* shows at *as_of*."""
    copy.executescript(schema.TABLES + schema.PAST_TABLES + schema.VIEWS)
    tables = copy.execute("select name from sqlite_master where type = 'table'").fetchall()
    copy.execute("begin")
    for (table,) in tables:
        sql = SELECTED.get(table, f"select * from {table}")
        rows = connection.execute(sql, {"date": as_of})
        marks = ", ".join("?" * len(rows.description))
        copy.executemany(f"insert into {table} values ({marks})", rows)
    copy.execute("commit")
    copy.executescript(schema.INDEXES)
