"""Questions that are answered with names, and the names that questions may use.

Python, the command line and the site share these functions and those of `facts`, `operations` and
`past`. Action names, service prefixes and condition keys are matched without case and come back in
AWS's spelling; resource type names keep their case. Nothing slow is imported here, which keeps the
cold start of `dependent_actions` short.
"""

from __future__ import annotations

from iam_catalog.errors import UnknownServicePrefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3


def dependent_actions(
    connection: sqlite3.Connection, action: str, *, transitive: bool = False
) -> list[str]:
    """List what *action* needs besides itself, in AWS's order, without repeats.

    Merges every row of the action, and leaves itself out where it lists itself. *transitive*
    follows the dependent actions of each breadth first, also where they form a cycle: the direct
    ones come first, and the start never. One that the catalog does not hold leads no further. A
    removed action has those of the last source that documented it. Raises `UnknownAction` or
    `MalformedActionName`.
    """
    found = direct_dependents(connection, action)
    if not found and not is_current(connection, action):
        key = known_action(connection, action)
        found = direct_dependents(connection, key, removal(connection, key))
    if transitive:
        seen = {action.lower(), *found}
        queue = list(found.values())
        for name in queue:
            further = direct_dependents(connection, name)
            queue += [text for key, text in further.items() if key not in seen]
            found |= {key: text for key, text in further.items() if key not in seen}
            seen |= further.keys()
    return list(found.values())


def direct_dependents(
    connection: sqlite3.Connection, action: str, removed: str | None = None
) -> dict[str, str]:
    """Map what *action* needs, in lower case, to the source's spelling, in AWS's order.

    *removed* is the date of removal of an action that is gone.
    """
    if removed is None:
        rows = connection.execute(
            "select dependent_action from dependent_actions where action = ? and needed"
            " order by position",
            (action,),
        )
    else:
        rows = connection.execute(
            "select dependent_action from past_dependent_actions"
            " where action = ? and until = ? and needed order by position",
            (action, removed),
        )
    return {name.lower(): name for (name,) in rows}


def documented_on(connection: sqlite3.Connection, action: str) -> str | None:
    """Find the date as of which `dependent_actions` answers: that of the newest source that has a
    place for them.

    None where no held source of the action has one, so that they are unknown; also where that one
    has no date: `dependents_state` tells the two apart. Raises `UnknownAction` or
    `MalformedActionName`.
    """
    return dependents_source(connection, action)[1]


AS_OF = "select max(last_date) from pages where replaced is null"


def as_of(connection: sqlite3.Connection, service_prefix: str | None = None) -> str | None:
    """Find the date as of which the facts of the catalog, or of one service, stand.

    That of the newest source of current facts, a page of AWS or a public dataset; None where no
    such source has a date, and for a service that is not held. All that the catalog has dropped in
    favour of a newer source does not count.
    """
    own = "" if service_prefix is None else " and service_prefix = ?"
    row = connection.execute(
        f"{AS_OF}{own}",
        () if service_prefix is None else (service_prefix,),
    ).fetchone()
    return None if row[0] is None else str(row[0])


def dependents_state(connection: sqlite3.Connection, action: str) -> str:
    """Say what is known of the dependent actions of *action*, in the words for sources.

    `parsed`: it has some; `none`: the newest source that has a place for them lists none; `not in
    source`: no held source of the action has a place for them, so nothing is known. Raises
    `UnknownAction` or `MalformedActionName`.
    """
    page, _ = dependents_source(connection, action)
    if page is None:
        return "not in source"
    return "parsed" if dependent_actions(connection, action) else "none"


def dependents_source(connection: sqlite3.Connection, action: str) -> tuple[str | None, str | None]:
    """Find the source from which the dependent actions of *action* are known, and its newest date.

    For a removed action, as it was when it went. Raises as `documented_on` does.
    """
    row = connection.execute(
        "select dependents_page, last_date from actions"
        " left join pages on pages.page = dependents_page where action = ?",
        (action,),
    ).fetchone()
    if row is None:
        key = known_action(connection, action)
        row = connection.execute(
            "select dependents_page, last_date from past_actions"
            " left join pages on pages.page = dependents_page where action = ? and until = ?",
            (key, removal(connection, key)),
        ).fetchone()
    return row[0], row[1]


def is_current(connection: sqlite3.Connection, action: str) -> bool:
    row = connection.execute("select 1 from actions where action = ?", (action,)).fetchone()
    return row is not None


def removal(connection: sqlite3.Connection, action: str) -> str | None:
    """The date since which no source documents an action; None while one does."""
    row = connection.execute(
        "select removed from removed_actions where action = ?", (action,)
    ).fetchone()
    return None if row is None else str(row[0])


