"""The items of Action and NotAction, each read once for all policies.

Semantics: IAM User Guide, "IAM JSON policy elements: Action". The prefix and the name of an action
compare without case; `*` and `?` can stand in the name, and `*` alone is every action of every
service. Text with `${…}` is unknown, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

from iam_catalog.cache import BoundedCache
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.check.notes import EXAMPLES, Note, as_of, count, listed
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.service import CHANGING, Service
from iam_catalog.policy.service_facts import Dependent, ServiceFacts

EVERYTHING = ("*", "*:*")

State = Literal["one", "several", "everything", "unknown"]

NO_TYPES: frozenset[str] = frozenset()
NO_DEPENDENTS: Mapping[str, Sequence[Dependent]] = {}


class ActionItem:
    """What an item of Action stands for in the catalog: here, nothing that can be told.

    There are tens of thousands of them, and as many parts as they have: so the class has slots.
    """

    __slots__ = ("key", "notes", "service", "text", "unheld")

    state: State = "unknown"
    names: tuple[str, ...] = ()
    """The actions, full names in lower case, sorted."""
    types: frozenset[str] | None = None
    """The resource types that any of the actions takes; None where the catalog can not tell which
    ARNs they take."""
    required: tuple[frozenset[str], ...] = ()
    """The types that each page requires for a single action."""
    dependents: Mapping[str, Sequence[Dependent]] = NO_DEPENDENTS
    """What the actions list as dependent, and is not one of them, by its name in lower case."""
    unlisted: tuple[str, ...] = ()
    """Those of the actions, as AWS spells them, of which no dependent actions are known."""
    grants: Note | None = None
    """What a pattern allows that changes something."""
    notable = True
    """There may be something to say of it alone: notes, dependent actions, what it grants."""

    def __init__(
        self,
        text: str,
        service: Service | None = None,
        notes: tuple[Note, ...] = (),
        unheld: str | None = None,
    ) -> None:
        self.text = text
        self.key = text.lower()
        self.service = service
        self.notes = notes
        self.unheld = unheld
        """The prefix as written, where the catalog does not hold its service."""

    def has(self, action: str) -> bool:  # noqa: ARG002   of this text nothing is known
        """Whether an action in lower case is one of these, or may be."""
        return "${" in self.text

    @property
    def spelled(self) -> str:
        """AWS's spelling of a single action, else the text as written."""
        return self.text


class EveryAction(ActionItem):
    """`*`."""

    __slots__ = ()
    state: State = "everything"

    def has(self, action: str) -> bool:  # noqa: ARG002   all are
        return True


class HeldAction(ActionItem):
    """An item of a service that the catalog holds."""

    __slots__ = ()
    service: Service

    def source(self) -> tuple[Evidence, ...]:
        """Where the rows of the first action stand."""
        return self.service.source(self.names[0])


class SingleAction(HeldAction):
    """The name of an action of the catalog."""

    __slots__ = ("dependents", "notable", "unlisted")
    state: State = "one"

    def __init__(
        self,
        text: str,
        service: Service,
        key: str,
        dependents: Mapping[str, Sequence[Dependent]] | None,
        unlisted: bool = False,
    ) -> None:
        self.text = text
        self.key = key
        self.service = service
        self.notes = ()
        self.unheld = None
        self.notable = dependents is not None or key in service.held_in_part
        self.dependents = dependents or NO_DEPENDENTS
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
        self, facts: ServiceFacts, text: str, service: Service, names: tuple[str, ...]
    ) -> None:
        super().__init__(text, service)
        self.facts = facts
        self.names = names
        self.name_set = frozenset(names)

    def has(self, action: str) -> bool:
        return action in self.name_set

    @cached_property
    def types(self) -> frozenset[str] | None:  # type: ignore[override]
        told, of_others = self.service.told_types, self.service.no_types
        found = {told.get(name, of_others) for name in self.names}
        return None if None in found else NO_TYPES.union(*[each for each in found if each])

    @cached_property
    def dependents(self) -> Mapping[str, Sequence[Dependent]]:  # type: ignore[override]
        held = self.facts.dependents
        found: dict[str, list[Dependent]] = {}
        for action in self.names:
            for name, rows in held.get(action, NO_DEPENDENTS).items():
                if name not in self.name_set:
                    found.setdefault(name, []).extend(rows)
        return found

    @cached_property
    def unlisted(self) -> tuple[str, ...]:  # type: ignore[override]
        found = self.facts.without_dependents & self.name_set
        return tuple([self.service.actions[name] for name in sorted(found)])

    @cached_property
    def grants(self) -> Note | None:  # type: ignore[override]
        """The gravest: management of permissions, else changes."""
        changing = self.service.changing
        rows = [changing[name] for name in self.names if name in changing]
        held = {row[1] for row in rows}
        level = next((each for each in CHANGING if each in held), None)
        if level is None:
            return None
        rows = [row for row in rows if row[1] == level]
        said = f"{quoted(self.text)} allows {count(len(rows), 'action')} of the access"
        said += f" level {level}{as_of(self.service.date)}: {listed([row[0] for row in rows])}."
        evidence = tuple([Evidence(*row[2:]) for row in rows[:EXAMPLES]])
        return Note(CODE_OF_LEVEL[level], said, evidence)


