"""Write a least-privilege policy: named actions, or access levels, on the ARNs that they take.

Every action is written by its own name, and no action that takes a resource type ever gets `*`:
where no ARN is passed, AWS's ARN format is written, to be filled in (see `grants`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iam_catalog.arn.format import placeholder_names
from iam_catalog.arn.match import match_arn
from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import CatalogError, UnknownAction
from iam_catalog.facts.lookup import is_current
from iam_catalog.facts.names import known_action, known_service
from iam_catalog.facts.services_held import actions_taking
from iam_catalog.names import match_access_level
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.coverage import is_everything
from iam_catalog.policy.expand import expand
from iam_catalog.policy.facts import PolicyFacts, policy_facts
from iam_catalog.policy.held_service import ActionFacts, Needed
from iam_catalog.policy.rewrite import shrink
from iam_catalog.policy.write.grants import (
    GrantedAction,
    granted_action,
    open_texts,
    types_beside,
    with_values,
)
from iam_catalog.policy.write.sizes import LIMITS, SizeLimit
from iam_catalog.policy.write.statements import Group, groups_of, policies_of
from iam_catalog.policy.write.text import policies_text

KINDS = ("managed", "inline-user", "inline-group", "inline-role")
"""What a policy may be written for."""

EFFECTS = ("Allow", "Deny")


@dataclass(frozen=True, slots=True)
class Dependent:
    """A dependent action, as a source lists it."""

    action: str
    """The action that needs it."""
    dependent_action: str
    """In the spelling of the catalog where it has the action, else as the source writes it."""
    evidence: Evidence
    dataset: str | None = None
    """The public dataset that lists it; None where a page of AWS does."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Resource types that an ARN can be, too, and whose actions an access level does not mean."""

    arn: str
    resource_types: tuple[str, ...]


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
    """Actions of which no source had a place for dependent actions."""
    unused_arns: tuple[str, ...]
    """ARNs given that none of the actions takes."""
    passed_over: tuple[PassedOver, ...]
    """What else the ARNs can be, where access levels are asked for."""

    def text(self, form: str = "json") -> str:
        """Write the policies as the text of a file: `json`, `yaml` or `terraform`."""
        return policies_text(self.policies, form)


def write_policy(
    connection: sqlite3.Connection,
    actions: Iterable[str] = (),
    *,
    arns: Iterable[str] = (),
    access_levels: Iterable[str] = (),
    service_prefix: str | None = None,
    excluded_actions: Iterable[str] = (),
    with_actions_without_type: bool = False,
    with_dependent_actions: bool = False,
    with_optional_types: bool = False,
    shrink: bool = False,
    effect: str = "Allow",
    kind: str = "managed",
    values: Mapping[str, str] | None = None,
) -> WrittenPolicies:
    """Write the smallest policy for *actions*, which may be patterns, and for *access_levels*.

    Access levels, each the primary one of an action, mean the actions that take the most specific
    resource types that *arns* can be, or those of a *service_prefix*, or both; and those of the
    services of the ARNs that take only `*`, *with_actions_without_type*. *excluded_actions*, which
    may be patterns, are left out. Where no ARN is of a resource type, its ARN format is written
    with the placeholders that *values* say nothing of; without any ARN, an *effect* `Deny` is on
    every resource.
    *with_dependent_actions*, what AWS lists as dependent of these actions comes too, and
    *with_optional_types* the resource types that need not be given. With *shrink*, the actions of a
    statement are written as wildcards that match the same ones in this catalog, but those that
    manage permissions stay by name. *kind* is `managed`, `inline-user`, `inline-group` or
    `inline-role`: what does not fit into one managed policy comes as several.

    Raises `UnknownAction`, `UnknownAccessLevel`, `UnknownServicePrefix`, `MalformedArn`, or
    `CatalogError` where nothing is asked for, an ARN is of no resource type, or *kind* lets no
    policy be so large.

    >>> written = write_policy(["connect:StopContact"], values={"Partition": "aws"})
    >>> written.policies[0]["Statement"][0]["Resource"]
    ['arn:aws:connect::${Account}:instance/${InstanceId}/contact/${ContactId}']
    """
    facts = policy_facts(connection)
    prefix = None if service_prefix is None else known_service(connection, service_prefix)
    texts = _texts(arns)
    question = _Request(
        facts,
        _texts(actions),
        texts,
        _texts(access_levels),
        prefix,
        _given_arns(connection, texts, prefix),
        with_actions_without_type,
        _asked_actions(connection, _texts(excluded_actions)),
        with_dependent_actions,
        with_optional_types,
        _known_effect(effect),
    )
    return question.answer(_known_kind(kind), values or {}, shrinks=shrink)


