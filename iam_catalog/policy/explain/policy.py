"""Explain a policy in plain words, statement by statement.

The words repeat the document, and add what the catalog of a date says about the names in it: which
actions they are, and which of them can take effect on the resources of the statement. What is
allowed in the end depends on every other policy of a request, too: nothing here judges.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.policy.coverage import Covered, StatementResources, covered
from iam_catalog.policy.explain.words import (
    condition_words,
    principal_words,
    resource_words,
    summary,
    verb,
)
from iam_catalog.policy.facts import Matched, PolicyFacts, policy_facts
from iam_catalog.policy.held_service import NO_TYPES
from iam_catalog.policy.model import Kind, Path, Statement, Unresolved
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.statements import (
    as_document,
    read_policy,
    unread_conditions,
    unread_statements,
)


@dataclass(frozen=True, slots=True)
class ExplainedItem:
    """An item of `Action` or `NotAction`."""

    item: str
    actions: int
    """How many actions of the catalog it names."""
    in_effect: int | None = None
    """How many of them can take effect on the statement's resources; None where all can, and for
    `NotAction`."""


@dataclass(frozen=True, slots=True)
class LevelOfActions:
    """The covered actions of one primary access level."""

    access_level: str | None
    """None for actions of which no source gives one."""
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainedResource:
    """A resource of a statement."""

    resource: str
    resource_types: tuple[str, ...]
    """Those that it can be and that an action of the statement takes, the most specific first."""
    text: str | None
    """What else is to be said of it."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Actions, or what the document writes for them, of which the same is to be said."""

    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ExplainedStatement:
    """One statement in words, with the facts behind them."""

    path: Path
    sid: str | None
    effect: str | None
    """`Allow` or `Deny`; None for anything else."""
    text: str
    """The statement in one sentence."""
    items: tuple[ExplainedItem, ...]
    """What stands as `Action`, or as `NotAction` where *all_but* is set, without repeats."""
    all_but: bool
    levels: tuple[LevelOfActions, ...]
    """Every action of the catalog that it covers, by level, in AWS's order of levels."""
    levels_in_effect: tuple[LevelOfActions, ...]
    """Those of them that can take effect on its resources."""
    resources: tuple[ExplainedResource, ...]
    all_but_resources: bool
    """The resources are those of `NotResource`."""
    principals: tuple[str, ...]
    all_but_principals: bool
    conditions: tuple[str, ...]
    """All of them must hold."""
    unread_conditions: tuple[str, ...]
    """Operators, or operators of keys, whose values have types that AWS does not take."""
    without_effect: tuple[Aside, ...]
    """Covered actions that take none of the resources."""
    unknown: tuple[Aside, ...]


@dataclass(frozen=True, slots=True)
class ExplainedService:
    """A service that the policy names."""

    service_prefix: str
    held: bool
    """The catalog has a source of it."""
    date: str | None
    """Of its newest source."""


@dataclass(frozen=True, slots=True)
class ExplainedPolicy:
    """A policy in words, with the facts behind them."""

    file: str
    """As it was named; `-` is standard input, or a value that is in no file."""
    title: str | None
    line: int
    kind: Kind | None
    """What it is attached to, as far as its form or its place tells."""
    version: str | None
    statements: tuple[ExplainedStatement, ...]
    unread_statements: tuple[int, ...]
    """The numbers of those that are not objects."""
    services: tuple[ExplainedService, ...]
    left_open: str | None
    """The text in place of the policy, where the document leaves it open."""


def explain_policy(
    connection: sqlite3.Connection, policy: object, *, kind: Kind | None = None
) -> ExplainedPolicy:
    """Explain what a policy says, in words and as records.

    *policy* is the value of a policy, such as a dict, or its JSON text; *kind* says what it is
    attached to, where its form does not: `identity`, `resource`, `trust`, `scp` or `rcp`.
    Statements come in the order of the policy, actions by name; statements and conditions that
    cannot be read are named as such. Raises `UnreadablePolicy` for a text that is not JSON, and
    `CatalogError` for another *kind*.

    >>> statement = {"Effect": "Allow", "Action": "connect:List*", "Resource": "*"}
    >>> explain_policy({"Statement": statement}).statements[0].text
    'Allows 1 action on every resource.'
    """
    document = as_document(policy, kind)
    read = read_policy(document.value)
    facts = policy_facts(connection)
    return ExplainedPolicy(
        document.file,
        document.title,
        document.line,
        document.kind or policy_kind(read),
        read.version,
        tuple([_explained(facts, document.value, statement) for statement in read.statements]),
        tuple(unread_statements(document.value)),
        tuple(_named_services(facts, read.statements)),
        str(document.value)[2:-1] if isinstance(document.value, Unresolved) else None,
    )


