"""Show what a search finds, best first in each kind; also asked while somebody types."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from iam_catalog.facts import search as full_text
from iam_catalog.facts.global_keys import GLOBAL_KEYS
from iam_catalog.facts.overviews import condition_key_names
from iam_catalog.facts.sample_documents import has_policies, policy_titles
from iam_catalog.names import name_words
from iam_catalog.records import SearchResult
from iam_catalog.site.render import Model, SitePage
from iam_catalog.site.request import Request

GLOBAL_KEY = "Global condition key"
"""The description of one in results."""
_MOST = 50
"""Results of each kind on a page."""


def search(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the results of `q`; at most `limit` of a kind.

    First the full name that was typed, then kind by kind those with all of its words: names that
    have nothing else behind the prefix, such as `s3:GetObject` for *get object*, then others; of
    condition keys the global ones that no page lists are the last. Of a policy the description is
    its title.
    """
    text = request.value("q") or ""
    limit = request.number("limit", _MOST, most=_MOST)
    found = [
        *full_text.search(connection, text, limit=_MOST),  # condition keys come last
        *_global_keys(connection, text),
        *_policies(connection, text),
    ]
    letters = _letters_of(text)
    results: list[dict[str, Any]] = [
        {"kind": each.kind, "name": each.name, "description": each.description}
        for _, kind in groupby(found, key=lambda each: each.kind)
        for each in sorted(kind, key=lambda each: not _has_only(each.name, letters))[:limit]
    ]
    results.sort(key=lambda each: each["name"].lower() != text.lower())
    return {"q": text, "results": results, "limit": limit}


def _has_only(name: str, letters: str) -> bool:
    """Return True if *name* has no letters but *letters*, with its prefix or behind it."""
    whole = _letters_of(name)
    return whole.endswith(letters) and letters in (whole, _letters_of(name.partition(":")[2]))


def _letters_of(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _words(text: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in text.lower()).split()


def _global_keys(connection: sqlite3.Connection, text: str) -> list[SearchResult]:
    """Return the global condition keys that no page lists, with all words in their names."""
    wanted = [f" {word}" for word in _words(text)]
    if not wanted:
        return []
    found = [key for key in unlisted_keys(connection) if _has_words(key, wanted)]
    return [SearchResult("condition key", key, GLOBAL_KEY) for key in found]


def unlisted_keys(connection: sqlite3.Connection) -> list[str]:
    """Return the global condition keys that the catalog does not hold, by name."""
    held = {key.lower() for key in condition_key_names(connection)}
    return sorted((key for key in GLOBAL_KEYS if key.lower() not in held), key=str.lower)


def _has_words(name: str, starts: Sequence[str]) -> bool:
    text = " ".join(["", *_words(name), name_words(name)])
    return all(start in text for start in starts)


def _policies(connection: sqlite3.Connection, text: str) -> list[SearchResult]:
    """Return the sample policies with all words, perhaps cut short, in their or their document's
    title."""
    wanted = [f" {word}" for word in _words(text)]
    if not wanted or not has_policies(connection):
        return []
    found = []
    for each in policy_titles(connection):
        words = " ".join(["", *_words(" ".join(filter(None, each)))])
        if all(word in words for word in wanted):
            found.append(SearchResult("policy", each.policy, each.title or each.document_title))
    return found


def _shown(model: Model) -> dict[str, Any]:
    """Return the results by kind, the kind of the best one first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in model["results"]:
        found.setdefault(each["kind"], []).append(each)
    return {"groups": [{"kind": kind, "results": found[kind]} for kind in found]}


PAGE = SitePage(
    "search",
    "search.html",
    search,
    lambda model: f"{model['q']} - search" if model["q"] else "Search",
    shown=_shown,
    needs_server=True,
)
