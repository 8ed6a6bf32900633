"""Put the declared tables and views together with their indexes, and write the SQL of all.

The order of each list is the order in which `catalog.db` is written. Texts compare without case
where they are keys (`collate nocase`). Absent is NULL or no row, never an empty text. Keys are
texts that a person can read, so that Datasette's addresses are too.
"""

from __future__ import annotations

from iam_catalog.names import folded_sql
from iam_catalog.schema.declarations import actions, facts, policies, services, sources, views
from iam_catalog.schema.model import BOOLEAN, INTEGER, Column, FullText, Index, Table, View, past_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


__all__ = ["PAST", "SEARCHED", "columns"]

TABLES: tuple[Table, ...] = (
    actions.ACCESS_LEVELS,
    services.SERVICES,
    services.SERVICE_ALIASES,
    sources.DATASETS,
    sources.PAGES,
    sources.PAGE_DATES,
    sources.PROBLEMS,
    actions.ACTIONS,
    actions.ACTION_ACCESS_LEVELS,
    facts.RESOURCE_TYPES,
    facts.ARN_FORMATS,
    facts.CONDITION_KEYS,
    facts.CONDITION_KEY_DEFINITIONS,
    actions.ACTION_ROWS,
    actions.ACTION_CONDITION_KEYS,
    facts.RESOURCE_TYPE_CONDITION_KEYS,
    actions.DEPENDENT_ACTIONS,
    actions.OPERATIONS,
    actions.OPERATION_ACTIONS,
    sources.DISAGREEMENTS,
    sources.CHANGES,
    policies.POLICY_DOCUMENTS,
    policies.POLICIES,
    policies.POLICY_STATEMENTS,
    policies.POLICY_STATEMENT_ACTIONS,
    policies.POLICY_STATEMENT_RESOURCES,
    policies.POLICY_STATEMENT_PRINCIPALS,
    policies.POLICY_STATEMENT_CONDITIONS,
    policies.POLICY_NOTES,
    policies.POLICY_FRAGMENTS,
    services.SDK_CLIENTS,
    services.SDK_OPERATIONS,
    services.LIKELY_ACTIONS,
    services.NICKNAMES,
)

PAST_TABLES = tuple([past_of(table) for table in TABLES if table.past])

PAST = tuple([table.name for table in TABLES if table.past])
"""The tables whose rows have a past: for each, `past_…` holds it."""

VIEWS: tuple[View, ...] = (
    views.SERVICE_COUNTS,
    views.ACTION_RESOURCE_TYPES,
    views.DEPENDENT_ACTION_TARGETS,
    views.DEPENDENT_ACTION_STATES,
    views.REMOVED_ACTIONS,
    views.CONDITION_KEY_USES,
    views.LIKELY_OPERATION_ACTIONS,
    policies.POLICY_ACTIONS,
)

FULL_TEXTS = (
    FullText(
        "actions",
        "action",
        "description",
        "of the action's name",
    ),
    FullText(
        "resource_types",
        "resource_type",
        None,
        "of the resource type's name",
    ),
    FullText(
        "condition_keys",
        "condition_key",
        "description",
        "of the condition key's name",
    ),
    FullText(
        "services",
        "service_prefix",
        "name",
        "of the service's prefix and of its other names",
    ),
)

SEARCHED = tuple(
    [
        (index.table, index.key, index.described)
        for table in TABLES
        for index in FULL_TEXTS
        if index.table == table.name
    ]
)
"""The tables with a full-text index, with the columns of their names and of their descriptions."""

