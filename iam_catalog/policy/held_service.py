"""Answer what a catalog says of one service, each part of it read when it is first asked for.

Names of actions and condition keys compare in lower case, and come back as AWS spells them.
Nothing here changes after it was read.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from iam_catalog.arn.pattern import VARIABLE, fold_stars, literal_start, matcher_of
from iam_catalog.cache import BoundedCache
from iam_catalog.facts import services_held as stored
from iam_catalog.facts.resource_types import formats_of_prefix
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.model import pattern_of

if TYPE_CHECKING:
    from iam_catalog.arn.match import ArnTypes

CHANGING = ("Permissions management", "Write")
"""The access levels of actions that change something, the graver one first."""

NO_TYPES: frozenset[str] = frozenset()
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")
_AFTER_ALL = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class TakenType:
    """A resource type that an action takes."""

    resource_type: str
    """Full name, such as `ec2:instance`."""
    required: bool | None
    """A row of the action marks it so; None where its rows do not say (AWS's JSON does not)."""
    arn_formats: tuple[str, ...]
    """None where no source gives its ARN format."""


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """A current action."""

    action: str
    service_prefix: str
    access_level: str | None
    """The primary level; None where no source gives one."""
    types: tuple[TakenType, ...] | None
    """In the source's order; empty where the action takes only `*`, None where no source of it
    has a place for them."""
    evidence: Evidence
    incomplete: bool = False
    """It may take other resource types too, or other ARN formats of these: a public dataset kept
    one of the pages on which AWS describes it."""


class Needed(NamedTuple):
    """A dependent action, as a source lists it."""

    action: str
    """The action that needs it."""
    dependent_action: str
    """In the spelling of the catalog where it has the action, else as the source writes it."""
    dataset: str | None
    """The public dataset that lists it; None where a page of AWS does."""
    page: str
    line: int | None
    date: str | None
    place: str | None

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.page, self.line, self.date, self.place)


