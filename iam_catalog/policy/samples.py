"""Questions about the sample policies of a catalog: which use an action, which actions they name.

Samples are what documents show, with placeholders such as `instance-id`, and are no advice of
this catalog. An action counts as used where a pattern of the policy matches it, also in a
statement that denies, and in `NotAction`: what that means is for the reader to see.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from iam_catalog.arn.pattern import matches
from iam_catalog.errors import UnknownPolicy
from iam_catalog.names import split_action_name
from iam_catalog.policy.expand import matching_actions


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample policy, without what it says."""

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
    rows = connection.execute(
        "select policy, policies.title, policy_document, url, date, line, statements"
        " from policies join policy_documents using (policy_document)"
        " order by policy_document, position"
    )
    return [Sample(*row) for row in rows]


def policies_using(connection: sqlite3.Connection, action: str) -> list[PolicyUse]:
    """List the places in sample policies that name *action*, also by a pattern that matches it.

    Also for an action that the catalog does not document; case is ignored. Raises
    `MalformedActionName`.

    >>> [use.pattern for use in policies_using("ec2:DescribeVpcs")]
    ['ec2:Describe*']
    """
    name = ":".join(split_action_name(action))
    rows = connection.execute(
        "select policies.policy, policies.title, statement, effect, element, pattern,"
        " policy_document, written.line"
        " from policy_statement_actions as written"
        " join policy_statements using (statement)"
        " join policies on policies.policy = policy_statements.policy"
        " where has_wildcard or pattern = ?"
        " order by policy_document, policies.position, policy_statements.position, element,"
        " written.position",
        (name,),
    )
    uses = (PolicyUse(*row) for row in rows)
    return [use for use in uses if matches(use.pattern, name, ignore_case=True)]


def actions_of_policy(connection: sqlite3.Connection, policy: str) -> list[NamedActions]:
    """List what a sample policy names, statement by statement, with what the catalog documents.

    *policy* as `sample_policies` gives it, or the name of a document with one policy. Raises
    `UnknownPolicy`.

    >>> [(each.pattern, each.documented) for each in actions_of_policy(
    ...     "minimal-iam-permissions-for-ssm")][-2:]
    [('ssm:UpdateInstanceInformation', None), ('ec2:Describe*', None)]
    """
    key = known_policy(connection, policy)
    held = services_with_actions(connection)
    rows = connection.execute(
        "select statement, effect, element, pattern, service_prefix, policy_document, written.line"
        " from policy_statement_actions as written"
        " join policy_statements using (statement)"
        " join policies on policies.policy = policy_statements.policy"
        " where policies.policy = ? order by policy_statements.position, element, written.position",
        (key,),
    )
    named = []
    for statement, effect, element, pattern, prefix, document, line in rows:
        actions = tuple(matching_actions(connection, pattern))
        is_known = prefix is None or prefix.lower() in held
        documented = bool(actions) if actions or is_known else None
        named.append(
            NamedActions(statement, effect, element, pattern, actions, documented, document, line)
        )
    return named


def known_policy(connection: sqlite3.Connection, policy: str) -> str:
    """The key of a sample policy; raises `UnknownPolicy` with those of a similar name."""
    found = connection.execute(
        "select policy from policies where policy = ?1 or policy_document = ?1"
        " order by policy_document, position",
        (policy,),
    ).fetchall()
    if len(found) == 1:
        return str(found[0][0])
    if found:
        names = [row[0] for row in found]
        raise UnknownPolicy(policy, names, detail=f", but a document of {len(found)} policies")
    from difflib import get_close_matches

    keys = [row[0] for row in connection.execute("select policy from policies order by policy")]
    raise UnknownPolicy(policy, get_close_matches(policy, keys, n=3))


def services_with_actions(connection: sqlite3.Connection) -> set[str]:
    """The prefixes, in lower case, of the services whose actions the catalog knows."""
    rows = connection.execute(
        "select distinct lower(service_prefix) from pages where actions_state <> 'not in source'"
    )
    return {row[0] for row in rows}
