"""Hold the facts of one catalog that policies are read, checked, explained and written by.

`PolicyFacts` reads a service once, when a policy first names it, and of it only what is asked for.
What it was asked about texts of policies it caches up to a bound, so that memory stays flat over
any number of them. `DocumentedKeys` looks up condition keys as policies name them: those of the
catalog, and AWS's global ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from threading import local
from typing import TYPE_CHECKING
from weakref import ref

from iam_catalog.arn.pattern import (
    ANY,
    VARIABLE,
    fold_stars,
    has_wildcard,
    matcher_of,
    split_openings,
)
from iam_catalog.cache import BoundedCache
from iam_catalog.database import Connection
from iam_catalog.facts import services_held as stored
from iam_catalog.facts.about import what_brings_all
from iam_catalog.facts.keys import GLOBAL_KEYS, LISTED_BY_SERVICES, MULTIVALUED, KeyPatterns
from iam_catalog.facts.lookup import as_of, services_named
from iam_catalog.facts.services_held import definitions_of_key, documented_keys
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.grammar.values import is_action
from iam_catalog.policy.held_service import ActionFacts, HeldService, Needed
from iam_catalog.policy.model import Unresolved
from iam_catalog.words import removal_words

if TYPE_CHECKING:
    from iam_catalog.arn.match import ArnTypes


_GLOBAL = {key.lower(): key for key in GLOBAL_KEYS}


@dataclass(frozen=True, slots=True)
class DocumentedKey:
    """A key that a policy names."""

    name: str
    """As AWS writes it: with the placeholder of a tag's key."""
    types: tuple[str, ...]
    """AWS's words; more than one where definitions differ; none where no source has one."""
    is_global: bool
    """Every action has it, or none lists it."""
    documented: frozenset[str]
    """The keys of the catalog that it is, or is a case of, in lower case."""
    evidence: tuple[Evidence, ...]


class DocumentedKeys:
    """The keys of one catalog; compared in lower case."""

    def __init__(self, connection: Callable[[], sqlite3.Connection]) -> None:
        """Take what returns the connection."""
        self._connection = connection
        self._defined: dict[str, tuple[dict[str, None], tuple[Evidence, ...]]] = {}

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Every condition key of the catalog, by its name in lower case."""
        return {key.lower(): key for key in documented_keys(self._connection())}

    @cached_property
    def patterns(self) -> KeyPatterns:
        """Those with a placeholder, in lower case, and AWS's global ones."""
        return KeyPatterns({**self.by_name, **{name.lower(): name for name in GLOBAL_KEYS}})

    def named(self, name: str) -> DocumentedKey | None:
        """Look up a condition key in any case; None for an unknown one."""
        name = name.lower()
        possible = {name, *self.patterns.matching(name)}
        of_everyone = next((key for lower, key in _GLOBAL.items() if lower in possible), None)
        documented = frozenset(possible & self.by_name.keys())
        if of_everyone is None and not documented:
            return None
        spelled = (
            of_everyone
            or self.by_name[
                name if name in documented else min(documented, key=lambda key: -len(key))
            ]
        )
        types, evidence = self._definitions(documented)
        types = tuple(dict.fromkeys((*GLOBAL_KEYS.get(spelled, ()), *types)))
        if spelled in MULTIVALUED:
            types = tuple(f"ArrayOf{each}" for each in types)
        listed = spelled.lower().partition("/")[0] in LISTED_BY_SERVICES
        return DocumentedKey(
            spelled, types, of_everyone is not None and not listed, documented, evidence
        )

    def _definitions(self, keys: frozenset[str]) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
        """Return the types that sources give the keys, and where each definition is stated."""
        types: dict[str, None] = {}
        evidence: tuple[Evidence, ...] = ()
        for key in sorted(keys):
            of_key, stated = self._definitions_of(key)
            types |= of_key
            evidence += stated
        return tuple(types), evidence

    def _definitions_of(self, key: str) -> tuple[dict[str, None], tuple[Evidence, ...]]:
        """Return the same of one key, which is read once: policies name it with many tags."""
        if key not in self._defined:
            rows = definitions_of_key(self._connection(), key)
            types = dict.fromkeys([row[0] for row in rows if row[0]])
            self._defined[key] = types, tuple([Evidence(*row[1:]) for row in rows])
        return self._defined[key]


Matched = dict[HeldService, tuple[str, ...]]
"""Actions by service: full names in lower case, sorted."""


