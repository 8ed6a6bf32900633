"""Check open documents, as `iam-catalog check` checks files, and find the place of each finding."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import accumulate
from pathlib import Path

from iam_catalog.errors import CatalogError, UnreadablePolicy
from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.policies import TreePolicy, node_at
from iam_catalog.lsp.scan.tree import Branch, Leaf, Member, Node
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.ignores import DEFAULT, Ignore, Ignores, read_ignores
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.run import UNREADABLE, CheckRun, Outside
from iam_catalog.policy.check.settings import Settings, find_settings, read_settings
from iam_catalog.policy.grammar.statements import ELEMENTS
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.files import Refused, read_stream

_OF_VALUES = frozenset(
    {"malformed-condition-value", "redundant-condition-value", "several-booleans", "empty-list"}
)
"""Codes of conditions that are about values; the others are about a key or an operator."""


@dataclass(frozen=True, slots=True)
class LocatedFinding:
    """A finding with its place in a document."""

    finding: Finding
    start: int
    end: int
    policy: PolicyDocument | None = None
    tree: TreePolicy | None = None
    """The policy that it is about, where its place was found there."""


class Stale(Exception):
    """The document was changed or closed while it was checked."""


@dataclass(frozen=True)
class Project:
    """The settings and ignores that apply to documents of a folder."""

    root: Path
    """What the patterns of a file of ignores are relative to."""
    settings: Settings
    ignores: tuple[Ignore, ...]
    settings_file: Path | None = None
    fault: str | None = None
    """Why settings or ignores cannot be read; then none apply."""


class Projects:
    """Reads the settings of projects, again when a file of them changed."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, Path], tuple[object, Project]] = {}

    def of(self, file: str, root: Path | None) -> Project:
        """Return what applies to a file; *root* is the folder that the editor has open."""
        folder = Path(file).parent
        root = root if root is not None else folder
        found = find_settings(folder) if folder.is_absolute() else None
        ignores = root / DEFAULT
        stamp = found, _stamp(found), _stamp(ignores)
        key = folder, root
        if key not in self._read or self._read[key][0] != stamp:
            self._read[key] = stamp, _project(root, found, ignores)
        return self._read[key][1]

    def forget(self) -> None:
        self._read.clear()


def _stamp(file: Path | None) -> tuple[int, int] | None:
    if file is None:
        return None
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _project(root: Path, settings_file: Path | None, ignores_file: Path) -> Project:
    try:
        settings = read_settings(settings_file) if settings_file else Settings(folder=root)
        ignores = list(settings.ignores)
        if ignores_file.is_file():
            held = read_ignores(str(ignores_file)).entries
            ignores += [replace(each, folder=root) for each in held]
    except CatalogError as error:
        return Project(root, Settings(folder=root), (), settings_file, str(error))
    return Project(root, settings, tuple(ignores), settings_file)


def located_findings(
    held: HeldCatalog,
    document: OpenDocument,
    project: Project,
    is_stale: Callable[[], bool] = lambda: False,
) -> list[LocatedFinding]:
    """Check a document and return what is found that is not ignored, in the order of the text.

    A text that cannot be read is a finding, if a policy seems to be in it. Raises `Stale` where
    *is_stale* says that nobody waits for the answer.
    """
    if document.language is None or document.is_too_long or not document.policies:
        return []
    refused: list[UnreadablePolicy] = []

    def check(policy: PolicyDocument) -> list[Finding]:
        if is_stale():
            raise Stale
        return held.check(policy, project.settings.kind)

    def read(file: str, _: Refused) -> Iterator[tuple[PolicyDocument, bool]]:
        stream = BytesIO(document.text.encode("utf-8", "replace"))
        try:
            yield from ((policy, False) for policy in read_stream(file, stream, refused.append))
        except UnreadablePolicy as error:
            refused.append(error)

    def keep_quiet(_: str) -> None:
        """Print nothing: an editor shows findings alone."""

    ignores = Ignores([replace(each) for each in project.ignores])
    outside = Outside(read, check, keep_quiet, keep_quiet, lambda: held.facts.date)
    run = CheckRun(outside, (document.name,), project.settings, ignores)
    places = _Places(document)
    found = [
        places.located(finding, policy)
        for finding, ignore, policy in run.reported()
        if ignore is None and finding.file in (None, document.name)
    ]
    if run.unread:
        found += [_unread(places, each.text, each.line) for each in run.unreadable]
    found += [_unread(places, each.found, each.line) for each in refused]
    return sorted(found, key=lambda each: (each.start, each.end))


