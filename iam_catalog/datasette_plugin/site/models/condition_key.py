"""One condition key: what each service says of it, and which actions and resource types have it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.change_rows import SELECTED, change
from iam_catalog.datasette_plugin.site.models.sources import disagreements_on
from iam_catalog.errors import UnknownConditionKey
from iam_catalog.facts.global_keys import AS_OF, GLOBAL_KEYS, LISTED_BY_SERVICES, PAGE
from iam_catalog.facts.keys import known_condition_key
from iam_catalog.facts.names import known_service
from iam_catalog.facts.services_held import select_in

MOST_LISTED = 400
"""Actions that are listed of all services together; of more, those of one service are."""
DEFINED = (
    "select definition, key_as_written, service_prefix, type, description, url, page, line,"
    " place, first_seen, last_seen, {removed} from {table} where condition_key = ?"
)


def condition_key(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The key with its definitions, and its uses by service; `service` lists those of one.

    A key of a tag, such as `aws:RequestTag/team`, is told with the key that it is a case of. Of a
    removed key there are its last documented definitions. A global key is found, too, where no
    source lists it.
    """
    name = asked.names["name"]
    key, removed, removed_by = found_key(connection, name)
    chosen = asked.value("service")
    chosen = known_service(connection, chosen) if chosen else None
    return {
        "condition_key": key,
        "asked": name,
        "removed": removed,
        "removed_by": removed_by,
        "global": global_key(key),
        "definitions": definitions(connection, key, removed),
        "service": chosen,
        **uses(connection, key, chosen),
        "disagreements": disagreements_on(connection, "condition key", key),
        "changes": changes_of(connection, key),
    }


def found_key(connection: sqlite3.Connection, name: str) -> tuple[str, str | None, str | None]:
    """The key as it is spelled, with the date since which no source has it, and the public dataset
    whose word that is; None for both while one does."""
    try:
        return known_condition_key(connection, name), None, None
    except UnknownConditionKey:
        row = connection.execute(
            "select condition_key, max(removed), removed_by from past_condition_key_definitions"
            " where condition_key = ? and removed is not null group by condition_key",
            (name,),
        ).fetchone()
        if row:
            return row[0], row[1], row[2]
        spelled = {key.lower(): key for key in GLOBAL_KEYS}.get(name.lower())
        if spelled:
            return spelled, None, None
        raise


def global_key(key: str) -> dict[str, Any] | None:
    """What AWS's page of global keys says of the key; None for a key of services."""
    spelled = {name.lower(): name for name in GLOBAL_KEYS}.get(key.lower())
    if spelled is None:
        return None
    return {
        "types": list(GLOBAL_KEYS[spelled]),
        "on_pages_of_services": spelled.partition("/")[0].lower() in LISTED_BY_SERVICES,
        "as_of": AS_OF,
        "url": PAGE,
    }


def definitions(
    connection: sqlite3.Connection, key: str, removed: str | None
) -> list[dict[str, Any]]:
    """Every wording of every service; those of a removed key as they were when it went."""
    table = "past_condition_key_definitions" if removed else "condition_key_definitions"
    when = " and removed is not null" if removed else ""
    sql = DEFINED.format(table=table, removed="removed" if removed else "null as removed")
    rows = connection.execute(f"{sql}{when} order by service_prefix, page, line", (key,))
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def uses(connection: sqlite3.Connection, key: str, service: str | None) -> dict[str, Any]:
    """How many actions and resource types have the key, by service or of one *service* only; they
    are listed where they are few, or of one service."""
    types = of_service(names(connection, TYPES, key), service)
    own = of_service(names(connection, OWN, key), service)
    through = names(connection, THROUGH_TYPES if service is None else OF_SERVICE, key, service)
    actions = own | through
    per_service, types_per_service = Counter(map(prefix, actions)), Counter(map(prefix, types))
    is_listed = service is not None or len(actions) <= MOST_LISTED
    return {
        "actions": len(actions),
        "resource_types": len(types),
        "by_service": [
            {
                "service_prefix": each,
                "actions": per_service[each],
                "resource_types": types_per_service[each],
            }
            for each in sorted(per_service.keys() | types_per_service.keys())
        ],
        "listed_actions": listed_actions(connection, sorted(actions), own) if is_listed else None,
        "listed_resource_types": sorted(types) if is_listed else None,
    }


HAVE = "(select resource_type from resource_type_condition_keys where condition_key = ?1)"
TYPES = (
    "select group_concat(resource_type, char(31)) from resource_type_condition_keys"
    " where condition_key = ?1"
)
OWN = "select group_concat(action, char(31)) from action_condition_keys where condition_key = ?1"
THROUGH_TYPES = (
    f"select group_concat(action, char(31)) from action_rows where resource_type in {HAVE}"
)
OF_SERVICE = (
    "select group_concat(r.action, char(31)) from actions as a join action_rows as r"
    f" on r.action = a.action where a.service_prefix = ?2 and +r.resource_type in {HAVE}"
)


def names(connection: sqlite3.Connection, sql: str, *values: str | None) -> set[str]:
    """The names of one row, with unit separators between, which no name has.

    Some keys are on 18,000 rows, which take three times as long to come one by one.
    """
    place = [value for value in values if value is not None]
    found = connection.execute(sql, place).fetchone()[0]
    return set(found.split("\x1f")) if found else set()


def of_service(names: set[str], service: str | None) -> set[str]:
    return names if service is None else {name for name in names if prefix(name) == service}


def prefix(name: str) -> str:
    return name.partition(":")[0]


def listed_actions(
    connection: sqlite3.Connection, actions: list[str], own: set[str]
) -> list[dict[str, Any]]:
    """The actions, with whether a row of their own has the key."""
    rows = select_in(
        connection, "select action, access_level from actions where action in ({})", actions
    )
    levels = dict(rows)
    return [
        {"action": name, "access_level": levels.get(name), "on_own_row": name in own}
        for name in actions
    ]


def changes_of(connection: sqlite3.Connection, key: str, most: int = 50) -> list[dict[str, Any]]:
    """The newest changes of the key, in any service."""
    prefixes = [
        prefix
        for (prefix,) in connection.execute(
            "select service_prefix from condition_key_definitions where condition_key = ?1 union"
            " select service_prefix from past_condition_key_definitions where condition_key = ?1",
            (key,),
        )
    ]
    marks = ", ".join("?" * len(prefixes))
    rows = connection.execute(
        f"select {SELECTED} from changes where kind = 'condition key' and subject in ({marks})"
        " order by date desc, id limit ?",
        (*(f"{key} ({prefix})" for prefix in prefixes), most),
    )
    return [change(row) for row in rows]