@dataclass(frozen=True, slots=True)
class _Request:
    """The actions and ARNs that a policy is asked for."""

    facts: PolicyFacts
    actions: list[str]
    arns: list[str]
    levels: list[str]
    prefix: str | None
    given: _GivenArns
    with_actions_without_type: bool
    excluded: set[str]
    with_dependent_actions: bool
    with_optional_types: bool
    effect: str

    def answer(
        self, limit: SizeLimit, values: Mapping[str, str], *, shrinks: bool
    ) -> WrittenPolicies:
        """Write the policies, within the limit."""
        asked = self._asked()
        dependents: list[Needed] = []
        if self.effect == "Allow":
            dependents = [
                each
                for each in self.facts.dependents_of(asked)
                if each.dependent_action not in asked
            ]
        if self.with_dependent_actions:
            asked |= {each.dependent_action for each in dependents} - self.excluded
        known = self.facts.facts_of(asked)
        granted = with_values(self._granted(asked, dependents, known), values, self.arns)
        groups = groups_of(granted, known, self.effect)
        used = {arn for each in granted for arn in each.resources}
        left_out = [each for each in dependents if each.dependent_action not in asked]
        without = self.facts.without_known_dependents(asked) if self.effect == "Allow" else ()
        return WrittenPolicies(
            tuple(policies_of(_shrunk(self.facts, groups) if shrinks else groups, limit)),
            tuple(granted),
            tuple(placeholder_names(open_texts(granted) - set(self.arns))),
            tuple(
                Dependent(each.action, each.dependent_action, each.evidence, each.dataset)
                for each in left_out
            ),
            tuple(without),
            tuple(arn for arn in self.arns if arn not in used),
            self.given.passed_over if self.levels else (),
        )

    def _asked(self) -> set[str]:
        """Find the actions that the policy is for; raises `CatalogError` where there are none."""
        asked = _asked_actions(self.facts.connection, self.actions)
        asked |= _actions_at_levels(self.facts, self.levels, self.prefix, self.given)
        if self.with_actions_without_type:
            asked |= self._actions_without_type()
        if not asked:
            raise _nothing_to_write(self.actions, self.arns, self.levels, self.prefix)
        if not asked - self.excluded:
            raise CatalogError(
                "Nothing to write: every action that is asked for is excluded:"
                f" {', '.join(sorted(asked, key=str.lower))}."
            )
        return asked - self.excluded

    def _actions_without_type(self) -> set[str]:
        """Find the actions of the access levels that take only `*`, of the services asked about."""
        levels = {match_access_level(word) for word in self.levels}
        prefixes = {name.partition(":")[0] for name in self.given.nearest}
        prefixes |= set() if self.prefix is None else {self.prefix}
        found: set[str] = set()
        for prefix in prefixes:
            service = self.facts.service(prefix)
            if service is not None and service.types_known:
                found |= {
                    row.action
                    for name, row in service.rows.items()
                    if row.access_level in levels and name not in service.told_types
                }
        return found

    def _granted(
        self, asked: set[str], dependents: Sequence[Needed], known: Mapping[str, ActionFacts]
    ) -> list[GrantedAction]:
        """Grant each action on its resources; what is denied without any ARN is so everywhere."""
        beside = types_beside(dependents, known)
        return [
            granted_action(
                name,
                known.get(name.lower()),
                self.given.by_type,
                with_optional_types=self.with_optional_types,
                beside=beside.get(name, ()),
                everywhere=self.effect == "Deny" and not self.arns,
            )
            for name in sorted(asked, key=str.lower)
        ]


def _texts(values: Iterable[str]) -> list[str]:
    """Return *values* without repeats; one string alone is a list of itself."""
    found = [values] if isinstance(values, str) else list(values)
    for value in found:
        if not isinstance(value, str):
            raise CatalogError(
                f"{value!r} is not text: actions, ARNs and access levels are written as text."
            )
    return list(dict.fromkeys(found))


def _known_kind(kind: str) -> SizeLimit:
    if kind not in KINDS:
        raise CatalogError(
            f"{kind!r} is not a kind of policy to write: use one of {', '.join(KINDS)}."
        )
    return LIMITS[kind]


def _known_effect(effect: str) -> str:
    for known in EFFECTS:
        if effect.lower() == known.lower():
            return known
    raise CatalogError(f"{effect!r} is not an effect of a statement: use {' or '.join(EFFECTS)}.")


def _nothing_to_write(
    actions: Sequence[str],
    arns: Sequence[str],
    access_levels: Sequence[str],
    service_prefix: str | None,
) -> CatalogError:
    """Make the error for a question that no action fits."""
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
    if service_prefix is None and not all(map(_names_service, arns)):
        said += ": name a service prefix for an ARN that names no service"
    return CatalogError(f"{said}.")


def _asked_actions(connection: sqlite3.Connection, actions: Iterable[str]) -> set[str]:
    """Find the actions of the catalog for names and patterns, in AWS's spelling.

    One error names everything that the catalog does not hold.
    """
    found: set[str] = set()
    errors: list[CatalogError] = []
    for name in actions:
        try:
            found.update(_asked_for(connection, name))
        except CatalogError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise CatalogError("\n".join(str(error) for error in errors))
    return found


