"""What a search finds, best first in each kind; also asked while somebody types."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.policies import has_policies
from iam_catalog.facts import search as full_text
from iam_catalog.facts.global_keys import GLOBAL_KEYS
from iam_catalog.names import name_words
from iam_catalog.records import SearchResult

GLOBAL_KEY = "Global condition key"
"""The description of one in results."""
MOST = 50
"""Results of each kind on a page."""


def search(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The results of `q`; at most `limit` of a kind.

    First the full name that was typed, then kind by kind those with all of its words: names that
    have nothing else behind the prefix, such as `s3:GetObject` for *get object*, then others; of
    condition keys the global ones that no page lists are the last. Of a policy the description is
    its title.
    """
    text = asked.value("q") or ""
    limit = asked.number("limit", MOST, most=MOST)
    found = [
        *full_text.search(connection, text, limit=MOST),  # condition keys come last
        *global_keys(connection, text),
        *policies(connection, text),
    ]
    letters = letters_of(text)
    results: list[dict[str, Any]] = [
        {"kind": each.kind, "name": each.name, "description": each.description}
        for _, kind in groupby(found, key=lambda each: each.kind)
        for each in sorted(kind, key=lambda each: not has_only(each.name, letters))[:limit]
    ]
    results.sort(key=lambda each: each["name"].lower() != text.lower())
    return {"q": text, "results": results, "limit": limit}


def has_only(name: str, letters: str) -> bool:
    """Whether *name* is nothing but *letters*, with its prefix or behind it."""
    whole = letters_of(name)
    return whole.endswith(letters) and letters in (whole, letters_of(name.partition(":")[2]))


def letters_of(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def words(text: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in text.lower()).split()


def global_keys(connection: sqlite3.Connection, text: str) -> list[SearchResult]:
    """The global condition keys that no page lists, with all words in their names."""
    wanted = [f" {word}" for word in words(text)]
    if not wanted:
        return []
    found = [key for key in unlisted_keys(connection) if has_words(key, wanted)]
    return [SearchResult("condition key", key, GLOBAL_KEY) for key in found]


def unlisted_keys(connection: sqlite3.Connection) -> list[str]:
    """The global condition keys that the catalog does not hold, by name."""
    rows = connection.execute("select condition_key from condition_keys")
    held = {key.lower() for (key,) in rows}
    return sorted((key for key in GLOBAL_KEYS if key.lower() not in held), key=str.lower)


def has_words(name: str, starts: Sequence[str]) -> bool:
    said = " ".join(["", *words(name), name_words(name)])
    return all(start in said for start in starts)


def policies(connection: sqlite3.Connection, text: str) -> list[SearchResult]:
    """The sample policies whose titles and documents have all words, which may be cut short."""
    wanted = [f" {word}" for word in words(text)]
    if not wanted or not has_policies(connection):
        return []
    rows = connection.execute(
        "select policy, p.title, d.title from policies as p"
        " join policy_documents as d using (policy_document) order by policy_document, position"
    )
    found = []
    for policy, title, document in rows:
        said = " ".join(["", *words(" ".join(filter(None, (policy, title, document))))])
        if all(word in said for word in wanted):
            found.append(SearchResult("policy", policy, title or document))
    return found
