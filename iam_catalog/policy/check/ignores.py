"""Read the findings that somebody has looked at and accepted, each with a reason.

A file of ignores is TOML, `.iam-catalog-ignore` in the folder where the check runs unless another
one is named:

    [[ignore]]
    code = "malformed-arn"          # or a list of codes
    file = "policies/*.json"        # as the check names it; * is any text
    path = "Statement[0].Resource"  # and what is in it; can be left out
    sid = "UseTheKey"               # of the statement; can be left out
    reason = "The deployment fills the key in."

YAML has comments, so an ignore can stand on the line of a finding, or alone above it:

    Resource: key-name  # iam-catalog: ignore malformed-arn - The deployment fills the key in.

An ignore without a reason, or of a code that there is not, is an error. One that nothing was found
for is a finding itself; of a file of ignores, only if a file that it is for was checked.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
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
_ENTRIES = {"code", "file", "path", "reason", "sid"}
_COMMENT = re.compile(r"#\s*iam-catalog:\s*ignore\b(?P<rest>.*)")
_REST = re.compile(r"\s+(?P<codes>[a-z-]+(?:\s*,\s*[a-z-]+)*)\s+-+\s+(?P<reason>\S.*)")
_EXPECTED = "expected: # iam-catalog: ignore CODE - REASON"


@dataclass(eq=False)
class Ignore:
    """One ignore, with what it was used for."""

    codes: tuple[str, ...]
    file: str
    """Of a file of ignores a pattern, of a comment the file's own name."""
    reason: str
    place: tuple[str, int]
    """The file and line where the ignore stands."""
    path: str | None = None
    sid: str | None = None
    line: int | None = None
    """The line of the file that it is for; None for all."""
    checked: bool = field(default=False)
    """A file that it is for was checked."""
    used: bool = field(default=False)

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
                entry.checked |= _names(entry.file, document.file)
        own = self.comments[document.file]
        if document.syntax == "yaml" and not own:
            own += _comments(document.file, document.text, document.text_line)
        return own + [entry for entry in self.entries if _names(entry.file, document.file)]

    def unused(self) -> Iterator[Finding]:
        """Yield a finding for each ignore that nothing was found for."""
        for ignore in (*self.entries, *(each for own in self.comments.values() for each in own)):
            if not ignore.used and (ignore.checked or ignore.line is not None):
                said = f"Nothing is found that the ignore of {', '.join(ignore.codes)} is for."
                file, line = ignore.place
                yield replace(UnusedIgnore.finding(said, ()), line=line, file=file)


@lru_cache(maxsize=1024)
def _names(pattern: str, file: str) -> bool:
    """Return True if a pattern of a file of ignores is for a file, `./` or not."""
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
    rest = _REST.fullmatch(comment["rest"].rstrip())
    if rest is None:
        raise CatalogError(f"{file}:{number}: {comment[0].strip()!r} is no ignore; {_EXPECTED}.")
    codes = tuple(_known(code.strip(), f"{file}:{number}") for code in rest["codes"].split(","))
    return Ignore(codes, file, rest["reason"].strip(), (file, number), line=line)


def read_ignores(file: str) -> Ignores:
    """Return the ignores of a file; raises `CatalogError` for one that cannot be read."""
    try:
        text = FilePath(file).read_text(encoding="utf-8")
        entries = tomllib.loads(text).get("ignore", [])
    except (OSError, ValueError) as error:
        raise CatalogError(f"Can not read ignores from {file!r}: {error}.") from None
    lines = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if re.match(r"\s*\[\[\s*ignore\s*\]\]", line)
    ]
    if not isinstance(entries, list) or len(entries) != len(lines):
        raise CatalogError(f"{file!r} has no ignores: write each below a line [[ignore]].")
    return Ignores([_entry(value, file, line) for value, line in zip(entries, lines, strict=True)])


def _entry(value: dict[str, object], file: str, line: int) -> Ignore:
    """Return the ignore of one `[[ignore]]` of a file."""
    place = f"{file}:{line}"
    if unknown := sorted(value.keys() - _ENTRIES):
        raise CatalogError(f"{place}: {unknown[0]!r} is none of {', '.join(sorted(_ENTRIES))}.")
    codes = value.get("code")
    texts = {name: _text_of(value.get(name), name, place) for name in _ENTRIES - {"code"}}
    for name in ("file", "reason"):
        if not texts[name]:
            raise CatalogError(f"{place}: an ignore needs a {name}.")
    given = codes if isinstance(codes, list) else [codes]
    listed = [code for code in given if isinstance(code, str)]
    if not listed or len(listed) < len(given):
        raise CatalogError(f"{place}: an ignore needs a code, such as 'malformed-arn'.")
    return Ignore(
        tuple(_known(code, place) for code in listed),
        texts["file"] or "",
        texts["reason"] or "",
        (file, line),
        path=texts["path"],
        sid=texts["sid"],
    )


def _text_of(value: object, name: str, place: str) -> str | None:
    if value is None or isinstance(value, str):
        return value.strip() if value else None
    raise CatalogError(f"{place}: {name} is {value!r}: expected a text.")


def _known(code: str, place: str) -> str:
    """Return *code*, which must be one that a check can give."""
    if code in CODES:
        return code
    from iam_catalog.facts.unknown import nearest

    near = " or ".join(nearest(code, CODES))
    meant = f" Did you mean {near}?" if near else ""
    raise CatalogError(f"{place}: {code!r} is no code of a finding.{meant}")
