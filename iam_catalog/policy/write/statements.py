"""Group granted actions into statements and policies: which belong together, and how large.

Actions that take the same resource types share a statement, and no statement pairs an action with
an ARN of a type that it does not take. The same input in any order gives the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iam_catalog.errors import CatalogError
from iam_catalog.policy.held_service import ActionFacts
from iam_catalog.policy.write.grants import ANY_RESOURCE, GrantedAction
from iam_catalog.policy.write.sizes import SizeLimit, size_of

VERSION = "2012-10-17"
"""The current version of the policy language (IAM User Guide, "IAM JSON policy elements:
Version"); in the older one `${…}` would be plain text."""

_ON_EVERYTHING = "OnEveryResource"
"""Name of a statement that denies without any ARN, whatever types its actions take."""
_NAMED = 3
"""A statement of more resource types is not named after them."""


def groups_of(
    granted: Iterable[GrantedAction], facts: Mapping[str, ActionFacts], effect: str = "Allow"
) -> list[Group]:
    """Group actions into statements; *facts* are by the action's name in lower case."""
    groups = grouped([_as_grant(each, facts.get(each.action.lower())) for each in granted])
    if effect == "Allow":
        return groups
    return [
        replace(group, effect=effect, title=_ON_EVERYTHING if group.is_everywhere else group.title)
        for group in groups
    ]


def _as_grant(granted: GrantedAction, facts: ActionFacts | None) -> Grant:
    together = facts is not None and any(taken.required for taken in facts.types or ())
    is_unknown = facts is None or facts.types is None
    unknown_of = granted.action.partition(":")[0].lower() if is_unknown else ""
    return Grant(
        granted.action,
        granted.resource_types,
        granted.resources,
        together,
        unknown_of,
        granted.conditions,
    )


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
    conditions: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A future statement, or several where one would be too large."""

    title: str
    actions: tuple[str, ...]
    arns: tuple[str, ...]
    together: bool
    conditions: tuple[tuple[str, str, str], ...] = ()
    effect: str = "Allow"

    @property
    def is_everywhere(self) -> bool:
        return self.arns == (ANY_RESOURCE,)

    def statement(self, sid: str) -> dict[str, Any]:
        statement: dict[str, Any] = {
            "Sid": sid,
            "Effect": self.effect,
            "Action": list(self.actions),
            "Resource": ANY_RESOURCE if self.is_everywhere else list(self.arns),
        }
        for operator, key, value in self.conditions:
            statement.setdefault("Condition", {}).setdefault(operator, {})[key] = value
        return statement


def grouped(grants: Iterable[Grant]) -> list[Group]:
    """Make a group for each set of resource types, by name.

    Behind them are actions that take unknown types, and last those that take only `*`.
    """
    found: dict[tuple[Any, ...], list[Grant]] = {}
    for grant in grants:
        place = 0 if grant.types else 1 if grant.unknown_of else 2
        key = (place, grant.unknown_of, grant.types, grant.arns, grant.conditions)
        found.setdefault(key, []).append(grant)
    return [
        Group(
            title(types, unknown_of),
            tuple(sorted({grant.action for grant in held}, key=str.lower)),
            arns,
            any(grant.together for grant in held),
            conditions,
        )
        for (_, unknown_of, types, arns, conditions), held in sorted(found.items())
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
