"""Read a policy with the items of its statements, which is what rules work on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from iam_catalog.cache import BoundedCache
from iam_catalog.policy.check.action_items import ActionItem, ActionReader, ActionRule, HeldAction
from iam_catalog.policy.check.condition_keys import (
    KeyReader,
    NamedKey,
    VariableReader,
    VariableRule,
)
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.resource_items import ArnRule, ResourceItem, ResourceReader
from iam_catalog.policy.check.rule import Note, Rule
from iam_catalog.policy.coverage import StatementResources
from iam_catalog.policy.facts import PolicyFacts
from iam_catalog.policy.grammar.conditions import Operator, read_operator
from iam_catalog.policy.held_service import HeldService
from iam_catalog.policy.model import Condition, Kind, Policy, PolicyDocument, Statement

MOST_ARNS = 2_000
"""Of a policy with more, no ARN is compared with what actions take, nor with another. There is no
room for so many in the largest policy that AWS takes."""

_SESSIONS = ("AWS::Transfer::", "aws_transfer_")
"""How the types of resources start whose policies are of sessions (AWS Transfer Family User Guide,
"Creating a session policy for an Amazon S3 bucket", read on 2026-11-29)."""

_MOST_NOTES = 5_000
"""Some of these texts are about all that a policy lacks: few policies share one of them."""

_MOST_SUGGESTED = 30
"""So many names of a policy are compared with all names of their service, which is slow."""


class Readers:
    """Reads the parts of policies against one catalog, and keeps what rules find in their texts."""

    def __init__(self, facts: PolicyFacts, rules: Sequence[Rule]) -> None:
        self.facts = facts
        variable_rules = [rule for rule in rules if isinstance(rule, VariableRule)]
        self.keys = KeyReader(facts)
        self.variables = VariableReader(self.keys, variable_rules)
        self.actions = ActionReader(facts, [rule for rule in rules if isinstance(rule, ActionRule)])
        self.resources = ResourceReader(
            facts, self.variables, [rule for rule in rules if isinstance(rule, ArnRule)]
        )
        self.notes: BoundedCache[Note] = BoundedCache(_MOST_NOTES)
        """What rules keep for themselves, by code and a text that says all that it depends on."""


class ReadStatement:
    """A statement whose items were read; None for an element that it does not have."""

    def __init__(self, statement: Statement, readers: Readers, compared: bool = True) -> None:
        self.statement = statement
        self.actions = _read_actions(readers, statement.actions)
        self.not_actions = _read_actions(readers, statement.not_actions)
        self.notable = [
            (element, index, item)
            for element, items in (("Action", self.actions), ("NotAction", self.not_actions))
            if items
            for index, item in enumerate(items)
            if item.notable
        ]
        """Items in which rules may find something wherever they are written, and where that is."""
        self.resources = _read_resources(readers, statement.resources)
        self.not_resources = _read_resources(readers, statement.not_resources)
        self.refused = _any_of(
            readers.actions.refused, statement.actions, statement.not_actions
        ) or _any_of(readers.resources.refused, statement.resources, statement.not_resources)
        """AWS refuses an item of it."""
        self._named = StatementResources(readers.facts.arns, statement, readers.resources.state_of)
        self.arns = (self._named.arns or None) if compared else None
        """The ARNs that the statement is limited to; None where it is not, or nobody can tell."""

    @property
    def allows(self) -> bool:
        return self.statement.effect == "Allow"

    @cached_property
    def keys(self) -> list[str]:
        """The items of Action in lower case."""
        return [item.key for item in self.actions or ()]

    @cached_property
    def others(self) -> list[tuple[int, ActionItem]]:
        """The items of Action that are not of one action each, with their places in the list."""
        items = enumerate(self.actions or ())
        return [(index, item) for index, item in items if item.state != "one"]

    @cached_property
    def of_iam(self) -> list[tuple[int, ActionItem]]:
        """The items of Action of the service iam, with their places in the list."""
        places = [index for index, key in enumerate(self.keys) if key.startswith("iam:")]
        return [(index, (self.actions or ())[index]) for index in places]

    @cached_property
    def _single(self) -> frozenset[str]:
        return frozenset([item.key for item in self.actions or () if item.state == "one"])

    def unnamed(self, item: HeldAction, *, sure: bool = False) -> set[str]:
        """Return the actions of an item that no item of Action is, nor may be; *sure*: nor is."""
        left = set(item.names).difference(self._single)
        for _, each in self.others:
            if not left:
                break
            if sure and each.is_open:
                continue
            if isinstance(each, HeldAction):
                left.difference_update(each.names)
            else:
                left = {name for name in left if not each.has(name)}
        return left

    def names(self, action: str) -> bool:
        """Return True if an item of Action is an action in lower case, or may be."""
        return action in self._single or any(item.has(action) for _, item in self.others)

    def available(self, service: HeldService) -> frozenset[str] | None:  # noqa: ARG002
        """Return the resource types that its resources can be; None for all of them."""
        return None if self.arns is None else self._named.available

    @property
    def is_open(self) -> bool:
        """Return True if what its resources can be depends on what the document leaves open."""
        return self._named.is_open

    @cached_property
    def has_open(self) -> bool:
        """Return True if what it says depends on what the document leaves open."""
        return self.is_open or any(item.is_open for item in self.actions or ())

    @property
    def certain_types(self) -> frozenset[str] | None:
        """The types of the resources that the document says; None for all of them."""
        return self._named.certain

    @property
    def available_types(self) -> frozenset[str]:
        """The resource types that its ARNs can be; empty where it is not limited to ARNs."""
        return (None if self.arns is None else self._named.available) or frozenset()


def _any_of(held: set[str], *lists: tuple[str, ...] | None) -> bool:
    return bool(held) and any(not held.isdisjoint(texts) for texts in lists if texts)


def _read_actions(readers: Readers, texts: tuple[str, ...] | None) -> tuple[ActionItem, ...] | None:
    """Read the items of a list, each if it was not read before."""
    if texts is None:
        return None
    items = tuple(map(readers.actions.items.get, texts))
    if not all(items):  # no item is false, and `None in items` would compare each
        read = readers.actions.read
        return tuple([item or read(text) for item, text in zip(items, texts, strict=True)])
    return items  # type: ignore[return-value]


def _read_resources(
    readers: Readers, texts: tuple[str, ...] | None
) -> tuple[ResourceItem, ...] | None:
    if texts is None:
        return None
    kept, read = readers.resources.items, readers.resources.read
    return tuple([(kept.get(text) if type(text) is str else None) or read(text) for text in texts])


@dataclass(slots=True)
class ReadPolicy:
    """A policy on its way through the rules."""

    document: PolicyDocument
    policy: Policy
    kind: Kind | None
    statements: tuple[ReadStatement, ...]
    readers: Readers
    compared: bool
    """Its ARNs are compared with others: there are not too many."""
    suggested: int = 0

    def may_suggest(self) -> bool:
        """Return True if one more suggestion may be looked for; count it."""
        self.suggested += 1
        return self.suggested <= _MOST_SUGGESTED

    @property
    def strictness(self) -> Kind | Literal["session"] | None:
        """Return the kind by which AWS is strict: policies of Transfer Family are of sessions."""
        return "session" if (self.document.place or "").startswith(_SESSIONS) else self.kind

    @property
    def facts(self) -> PolicyFacts:
        return self.readers.facts


def read_items(
    document: PolicyDocument, policy: Policy, kind: Kind | None, readers: Readers
) -> ReadPolicy:
    """Read the items of all statements of a policy."""
    arns = 0
    for each in policy.statements:
        arns += len(each.resources or ()) + len(each.not_resources or ())
    compared = arns <= MOST_ARNS
    statements = tuple([ReadStatement(each, readers, compared) for each in policy.statements])
    return ReadPolicy(document, policy, kind, statements, readers, compared)


class PolicyRule(Rule):
    """A rule that looks at a policy as a whole, or for what it looks for in it by itself."""

    def check(self, policy: ReadPolicy) -> Iterable[Finding]:
        """Return the findings, in the order of the policy."""
        raise NotImplementedError


class ReadCondition:
    """A condition of a statement with its key and operator read."""

    __slots__ = ("condition", "key", "operator", "policy", "statement")

    def __init__(self, policy: ReadPolicy, statement: ReadStatement, condition: Condition) -> None:
        self.policy = policy
        self.statement = statement
        self.condition = condition
        self.key: NamedKey = policy.readers.keys.read(condition.key)
        self.operator: Operator | None = read_operator(condition.operator)
        """None for what AWS does not know."""


class ConditionRule(Rule):
    """A rule that is asked of each condition: one operator and one key, with their values."""

    topic = "conditions"
    keys: ClassVar[frozenset[str]] = frozenset()
    """The condition keys, in lower case, that it is asked of alone; empty for all."""

    def check(self, asked: ReadCondition) -> Iterable[Finding]:
        """Return the findings about one condition."""
        raise NotImplementedError


def is_allowed_elsewhere(policy: ReadPolicy, read: ReadStatement, item: HeldAction) -> bool | None:
    """Return True if another statement says the same of all actions of an item, on what they take.

    That statement has no conditions, or the same. None if it depends on what the document leaves
    open.
    """
    found: bool | None = False
    for other in policy.statements:
        if other is read or not other.actions or not _says_more(other.statement, read.statement):
            continue
        available = other.available(item.service)
        certain = other.certain_types if other.is_open else available
        if (certain is None or not item.ruled_out(certain)) and not other.unnamed(item, sure=True):
            return True
        if not (other.has_open or item.is_open):
            continue
        if available is not None and not item.is_open and item.ruled_out(available):
            continue
        left = other.unnamed(item)
        # Of an open item it is enough that the other statement has one of what it can be.
        if not left or (item.is_open and len(left) < len(item.names)):
            found = None
    return found


def _says_more(other: Statement, statement: Statement) -> bool:
    """Return True if a statement has the effect and the principals of another, and no conditions.

    It may have the same conditions.
    """
    if other.effect != statement.effect or other.principals != statement.principals:
        return False
    written = {(each.operator, each.key, each.values) for each in other.conditions}
    return written <= {(each.operator, each.key, each.values) for each in statement.conditions}
