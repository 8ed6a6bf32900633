"""Read the items of Action and NotAction, each once for all policies.

Semantics: IAM User Guide, "IAM JSON policy elements: Action". The prefix and the name of an action
compare without case; `*` and `?` can stand in the name, and `*` alone is every action of every
service. Text with a variable is unknown, and nothing is said of it. What a document leaves open in
part can be any of the actions that its text allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal

from iam_catalog.arn.pattern import matcher_of
from iam_catalog.cache import BoundedCache, keep_text
from iam_catalog.facts.services_held import ChangingRow
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.check.rule import Note, Rule
from iam_catalog.policy.facts import PolicyFacts
from iam_catalog.policy.grammar.values import is_action
from iam_catalog.policy.held_service import CHANGING, HeldService, Needed
from iam_catalog.policy.model import Unresolved, pattern_of
from iam_catalog.records import Operation

EVERYTHING = ("*", "*:*")

State = Literal["one", "several", "everything", "unknown"]

_MOST_ITEMS = 60_000
"""So many texts are kept: all actions of AWS, some 20,000, and the patterns and the misspelt names
that people write beside them. With fewer, a lake of policies reads them again and again."""

_MOST_KEPT = 50
"""A pattern remembers for so many sets of resource types what they rule out."""

NO_TYPES: frozenset[str] = frozenset()
_NO_DEPENDENTS: Mapping[str, Sequence[Needed]] = {}

Removed = tuple[str, str, Evidence]
"""AWS's spelling of an action, since when it is gone, and where it was last documented."""


class ActionItem:
    """An item of Action in the words of the catalog: here, one that it cannot tell of.

    There are tens of thousands of them, and as many parts as they have: so the class has slots.
    """

    __slots__ = ("key", "notes", "service", "text", "unheld")

    state: State = "unknown"
    names: tuple[str, ...] = ()
    """The actions, full names in lower case, sorted."""
    types: frozenset[str] | None = None
    """The resource types that any of the actions takes; None where the catalog cannot tell which
    ARNs they take."""
    required: tuple[frozenset[str], ...] = ()
    """The types that each page requires for a single action."""
    dependents: Mapping[str, Sequence[Needed]] = _NO_DEPENDENTS
    """The actions that they list as dependent, but for themselves, by names in lower case."""
    unlisted: tuple[str, ...] = ()
    """Those of the actions, as AWS spells them, of which no dependent actions are known."""
    changes: Sequence[ChangingRow] = ()
    """Those that change something: of the most serious access level that a pattern matches."""
    refused = False
    """AWS's grammar does not take it, which says all that there is to say."""
    is_open = False
    """The document leaves it open in part: `names` and `types` are all that it can become."""
    notable = True
    """Rules may find something in it alone: notes, dependent actions, what it grants."""

    def __init__(
        self, text: str, service: HeldService | None = None, unheld: str | None = None
    ) -> None:
        self.text = text
        self.key = pattern_of(text).lower()
        self.service = service
        self.notes: tuple[Note, ...] = ()
        """What rules find in the text, wherever it is written."""
        self.unheld = unheld
        """The prefix as written, where the catalog does not hold its service."""

    def has(self, action: str) -> bool:  # noqa: ARG002   of this text nothing is known
        """Return True if an action in lower case is one of these, or may be."""
        return "${" in self.text

    @property
    def spelled(self) -> str:
        """Return AWS's spelling of a single action, else the text as written."""
        return self.text


class RefusedAction(ActionItem):
    """An item that AWS's grammar does not take."""

    __slots__ = ()
    refused = True
    notable = False

    def has(self, action: str) -> bool:  # noqa: ARG002   it is not an action
        return False


class EveryAction(ActionItem):
    """`*`."""

    __slots__ = ()
    state: State = "everything"

    def has(self, action: str) -> bool:  # noqa: ARG002   all are
        return True


class UndocumentedAction(ActionItem):
    """An item for which no source of the catalog documents an action."""

    __slots__ = ("operation", "other_names", "removed")

    def __init__(
        self,
        text: str,
        service: HeldService | None = None,
        *,
        removed: Removed | None = None,
        operation: Operation | None = None,
        other_names: Sequence[str] = (),
    ) -> None:
        super().__init__(text, service)
        self.removed = removed
        self.operation = operation
        """The API operation that has this name."""
        self.other_names = other_names
        """Prefixes of the services that the item's prefix is another name of."""

    @property
    def is_pattern(self) -> bool:
        return "*" in self.text or "?" in self.text


class HeldAction(ActionItem):
    """An item of a service that the catalog holds."""

    __slots__ = ()
    service: HeldService

    def source(self) -> tuple[Evidence, ...]:
        """Return where the first row of the first action is."""
        return self.service.source(self.names[0])

    def ruled_out(self, available: frozenset[str]) -> frozenset[str]:
        """Return its actions, in lower case, that take none of the resource types."""
        told, of_others = self.service.told_types, self.service.no_types
        return frozenset(
            [
                name
                for name in self.names
                if (types := told.get(name, of_others)) is not None and types.isdisjoint(available)
            ]
        )


