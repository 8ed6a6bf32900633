"""Answer which sample policies of a catalog use an action, and which actions they name.

Samples are what documents show, with placeholders such as `instance-id`, and are not advice of
this catalog. An action counts as used where a pattern of the policy matches it, also in a
statement that denies, and in `NotAction`: what that means is for the reader to see.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from iam_catalog.arn.pattern import matches
from iam_catalog.errors import UnknownPolicy
from iam_catalog.facts import samples as stored
from iam_catalog.names import split_action_name
from iam_catalog.policy.expand import spelled_actions
from iam_catalog.policy.facts import policy_facts


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample policy, without its text."""

    policy: str
    """`document:line`, such as `minimal-iam-permissions-for-ssm:24`."""
    title: str | None
    """The headings and the name of the tab above it."""
    policy_document: str
    url: str | None
    """Where a person can open the document today."""
    date: str | None
    """Of the document; None where it does not say."""
    line: int
    statements: int


@dataclass(frozen=True, slots=True)
class PolicyUse:
    """A place in a sample policy that names an action."""

    policy: str
    title: str | None
    statement: str
    effect: str | None
    element: str
    """`Action` or `NotAction`."""
    pattern: str
    """As it is written: the action itself, or a pattern that matches it."""
    policy_document: str
    line: int


@dataclass(frozen=True, slots=True)
class NamedActions:
    """What a sample policy names at one place, and what the catalog documents of it."""

    statement: str
    effect: str | None
    element: str
    pattern: str
    actions: tuple[str, ...]
    """The actions of the catalog that the pattern matches, in AWS's spelling, sorted."""
    documented: bool | None
    """None where the catalog holds no action table of the service: then nothing is known."""
    policy_document: str
    line: int


def sample_policies(connection: sqlite3.Connection) -> list[Sample]:
    """List the sample policies of the catalog, by document and in its order.

    >>> [(each.policy, each.statements) for each in sample_policies()][:2]  # doctest: +ELLIPSIS
    [('add-session-manager-...:29', 3), ('minimal-iam-permissions-for-ssm:24', 1)]
    """
    return [Sample(*row) for row in stored.all_samples(connection)]


def policies_using(connection: sqlite3.Connection, action: str) -> list[PolicyUse]:
    """List the places in sample policies that name *action*, also by a pattern that matches it.

    Also for an action that the catalog does not document; case is ignored. Raises
    `MalformedActionName`.

    >>> [use.pattern for use in policies_using("ec2:DescribeVpcs")]
    ['ec2:Describe*']
    """
    name = ":".join(split_action_name(action))
    return [
        PolicyUse(
            row.policy,
            row.title,
            row.statement,
            row.effect,
            row.element,
            row.pattern,
            row.policy_document,
            row.line,
        )
        for row in stored.written_with(connection, name)
        if matches(row.pattern, name, ignore_case=True)
    ]


def actions_of_policy(connection: sqlite3.Connection, policy: str) -> list[NamedActions]:
    """List what a sample policy names, statement by statement, with what the catalog documents.

    *policy* as `sample_policies` gives it, or the name of a document with one policy. Raises
    `UnknownPolicy`.

    >>> [(each.pattern, each.documented) for each in actions_of_policy(
    ...     "minimal-iam-permissions-for-ssm")][-2:]
    [('ssm:UpdateInstanceInformation', None), ('ec2:Describe*', None)]
    """
    facts = policy_facts(connection)
    held = stored.services_with_actions(connection)
    named = []
    for row in stored.written_in(connection, known_policy(connection, policy)):
        actions = tuple(spelled_actions(facts, row.pattern))
        is_known = row.service_prefix is None or row.service_prefix.lower() in held
        documented = bool(actions) if actions or is_known else None
        named.append(
            NamedActions(
                row.statement,
                row.effect,
                row.element,
                row.pattern,
                actions,
                documented,
                row.policy_document,
                row.line,
            )
        )
    return named


def known_policy(connection: sqlite3.Connection, policy: str) -> str:
    """Return the key of a sample policy; raises `UnknownPolicy` with those of a similar name."""
    names = stored.sample_keys(connection, policy)
    if len(names) == 1:
        return names[0]
    if names:
        raise UnknownPolicy(policy, names, detail=f", but a document of {len(names)} policies")
    from difflib import get_close_matches

    keys = stored.all_sample_keys(connection)
    raise UnknownPolicy(policy, get_close_matches(policy, keys, n=3))
