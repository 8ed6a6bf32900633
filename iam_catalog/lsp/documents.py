"""Open documents: their text, the places in it, and the trees that it is scanned into.

Offsets count characters of Python. Editors count positions in lines and in units of the encoding
that was agreed on, UTF-16 unless both sides have another (Language Server Protocol 3.17,
"Position"): lines end at `\\n`, `\\r\\n` or `\\r`, and what is beyond an end means that end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from iam_catalog.lsp.policies import TreePolicy, policies_in
from iam_catalog.lsp.scan.braces import scan_braces
from iam_catalog.lsp.scan.lines import scan_lines
from iam_catalog.lsp.scan.tree import Branch, CursorSpot, Leaf, Member, spot_at
from iam_catalog.policy.model import Kind
from iam_catalog.policy.read.files import LINES, PROSE, TERRAFORM, YAML

Language = Literal["json", "yaml", "hcl", "prose"]
Encoding = Literal["utf-8", "utf-16", "utf-32"]
Position = tuple[int, int]
"""A line and a character in it, both from 0, in units of the encoding."""

MAX_SCANNED = 1_000_000
"""Characters of a document that is scanned and checked; of larger ones nothing is said."""

_JSON = {".json", ".jsonc", ".template"} | LINES
_SUFFIXES: dict[str, Language] = {
    **dict.fromkeys(_JSON, "json"),
    **dict.fromkeys(YAML, "yaml"),
    **dict.fromkeys(TERRAFORM | {".tfvars"}, "hcl"),
    **dict.fromkeys(PROSE, "prose"),
}
_OF_EDITORS: dict[str, str] = {
    **dict.fromkeys(("json", "jsonc", "json5", "jsonl"), ".json"),
    **dict.fromkeys(("yaml", "yml", "cloudformation", "dockercompose", "helm"), ".yaml"),
    **dict.fromkeys(("terraform", "hcl", "opentofu", "tf", "terraform-vars"), ".tf"),
    **dict.fromkeys(("markdown", "mdx", "rst", "html", "plaintext"), ".md"),
}
"""The ending of a file for each language that editors name, where the name of the file has none."""

_FENCE = re.compile(
    r"^(?P<before>[ \t>]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^\s`]*)[^\r\n]*\r?$", re.MULTILINE
)
_OF_FENCES: dict[str, Language] = {
    **dict.fromkeys(("json", "jsonc", "json5", ""), "json"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
    **dict.fromkeys(("hcl", "terraform", "tf", "tofu"), "hcl"),
}
_BEGIN = re.compile(r"[ \t]*(?:-[ \t]+)*-?[A-Za-z0-9:._/-]*")
_WORD = re.compile(r"[a-z]+")
_OF_POLICIES = frozenset({"policy", "policies", "permissions"})
_OF_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("trust", "assume"), "trust"),
    **dict.fromkeys(("scp", "scps"), "scp"),
    **dict.fromkeys(("rcp", "rcps"), "rcp"),
}
"""Words in names of files that say what is in them."""
_LINE_END = re.compile(r"\r\n|\n|\r")


class OpenDocument:
    """One version of an open document; a change makes another one."""

    def __init__(
        self, uri: str, language_id: str, version: int, text: str, encoding: Encoding = "utf-16"
    ) -> None:
        self.uri = uri
        self.language_id = language_id
        self.version = version
        self.text = text
        self.encoding: Encoding = encoding

    @cached_property
    def name(self) -> str:
        """The path of the file, with an ending that readers know where the editor names one."""
        path = path_of(self.uri)
        suffix = PurePosixPath(path).suffix.lower()
        if suffix in _SUFFIXES or self.language_id not in _OF_EDITORS:
            return path
        return f"{path}{_OF_EDITORS[self.language_id]}"

    @cached_property
    def language(self) -> Language | None:
        """The language that the text is scanned as; None for one that has no policies."""
        suffix = PurePosixPath(self.name).suffix.lower()
        found = _SUFFIXES.get(suffix)
        if suffix == ".template" and self.text.lstrip()[:1] not in ("{", ""):
            return "yaml"
        return found

    @cached_property
    def _words(self) -> list[str]:
        """The words in the name of the file and of its folder, in lower case."""
        path = PurePosixPath(self.name)
        return _WORD.findall(f"{path.parent.name} {path.stem}".lower())

    @property
    def names_policy(self) -> bool:
        """Whether the name of the file or of its folder says that policies are in it."""
        return self.policy_kind is not None or not _OF_POLICIES.isdisjoint(self._words)

    @property
    def policy_kind(self) -> Kind | None:
        """The kind of policy that the name of the file tells, if any."""
        return next((_OF_KINDS[each] for each in reversed(self._words) if each in _OF_KINDS), None)

    @property
    def is_too_long(self) -> bool:
        return len(self.text) > MAX_SCANNED

    # --- places

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *[each.end() for each in _LINE_END.finditer(self.text)]]

    def _line(self, number: int) -> str:
        """Return the content of a line, without its end."""
        starts = self._starts
        end = starts[number + 1] if number + 1 < len(starts) else len(self.text)
        return self.text[starts[number] : end].rstrip("\r\n")

    def offset(self, position: Position) -> int:
        """Return the offset of a position; one beyond the text or a line means its end."""
        number, character = position
        if number < 0:
            return 0
        if number >= len(self._starts):
            return len(self.text)
        line = self._line(number)
        return self._starts[number] + _characters(line, max(character, 0), self.encoding)

    def position(self, offset: int) -> Position:
        """Return the position of an offset."""
        offset = min(max(offset, 0), len(self.text))
        number = bisect_right(self._starts, offset) - 1
        start = self._starts[number]
        return number, _units(self.text[start:offset], self.encoding)

    def line_range(self, number: int) -> tuple[int, int]:
        """Return the offsets of the content of a line, from 0, without the blanks around it."""
        number = min(max(number, 0), len(self._starts) - 1)
        line = self._line(number)
        start = self._starts[number] + len(line) - len(line.lstrip())
        return start, max(start, self._starts[number] + len(line.rstrip()))

    def line_of(self, offset: int) -> int:
        """Return the number of the line of an offset, from 0."""
        return bisect_right(self._starts, offset) - 1

    def changed(
        self, version: int, changes: Iterable[tuple[Position, Position, str]]
    ) -> OpenDocument:
        """Return the document after changes, each in the text that the one before it left."""
        document = self
        for start, end, text in changes:
            first, last = sorted((document.offset(start), document.offset(end)))
            whole = document.text[:first] + text + document.text[last:]
            document = self.replaced(version, whole)
        return document

    def replaced(self, version: int, text: str) -> OpenDocument:
        """Return the document with another text."""
        return OpenDocument(self.uri, self.language_id, version, text, self.encoding)

    # --- trees

    @cached_property
    def trees(self) -> list[Branch]:
        """What the text is scanned into: one tree, or one for each part of prose."""
        return [_scan(self.text, *each) for each in self._parts]

    @cached_property
    def policies(self) -> list[TreePolicy]:
        """The policies of all trees, in their order."""
        return [policy for tree in self.trees for policy in policies_in(tree)]

    @cached_property
    def _parts(self) -> list[tuple[int, int, Language]]:
        if self.language is None or self.is_too_long:
            return []
        if self.language != "prose":
            return [(0, len(self.text), self.language)]
        return list(_fences(self.text)) or [(0, len(self.text), "json")]

    def spot(self, offset: int) -> tuple[Branch, CursorSpot] | None:
        """Return the tree that holds an offset, and what is there; None where nothing can be."""
        for (start, end, language), tree in zip(self._parts, self.trees, strict=True):
            if start <= offset <= end:
                root = tree
                if language == "yaml" and self._may_begin_key(offset):
                    root = scan_lines(self.text, start, end, offset)
                spot = spot_at(root, self.text, offset)
                return None if spot is None else (root, _with_colon(spot, offset))
        return None

    def _may_begin_key(self, offset: int) -> bool:
        """Return True if nothing but dashes and a word is before an offset, on its line."""
        number = self.line_of(offset)
        return _BEGIN.fullmatch(self.text, self._starts[number], offset) is not None


def _with_colon(spot: CursorSpot, offset: int) -> CursorSpot:
    """Return the spot, a key if `aws:` is on its way to one in YAML, where it could be whole."""
    member = spot.member
    half = spot.branch.mode == "block" and spot.leaf is None and not spot.is_key
    if not half or member is None or member.colon != offset - 1 or member.key.quote:
        return spot
    key = member.key
    leaf = Leaf(key.start, offset, key.start, offset, f"{key.text}:", parent=spot.branch)
    return CursorSpot(spot.branch, leaf, Member(leaf, spot.branch), is_key=True)


def path_of(uri: str) -> str:
    """Return the path that a URI names, or what it has for a name."""
    parts = urlsplit(uri)
    path = unquote(parts.path)
    if parts.scheme == "file":
        if parts.netloc:
            return f"//{parts.netloc}{path}"
        is_drive = len(path) > 2 and path[0] == "/" and path[2] == ":"
        return path[1:] if is_drive else path
    return path or unquote(uri)


def _scan(text: str, start: int, end: int, language: Language) -> Branch:
    if language == "yaml":
        return scan_lines(text, start, end)
    return scan_braces(text, start, end, "hcl" if language == "hcl" else "json")


def _fences(text: str) -> Iterator[tuple[int, int, Language]]:
    """Yield the offsets of fenced code whose language can hold policies (CommonMark 0.31, 4.5).

    A fence that does not close goes on to the end.
    """
    opened: re.Match[str] | None = None
    for found in _FENCE.finditer(text):
        if opened is None:
            opened = found
        elif _closes(opened, found):
            yield from _fenced(text, opened, found.start())
            opened = None
    if opened is not None:
        yield from _fenced(text, opened, len(text))


def _closes(opened: re.Match[str], found: re.Match[str]) -> bool:
    mark = opened["mark"]
    return not found["info"] and found["mark"][0] == mark[0] and len(found["mark"]) >= len(mark)


def _fenced(text: str, opened: re.Match[str], end: int) -> Iterator[tuple[int, int, Language]]:
    language = _OF_FENCES.get(opened["info"].lower().strip("{.}"))
    start = min(opened.end() + 1, end)
    if language == "json" and not opened["info"] and text[start:end].lstrip()[:1] not in ("{", "["):
        return
    if language is not None:
        yield start, end, language


def _units(text: str, encoding: Encoding) -> int:
    """Count the units of a text in an encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(line: str, units: int, encoding: Encoding) -> int:
    """Return how many characters of a line so many units are; inside of one they are it whole."""
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    counted = 0
    for index, character in enumerate(line):
        if counted >= units:
            return index
        counted += _units(character, encoding)
    return len(line)
