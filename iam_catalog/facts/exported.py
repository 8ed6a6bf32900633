"""Read the catalog as exports write it: whole or of some services, now or at a date.

One transaction holds all of it. SQLite keeps any value in any column, so values that are not of
their column's type are looked for first: an export has none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from iam_catalog import schema
from iam_catalog.errors import CatalogError
from iam_catalog.facts.about import figures
from iam_catalog.facts.catalog_file import copy_at
from iam_catalog.facts.lookup import services_named, spellings
from iam_catalog.facts.searched import KINDS
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING

OWN = "service_prefix in ({services})"
OF_PAGE = f"page in (select page from pages where {OWN})"
OF_ACTION = f"action in (select action from actions where {OWN})"
_OF_RESOURCE_TYPE = f"resource_type in (select resource_type from resource_types where {OWN})"
OF_OPERATION = f"operation in (select operation from operations where {OWN})"
_OF_CLIENT = f"sdk_client in (select sdk_client from sdk_clients where {OWN})"
OF_KEY = (
    "condition_key in ("
    f"select condition_key from condition_key_definitions where {OWN}"
    f" union select condition_key from action_condition_keys where {OF_ACTION}"
    f" union select condition_key from resource_type_condition_keys where {_OF_RESOURCE_TYPE})"
)
BY_NAME = "substr(action, 1, instr(action, ':') - 1) collate nocase in ({services})"
OF_POLICY = (
    "policy in (select policy from policy_actions where"
    " substr(coalesce(action, pattern), 1, instr(coalesce(action, pattern), ':') - 1)"
    " collate nocase in ({services}))"
)
"""Policies that name an action of the services, also one that is not documented, or by a wildcard;
they stay whole, with what they name of other services."""
_OF_STATEMENT = f"statement in (select statement from policy_statements where {OF_POLICY})"
_OF_DOCUMENT = f"policy_document in (select policy_document from policies where {OF_POLICY})"
_ALWAYS = "1"

EXPORTED = {
    "services": (OWN, "service_prefix"),
    "service_aliases": (OWN, "service_prefix, kind, alias"),
    "datasets": (f"dataset in (select dataset from pages where {OWN})", "date, dataset"),
    "pages": (OWN, "service_prefix, page"),
    "page_dates": (OF_PAGE, "page, date"),
    "problems": (OF_PAGE, "file, line, problem"),
    "access_levels": (_ALWAYS, "position"),
    "actions": (OWN, "action"),
    "action_access_levels": (OF_ACTION, "action, position"),
    "action_rows": (OF_ACTION, "action, position"),
    "action_condition_keys": (OF_ACTION, "action, action_row, position"),
    "dependent_actions": (OF_ACTION, "action, position, reference"),
    "resource_types": (OWN, "resource_type"),
    "arn_formats": (
        _OF_RESOURCE_TYPE,
        "resource_type, page, line, length(arn_format), arn_format",
    ),
    "resource_type_condition_keys": (_OF_RESOURCE_TYPE, "resource_type, position"),
    "condition_keys": (OF_KEY, "condition_key"),
    "condition_key_definitions": (OWN, "condition_key, service_prefix, page, line, definition"),
    "operations": (OWN, "operation"),
    "operation_actions": (OF_OPERATION, "operation, position"),
    "sdk_clients": (OWN, "sdk_client"),
    "sdk_operations": (_OF_CLIENT, "name, sdk_client"),
    "likely_actions": (_OF_CLIENT, "name, sdk_client, position"),
    "nicknames": (OWN, "nickname, service_prefix"),
    "disagreements": (OF_PAGE, "subject, field, page, line, value"),
    "changes": (OWN, "date, id"),
    "policy_documents": (_OF_DOCUMENT, "policy_document"),
    "policies": (OF_POLICY, "policy_document, position"),
    "policy_statements": (OF_POLICY, "policy, position"),
    "policy_statement_actions": (_OF_STATEMENT, "statement, element, position"),
    "policy_statement_resources": (_OF_STATEMENT, "statement, element, position"),
    "policy_statement_principals": (_OF_STATEMENT, "statement, element, position"),
    "policy_statement_conditions": (_OF_STATEMENT, "statement, position"),
    "policy_notes": (OF_POLICY, "policy, position"),
    "policy_fragments": (_OF_DOCUMENT, "policy_document, position"),
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

_WRONG = {
    STRING: "typeof({0}) not in ('text', 'null')",
    INTEGER: "typeof({0}) not in ('integer', 'null')",
    BOOLEAN: "{0} not in (0, 1)",
    DATE: "{0} is not date({0}, '+0 days')",  # which makes 1 March of 29 February in most years
}
"""Which values of a column are not of its type, by type."""


class SearchNames(NamedTuple):
    """The names of one kind that a search finds."""

    kind: str
    names: list[str]
    descriptions: list[str | None]
    access_levels: list[str | None]
    """Those of actions; None for others."""


@dataclass(frozen=True, slots=True)
class Content:
    """Part of a catalog that an export is made of."""

    connection: sqlite3.Connection
    services: tuple[str, ...] | None
    """The prefixes of the chosen services, sorted; None for all, also those that are gone."""
    as_of: str | None

    def rows(
        self, table: str, columns: Sequence[str], booleans: Set[str] = frozenset()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield *columns* of a table or view of `EXPORTED`, in its order.

        Those in *booleans* as such; dates are texts (ISO 8601).
        """
        clause, order = EXPORTED[table]
        sql = f"select {', '.join(columns)} from {table} where {{chosen}} order by {order}"
        places = [place for place, column in enumerate(columns) if column in booleans]
        rows = self._ask(sql, clause)
        return _with_booleans(rows, places) if places else rows

    def service_prefixes(self) -> list[str]:
        """Return the prefixes of the current services, sorted."""
        sql = "select service_prefix from services where {chosen} order by service_prefix"
        return [prefix for (prefix,) in self._ask(sql, OWN).fetchall()]

    def removed_actions(self) -> list[str]:
        """Return the actions that no source states any more, sorted."""
        sql = "select action from removed_actions where {chosen} order by action"
        return [name for (name,) in self._ask(sql, BY_NAME).fetchall()]

    def policy_texts(self) -> dict[str, str]:
        """Return the text of each sample policy by its key."""
        return dict(self._ask("select policy, text from policies where {chosen}", OF_POLICY))

    def documents(self) -> list[tuple[str, str | None]]:
        """Return the title and the address of each document with sample policies."""
        return self._ask(
            "select coalesce(title, policy_document), coalesce(url, url_then)"
            " from policy_documents where {chosen} order by policy_document",
            _OF_DOCUMENT,
        ).fetchall()

    def figures(self) -> dict[str, Any]:
        """Return the figures of `facts.about`, and how many operations and policies there are."""
        found = figures(lambda sql, table: self._ask(sql, EXPORTED[table][0]))
        for name in ("operations", "policies"):
            sql = f"select count(*) from {name} where {{chosen}}"
            found[name] = self._ask(sql, EXPORTED[name][0]).fetchone()[0]
        return found

    def _ask(self, sql: str, clause: str) -> sqlite3.Cursor:
        """Ask *sql*, whose `{chosen}` stands for *clause*; without chosen services all rows fit."""
        named = {f"s{number}": prefix for number, prefix in enumerate(self.services or ())}
        marks = ", ".join(f":{name}" for name in named)
        fits = "1" if self.services is None else clause.replace("{services}", marks)
        return self.connection.execute(sql.replace("{chosen}", fits), named)


