"""Turn actions into statements and policies: on which resources, in which groups, how large.

Which resources an action is granted on follows from what AWS's tables say it takes (Service
Authorization Reference, "Actions, resources, and condition keys for AWS services", about the column
Resource types of the actions table):

- an action without a resource type takes only `*`;
- a statement that names ARNs has an ARN of each required type;
- of optional types, any may be used: those that ARNs are passed of, else all;
- a dependent action is needed for the resources of the action that has it: where it takes some of
  their types (`ec2:CreateTags` takes all of `ec2:RunInstances`), these are meant and no others.

Actions that take the same resource types share a statement, and no statement pairs an action with
an ARN of a type that it does not take. The same input in any order gives the same text.

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
from typing import Any

from iam_catalog.arn.format import fill, placeholder_names
from iam_catalog.errors import CatalogError
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.held_service import ActionFacts, Needed, TakenType
from iam_catalog.policy.write.sizes import SizeLimit, size_of

VERSION = "2012-10-17"
"""The current version of the policy language (IAM User Guide, "IAM JSON policy elements:
Version"); in the older one `${…}` would be plain text."""

ANY_RESOURCE = "*"
_NAMED = 3
"""A statement of more resource types is not named after them."""

UNKNOWN_RESOURCE = "${Resource}"
"""Stands for a whole ARN where the catalog does not know the resource types or their formats."""

COMMON = ("Account", "Partition", "Region", "Resource")
"""Values for these may be given even where no ARN has a place for them."""

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


def granted_action(
    name: str,
    facts: ActionFacts | None,
    given: Mapping[str, Sequence[str]],
    *,
    with_optional_types: bool = False,
    beside: Container[str] = (),
) -> GrantedAction:
    """Grant an action on the ARNs *given* of its types, and on AWS's ARN formats of the others.

    *beside* has the types of the actions that it is a dependent action of.
    """
    if facts is None:
        return GrantedAction(name, None, (), (), (UNKNOWN_RESOURCE,), None)
    if facts.types is None:
        resources = (UNKNOWN_RESOURCE,)
        return GrantedAction(facts.action, facts.access_level, (), (), resources, facts.evidence)
    types = sorted(facts.types, key=lambda taken: taken.resource_type)
    chosen = types if with_optional_types else _chosen_types(types, given, beside)
    arns = [arn for taken in chosen for arn in _arns_of(taken, given)]
    return GrantedAction(
        facts.action,
        facts.access_level,
        tuple(taken.resource_type for taken in chosen),
        tuple(taken.resource_type for taken in types if taken not in chosen),
        tuple(dict.fromkeys(arns)) or (ANY_RESOURCE,),
        facts.evidence,
        facts.incomplete,
    )


def _chosen_types(
    types: Sequence[TakenType], given: Container[str], beside: Container[str]
) -> Sequence[TakenType]:
    """Choose the required types and those that ARNs are given of; else those *beside*; else all."""
    chosen = [taken for taken in types if taken.required or taken.resource_type in given]
    return chosen or [taken for taken in types if taken.resource_type in beside] or types


def _arns_of(taken: TakenType, given: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return given.get(taken.resource_type) or taken.arn_formats or (UNKNOWN_RESOURCE,)


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
    check_values(values, {arn for each in held for arn in each.resources} - unchanged)
    return [
        replace(
            each,
            resources=tuple(
                arn if arn in unchanged else fill(arn, values) for arn in each.resources
            ),
        )
        for each in held
    ]


def groups_of(granted: Iterable[GrantedAction], facts: Mapping[str, ActionFacts]) -> list[Group]:
    """Group actions into statements; *facts* are by the action's name in lower case."""
    return grouped([_as_grant(each, facts.get(each.action.lower())) for each in granted])


def _as_grant(granted: GrantedAction, facts: ActionFacts | None) -> Grant:
    together = facts is not None and any(taken.required for taken in facts.types or ())
    is_unknown = facts is None or facts.types is None
    unknown_of = granted.action.partition(":")[0].lower() if is_unknown else ""
    return Grant(granted.action, granted.resource_types, granted.resources, together, unknown_of)


# --- statements and policies


@dataclass(frozen=True, slots=True)
class Grant:
    """An action with the resources that it is granted on."""

    action: str
    types: tuple[str, ...]
    """Full names of resource types; none where the action takes only `*`."""
    arns: tuple[str, ...]
    together: bool
    """Each of the types is required: its ARNs belong into one statement."""
    unknown_of: str = ""
    """The service prefix, where the catalog does not know what the action takes."""


@dataclass(frozen=True, slots=True)
class Group:
    """A future statement, or several where one would be too large."""

    title: str
    actions: tuple[str, ...]
    arns: tuple[str, ...]
    together: bool

    def statement(self, sid: str) -> dict[str, Any]:
        only = self.arns == (ANY_RESOURCE,)
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": ANY_RESOURCE if only else list(self.arns),
        }


def grouped(grants: Iterable[Grant]) -> list[Group]:
    """Make a group for each set of resource types, by name.

    Behind them are actions that take unknown types, and last those that take only `*`.
    """
    found: dict[tuple[Any, ...], list[Grant]] = {}
    for grant in grants:
        place = 0 if grant.types else 1 if grant.unknown_of else 2
        key = (place, grant.unknown_of, grant.types, grant.arns)
        found.setdefault(key, []).append(grant)
    return [
        Group(
            title(types, unknown_of),
            tuple(sorted({grant.action for grant in held}, key=str.lower)),
            arns,
            any(grant.together for grant in held),
        )
        for (_, unknown_of, types, arns), held in sorted(found.items())
    ]


def title(types: Sequence[str], unknown_of: str = "") -> str:
    """Name a statement, with letters and digits only, as IAM asks of a Sid.

    >>> title(["s3:bucket", "s3:object"]), title(["lex:bot alias"]), title([])
    ('S3BucketObject', 'LexBotAlias', 'WithoutResourceType')
    """
    if not types:
        return f"{_camel(unknown_of)}ResourceTypeUnknown" if unknown_of else "WithoutResourceType"
    prefix = _camel(types[0].partition(":")[0])
    if len(types) > _NAMED:
        return f"{prefix}SeveralResourceTypes"
    return prefix + "".join(_camel(name.partition(":")[2]) for name in types)


def _camel(text: str) -> str:
    words = "".join(
        letter if letter.isascii() and letter.isalnum() else " " for letter in text
    ).split()
    return "".join(word[:1].upper() + word[1:] for word in words)


def policies_of(groups: Sequence[Group], limit: SizeLimit) -> list[dict[str, Any]]:
    """Make policies of all groups, each within the limit; one wherever one is enough.

    Raises `CatalogError` where the limit is too small for them.
    """
    bins: list[list[Group]] = []
    for group in groups:
        for piece in _pieces(group, limit):
            room = next((each for each in bins if _fits([*each, piece], limit)), None)
            if room is None:
                bins.append(room := [])
            room.append(piece)
    policies = [_policy_of(each) for each in bins]
    if limit.in_all and len(policies) > 1:
        total = size_of(_policy_of(groups), limit)
        raise CatalogError(
            f"The policy takes {total:,} {limit.unit}, but {limit.policy} may have {limit.size:,}"
            f" in all ({limit.page}, {limit.date}): ask for less, or for managed policies."
        )
    return policies


def _pieces(group: Group, limit: SizeLimit) -> list[Group]:
    """Halve the group until each part fits into a policy of its own."""
    if _fits([group], limit):
        return [group]
    actions, arns = len(group.actions) // 2, len(group.arns) // 2
    if actions:
        halves = [
            replace(group, actions=group.actions[:actions]),
            replace(group, actions=group.actions[actions:]),
        ]
    elif arns and not group.together:
        halves = [
            replace(group, arns=group.arns[:arns]),
            replace(group, arns=group.arns[arns:]),
        ]
    else:
        raise CatalogError(
            f"{group.actions[0]} with its resources is larger than the {limit.size:,}"
            f" {limit.unit} that {limit.policy} may have ({limit.page}, {limit.date})."
        )
    return [piece for half in halves for piece in _pieces(half, limit)]


def _fits(groups: Sequence[Group], limit: SizeLimit) -> bool:
    return size_of(_policy_of(groups), limit) <= limit.size


def _policy_of(groups: Sequence[Group]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": statements_of(groups, set())}


def statements_of(groups: Sequence[Group], taken: Iterable[str]) -> list[dict[str, Any]]:
    """Make a statement of each group; its name differs from the others and from those *taken*."""
    used = set(taken)
    statements = []
    for group in groups:
        sid, number = group.title, 1
        while sid in used:
            number += 1
            sid = f"{group.title}{number}"
        used.add(sid)
        statements.append(group.statement(sid))
    return statements


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
                f"{value!r} is no value for the placeholder {name!r}: write what stands in the ARN,"
                " in characters from U+0020 to U+00FF."
            )
        if name in ("Account", "Partition", "Region") and (":" in value or " " in value):
            raise CatalogError(
                f"{value!r} is no value for the placeholder {name!r}: write one part of an ARN,"
                " without colons and blanks."
            )