INDEXES = (
    Index("actions_service_prefix", "actions", ("service_prefix", "access_level")),
    Index("actions_name", "actions", ("name",)),
    Index("actions_page", "actions", ("page",)),
    Index("actions_without_dependents", "actions", ("action",), where="dependents_page is null"),
    Index("action_access_levels_level", "action_access_levels", ("access_level",)),
    Index("resource_types_service_prefix", "resource_types", ("service_prefix",)),
    Index("resource_types_name", "resource_types", ("name",)),
    Index("arn_formats_resource_type", "arn_formats", ("resource_type",)),
    Index("arn_formats_service", "arn_formats", ("service",)),
    Index("condition_key_definitions_key", "condition_key_definitions", ("condition_key",)),
    Index("condition_key_definitions_service", "condition_key_definitions", ("service_prefix",)),
    Index("action_rows_action", "action_rows", ("action", "position")),
    Index("action_rows_resource_type", "action_rows", ("resource_type",)),
    Index("action_condition_keys_key", "action_condition_keys", ("condition_key",)),
    Index("resource_type_condition_keys_key", "resource_type_condition_keys", ("condition_key",)),
    Index(
        "dependent_actions_action", "dependent_actions", ("action", "position", "dependent_action")
    ),
    Index(
        "dependent_actions_needed",
        "dependent_actions",
        ("action", "position", "dependent_action", "needed"),
        where="needed",
    ),
    Index(
        "dependent_actions_dependent",
        "dependent_actions",
        ("dependent_action", "action", "needed"),
        where="needed",
    ),
    Index("dependent_actions_action_row", "dependent_actions", ("action_row",)),
    # Whether anything states what a service does not have, over thousands of past pages.
    Index(
        "pages_service_prefix",
        "pages",
        ("service_prefix", *(f"{each}_state" for each in sources.SECTIONS)),
    ),
    Index("pages_slug", "pages", ("slug",)),
    Index("pages_lineage", "pages", ("lineage", "date")),
    Index("pages_replaced", "pages", ("replaced", "service_prefix")),
    Index("pages_of_aws", "pages", ("dataset",), where="dataset is null"),
    Index("problems_page", "problems", ("page",)),
    Index("service_aliases_service", "service_aliases", ("service_prefix",)),
    Index("operations_service_prefix", "operations", ("service_prefix", "name")),
    Index("operations_name", "operations", ("name",)),
    Index("operation_actions_action", "operation_actions", ("action",)),
    Index("disagreements_subject", "disagreements", ("subject",)),
    Index("changes_date", "changes", ("date", "service_prefix")),
    Index("changes_service_prefix", "changes", ("service_prefix", "date")),
    Index("changes_subject", "changes", ("subject",)),
    Index("past_actions_action", "past_actions", ("action",)),
    Index("past_actions_removed", "past_actions", ("removed",), where="removed is not null"),
    Index("past_action_rows_action", "past_action_rows", ("action",)),
    Index("past_action_access_levels_action", "past_action_access_levels", ("action",)),
    Index("past_action_condition_keys_row", "past_action_condition_keys", ("action_row",)),
    Index("past_dependent_actions_action", "past_dependent_actions", ("action",)),
    Index("past_dependent_actions_dependent", "past_dependent_actions", ("dependent_action",)),
    Index("past_resource_types_resource_type", "past_resource_types", ("resource_type",)),
    Index("past_operations_name", "past_operations", ("name",)),
    Index("service_aliases_folded", "service_aliases", (folded_sql("alias"),)),
    Index("policies_document", "policies", ("policy_document", "position")),
    Index("policy_statements_policy", "policy_statements", ("policy", "position")),
    Index("policy_statement_actions_pattern", "policy_statement_actions", ("pattern",)),
    Index("policy_statement_actions_service", "policy_statement_actions", ("service_prefix",)),
    Index("policy_statement_conditions_key", "policy_statement_conditions", ("condition_key",)),
    Index("policy_notes_statement", "policy_notes", ("statement",)),
    Index("policy_fragments_document", "policy_fragments", ("policy_document", "position")),
)

EVERYTHING: list[Table | View] = [*TABLES, *PAST_TABLES, *VIEWS]

WRITTEN = tuple([each.name for each in (*TABLES, *PAST_TABLES)])
WRITTEN += tuple([index.name for index in FULL_TEXTS])
"""The names of everything that has rows of its own."""

_BY_NAME = {each.name: each for each in EVERYTHING}


