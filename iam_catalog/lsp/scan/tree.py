"""Trees of texts: containers, members and texts with their offsets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["json", "hcl", "flow", "block"]
"""How a part of a text is written; flow and block are the two styles of YAML."""


@dataclass(slots=True, eq=False)
class Leaf:
    """A text: quoted or plain, as a key, a value or an item."""

    start: int
    end: int
    first: int
    """Where the content starts, behind a quotation mark."""
    last: int
    text: str
    quote: str = ""
    """The quotation mark, or nothing for plain text."""
    parent: Branch | None = None
    member: Member | None = None
    """The member that it is the key or a value of."""


@dataclass(slots=True, eq=False)
class Member:
    """A key of an object with what is written behind it; half-typed ones lack either."""

    key: Leaf
    owner: Branch
    colon: int | None = None
    """Offset of the colon, equals sign, or bracket of a block; None where it is missing."""
    values: list[Node] = field(default_factory=list)
    """Mostly one; an expression of Terraform can have several."""
    labels: tuple[str, ...] = ()
    """Of a block of Terraform."""
    ended: bool = False
    """A comma follows."""

    @property
    def name(self) -> str:
        return self.key.text

    @property
    def value(self) -> Node | None:
        return self.values[0] if self.values else None


@dataclass(slots=True, eq=False)
class Branch:
    """An object with members, a list with items, or a call with arguments as items."""

    kind: Literal["object", "list", "call"]
    start: int
    end: int
    closed: bool = False
    mode: Mode = "json"
    name: str = ""
    """Of the function that is called."""
    members: list[Member] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    parent: Branch | None = None
    member: Member | None = None
    """The member that it is the value of."""

    def children(self) -> Iterator[Node]:
        """Yield values and items, without keys, in their order."""
        if self.kind != "object":
            yield from self.items
            return
        for member in self.members:
            yield from member.values

    def get(self, name: str) -> Member | None:
        """Return the first member of a name."""
        return next((each for each in self.members if each.name == name), None)

    def add(self, node: Node) -> None:
        """Add an item."""
        node.parent = self
        self.items.append(node)


Node = Leaf | Branch


def put(member: Member, node: Node) -> None:
    """Make a node a value of a member."""
    node.parent, node.member = member.owner, member
    member.values.append(node)


def branches(root: Branch) -> Iterator[Branch]:
    """Yield every container of a tree, in the order of the text."""
    waiting = [root]
    while waiting:
        branch = waiting.pop()
        yield branch
        inner = [each for each in branch.children() if isinstance(each, Branch)]
        waiting += reversed(inner)


def texts_in(node: Node | None) -> Iterator[Leaf]:
    """Yield the texts of a value, also in lists and calls; none of the objects in it."""
    waiting = [node] if node is not None else []
    while waiting:
        each = waiting.pop()
        if isinstance(each, Leaf):
            yield each
        elif each.kind != "object":
            waiting += reversed(each.items)


@dataclass(frozen=True, slots=True)
class CursorSpot:
    """What an offset is in."""

    branch: Branch
    """The innermost container."""
    leaf: Leaf | None
    """The text that holds the offset, or ends or starts there; None between texts."""
    member: Member | None
    """Of an object, the member whose key or value is there; None between members."""
    is_key: bool
    """A key is there, or can be typed there."""


def spot_at(root: Branch, text: str, offset: int) -> CursorSpot | None:
    """Find what is at an offset; None where nothing can be typed, as behind a whole value."""
    branch = _innermost(root, offset)
    if branch.kind == "object":
        return _in_texts(branch, offset) or _between(branch, text, offset, root)
    for item in branch.items:
        if isinstance(item, Leaf) and item.first <= offset <= item.last:
            return CursorSpot(branch, item, branch.member, is_key=False)
    free = _is_free(text, offset, "[(,:=", root)
    return CursorSpot(branch, None, branch.member, is_key=False) if free else None


def _innermost(root: Branch, offset: int) -> Branch:
    branch = root
    while True:
        inner = next((each for each in branch.children() if _holds(each, offset)), None)
        if not isinstance(inner, Branch):
            return branch
        branch = inner


def _in_texts(branch: Branch, offset: int) -> CursorSpot | None:
    """Return the spot in a key or a value of an object; None between them."""
    for member in branch.members:
        if member.key.first <= offset <= member.key.last:
            return CursorSpot(branch, member.key, member, is_key=True)
        for value in member.values:
            if isinstance(value, Leaf) and value.first <= offset <= value.last:
                return CursorSpot(branch, value, member, is_key=False)
    return None


def _holds(node: Node, offset: int) -> bool:
    """Return True if an offset is inside the brackets of a node, if it has any."""
    if isinstance(node, Leaf):
        return False
    is_bare = node.mode == "block" and node.kind == "object"
    if offset < node.start + (not is_bare and (node.closed or node.end > node.start)):
        return False
    return offset < node.end if node.closed else offset <= node.end


def _between(branch: Branch, text: str, offset: int, root: Branch) -> CursorSpot | None:
    """Return the spot between the texts of an object."""
    before = [each for each in branch.members if each.key.end <= offset]
    last = before[-1] if before else None
    if last is not None and last.colon is not None and last.colon < offset:
        value = last.value
        if value is None or value.start >= offset:
            return CursorSpot(branch, None, last, is_key=False)
    return (
        CursorSpot(branch, None, None, is_key=True) if _is_free(text, offset, "{,", root) else None
    )


def _is_free(text: str, offset: int, marks: str, root: Branch) -> bool:
    """Return True if a part can begin at an offset: behind one of *marks*, or on a new line."""
    start = offset
    while start > root.start and text[start - 1] in " \t":
        start -= 1
    return start == root.start or text[start - 1] in "\r\n" or text[start - 1] in marks
