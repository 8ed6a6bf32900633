"""One action: everything that the catalog knows of it."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.change_rows import history
from iam_catalog.datasette_plugin.site.models.dependents import around
from iam_catalog.datasette_plugin.site.models.sources import disagreements_on, source_of
from iam_catalog.facts import actions as facts
from iam_catalog.facts.arn_formats import formats_of_types
from iam_catalog.facts.services_held import select_in
from iam_catalog.policy.facts import policy_facts
from iam_catalog.policy.write.statements import granted_action, groups_of, statements_of
from iam_catalog.records import Action

OWN_FIELDS = (
    *("action", "service_prefix", "name", "access_level", "access_levels", "description"),
    *("permission_only", "url", "first_seen", "last_seen", "removed", "removed_by", "incomplete"),
)


def action(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The action with its rows, dependents, operations, sample policies, history and source.

    Of a removed action these are the last documented facts. The `state` of its dependents is `not
    in source` where no held source of it has a place for them; `policies` is null in a catalog that
    has no place for them. `held` says whether any source of the catalog has a place for dependent
    actions.
    """
    found = facts.action(connection, asked.names["name"])
    name = found.action
    told = asdict(found)
    return {
        "action": {field: told[field] for field in OWN_FIELDS},
        "service_name": service_name(connection, found.service_prefix),
        "takes_known": found.resource_types is not None,
        "rows": told["rows"],
        "resource_types": resource_types(connection, found),
        "dependents": {
            "state": found.dependents_state,
            "documented_on": found.dependents_documented_on,
            "page": found.dependents_page,
            "held": holds_dependents(connection),
            "references": told["dependents"],
            **around(connection, name, found.dependent_actions),
        },
        "operations": operations_of(connection, name),
        "policies": policies_using(connection, name),
        "statement": None if found.removed else statement(connection, name),
        "changes": history(connection, "action", name),
        "disagreements": disagreements_on(connection, "action", name),
        "source": source_of(connection, found.source),
        "described": description_place(connection, found),
    }


def description_place(connection: sqlite3.Connection, found: Action) -> dict[str, Any]:
    """Where its description is stated, which newer sources may have no place for."""
    past, until = ("past_", found.removed) if found.removed else ("", None)
    page, line, date = connection.execute(
        f"select details_page, details_line, last_date from {past}actions as a"
        " join pages on pages.page = details_page"
        f" where a.action = ?1 and {'a.until = ?2' if past else '?2 is null'}",
        (found.action, until),
    ).fetchone()
    return {"page": page, "line": line, "date": date}


def holds_dependents(connection: sqlite3.Connection) -> bool:
    """Say whether any source of the catalog has a place for dependent actions."""
    sql = "select 1 from actions where dependents_page is not null limit 1"
    return connection.execute(sql).fetchone() is not None


def service_name(connection: sqlite3.Connection, prefix: str) -> str | None:
    row = connection.execute(
        "select name from services where service_prefix = ?1 union all"
        " select name from past_services where service_prefix = ?1 limit 1",
        (prefix,),
    ).fetchone()
    return row[0] if row else None


def resource_types(connection: sqlite3.Connection, found: Action) -> list[dict[str, Any]]:
    """The resource types of all rows, with their ARN formats and their own condition keys."""
    names = found.resource_types or ()
    formats = formats_of_types(connection, names)
    keys: dict[str, list[str]] = {}
    for name, key in select_in(
        connection,
        "select resource_type, condition_key from resource_type_condition_keys"
        " where resource_type in ({}) order by resource_type, position",
        names,
    ):
        keys.setdefault(name, []).append(key)
    return [
        {
            "resource_type": name,
            "arn_formats": formats.get(name) or past_formats(connection, name),
            "condition_keys": keys.get(name, []),
        }
        for name in names
    ]


def past_formats(connection: sqlite3.Connection, resource_type: str) -> list[str]:
    """The last documented ARN formats of a resource type that is gone."""
    rows = connection.execute(
        "select distinct format from past_arn_formats where resource_type = ?1 and until ="
        " (select max(until) from past_arn_formats where resource_type = ?1) order by page, line",
        (resource_type,),
    )
    return [text for (text,) in rows]


def operations_of(connection: sqlite3.Connection, action: str) -> dict[str, Any]:
    """The API operations that the action allows, with the date as of which they are all."""
    return {
        "documented_on": facts.operations_documented_on(connection, action),
        "names": facts.operations_of_action(connection, action),
    }


def policies_using(connection: sqlite3.Connection, action: str) -> list[dict[str, Any]] | None:
    """The sample policies that name the action; None in a catalog that has no place for them."""
    held = connection.execute(
        "select 1 from sqlite_master where name = 'policy_statement_actions'"
    ).fetchone()
    if not held:
        return None
    from iam_catalog.policy.samples import policies_using

    return [asdict(use) for use in policies_using(connection, action)]


def statement(connection: sqlite3.Connection, action: str) -> dict[str, Any]:
    """The least statement that allows the action, with AWS's ARN formats to be filled in.

    The same as `iam-catalog write ACTION` gives.
    """
    known = policy_facts(connection).facts_of([action])
    granted = granted_action(action, known.get(action.lower()), {})
    return statements_of(groups_of([granted], known), ())[0]
