"""Find policies in trees, and what can be typed at a place of one.

What counts as a policy is what `iam_catalog.policy.read.kinds` says, asked of what is there of a
half-typed one: the date of a version, an element of a statement, or a name that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from iam_catalog.lsp.scan.tree import Branch, CursorSpot, Leaf, Member, Node, branches, texts_in
from iam_catalog.policy.grammar.statements import ELEMENTS
from iam_catalog.policy.model import Kind, Path
from iam_catalog.policy.read.kinds import (
    DATA_SOURCE,
    DATA_SOURCE_ELEMENTS,
    STATEMENT,
    VERSIONS,
    kind_in_place,
)

Role = Literal[
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

_DECISIVE = frozenset({"Effect", "Action", "NotAction"})
_ELEMENTS = frozenset(ELEMENTS)
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
_HOLDERS = ("PolicyDocument", "AssumeRolePolicyDocument", "assume_role_policy", "KeyPolicy")
"""Names of members that hold a policy, whatever is in it yet."""


@dataclass(slots=True, eq=False)
class TreeStatement:
    """A statement of a policy in a tree."""

    node: Branch
    policy: TreePolicy
    number: int
    """Its index among the statements, from 0."""
    is_block: bool = False
    """It is a block of Terraform's data source, which has other names for the elements."""

    def members(self) -> Iterator[tuple[str, Member]]:
        """Yield the elements by their names in JSON."""
        for member in self.node.members:
            yield self.element_of(member), member

    def element_of(self, member: Member) -> str:
        """Return the name in JSON of an element."""
        return DATA_SOURCE_ELEMENTS.get(member.name, "") if self.is_block else member.name

    def texts(self, *elements: str) -> list[Leaf]:
        """Return the texts of elements, such as all actions."""
        return [
            leaf
            for name, member in self.members()
            if name in elements
            for value in member.values
            for leaf in texts_in(value)
            if leaf.text
        ]

    def text(self, element: str) -> str:
        """Return the text of an element, or of the first of several."""
        return next((leaf.text for leaf in self.texts(element)), "")


@dataclass(slots=True, eq=False)
class TreePolicy:
    """A policy in a tree, perhaps a half-typed one."""

    node: Branch
    statements: list[TreeStatement]
    kind: Kind | None = None
    """What its place or its form says; None where neither does."""
    is_block: bool = False


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


def policies_in(root: Branch) -> list[TreePolicy]:
    """List the policies of a tree in their order."""
    found = []
    for branch in branches(root):
        if branch.kind != "object":
            continue
        policy = _policy_of(branch, root)
        if policy is not None:
            found.append(policy)
        found += _lists_of_statements(branch)
    return found


def _policy_of(branch: Branch, root: Branch) -> TreePolicy | None:
    member = branch.member
    if member is not None and member.name == "data" and member.labels[:1] == (DATA_SOURCE,):
        policy = TreePolicy(branch, [], is_block=True)
        policy.statements = _statement_blocks(branch, policy)
        policy.kind = _kind_by_form(policy)
        return policy
    is_bare = branch.parent is root or (branch.parent is not None and branch.parent.parent is root)
    if _is_policy(branch):
        policy = TreePolicy(branch, [])
        held = [each for each in branch.members if each.name == STATEMENT]
        nodes = [node for each in held for value in each.values for node in _objects(value)]
    elif is_bare and member is None and sum(each.name in _ELEMENTS for each in branch.members) > 1:
        policy, nodes = TreePolicy(branch, []), [branch]
    else:
        return None
    policy.statements = [TreeStatement(node, policy, index) for index, node in enumerate(nodes)]
    policy.kind = _kind_by_place(branch) or _kind_by_form(policy)
    return policy


