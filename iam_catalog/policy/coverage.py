"""Which actions of the catalog a statement covers, and what of it the catalog can not tell.

Three answers for what a policy names: in the catalog; removed, last documented on a date; not in
the catalog as of a date, or of a service that it does not hold. None of them says that AWS has no
such action.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from iam_catalog.arn.match import ArnTypes
from iam_catalog.arn.pattern import fold_stars, has_wildcard, matcher_of
from iam_catalog.facts.lookup import as_of
from iam_catalog.policy.action_facts import ActionFacts
from iam_catalog.policy.expand import matching_actions
from iam_catalog.policy.records import Statement, Unresolved
from iam_catalog.words import removal_words

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Covered:
    """What the `Action` or `NotAction` of a statement covers."""

    actions: frozenset[str]
    """Current actions of the catalog, in AWS's spelling."""
    counts: dict[str, int]
    """For each item, how many actions of the catalog it names."""
    unknown: tuple[tuple[str, str], ...]
    """Items that the catalog can not tell of, each with the reason in words."""


def covered(connection: sqlite3.Connection, statement: Statement) -> Covered:
    """What a statement covers in the catalog; nothing where it has neither element."""
    items = statement.actions if statement.actions is not None else statement.not_actions
    named: set[str] = set()
    counts: dict[str, int] = {}
    unknown: list[tuple[str, str]] = []
    for item in items or ():
        if item in counts:
            continue
        found = matching_actions(connection, item) if is_whole(item) else []
        named.update(found)
        counts[item] = len(found)
        if not found:
            unknown.append((item, reason(connection, item)))
    if statement.actions is None and statement.not_actions is not None:
        named = set(matching_actions(connection, EVERY)) - named
    return Covered(frozenset(named), counts, tuple(unknown))


def is_whole(item: str) -> bool:
    """The document says all of it, so that the catalog can be asked."""
    return "${" not in item


def reason(connection: sqlite3.Connection, item: str) -> str:
    """Why the catalog has no action for an item of a policy."""
    if not is_whole(item):
        return "the document does not say it"
    prefix, colon, _ = item.partition(":")
    if not colon:
        return "it is not written prefix:Name"
    held = connection.execute(
        "select max(actions_state = 'not in source') from services"
        " left join pages on pages.service_prefix = services.service_prefix and replaced is null"
        " where services.service_prefix = ? group by services.service_prefix",
        (prefix,),
    ).fetchone()
    removed = connection.execute(
        "select removed, removed_by, last_seen from removed_actions where action = ?", (item,)
    ).fetchone()
    if removed:
        return removal_words(*removed)
    date = as_of(connection, prefix if held else None)
    dated = f" as of {date}" if date else ""
    if held is None:
        return f"the catalog{dated} holds no service {prefix}"
    if held[0]:
        return f"not in the catalog{dated}, where a source leaves its actions out"
    if has_wildcard(item):
        return f"it matches no action of the catalog{dated}"
    return f"not in the catalog{dated}"


def names_action(statement: Statement, action: str) -> bool:
    """Whether `Action` or `NotAction` covers an action, in the catalog or not.

    What the document leaves open covers nothing here.
    """
    if statement.actions is not None:
        return any_matches(statement.actions, action)
    return statement.not_actions is not None and not any_matches(statement.not_actions, action)


def any_matches(items: Iterable[str], action: str) -> bool:
    name = action.lower()
    return any(is_whole(item) and matcher(item)(name) for item in items)


@lru_cache(maxsize=1024)
def matcher(item: str) -> Callable[[str], bool]:
    """What tells whether an item of a policy matches an action in small letters."""
    return matcher_of(fold_stars(item.lower()))


@dataclass(frozen=True, slots=True)
class NamedResources:
    """What the resources of a statement can be."""

    types: dict[str, tuple[str, ...]]
    """The resource types of each resource, the most specific first; none for `*`."""
    everything: bool
    """One of them is `*`, or nobody knows what they are."""
    all_types: frozenset[str]
    """The types of all of them, put together once for the many actions that ask."""


def named_resources(arns: ArnTypes, statement: Statement) -> NamedResources:
    """What the resources of a statement can be, those of `NotResource` for it without `Resource`.

    With `NotResource`, the statement is about everything else, which can be anything.
    """
    named = statement.resources if statement.resources is not None else statement.not_resources
    types = {
        resource: () if is_everything(resource) else arns.types(resource)
        for resource in named or ()
    }
    return NamedResources(
        types,
        statement.resources is None or any(map(is_everything, types)),
        frozenset(name for each in types.values() for name in each),
    )


def is_everything(resource: str) -> bool:
    """`*`, however often it is written, or what the document leaves open."""
    return set(resource) == {"*"} or isinstance(resource, Unresolved)


def takes_one_of(facts: ActionFacts, resources: NamedResources) -> bool:
    """Whether an action takes one of the resources of a statement.

    True also where that is not known, as for a resource type without an ARN format, or for an
    action that may take further types.
    """
    if resources.everything or facts.incomplete or facts.types is None:
        return True
    return any(
        not taken.arn_formats or taken.resource_type in resources.all_types for taken in facts.types
    )