def required_by(connection: sqlite3.Connection, action: str) -> list[str]:
    """List the actions that need *action*, sorted, and never itself.

    Also for an action of a service that the catalog does not hold. Raises `UnknownAction` for a
    name that a held service does not have and no action lists.
    """
    rows = connection.execute(
        "select action from dependent_actions where dependent_action = ? and needed"
        " order by action",
        (action,),
    ).fetchall()
    if not rows:
        from iam_catalog.names import split_action_name

        prefix, _ = split_action_name(action)
        if connection.execute(
            "select 1 from services where service_prefix = ?", (prefix,)
        ).fetchone():
            known_action(connection, action)
    return [row[0] for row in rows]


def known_action(connection: sqlite3.Connection, action: str) -> str:
    """AWS's spelling of an action, which may be a removed one.

    Raises `UnknownAction` with the nearest names, or `MalformedActionName`.
    """
    row = connection.execute(
        "select action from actions where action = ?1"
        " union all select action from past_actions where action = ?1 limit 1",
        (action,),
    ).fetchone()
    if row is None:
        from iam_catalog.facts.unknown import unknown_action

        raise unknown_action(connection, action)
    return str(row[0])


def known_service(connection: sqlite3.Connection, name: str) -> str:
    """Return the prefix of the service that goes by *name*.

    That is a prefix, a name, a page slug, an SDK client or a nickname, whatever its case; blanks,
    `-` and `_` do not count, and neither does *Amazon* or *AWS* at the start. A prefix comes first.
    Raises `UnknownServicePrefix`, also for a name of several services: its suggestions are their
    prefixes.
    """
    prefixes = services_named(connection, name)
    if len(prefixes) == 1:
        return prefixes[0]
    from iam_catalog.facts.unknown import unknown_service

    raise unknown_service(connection, name, prefixes)


def unheld_service(connection: sqlite3.Connection, prefix: str) -> UnknownServicePrefix:
    """Make the error for a prefix that no service has; it may be another name of one."""
    try:
        return UnknownServicePrefix(prefix, [known_service(connection, prefix)])
    except UnknownServicePrefix as error:
        return error


def services_named(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the prefixes of the services that go by *name*, sorted: one, if it is a prefix."""
    row = connection.execute(
        "select service_prefix from services where service_prefix = ?", (name,)
    ).fetchone()
    return [row[0]] if row else aliased(connection, name, "services")


def aliased(connection: sqlite3.Connection, name: str, services: str) -> list[str]:
    """Return the prefixes of those in the table *services* that go by another *name*, sorted.

    A prefix with other hyphens comes before other names, and these come before those with another
    *Amazon* or *AWS* at the start. Services that are held no longer are in `past_services`.
    """
    from iam_catalog.names import folded_sql

    names = spellings(name)
    rows = connection.execute(
        "select found.service_prefix, min(rank) from ("
        f" select service_prefix, case when {folded_sql('alias')} <> ?1 then 2"
        "  else kind <> 'prefix' end as rank from service_aliases"
        f" where {folded_sql('alias')} in (?1, ?2, ?3)"
        f") as found join {services} as held on held.service_prefix = found.service_prefix"
        " group by found.service_prefix collate nocase order by 1",
        names,
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


def known_resource_types(connection: sqlite3.Connection, name: str) -> list[str]:
    """The full names that `instance` or `connect:instance` stands for, sorted.

    The prefix is matched without case, the name with it. Raises `UnknownResourceType`.
    """
    names = current_resource_types(connection, name)
    if not names:
        from iam_catalog.facts.unknown import unknown_resource_type

        raise unknown_resource_type(connection, name)
    return names


def current_resource_types(connection: sqlite3.Connection, name: str) -> list[str]:
    """The same, and none for an unknown name."""
    prefix, colon, rest = name.partition(":")
    rows = connection.execute(
        "select resource_type from resource_types where name = ?"
        " and (? or service_prefix = ?) order by resource_type",
        (rest if colon else name, not colon, prefix),
    )
    return [row[0] for row in rows]


def known_condition_key(connection: sqlite3.Connection, key: str) -> str:
    """The key of the catalog that *key* is, or is a case of.

    `aws:RequestTag/team` is a case of `aws:RequestTag/${TagKey}`. Raises `UnknownConditionKey`.
    """
    row = connection.execute(
        "select condition_key from condition_keys where condition_key = ?"
        " union all select condition_key from condition_keys"
        " where condition_key like '%/${%' and ? like '%/_%'"
        " and substr(condition_key, 1, instr(condition_key, '/'))"
        "   = substr(?, 1, instr(?, '/')) collate nocase limit 1",
        (key, key, key, key),
    ).fetchone()
    if row is None:
        from iam_catalog.facts.unknown import unknown_condition_key

        raise unknown_condition_key(connection, key)
    return str(row[0])