class SingleAction(HeldAction):
    """Name of an action of the catalog."""

    __slots__ = ("dependents", "notable", "unlisted")
    state: State = "one"

    def __init__(
        self,
        text: str,
        service: HeldService,
        key: str,
        dependents: Mapping[str, Sequence[Needed]] | None,
        unlisted: bool = False,
    ) -> None:
        self.text = text
        self.key = key
        self.service = service
        self.notes = ()
        self.unheld = None
        in_part = service.incomplete and key in service.held_in_part
        self.notable = dependents is not None or unlisted or in_part
        self.dependents = dependents or _NO_DEPENDENTS
        self.unlisted = (service.actions[key],) if unlisted else ()

    def has(self, action: str) -> bool:
        return action == self.key

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        return (self.key,)

    @property
    def types(self) -> frozenset[str] | None:  # type: ignore[override]
        return self.service.told_types.get(self.key, self.service.no_types)

    @property
    def required(self) -> tuple[frozenset[str], ...]:  # type: ignore[override]
        return self.service.required.get(self.key, ())

    @property
    def spelled(self) -> str:
        return self.service.actions[self.key]


class ActionPattern(HeldAction):
    """A pattern that matches actions of the catalog."""

    state: State = "several"

    def __init__(
        self, facts: PolicyFacts, text: str, service: HeldService, names: tuple[str, ...]
    ) -> None:
        super().__init__(text, service)
        self.facts = facts
        self.names = names
        self.name_set = frozenset(names)
        self._ruled_out: dict[frozenset[str], frozenset[str]] = {}

    def ruled_out(self, available: frozenset[str]) -> frozenset[str]:
        found = self._ruled_out.get(available)
        if found is None:
            if len(self._ruled_out) >= _MOST_KEPT:
                self._ruled_out.clear()
            found = self._ruled_out[available] = super().ruled_out(available)
        return found

    def has(self, action: str) -> bool:
        return action in self.name_set

    @cached_property
    def types(self) -> frozenset[str] | None:  # type: ignore[override]
        told, of_others = self.service.told_types, self.service.no_types
        found = {told.get(name, of_others) for name in self.names}
        return None if None in found else NO_TYPES.union(*[each for each in found if each])

    @cached_property
    def dependents(self) -> Mapping[str, Sequence[Needed]]:  # type: ignore[override]
        found: dict[str, list[Needed]] = {}
        for action, needed in self.service.dependents.items():
            if action in self.name_set:
                for name, rows in needed.items():
                    if name not in self.name_set:
                        found.setdefault(name, []).extend(rows)
        return found

    @cached_property
    def unlisted(self) -> tuple[str, ...]:  # type: ignore[override]
        found = self.facts.without_dependents & self.name_set
        return tuple([self.service.actions[name] for name in sorted(found)])

    @cached_property
    def changes(self) -> Sequence[ChangingRow]:  # type: ignore[override]
        changing = self.service.changing
        return gravest([changing[name] for name in self.names if name in changing])


class OpenText(ActionItem):
    """An item that the document leaves open in part, of a service that is open or not held."""

    __slots__ = ("_matches",)
    is_open = True

    def __init__(self, text: Unresolved, unheld: str | None = None) -> None:
        super().__init__(text, unheld=unheld)
        self._matches = matcher_of(self.key)

    def has(self, action: str) -> bool:
        return self._matches(action)


class OpenAction(HeldAction):
    """An item that the document leaves open in part, and that can be an action of the catalog."""

    is_open = True

    def __init__(self, text: Unresolved, service: HeldService, names: tuple[str, ...]) -> None:
        super().__init__(text, service)
        self.names = names
        told, of_others = service.told_types, service.no_types
        found = {told.get(name, of_others) for name in names}
        self.types = None if None in found else NO_TYPES.union(*[each for each in found if each])

    def has(self, action: str) -> bool:
        return action in self.names


def gravest(rows: Sequence[ChangingRow]) -> list[ChangingRow]:
    """Return those of the most serious access level among the rows."""
    levels = {row[1] for row in rows}
    level = next((level for level in CHANGING if level in levels), None)
    return [row for row in rows if row[1] == level]


class ActionRule(Rule):
    """A rule about the text of an item that is not documented, wherever it is written.

    Asked once of each text: what it answers is kept with the item.
    """

    topic = "actions"

    def notes(self, item: UndocumentedAction) -> Iterable[Note]:
        """Yield what is wrong with the item."""
        raise NotImplementedError


