"""Read the findings that somebody has looked at and accepted, each with a reason.

A file of ignores is TOML, `.iam-catalog-ignore` in the folder where the check runs unless another
one is named:

    [[ignore]]
    code = "malformed-arn"          # or a list of codes
    file = "policies/*.json"        # as the check names it; * is any text
    path = "Statement[0].Resource"  # and what is in it; can be left out
    sid = "UseTheKey"               # of the statement; can be left out
    reason = "The deployment fills the key in."

Settings have such entries too, and there the file can be left out; see module `settings`. YAML has
comments, so an ignore can be on the line of a finding, or alone above it:

    Resource: key-name  # iam-catalog: ignore malformed-arn - The deployment fills the key in.

An ignore without a reason, or of an unknown code, is an error. One that nothing was found for is a
finding itself; of a file of ignores, only if a file that it names was checked.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path as FilePath
from posixpath import normpath

from iam_catalog.errors import CatalogError
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.rules.ignores import UnusedIgnore
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.source import is_at

DEFAULT = ".iam-catalog-ignore"
ALL_FILES = "*"
_ENTRIES = {"code", "file", "path", "reason", "sid"}
_WILDCARD = re.compile(r"[*?\[]")
_COMMENT = re.compile(r"#\s*iam-catalog:\s*ignore\b(?P<rest>.*)")
_REST = re.compile(r"\s+(?P<codes>[a-z-]+(?:\s*,\s*[a-z-]+)*)\s+-+\s+(?P<reason>\S.*)")
_EXPECTED = "expected: # iam-catalog: ignore CODE - REASON"


@dataclass(eq=False)
class Ignore:
    """One ignore, with what it was used for."""

    codes: tuple[str, ...]
    file: str
    """Of a file of ignores a pattern, of a comment the file's own name; `*` for all files."""
    reason: str
    place: tuple[str, int]
    """The file and line of the ignore itself."""
    path: str | None = None
    sid: str | None = None
    line: int | None = None
    """The line of the file that it is for; None for all."""
    folder: FilePath | None = None
    """What *file* is relative to; None where it is as the check names files."""
    checked: bool = field(default=False)
    """A file that it is for was checked."""
    used: bool = field(default=False)

    def names(self, file: str) -> bool:
        """Return True if the ignore is for a file, whose name may begin with `./`."""
        return _names(self.file, file, self.folder)

    def is_within(self, folders: Iterable[str]) -> bool:
        """Return True if the ignore is for one file, or for files of one of the folders alone."""
        pattern = normpath(self.file)
        fixed = _WILDCARD.split(pattern, maxsplit=1)[0]
        if self.line is not None or fixed == pattern:
            return True
        start = os.path.realpath(os.path.join(self.folder or "", fixed.rpartition("/")[0]))  # noqa: PTH118   a pattern is not a path
        return any(FilePath(start).is_relative_to(os.path.realpath(each)) for each in folders)

    def takes(self, finding: Finding, document: PolicyDocument) -> bool:
        """Return True if the ignore is for a finding of a document of one of its files."""
        return (
            finding.code in self.codes
            and self.line in (None, finding.line)
            and (self.path is None or is_at(finding.path, self.path))
            and (self.sid is None or self.sid == _sid_of(document, finding))
        )


def _sid_of(document: PolicyDocument, finding: Finding) -> object:
    """Return the Sid of the statement that a finding is about."""
    value = document.value
    for step in finding.path[:2]:
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        elif step == "Statement" and isinstance(value, dict):
            value = value.get(step)
    return value.get("Sid") if isinstance(value, dict) else None


class Ignores:
    """Ignores of one check, which keep account of what they are used for."""

    def __init__(self, entries: Iterable[Ignore] = ()) -> None:
        self.entries = list(entries)
        self.comments: dict[str, list[Ignore]] = {}

    def ignored(self, finding: Finding, document: PolicyDocument) -> Ignore | None:
        """Return the ignore that is for a finding, comments first; None without one."""
        taking = [ignore for ignore in self.of(document) if ignore.takes(finding, document)]
        for ignore in taking:
            ignore.used = True
        return taking[0] if taking else None

    def of(self, document: PolicyDocument) -> list[Ignore]:
        """Return the ignores for the file of a document, its own comments first.

        Asked of every document that is checked: an ignore is unused only where it could be used.
        """
        if document.file not in self.comments:
            self.comments[document.file] = []
            for entry in self.entries:
                entry.checked |= entry.file != ALL_FILES and entry.names(document.file)
        own = self.comments[document.file]
        if document.syntax == "yaml" and not own:
            own += _comments(document.file, document.text, document.text_line)
        return own + [entry for entry in self.entries if entry.names(document.file)]

    def unused(
        self, select: Collection[str] = (), walked: Collection[str] | None = None
    ) -> Iterator[Finding]:
        """Yield a finding for each ignore that nothing was found for.

        With *select* only these codes were looked for: ignores of others may be of use. So may be
        those for all files of a pattern, where some of these are outside the *walked* folders, as
        before a commit, which names the files that changed.
        """
        for ignore in (*self.entries, *(each for own in self.comments.values() for each in own)):
            if select and not set(ignore.codes) <= set(select):
                continue
            if walked is not None and not ignore.is_within(walked):
                continue
            if not ignore.used and (ignore.checked or ignore.line is not None):
                said = f"Nothing is found that the ignore of {', '.join(ignore.codes)} is for."
                file, line = ignore.place
                yield replace(UnusedIgnore.finding(said, ()), line=line, file=file)


