"""What a catalog says of one service, each part of it read when a check first asks for it.

Names are compared in lower case and come back as AWS spells them. Nothing here changes after it
was read.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from functools import cached_property

from iam_catalog.arn.match import ArnTypes
from iam_catalog.arn.pattern import matcher_of
from iam_catalog.cache import BoundedCache
from iam_catalog.policy.check.findings import Evidence

CHANGING = ("Permissions management", "Write")
"""The access levels of actions that change something, the graver one first."""

NO_TYPES: frozenset[str] = frozenset()

Change = tuple[str, str, str, int | None, str | None, str | None]
"""An action and an access level of it; page, line, date and place."""


class Service:
    """A service that the catalog holds."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        prefix: str,
        row: tuple[object, ...],
        arns: ArnTypes,
        expanded: BoundedCache[tuple[str, ...]],
    ) -> None:
        """*row* is its date, which of its tables are known, and whether a source of it kept one of
        several pages; *expanded* caches patterns."""
        self.connection = connection
        self.prefix = prefix
        self.arns = arns
        self.expanded = expanded
        date, actions, types, keys, incomplete = row
        self.date = None if date is None else str(date)
        self.actions_known = bool(actions)
        """Every action that AWS documents of it is in the catalog."""
        self.types_known = bool(types)
        self.keys_known = bool(keys)
        self.incomplete = bool(incomplete)

    def rows_of(self, sql: str, case: bool = False) -> sqlite3.Cursor:
        """Rows of a table whose first parameter ranges over the names `prefix:…`."""
        prefix = self.prefix if case else self.prefix.lower()
        return self.connection.execute(sql, (f"{prefix}:", f"{prefix};"))

    @cached_property
    def actions(self) -> dict[str, str]:
        """AWS's spelling of each action, by the name in lower case."""
        rows = self.rows_of("select action from actions where action >= ? and action < ?")
        return {name.lower(): name for (name,) in rows}

    @cached_property
    def names(self) -> list[str]:
        return sorted(self.actions)

    @cached_property
    def changing(self) -> dict[str, Change]:
        """The actions that change something, with the graver of their access levels."""
        rows = self.rows_of(
            "select l.action, l.access_level, l.page, l.line, l.last_seen,"
            " iif(a.page = l.page, a.place, null) from action_access_levels as l"
            " join actions as a on a.action = l.action"
            " where l.action >= ? and l.action < ? and l.access_level in ('Write',"
            " 'Permissions management') order by l.access_level desc"
        )
        return {row[0].lower(): row for row in rows}

    def table(self, table: str, column: str) -> tuple[Evidence, ...]:
        """The sources of a table of this service, for what is not among its rows."""
        rows = self.connection.execute(
            f"select page, min(line), max(last_seen) from {table} where {column} >= ?"
            f" and {column} < ? group by page order by page limit 3",
            (f"{self.prefix}:", f"{self.prefix};"),
        )
        return tuple([Evidence(*row) for row in rows])

    @cached_property
    def types(self) -> dict[str, frozenset[str]]:
        """The resource types, by their full names, of each action that takes any."""
        return self._types_and_required[0]

    @cached_property
    def required(self) -> dict[str, tuple[frozenset[str], ...]]:
        """The types that each source requires for an action, of the sources that require any.

        Rows of a scenario require nothing: it is one of several ways to call the action.
        """
        return self._types_and_required[1]

    @cached_property
    def _types_and_required(
        self,
    ) -> tuple[dict[str, frozenset[str]], dict[str, tuple[frozenset[str], ...]]]:
        types: dict[str, frozenset[str]] = {}
        of_page: dict[tuple[str, str], frozenset[str]] = {}
        single: dict[str, frozenset[str]] = {}  # as most actions take
        for action, name, bare, required, page in self.rows_of(
            "select action, resource_type, resource_type_name, required and scenario is null, page"
            " from action_rows where action >= ? and action < ? and resource_type_name is not null"
        ):
            full = name or f"{self.prefix}:{bare}"
            names = single.get(full) or single.setdefault(full, frozenset((full,)))
            key = action.lower()
            before = types.get(key)
            types[key] = names if before is None else before | names
            if required:
                before = of_page.get((key, page))
                of_page[key, page] = names if before is None else before | names
        needed: dict[str, tuple[frozenset[str], ...]] = {}
        for (key, _), names in of_page.items():
            others = needed.get(key)
            needed[key] = (names,) if others is None else (*others, names)
        return types, needed

    def source(self, action: str, resource_type: str | None = None) -> tuple[Evidence, ...]:
        """Where the first row of an action stands, or the first with a resource type."""
        row = self.connection.execute(
            "select page, line, last_seen, (select place from actions where action = ?1"
            " and actions.page = action_rows.page) from action_rows where action = ?1"
            " and (?2 is null or ?2 = coalesce(resource_type, ?3 || ':' || resource_type_name))"
            " order by position",
            (action, resource_type, self.prefix),
        ).fetchone()
        return () if row is None else (Evidence(*row),)

    @cached_property
    def formats(self) -> dict[str, list[str]]:
        """The ARN formats of each resource type."""
        found: dict[str, list[str]] = {}
        for name, arn_format in self.rows_of(
            "select resource_type, format from arn_formats"
            " where resource_type >= ? and resource_type < ? order by page, line",
            case=True,
        ):
            found.setdefault(name, []).append(arn_format)
        return found

    @cached_property
    def types_without_format(self) -> frozenset[str]:
        """Of the types of actions, those that no source gives an ARN format of."""
        taken = NO_TYPES.union(*set(self.types.values()))
        return frozenset(taken - self.formats.keys())

    @cached_property
    def held_in_part(self) -> frozenset[str]:
        """The actions of which types, keys or dependents may be missing, or ARN formats or keys of
        a type that they take."""
        if not self.incomplete:
            return NO_TYPES
        names = [
            frozenset([name for (name,) in rows])
            for rows in (
                self.rows_of(
                    "select lower(action) from actions where action >= ? and action < ?"
                    " and incomplete"
                ),
                self.rows_of(
                    "select resource_type from resource_types where resource_type >= ?"
                    " and resource_type < ? and incomplete",
                    case=True,
                ),
            )
        ]
        actions, unclear = names
        taking = [name for name, types in self.types.items() if not types.isdisjoint(unclear)]
        return actions.union(taking)

    @cached_property
    def told_types(self) -> dict[str, frozenset[str] | None]:
        """The types of each action that takes any; None where they, or their ARN formats, are not
        known."""
        if not self.types_known:
            return {}
        unclear = self.types_without_format
        told: dict[str, frozenset[str] | None] = dict(self.types)
        if unclear:
            told |= {
                action: None
                for action, names in self.types.items()
                if not names.isdisjoint(unclear)
            }
        return told | dict.fromkeys(self.held_in_part)

    @property
    def no_types(self) -> frozenset[str] | None:
        """The same of an action that takes none: None where that is not known."""
        return NO_TYPES if self.types_known else None

    @cached_property
    def keys(self) -> dict[str, dict[str, frozenset[str] | None]]:
        """The condition keys on the rows of each action, with the types that they stand beside.

        None where a key stands on a row without a type: it holds for every resource.
        """
        found: dict[str, dict[str, frozenset[str] | None]] = {}
        for action, key, beside in self.rows_of(
            "select k.action, condition_key, coalesce(resource_type, resource_type_name)"
            " from action_rows as r join action_condition_keys as k on k.action_row = r.action_row"
            " where r.action >= ? and r.action < ?"
        ):
            of_action = found.setdefault(action.lower(), {})
            name = key.lower()
            before = of_action.get(name, frozenset())
            if beside is None or before is None:
                of_action[name] = None
            else:
                of_action[name] = before | {beside if ":" in beside else f"{self.prefix}:{beside}"}
        return found

    @cached_property
    def type_keys(self) -> dict[str, frozenset[str]]:
        """The condition keys of each resource type that has any."""
        found: dict[str, set[str]] = {}
        for name, key in self.rows_of(
            "select resource_type, condition_key from resource_type_condition_keys"
            " where resource_type >= ? and resource_type < ?",
            case=True,
        ):
            found.setdefault(name, set()).add(key.lower())
        return {name: frozenset(keys) for name, keys in found.items()}

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The actions that `Describe*` matches: full names in lower case, sorted."""
        text = f"{self.prefix}:{pattern}".lower()
        found = self.expanded.get(text)
        return self.expanded.keep(text, self._expand(text)) if found is None else found

    def _expand(self, pattern: str) -> tuple[str, ...]:
        head = fixed_start(pattern)
        first, last = bisect_left(self.names, head), bisect_left(self.names, f"{head}\U0010ffff")
        if pattern == f"{head}*":
            return tuple(self.names[first:last])
        return tuple(filter(matcher_of(pattern), self.names[first:last]))

    def matched(self, arn: str) -> frozenset[str]:
        """The resource types of this service that an ARN, or a pattern of one, can be."""
        return self.arns.types_of(arn, self.prefix)

    def supports(self, action: str, keys: frozenset[str], types: frozenset[str] | None) -> bool:
        """Whether the action has one of the *keys*, with resources of the *types* or with any.

        A key on the row of a resource type, and a key of a resource type, holds with resources of
        that type alone (Service Authorization Reference, "Actions, resources, and condition keys
        for AWS services", sections "The actions table" and "The resource types table").
        """
        of_action = self.keys.get(action, {})
        for key in keys & of_action.keys():
            beside = of_action[key]
            if types is None or beside is None or beside & types:
                return True
        taken = self.types.get(action, frozenset())
        return any(
            not keys.isdisjoint(self.type_keys.get(name, ()))
            for name in (taken if types is None else taken & types)
        )


def fixed_start(text: str) -> str:
    """What stands before the first wildcard or placeholder.

    >>> fixed_start("instance/${InstanceId}")
    'instance/'
    """
    end = len(text)
    for sign in ("${", "*", "?", "{"):
        place = text.find(sign)
        if 0 <= place < end:
            end = place
    return text[:end]
