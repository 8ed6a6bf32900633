"""Find the dependent actions that a policy lacks, as statements to add.

AWS lists dependent actions beside an action, which may need them besides. AWS publishes none
since 2026-07-09, so each comes with the date of its source. A policy lacks it where no statement
that allows it names a resource that it takes; whether these are the right resources, and what other
policies of a principal allow, is not known here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from iam_catalog.arn.format import placeholder_names
from iam_catalog.errors import CatalogError
from iam_catalog.policy.coverage import StatementResources, covered, names_action
from iam_catalog.policy.facts import PolicyFacts, policy_facts
from iam_catalog.policy.held_service import Needed
from iam_catalog.policy.model import Policy, Statement, Unresolved
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.statements import (
    as_document,
    read_policy,
    statement_number,
    unread_conditions,
    unread_statements,
)
from iam_catalog.policy.write.grants import (
    GrantedAction,
    granted_action,
    open_texts,
    types_beside,
    with_values,
)
from iam_catalog.policy.write.statements import groups_of, statements_of
from iam_catalog.policy.write.text import policies_text
from iam_catalog.words import several_pages

_UNREAD = "it cannot be read"
NO_PLACE = "no source that is held has a place for dependent actions"


@dataclass(frozen=True, slots=True)
class MissingAction:
    """A dependent action that a policy lacks."""

    dependent_action: str
    action: str
    """The action of the policy that may need it."""
    access_level: str | None
    """None where the catalog does not hold the dependent action."""
    resource_types: tuple[str, ...]
    """Those that the added statement names; none where it takes only `*`, or they are not known."""
    note: str | None
    """What the policy says of it all the same."""
    page: str
    line: int | None
    """None in a public dataset, which has no lines."""
    date: str | None
    """Of the newest source that lists it."""
    dataset: str | None
    """The public dataset that lists it; None where a page of AWS does."""
    place: str | None = None
    """Where in the dataset; None on a page."""


@dataclass(frozen=True, slots=True)
class UnknownDependents:
    """Allowed actions, or what the policy writes for them, of unknown dependent actions."""

    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CompletedPolicy:
    """The missing dependent actions of a policy, and the policy with them."""

    missing: tuple[MissingAction, ...]
    statements: tuple[dict[str, Any], ...]
    """To be added; none where nothing is."""
    policy: dict[str, Any]
    """The whole policy with them."""
    placeholders: tuple[str, ...]
    """What is to be filled in before AWS takes the statements."""
    unknown: tuple[UnknownDependents, ...]

    def text(self, form: str = "json") -> str:
        """Write the whole policy as the text of a file: `json`, `yaml` or `terraform`."""
        return policies_text([self.policy], form)


def complete_policy(
    connection: sqlite3.Connection,
    policy: object,
    *,
    transitive: bool = False,
    values: Mapping[str, str] | None = None,
) -> CompletedPolicy:
    """Find the dependent actions that an identity policy lacks, and add them to the policy.

    *policy* is the value of a policy, such as a dict, or its JSON text. With *transitive*, the
    dependent actions of dependent actions count, too. Resources are those that the policy names
    for the action that may need them, else AWS's ARN formats, with the placeholders that *values*
    say nothing of; where the catalog does not know what an action takes, `${Resource}` stands for
    all of it. What a statement denies on every resource and without a condition is named as
    missing, but not added.

    Raises `CatalogError` for what is not an identity policy, and `UnreadablePolicy` for a text
    that is not JSON.

    >>> completed = complete_policy(
    ...     {"Statement": {"Effect": "Allow", "Action": "connect:CreateInstance", "Resource": "*"}}
    ... )
    >>> "ds:CreateAlias" in [each.dependent_action for each in completed.missing]
    True
    """
    value = _identity_policy(policy)
    read = read_policy(value)
    denials = [each for each in read.statements if _denies_everywhere(value, each)]
    facts = policy_facts(connection)
    allowed, unknown = _allowed_actions(facts, read, denials)
    unread = [f"statement {number}" for number in unread_statements(value)]
    dependents = facts.dependents_of(allowed, transitive=transitive)
    held = _Statements(facts, read, denials, dependents)
    lacking = [each for each in dependents if not held.grants(each.dependent_action)]
    added = [each for each in lacking if not held.denies(each.dependent_action)]
    granted = with_values(_additions(added, held), values or {}, held.arns)
    sids = [each.sid for each in read.statements if each.sid]
    statements = statements_of(groups_of(granted, held.facts), sids)
    types = {each.action: each.resource_types for each in granted}
    return CompletedPolicy(
        tuple(_missing_action(each, types, held) for each in lacking),
        tuple(statements),
        _with_statements(value, statements),
        tuple(placeholder_names(open_texts(granted) - held.arns)),
        (
            *([UnknownDependents(tuple(unread), _UNREAD)] if unread else []),
            *unknown,
            *_unknown_dependents(facts, allowed),
        ),
    )


def _additions(dependents: Sequence[Needed], held: _Statements) -> list[GrantedAction]:
    """Grant the dependent actions on the ARNs that the policy names for the actions in need."""
    beside = types_beside(dependents, held.facts)
    needing: dict[str, list[str]] = {}
    for each in dependents:
        needing.setdefault(each.dependent_action, []).append(each.action)
    return [
        granted_action(
            name,
            held.facts.get(name.lower()),
            held.arns_for(needing[name]),
            beside=beside[name],
        )
        for name in sorted(needing, key=str.lower)
    ]


def _identity_policy(policy: object) -> dict[str, Any]:
    """Return the value of an identity policy; raises `CatalogError` for anything else."""
    document = as_document(policy)
    kind = document.kind or policy_kind(read_policy(document.value))
    if kind == "identity" and isinstance(document.value, dict):
        return document.value
    found = {
        "resource": "the policy of a resource",
        "trust": "a trust policy",
        "scp": "a service control policy",
        "rcp": "a resource control policy",
    }.get(str(kind), "no policy with statements")
    if isinstance(document.value, Unresolved):
        found = f"no whole policy: {document.value[2:-1]}"
    raise CatalogError(
        "Expected an identity policy, whose statements name no principal, because dependent"
        f" actions are granted to the caller. This is {found}."
    )


def _allowed_actions(
    facts: PolicyFacts, policy: Policy, denials: Sequence[Statement]
) -> tuple[set[str], list[UnknownDependents]]:
    """Find the actions of the catalog that a policy allows somewhere, and what is unknown."""
    names: set[str] = set()
    unknown: dict[str, list[str]] = {}
    for statement in policy.statements:
        if statement.effect == "Allow":
            found = covered(facts, statement)
            names.update(found.actions)
            for item, reason in found.unknown if statement.actions is not None else ():
                unknown.setdefault(reason, []).append(item)
    allowed = {name for name in names if not any(names_action(each, name) for each in denials)}
    return allowed, [
        UnknownDependents(tuple(dict.fromkeys(items)), reason) for reason, items in unknown.items()
    ]


def _denies_everywhere(policy: object, statement: Statement) -> bool:
    """Return True if the statement denies on every resource, whatever the request."""
    return (
        statement.effect == "Deny"
        and not statement.conditions
        and not unread_conditions(policy, statement)
        and statement.resources is not None
        and any(set(resource) == {"*"} for resource in statement.resources)
    )


class _Statements:
    """The statements of a policy, asked about dependent actions."""

    def __init__(
        self,
        facts: PolicyFacts,
        policy: Policy,
        denials: Sequence[Statement],
        dependents: Sequence[Needed],
    ) -> None:
        self.denials = denials
        """Those that deny everywhere."""
        self.facts = facts.facts_of(
            name for each in dependents for name in (each.action, each.dependent_action)
        )
        """Facts of both actions of each pair, by the name in lower case."""
        self._service = facts.service
        self.statements = [
            (statement_number(each.path), each, StatementResources(facts.arns, each))
            for each in policy.statements
        ]

    @property
    def arns(self) -> set[str]:
        """Every resource that the statements name."""
        return {arn for _, _, resources in self.statements for arn in resources.types}

    def arns_for(self, actions: Sequence[str]) -> dict[str, list[str]]:
        """Group the ARNs of the statements that allow any of the actions by what they can be."""
        found: dict[str, list[str]] = {}
        for _, statement, resources in self.statements:
            if statement.effect != "Allow" or statement.resources is None:
                continue
            if any(names_action(statement, action) for action in actions):
                for arn, types in resources.types.items():
                    if isinstance(arn, Unresolved):
                        continue  # what it can be is more than what it is
                    for name in types:
                        if arn not in found.setdefault(name, []):
                            found[name].append(arn)
        return found

    def allowing(self, action: str) -> Iterator[tuple[int, bool]]:
        """Yield the statements that allow an action, and True if it takes one of the resources."""
        name = action.lower()
        service = self._service(name.partition(":")[0]) if name in self.facts else None
        for number, statement, resources in self.statements:
            if statement.effect == "Allow" and names_action(statement, action):
                yield number, service is None or resources.takes(service, name)

    def grants(self, action: str) -> bool:
        return any(takes for _, takes in self.allowing(action))

    def denying(self, action: str) -> Iterator[tuple[int, bool]]:
        """Yield the statements that deny an action, and True if they do so everywhere."""
        for number, statement, _ in self.statements:
            if statement.effect == "Deny" and names_action(statement, action):
                yield number, statement in self.denials

    def denies(self, action: str) -> bool:
        return any(everywhere for _, everywhere in self.denying(action))

    def note(self, action: str) -> str | None:
        """Say what becomes of an action that the policy lacks in the statements that name it."""
        said = [
            f"statement {number} denies it{'' if everywhere else ' in part'}"
            for number, everywhere in self.denying(action)
        ]
        said += [
            f"statement {number} allows it, on no resource that it takes"
            for number, _ in self.allowing(action)
        ]
        return "; ".join(said) or None


def _missing_action(
    dependent: Needed, types: Mapping[str, tuple[str, ...]], held: _Statements
) -> MissingAction:
    known = held.facts.get(dependent.dependent_action.lower())
    return MissingAction(
        dependent.dependent_action,
        dependent.action,
        known.access_level if known else None,
        types.get(dependent.dependent_action, ()),
        held.note(dependent.dependent_action),
        dependent.evidence.page,
        dependent.evidence.line,
        dependent.evidence.date,
        dependent.dataset,
        dependent.evidence.place,
    )


def _unknown_dependents(facts: PolicyFacts, allowed: Iterable[str]) -> list[UnknownDependents]:
    """Group the allowed actions of which no source lists what they need, or all of it."""
    names = facts.without_known_dependents(allowed)
    found = [UnknownDependents(tuple(names), NO_PLACE)] if names else []
    return found + [
        UnknownDependents(tuple(names), f"some may be missing: {several_pages(prefix)}")
        for prefix, names in facts.with_dependents_in_part(allowed).items()
    ]


def _with_statements(value: dict[str, Any], added: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Copy the policy, with the statements behind its own."""
    copy = deepcopy(value)
    held = copy.get("Statement")
    own = held if isinstance(held, list) else [held]
    return {**copy, "Statement": [*own, *deepcopy(list(added))]} if added else copy
