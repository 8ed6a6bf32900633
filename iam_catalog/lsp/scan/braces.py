"""Scan JSON, Terraform and the flow style of YAML, whatever is missing in it.

Guesses where a text goes on after a fault:

- A quotation mark is missing where a text would reach the end of its line, or be followed by
  something that can follow no text. It then ends before the next comma, bracket or blank.
- A bracket is missing where a key stands in a list, or an object in another one without a key.
- A closing bracket closes whatever was opened behind its own opening bracket.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Literal

from iam_catalog.lsp.scan.tree import Branch, Leaf, Member, Mode, Node, put

_COMMENT = r"(?P<comment>(?://|\#)[^\r\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)"
_MARKS = r"(?P<open>[{\[(])|(?P<close>[}\])])|(?P<comma>,)"
_BLANK = r"(?P<newline>\r?\n|\r)|(?P<blank>[ \t\ufeff]+)"
_TOKENS: dict[Mode, re.Pattern[str]] = {
    "json": re.compile(
        rf"{_BLANK}|{_COMMENT}|{_MARKS}|(?P<colon>[:=])"
        r"|(?P<text>\"(?:[^\"\\\r\n]|\\[^\r\n])*+\"?)"
        r"|(?P<word>[^\s{}\[\]()\":=,#/]+)|(?P<other>.)"
    ),
    "hcl": re.compile(
        rf"{_BLANK}|{_COMMENT}|{_MARKS}|(?P<heredoc><<-?(?P<mark>\w+)[^\r\n]*\r?\n)"
        r"|(?P<colon>=(?![=>])|:)"
        r"|(?P<text>\"(?:[^\"\\\r\n$%]|\\[^\r\n]"
        r"|[$%]\{(?:[^{}\"\r\n]|\"(?:[^\"\\\r\n]|\\[^\r\n])*+\"|\{[^{}\r\n]*+\})*+\}|[$%])*+\"?)"
        r"|(?P<word>[^\s{}\[\]()\":=,#/<>!?]+)|(?P<other>.)"
    ),
    "flow": re.compile(
        rf"{_BLANK}|(?P<comment>(?<![^\s\[{{,])\#[^\r\n]*)|(?P<open>[{{\[])|(?P<close>[}}\]])"
        r"|(?P<comma>,)|(?P<colon>:(?=[\s\[\]{},\"']|$))"
        r"|(?P<text>\"(?:[^\"\\\r\n]|\\[^\r\n])*+\"?|'(?:[^'\r\n]|'')*+'?)"
        r"|(?P<tag>![^\s,\[\]{}]*)"
        r"|(?P<word>(?:[^\s,\[\]{}:]|:(?=[^\s,\[\]{}]))"
        r"(?:[^\s,\[\]{}:]|:(?=[^\s,\[\]{}])|[ \t]+(?=[^\s,\[\]{}:#]))*+)|(?P<other>.)"
    ),
}
_CUT = re.compile(r"(?:\$\{[^}\"\r\n]*\}|:(?![\s\"\[{])|[^\s,\]}\"':])*+")
"""Matches what a text without a closing quotation mark is cut to; in a value with all colons."""
_CUT_VALUE = re.compile(r"(?:\$\{[^}\"\r\n]*\}|[^\s,\]}\"'])*+")
_FOLLOWS: dict[Mode, str] = {"json": ',:]}"/#', "hcl": ',:]}"){=/#?!&|<>.+-*%', "flow": ",:]}#"}
"""What can follow a text on its line."""
_KEY_FOLLOWS: dict[Mode, re.Pattern[str]] = {
    "json": re.compile(r"[ \t]*[:=]"),
    "hcl": re.compile(r"[ \t]*=(?![=>])"),
    "flow": re.compile(r"[ \t]*:(?=\s|$)"),
}
_OPENS = {"}": "object", "]": "list", ")": "call"}
_ESCAPED = re.compile(r"\\")


def scan_braces(text: str, start: int, end: int, mode: Mode) -> Branch:
    """Scan a part of a text into a root that has its values as items, or as members of a file.

    The root of Terraform is an object; of the others a list, closed where the text ends.
    """
    kind: Literal["object", "list"] = "object" if mode == "hcl" else "list"
    root = Branch(kind, start, end, mode=mode)
    _BraceScan(text, start, end, mode, root).run()
    return root


def scan_one(text: str, start: int, end: int, mode: Mode) -> tuple[Node | None, int]:
    """Scan the one value that starts at an offset; returns it and where it ends."""
    root = Branch("list", start, end, mode=mode)
    scan = _BraceScan(text, start, end, mode, root)
    scan.one = True
    scan.run()
    return (root.items[0] if root.items else None), scan.position


class _BraceScan:
    """A scan on its way through a text."""

    def __init__(self, text: str, start: int, end: int, mode: Mode, root: Branch) -> None:
        self.text, self.position, self.end, self.mode = text, start, end, mode
        self.root = self.branch = root
        self.one = False
        """Whether to stop behind the first value."""
        self.fresh_line = True
        """Whether a line began since the last part."""
        self.word_end = -1
        """Where a plain word ended, which brackets may follow to call it."""

    def run(self) -> None:
        """Read tokens up to the end, and close what is open there."""
        match_at = _TOKENS[self.mode].match
        while self.position < self.end and (found := match_at(self.text, self.position, self.end)):
            self.position = found.end()
            self._take(found.lastgroup or "", found)
            if self.one and self.branch is self.root and self.root.items:
                return
        while self.branch is not self.root and self.branch.parent is not None:
            self.branch.end = self.end
            self.branch = self.branch.parent

    def _take(self, group: str, found: re.Match[str]) -> None:
        if group == "newline":
            self.fresh_line = True
        elif group in _TAKES:
            _TAKES[group](self, found)

    # --- texts

    def _take_text(self, found: re.Match[str]) -> None:
        leaf = self._quoted(found)
        self.position = leaf.end
        self._place(leaf)

    def _quoted(self, found: re.Match[str]) -> Leaf:
        """Return a quoted text, cut where its quotation mark seems to be missing."""
        start, end, quote = found.start(), found.end(), found[0][0]
        closed = end - start > 1 and found[0][-1] == quote and not _ends_escaped(found[0], quote)
        if closed and self._may_follow(end):
            content = self.text[start + 1 : end - 1]
            return Leaf(start, end, start + 1, end - 1, _unescaped(content, quote), quote)
        cut = _CUT if self._expects_key() else _CUT_VALUE
        match = cut.match(self.text, start + 1, self.end)
        last = match.end() if match else start + 1
        return Leaf(start, last, start + 1, last, self.text[start + 1 : last], quote)

    def _may_follow(self, position: int) -> bool:
        """Return True if what is behind a text on its line can be there."""
        while position < self.end and self.text[position] in " \t":
            position += 1
        following = self.text[position : position + 1]
        return position >= self.end or following in "\r\n" or following in _FOLLOWS[self.mode]

    def _expects_key(self) -> bool:
        member = self._open_member()
        return self.branch.kind == "object" and (member is None or member.colon is None)

    def _take_word(self, found: re.Match[str]) -> None:
        start, end = found.span()
        self._place(Leaf(start, end, start, end, found[0]))
        self.word_end = end

    # --- where parts go

    def _open_member(self) -> Member | None:
        """Return the last member of the innermost object, if more can be part of it."""
        members = self.branch.members
        if not members or members[-1].ended:
            return None
        last = members[-1]
        if last.values and (self.mode != "hcl" or self.fresh_line):
            return None
        if last.colon is None and self.fresh_line and self.mode != "json":
            return None
        return last

    def _place(self, node: Node) -> None:
        """Put a part where it belongs: a key, a label, a value or an item."""
        if isinstance(node, Leaf) and self.branch.kind != "object" and self._is_stray_key(node):
            self._leave_lists()
        if self.branch.kind != "object":
            self.branch.add(node)
        else:
            self._place_in_object(node)
        self.fresh_line = False

    def _place_in_object(self, node: Node) -> None:
        member = self._open_member()
        is_key = isinstance(node, Leaf) and (
            member is None
            or (member.colon is None and not self._is_label(member))
            or (not member.values and self.fresh_line and self._is_before_colon(node))
        )
        if is_key and isinstance(node, Leaf):
            new = Member(node, self.branch)
            node.parent, node.member = self.branch, new
            self.branch.members.append(new)
        elif member is None:
            empty = Leaf(node.start, node.start, node.start, node.start, "")
            member = Member(empty, self.branch, node.start)
            self.branch.members.append(member)
            put(member, node)
        elif member.colon is None and isinstance(node, Leaf):
            member.labels = (*member.labels, node.text)
        else:
            if member.colon is None:
                member.colon = node.start
            put(member, node)

    def _is_label(self, member: Member) -> bool:
        return self.mode == "hcl" and not self.fresh_line and not member.key.quote

    def _is_before_colon(self, leaf: Leaf) -> bool:
        return _KEY_FOLLOWS[self.mode].match(self.text, leaf.end, self.end) is not None

    def _is_stray_key(self, leaf: Leaf) -> bool:
        """Return True for a key in a list whose bracket is missing."""
        if not leaf.quote and not (self.mode == "hcl" and self.fresh_line):
            return False
        return self._object_around() is not None and self._is_before_colon(leaf)

    def _object_around(self) -> Branch | None:
        branch = self.branch.parent
        while branch is not None and branch.kind != "object":
            branch = branch.parent
        return branch

    def _leave_lists(self) -> None:
        while self.branch.kind != "object" and self.branch.parent is not None:
            self._leave(self._last_end())
        if self.branch.members:
            self.branch.members[-1].ended = True

    def _leave(self, end: int) -> None:
        """Leave the innermost container, whose own bracket is missing."""
        self.branch.end = max(end, self.branch.start + 1)
        assert self.branch.parent is not None
        self.branch = self.branch.parent

    def _last_end(self) -> int:
        items = self.branch.items
        return items[-1].end if items else self.branch.start + 1

    # --- brackets

    def _open(self, found: re.Match[str]) -> None:
        start, mark = found.start(), found[0]
        kind: Literal["object", "list", "call"]
        kind = "object" if mark == "{" else "list" if mark == "[" else "call"
        new = Branch(kind, start, self.end, mode=self.mode)
        if self.mode == "hcl" and kind != "object" and start == self.word_end:
            new.kind = "call"  # an index is as good as an argument
            new.name = self._take_back()
        elif kind == "object" and self._lacks_end():
            self._leave(start)
        self._place(new)
        self.branch = new
        self.fresh_line = self.mode == "hcl" and kind == "object"

    def _take_back(self) -> str:
        """Remove the word before a bracket, which names what is called, and return it."""
        member = self.branch.members[-1] if self.branch.members else None
        held = self.branch.items if self.branch.kind != "object" else member and member.values
        if held and isinstance(held[-1], Leaf) and held[-1].end == self.word_end:
            word = held.pop()
            return word.text if isinstance(word, Leaf) else ""
        return ""

    def _lacks_end(self) -> bool:
        """Return True if an object begins in another one that is an item and expects a key."""
        parent = self.branch.parent
        if self.branch.kind != "object" or parent is None or parent.kind == "object":
            return False
        return self.mode != "hcl" and self._open_member() is None and parent is not self.root

    def _close(self, found: re.Match[str]) -> None:
        kind = _OPENS[found[0]]
        branch: Branch | None = self.branch
        while branch is not None and branch is not self.root and not _closes(branch, kind):
            branch = branch.parent
        if branch is None or branch is self.root or branch.parent is None:
            return
        while self.branch is not branch:
            self._leave(found.start())
        branch.end, branch.closed = found.end(), True
        self.branch = branch.parent
        self.fresh_line = False
        self.word_end = found.end() if self.mode == "hcl" else -1

    def _comma(self, _: re.Match[str]) -> None:
        if self.branch.kind == "object" and self.branch.members:
            self.branch.members[-1].ended = True

    def _colon(self, found: re.Match[str]) -> None:
        offset = found.start()
        if self.branch.kind == "object":
            members = self.branch.members
            if members and members[-1].colon is None and not members[-1].ended:
                members[-1].colon = offset
        elif self.mode == "flow" and self.branch.items:
            last = self.branch.items[-1]
            if isinstance(last, Leaf) and not last.quote and last.end == offset:
                last.end = last.last = offset + 1  # `s3:` on its way to an action
                last.text += ":"

    def _heredoc(self, found: re.Match[str]) -> None:
        """Take the content of a heredoc: JSON, if it starts so, else a text."""
        start = found.end()
        ends = re.compile(rf"^[ \t]*{found['mark']}[ \t]*\r?$", re.MULTILINE)
        match = ends.search(self.text, start, self.end)
        end = match.start() if match else self.end
        self.position = match.end() if match else self.end
        if self.text[start:end].lstrip()[:1] == "{":
            node, _ = scan_one(self.text, start, end, "json")
            if node is not None:
                self._place(node)
        else:
            self._place(Leaf(start, end, start, end, self.text[start:end], '"'))


_TAKES: dict[str, Callable[[_BraceScan, re.Match[str]], None]] = {
    "text": _BraceScan._take_text,
    "word": _BraceScan._take_word,
    "open": _BraceScan._open,
    "close": _BraceScan._close,
    "comma": _BraceScan._comma,
    "colon": _BraceScan._colon,
    "heredoc": _BraceScan._heredoc,
}
"""What reads each kind of token; blanks, comments and the rest are passed over."""


def _closes(branch: Branch, kind: str) -> bool:
    return branch.kind == kind or (branch.kind == "call" and kind != "object")


def _ends_escaped(written: str, quote: str) -> bool:
    """Return True if the quotation mark at the end of a text belongs to the text."""
    if quote == "'":
        return False  # doubled ones are part of the match, which ends behind a single one
    backslashes = len(written) - 1 - len(written[:-1].rstrip("\\"))
    return backslashes % 2 == 1


def _unescaped(content: str, quote: str) -> str:
    if quote == "'":
        return content.replace("''", "'")
    if not _ESCAPED.search(content):
        return content
    try:
        value = json.loads(f'"{content}"', strict=False)
    except ValueError:
        return content
    return value if isinstance(value, str) else content
