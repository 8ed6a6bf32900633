"""Write what `static/search-static.js` searches: all that the search of a server finds.

Two scripts, because a page that is opened without a web server may load nothing else: the names,
with the titles of services and policies, as soon as somebody types, and the descriptions for the
page of results alone.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from typing import Any

from iam_catalog.export.site.places import Places
from iam_catalog.facts.exported import search_names
from iam_catalog.facts.lookup import other_names
from iam_catalog.facts.sample_documents import policy_titles
from iam_catalog.names import service_words
from iam_catalog.site.pages.search import GLOBAL_KEY, unlisted_keys

NAMES = "names.js"
DESCRIPTIONS = "descriptions.js"
EARLY = frozenset(["service"])
"""Kinds that are found by description and other names while somebody types."""


def index_files(connection: sqlite3.Connection, places: Places) -> dict[str, str]:
    """Return the two scripts by their names."""
    names, descriptions = [], {}
    for kind, found, texts in search_names(connection):
        entry: dict[str, Any] = {"kind": kind, "names": _grouped(found)}
        if kind in EARLY:
            entry["descriptions"] = texts
            entry["words"] = [service_words(name, other_names(connection, name)) for name in found]
        elif any(texts):
            descriptions[kind] = texts
        if kind == "condition key":
            entry["unlisted"] = {
                "names": _grouped(unlisted_keys(connection)),
                "description": GLOBAL_KEY,
            }
        names.append(entry)
    loaded = {"kinds": [*names, policies(connection)], "unusual": places.unusual()}
    return {NAMES: script("names", loaded), DESCRIPTIONS: script("descriptions", descriptions)}


def policies(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the sample policies by document; the titles of these are searched, too."""
    found = policy_titles(connection)
    return {
        "kind": "policy",
        "names": _grouped([each.policy for each in found]),
        "descriptions": [each.title or each.document_title for each in found],
        "documents": [each.document_title for each in found],
    }


def _grouped(names: list[str]) -> list[list[Any]]:
    """Return names in their order, with the part before the colon once for all that share it."""
    split = [(name, name.partition(":")) for name in names]
    parts = [
        (prefix, rest) if prefix and colon else ("", name) for name, (prefix, colon, rest) in split
    ]
    return [
        [prefix, [rest for _, rest in same]]
        for prefix, same in groupby(parts, key=lambda each: each[0])
    ]


def script(name: str, value: Any) -> str:
    """Return a call that hands a value over; in ASCII, whatever a server says of its encoding."""
    return f"catalogSearch.take({json.dumps(name)}, {json.dumps(value, separators=(',', ':'))});\n"