class ActionReader:
    """Reads items of Action against one catalog, and keeps what it read."""

    def __init__(self, facts: PolicyFacts, rules: Sequence[ActionRule]) -> None:
        self.facts = facts
        self.rules = rules
        self.items: BoundedCache[ActionItem] = BoundedCache(_MOST_ITEMS)
        self.refused: set[str] = set()
        """The items that AWS refuses."""
        self._nearest: BoundedCache[str | None] = BoundedCache()
        self._services: BoundedCache[HeldService] = BoundedCache()

    def read(self, text: str) -> ActionItem:
        """Read an item anew; look in `items` first.

        What has `${` is not kept: one document can leave open what another one writes.
        """
        item = self._read(text)
        is_kept = "${" not in text and not isinstance(text, Unresolved)
        return self.items.keep(text, item) if is_kept else item

    def _read(self, text: str) -> ActionItem:
        if isinstance(text, Unresolved):
            return self._read_open(text)
        if "${" not in text and not is_action(text):
            keep_text(self.refused, text)
            return RefusedAction(text)
        prefix, _, name = text.partition(":")
        service = self._service(prefix) if name and prefix else None
        if service is not None and "${" not in name:
            return self._read_held(text, service, name)
        if text in EVERYTHING:
            return EveryAction(text)
        if "${" in text:
            return ActionItem(text)
        return self._of_unheld(text, prefix)

    def _read_held(self, text: str, service: HeldService, name: str) -> ActionItem:
        key = text.lower()
        if key in service.actions and text.isascii():
            unlisted = key in self.facts.without_dependents
            return SingleAction(text, service, key, service.dependents.get(key), unlisted)
        if "*" not in name and "?" not in name:
            return self._judged(self._undocumented(text, service))
        if names := service.expand(name):
            return ActionPattern(self.facts, text, service, names)
        return self._judged(UndocumentedAction(text, service))

    def _read_open(self, text: Unresolved) -> ActionItem:
        if not is_action(text):
            keep_text(self.refused, text)
            return RefusedAction(text)
        prefix, names = self.facts.possible(text)
        service = None if prefix is None else self._service(prefix)
        if prefix is None or service is None:
            others = [] if prefix is None else self.facts.unheld(prefix)[1]
            if others:
                return self._judged(UndocumentedAction(text, other_names=others))
            return OpenText(text, prefix)
        if names:
            return OpenAction(text, service, names)
        return self._judged(UndocumentedAction(text, service))

    def _service(self, prefix: str) -> HeldService | None:
        """Return the service of a prefix as it is written."""
        held = self._services.get(prefix)
        if held is None and (held := self.facts.service(prefix)) is not None:
            self._services.keep(prefix, held)
        return held

    def _undocumented(self, text: str, service: HeldService) -> UndocumentedAction:
        removed = self.facts.removed(text)
        operation = None
        if removed is None and service.actions_known:
            from iam_catalog.facts.operations import find_operation

            name = text.partition(":")[2]
            operation = find_operation(self.facts.connection, f"{service.prefix}:{name}")
        return UndocumentedAction(text, service, removed=removed, operation=operation)

    def _of_unheld(self, text: str, prefix: str) -> ActionItem:
        """Read an item of a service that the catalog does not hold: it may know why."""
        had_actions, others = self.facts.unheld(prefix)
        removed = self.facts.removed(text) if had_actions else None
        if removed is None and not others:
            return ActionItem(text, unheld=prefix)
        return self._judged(UndocumentedAction(text, removed=removed, other_names=others))

    def _judged(self, item: UndocumentedAction) -> UndocumentedAction:
        item.notes = tuple([note for rule in self.rules for note in rule.notes(item)])
        return item

    def nearest(self, item: ActionItem) -> str | None:
        """Return the actions that an unknown one may be meant as; slow, so not for every one.

        None for the name of an operation: it is not a misspelt action, though nearly one perhaps.
        """
        if item.text not in self._nearest:
            from iam_catalog.facts.operations import find_operation
            from iam_catalog.facts.unknown import nearest

            near = []
            if item.service and not find_operation(self.facts.connection, item.text):
                near = nearest(item.text, _of_like_verbs(item.text, item.service))
            return self._nearest.keep(item.text, " or ".join(near) or None)
        return self._nearest[item.text]


_VERB = re.compile(r"[A-Za-z]?[a-z0-9]*")
_LIKE_VERB = 0.7
"""How like a verb must be to one of the service, as `difflib` measures it, to be a misspelt one."""


def _of_like_verbs(text: str, service: HeldService) -> list[str]:
    """Return the actions that *text* may be a misspelt name of.

    What looks alike may do something else: `HeadBucket` is not meant as `CreateBucket`. So the verb
    is the same or nearly so, or the access level is one that actions with the verb have.
    """
    from difflib import SequenceMatcher

    verbs: dict[str, list[str]] = {}
    for name in service.actions:
        verbs.setdefault(_verb(service.actions[name]), []).append(name)
    verb = _verb(text)
    if verb in verbs:
        levels = {service.rows[name].access_level for name in verbs[verb]}
        return [row.action for row in service.rows.values() if row.access_level in levels]
    return [
        service.actions[name]
        for other, names in verbs.items()
        if SequenceMatcher(None, other, verb).ratio() >= _LIKE_VERB
        for name in names
    ]


def _verb(action: str) -> str:
    """Return the first word of an action's name, in lower case."""
    match = _VERB.match(action.partition(":")[2])
    return match[0].lower() if match else ""
