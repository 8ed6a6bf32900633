"""An action -> the resources that a policy grants it on, by what AWS's tables say it takes.

The rules stand in the Service Authorization Reference, "Actions, resources, and condition keys for
AWS services", about the column Resource types of the actions table:

- an action without a resource type takes only `*`;
- a statement that names ARNs has an ARN of each required type;
- of optional types, any may be used: those that ARNs are given of, else all;
- a dependent action is needed for the resources of the action that has it: where it takes some of
  their types (`ec2:CreateTags` takes all of `ec2:RunInstances`), these are meant and no others.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from iam_catalog.arn.format import fill
from iam_catalog.policy.action_facts import ActionFacts, TakenType
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.write.compose import ANY_RESOURCE, Grant, Group, grouped
from iam_catalog.policy.write.placeholders import UNKNOWN_RESOURCE, check_values


@dataclass(frozen=True, slots=True)
class GrantedAction:
    """An action of a written statement, with the row of the catalog that says what it takes."""

    action: str
    access_level: str | None
    resource_types: tuple[str, ...]
    """Those that the statement names; none where the action takes only `*`, or what it takes is
    not known."""
    other_types: tuple[str, ...]
    """Those that it may use besides, and the statement does not name: optional ones, or of a
    source that does not tell which ones are."""
    resources: tuple[str, ...]
    evidence: Evidence | None
    """None where the catalog does not hold the action."""
    incomplete: bool = False
    """It may take further resource types, and need further actions: a public dataset kept one of
    the pages on which AWS describes it."""


def granted_action(
    name: str,
    facts: ActionFacts | None,
    given: Mapping[str, Sequence[str]],
    *,
    with_optional_types: bool = False,
    beside: Container[str] = (),
) -> GrantedAction:
    """The action with the ARNs *given* of its types, and AWS's ARN formats for the others.

    *beside* has the types of the actions that it is a dependent action of.
    """
    if facts is None:
        return GrantedAction(name, None, (), (), (UNKNOWN_RESOURCE,), None)
    if facts.types is None:
        resources = (UNKNOWN_RESOURCE,)
        return GrantedAction(facts.action, facts.access_level, (), (), resources, facts.evidence)
    types = sorted(facts.types, key=lambda taken: taken.resource_type)
    chosen = types if with_optional_types else chosen_types(types, given, beside)
    arns = [arn for taken in chosen for arn in arns_of(taken, given)]
    return GrantedAction(
        facts.action,
        facts.access_level,
        tuple(taken.resource_type for taken in chosen),
        tuple(taken.resource_type for taken in types if taken not in chosen),
        tuple(dict.fromkeys(arns)) or (ANY_RESOURCE,),
        facts.evidence,
        facts.incomplete,
    )


def chosen_types(
    types: Sequence[TakenType], given: Container[str], beside: Container[str]
) -> Sequence[TakenType]:
    """The required ones and those that ARNs are given of; else those *beside*; else all."""
    chosen = [taken for taken in types if taken.required or taken.resource_type in given]
    return chosen or [taken for taken in types if taken.resource_type in beside] or types


def arns_of(taken: TakenType, given: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return given.get(taken.resource_type) or taken.arn_formats or (UNKNOWN_RESOURCE,)


def with_values(
    granted: Iterable[GrantedAction], values: Mapping[str, str], given: Iterable[str] = ()
) -> list[GrantedAction]:
    """The same with *values* for placeholders, except in the ARNs *given*.

    Raises `CatalogError` for a value that can not stand in an ARN, or has no place in any.
    """
    held = list(granted)
    kept = frozenset(given)
    check_values(values, {arn for each in held for arn in each.resources} - kept)
    return [
        replace(
            each,
            resources=tuple(arn if arn in kept else fill(arn, values) for arn in each.resources),
        )
        for each in held
    ]


def groups_of(granted: Iterable[GrantedAction], facts: Mapping[str, ActionFacts]) -> list[Group]:
    """What becomes the statements; *facts* are by the action's name in lower case."""
    return grouped([as_grant(each, facts.get(each.action.lower())) for each in granted])


def as_grant(granted: GrantedAction, facts: ActionFacts | None) -> Grant:
    together = facts is not None and any(taken.required for taken in facts.types or ())
    is_unknown = facts is None or facts.types is None
    unknown_of = granted.action.partition(":")[0].lower() if is_unknown else ""
    return Grant(granted.action, granted.resource_types, granted.resources, together, unknown_of)