def _objects(node: Node) -> Iterator[Branch]:
    """Yield the objects in a value, also in lists and calls."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Branch):
            if each.kind == "object":
                yield each
            else:
                waiting += reversed(each.items)


def _is_policy(branch: Branch) -> bool:
    """Return True for an object that is a policy, as far as it is written."""
    for member in branch.members:
        if member.name == "Version" and any(leaf.text in VERSIONS for leaf in _texts_of(member)):
            return True
        if member.name == STATEMENT and any(
            _DECISIVE.intersection(each.name for each in node.members)
            for value in member.values
            for node in _objects(value)
        ):
            return True
    holder = _holder(branch)
    return holder is not None and (holder in _HOLDERS or branch.get(STATEMENT) is not None)


def _texts_of(member: Member) -> Iterator[Leaf]:
    for value in member.values:
        yield from texts_in(value)


def _holder(branch: Branch) -> str | None:
    """Return the name of the member that holds a policy; None where others have such names."""
    node: Branch | None = branch
    encoded = False
    while node is not None and node.member is None:
        node = node.parent
        encoded = encoded or (node is not None and node.name == "jsonencode")
    if node is None or node.member is None:
        return None
    encoded = encoded or node.name == "jsonencode"
    name = node.member.name
    direct = node is branch or encoded
    known = name in _HOLDERS or (encoded and kind_in_place("aws_", name) is not None)
    return (_HOLDERS[0] if encoded else name) if direct and known else None


def _lists_of_statements(branch: Branch) -> Iterator[TreePolicy]:
    """Yield statements without a policy around them, as `iamRoleStatements` has."""
    for member in branch.members:
        name = member.name.lower()
        if not name.endswith("statements") or not member.values:
            continue
        nodes = [node for value in member.values for node in _objects(value)]
        if any(sum(each.name in _ELEMENTS for each in node.members) > 1 for node in nodes) or (
            nodes and name == "iamrolestatements"
        ):
            owner = member.values[0]
            policy = TreePolicy(owner if isinstance(owner, Branch) else branch, [])
            policy.statements = [TreeStatement(each, policy, i) for i, each in enumerate(nodes)]
            policy.kind = "identity" if name == "iamrolestatements" else _kind_by_form(policy)
            yield policy


def _statement_blocks(branch: Branch, policy: TreePolicy) -> list[TreeStatement]:
    found: list[TreeStatement] = []
    for member in branch.members:
        if member.name == "statement" and isinstance(member.value, Branch):
            found.append(TreeStatement(member.value, policy, len(found), is_block=True))
        elif member.name == "dynamic" and member.labels[:1] == ("statement",):
            inner = member.value.get("content") if isinstance(member.value, Branch) else None
            if inner is not None and isinstance(inner.value, Branch):
                found.append(TreeStatement(inner.value, policy, len(found), is_block=True))
    return found


# --- kinds


def _kind_by_place(branch: Branch) -> Kind | None:
    """Return the kind that the name and the type of the resource around a policy tell."""
    name, resource_type = "", ""
    node: Branch | None = branch
    while node is not None:
        member = node.member
        if member is not None:
            name = name or ("" if member.name == "json" else member.name)
            if member.name == "resource" and member.labels:
                resource_type = member.labels[0]
                break
            stated = member.owner.get("Type")
            held = next((leaf.text for leaf in _texts_of(stated)), "") if stated else ""
            if held.startswith("AWS::"):
                resource_type = held
                break
        node = node.parent if member is None else member.owner
    return kind_in_place(resource_type, name)


def _kind_by_form(policy: TreePolicy) -> Kind | None:
    """Return the kind of a policy by its principals; None while there are none yet."""
    for statement in policy.statements:
        names = {name for name, _ in statement.members()}
        if not names.isdisjoint(("Principal", "NotPrincipal")):
            actions = statement.texts("Action")
            of_sts = actions and all(leaf.text.lower().startswith("sts:") for leaf in actions)
            return "trust" if of_sts else "resource"
    return None


# --- places


def place_at(root: Branch, spot: CursorSpot) -> PolicyPlace | None:
    """Tell what a spot of a tree is for; None outside of policies."""
    steps = _steps(spot)
    around: set[int] = set()
    outer: Branch | None = spot.branch
    while outer is not None:
        around.add(id(outer))
        outer = outer.member.owner if outer.member is not None else outer.parent
    policies = [policy for policy in policies_in(root) if id(policy.node) in around]
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
    held = {each.name: next((leaf.text for leaf in _texts_of(each)), "") for each in block.members}
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


# --- paths


def node_at(policy: TreePolicy, path: Path) -> tuple[Member | None, Node | None] | None:
    """Return the member or item that a path of a finding leads to, as far as it leads.

    None for a path to the policy as a whole. *path* is as in the JSON of the policy, also for
    blocks of Terraform.
    """
    if not path or path[0] != STATEMENT:
        return _member_of(policy.node, path) if path else None
    rest = path[1:]
    number = 0
    if rest and isinstance(rest[0], int):
        number, rest = rest[0], rest[1:]
    if number >= len(policy.statements):
        return _member_of(policy.node, (STATEMENT,))
    statement = policy.statements[number]
    if not rest:
        return None, statement.node
    if not statement.is_block:
        return _walk(statement.node, rest) or (None, statement.node)
    return _in_blocks(statement, rest) or (None, statement.node)


def _member_of(node: Branch, path: Path) -> tuple[Member | None, Node | None] | None:
    member = node.get(str(path[0])) if path else None
    return (member, member.value) if member is not None else None


def _walk(node: Branch, path: Path) -> tuple[Member | None, Node | None] | None:
    """Follow names and indexes; stops where the tree ends."""
    found: tuple[Member | None, Node | None] | None = None
    held: Node | None = node
    for step in path:
        if not isinstance(held, Branch):
            break
        if held.kind == "call" and held.items:
            held = held.items[0]
            if not isinstance(held, Branch):
                break
        if isinstance(step, int):
            if held.kind == "object" or step >= len(held.items):
                break
            held = held.items[step]
            found = None, held
        else:
            same = [each for each in held.members if each.name == step]
            if not same:
                break
            held = same[-1].value
            found = same[-1], held
    return found


def _in_blocks(statement: TreeStatement, path: Path) -> tuple[Member | None, Node | None] | None:
    """Follow a path in a block of Terraform's data source."""
    element, rest = path[0], path[1:]
    for name, member in statement.members():
        if name != element:
            continue
        if element == "Condition" and isinstance(member.value, Branch):
            held = {each.name: each for each in member.value.members}
            written = [_first_text(held.get(each)) for each in ("test", "variable")]
            if [str(each) for each in rest[:2]] == written[: len(rest[:2])]:
                place = held.get("variable" if len(rest) > 1 else "test")
                return (None, place.value) if place is not None else (member, member.value)
        elif element in ("Principal", "NotPrincipal"):
            return member, member.value
        else:
            inner = _walk(member.value, rest) if isinstance(member.value, Branch) and rest else None
            return inner or (member, member.value)
    return None


def _first_text(member: Member | None) -> str:
    return next((leaf.text for leaf in _texts_of(member)), "") if member is not None else ""