def _with_booleans(rows: Iterator[tuple[Any, ...]], places: list[int]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = bool(values[place])
        yield tuple(values)


@contextmanager
def open_content(
    connection: sqlite3.Connection,
    as_of: str | None,
    services: tuple[str, ...] | None,
    types: Mapping[str, Mapping[str, str]],
) -> Iterator[Content]:
    """Open what *connection*, which shows the catalog at *as_of*, has of *services*.

    *types* are those of the columns, in the words of Table Schema, by table and column. Raises
    `CatalogError` for a catalog with a value that is not of its column's type.
    """
    connection.execute("begin")
    try:
        _refuse_damage(connection, types)
        if as_of is None:
            yield Content(connection, services, None)
        else:
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                copy_at(connection, as_of, copy)
                yield Content(copy, services, as_of)
    finally:
        connection.rollback()


def _refuse_damage(connection: sqlite3.Connection, types: Mapping[str, Mapping[str, str]]) -> None:
    # Not the views: they are made of the tables.
    rows = connection.execute("select name from sqlite_master where type = 'table'")
    stored = {name for (name,) in rows}
    for table, columns in types.items():
        if table in stored:
            _refuse_damaged(connection, table, columns)


def _refuse_damaged(connection: sqlite3.Connection, table: str, columns: Mapping[str, str]) -> None:
    wrong = {column: _WRONG[kind].format(column) for column, kind in columns.items()}
    anywhere = " or ".join(wrong.values())
    if not connection.execute(f"select 1 from {table} where {anywhere}").fetchone():
        return
    for column, clause in wrong.items():
        sql = f"select {column} from {table} where {clause}"
        for (value,) in connection.execute(sql).fetchmany(1):
            raise CatalogError(
                f"The catalog is damaged: {table}.{column} has {value!r}, which is not of type "
                f"{columns[column]}. Rebuild it with: python -m scraper build"
            )


def operation_keys(connection: sqlite3.Connection, prefix: str) -> list[list[str]]:
    """Return the keys of each operation of a service, one for each SDK client; by its name."""
    rows = connection.execute(
        "select operation, name from operations where service_prefix = ? order by name, operation",
        (prefix,),
    ).fetchall()
    groups = groupby(rows, key=lambda row: row[1].lower())
    return [[key for key, _ in same] for _, same in groups]


def search_names(connection: sqlite3.Connection) -> list[SearchNames]:
    """Return what `facts.search` finds by full text, kind by kind, sorted without case."""
    found = []
    for table, key, column in schema.SEARCHED:
        level = "access_level" if table == "actions" else "null"
        rows = connection.execute(
            f"select {key}, {column or 'null'}, {level} from {table} order by {key} collate nocase"
        ).fetchall()
        names, texts, levels = ([row[place] for row in rows] for place in range(3))
        found.append(SearchNames(KINDS[table], names, texts, levels))
    return found


def names_of_services(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the prefixes of the services that go by each name, which is folded.

    Every name is also there without *Amazon* or *AWS*; with another one of these only where that
    makes a difference.
    """
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        "select service_prefix from services union select alias from service_aliases"
    )
    for name in sorted({each for (text,) in rows for each in spellings(text)}, key=len):
        prefixes = services_named(connection, name)
        if prefixes and found.get(spellings(name)[1]) != prefixes:
            found[name] = prefixes
    return found


def arn_formats_by_type(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the resource types with their ARN formats, sorted."""
    return connection.execute(
        "select resource_type, format from arn_formats join resource_types using (resource_type)"
        " order by 1, 2"
    ).fetchall()
