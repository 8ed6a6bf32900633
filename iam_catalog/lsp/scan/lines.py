"""Scan YAML line by line, whatever is missing in it.

Indentation alone decides what belongs where, so a line with a fault spoils no other. Values in
flow style, and JSON in block scalars, are scanned by `braces`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from iam_catalog.lsp.scan.braces import scan_one
from iam_catalog.lsp.scan.tree import Branch, Leaf, Member, Node, put

_LINE = re.compile(r"[^\r\n]*(?:\r?\n|\r|\Z)")
_DASH = re.compile(r"-(?=[ \t\r\n]|\Z)[ \t]*")
_KEY = re.compile(
    r"(?P<quoted>\"(?:[^\"\\\r\n]|\\[^\r\n])*+\"|'(?:[^'\r\n]|'')*+')[ \t]*(?P<colon>:)(?=[\s]|\Z)"
    r"|(?P<plain>[^\s#&*!|>'\"%@`\[\]{},-](?:[^\s:#]|:(?!\s|\Z)|(?<=\S)\#|[ \t]+(?!\#|\s))*+"
    r"|-[^\s:](?:[^\s:]|:(?!\s|\Z))*+)[ \t]*(?P<plain_colon>:)(?=[\s]|\Z)"
)
_PROPERTY = re.compile(r"(?:[!&][^\s,\[\]{}]*[ \t]*)+")
_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:\#[^\r\n]*)?(?=\r?\n|\r|\Z)")
_QUOTED = re.compile(r"(?P<quote>[\"'])")
_BEGUN_KEY = re.compile(r"[A-Za-z0-9:._/-]*")
_COMMENT = re.compile(r"(?:^|[ \t]+)\#[^\r\n]*|[ \t]+$")
_OF_TEXTS = frozenset(
    {"action", "notaction", "resource", "notresource", "aws", "service", "federated"}
    | {"canonicaluser", "effect", "version", "sid", "id"}
)
"""Keys, in lower case, whose items are texts: `- s3:` begins no object there."""


def scan_lines(text: str, start: int, end: int, cursor: int | None = None) -> Branch:
    """Scan a part of a text into a root whose items are the documents of it.

    At a *cursor* where nothing is written yet, an empty text is put.
    """
    scan = _LineScan(text, start, end, cursor)
    while scan.position < end:
        scan.take_line()
    scan.finish()
    return scan.root


@dataclass(slots=True)
class _Level:
    """An open container, with the column of its keys or dashes."""

    column: int
    branch: Branch


class _LineScan:
    """A scan on its way through a text."""

    def __init__(self, text: str, start: int, end: int, cursor: int | None) -> None:
        self.text, self.position, self.end, self.cursor = text, start, end, cursor
        self.root = Branch("list", start, end, mode="block")
        self.levels = [_Level(-1, self.root)]
        self.item: Branch | None = None
        """The list that a dash has begun an item of, until the item is there."""

    def take_line(self) -> None:
        """Read one line, and the lines that a value on it goes on in."""
        found = _LINE.match(self.text, self.position, self.end)
        assert found is not None
        start, self.position = found.start(), max(found.end(), found.start() + 1)
        line = found[0].rstrip("\r\n")
        content = line.lstrip(" \t")
        column = len(line) - len(content)
        if not content or content.startswith("#"):
            here = self.cursor is not None and start <= self.cursor <= start + len(line)
            if here and not content and self.cursor is not None:
                self._take_content(self.cursor, self.cursor, self.cursor - start)
        elif line.startswith(("---", "...")) and not line[3:4].strip():
            self.finish()
        else:
            self._take_content(start + column, start + len(line), column)

    def finish(self) -> None:
        """Close all that is open."""
        while len(self.levels) > 1:
            self._leave(self.position)
        self.item = None

    def _leave(self, end: int) -> None:
        branch = self.levels.pop().branch
        branch.end = max(branch.end, min(end, self.end))

    # --- lines

    def _take_content(self, start: int, end: int, column: int) -> None:
        """Read the content of a line: dashes, then a key with its value, or a value alone."""
        self._leave_deeper(start, column, is_dash=_DASH.match(self.text, start, end) is not None)
        while (dash := _DASH.match(self.text, start, end)) is not None:
            self._begin_item(start, column)
            column += dash.end() - start
            start = dash.end()
        if start >= end and self.item is not None and not self._is_cursor_at(start):
            # An item without content, unless deeper lines bring it.
            self._hold_empty(start)
            return
        tag = _PROPERTY.match(self.text, start, end)
        key_start = tag.end() if tag else start
        key = _KEY.match(self.text, key_start, end)
        if key is not None and not self._is_text_of_list(key):
            self._take_key(key, end, column)
        elif not self._take_begun_key(start, end, column):
            self._take_value(start, end, column)

    def _take_begun_key(self, start: int, end: int, column: int) -> bool:
        """Read what is at the cursor as a key without its colon, where an object can begin."""
        if self.cursor is None or not start <= self.cursor <= end:
            return False
        pending = self._pending()
        name = self._owner_name(pending)
        if name is None or name in _OF_TEXTS or ":" in name:
            return False
        if not _BEGUN_KEY.fullmatch(self.text, start, end):
            return False
        new = Branch("object", start, end, mode="block")
        self._attach(new)
        self.levels.append(_Level(column, new))
        self._add_key(Leaf(start, end, start, end, self.text[start:end]))
        return True

    def _owner_name(self, pending: Member | None) -> str | None:
        """Return the name, in lower case, of the key that an item or a value belongs to."""
        if self.item is None:
            return pending.name.lower() if pending is not None else None
        branch: Branch | None = self.item
        while branch is not None and branch.member is None:
            branch = branch.parent
        return branch.member.name.lower() if branch is not None and branch.member else ""

    def _is_cursor_at(self, start: int) -> bool:
        return self.cursor == start and self._owner_name(None) not in _OF_TEXTS

    def _leave_deeper(self, start: int, column: int, *, is_dash: bool) -> None:
        """Leave the containers that a line at *column* is outside of."""
        while len(self.levels) > 1:
            top = self.levels[-1]
            if top.column < column:
                break
            if top.column == column and (is_dash or top.branch.kind == "object"):
                under_key = top.branch.kind == "object" and is_dash
                if not (under_key and self._pending() is None):
                    break
            self._leave(self._line_before(start))

    def _line_before(self, start: int) -> int:
        """Return the end of what is before the line of *start*."""
        at = start
        while at > self.root.start and self.text[at - 1] in " \t":
            at -= 1
        return at

    def _pending(self) -> Member | None:
        """Return the last member of the innermost object, if its value is still to come."""
        branch = self.levels[-1].branch
        if branch.kind != "object" or not branch.members:
            return None
        last = branch.members[-1]
        empty = not last.values or (isinstance(last.value, Leaf) and last.value.start < 0)
        return last if empty and last.colon is not None else None

    def _begin_item(self, start: int, column: int) -> None:
        top = self.levels[-1]
        if self.item is None and top.branch.kind == "list" and top.column == column:
            self.item = top.branch
            return
        new = Branch("list", start, start + 1, mode="block")
        self._attach(new)
        self.levels.append(_Level(column, new))
        self.item = new

    def _hold_empty(self, at: int) -> None:
        """Put an empty item, which a deeper line may replace."""
        if self.item is not None:
            self.item.add(Leaf(at, at, at, at, ""))
            self.item = None

    def _attach(self, node: Node) -> None:
        """Put a node where a value is expected: an item, the value of a key, or a document."""
        top = self.levels[-1].branch
        pending = self._pending()
        if self.item is not None:
            self.item.add(node)
            self.item = None
        elif pending is not None:
            put(pending, node)
        elif top.kind == "list" and top.items and _is_empty(top.items[-1]) and top is not self.root:
            top.items.pop()
            top.add(node)
        elif top.kind == "object":
            self._add_key(node)
        else:
            top.add(node)

    def _add_key(self, node: Node) -> None:
        """Add a text in place of a key: a key without its colon."""
        branch = self.levels[-1].branch
        if isinstance(node, Leaf):
            member = Member(node, branch)
            node.parent, node.member = branch, member
            branch.members.append(member)

    # --- keys and values

    def _is_text_of_list(self, key: re.Match[str]) -> bool:
        """Return True for an item such as `s3:`, in a list of texts.

        So is what is typed at the cursor in place of such a list.
        """
        if self.item is None and key.end() != self.cursor:
            return False
        name = self._owner_name(self._pending())
        written = key["plain"] or ""
        return name in _OF_TEXTS and not (written.startswith("Fn::") or written == "Ref")

    def _take_key(self, found: re.Match[str], end: int, column: int) -> None:
        group = "plain" if found["plain"] else "quoted"
        start, last = found.span(group)
        inner = int(group == "quoted")
        name = self.text[start + inner : last - inner]
        leaf = Leaf(start, last, start + inner, last - inner, name, '"' * inner and found[0][0])
        top = self.levels[-1]
        if self.item is not None or top.branch.kind != "object" or top.column != column:
            new = Branch("object", start, last, mode="block")
            self._attach(new)
            self.levels.append(_Level(column, new))
        branch = self.levels[-1].branch
        colon = found.start("colon" if group == "quoted" else "plain_colon")
        member = Member(leaf, branch, colon)
        leaf.parent, leaf.member = branch, member
        branch.members.append(member)
        branch.end = end
        at = colon + 1
        while at < end and self.text[at] in " \t":
            at += 1
        if at < end and self.text[at] != "#":
            self._take_value(at, end, column)

    def _take_value(self, start: int, end: int, column: int) -> None:
        """Read a value that starts on this line."""
        property_ = _PROPERTY.match(self.text, start, end)
        start = property_.end() if property_ else start
        if start >= end and property_:
            return
        if _BLOCK.match(self.text, start, end) and start < end:
            self._take_block()
        elif self.text[start : start + 1] in ("[", "{") and start < end:
            self._take_flow(start, column)
        else:
            self._attach(self._scalar(start, end))

    def _scalar(self, start: int, end: int) -> Leaf:
        """Return the plain or quoted text of a line, without the comment behind it."""
        quoted = _QUOTED.match(self.text, start, end)
        if quoted is not None:
            node, _ = scan_one(self.text, start, end, "flow")
            if isinstance(node, Leaf):
                return node
        content = self.text[start:end]
        comment = _COMMENT.search(content)
        last = start + (comment.start() if comment else len(content))
        return Leaf(start, last, start, last, self.text[start:last])

    def _indented(self, column: int) -> int:
        """Return where the following lines end that are blank or deeper than *column*."""
        at = end = self.position
        while at < self.end and (found := _LINE.match(self.text, at, self.end)) and found[0]:
            line = found[0].rstrip("\r\n")
            content = line.lstrip(" \t")
            if content and len(line) - len(content) <= column:
                break
            at = found.end()
            end = at if content else end
        return end

    def _owner_column(self) -> int:
        """Return the column that the lines of a value have to be deeper than."""
        return self.levels[-1].column if self.levels[-1].branch is not self.root else -1

    def _take_block(self) -> None:
        start, end = self.position, self._indented(self._owner_column())
        self.position = max(end, start)
        if self.text[start:end].lstrip()[:1] == "{":
            node, _ = scan_one(self.text, start, end, "json")
            if node is not None:
                self._attach(node)
        else:
            self._attach(Leaf(start, end, start, end, self.text[start:end], "|"))

    def _take_flow(self, start: int, column: int) -> None:
        """Read a value in flow style, which may close on a line that is not deeper."""
        limit = self._indented(column)
        closing = _LINE.match(self.text, limit, self.end)
        if closing and closing[0].strip(" \t\r\n,")[:1] in ("]", "}"):
            limit = closing.end()
        node, end = scan_one(self.text, start, limit, "flow")
        if node is not None:
            self._attach(node)
        if end > self.position:
            line = _LINE.match(self.text, end, self.end)
            self.position = line.end() if line and end < self.end else self.end


def _is_empty(node: Node) -> bool:
    return isinstance(node, Leaf) and node.start == node.end