def _asked_for(connection: sqlite3.Connection, name: str) -> list[str]:
    """Find the actions of a name or a pattern; at least one."""
    if has_wildcard(name):
        names = expand(connection, name)
        if not names:
            raise CatalogError(f"No action in the catalog matches {name!r}.")
        return names
    known = known_action(connection, name)
    if not is_current(connection, known):
        gone = policy_facts(connection).removed(known)
        since = f": it was {gone[1]}" if gone else ""
        raise UnknownAction(name, detail=since)
    return [known]


def _actions_at_levels(
    facts: PolicyFacts,
    access_levels: Sequence[str],
    service_prefix: str | None,
    given: _GivenArns,
) -> set[str]:
    """Find the actions of a service, or on the nearest types, that have one of the levels."""
    levels = {match_access_level(word) for word in access_levels}
    if given.by_type:
        return {
            action
            for action, prefix, level in actions_taking(facts.connection, given.nearest)
            if level in levels and service_prefix in (None, prefix)
        }
    service = facts.service(service_prefix) if service_prefix else None
    rows = () if service is None else service.rows.values()
    return {row.action for row in rows if row.access_level in levels}


def _shrunk(facts: PolicyFacts, groups: Sequence[Group]) -> list[Group]:
    """Write the actions of each group as wildcards that match the same ones of the catalog.

    Actions that manage permissions stay by name, so that no wildcard takes in such an action.
    """

    def patterns(actions: Sequence[str]) -> list[str]:
        named = [name for name in actions if _manages_permissions(facts, name)]
        others = shrink(facts.connection, [name for name in actions if name not in named])
        return sorted([*others, *named], key=str.lower)

    return [replace(group, actions=tuple(patterns(group.actions))) for group in groups]


def _manages_permissions(facts: PolicyFacts, action: str) -> bool:
    service = facts.service(action.partition(":")[0])
    row = None if service is None else service.changing.get(action.lower())
    return row is not None and row[1] == "Permissions management"


# --- the ARNs that a policy is written for


@dataclass(frozen=True, slots=True)
class _GivenArns:
    """ARNs with the resource types that they can be."""

    by_type: dict[str, list[str]]
    """The ARNs that can be of each resource type."""
    nearest: tuple[str, ...]
    """The resource types whose actions access levels mean."""
    passed_over: tuple[PassedOver, ...]


def _given_arns(
    connection: sqlite3.Connection, arns: Iterable[str], service_prefix: str | None
) -> _GivenArns:
    """Find what the ARNs can be.

    The nearest types are the most specific ones of *service_prefix*, else of the service that the
    ARN names; there are none where it names none. Raises `MalformedArn`, `UnknownServicePrefix`,
    or `CatalogError` for an ARN of no resource type.
    """
    by_type: dict[str, list[str]] = {}
    nearest: set[str] = set()
    passed_over: list[PassedOver] = []
    for arn in arns:
        types = _types_of(connection, arn)
        for name in types:
            by_type.setdefault(name, []).append(arn)
        best = _nearest_types(arn, types, service_prefix)
        nearest.update(best)
        others = tuple(name for name in types if name not in best)
        passed_over += [PassedOver(arn, others)] if others else []
    return _GivenArns(by_type, tuple(sorted(nearest)), tuple(passed_over))


_Rank = tuple[bool, int]
"""How well an ARN fits a type: if it writes the format's own text, and how much of it."""


def _types_of(connection: sqlite3.Connection, arn: str) -> dict[str, _Rank]:
    """Rank the resource types that an ARN can be, the most specific first."""
    if is_everything(arn):
        raise CatalogError(
            f"{arn!r} is not an ARN to write a policy for: name one, or none, for AWS's ARN formats"
            " with placeholders."
        )
    found: dict[str, _Rank] = {}
    for each in match_arn(connection, arn):
        found.setdefault(each.resource_type, (each.exact, each.specificity))
    if not found:
        raise CatalogError(
            f"{arn!r} is of no resource type of the catalog: name an ARN of one that"
            " 'iam-catalog resource-types' lists."
        )
    return found


def _nearest_types(arn: str, types: dict[str, _Rank], service_prefix: str | None) -> Sequence[str]:
    """Choose the types of one service that fit best: all of them if a wildcard is their name.

    `arn:aws:s3:::logs*` is a bucket, though it could be an object; `arn:aws:ec2:*` is of any type.
    """
    if service_prefix is None and not _names_service(arn):
        return ()
    prefix = service_prefix or next(iter(types)).partition(":")[0]
    own = [name for name in types if name.partition(":")[0] == prefix]
    exact = bool(own) and types[own[0]][0]
    return [name for name in own if types[name] == types[own[0]] or not exact]


def _names_service(arn: str) -> bool:
    """Return True if the ARN writes its service, without wildcards and variables."""
    service = Arn(arn).service
    return service != "" and not has_wildcard(service)