class HeldService:
    """A service that the catalog holds."""

    def __init__(
        self,
        row: stored.ServiceRow,
        connection: Callable[[], sqlite3.Connection],
        arns: Callable[[], ArnTypes],
        expanded: BoundedCache[tuple[str, ...]],
    ) -> None:
        """Take what returns the connection and what tells of ARNs, and the cache for patterns."""
        self.prefix = row.service_prefix
        self.date = row.date
        self.actions_left_out = bool(row.actions_left_out)
        """A source of it has no table of actions."""
        self.actions_known = bool(row.actions_known)
        """Every action that AWS documents of it is in the catalog."""
        self.types_known = bool(row.types_known)
        self.keys_known = bool(row.keys_known)
        self.incomplete = bool(row.incomplete)
        """A source kept one of several pages of AWS."""
        self._connection = connection
        self._arns = arns
        self._expanded = expanded
        self._sources: dict[tuple[str, str | None], tuple[Evidence, ...]] = {}

    # --- its actions

    @cached_property
    def rows(self) -> dict[str, stored.CurrentAction]:
        """The row of each action, by the name in lower case, sorted."""
        rows = stored.actions_of_service(self._connection(), self.prefix)
        return {row.action.lower(): row for row in rows}

    @cached_property
    def actions(self) -> dict[str, str]:
        """AWS's spelling of each action, by the name in lower case, sorted."""
        names = stored.names_of_actions(self._connection(), self.prefix)
        return {name.lower(): name for name in names}

    @cached_property
    def names(self) -> list[str]:
        return sorted(self.actions)

    def expand(self, pattern: str) -> tuple[str, ...]:
        """List the actions that `Describe*` matches: full names in lower case, sorted.

        None for a text with a variable, which no action has (IAM User Guide, "IAM policy elements:
        Variables and tags", section "Where you can use policy variables").
        """
        text = f"{self.prefix}:{pattern}".lower()
        found = self._expanded.get(text)
        if found is None:
            found = self._expanded.keep(text, self._matching(text) if pattern.isascii() else ())
        return found

    def _matching(self, text: str) -> tuple[str, ...]:
        if VARIABLE in text:
            return ()
        pattern = fold_stars(text)
        head = pattern[: literal_start(pattern)]
        if head == pattern:
            return (pattern,) if pattern in self.actions else ()
        first = bisect_left(self.names, head)
        last = bisect_left(self.names, head + _AFTER_ALL)
        if pattern == f"{head}*":
            return tuple(self.names[first:last])
        return tuple(filter(matcher_of(pattern), self.names[first:last]))

    @cached_property
    def changing(self) -> dict[str, stored.ChangingRow]:
        """The actions that change something, with the graver of their access levels."""
        rows = stored.changing_actions(self._connection(), self.prefix)
        found: dict[str, stored.ChangingRow] = {}
        for row in rows:
            found.setdefault(row[0].lower(), row)
        return found

    @cached_property
    def levels(self) -> dict[str, frozenset[str]]:
        """Every access level of each action that has one: an action can have several."""
        found: dict[str, frozenset[str]] = {}
        single: dict[str, frozenset[str]] = {}  # as most actions have
        for action, level in stored.levels_of_actions(self._connection(), self.prefix):
            levels = single.get(level) or single.setdefault(level, frozenset((level,)))
            before = found.get(action.lower())
            found[action.lower()] = levels if before is None else before | levels
        return found

    @cached_property
    def dependents(self) -> dict[str, dict[str, tuple[Needed, ...]]]:
        """What each action needs, by both names in lower case, as `dependent_actions` answers."""
        found: dict[str, dict[str, tuple[Needed, ...]]] = {}
        for row in stored.dependents_of_service(self._connection(), self.prefix):
            found.setdefault(row[0].lower(), {})[row[1].lower()] = (Needed._make(row),)
        return found

    def facts(self, name: str) -> ActionFacts | None:
        """Return what the catalog says of an action, named in lower case; None if it has none."""
        row = self.rows.get(name)
        if row is None:
            return None
        stars = self._stars.get(name, {})
        known = name not in self._without_rows
        types = tuple([self._taken_type(*star) for star in stars.items()]) if known else None
        evidence = Evidence(row.page, row.line, row.last_seen, row.place)
        incomplete = name in self.held_in_part
        return ActionFacts(row.action, self.prefix, row.access_level, types, evidence, incomplete)

    def _taken_type(self, name: str, required: int | None) -> TakenType:
        flag = None if required is None else bool(required)
        return TakenType(name, flag, tuple(self.formats.get(name, ())))

    # --- resource types

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
        rows = stored.taken_types(self._connection(), self.prefix)
        action_before, key = "", ""
        for action, name, _, page in rows:
            names = single.get(name) or single.setdefault(name, frozenset((name,)))
            if action != action_before:  # most have several rows, which follow each other
                action_before, key = action, action.lower()
            before = types.get(key)
            types[key] = names if before is None else before | names
            if page is not None:
                before = of_page.get((key, page))
                of_page[key, page] = names if before is None else before | names
        needed: dict[str, tuple[frozenset[str], ...]] = {}
        for (key, _), names in of_page.items():
            others = needed.get(key)
            needed[key] = (names,) if others is None else (*others, names)
        return types, needed

    @cached_property
    def _stars(self) -> dict[str, dict[str, int | None]]:
        """The types of each action that takes any, in the order of its rows.

        Each with 1 if a row stars it, and None if its rows cannot say.
        """
        found: dict[str, dict[str, int | None]] = {}
        rows = stored.taken_types(self._connection(), self.prefix)
        for action, name, required, _ in rows:
            stars = found.setdefault(action.lower(), {})
            stars[name] = required or stars.get(name, required)
        return found

    @cached_property
    def _without_rows(self) -> frozenset[str]:
        """The actions of which no source has a place for types and keys."""
        connection = self._connection()
        if stored.count_of_actions_with_rows(connection, self.prefix) == len(self.actions):
            return frozenset()
        names = stored.actions_without_rows(connection, self.prefix)
        return frozenset([name.lower() for name in names])

    @cached_property
    def formats(self) -> dict[str, list[str]]:
        """The ARN formats of each resource type, in the order of the pages."""
        return formats_of_prefix(self._connection(), self.prefix)

    @cached_property
    def every_resource(self) -> frozenset[str]:
        """The last parts of its ARN formats with stars for values, such as `log-group:*`."""
        formats = [form for each in self.formats.values() for form in each]
        return frozenset([_PLACEHOLDER.sub("*", form.split(":", 5)[-1]) for form in formats])

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
        actions = [name for name, row in self.rows.items() if row.incomplete]
        unclear = stored.incomplete_types(self._connection(), self.prefix)
        taking = [name for name, types in self.types.items() if not types.isdisjoint(unclear)]
        return frozenset([*actions, *taking])

    @cached_property
    def told_types(self) -> dict[str, frozenset[str] | None]:
        """The types of each action that takes any; None where they, or their ARN formats, are not
        known."""
        if not self.types_known:
            return {}
        unclear = self.types_without_format
        found: dict[str, frozenset[str] | None] = dict(self.types)
        if unclear:
            found |= {
                action: None
                for action, names in self.types.items()
                if not names.isdisjoint(unclear)
            }
        found |= dict.fromkeys(self._without_rows)
        return found | dict.fromkeys(self.held_in_part)

    @property
    def no_types(self) -> frozenset[str] | None:
        """The same of an action that takes none: None where that is not known."""
        return NO_TYPES if self.types_known else None

    def matched(self, arn: str) -> frozenset[str]:
        """Return the resource types of this service that an ARN, or a pattern of one, can be."""
        return self._arns().types_of(pattern_of(arn), self.prefix)

    # --- condition keys

    @cached_property
    def keys(self) -> dict[str, dict[str, frozenset[str] | None]]:
        """The condition keys on the rows of each action, with the types of those rows.

        None where a key is on a row without a type: it holds for every resource.
        """
        found: dict[str, dict[str, frozenset[str] | None]] = {}
        for action, key, beside in stored.keys_of_actions(self._connection(), self.prefix):
            of_action = found.setdefault(action.lower(), {})
            name = key.lower()
            before = of_action.get(name, NO_TYPES)
            of_action[name] = None if beside is None or before is None else before | {beside}
        return found

    @cached_property
    def type_keys(self) -> dict[str, frozenset[str]]:
        """The condition keys of each resource type that has any."""
        found: dict[str, set[str]] = {}
        for name, key in stored.keys_of_types(self._connection(), self.prefix):
            found.setdefault(name, set()).add(key.lower())
        return {name: frozenset(keys) for name, keys in found.items()}

    @cached_property
    def listed_keys(self) -> frozenset[str]:
        """The condition keys that any action or any resource type has."""
        lists = (*self.keys.values(), *self.type_keys.values())
        return NO_TYPES.union(*lists)

    def supports(self, action: str, keys: frozenset[str], types: frozenset[str] | None) -> bool:
        """Return True if the action has one of the *keys*, with resources of the *types* or any.

        A key on the row of a resource type, and a key of a resource type, holds with resources of
        that type alone (Service Authorization Reference, "Actions, resources, and condition keys
        for AWS services", sections "The actions table" and "The resource types table").
        """
        of_action = self.keys.get(action, {})
        for key in keys & of_action.keys():
            beside = of_action[key]
            if types is None or beside is None or beside & types:
                return True
        taken = self.types.get(action, NO_TYPES)
        return any(
            not keys.isdisjoint(self.type_keys.get(name, ()))
            for name in (taken if types is None else taken & types)
        )

    # --- where it is stated

    def table(self, table: str, column: str) -> tuple[Evidence, ...]:
        """Return the sources of a table of this service, for what is not among its rows."""
        rows = stored.sources_of_table(self._connection(), table, column, self.prefix)
        return tuple([Evidence(*row) for row in rows])

    def source(self, action: str, resource_type: str | None = None) -> tuple[Evidence, ...]:
        """Return where the first row of an action is, or the first with a resource type."""
        found = self._sources.get((action, resource_type))
        if found is None:
            row = stored.source_of_action(self._connection(), action, resource_type)
            found = () if row is None else (Evidence(*row),)
            self._sources[action, resource_type] = found
        return found
