"""Explain a policy in plain words, statement by statement.

What it says is what the document says, and what the catalog of a date says of the names in it.
What is allowed in the end depends on every other policy of a request, too: nothing here judges.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from iam_catalog.arn.match import arn_types
from iam_catalog.facts.lookup import as_of
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.policy.action_facts import ActionFacts, action_facts
from iam_catalog.policy.coverage import (
    Covered,
    NamedResources,
    covered,
    named_resources,
    takes_one_of,
)
from iam_catalog.policy.explain.condition_words import condition_words
from iam_catalog.policy.explain.statement_words import (
    principal_words,
    resource_words,
    summary,
    verb,
)
from iam_catalog.policy.read.given import as_document
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.statements import read_policy
from iam_catalog.policy.read.unread import unread_conditions, unread_statements
from iam_catalog.policy.records import Kind, Path, Statement, Unresolved


@dataclass(frozen=True, slots=True)
class ExplainedItem:
    """What stands as an item of `Action` or `NotAction`."""

    item: str
    actions: int
    """How many actions of the catalog it names."""


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
    """What one statement says."""

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
    """What a policy says."""

    file: str
    """As it was named; `-` is standard input, or a value that is in no file."""
    title: str | None
    line: int
    kind: Kind | None
    """What it is attached to, as far as its form or its place tells."""
    version: str | None
    statements: tuple[ExplainedStatement, ...]
    unread_statements: tuple[int, ...]
    """The numbers of those that are no objects."""
    services: tuple[ExplainedService, ...]
    left_open: str | None
    """What stands in place of the policy, where the document does not say it all."""


def explain_policy(
    connection: sqlite3.Connection, policy: object, *, kind: Kind | None = None
) -> ExplainedPolicy:
    """Explain what a policy says, in words and as records.

    *policy* is the value of a policy, such as a dict, or its JSON text; *kind* says what it is
    attached to, where its form does not. Statements come in the order of the policy, actions by
    name; statements and conditions that cannot be read are named as such. Raises
    `UnreadablePolicy` for a text that is not JSON.

    >>> statement = {"Effect": "Allow", "Action": "connect:List*", "Resource": "*"}
    >>> explain_policy({"Statement": statement}).statements[0].text
    'Allows 1 action on every resource.'
    """
    document = as_document(policy, kind)
    read = read_policy(document.value)
    held = [covered(connection, statement) for statement in read.statements]
    facts = action_facts(connection, {name for each in held for name in each.actions})
    arns = arn_types(connection)
    return ExplainedPolicy(
        document.file,
        document.title,
        document.line,
        document.kind or policy_kind(read),
        read.version,
        tuple(
            explained(
                statement,
                of_statement,
                [each for each in facts.values() if each.action in of_statement.actions],
                named_resources(arns, statement),
                unread_conditions(document.value, statement),
            )
            for statement, of_statement in zip(read.statements, held, strict=True)
        ),
        tuple(unread_statements(document.value)),
        tuple(named_services(connection, read.statements)),
        str(document.value)[2:-1] if isinstance(document.value, Unresolved) else None,
    )


def explained(
    statement: Statement,
    held: Covered,
    facts: Sequence[ActionFacts],
    resources: NamedResources,
    unread: Iterable[str],
) -> ExplainedStatement:
    """What one statement says; *facts* are those of the actions that it covers."""
    return ExplainedStatement(
        statement.path,
        statement.sid,
        statement.effect,
        summary(statement, held),
        tuple(ExplainedItem(item, count) for item, count in held.counts.items()),
        statement.actions is None and statement.not_actions is not None,
        tuple(levels_of(facts)),
        tuple(explained_resources(resources, facts, held)),
        statement.resources is None and statement.not_resources is not None,
        tuple(principal_words(statement)),
        statement.not_principals is not None,
        tuple(condition_words(each) for each in statement.conditions),
        tuple(unread),
        tuple(without_effect(resources, facts)),
        tuple(asides(held.unknown)),
    )


def levels_of(facts: Iterable[ActionFacts]) -> list[LevelOfActions]:
    """The actions by level, in AWS's order; those without one last."""
    found: dict[str | None, list[str]] = {}
    for each in facts:
        found.setdefault(each.access_level, []).append(each.action)
    levels: list[str | None] = [*ACCESS_LEVELS, None]
    return [LevelOfActions(level, tuple(found[level])) for level in levels if level in found]


def explained_resources(
    resources: NamedResources, facts: Iterable[ActionFacts], held: Covered
) -> list[ExplainedResource]:
    """The resources of the statement, with what they can be."""
    taken = {each.resource_type for of_action in facts for each in of_action.types or ()}
    found = []
    for resource, types in resources.types.items():
        names = tuple(name for name in types if name in taken)
        found.append(ExplainedResource(resource, names, resource_words(resource, names, held)))
    return found


def without_effect(resources: NamedResources, facts: Iterable[ActionFacts]) -> list[Aside]:
    """The actions that take none of the statement's resources.

    Their requests are not affected by the statement (Service Authorization Reference, "Actions,
    resources, and condition keys for AWS services", about the column Resource types).
    """
    idle = [each for each in facts if not takes_one_of(each, resources)]
    starred = tuple(each.action for each in idle if not each.types)
    others = tuple(each.action for each in idle if each.types)
    found = []
    if starred:
        found.append(Aside(starred, f"{verb(starred, 'takes', 'take')} only *"))
    if others:
        found.append(Aside(others, f"{verb(others, 'takes', 'take')} none of these resources"))
    return found


def asides(unknown: Iterable[tuple[str, str]]) -> list[Aside]:
    """What is unknown, by reason."""
    found: dict[str, list[str]] = {}
    for item, text in unknown:
        found.setdefault(text, []).append(item)
    return [Aside(tuple(items), text) for text, items in found.items()]


def named_services(
    connection: sqlite3.Connection, statements: Iterable[Statement]
) -> list[ExplainedService]:
    """The services that the statements name, by prefix."""
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
        held = connection.execute(
            "select 1 from services where service_prefix = ?", (prefix,)
        ).fetchone()
        found.append(ExplainedService(prefix, held is not None, as_of(connection, prefix)))
    return found
