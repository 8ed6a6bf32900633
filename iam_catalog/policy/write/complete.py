"""The dependent actions that a policy lacks, as statements to add.

A dependent action is what AWS lists beside an action: it may be needed besides. AWS publishes none
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
from iam_catalog.arn.match import arn_types
from iam_catalog.errors import CatalogError
from iam_catalog.policy.action_facts import ActionFacts, action_facts
from iam_catalog.policy.coverage import covered, named_resources, names_action, takes_one_of
from iam_catalog.policy.dependents import (
    Dependent,
    dependents_of,
    held_in_part,
    types_beside,
    without_known_dependents,
)
from iam_catalog.policy.read.given import as_document
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.statements import read_policy
from iam_catalog.policy.read.unread import statement_number, unread_conditions, unread_statements
from iam_catalog.policy.records import Policy, Statement, Unresolved
from iam_catalog.policy.write.compose import statements_of
from iam_catalog.policy.write.grants import GrantedAction, granted_action, groups_of, with_values
from iam_catalog.words import several_pages

UNREAD = "it can not be read"
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
    """What a policy allows, and whose dependent actions are not known."""

    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CompletedPolicy:
    """What a policy lacks, and how it reads with it."""

    missing: tuple[MissingAction, ...]
    statements: tuple[dict[str, Any], ...]
    """To be added; none where nothing is."""
    policy: dict[str, Any]
    """The whole policy with them."""
    placeholders: tuple[str, ...]
    """What is to be filled in before AWS takes the statements."""
    unknown: tuple[UnknownDependents, ...]


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
    value = identity_policy(policy)
    read = read_policy(value)
    denials = [each for each in read.statements if denies_everywhere(value, each)]
    allowed, unknown = allowed_actions(connection, read, denials)
    unread = [f"statement {number}" for number in unread_statements(value)]
    dependents = dependents_of(connection, allowed, transitive=transitive)
    names = {name for each in dependents for name in (each.action, each.dependent_action)}
    held = Statements(connection, read, denials, action_facts(connection, names))
    lacking = [each for each in dependents if not held.grants(each.dependent_action)]
    added = [each for each in lacking if not held.denies(each.dependent_action)]
    granted = with_values(additions(added, held), values or {}, held.arns)
    sids = [each.sid for each in read.statements if each.sid]
    statements = statements_of(groups_of(granted, held.facts), sids)
    types = {each.action: each.resource_types for each in granted}
    open_arns = {arn for each in granted for arn in each.resources} - held.arns
    return CompletedPolicy(
        tuple(missing_action(each, types, held) for each in lacking),
        tuple(statements),
        with_statements(value, statements),
        tuple(placeholder_names(open_arns)),
        (
            *([UnknownDependents(tuple(unread), UNREAD)] if unread else []),
            *unknown,
            *unknown_dependents(connection, allowed),
        ),
    )


def additions(dependents: Sequence[Dependent], held: Statements) -> list[GrantedAction]:
    """The dependent actions, with the ARNs that the policy names for the actions that need them."""
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


def identity_policy(policy: object) -> dict[str, Any]:
    """The value of an identity policy; raises `CatalogError` for anything else."""
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


def allowed_actions(
    connection: sqlite3.Connection, policy: Policy, denials: Sequence[Statement]
) -> tuple[set[str], list[UnknownDependents]]:
    """The actions of the catalog that a policy allows somewhere, and what is not known of it."""
    names: set[str] = set()
    unknown: dict[str, list[str]] = {}
    for statement in policy.statements:
        if statement.effect == "Allow":
            found = covered(connection, statement)
            names |= found.actions
            for item, reason in found.unknown if statement.actions is not None else ():
                unknown.setdefault(reason, []).append(item)
    allowed = {name for name in names if not any(names_action(each, name) for each in denials)}
    return allowed, [
        UnknownDependents(tuple(dict.fromkeys(items)), reason) for reason, items in unknown.items()
    ]


def denies_everywhere(policy: object, statement: Statement) -> bool:
    """The statement denies on every resource, whatever the request."""
    return (
        statement.effect == "Deny"
        and not statement.conditions
        and not unread_conditions(policy, statement)
        and statement.resources is not None
        and any(set(resource) == {"*"} for resource in statement.resources)
    )


class Statements:
    """What a policy says of dependent actions."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        policy: Policy,
        denials: Sequence[Statement],
        facts: Mapping[str, ActionFacts],
    ) -> None:
        self.denials = denials
        """Those that deny everywhere."""
        self.facts = facts
        arns = arn_types(connection)
        self.statements = [
            (statement_number(each.path), each, named_resources(arns, each))
            for each in policy.statements
        ]

    @property
    def arns(self) -> set[str]:
        """Every resource that the statements name."""
        return {arn for _, _, resources in self.statements for arn in resources.types}

    def arns_for(self, actions: Sequence[str]) -> dict[str, list[str]]:
        """The ARNs of the statements that allow any of the actions, by what they can be."""
        found: dict[str, list[str]] = {}
        for _, statement, resources in self.statements:
            if statement.effect != "Allow" or statement.resources is None:
                continue
            if any(names_action(statement, action) for action in actions):
                for arn, types in resources.types.items():
                    for name in types:
                        if arn not in found.setdefault(name, []):
                            found[name].append(arn)
        return found

    def allowing(self, action: str) -> Iterator[tuple[int, bool]]:
        """The statements that allow an action, each with whether it takes one of the resources."""
        facts = self.facts.get(action.lower())
        for number, statement, resources in self.statements:
            if statement.effect == "Allow" and names_action(statement, action):
                yield number, facts is None or takes_one_of(facts, resources)

    def grants(self, action: str) -> bool:
        return any(takes for _, takes in self.allowing(action))

    def denying(self, action: str) -> Iterator[tuple[int, bool]]:
        """The statements that deny an action, each with whether it does so everywhere."""
        for number, statement, _ in self.statements:
            if statement.effect == "Deny" and names_action(statement, action):
                yield number, statement in self.denials

    def denies(self, action: str) -> bool:
        return any(everywhere for _, everywhere in self.denying(action))

    def note(self, action: str) -> str | None:
        """What the statements say of an action that the policy lacks."""
        said = [
            f"statement {number} denies it{'' if everywhere else ' in part'}"
            for number, everywhere in self.denying(action)
        ]
        said += [
            f"statement {number} allows it, on no resource that it takes"
            for number, _ in self.allowing(action)
        ]
        return "; ".join(said) or None


def missing_action(
    dependent: Dependent, types: Mapping[str, tuple[str, ...]], held: Statements
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


def unknown_dependents(
    connection: sqlite3.Connection, allowed: Iterable[str]
) -> list[UnknownDependents]:
    """Those of the allowed actions of which no held source says what they need, or all of it."""
    names = without_known_dependents(connection, allowed)
    found = [UnknownDependents(tuple(names), NO_PLACE)] if names else []
    return found + [
        UnknownDependents(tuple(names), f"some may be missing: {several_pages(prefix)}")
        for prefix, names in held_in_part(connection, allowed).items()
    ]


def with_statements(value: dict[str, Any], added: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A copy of the policy with the statements behind its own."""
    copy = deepcopy(value)
    held = copy.get("Statement")
    own = held if isinstance(held, list) else [held]
    return {**copy, "Statement": [*own, *deepcopy(list(added))]} if added else copy