class PolicyFacts:
    """The facts of one catalog; not safe to use from several threads at once."""

    def __init__(self, connection: Callable[[], sqlite3.Connection | None]) -> None:
        """Take what returns the connection, such as a weak reference to it."""
        self._connection = connection
        self.keys = DocumentedKeys(self._connected)
        self._expanded: BoundedCache[tuple[str, ...]] = BoundedCache()
        self._services: dict[str, HeldService] = {}
        self._unheld: BoundedCache[tuple[bool, list[str]]] = BoundedCache()
        self._sources_of_levels: dict[stored.ChangingRow, Evidence] = {}

    @property
    def connection(self) -> sqlite3.Connection:
        return self._connected()

    def _connected(self) -> sqlite3.Connection:
        connection = self._connection()
        assert connection is not None, "asked after its catalog was closed"
        return connection

    @cached_property
    def arns(self) -> ArnTypes:
        """The resource types that ARNs can be."""
        from iam_catalog.arn.match import arn_types  # what only expands patterns does without

        return arn_types(self.connection)

    def forget(self) -> None:
        """Forget the answers about texts of policies, and keep what was read of the catalog."""
        if "arns" in vars(self):
            self.arns.forget()
        self._expanded.clear()
        self._unheld.clear()

    @cached_property
    def date(self) -> str | None:
        """The date as of which the facts of the catalog stand."""
        return as_of(self.connection)

    @cached_property
    def brings_all(self) -> str | None:
        """The step to all of AWS; None where the catalog holds it."""
        return what_brings_all(self.connection)

    # --- services

    @cached_property
    def held(self) -> dict[str, stored.ServiceRow]:
        """Every service by its prefix in lower case, with what its sources say of its tables."""
        return {row.service_prefix.lower(): row for row in stored.held_services(self.connection)}

    def service(self, prefix: str) -> HeldService | None:
        """Return the service of a prefix in any case; None if the catalog does not hold it."""
        prefix = prefix.lower()
        service = self._services.get(prefix)
        if service is None and (row := self.held.get(prefix)) is not None:
            service = HeldService(row, self._connected, lambda: self.arns, self._expanded)
            self._services[prefix] = service
        return service

    @cached_property
    def every_action(self) -> Matched:
        """All actions of the catalog, by service in the order of the actions' names."""
        actions: dict[str, dict[str, str]] = {}
        for name in stored.names_of_all_actions(self.connection):
            prefix = name.partition(":")[0].lower()
            actions.setdefault(prefix, {})[name.lower()] = name
        found: Matched = {}
        for prefix, of_service in actions.items():
            service = self.service(prefix)
            if service is not None:
                if "actions" not in vars(service):
                    service.actions = of_service
                found[service] = tuple(service.names)
        return found

    def unheld(self, prefix: str) -> tuple[bool, list[str]]:
        """Tell of a prefix that is not known whether it had actions, and whose other name it is.

        The latter are the prefixes of the services that it is a title, page slug or SDK client of.
        """
        found = self._unheld.get(prefix)
        if found is None:
            had_actions = stored.had_actions(self.connection, prefix)
            others = services_named(self.connection, prefix)
            found = self._unheld.keep(prefix, (had_actions, others))
        return found

    # --- actions

    def matching(self, pattern: str) -> Matched:
        """Find the actions that a name or pattern of Action stands for, by service.

        Prefix and name compare without case, and both wildcards can be anywhere in the name (IAM
        User Guide, "IAM JSON policy elements: Action"). `*` alone is every action. A policy can
        have no other wildcard in a prefix ("Grammar of the IAM JSON policy language":
        `action_string` is a service namespace, a colon and a name that can include wildcards); the
        answer is what the text matches all the same. None for a text with a variable, which no
        action has ("IAM policy elements: Variables and tags", section "Where you can use policy
        variables").
        """
        prefix, colon, name = pattern.partition(":")
        if not colon:
            return self.every_action if is_every_action(pattern) else {}
        if not pattern.isascii() or VARIABLE in pattern:
            return {}
        if not has_wildcard(prefix):
            service = self.service(prefix)
            names = service.expand(name) if service is not None else ()
            return {service: names} if service is not None and names else {}
        fits = matcher_of(fold_stars(prefix.lower()))
        return {
            service: names
            for service in self.every_action
            if fits(service.prefix.lower()) and (names := service.expand(name))
        }

    def possible(self, item: Unresolved) -> tuple[str | None, tuple[str, ...]]:
        """Find the actions that an item can become which a document leaves open in part.

        Returns the service prefix as it is written, or None where that is open, too; and full names
        in lower case, sorted: none of a service that the catalog does not hold.
        """
        prefix, colon, _ = split_openings(item.pattern)[0][1].partition(":")
        if not colon or has_wildcard(prefix):
            return None, ()
        service = self.service(prefix)
        can_be = matcher_of(fold_stars(item.pattern.lower()))
        return prefix, () if service is None else tuple(filter(can_be, service.names))

    def facts_of(self, names: Iterable[str]) -> dict[str, ActionFacts]:
        """Return facts of the current ones among *names*, by the name in lower case, sorted."""
        found = {}
        for name in sorted({name.lower() for name in names}):
            service = self._service_of(name)
            facts = service.facts(name) if service is not None else None
            if facts is not None:
                found[name] = facts
        return found

    def _service_of(self, action: str) -> HeldService | None:
        return self.service(action.partition(":")[0])

    def sources_of_levels(self, rows: Iterable[stored.ChangingRow]) -> tuple[Evidence, ...]:
        """Return where the access levels of actions that change something are stated."""
        known = self._sources_of_levels
        return tuple([known.get(row) or self._source_of_level(row) for row in rows])

    def _source_of_level(self, row: stored.ChangingRow) -> Evidence:
        found = Evidence(*stored.source_of_level(self.connection, row))
        self._sources_of_levels[row] = found
        return found

    def removed(self, action: str) -> tuple[str, str, Evidence] | None:
        """Return AWS's spelling, since when it is gone in words, and where it was last stated."""
        row = stored.removed_action(self.connection, action)
        if row is None:
            return None
        evidence = Evidence(row.page, row.line, row.last_seen, row.place)
        return row.action, removal_words(row.removed, row.removed_by, row.last_seen), evidence

    def why_unknown(self, item: str) -> str:
        """Say in words why the catalog has no action for an item of a policy.

        It is in the catalog no longer, or not as of a date, or of a service that is not known. None
        of this says that AWS has no such action.
        """
        if isinstance(item, Unresolved) or VARIABLE in item:
            return self._why_open(item)
        prefix, colon, _ = item.partition(":")
        if not colon:
            return "it is not written prefix:Name"
        if not is_action(item):
            return "IAM refuses it: it is not written prefix:Name, without a wildcard in the prefix"
        if (removed := self.removed(item)) is not None:
            return removed[1]
        service = self.service(prefix)
        date = self.date if service is None else service.date
        dated = f" as of {date}" if date else ""
        if service is None:
            return f"the catalog{dated} holds no service {prefix}"
        if service.actions_left_out:
            return f"not in the catalog{dated}, where a source leaves its actions out"
        if has_wildcard(item):
            return f"it matches no action of the catalog{dated}"
        return f"not in the catalog{dated}"

    def _why_open(self, item: str) -> str:
        prefix, names = self.possible(item) if isinstance(item, Unresolved) else (None, ())
        if prefix is None or self.service(prefix) is None or not is_action(item):
            return "the document does not say it"
        dated = f" as of {self.date}" if self.date else ""
        of_service = f"{len(names) or 'no'} action{'' if len(names) == 1 else 's'} of {prefix}"
        return f"the document leaves it open in part: it can be {of_service}{dated}"

    # --- dependent actions

    @cached_property
    def without_dependents(self) -> frozenset[str]:
        """The actions, in lower case, whose dependents no source has a place for."""
        return stored.actions_without_dependents(self.connection)

    def dependents_of(self, names: Iterable[str], *, transitive: bool = False) -> list[Needed]:
        """List what the current ones among *names* need, by action and in AWS's order.

        Each comes once, and no action needs itself, as `iam_catalog.dependent_actions` answers.
        *transitive* follows the dependent actions of each, too, also where they form a cycle.
        """
        found: list[Needed] = []
        asked: set[str] = set()
        wanted = {name.lower() for name in names}
        while wanted:
            asked |= wanted
            level = [needed for name in sorted(wanted) for needed in self._needed(name)]
            found += level
            further = {each.dependent_action.lower() for each in level} - asked
            wanted = further if transitive else set()
        return found

    def _needed(self, action: str) -> Iterable[Needed]:
        service = self._service_of(action)
        found = {} if service is None else service.dependents.get(action, {})
        return chain.from_iterable(found.values())

    def without_known_dependents(self, names: Iterable[str]) -> list[str]:
        """List those of *names* whose dependent actions no source has a place for, sorted."""
        return [row.action for row in self._rows_of(names) if row.without_dependents]

    def with_dependents_in_part(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Group by service those whose dependent actions are known, but perhaps not all."""
        found: dict[str, list[str]] = {}
        for row in self._rows_of(names):
            if row.incomplete and not row.without_dependents:
                found.setdefault(row.action.partition(":")[0], []).append(row.action)
        return found

    def _rows_of(self, names: Iterable[str]) -> Iterator[stored.CurrentAction]:
        """Yield the current ones among *names*, sorted without case."""
        for name in sorted({name.lower() for name in names}):
            service = self._service_of(name)
            if service is not None and name in service.rows:
                yield service.rows[name]


def is_every_action(pattern: str) -> bool:
    """Return True for `*`, however often it is written."""
    return pattern != "" and not pattern.strip(ANY)


class _Memory(local):
    """The facts that a thread asked for last, of a connection that cannot remember its own."""

    connection: sqlite3.Connection | None = None
    state: tuple[int, int] = (0, 0)
    facts: PolicyFacts | None = None


_memory = _Memory()


def policy_facts(connection: sqlite3.Connection) -> PolicyFacts:
    """Return the facts of a connection's catalog, with all that they have read and cached.

    A connection that `database.open_database` opened keeps its own. Of others, such as Datasette's,
    each thread keeps those of the one that it asked last, until the file changes.
    """
    if isinstance(connection, Connection):
        found = connection.cached.get(__name__)
        if not isinstance(found, PolicyFacts):
            found = connection.cached[__name__] = PolicyFacts(ref(connection))
        return found
    state = stored.state_of_file(connection)
    facts = _memory.facts
    if facts is None or _memory.connection is not connection or _memory.state != state:
        facts = PolicyFacts(lambda: connection)
        _memory.connection, _memory.state, _memory.facts = connection, state, facts
    return facts
