"""Expand patterns to the actions of the catalog, and tell what a pattern gained or lost."""

from __future__ import annotations

import sqlite3

from iam_catalog.arn.pattern import has_wildcard, matcher_of
from iam_catalog.errors import MalformedPattern
from iam_catalog.facts.history import changes
from iam_catalog.facts.names import unheld_service
from iam_catalog.policy.facts import PolicyFacts, is_every_action, policy_facts
from iam_catalog.records import Change


def expand(connection: sqlite3.Connection, *patterns: str) -> list[str]:
    """List the current actions that any of *patterns* matches, in AWS's spelling, sorted.

    `*` is any text and `?` one character, anywhere in a name; case is ignored. Nothing for a
    pattern of a known service that matches nothing, also where a source of it leaves its actions
    out. Raises `UnknownServicePrefix` for a service that the catalog does not hold, and
    `MalformedPattern`.

    >>> expand("connect:List*ances", "CONNECT:Get*Token", "connect:StopC?ntact")
    ['connect:GetFederationToken', 'connect:ListInstances', 'connect:StopContact']
    """
    facts = policy_facts(connection)
    found: dict[str, None] = {}
    for pattern in patterns:
        names = spelled_actions(facts, pattern)
        if not names:
            _check_pattern(facts, pattern)
        found |= dict.fromkeys(names)
    return list(found) if len(patterns) == 1 else sorted(found, key=str.lower)


def matching_actions(connection: sqlite3.Connection, pattern: str) -> list[str]:
    """Answer as `expand` to one pattern, with none where `expand` raises: for any text."""
    return spelled_actions(policy_facts(connection), pattern)


def spelled_actions(facts: PolicyFacts, pattern: str) -> list[str]:
    """List what `PolicyFacts.matching` finds, in AWS's spelling."""
    return [
        service.actions[name]
        for service, names in facts.matching(pattern).items()
        for name in names
    ]


def _check_pattern(facts: PolicyFacts, pattern: str) -> None:
    """Raise what is wrong with a pattern that matches nothing, or nothing."""
    check_form(pattern)
    if not names_held_service(facts, pattern):
        raise unheld_service(facts.connection, pattern.partition(":")[0])


def names_held_service(facts: PolicyFacts, pattern: str) -> bool:
    """Return False for a pattern of a service that the catalog does not hold."""
    prefix = pattern.partition(":")[0]
    return has_wildcard(prefix) or facts.service(prefix) is not None


def check_form(pattern: str) -> None:
    """Raise `MalformedPattern` for a text that cannot be a pattern of actions."""
    prefix, _, name = pattern.partition(":")
    letters = prefix + name
    for character in "-_.*?":
        letters = letters.replace(character, "")
    plain = letters.isascii() and (letters == "" or letters.isalnum())
    if not (plain and prefix and (name or is_every_action(pattern))):
        raise MalformedPattern(pattern)


def changes_of_patterns(
    connection: sqlite3.Connection,
    *patterns: str,
    since: str | None = None,
    until: str | None = None,
    kind: str | None = None,
) -> list[Change]:
    """List the actions that *patterns* gained (`added`) or lost (`removed`), by date.

    As collections from *since* to *until* brought them, both days included. With a *kind*, one of
    `compare.CHANGE_KINDS` such as `level-fell` or `key-came`, the changes of that kind to the
    actions that the patterns match. Raises `MalformedDate`, `MalformedPattern`,
    `UnknownChangeKind`, and `UnknownServicePrefix` for a service that the catalog does not hold and
    never held.

    >>> changes_of_patterns("connect:*", since="2019-08-12")
    []
    """
    found = [
        change
        for change in changes(connection, since=since, until=until, kind=kind)
        if change.kind == "action" and (kind or change.change in ("added", "removed"))
    ]
    ours: dict[int, Change] = {}
    for pattern in patterns:
        check_form(pattern)
        fits = matcher_of(pattern.lower())
        matched = {
            number: change for number, change in enumerate(found) if fits(change.subject.lower())
        }
        if not matched:
            _check_pattern(policy_facts(connection), pattern)
        ours |= matched
    return [ours[number] for number in sorted(ours)]
