"""Check the policies of files and folders: which files, what is ignored, and the totals.

Reports are written from a `CheckRun`, and from what this says of findings and of unread files.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePath, PurePosixPath
from posixpath import normpath
from urllib.parse import quote

from iam_catalog.errors import CatalogError, UnreadablePolicy
from iam_catalog.policy.check.findings import SEVERITIES, Finding, Severity, count
from iam_catalog.policy.check.ignores import Ignore, Ignores
from iam_catalog.policy.check.settings import NEVER, Settings
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read.files import LINES, PROSE, TERRAFORM, YAML, Refused
from iam_catalog.policy.read.json_text import MAX_BYTES
from iam_catalog.policy.read.source import path_text

Reported = tuple[Finding, Ignore | None, PolicyDocument | None]
"""A finding, what it is ignored for, and the policy that it is about."""

UNREADABLE = "unreadable-file"
"""The code under which reports list a file that could not be read; no rule finds it."""
UNREADABLE_MEANING = "A file cannot be read, so that nothing in it was checked."


@dataclass(frozen=True, slots=True)
class Unread:
    """One file, or one line of it, that could not be read."""

    text: str
    """The whole message, with the file and the line."""
    file: str
    line: int | None = None

    @classmethod
    def of(cls, error: CatalogError, file: str) -> Unread:
        """Return what an error says about *file*."""
        line = getattr(error, "line", None)
        return cls(str(error), file, line if isinstance(line, int) else None)


def findings(run: CheckRun) -> Iterator[Finding]:
    """Yield the findings that are not ignored."""
    for finding, ignore, _ in run.reported():
        if ignore is None:
            yield finding


def message(finding: Finding) -> str:
    """Return the text of a finding with its suggestion, in a line."""
    return finding.text + (f" Instead: {finding.suggestion}" if finding.suggestion else "")


def evidence_lines(finding: Finding) -> Iterator[str]:
    """Yield a line for each source that a finding rests on: `postoffice@2025-07-01, line 9`."""
    pages: dict[str, list[str]] = {}
    numbers: dict[str, list[str]] = {}
    for each in finding.evidence:
        places = pages.setdefault(each.page, [])
        if each.place is not None:
            places.append(each.place)
        if each.line is not None:
            numbers.setdefault(each.page, []).append(str(each.line))
    for page, places in pages.items():
        lines = numbers.get(page, [])
        noun = [f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"] if lines else []
        yield ", ".join((page, *noun, *places))


def place_words(finding: Finding) -> str:
    """Return where in a policy a finding is, and in which; empty where nothing is known of that."""
    title = f" of {finding.title}" if finding.title else ""
    if not finding.path and not title:
        return ""
    return f"{path_text(finding.path) or 'the policy'}{title}"


def reported_path(file: str) -> PurePath:
    """Return a file as reports name it: relative to the working folder where it is inside.

    Forges show a finding only beside a file that is named from the root of the repository.
    """
    path = PurePath(file)
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def file_uri(file: str) -> str:
    """Return a file as a URI: relative to the working folder where it is inside."""
    path = reported_path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")


class Fingerprints:
    """Fingerprints of findings, which lines and positions that moved leave as they are.

    A finding is known by its code, the title of its policy, the Sid of its statement (its effect
    without one), and the item: neither by its text, which has dates of the catalog, nor by the
    places in lists. Findings of one file that are equal so far are numbered.
    """

    def __init__(self) -> None:
        self._file: str | None = None
        self._seen: Counter[str] = Counter()

    def of(self, finding: Finding, document: PolicyDocument | None) -> str:
        """Return the fingerprint of the next finding: a hash and the number of its occurrence."""
        if finding.file != self._file:
            self._file = finding.file
            self._seen.clear()
        value = document.value if document else None
        parts = [finding.code, finding.title, *_identity(finding.path, value)]
        if document is None:
            parts.append(finding.text)
        digest = digest_of(parts)
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"


def digest_of(parts: Iterable[object]) -> str:
    """Return 16 hexadecimal digits that stand for *parts*, values that JSON can hold."""
    return sha256(json.dumps(list(parts), sort_keys=True).encode()).hexdigest()[:16]


def _identity(path: tuple[str | int, ...], value: object) -> Iterator[object]:
    """Yield the names on the way to an item, statements by their Sid or effect, and the item."""
    for index, step in enumerate(path):
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        elif isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
            yield step
        if index < 2 and isinstance(value, dict) and path[0] == "Statement":
            yield value.get("Sid") or value.get("Effect")
    if path:
        yield value


STANDARD_INPUT = "-"
_MOST_UNREADABLE = 1_000
"""So many unreadable files go into a report; standard error names all of them."""
_NEVER_WALKED = (
    *(".git", ".hg", ".svn", "node_modules", "bower_components", ".terraform", ".terragrunt-cache"),
    *(".venv", "venv", ".virtualenv", "virtualenv", "site-packages", "__pycache__", ".tox", ".nox"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache", ".aws-sam", ".serverless", ".idea"),
)
"""Folders that a walk leaves out: what tools write or install there is not the project's own."""
_VENV = "pyvenv.cfg"
"""The file that Python puts into every virtual environment, whatever that is called."""
READ = frozenset({".json", ".template"} | LINES | YAML | TERRAFORM | PROSE)
"""Endings of the files that a walk reads."""