def _explained(facts: PolicyFacts, policy: object, statement: Statement) -> ExplainedStatement:
    held = covered(facts, statement)
    resources = StatementResources(facts.arns, statement)
    in_effect = _in_effect(resources, held)
    levels = tuple(_levels_of(held.names))
    return ExplainedStatement(
        statement.path,
        statement.sid,
        statement.effect,
        summary(statement, held, sum(map(len, in_effect.values()))),
        tuple(_items(facts, statement, held, in_effect)),
        statement.actions is None and statement.not_actions is not None,
        levels,
        levels if in_effect is held.names else tuple(_levels_of(in_effect)),
        tuple(_explained_resources(resources, held)),
        statement.resources is None and statement.not_resources is not None,
        tuple(principal_words(statement)),
        statement.not_principals is not None,
        tuple([condition_words(each) for each in statement.conditions]),
        tuple(unread_conditions(policy, statement)),
        tuple(_without_effect(held, in_effect)),
        tuple(_asides(held.unknown)),
    )


def _in_effect(resources: StatementResources, held: Covered) -> Matched:
    """Return the covered actions that can take effect on the statement's resources.

    Requests for the others are not affected by the statement: see `policy.coverage`.
    """
    if resources.available is None:
        return held.names
    found: Matched = {}
    for service, names in held.names.items():
        taking = tuple([name for name in names if resources.takes(service, name)])
        found[service] = names if len(taking) == len(names) else taking
    return found


def _items(
    facts: PolicyFacts, statement: Statement, held: Covered, in_effect: Matched
) -> Iterator[ExplainedItem]:
    """Yield each item with its number of actions, and how many of them can take effect."""
    is_limited = statement.actions is not None and in_effect is not held.names
    for item, count in held.counts.items():
        effective = None
        if is_limited and count:
            effective = sum(
                len(frozenset(in_effect.get(service, ())).intersection(names))
                for service, names in facts.matching(item).items()
            )
        yield ExplainedItem(item, count, None if effective == count else effective)


def _levels_of(actions: Matched) -> list[LevelOfActions]:
    """Group the actions by level, in AWS's order; those without one come last."""
    found: dict[str | None, list[str]] = {level: [] for level in (*ACCESS_LEVELS, None)}
    for service, names in actions.items():
        rows = service.rows
        for name in names:
            row = rows[name]
            found[row.access_level].append(row.action)
    return [LevelOfActions(level, tuple(actions)) for level, actions in found.items() if actions]


def _explained_resources(resources: StatementResources, held: Covered) -> list[ExplainedResource]:
    """Explain the resources of the statement, with the types that its actions take."""
    taken = _taken_types(held) if any(resources.types.values()) else NO_TYPES
    found = []
    for resource, types in resources.types.items():
        names = tuple([name for name in types if name in taken])
        found.append(ExplainedResource(resource, names, resource_words(resource, names, held)))
    return found


def _taken_types(held: Covered) -> frozenset[str]:
    sets = {
        service.types[name]
        for service, names in held.names.items()
        for name in names
        if name in service.types
    }
    return NO_TYPES.union(*sets)


def _without_effect(held: Covered, in_effect: Matched) -> list[Aside]:
    """Name the covered actions that take none of the statement's resources."""
    starred, others = list[str](), list[str]()
    for service, names in held.names.items():
        if in_effect[service] is names:
            continue
        effective = frozenset(in_effect[service])
        for name in names:
            if name not in effective:
                found = others if name in service.types else starred
                found.append(service.actions[name])
    asides = []
    if starred:
        asides.append(Aside(tuple(starred), f"{verb(starred, 'takes', 'take')} only *"))
    if others:
        text = f"{verb(others, 'takes', 'take')} none of these resources"
        asides.append(Aside(tuple(others), text))
    return asides


def _asides(unknown: Iterable[tuple[str, str]]) -> list[Aside]:
    """Group what is unknown by the reason."""
    found: dict[str, list[str]] = {}
    for item, text in unknown:
        found.setdefault(text, []).append(item)
    return [Aside(tuple(items), text) for text, items in found.items()]


def _named_services(facts: PolicyFacts, statements: Iterable[Statement]) -> list[ExplainedService]:
    """List the services that the statements name, by prefix."""
    items = [
        item for each in statements for item in (*(each.actions or ()), *(each.not_actions or ()))
    ]
    prefixes = {
        item.partition(":")[0].lower()
        for item in items
        if ":" in item and not isinstance(item, Unresolved)
    }
    found = []
    for prefix in sorted(prefix for prefix in prefixes if not set("*?$") & set(prefix)):
        service = facts.service(prefix)
        date = None if service is None else service.date
        found.append(ExplainedService(prefix, service is not None, date))
    return found
