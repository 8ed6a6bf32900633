"""A policy with its statements' items read: what every check of it works on."""

from __future__ import annotations

from dataclasses import dataclass

from iam_catalog.cache import BoundedCache
from iam_catalog.policy.check.action_items import ActionItem, ActionReader
from iam_catalog.policy.check.key_facts import KeyReader
from iam_catalog.policy.check.notes import Note
from iam_catalog.policy.check.resource_items import ResourceItem, ResourceReader
from iam_catalog.policy.check.variable_notes import VariableReader
from iam_catalog.policy.records import Kind, Policy, Statement
from iam_catalog.policy.service import Service
from iam_catalog.policy.service_facts import ServiceFacts

MOST_ARNS = 2_000
"""Of a policy with more, no ARN is compared with what actions take, nor with another. There is no
room for so many in the largest policy that AWS takes."""


class Readers:
    """What reads the parts of policies against one catalog."""

    def __init__(self, facts: ServiceFacts) -> None:
        self.facts = facts
        self.keys = KeyReader(facts)
        self.variables = VariableReader(self.keys)
        self.actions = ActionReader(facts)
        self.resources = ResourceReader(facts, self.variables)
        self.missing: BoundedCache[Note] = BoundedCache()
        """What is said of actions without their dependent actions, by both."""


class ReadStatement:
    """A statement whose items were read; None for an element that it does not have."""

    def __init__(self, statement: Statement, readers: Readers, compared: bool = True) -> None:
        self.statement = statement
        self.actions = read_actions(readers, statement.actions)
        self.not_actions = read_actions(readers, statement.not_actions)
        self.notable = [
            (element, index, item)
            for element, items in (("Action", self.actions), ("NotAction", self.not_actions))
            if items
            for index, item in enumerate(items)
            if item.notable
        ]
        """Items of which there is something to say wherever they stand, and where that is."""
        self.resources = read_resources(readers, statement.resources)
        self.not_resources = read_resources(readers, statement.not_resources)
        self.arns = self._arns() if compared else None
        """The ARNs that the statement is limited to; None where it is not, or nobody can tell."""
        self._available: dict[str, frozenset[str]] = {}

    @property
    def allows(self) -> bool:
        return self.statement.effect == "Allow"

    def _arns(self) -> tuple[str, ...] | None:
        if not self.resources or any(item.state != "arn" for item in self.resources):
            return None
        return tuple([item.text for item in self.resources])

    def available(self, service: Service) -> frozenset[str] | None:
        """The resource types of a service that its resources can be; None for all of them."""
        if self.arns is None:
            return None
        types = self._available.get(service.prefix)
        if types is None:
            types = frozenset().union(*[service.matched(arn) for arn in self.arns])
            self._available[service.prefix] = types
        return types


def read_actions(readers: Readers, texts: tuple[str, ...] | None) -> tuple[ActionItem, ...] | None:
    """The items of a list, each read if it was not before."""
    if texts is None:
        return None
    items = tuple(map(readers.actions.items.get, texts))
    if None in items:
        read = readers.actions.read
        return tuple([item or read(text) for item, text in zip(items, texts, strict=True)])
    return items  # type: ignore[return-value]


def read_resources(
    readers: Readers, texts: tuple[str, ...] | None
) -> tuple[ResourceItem, ...] | None:
    if texts is None:
        return None
    kept, read = readers.resources.items, readers.resources.read
    return tuple([kept.get(text) or read(text) for text in texts])


MOST_SUGGESTED = 30
"""So many names of a policy are compared with all names of their service, which is slow."""


@dataclass(slots=True)
class ReadPolicy:
    """A policy on its way through the checks."""

    policy: Policy
    kind: Kind | None
    statements: tuple[ReadStatement, ...]
    readers: Readers
    compared: bool
    """Its ARNs are compared with others: there are not too many."""
    suggested: int = 0

    def may_suggest(self) -> bool:
        """Whether one more suggestion may be looked for; counts it."""
        self.suggested += 1
        return self.suggested <= MOST_SUGGESTED

    @property
    def facts(self) -> ServiceFacts:
        return self.readers.facts


def read_items(policy: Policy, kind: Kind | None, readers: Readers) -> ReadPolicy:
    """Read the items of all statements of a policy."""
    arns = 0
    for each in policy.statements:
        arns += len(each.resources or ()) + len(each.not_resources or ())
    compared = arns <= MOST_ARNS
    statements = tuple([ReadStatement(each, readers, compared) for each in policy.statements])
    return ReadPolicy(policy, kind, statements, readers, compared)
