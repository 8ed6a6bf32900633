"""Say with each page which state of the catalog and of the program it is of, and answer 304.

A page is a function of its address, the catalog and the program, so that its entity tag is made of
these, before the page is (RFC 9110, sections 8.8 and 13). Browsers and proxies may keep a page and
have to ask whether it is still good: after an update, no page of the catalog before is shown.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from weakref import WeakKeyDictionary

from iam_catalog import __version__
from iam_catalog.datasette_plugin.generations import Generation

_PACKAGE = Path(__file__).parent.parent
_SUFFIXES = (".py", ".html", ".css", ".js", ".json")
_LIBRARIES = ("datasette", "jinja2", "markupsafe")
_TAGS = re.compile(r'(?:W/)?("[^"]*")|(\*)')
_AHEAD = 2.0
"""Seconds that the clock of a client may be ahead of ours."""

_first_shown: WeakKeyDictionary[Generation, int] = WeakKeyDictionary()
_last_shown = 0


@dataclass(frozen=True, slots=True)
class Validators:
    """The entity tag of a response, and when it could last have changed."""

    tag: str
    """In quotes, without the mark of a weak one."""
    modified: int
    """In seconds since 1970."""

    def headers(self, *, is_private: bool = False) -> dict[str, str]:
        """Return the headers that name them. The tag is weak: compressed or not, it is one."""
        kept = "private, no-cache" if is_private else "no-cache"
        return {
            "ETag": f"W/{self.tag}",
            "Last-Modified": formatdate(self.modified, usegmt=True),
            "Cache-Control": kept,
        }

    def has_tag(self, headers: Mapping[str, str]) -> bool:
        """Return True if a request names this very tag, in whatever list."""
        return self.tag in named_tags(headers)

    def is_known(self, headers: Mapping[str, str]) -> bool:
        """Return True if the client of a request has this response already.

        A date counts only without tags, and none that is yet to come.
        """
        if "if-none-match" in headers:
            return not {self.tag, "*"}.isdisjoint(named_tags(headers))
        since = _seconds(headers.get("if-modified-since", ""))
        return since is not None and self.modified <= since <= time.time() + _AHEAD


def named_tags(headers: Mapping[str, str]) -> set[str]:
    """Return the entity tags of `If-None-Match`, weak ones as strong ones; `*` is one of them."""
    found = _TAGS.finditer(headers.get("if-none-match", ""))
    return {match[1] or match[2] for match in found}


async def validators_of(generation: Generation, *parts: str) -> Validators:
    """Return the validators of a response made of a catalog and of *parts*, such as its address."""
    if not generation.is_hashed:
        with generation.held():
            await asyncio.to_thread(generation.hash)
    text = "\n".join([_program_digest(), generation.hash(), *parts])
    tag = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Validators(f'"{tag}"', _shown_since(generation))


def _shown_since(generation: Generation) -> int:
    """Return when a catalog was first shown; of two catalogs never the same second.

    The time of the file would not do: one that replaces another can be older than it.
    """
    global _last_shown
    if generation not in _first_shown:
        _last_shown = max(_last_shown + 1, math.ceil(time.time()))
        _first_shown[generation] = _last_shown
    return _first_shown[generation]


def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


@cache
def _program_digest() -> str:
    """Return a digest of what makes pages: of this package as it is installed, and of libraries."""
    digest = hashlib.sha256(" ".join([__version__, *map(version, _LIBRARIES)]).encode())
    for path in sorted(_files()):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    return (path for path in _PACKAGE.rglob("*") if path.suffix in _SUFFIXES)
