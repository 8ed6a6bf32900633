"""Name the file of a page, so that every file system and web server takes it.

A name is a path: what it is, the service before the first colon, and the rest, as in
`action/s3/GetObject.html`. Letters and digits of ASCII, `-`, `_`, `.` and `@` stand for themselves,
every other byte of UTF-8 is `~` and two hexadecimal digits: no separator, no character that Windows
or a shell gives a meaning to, no `%` that a server would decode, no letter that macOS composes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

UNCHANGED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@")
RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", *[f"{port}{n}" for port in ("COM", "LPT") for n in range(10)]]
)
"""Names of devices, which Windows opens in the place of a file, whatever follows a dot."""
LONGEST = 100
"""Longest part, in bytes, that is not cut; file systems take 255, Windows 260 of a whole path."""
SPLIT = frozenset(["action", "resource-type", "condition-key"])
"""Kinds of names with a folder for each service."""
NOCASE = frozenset(["action", "service", "condition-key", "access-level"])
"""Kinds of names that IAM compares without case."""


def spelled(text: str) -> str:
    """Return *text* in characters that mean nothing anywhere.

    >>> spelled("RequestTag/${TagKey}")
    'RequestTag~2F~24~7BTagKey~7D'
    """
    return "".join(
        letter if letter in UNCHANGED else "".join(f"~{byte:02X}" for byte in letter.encode())
        for letter in text
    )


def part(text: str) -> str:
    """Return *text* as the name of a folder, or of a file without its ending.

    No part is hidden, ends with a dot, or is left out by GitHub Pages (`_`); none is a device's.

    >>> part("con"), part("..")
    ('~63on', '~2E~2E')
    """
    if text[:1] in (".", "_") or text.partition(".")[0].upper() in RESERVED:
        found = escaped(text[0]) + spelled(text[1:])
    else:
        found = spelled(text)
    if found.endswith("."):
        found = found[:-1] + escaped(".")
    if len(found) > LONGEST:
        return f"{found[:LONGEST]}{_told_apart(text)}"
    return found or "~"


def escaped(letter: str) -> str:
    return "".join(f"~{byte:02X}" for byte in letter.encode())


def _told_apart(name: str) -> str:
    """Return the end of a part that is cut off, or that differs from another only in case.

    Two tildes, which no other part has.
    """
    return f"~~{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _simple_path(kind: str, name: str) -> str:
    """Return the path of nearly every name, by a rule that `static/search-static.js` has, too."""
    prefix, colon, rest = name.partition(":")
    parts = [prefix, rest] if kind in SPLIT and colon else [name]
    return f"{kind}/{'/'.join(spelled(each) for each in parts)}.html"


def path_of(kind: str, name: str) -> str:
    """Return the path of the page of a name, from the folder of the export.

    >>> path_of("action", "s3:GetObject")
    'action/s3/GetObject.html'
    """
    prefix, colon, rest = name.partition(":")
    parts = [prefix, rest] if kind in SPLIT and colon else [name]
    return f"{kind}/{'/'.join(part(each) for each in parts)}.html"


def narrowed(path: str, query: Iterable[tuple[str, str]]) -> str:
    """Return the path of a page that is narrowed by a query; `=` is in no other name.

    >>> narrowed("access-level/List.html", [("service", "s3")])
    'access-level/List/service=s3.html'
    """
    stem, _, form = path.rpartition(".")
    parts = [f"{name}={part(value)}" for name, value in query]
    return f"{stem}/{'/'.join(parts)}.{form}"


class Places:
    """Files of an export: of pages that are one of a kind, and of the pages of names."""

    def __init__(self, single: Mapping[str, str], names: Mapping[str, Iterable[str]]) -> None:
        """*single* are the files of pages such as `services`; *names* are by kind, as `action`.

        Of two names that differ only in case, the first in the order of Unicode has the plain file.
        """
        self.single = single
        self.names: dict[str, dict[str, str]] = {kind: {} for kind in names}
        self.folded: dict[str, dict[str, str]] = {kind: {} for kind in NOCASE}
        taken: set[str] = set()
        pairs = {(kind, name) for kind, several in names.items() for name in several}
        for kind, name in sorted(pairs):
            path = path_of(kind, name)
            if path.lower() in taken:
                path = f"{path.removesuffix('.html')}{_told_apart(name)}.html"
            taken.add(path.lower())
            self.names[kind][name] = path
            if kind in NOCASE:
                self.folded[kind][name.lower()] = path

    def file_of(self, parts: Sequence[str]) -> str | None:
        """Return the file of a page by the parts of its address, as `Urls.page` takes them."""
        if len(parts) == 1:
            return self.single.get(parts[0])
        return self.find(*parts) if len(parts) == 2 else None

    def find(self, kind: str, name: str) -> str | None:
        """Return the file of the page of a name; `None` where the export has no such page."""
        return self.names.get(kind, {}).get(name) or self.folded.get(kind, {}).get(name.lower())

    def unusual(self) -> dict[str, dict[str, str]]:
        """Return the names by kind whose file is not the one of `simple_path`."""
        found = {
            kind: {name: path for name, path in paths.items() if path != _simple_path(kind, name)}
            for kind, paths in self.names.items()
        }
        return {kind: paths for kind, paths in found.items() if paths}