def table(name: str) -> Table | View:
    """Return a declared table, table of the past, or view. Raises `KeyError` for other names."""
    return _BY_NAME[name]


def columns(name: str) -> list[str]:
    """List the names of a table's columns, in order."""
    return [column.name for column in table(name).columns]


_MANY_COLUMNS = 3
"""From so many on, the columns of an index are on a line of their own."""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _kind(column: Column) -> str:
    """Write name and type. SQLite has neither booleans nor dates."""
    kind = "integer" if column.type in (INTEGER, BOOLEAN) else "text"
    return f"{column.name} {kind}"


def _check(column: Column) -> str | None:
    """Write which values a column can have; None for any."""
    if column.filled:
        return f"check ({column.name} <> '')"
    values = ", ".join(map(_text, column.values))
    if column.type == BOOLEAN:
        values = "0, 1"
    return f"check ({column.name} in ({values}))" if values else None


def column_sql(column: Column, key: tuple[str, ...]) -> str:
    """Write a column of a table whose key is *key*."""
    table, _, to = column.references.partition(".")
    is_key = key == (column.name,)
    words = (
        _kind(column),
        "primary key" if is_key else None,
        None if column.null or is_key else "not null",
        None if column.default is None else f"default {column.default}",
        "unique" if column.unique else None,
        "collate nocase" if column.nocase else None,
        f"references {table}({to})" if table else None,
        _check(column),
    )
    return " ".join(filter(None, words))


def _table(table: Table) -> str:
    lines = [column_sql(column, table.key) for column in table.columns]
    lines += [f"check ({check})" for check in table.checks]
    if len(table.key) > 1:
        lines.append(f"primary key ({', '.join(table.key)})")
    body = ",\n    ".join(lines)
    return f"create table {table.name} (\n    {body}\n){'' if table.rowid else ' without rowid'};\n"


def _past_table(table: Table) -> str:
    """Write a table of past rows, on one line. Its only rule is that each row ended on a date."""
    columns = [
        _kind(column)
        + ("" if column.null else " not null")
        + (" collate nocase" if column.nocase else "")
        for column in table.columns
    ]
    return f"create table {table.name} ({', '.join(columns)});\n"


def _index(index: Index) -> str:
    gap = "\n    " if len(index.by) >= _MANY_COLUMNS else " "
    where = f" where {index.where}" if index.where else ""
    columns = ", ".join(index.by)
    return f"create index {index.name}{gap}on {index.table}({columns}){where};\n"


def _full_text(index: FullText) -> str:
    """Write an index for words, and for beginnings of 2 or 3, whose texts are those of its table.

    `content="…"` is written as sqlite-utils and Datasette look for it.
    """
    return (
        f"create virtual table {index.name} using fts5(\n    {', '.join(index.columns)},"
        f" content=\"{index.table}\", tokenize = 'unicode61', prefix = '2 3'\n);\n"
    )


def _view(view: View) -> str:
    return f"create view {view.name} as\n{view.select};\n"


PARTS = ("TABLES", "PAST_TABLES", "SEARCH", "INDEXES", "VIEWS")
"""The parts of the schema, in the order in which a catalog gets them."""


def sql(part: str) -> str:
    """Write a part of the schema, or with "DDL" all of it. Raises `KeyError` for other words.

    `TABLES` have the current facts, `PAST_TABLES` the rows that later sources replaced (`until`) or
    no longer state (`removed`), `SEARCH` the full-text indexes.
    """
    statements: dict[str, Callable[[], Iterable[str]]] = {
        "TABLES": lambda: map(_table, TABLES),
        "PAST_TABLES": lambda: map(_past_table, PAST_TABLES),
        "SEARCH": lambda: map(_full_text, FULL_TEXTS),
        "INDEXES": lambda: map(_index, INDEXES),
        "VIEWS": lambda: map(_view, VIEWS),
        "DDL": lambda: map(sql, PARTS),
    }
    return "".join(statements[part]())