_MENTIONS = (
    *(b"statement", b"effect", b"policy", b"policies", b"principal", b"notaction", b"notresource"),
    *(b"2012-10-17", b"2008-10-17"),
)
"""Every file that can have a policy has one of these, or an action and a resource, in any case;
a walk parses no other."""
_MEANT = re.compile(
    rb"""effect["']?\s*[:=]\s*["']?(?:allow|deny)|20(?:12-10|08-10)-17|aws_iam_policy_document""",
    re.IGNORECASE,
)
"""Matches a file that is meant to have one: where it does not parse, a walk reports it too."""

Read = Callable[[str, Refused], Iterator[tuple[PolicyDocument, bool]]]
"""Reads a file; the second value is True for a policy that was made of names of actions alone."""
_ACTIONS = ("Statement", "Action")
"""The path of the actions in a policy that is made of names."""


@dataclass(frozen=True)
class Outside:
    """What a run needs from its caller."""

    read: Read
    check: Callable[[PolicyDocument], list[Finding]]
    say: Callable[[str], None]
    """Prints a message beside the report."""
    warn: Callable[[str], None]
    """Prints an error beside the report."""
    date: Callable[[], str | None]
    """Asks as of which date the catalog answers, which only some reports want to know."""


class CheckRun:
    """Check of some files and folders, with its results so far.

    The totals are whole once the findings of `reported` were read, which can be done once.
    """

    def __init__(
        self, outside: Outside, paths: tuple[str, ...], settings: Settings, ignores: Ignores
    ) -> None:
        self._outside = outside
        self._paths = paths
        self._settings = settings
        self._ignores = ignores
        self.width: int | None = None
        """Columns that lines of text may take; None for lines of any length."""
        self.unreadable: list[Unread] = []
        """The first files that could not be read."""
        self.unread = 0
        """How many files could not be read."""
        self.counts: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
        """How many findings of each severity are not ignored."""
        self.codes: Counter[tuple[Severity, str]] = Counter()
        """How many findings of each severity and code are not ignored."""
        self._policies = 0
        self._unchecked = 0
        """Of the policies, those that only a deployment or another reader knows."""
        self._without = 0
        """Files without a policy."""
        self._excluded = 0
        """Files that were named, and are excluded by a setting."""
        self._ignored = 0

    @property
    def catalog_date(self) -> str | None:
        """Return as of which date the catalog answers."""
        return self._outside.date()

    @property
    def exit_code(self) -> int:
        """Return 1 for a finding at or above the threshold, and for a file that was not read."""
        limit = self._settings.fail_on or "warning"
        failing = () if limit == NEVER else SEVERITIES[[*map(str, SEVERITIES)].index(limit) :]
        return int(bool(self.unread or any(self.counts[each] for each in failing)))

    def reported(self) -> Iterator[Reported]:
        """Yield the findings of all files, each with the ignore that applies to it, and its policy.

        Where a file, or a line of JSON Lines, cannot be read, the others are checked all the same.
        """
        for file, walked in self._files():
            try:
                yield from self._of_file(file, walked=walked)
            except CatalogError as error:
                if walked and not _is_meant(file):
                    self._without += 1
                else:
                    self._refused(error, file)
        folders = [path for path in self._paths if _is_folder(path)]
        for finding in self._ignores.unused(self._settings.select, folders):
            if reported := self._weighed(finding):
                self._count(reported)
                yield reported, None, None

    def summary(self) -> str:
        """Summarise the check in a line."""
        parts = [_counted(self.counts[each], each) for each in reversed(SEVERITIES)]
        policies = "1 policy" if self._policies == 1 else f"{self._policies:,} policies"
        return "; ".join(
            [
                f"{', '.join(parts)} in {policies}",
                *([f"{self._unchecked:,} not checked"] if self._unchecked else []),
                *([f"{self._ignored:,} ignored"] if self._ignored else []),
                *([f"no policy in {count(self._without, 'file')}"] if self._without else []),
                *([f"{count(self._excluded, 'file')} excluded"] if self._excluded else []),
                *([f"{self.unread:,} not read"] if self.unread else []),
            ]
        )

    def _files(self) -> Iterator[tuple[str, bool]]:
        """Yield each file once, and whether it was found in a folder instead of named.

        A link that a walk meets comes last, and only if the file that it leads to did not.
        """
        seen: set[str] = set()
        links: list[str] = []
        for path in self._paths:
            is_folder = _is_folder(path)
            for file in self._walk(path) if is_folder else (path,):
                if is_folder and os.path.islink(file):  # noqa: PTH114   names stay texts
                    links.append(file)
                    continue
                key = file if file == STANDARD_INPUT else os.path.realpath(file)
                if key in seen:
                    continue
                seen.add(key)
                if not is_folder and path != STANDARD_INPUT and self._excludes(path):
                    self._excluded += 1
                    continue
                yield file, is_folder
        for link in links:
            key = os.path.realpath(link)
            if key not in seen:
                seen.add(key)
                yield link, True

    def _walk(self, folder: str) -> Iterator[str]:
        """Yield the files below a folder that may have policies, in order; links to folders end.

        A file that cannot be read comes too, so that the error is reported.
        """
        for parent, folders, files in os.walk(folder, onerror=self._unlisted):
            folders[:] = [
                each
                for each in sorted(folders)
                if each not in _NEVER_WALKED
                and not os.path.exists(os.path.join(parent, each, _VENV))  # noqa: PTH110, PTH118   False, no error, in a folder that cannot be read
                and not self._excludes(os.path.join(parent, each))  # noqa: PTH118   as people named it
            ]
            for name in sorted(files):
                file = os.path.normpath(os.path.join(parent, name))  # noqa: PTH118
                if Path(name).suffix.lower() not in READ or self._excludes(file):
                    continue
                if not os.path.isfile(file):  # noqa: PTH113   a pipe would block
                    continue
                if _can_have_policy(file):
                    yield file
                else:
                    self._without += 1

    def _unlisted(self, error: OSError) -> None:
        folder = str(error.filename)
        reason = error.strerror or str(error)
        self._refused(UnreadablePolicy(folder, reason[:1].lower() + reason[1:]), folder)

    def _excludes(self, file: str) -> bool:
        """Return True if a setting excludes a file or folder, or one around it, by name or path."""
        if not self._settings.exclude:
            return False
        path = os.path.relpath(file, self._settings.folder).replace(os.sep, "/")
        around = [path, *[each.as_posix() for each in PurePosixPath(path).parents]]
        return any(
            fnmatchcase(each, pattern)
            or ("/" not in pattern and fnmatchcase(each.rpartition("/")[2], pattern))
            for pattern in map(normpath, self._settings.exclude)
            for each in around
            if each != "."
        )

    def _of_file(self, file: str, *, walked: bool) -> Iterator[Reported]:
        policies, unchecked, unread = self._policies, self._unchecked, self.unread
        refused = partial(self._refused, file=file)
        for document, names_only in self._outside.read(file, refused):
            self._policies += 1
            self._unchecked += isinstance(document.value, Unresolved)
            yield from self._of_policy(document, names_only=names_only)
        if self._policies == policies and self.unread == unread:
            self._without += 1
            if not walked:
                name = "standard input" if file == STANDARD_INPUT else file
                self._outside.say(f"no policy in {name}")
        if self._unchecked > unchecked:
            number = self._unchecked - unchecked
            of = f"{number:,} of {self._policies - policies:,} policies in {file}"
            self._outside.say(f"{of} not checked: see unresolved-policy")

    def _of_policy(self, document: PolicyDocument, *, names_only: bool) -> Iterator[Reported]:
        self._ignores.of(document)
        for finding in self._outside.check(document):
            if names_only and finding.path[: len(_ACTIONS)] != _ACTIONS:
                continue
            if (weighed := self._weighed(finding)) is None:
                continue
            ignore = self._ignores.ignored(weighed, document)
            if ignore is None:
                self._count(weighed)
            else:
                self._ignored += 1
            yield weighed, ignore, document

    def _weighed(self, finding: Finding) -> Finding | None:
        """Return a finding with the severity that was set for its code; None if not selected."""
        if self._settings.select and finding.code not in self._settings.select:
            return None
        severity = self._settings.severity.get(finding.code)
        return replace(finding, severity=severity) if severity else finding

    def _count(self, finding: Finding) -> None:
        self.counts[finding.severity] += 1
        self.codes[finding.severity, finding.code] += 1

    def _refused(self, error: CatalogError, file: str) -> None:
        """Count what could not be read, and tell it."""
        self.unread += 1
        if self.unread <= _MOST_UNREADABLE:
            self.unreadable.append(Unread.of(error, file))
        self._outside.warn(str(error))


def _is_folder(path: str) -> bool:
    return path != STANDARD_INPUT and os.path.isdir(path)  # noqa: PTH112   names stay texts


def _can_have_policy(file: str) -> bool:
    """Return False only for a file that surely has no policy; True where it cannot be read."""
    content = _content(file)
    if content is None:
        return True
    text = content.lower()
    return any(word in text for word in _MENTIONS) or (b"action" in text and b"resource" in text)


def _is_meant(file: str) -> bool:
    """Return True if a file that does not parse is meant to have a policy, or cannot be opened."""
    content = _content(file)
    return content is None or _MEANT.search(content) is not None


def _content(file: str) -> bytes | None:
    """Return what a file starts with, UTF-16 as if it were ASCII; None where it cannot be read."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123   names stay texts
            return stream.read(MAX_BYTES).replace(b"\0", b"")
    except OSError:
        return None


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 or noun == 'info' else 's'}"
