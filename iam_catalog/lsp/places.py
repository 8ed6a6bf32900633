"""Tell what a place of a policy is for: what can be typed there, or is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from iam_catalog.lsp.policies import TreePolicy, TreeStatement, policies_in, texts_of
from iam_catalog.lsp.scan.tree import Branch, CursorSpot, Member
from iam_catalog.policy.read.kinds import STATEMENT

Role = Literal[
    "policies",
    "statement",
    "variable",
    "policy-element",
    "version",
    "element",
    "effect",
    "action",
    "resource",
    "principal",
    "principal-type",
    "operator",
    "key",
    "value",
    "block-argument",
]
"""What a place is for."""

_ROLES: dict[str, Role] = {
    "Effect": "effect",
    "Action": "action",
    "NotAction": "action",
    "Resource": "resource",
    "NotResource": "resource",
}
_BLOCK_ROLES: dict[str, Role] = {
    "type": "principal-type",
    "identifiers": "principal",
    "test": "operator",
    "variable": "key",
    "values": "value",
}
"""Of the arguments of the blocks `principals` and `condition` in Terraform's data source."""


@dataclass(frozen=True, slots=True)
class PolicyPlace:
    """A place in a policy where something can be typed, or is written."""

    role: Role
    spot: CursorSpot
    policy: TreePolicy
    statement: TreeStatement | None = None
    element: str = ""
    """The element of the statement, by its name in JSON."""
    operator: str = ""
    """Of a key or value of a condition."""
    key: str = ""
    """The condition key of a value."""
    principal_type: str = ""
    """Of a principal: `AWS`, `Service` and so on; empty for `*` in place of an object."""


def place_at(root: Branch, spot: CursorSpot, *, is_expected: bool = False) -> PolicyPlace | None:
    """Tell what a spot of a tree is for; None outside of policies.

    Where a policy *is_expected*, one can begin at the root, too.
    """
    if (
        is_expected
        and spot.branch is root
        and not any(isinstance(each, Branch) for each in root.items)
    ):
        return PolicyPlace("policies", spot, TreePolicy(root, []))
    steps = _steps(spot)
    around: set[int] = set()
    outer: Branch | None = spot.branch
    while outer is not None:
        around.add(id(outer))
        outer = outer.member.owner if outer.member is not None else outer.parent
    policies = [
        policy for policy in policies_in(root, is_expected=is_expected) if id(policy.node) in around
    ]
    for policy in reversed(policies):  # the innermost one is found last
        statements = {id(each.node): each for each in policy.statements}
        for index, (branch, member) in enumerate(steps):
            if id(branch) in statements:
                return _in_statement(spot, policy, statements[id(branch)], steps[: index + 1])
            if branch is policy.node:
                return _in_policy(spot, policy, member)
    return None


def _steps(spot: CursorSpot) -> list[tuple[Branch, Member | None]]:
    """List the objects around a spot with the member in each, from the innermost outwards."""
    found: list[tuple[Branch, Member | None]] = []
    branch: Branch | None = spot.branch
    if spot.branch.kind == "object":
        found.append((spot.branch, spot.member))
    while branch is not None:
        member = branch.member
        if member is not None:
            found.append((member.owner, member))
            branch = member.owner
        else:
            branch = branch.parent
            if branch is not None and branch.kind == "object":  # an item without a key
                found.append((branch, None))
    return found


def _in_policy(spot: CursorSpot, policy: TreePolicy, member: Member | None) -> PolicyPlace | None:
    if member is not None and member.name == STATEMENT and not spot.is_key and not policy.is_block:
        return PolicyPlace("statement", spot, policy)
    if spot.branch is not policy.node:
        return None
    if spot.is_key:
        return PolicyPlace("policy-element", spot, policy)
    if member is not None and member.name in ("Version", "version"):
        return PolicyPlace("version", spot, policy)
    return None


def _in_statement(
    spot: CursorSpot,
    policy: TreePolicy,
    statement: TreeStatement,
    steps: list[tuple[Branch, Member | None]],
) -> PolicyPlace | None:
    """Tell what a spot in a statement is for; *steps* end with the statement."""
    member = steps[-1][1]
    if spot.is_key and len(steps) == 1:
        return PolicyPlace("element", spot, policy, statement)
    if member is None:
        return None
    element = statement.element_of(member)
    if element in _ROLES and not spot.is_key:
        role = _ROLES[element]
        return PolicyPlace(role, spot, policy, statement, element) if len(steps) == 1 else None
    if statement.is_block and len(steps) > 1:
        return _in_block(spot, policy, statement, element, steps[-2])
    inner = [each for _, each in reversed(steps[:-1])]
    if element in ("Principal", "NotPrincipal"):
        return _in_principal(spot, policy, statement, element, inner)
    if element == "Condition":
        return _in_condition(spot, policy, statement, inner)
    return None


def _in_principal(
    spot: CursorSpot,
    policy: TreePolicy,
    statement: TreeStatement,
    element: str,
    inner: list[Member | None],
) -> PolicyPlace | None:
    if not inner:
        return PolicyPlace("principal", spot, policy, statement, element)
    if spot.is_key:
        return PolicyPlace("principal-type", spot, policy, statement, element)
    name = inner[0].name if inner[0] is not None else ""
    return PolicyPlace("principal", spot, policy, statement, element, principal_type=name)


def _in_condition(
    spot: CursorSpot, policy: TreePolicy, statement: TreeStatement, inner: list[Member | None]
) -> PolicyPlace | None:
    names = [each.name if each is not None else "" for each in inner]
    if len(inner) == 1 and spot.is_key:
        return PolicyPlace("operator", spot, policy, statement, "Condition")
    if len(inner) == 2 and spot.is_key:
        return PolicyPlace("key", spot, policy, statement, "Condition", operator=names[0])
    if len(inner) == 2:
        return PolicyPlace("value", spot, policy, statement, "Condition", names[0], names[1])
    return None


def _in_block(
    spot: CursorSpot,
    policy: TreePolicy,
    statement: TreeStatement,
    element: str,
    step: tuple[Branch, Member | None],
) -> PolicyPlace | None:
    """Tell what a spot in a block `principals` or `condition` is for."""
    block, member = step
    if spot.is_key:
        return PolicyPlace("block-argument", spot, policy, statement, element)
    role = _BLOCK_ROLES.get(member.name) if member is not None else None
    if role is None:
        return None
    held = {each.name: next((leaf.text for leaf in texts_of(each)), "") for each in block.members}
    return PolicyPlace(
        role,
        spot,
        policy,
        statement,
        element,
        operator=held.get("test", ""),
        key=held.get("variable", ""),
        principal_type=held.get("type", ""),
    )