def _unread(places: _Places, text: str, line: int | None) -> LocatedFinding:
    finding = Finding(UNREADABLE, "error", f"Not checked: {text.rstrip('.')}.", ())
    start, end = places.of_line(line or 1)
    return LocatedFinding(finding, start, end)


class _Places:
    """Finds the places of findings in one document."""

    def __init__(self, document: OpenDocument) -> None:
        self._document = document
        lines = document.text.split("\n")
        self._starts = [0, *accumulate([len(line) + 1 for line in lines])]
        """Of lines as the readers count them."""

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def of_line(self, line: int) -> tuple[int, int]:
        """Return the offsets of a line, from 1, without the blanks around it."""
        number = min(max(line, 1), len(self._starts) - 1) - 1
        return self._document.line_range(self._document.line_of(self._starts[number]))

    def located(self, finding: Finding, policy: PolicyDocument | None) -> LocatedFinding:
        """Return a finding with the part that its path leads to, if that is on its line."""
        line = finding.line or 1
        for tree in self._document.policies:
            if not self._line(tree.node.start) <= line <= self._line(tree.node.end):
                continue
            place = self._place(tree, finding, line)
            if place is not None:
                return LocatedFinding(finding, *place, policy, tree)
        start, end = self.of_line(line)
        return LocatedFinding(finding, start, end, policy, self._tree_around(line))

    def _tree_around(self, line: int) -> TreePolicy | None:
        around = [
            tree
            for tree in self._document.policies
            if self._line(tree.node.start) <= line <= self._line(tree.node.end)
        ]
        return around[-1] if around else None

    def _place(self, tree: TreePolicy, finding: Finding, line: int) -> tuple[int, int] | None:
        found = node_at(tree, finding.path) if finding.path else None
        if found is None:
            return None
        member, node = found
        owners = [each for each in (member, node.member if node else None) if each is not None]
        starts = [each.key.start for each in owners] + ([node.start] if node else [])
        if node is not None and node.parent is not None and node.parent.member is not None:
            starts.append(node.parent.member.key.start)
        if line not in map(self._line, starts):
            return None
        return self._shown(member, node, finding)

    def _shown(
        self, member: Member | None, node: Node | None, finding: Finding
    ) -> tuple[int, int] | None:
        """Return the part to mark: a text, or a key, or the first line of a container."""
        if member is not None and (not isinstance(node, Leaf) or is_about_key(finding)):
            return member.key.start, max(member.key.end, member.key.start + 1)
        if isinstance(node, Leaf):
            return node.start, max(node.end, node.start + 1)
        if node is None:
            return None
        _, end = self._document.line_range(self._document.line_of(node.start))
        return node.start, max(min(end, node.end), node.start + 1)


def is_about_key(finding: Finding) -> bool:
    """Return True if a finding is about the name of what its path leads to, not the value."""
    path = finding.path
    if not path or isinstance(path[-1], int):
        return False
    if "Condition" in path:
        return finding.code not in _OF_VALUES
    return path[-1] not in ELEMENTS and path[-1] not in ("Version", "Id", "AWS", "Service")


def target_of(located: LocatedFinding) -> tuple[int, int, Leaf] | None:
    """Return the text that the suggestion of a finding takes the place of; None without one.

    An operator that other keys stand under as well is none: they would be under the new one, too.
    """
    finding, tree = located.finding, located.tree
    rule = CODES.get(finding.code)
    if tree is None or not finding.path or rule is None or rule.replaces is None:
        return None
    path = finding.path
    if rule.replaces == "operator" and "Condition" in path:
        path = path[: path.index("Condition") + 2]
    found = node_at(tree, path)
    if found is None:
        return None
    member, node = found
    if path != finding.path and isinstance(node, Branch) and len(node.members) > 1:
        return None  # the operator also compares other keys
    if member is not None and is_about_key(finding):
        return member.key.first, member.key.last, member.key
    return (node.first, node.last, node) if isinstance(node, Leaf) else None