@lru_cache(maxsize=1024)
def _names(pattern: str, file: str, folder: FilePath | None) -> bool:
    """Return True if a pattern, relative to *folder*, is for a file."""
    if pattern == ALL_FILES:
        return True
    if folder is not None:
        file = os.path.relpath(file, folder)
    return fnmatchcase(normpath(file.replace("\\", "/")), normpath(pattern))


def _comments(file: str, text: str, first_line: int) -> list[Ignore]:
    """Return the ignores in the comments of a YAML text; raises `CatalogError` for a mistyped one.

    One behind something is for its own line, one that stands alone for the next line that has more
    than a comment.
    """
    found = []
    lines = list(enumerate(text.split("\n"), first_line))
    following = 0
    for number, line in reversed(lines):
        if line.strip() and not line.lstrip().startswith("#"):
            following = number
        if comment := _COMMENT.search(line):
            found.append(_of_comment(comment, file, number, following))
    return found[::-1]


def _of_comment(comment: re.Match[str], file: str, number: int, line: int) -> Ignore:
    """Read the comment on the line *number* as an ignore for a *line*."""
    place = f"{file}:{number}"
    rest = _REST.fullmatch(comment["rest"].rstrip())
    if rest is None:
        raise CatalogError(f"{place}: {comment[0].strip()!r} is not an ignore; {_EXPECTED}.")
    codes = tuple([known_code(code.strip(), place) for code in rest["codes"].split(",")])
    return Ignore(codes, file, rest["reason"].strip(), (file, number), line=line)


def read_ignores(file: str) -> Ignores:
    """Return the ignores of a file; raises `CatalogError` for one that cannot be read."""
    try:
        text = FilePath(file).read_text(encoding="utf-8")
        values = tomllib.loads(text).get("ignore", [])
    except OSError as error:
        why = error.strerror or error
        raise CatalogError(f"Cannot read ignores from {file!r}: {why}.") from None
    except ValueError as error:
        raise CatalogError(f"Cannot read ignores from {file!r}: {error}.") from None
    return Ignores(entries_of(values, text, file))


def entries_of(
    values: object, text: str, file: str, folder: FilePath | None = None
) -> list[Ignore]:
    """Return the ignores of a file whose *text* was parsed into *values*.

    With the *folder* of settings the files of an ignore are relative to it, and can be left out.
    """
    lines = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if re.match(r"\s*\[\[\s*(tool\.iam-catalog\.)?ignore\s*\]\]", line)
    ]
    if not isinstance(values, list) or len(values) != len(lines):
        raise CatalogError(f"{file!r} has no ignores: write each below a line [[ignore]].")
    return [_entry(value, file, line, folder) for value, line in zip(values, lines, strict=True)]


def _entry(value: dict[str, object], file: str, line: int, folder: FilePath | None) -> Ignore:
    """Return the ignore of one `[[ignore]]` of a file."""
    place = f"{file}:{line}"
    if unknown := sorted(value.keys() - _ENTRIES):
        raise CatalogError(
            f"{place}: {unknown[0]!r} is none of {', '.join(sorted(_ENTRIES))}."
            f"{meant(unknown[0], _ENTRIES)}"
        )
    codes = value.get("code")
    texts = {name: _text_of(value.get(name), name, place) for name in _ENTRIES - {"code"}}
    for name in ("reason",) if folder else ("file", "reason"):
        if not texts[name]:
            raise CatalogError(f"{place}: an ignore needs a {name}.")
    given = codes if isinstance(codes, list) else [codes]
    listed = [code for code in given if isinstance(code, str)]
    if not listed or len(listed) < len(given):
        raise CatalogError(f"{place}: an ignore needs a code, such as 'malformed-arn'.")
    return Ignore(
        tuple([known_code(code, place) for code in listed]),
        texts["file"] or ALL_FILES,
        texts["reason"] or "",
        (file, line),
        path=texts["path"],
        sid=texts["sid"],
        folder=folder,
    )


def _text_of(value: object, name: str, place: str) -> str | None:
    if value is None or isinstance(value, str):
        return value.strip() if value else None
    raise CatalogError(f"{place}: {name} is {value!r}: expected a text.")


def known_code(code: str, place: str) -> str:
    """Return *code*, which must be one that a check can find, else raise `CatalogError`."""
    if code in CODES:
        return code
    raise CatalogError(
        f"{place}: {code!r} is not a code of a finding: expected one that 'iam-catalog rule' lists."
        f"{meant(code, CODES)}"
    )


def meant(value: str, names: Iterable[str]) -> str:
    """Ask whether one of *names* was meant, where any is near; else return an empty text."""
    from iam_catalog.facts.unknown import nearest

    near = " or ".join(nearest(value, names))
    return f" Did you mean {near}?" if near else ""
