"""Grant actions on the resources that they take.

Which resources an action is granted on follows from what AWS's tables say it takes (Service
Authorization Reference, "Actions, resources, and condition keys for AWS services", about the column
Resource types of the actions table):

- an action without a resource type takes only `*`;
- a statement that names ARNs has an ARN of each required type, and of a type that the action needs
  beside these (`ssm:SendCommand` an instance beside the document);
- of optional types, any may be used: those that ARNs are passed of, else all; where these are many,
  as of actions for tags, wildcards take the place of their ARN formats;
- actions about service-linked roles take roles below `role/aws-service-role/`, and the one that
  creates them has the key that says for which service;
- a dependent action is needed for the resources of the action that has it: where it takes some of
  their types (`ec2:CreateTags` takes all of `ec2:RunInstances`), these are meant and no others.

What a policy leaves to be filled in has the form of a policy variable, `${Account}`, as in AWS's
own ARN formats, but cannot be taken for one: names of variables are condition keys, which have a
colon, and placeholders have none. A policy with placeholders grants nothing by mistake. IAM refuses
one in the partition, and a text such as `${BucketName}` behind the fifth colon is a variable that
no request has a value for, so that the statement matches nothing (IAM User Guide, "IAM policy
elements: Variables and tags").
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from iam_catalog.arn.format import fill, placeholder_names
from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import VARIABLE, has_wildcard, literal_start
from iam_catalog.errors import CatalogError
from iam_catalog.names import split_arn_format
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.held_service import ActionFacts, Needed, TakenType

ANY_RESOURCE = "*"

UNKNOWN_RESOURCE = "${Resource}"
"""Stands for a whole ARN where the catalog does not know the resource types or their formats."""

COMMON = ("Account", "Partition", "Region", "Resource")
"""Values for these may be given even where no ARN has a place for them."""

_COMPANIONS: dict[str, tuple[str, ...]] = {
    # AWS Systems Manager User Guide, "Restricting Run Command access based on tags"
    "ssm:sendcommand": ("ssm:instance", "ssm:managed-instance", "ec2:instance"),
    # Amazon ECS Developer Guide, "Monitor Amazon ECS containers with ECS Exec": examples of
    # policies that limit the access to it
    "ecs:executecommand": ("ecs:cluster",),
}
"""The types, by action in lower case, of which a call needs one though AWS's tables have no star at
any of them; the first one is proposed."""

_SERVICE_LINKED = {
    "iam:createservicelinkedrole",
    "iam:deleteservicelinkedrole",
    "iam:getservicelinkedroledeletionstatus",
}
"""Actions that take service-linked roles alone (IAM User Guide, "Create a service-linked role",
section "Service-linked role permissions")."""
_SERVICE_LINKED_PATH = "role/aws-service-role/"
_SERVICE_LINKED_ROLE = (
    "arn:${Partition}:iam::${Account}:role/aws-service-role/${AWSServiceName}/${RoleName}"
)
_SERVICE_KEY = "iam:AWSServiceName"
"""Key of the action that creates one: the service that the role is for."""

_MOST_REQUIRED = 6
"""Of more types with a star than these, a call takes one: `bedrock:InvokeModel` has twelve, and
`ec2:RunInstances`, which takes the most resources at once, six."""

_MOST_TYPES = 12
"""The ARN formats of more types than these are not written out."""

_LAST_CHARACTER = "\u00ff"
"""The last character that a policy may contain ("IAM and AWS STS quotas", "IAM name
requirements")."""


# --- an action with its resources


@dataclass(frozen=True, slots=True)
class GrantedAction:
    """An action of a written statement, with the row of the catalog that says what it takes."""

    action: str
    access_level: str | None
    resource_types: tuple[str, ...]
    """Those that the statement names; none where the action takes only `*`, or unknown types."""
    other_types: tuple[str, ...]
    """Those that it may use besides, and the statement does not name: optional ones, or of a
    source that does not tell which ones are."""
    resources: tuple[str, ...]
    evidence: Evidence | None
    """None where the catalog does not hold the action."""
    incomplete: bool = False
    """It may take further resource types, and need further actions: a public dataset kept one of
    the pages on which AWS describes it."""
    conditions: tuple[tuple[str, str, str], ...] = ()
    """Operator, key and value of each condition that its statement has."""


def granted_action(
    name: str,
    facts: ActionFacts | None,
    given: Mapping[str, Sequence[str]],
    *,
    with_optional_types: bool = False,
    beside: Container[str] = (),
    everywhere: bool = False,
) -> GrantedAction:
    """Grant an action on the ARNs *given* of its types, and on AWS's ARN formats of the others.

    *beside* has the types of the actions that it is a dependent action of. With *everywhere*, an
    action gets `*` where no ARN is given.
    """
    if facts is None:
        return GrantedAction(name, None, (), (), (UNKNOWN_RESOURCE,), None)
    if facts.types is None:
        resources = (UNKNOWN_RESOURCE,)
        return GrantedAction(facts.action, facts.access_level, (), (), resources, facts.evidence)
    types = sorted(facts.types, key=lambda taken: taken.resource_type)
    key = name.lower()
    if key in _SERVICE_LINKED:
        given = {kind: roles for kind, arns in given.items() if (roles := _service_linked(arns))}
    if everywhere:
        chosen: Sequence[TakenType] = [each for each in types if each.resource_type in given]
    elif with_optional_types:
        chosen = types
    else:
        chosen = _chosen_types(key, types, given, beside)
    arns = _arns_of(key, chosen, given, with_optional_types=with_optional_types)
    return GrantedAction(
        facts.action,
        facts.access_level,
        tuple(taken.resource_type for taken in chosen),
        () if everywhere else tuple(each.resource_type for each in types if each not in chosen),
        tuple(dict.fromkeys(arns)) or (ANY_RESOURCE,),
        facts.evidence,
        facts.incomplete,
        () if everywhere else _conditions(key, arns),
    )


def _chosen_types(
    action: str, types: Sequence[TakenType], given: Container[str], beside: Container[str]
) -> Sequence[TakenType]:
    """Choose the required types and those that ARNs are given of; else those *beside*; else all.

    Where the action needs a companion and none is chosen, the first one of those comes, too.
    """
    chosen = [taken for taken in types if taken.required or taken.resource_type in given]
    if len(chosen) > _MOST_REQUIRED:
        chosen = [taken for taken in types if taken.resource_type in given] or chosen
    companions = _COMPANIONS.get(action, ())
    if companions and not any(taken.resource_type in companions for taken in chosen):
        ranked = [taken for taken in types if taken.resource_type in companions]
        chosen += sorted(ranked, key=lambda taken: companions.index(taken.resource_type))[:1]
        chosen.sort(key=lambda taken: taken.resource_type)
    return chosen or [taken for taken in types if taken.resource_type in beside] or types


def _arns_of(
    action: str,
    chosen: Sequence[TakenType],
    given: Mapping[str, Sequence[str]],
    *,
    with_optional_types: bool,
) -> list[str]:
    """Return the ARNs of the types: those given, else AWS's formats, in few words for many."""
    found: list[str] = []
    is_many = len(chosen) > _MOST_TYPES and not with_optional_types
    is_many = is_many and not any(taken.required for taken in chosen)
    for taken in chosen:
        arns = given.get(taken.resource_type) or taken.arn_formats or (UNKNOWN_RESOURCE,)
        if taken.resource_type not in given and taken.arn_formats:
            if action in _SERVICE_LINKED:
                arns = (_SERVICE_LINKED_ROLE,)
            elif is_many:
                arns = [_every_resource(arn) for arn in arns]
        found += arns
    return list(dict.fromkeys(found))


def _every_resource(arn_format: str) -> str:
    """Write `*` for the resource of a format: `*/*` where it has a type and a name."""
    *head, resource = split_arn_format(arn_format) or (arn_format,)
    return ":".join(["arn", *head, "*/*" if "/" in resource else ANY_RESOURCE])


def _service_linked(arns: Iterable[str]) -> list[str]:
    """Return those of the ARNs that can be of a service-linked role."""
    found = []
    for arn in arns:
        resource = Arn(arn).resource
        start = resource[: literal_start(resource)]
        if start.startswith(_SERVICE_LINKED_PATH) or (
            start != resource and _SERVICE_LINKED_PATH.startswith(start)
        ):
            found.append(arn)
    return found


def _conditions(action: str, arns: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """Return the condition that says which service's role may be created.

    The service is the one that all ARNs name, else a placeholder.
    """
    if action != "iam:createservicelinkedrole":
        return ()
    services = set()
    for arn in arns:
        _, found, path = arn.partition(f":{_SERVICE_LINKED_PATH}")
        services.add(path.partition("/")[0] if found else "")
    service = services.pop() if len(services) == 1 else ""
    if not service or VARIABLE in service or has_wildcard(service):
        service = "${AWSServiceName}"
    return (("StringEquals", _SERVICE_KEY, service),)


def open_texts(granted: Iterable[GrantedAction]) -> set[str]:
    """Return the texts of the granted actions that can have placeholders."""
    return {
        text
        for each in granted
        for text in (*each.resources, *(value for _, _, value in each.conditions))
    }


def types_beside(
    dependents: Iterable[Needed], facts: Mapping[str, ActionFacts]
) -> dict[str, set[str]]:
    """Map each dependent action to the resource types of the actions that may need it.

    *facts* are those of these actions, by their names in lower case.
    """
    found: dict[str, set[str]] = {}
    for each in dependents:
        needing = facts.get(each.action.lower())
        types = found.setdefault(each.dependent_action, set())
        types.update([taken.resource_type for taken in ((needing and needing.types) or ())])
    return found


def with_values(
    granted: Iterable[GrantedAction], values: Mapping[str, str], given: Iterable[str] = ()
) -> list[GrantedAction]:
    """Fill in *values* for placeholders, except in the ARNs *given*.

    Raises `CatalogError` for a value that cannot be in an ARN, or has no place in any.
    """
    held = list(granted)
    unchanged = frozenset(given)
    check_values(values, open_texts(held) - unchanged)
    return [
        replace(
            each,
            resources=tuple(
                arn if arn in unchanged else fill(arn, values) for arn in each.resources
            ),
            conditions=tuple(
                (operator, key, fill(value, values)) for operator, key, value in each.conditions
            ),
        )
        for each in held
    ]


# --- values for placeholders


def check_values(values: Mapping[str, str], arns: Iterable[str]) -> None:
    """Raise `CatalogError` for a value that no ARN can have, or a name that no ARN has."""
    names = placeholder_names(arns)
    for name, value in values.items():
        if name not in names and name not in COMMON:
            places = f"there are {', '.join(names)}" if names else "there is none"
            raise CatalogError(f"No placeholder {name!r} in the ARNs of the policy: {places}.")
        if not value or not all(
            " " <= letter <= _LAST_CHARACTER and letter != "\x7f" for letter in value
        ):
            raise CatalogError(
                f"{value!r} is not a value for the placeholder {name!r}: write what stands in the"
                " ARN, in characters from U+0020 to U+00FF."
            )
        if name in ("Account", "Partition", "Region") and (":" in value or " " in value):
            raise CatalogError(
                f"{value!r} is not a value for the placeholder {name!r}: write one part of an ARN,"
                " without colons and blanks."
            )
