"""Find what the catalog holds under a name; nothing found is an answer here, and no error.

Service prefixes, action names and condition keys are compared without case and returned in AWS's
spelling. Nothing slow is imported, which keeps a cold start short.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

AS_OF = "select max(last_date) from pages where replaced is null"


def as_of(connection: sqlite3.Connection, service_prefix: str | None = None) -> str | None:
    """Find the date as of which the facts of the catalog, or of one service, are known.

    That of the newest source of current facts, a page of AWS or a public dataset. None where no
    such source has a date, and for a service that is not known. A source in whose place a newer one
    came does not count.
    """
    own = "" if service_prefix is None else " and service_prefix = ?"
    (date,) = connection.execute(
        f"{AS_OF}{own}", () if service_prefix is None else (service_prefix,)
    ).fetchone()
    return None if date is None else str(date)


def is_current(connection: sqlite3.Connection, action: str) -> bool:
    """Return True if a current source states the action."""
    row = connection.execute("select 1 from actions where action = ?", (action,)).fetchone()
    return row is not None


def services_named(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the prefixes of the services that go by *name*, sorted: one, if it is a prefix."""
    row = connection.execute(
        "select service_prefix from services where service_prefix = ?", (name,)
    ).fetchone()
    return [row[0]] if row else aliased(connection, name, "services")


def aliased(connection: sqlite3.Connection, name: str, services: str) -> list[str]:
    """Return the prefixes of those in the table *services* that go by another *name*, sorted.

    A prefix with other hyphens comes before other names, and these come before those with another
    *Amazon* or *AWS* at the start. Removed services are in `past_services`.
    """
    from iam_catalog.names import folded_sql

    rows = connection.execute(
        "select found.service_prefix, min(rank) from ("
        f" select service_prefix, case when {folded_sql('alias')} <> ?1 then 2"
        "  else kind <> 'prefix' end as rank from service_aliases"
        f" where {folded_sql('alias')} in (?1, ?2, ?3)"
        f") as found join {services} as held on held.service_prefix = found.service_prefix"
        " group by found.service_prefix collate nocase order by 1",
        spellings(name),
    ).fetchall()
    best = min([rank for _, rank in rows], default=0)
    return [prefix for prefix, rank in rows if rank == best]


def spellings(name: str) -> tuple[str, str, str]:
    """Fold the name of a service: as it is written, and with another *Amazon* or *AWS* first."""
    from iam_catalog.names import fold_service_name

    folded = fold_service_name(name)
    bare = folded
    for maker in ("amazon", "aws"):
        bare = bare.removeprefix(maker) or bare
    others = [each for each in (bare, f"amazon{bare}", f"aws{bare}") if each != folded]
    return folded, others[0], others[1]


def other_names(connection: sqlite3.Connection, service_prefix: str) -> list[str]:
    """Return the names that a service goes by beside its prefix, sorted."""
    rows = connection.execute(
        "select distinct alias from service_aliases where service_prefix = ?1 and alias <> ?1"
        " order by 1",
        (service_prefix,),
    )
    return [alias for (alias,) in rows]


def resource_types_named(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the full names that `instance` or `connect:instance` means, sorted.

    The prefix is compared without case, the name with it.
    """
    prefix, colon, rest = name.partition(":")
    rows = connection.execute(
        "select resource_type from resource_types where name = ?"
        " and (? or service_prefix = ?) order by resource_type",
        (rest if colon else name, not colon, prefix),
    )
    return [row[0] for row in rows]
