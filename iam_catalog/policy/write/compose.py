"""Actions with the ARNs that they get -> statements -> policies of an allowed size.

Pure: no catalog, no files. The same input in any order gives the same text. Actions that take the
same resource types share a statement, and no statement pairs an action with an ARN of a type that
it does not take.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iam_catalog.errors import CatalogError
from iam_catalog.policy.write.sizes import SizeLimit, size_of

VERSION = "2012-10-17"
"""The current version of the policy language (IAM User Guide, "IAM JSON policy elements:
Version"); in the older one `${…}` would be plain text."""

ANY_RESOURCE = "*"
NAMED = 3
"""A statement of more resource types is not called after them."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An action with what it is granted on."""

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
    """What becomes one statement, or several where one would be too large."""

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
    """One group for each set of resource types, by name; behind them what takes unknown ones, and
    last what takes only `*`."""
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
    """What a statement is called: letters and digits only, as IAM asks of a Sid.

    >>> title(["s3:bucket", "s3:object"]), title(["lex:bot alias"]), title([])
    ('S3BucketObject', 'LexBotAlias', 'WithoutResourceType')
    """
    if not types:
        return f"{camel(unknown_of)}ResourceTypeUnknown" if unknown_of else "WithoutResourceType"
    prefix = camel(types[0].partition(":")[0])
    if len(types) > NAMED:
        return f"{prefix}SeveralResourceTypes"
    return prefix + "".join(camel(name.partition(":")[2]) for name in types)


def camel(text: str) -> str:
    words = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text).split()
    return "".join(word[:1].upper() + word[1:] for word in words)


def policies_of(groups: Sequence[Group], limit: SizeLimit) -> list[dict[str, Any]]:
    """Policies with all groups, each within the limit; one wherever one is enough.

    Raises `CatalogError` where the limit is too small for them.
    """
    bins: list[list[Group]] = []
    for group in groups:
        for piece in pieces(group, limit):
            room = next((each for each in bins if fits([*each, piece], limit)), None)
            if room is None:
                bins.append(room := [])
            room.append(piece)
    policies = [policy_of(each) for each in bins]
    if limit.in_all and len(policies) > 1:
        total = size_of(policy_of(groups), limit)
        raise CatalogError(
            f"The policy takes {total:,} {limit.unit}, but {limit.policy} may have {limit.size:,}"
            f" in all ({limit.page}, {limit.date}): ask for less, or for managed policies."
        )
    return policies


def pieces(group: Group, limit: SizeLimit) -> list[Group]:
    """The group, halved until each part fits into a policy of its own."""
    if fits([group], limit):
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
    return [piece for half in halves for piece in pieces(half, limit)]


def fits(groups: Sequence[Group], limit: SizeLimit) -> bool:
    return size_of(policy_of(groups), limit) <= limit.size


def policy_of(groups: Sequence[Group]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": statements_of(groups, set())}


def statements_of(groups: Sequence[Group], taken: Iterable[str]) -> list[dict[str, Any]]:
    """A statement for each group, with names that differ from each other and from those *taken*."""
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
