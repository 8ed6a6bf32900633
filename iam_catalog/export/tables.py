"""Which tables an export has, in which order their rows stand, and of which type each column is.

Tables and views have the names that they have in `catalog.db`, and their columns too. The schema
itself says what the columns are; only what SQLite has no word for is said here.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache

from iam_catalog import schema

STRING, INTEGER, BOOLEAN, DATE = "string", "integer", "boolean", "date"
"""The types of columns, in the words of Table Schema."""

BOOLEANS = frozenset(
    {"permission_only", "required", "incomplete", "all_services", "in_catalog", "has_wildcard"}
    | {"needed", "unless_same_name"}
)
DATES = frozenset({"date", "first_seen", "last_seen", "last_date", "removed", "replaced"})
DATES |= {"valid_from", "documented_on"}
COUNTS = frozenset({"actions", "resource_types", "condition_keys", "operations"})
"""Columns of views that SQLite gives no type."""

OWN = "service_prefix in ({services})"
OF_PAGE = f"page in (select page from pages where {OWN})"
OF_ACTION = f"action in (select action from actions where {OWN})"
OF_RESOURCE_TYPE = f"resource_type in (select resource_type from resource_types where {OWN})"
OF_OPERATION = f"operation in (select operation from operations where {OWN})"
OF_CLIENT = f"sdk_client in (select sdk_client from sdk_clients where {OWN})"
OF_KEY = (
    "condition_key in ("
    f"select condition_key from condition_key_definitions where {OWN}"
    f" union select condition_key from action_condition_keys where {OF_ACTION}"
    f" union select condition_key from resource_type_condition_keys where {OF_RESOURCE_TYPE})"
)
BY_NAME = "substr(action, 1, instr(action, ':') - 1) collate nocase in ({services})"
OF_POLICY = (
    "policy in (select policy from policy_actions where"
    " substr(coalesce(action, pattern), 1, instr(coalesce(action, pattern), ':') - 1)"
    " collate nocase in ({services}))"
)
"""Policies that name an action of the services, also one that is not documented, or by a wildcard;
they stay whole, with what they name of other services."""
OF_STATEMENT = f"statement in (select statement from policy_statements where {OF_POLICY})"
OF_DOCUMENT = f"policy_document in (select policy_document from policies where {OF_POLICY})"
ALWAYS = "1"

EXPORTED = {
    "services": (OWN, "service_prefix"),
    "service_aliases": (OWN, "service_prefix, kind, alias"),
    "datasets": (f"dataset in (select dataset from pages where {OWN})", "date, dataset"),
    "pages": (OWN, "service_prefix, page"),
    "page_dates": (OF_PAGE, "page, date"),
    "problems": (OF_PAGE, "file, line, problem"),
    "access_levels": (ALWAYS, "position"),
    "actions": (OWN, "action"),
    "action_access_levels": (OF_ACTION, "action, position"),
    "action_rows": (OF_ACTION, "action, position"),
    "action_condition_keys": (OF_ACTION, "action, action_row, position"),
    "dependent_actions": (OF_ACTION, "action, position, reference"),
    "resource_types": (OWN, "resource_type"),
    "arn_formats": (
        OF_RESOURCE_TYPE,
        "resource_type, page, line, length(arn_format), arn_format",
    ),
    "resource_type_condition_keys": (OF_RESOURCE_TYPE, "resource_type, position"),
    "condition_keys": (OF_KEY, "condition_key"),
    "condition_key_definitions": (OWN, "condition_key, service_prefix, page, line, definition"),
    "operations": (OWN, "operation"),
    "operation_actions": (OF_OPERATION, "operation, position"),
    "sdk_clients": (OWN, "sdk_client"),
    "sdk_operations": (OF_CLIENT, "name, sdk_client"),
    "likely_actions": (OF_CLIENT, "name, sdk_client, position"),
    "nicknames": (OWN, "nickname, service_prefix"),
    "disagreements": (OF_PAGE, "subject, field, page, line, value"),
    "changes": (OWN, "date, id"),
    "policy_documents": (OF_DOCUMENT, "policy_document"),
    "policies": (OF_POLICY, "policy_document, position"),
    "policy_statements": (OF_POLICY, "policy, position"),
    "policy_statement_actions": (OF_STATEMENT, "statement, element, position"),
    "policy_statement_resources": (OF_STATEMENT, "statement, element, position"),
    "policy_statement_principals": (OF_STATEMENT, "statement, element, position"),
    "policy_statement_conditions": (OF_STATEMENT, "statement, position"),
    "policy_notes": (OF_POLICY, "policy, position"),
    "policy_fragments": (OF_DOCUMENT, "policy_document, position"),
    "service_counts": (OWN, "service_prefix"),
    "action_resource_types": (OF_ACTION, "action, resource_type, arn_format, page, line"),
    "condition_key_uses": (OF_ACTION, "action, origin, resource_type, condition_key"),
    "dependent_action_targets": (OF_ACTION, "action, position"),
    "dependent_action_states": (OF_ACTION, "action"),
    "likely_operation_actions": (OWN, "name, sdk_client, position"),
    "removed_actions": (BY_NAME, "action"),
    "policy_actions": (OF_POLICY, "statement, element, line, pattern, action"),
}
"""For each table or view: which rows belong to chosen services, and the order of the rows."""

UNSTABLE = {"changes": {"id"}, "disagreements": {"disagreement"}}
"""Numbers of rows, left out because they are others where the catalog is built of more pages."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    """`string`, `integer`, `boolean` or `date`."""
    required: bool
    """Never absent."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that holds keys of another table, letter by letter."""

    column: str
    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of an export."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The columns that tell its rows apart; empty where none do."""
    references: tuple[Reference, ...]
    chosen: str
    order: str


@cache
def exported_tables() -> tuple[Table, ...]:
    """Every table of an export, a table before the views that are made of it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.TABLES + schema.PAST_TABLES + schema.VIEWS)
        return tuple([table_of(connection, name) for name in EXPORTED])


def exported_table(name: str) -> Table:
    return next(table for table in exported_tables() if table.name == name)


def table_of(connection: sqlite3.Connection, name: str) -> Table:
    facts = connection.execute(f"pragma table_info({name})").fetchall()
    kept = [fact for fact in facts if fact[1] not in UNSTABLE.get(name, ())]
    columns = [
        Column(column, type_of(column, declared), bool(not_null or place))
        for _, column, declared, not_null, _, place in kept
    ]
    key = [column for place, column in sorted((fact[5], fact[1]) for fact in kept) if place]
    foreign = connection.execute(f"pragma foreign_key_list({name})").fetchall()
    references = sorted((column, table, to) for _, _, table, column, to, *_ in foreign)
    chosen, order = EXPORTED[name]
    return Table(
        name,
        tuple(columns),
        tuple(key),
        tuple([Reference(*each) for each in references]),
        chosen,
        order,
    )


def type_of(column: str, declared: str) -> str:
    """The type of a column; SQLite has neither booleans nor dates."""
    if column in BOOLEANS:
        return BOOLEAN
    if column in DATES:
        return DATE
    return INTEGER if declared.lower() == "integer" or column in COUNTS else STRING