CODE_OF_LEVEL = {
    "Permissions management": "wildcard-grants-permissions-management",
    "Write": "wildcard-grants-write",
}


class ActionReader:
    """Reads items of Action against one catalog, and keeps what it read."""

    def __init__(self, facts: ServiceFacts) -> None:
        self.facts = facts
        self.items: BoundedCache[ActionItem] = BoundedCache()
        self._nearest: BoundedCache[str | None] = BoundedCache()
        self._services: BoundedCache[Service] = BoundedCache()

    def read(self, text: str) -> ActionItem:
        """What an item is, read anew: those that are kept are in `items`."""
        return self.items.keep(text, self._read(text))

    def _read(self, text: str) -> ActionItem:
        prefix, _, name = text.partition(":")
        service = self.service(prefix) if name and prefix else None
        if service is not None and "${" not in name:
            key = text.lower()
            if key in service.actions:
                unlisted = key in self.facts.without_dependents
                return SingleAction(text, service, key, self.facts.dependents.get(key), unlisted)
            if "*" in name or "?" in name:
                return self.of_pattern(text, name, service)
            return ActionItem(text, service, self.unknown(text, service))
        if text in EVERYTHING:
            return EveryAction(text)
        if not (prefix and name) or "${" in text or "*" in prefix or "?" in prefix:
            return ActionItem(text)  # the grammar's business, or nobody's
        return self.of_unheld(text, prefix)

    def service(self, prefix: str) -> Service | None:
        """The service of a prefix as it is written."""
        held = self._services.get(prefix)
        if held is None and (held := self.facts.service(prefix)) is not None:
            self._services.keep(prefix, held)
        return held

    def of_pattern(self, text: str, name: str, service: Service) -> ActionItem:
        names = service.expand(name)
        if names:
            return ActionPattern(self.facts, text, service, names)
        notes = (self.no_match(text, service),) if service.actions_known else ()
        return ActionItem(text, service, notes)

    def of_unheld(self, text: str, prefix: str) -> ActionItem:
        """An item of a service that the catalog does not hold: it may know why."""
        had_actions, others = self.facts.unheld(prefix)
        if had_actions and (removed := self.removed(text)) is not None:
            return ActionItem(text, notes=(removed,))
        if not others:
            return ActionItem(text, unheld=prefix)
        name = text.partition(":")[2]
        said = f"{quoted(prefix)} is another name of a service whose prefix is "
        said += f"{' or '.join(others)}."
        better = " or ".join(f"{other}:{name}" for other in others[:EXAMPLES])
        return ActionItem(text, notes=(Note("service-name-as-prefix", said, suggestion=better),))

    def no_match(self, text: str, service: Service) -> Note:
        said = f"{quoted(text)} matches no action of {service.prefix!r} in the catalog"
        said += f"{as_of(service.date)}."
        return Note("pattern-matches-nothing", said, service.table("actions", "action"))

    def unknown(self, text: str, service: Service) -> tuple[Note, ...]:
        """What is said of an action that no current page of a held service documents."""
        if (removed := self.removed(text)) is not None:
            return (removed,)
        if not service.actions_known:
            return ()
        from iam_catalog.facts.operations import described, find_operation

        name = text.partition(":")[2]
        evidence = service.table("actions", "action")
        found = find_operation(self.facts.connection, f"{service.prefix}:{name}")
        if found is not None and found.actions:
            needed = found.actions
            does = f"{listed(needed)} authorize{'s' if len(needed) == 1 else ''} it"
            if found.likely:
                source = f" ({found.likely_source})" if found.likely_source else ""
                does = f"{does}, most likely{source}"
            said = f"{quoted(text)} is an API operation, and no action{as_of(service.date)}: "
            said += f"{does}."
            return (Note("operation-as-action", said, evidence, " and ".join(needed)),)
        said = f"No action {quoted(text)} in the catalog{as_of(service.date)}"
        said += f"; {described(found)}." if found else "."
        return (Note("unknown-action", said, evidence),)

    def removed(self, text: str) -> Note | None:
        found = self.facts.removed(text)
        if found is None:
            return None
        action, gone, evidence = found
        return Note("removed-action", f"{quoted(action)} was {gone}.", (evidence,))

    def nearest(self, item: ActionItem) -> str | None:
        """The actions that an unknown one may be meant as; slow, so not asked of every one.

        None for the name of an operation: it is not a misspelt action, though nearly one perhaps.
        """
        if item.text not in self._nearest:
            from iam_catalog.facts.operations import find_operation
            from iam_catalog.facts.unknown import nearest

            near = []
            if item.service and not find_operation(self.facts.connection, item.text):
                near = nearest(item.text, item.service.actions.values())
            return self._nearest.keep(item.text, " or ".join(near) or None)
        return self._nearest[item.text]
