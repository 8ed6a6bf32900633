"""Say which tables an export has, the order of their rows, and what they and their columns mean.

Tables and views have the names that they have in `catalog.db`, and so have their columns. Types and
descriptions are those of the declared schema; descriptions lose what is for the site alone, and
speak of true and false where SQLite has 1 and 0.
"""

from __future__ import annotations

from functools import cache

from iam_catalog.schema.model import BOOLEAN, Column, Table, View, without_site
from iam_catalog.schema.tables import table

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

_TABLE_WORDS = ((" is 0 ", " is false "), (" is 1 ", " is true "))
_BOOLEAN_WORDS = (("1 where", "True where"), (" 0 where", " false where"), ("else 0", "else false"))


@cache
def exported_tables() -> tuple[Table | View, ...]:
    """List every table of an export, a table before the views that are made of it."""
    return tuple([table(name).exported() for name in EXPORTED])


def exported_table(name: str) -> Table | View:
    """Return a table of an export, with the columns that it has there."""
    return next(table for table in exported_tables() if table.name == name)


def table_text(table: Table | View) -> str:
    """Say what the rows of a table are."""
    return _in_words(without_site(table.description), _TABLE_WORDS)


def column_text(column: Column) -> str:
    """Say what a column holds; "empty" is null, and in CSV nothing between two commas."""
    text = without_site(column.description)
    return _in_words(text, _BOOLEAN_WORDS) if column.type == BOOLEAN else text


def _in_words(text: str, words: tuple[tuple[str, str], ...]) -> str:
    for word, ours in words:
        text = text.replace(word, ours)
    return text
