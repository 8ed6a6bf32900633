"""Two catalogs to render from: all that is known, and the part that an export is about.

The page of an action tells all that is known of it, also what other services need it. Pages that
list, such as the services, list what the export has: they are asked of a copy without the rest.
Copies in files of their own, because several processes read them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from iam_catalog import schema
from iam_catalog.export.content import Content
from iam_catalog.export.tables import EXPORTED, OF_PAGE
from iam_catalog.facts.global_keys import GLOBAL_KEYS


def with_removed(table: str, key: str) -> str:
    """The names of today, and those whose last page is shown, in the spelling of today."""
    return (
        f"select {key} from {table} union select {key} from past_{table} as past"
        f" where removed is not null and not exists"
        f" (select 1 from {table} as now where now.{key} = past.{key})"
    )


NAMES = {
    "service": with_removed("services", "service_prefix"),
    "action": with_removed("actions", "action"),
    "resource-type": with_removed("resource_types", "resource_type"),
    "condition-key": (
        "select condition_key from condition_keys union"
        " select condition_key from past_condition_key_definitions as past"
        " where removed is not null and not exists"
        " (select 1 from condition_keys as now where now.condition_key = past.condition_key)"
    ),
    "access-level": "select access_level from access_levels",
    "page": "select page from pages",
    "policy": "select policy from policies",
}
"""What there is a page of, by the word in its address."""


def write_copies(content: Content, folder: Path) -> tuple[str, str]:
    """Write what *content* knows into *folder*; the paths of all of it, and of the chosen part."""
    whole, chosen = str(folder / "whole.db"), str(folder / "chosen.db")
    copy(content.connection, whole)
    if content.services is None:
        return whole, whole
    copy(content.connection, chosen)
    with closing(sqlite3.connect(chosen)) as connection:
        keep_only(connection, content.services)
        connection.commit()
    return whole, chosen


def copy(connection: sqlite3.Connection, path: str) -> None:
    """Copy a database into a file; raises `OSError` where there is no room for it."""
    try:
        with closing(sqlite3.connect(path)) as target:
            connection.backup(target)
    except sqlite3.OperationalError as error:  # of the file that is written, not of the catalog
        raise OSError(str(error)) from error


def keep_only(connection: sqlite3.Connection, services: tuple[str, ...]) -> None:
    """Delete what does not belong to *services*: what refers to a row goes before that row."""
    quoted = ", ".join("'" + prefix.replace("'", "''") + "'" for prefix in services)
    clauses = {f"past_{table}": OF_PAGE for table in schema.PAST}
    clauses |= {table: clause for table, (clause, _) in reversed(EXPORTED.items())}
    rows = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    held = {name for (name,) in rows}
    for table, clause in clauses.items():
        if table in held:  # and no view
            fits = clause.replace("{services}", quoted)
            connection.execute(f"delete from {table} where ({fits}) is not true")


def names_of(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Every name that gets a page, by the word in its address; each in one spelling."""
    found = {
        kind: [name for (name,) in connection.execute(f"{sql} order by 1")]
        for kind, sql in NAMES.items()
    }
    held = {name.lower() for name in found["condition-key"]}
    found["condition-key"] += [name for name in GLOBAL_KEYS if name.lower() not in held]
    return found


def open_copy(
    path: str, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """Open a copy to read; nobody changes it."""
    address = f"{Path(path).as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, factory=factory)
