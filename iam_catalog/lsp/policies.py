"""Find policies and their statements in trees, and the parts that paths of findings lead to.

What counts as a policy is what `iam_catalog.policy.read.kinds` says, asked of what is there of a
half-typed one: the date of a version, an element of a statement, or a name that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from iam_catalog.lsp.scan.tree import Branch, Leaf, Member, Node, branches, texts_in
from iam_catalog.policy.grammar.statements import ELEMENTS
from iam_catalog.policy.model import Kind, Path
from iam_catalog.policy.read.kinds import (
    DATA_SOURCE,
    DATA_SOURCE_ELEMENTS,
    ORGANIZATION_POLICIES,
    STATEMENT,
    VERSIONS,
    kind_in_place,
)

_DECISIVE = frozenset({"Effect", "Action", "NotAction"})
_ELEMENTS = frozenset(ELEMENTS)
_POLICY_ELEMENTS = frozenset({"Version", "Id", STATEMENT})
_HOLDERS = ("PolicyDocument", "AssumeRolePolicyDocument", "assume_role_policy", "KeyPolicy")
"""Names of members that hold a policy, whatever is in it yet."""


_SERVERLESS_ROLE = ("statements", "role", "iam")
"""Names of the members around statements of a role, outwards."""


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
    may_be_trust: bool = False
    """Its place says nothing, and what is written may become the trust policy of a role."""


def policies_in(root: Branch, *, is_expected: bool = False) -> list[TreePolicy]:
    """List the policies of a tree in their order.

    Where one *is_expected*, the object at the root is one, whatever is in it yet.
    """
    found = []
    for branch in branches(root):
        if branch.kind != "object":
            continue
        policy = _policy_of(branch, root, is_expected=is_expected)
        if policy is not None:
            found.append(policy)
        found += _lists_of_statements(branch)
    return found


def _policy_of(branch: Branch, root: Branch, *, is_expected: bool) -> TreePolicy | None:
    member = branch.member
    if member is not None and member.name == "data" and member.labels[:1] == (DATA_SOURCE,):
        policy = TreePolicy(branch, [], is_block=True)
        policy.statements = _statement_blocks(branch, policy)
        policy.kind = _kind_by_form(policy)
        policy.may_be_trust = policy.kind is not None
        return policy
    is_bare = branch.parent is root or (branch.parent is not None and branch.parent.parent is root)
    if _is_policy(branch) or (is_expected and branch.parent is root and _is_begun(branch)):
        policy = TreePolicy(branch, [])
        held = [each for each in branch.members if each.name == STATEMENT]
        nodes = [node for each in held for value in each.values for node in _objects(value)]
    elif is_bare and member is None and sum(each.name in _ELEMENTS for each in branch.members) > 1:
        policy, nodes = TreePolicy(branch, []), [branch]
    else:
        return None
    policy.statements = [TreeStatement(node, policy, index) for index, node in enumerate(nodes)]
    placed = _kind_by_place(branch)
    policy.kind = placed or _kind_by_form(policy)
    policy.may_be_trust = policy.kind == "trust" or (placed is None and policy.kind == "resource")
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
        if member.name == "Version" and any(leaf.text in VERSIONS for leaf in texts_of(member)):
            return True
        if member.name == STATEMENT and any(
            _DECISIVE.intersection(each.name for each in node.members)
            for value in member.values
            for node in _objects(value)
        ):
            return True
    if _is_begun(branch) and _has_statements(branch.get(STATEMENT)):
        return True
    holder = _holder(branch)
    return holder is not None and (holder in _HOLDERS or branch.get(STATEMENT) is not None)


def _is_begun(branch: Branch) -> bool:
    """Return True for an object that has nothing beside the elements of a policy."""
    begun = [each for each in branch.members if each.colon is not None]
    return all(each.name in _POLICY_ELEMENTS for each in begun)


def _has_statements(member: Member | None) -> bool:
    """Return True for a list of objects that have nothing beside the elements of a statement.

    A rule of AWS WAF has one object for a statement, and requests of databases have other members.
    """
    value = member.value if member is not None else None
    items = value.items if isinstance(value, Branch) and value.kind == "list" else []
    return bool(items) and all(
        isinstance(each, Branch)
        and each.kind == "object"
        and all(inner.name in _ELEMENTS for inner in each.members if inner.colon is not None)
        for each in items
    )


def texts_of(member: Member) -> Iterator[Leaf]:
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
        is_of_role = name == "iamrolestatements" or _is_of_role(member)
        if any(sum(each.name in _ELEMENTS for each in node.members) > 1 for node in nodes) or (
            nodes and is_of_role
        ):
            owner = member.values[0]
            policy = TreePolicy(owner if isinstance(owner, Branch) else branch, [])
            policy.statements = [TreeStatement(each, policy, i) for i, each in enumerate(nodes)]
            policy.kind = "identity" if is_of_role else _kind_by_form(policy)
            yield policy


def _is_of_role(member: Member) -> bool:
    """Return True for `iam.role.statements` of the Serverless Framework."""
    names = [member.name]
    while (around := member.owner.member) is not None and len(names) < len(_SERVERLESS_ROLE):
        member = around
        names.append(member.name)
    return tuple(names) == _SERVERLESS_ROLE


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
            of_organization = _organization_kind(member.owner)
            if of_organization is not None:
                return of_organization
            name = name or ("" if member.name == "json" else member.name)
            if member.name == "resource" and member.labels:
                resource_type = member.labels[0]
                break
            stated = member.owner.get("Type")
            held = next((leaf.text for leaf in texts_of(stated)), "") if stated else ""
            if held.startswith("AWS::"):
                resource_type = held
                break
        node = node.parent if member is None else member.owner
    return kind_in_place(resource_type, name)


def _organization_kind(owner: Branch) -> Kind | None:
    """Return the kind that a type of policies of AWS Organizations beside a policy tells."""
    for stated in (owner.get("Type"), owner.get("type")):
        for leaf in texts_of(stated) if stated is not None else ():
            if leaf.text in ORGANIZATION_POLICIES:
                return ORGANIZATION_POLICIES[leaf.text]
    return None


def _kind_by_form(policy: TreePolicy) -> Kind | None:
    """Return the kind of a policy by its principals; None while there are none yet."""
    for statement in policy.statements:
        names = {name for name, _ in statement.members()}
        if not names.isdisjoint(("Principal", "NotPrincipal")):
            actions = statement.texts("Action")
            of_sts = actions and all(leaf.text.lower().startswith("sts:") for leaf in actions)
            return "trust" if of_sts else "resource"
    return None


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
    return next((leaf.text for leaf in texts_of(member)), "") if member is not None else ""
