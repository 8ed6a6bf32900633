"""Every question to the catalog, as SELECTs on a connection.

Python, the command line and the site share these functions. Action names, service prefixes and
condition keys are matched without case and come back in AWS's spelling; resource type names keep
their case. Records are imported inside the functions that make them, which keeps the cold start
of `dependent_actions` short.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from iam_catalog.records import (
        About,
        Action,
        ActionSummary,
        ConditionKey,
        Page,
        ResourceType,
        SearchResult,
        Service,
    )


def dependent_actions(
    connection: sqlite3.Connection, action: str, *, transitive: bool = False
) -> list[str]:
    """The actions that AWS lists as dependent of *action*, in AWS's order, without repeats.

    Merges every row of the action. *transitive* follows them breadth first, without the start,
    also where they form a cycle; a dependent action that the catalog does not hold leads no
    further. Raises `UnknownAction` or `MalformedActionName`.
    """
    found = direct_dependents(connection, action)
    if not found:
        known_action(connection, action)
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
    """AWS's spelling of an action; raises `UnknownAction` with the nearest names."""
    row = connection.execute("select action from actions where action = ?", (action,)).fetchone()
    if row is None:
        from iam_catalog.suggest import unknown_action

        raise unknown_action(connection, action)
    return str(row[0])


def known_service(connection: sqlite3.Connection, service_prefix: str) -> str:
    """AWS's spelling of a service prefix; raises `UnknownServicePrefix`."""
    row = connection.execute(
        "select service_prefix from services where service_prefix = ?", (service_prefix,)
    ).fetchone()
    if row is None:
        from iam_catalog.suggest import unknown_service

        raise unknown_service(connection, service_prefix)
    return str(row[0])


def known_resource_types(connection: sqlite3.Connection, name: str) -> list[str]:
    """The full names that `instance` or `connect:instance` stands for, sorted.

    The prefix is matched without case, the name with it. Raises `UnknownResourceType`.
    """
    prefix, colon, rest = name.partition(":")
    rows = connection.execute(
        "select resource_type from resource_types where name = ?"
        " and (? or service_prefix = ?) order by resource_type",
        (rest if colon else name, not colon, prefix),
    ).fetchall()
    if not rows:
        from iam_catalog.suggest import unknown_resource_type

        raise unknown_resource_type(connection, name)
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
        ActionSummary(name, prefix, bare, level, description, bool(permission_only))
        for name, prefix, bare, level, description, permission_only in rows
    ]


def action(connection: sqlite3.Connection, name: str) -> Action:
    """Everything that the catalog knows of one action.

    Raises `UnknownAction` with the nearest names, or `MalformedActionName`.
    """
    from iam_catalog.records import Action, ActionRow, DependentAction, Source

    fact = connection.execute(
        "select actions.action, actions.service_prefix, actions.name, access_level, description,"
        " permission_only, actions.url, first_seen, last_seen,"
        " pages.page, line, date, title, pages.url"
        " from actions join pages on pages.page = actions.page where action = ?",
        (name,),
    ).fetchone()
    if fact is None:
        known_action(connection, name)
    key = fact[0]
    levels = connection.execute(
        "select access_level from action_access_levels where action = ? order by position", (key,)
    )
    dependents = connection.execute(
        "select dependent_action, resource_type_name, last_seen, page, line, action_row"
        " from dependent_actions where action = ? order by position",
        (key,),
    ).fetchall()
    rows = connection.execute(
        "select action_row, coalesce(resource_type, ? || ':' || resource_type_name), required,"
        " scenario, page, line from action_rows where action = ? order by position",
        (fact[1], key),
    ).fetchall()
    keys = keys_of_rows(connection, key)
    beside: dict[str, list[str]] = {}
    for dependent in dependents:
        beside.setdefault(dependent[5], []).append(dependent[0])
    return Action(
        action=key,
        service_prefix=fact[1],
        name=fact[2],
        access_level=fact[3],
        access_levels=tuple([level for (level,) in levels]),
        description=fact[4],
        permission_only=bool(fact[5]),
        url=fact[6],
        rows=tuple(
            [
                ActionRow(
                    row[1],
                    None if row[2] is None else bool(row[2]),
                    row[3],
                    tuple(keys.get(row[0], ())),
                    tuple(beside.get(row[0], ())),
                    row[4],
                    row[5],
                )
                for row in rows
            ]
        ),
        resource_types=unique([row[1] for row in rows if row[1]]),
        condition_keys=unique([key for row in rows for key in keys.get(row[0], ())]),
        dependent_actions=unique([dependent[0] for dependent in dependents]),
        dependents=tuple([DependentAction(*dependent[:5]) for dependent in dependents]),
        source=Source(*fact[9:]),
        first_seen=fact[7],
        last_seen=fact[8],
    )


