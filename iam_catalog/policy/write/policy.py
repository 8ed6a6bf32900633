"""Write a least-privilege policy: named actions, or access levels, on the ARNs that they take.

Every action stands on its own name, and no action that takes a resource type ever gets `*`: where
no ARN is given, AWS's ARN format stands, to be filled in (see `grants` and `placeholders`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from iam_catalog.arn.format import placeholder_names
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import CatalogError, UnknownAction
from iam_catalog.facts.lookup import is_current
from iam_catalog.facts.names import known_action, known_service
from iam_catalog.names import match_access_level
from iam_catalog.policy.action_facts import action_facts, select_in
from iam_catalog.policy.dependents import (
    Dependent,
    dependents_of,
    types_beside,
    without_known_dependents,
)
from iam_catalog.policy.expand import expand
from iam_catalog.policy.shrink import shrink
from iam_catalog.policy.write.compose import Group, policies_of
from iam_catalog.policy.write.given_arns import GivenArns, PassedOver, given_arns, names_service
from iam_catalog.policy.write.grants import GrantedAction, granted_action, groups_of, with_values
from iam_catalog.policy.write.sizes import LIMITS, SizeLimit
from iam_catalog.words import removal_words

KINDS = ("managed", "inline-user", "inline-group", "inline-role")
"""What a policy may be written for."""


@dataclass(frozen=True, slots=True)
class WrittenPolicies:
    """One policy, or several where one would be larger than AWS lets it be."""

    policies: tuple[dict[str, Any], ...]
    actions: tuple[GrantedAction, ...]
    placeholders: tuple[str, ...]
    """What is to be filled in before AWS takes the policies."""
    dependent_actions: tuple[Dependent, ...]
    """What sources list as dependent of these actions, and the policies do not grant."""
    unknown_dependents: tuple[str, ...]
    """Actions of which no held source had a place for dependent actions."""
    unused_arns: tuple[str, ...]
    """ARNs given that none of the actions takes."""
    passed_over: tuple[PassedOver, ...]
    """What else the ARNs can be, where access levels are asked for."""


def write_policy(
    connection: sqlite3.Connection,
    actions: Iterable[str] = (),
    *,
    arns: Iterable[str] = (),
    access_levels: Iterable[str] = (),
    service_prefix: str | None = None,
    with_dependent_actions: bool = False,
    with_optional_types: bool = False,
    shrink: bool = False,
    kind: str = "managed",
    values: Mapping[str, str] | None = None,
) -> WrittenPolicies:
    """Write the smallest policy for *actions*, which may be patterns, and for *access_levels*.

    Access levels, each the primary one of an action, mean the actions that take the most specific
    resource types that *arns* can be, or those of a *service_prefix*, or both. Where no ARN is of
    a resource type, its ARN format stands with the placeholders that *values* say nothing of.
    With *with_dependent_actions*, what AWS lists as dependent of these actions comes too;
    with *with_optional_types*, so do resource types that need not be given. With *shrink*, the
    actions of a statement are written as wildcards that match the same ones in this catalog, but
    those that manage permissions stay by name.
    *kind* is `managed`, `inline-user`, `inline-group` or `inline-role`: what does not fit into one
    managed policy comes as several.

    Raises `UnknownAction`, `UnknownAccessLevel`, `UnknownServicePrefix`, `MalformedArn`, or
    `CatalogError` where nothing is asked for, an ARN is of no resource type, or *kind* lets no
    policy be so large.

    >>> written = write_policy(["connect:StopContact"], values={"Partition": "aws"})
    >>> written.policies[0]["Statement"][0]["Resource"]
    ['arn:aws:connect::${Account}:instance/${InstanceId}/contact/${ContactId}']
    """
    limit = known_kind(kind)
    prefix = None if service_prefix is None else known_service(connection, service_prefix)
    arns, levels, names = texts(arns), texts(access_levels), texts(actions)
    given = given_arns(connection, arns, prefix)
    asked = asked_actions(connection, names)
    asked |= actions_at_levels(connection, levels, prefix, given)
    if not asked:
        raise nothing_to_write(names, arns, levels, prefix)
    dependents = [
        each for each in dependents_of(connection, asked) if each.dependent_action not in asked
    ]
    if with_dependent_actions:
        asked |= {each.dependent_action for each in dependents}
    facts = action_facts(connection, asked)
    beside = types_beside(dependents, facts)
    grant = partial(granted_action, given=given.by_type, with_optional_types=with_optional_types)
    granted = [
        grant(name, facts.get(name.lower()), beside=beside.get(name, ()))
        for name in sorted(asked, key=str.lower)
    ]
    granted = with_values(granted, values or {}, arns)
    groups = groups_of(granted, facts)
    resources = {arn for each in granted for arn in each.resources}
    return WrittenPolicies(
        tuple(policies_of(shrunk(connection, groups) if shrink else groups, limit)),
        tuple(granted),
        tuple(placeholder_names(resources - set(arns))),
        () if with_dependent_actions else tuple(dependents),
        tuple(without_known_dependents(connection, asked)),
        tuple(arn for arn in arns if arn not in resources),
        given.passed_over if levels else (),
    )


def texts(values: Iterable[str]) -> list[str]:
    """*values* without repeats; one text alone is a list of itself."""
    found = [values] if isinstance(values, str) else list(values)
    for value in found:
        if not isinstance(value, str):
            raise CatalogError(
                f"{value!r} is no text: actions, ARNs and access levels are written as text."
            )
    return list(dict.fromkeys(found))


def known_kind(kind: str) -> SizeLimit:
    if kind not in KINDS:
        raise CatalogError(
            f"{kind!r} is no kind of policy to write: use one of {', '.join(KINDS)}."
        )
    return LIMITS[kind]


def nothing_to_write(
    actions: Sequence[str],
    arns: Sequence[str],
    access_levels: Sequence[str],
    service_prefix: str | None,
) -> CatalogError:
    """The error for a question that no action fits."""
    if not actions and not access_levels:
        return CatalogError(
            "Nothing to write: name actions, or access levels with ARNs or a service prefix."
        )
    if not arns and service_prefix is None:
        return CatalogError(
            "Access levels alone say not of what: name ARNs or a service prefix with them."
        )
    where = [f"of {service_prefix}"] if service_prefix else []
    where += [f"on {' or '.join(arns)}"] if arns else []
    said = f"No action {' '.join(where)} has the access level {' or '.join(access_levels)}"
    if service_prefix is None and not all(map(names_service, arns)):
        said += ": name a service prefix for an ARN that names no service"
    return CatalogError(f"{said}.")


def asked_actions(connection: sqlite3.Connection, actions: Iterable[str]) -> set[str]:
    """The actions of the catalog that names and patterns stand for, in AWS's spelling.

    One error names everything that the catalog does not hold.
    """
    found: set[str] = set()
    errors: list[CatalogError] = []
    for name in actions:
        try:
            found.update(asked_for(connection, name))
        except CatalogError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise CatalogError("\n".join(str(error) for error in errors))
    return found


def asked_for(connection: sqlite3.Connection, name: str) -> list[str]:
    """The actions that a name or a pattern stands for; at least one."""
    if has_wildcard(name):
        names = expand(connection, name)
        if not names:
            raise CatalogError(f"No action in the catalog matches {name!r}.")
        return names
    known = known_action(connection, name)
    if not is_current(connection, known):
        gone = connection.execute(
            "select removed, removed_by, last_seen from removed_actions where action = ?", (known,)
        ).fetchone()
        raise UnknownAction(name, detail=f": it was {removal_words(*gone)}")
    return [known]


def actions_at_levels(
    connection: sqlite3.Connection,
    access_levels: Sequence[str],
    service_prefix: str | None,
    given: GivenArns,
) -> set[str]:
    """The actions of a service, or that take one of the nearest types, at any of the levels."""
    levels = {match_access_level(word) for word in access_levels}
    if given.by_type:
        rows = select_in(
            connection,
            "select distinct actions.action, actions.service_prefix, access_level from action_rows"
            " join actions on actions.action = action_rows.action where resource_type in ({})",
            given.nearest,
        )
    else:
        rows = select_in(
            connection,
            "select action, service_prefix, access_level from actions where service_prefix in ({})",
            [service_prefix] if service_prefix else [],
        )
    return {
        action
        for action, prefix, level in rows
        if level in levels and service_prefix in (None, prefix)
    }


def shrunk(connection: sqlite3.Connection, groups: Sequence[Group]) -> list[Group]:
    """The groups with wildcards that match exactly the same actions of the catalog.

    Actions that manage permissions stay by name, so that no wildcard takes in such an action.
    """
    names = sorted({name for group in groups for name in group.actions})
    rows = select_in(
        connection,
        "select action from action_access_levels"
        " where access_level = 'Permissions management' and action in ({})",
        names,
    )
    named = {action for (action,) in rows}

    def patterns(actions: Sequence[str]) -> list[str]:
        others = shrink(connection, [name for name in actions if name not in named])
        return sorted([*others, *named.intersection(actions)], key=str.lower)

    return [replace(group, actions=tuple(patterns(group.actions))) for group in groups]