def keys_of_rows(connection: sqlite3.Connection, action: str) -> dict[str, list[str]]:
    """The condition keys of each row of an action, in the page's order."""
    keys: dict[str, list[str]] = {}
    for row, key in connection.execute(
        "select action_condition_keys.action_row, condition_key from action_rows"
        " join action_condition_keys on action_condition_keys.action_row = action_rows.action_row"
        " where action = ? order by action_rows.position, action_condition_keys.position",
        (action,),
    ):
        keys.setdefault(row, []).append(key)
    return keys


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
    """One service with its pages and what they state; raises `UnknownServicePrefix`."""
    from iam_catalog.records import Service

    prefix = known_service(connection, service_prefix)
    row = connection.execute(
        "select service_prefix, name, actions, resource_types, condition_keys"
        " from service_counts where service_prefix = ?",
        (prefix,),
    ).fetchone()
    prefix, name, actions, resource_types, condition_keys = row
    return Service(
        prefix, name, actions, resource_types, condition_keys, tuple(pages(connection, prefix))
    )


def pages(connection: sqlite3.Connection, service_prefix: str) -> list[Page]:
    """The pages of a service, by their key."""
    from iam_catalog.records import Page

    rows = connection.execute(
        "select page, title, slug, format, date, url, actions_state, resource_types_state,"
        " condition_keys_state, operations_state, sha256"
        " from pages where service_prefix = ? order by page",
        (known_service(connection, service_prefix),),
    )
    return [Page(*row) for row in rows]


RESOURCE_TYPE = (
    "select resource_type, service_prefix, name, resource_types.url, first_seen, last_seen,"
    " pages.page, line, date, title, pages.url"
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

    Raises `UnknownResourceType`, also for a name that several services have: its suggestions are
    their full names.
    """
    names = known_resource_types(connection, name)
    if len(names) > 1:
        from iam_catalog.errors import UnknownResourceType

        raise UnknownResourceType(name, names, detail=" without its service prefix")
    row = connection.execute(f"{RESOURCE_TYPE} where resource_type = ?", names).fetchone()
    return resource_type_record(connection, row)


def resource_type_record(connection: sqlite3.Connection, row: tuple[str, ...]) -> ResourceType:
    from iam_catalog.records import ResourceType, Source

    def names(sql: str) -> tuple[str, ...]:
        return unique([found[0] for found in connection.execute(sql, (row[0],))])

    return ResourceType(
        row[0],
        row[1],
        row[2],
        names("select format from arn_formats where resource_type = ? order by rowid"),
        names(
            "select condition_key from resource_type_condition_keys"
            " where resource_type = ? order by position"
        ),
        names("select action from action_rows where resource_type = ? order by action"),
        row[3],
        Source(*row[6:]),  # type: ignore[arg-type]
        row[4],
        row[5],
    )


def condition_keys(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[ConditionKey]:
    """What the pages of a service, or all pages, define as condition keys, sorted by key.

    One record for each definition. Raises `UnknownServicePrefix`.
    """
    from iam_catalog.records import ConditionKey, Source

    where, values = "", list[str]()
    if service_prefix is not None:
        where = "where keys.service_prefix = ?"
        values = [known_service(connection, service_prefix)]
    rows = connection.execute(
        "select key_as_written, keys.service_prefix, type, description, keys.url, first_seen,"
        " last_seen, pages.page, line, date, title, pages.url"
        " from condition_key_definitions as keys join pages on pages.page = keys.page"
        f" {where} order by condition_key, keys.rowid",
        values,
    )
    return [
        ConditionKey(key, prefix, kind, description, url, Source(*source), first_seen, last_seen)
        for key, prefix, kind, description, url, first_seen, last_seen, *source in rows
    ]


SEARCHED = (
    ("service", "services", "service_prefix", "services.name"),
    ("action", "actions", "action", "actions.description"),
    ("resource type", "resource_types", "resource_type", "null"),
    ("condition key", "condition_keys", "condition_key", "condition_keys.description"),
)


def search(connection: sqlite3.Connection, text: str, *, limit: int = 100) -> list[SearchResult]:
    """Services, actions, resource types and condition keys that have every word of *text*.

    Words may be cut short, and are found in the parts of a name too: `create inst` finds
    `connect:CreateInstance`. Within a kind, those whose name has all the words come first; at most
    *limit* of each. A text without a letter or digit finds nothing.
    """
    from iam_catalog.records import SearchResult

    query = search_query(text)
    if not query:
        return []
    return [
        SearchResult(kind, *row)
        for kind, table, key, description in SEARCHED
        for row in connection.execute(
            f"select {table}.{key}, {description} from {table}_fts"
            f" join {table} on {table}.rowid = {table}_fts.rowid where {table}_fts match ?"
            f" order by {table}.rowid not in"
            f" (select rowid from {table}_fts where {table}_fts match ?),"
            f" bm25({table}_fts), {table}.{key} limit ?",
            (query, f"{{{key} words}} : ({query})", limit),
        )
    ]


def search_query(text: str) -> str:
    """*text* as an FTS5 query: each word quoted, so that no sign has a meaning, and a prefix."""
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return " ".join(f'"{word}"*' for word in words)


def about(connection: sqlite3.Connection, path: str) -> About:
    """Which catalog answers, and how fresh it is."""
    from iam_catalog.records import About
    from iam_catalog.schema import VERSION

    row = connection.execute(
        "select (select max(date) from pages), (select count(*) from services),"
        " (select count(*) from actions), (select count(*) from resource_types),"
        " (select count(*) from condition_keys), (select count(*) from dependent_actions),"
        " (select count(*) from pages)"
    ).fetchone()
    return About(path, VERSION, *row)
