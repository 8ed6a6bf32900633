"""What `static/search-static.js` searches: what the search of a server finds, with descriptions.

Two scripts, because a page that is opened without a web server may load nothing else: the names,
with the titles of services and policies, as soon as somebody types, and the descriptions for the
page of results alone.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from typing import Any

from iam_catalog import schema
from iam_catalog.datasette_plugin.site.models.search import GLOBAL_KEY, unlisted_keys
from iam_catalog.export.site.places import Places
from iam_catalog.facts.lookup import other_names
from iam_catalog.facts.search import KINDS
from iam_catalog.names import service_words

NAMES = "names.js"
DESCRIPTIONS = "descriptions.js"
EARLY = frozenset(["service"])
"""What is found by its description and its other names while somebody types: services."""


def index_files(connection: sqlite3.Connection, places: Places) -> dict[str, str]:
    """The two scripts by their names."""
    names, descriptions = [], {}
    for table, key, column in schema.SEARCHED:
        kind = KINDS[table]
        rows = connection.execute(
            f"select {key}, {column or 'null'} from {table} order by {key} collate nocase"
        ).fetchall()
        texts = [text for _, text in rows]
        entry: dict[str, Any] = {"kind": kind, "names": grouped([name for name, _ in rows])}
        if kind in EARLY:
            entry["descriptions"] = texts
            entry["words"] = [
                service_words(name, other_names(connection, name)) for name, _ in rows
            ]
        elif any(texts):
            descriptions[kind] = texts
        if kind == "condition key":
            entry["unlisted"] = {
                "names": grouped(unlisted_keys(connection)),
                "description": GLOBAL_KEY,
            }
        names.append(entry)
    loaded = {"kinds": [*names, policies(connection)], "unusual": places.unusual()}
    return {NAMES: script("names", loaded), DESCRIPTIONS: script("descriptions", descriptions)}


def policies(connection: sqlite3.Connection) -> dict[str, Any]:
    """The sample policies in the order of their documents, whose titles are searched, too."""
    rows = connection.execute(
        "select policy, coalesce(policies.title, policy_documents.title), policy_documents.title"
        " from policies join policy_documents using (policy_document)"
        " order by policy_document, policies.position"
    ).fetchall()
    return {
        "kind": "policy",
        "names": grouped([policy for policy, _, _ in rows]),
        "descriptions": [title for _, title, _ in rows],
        "documents": [title for _, _, title in rows],
    }


def grouped(names: list[str]) -> list[list[Any]]:
    """Names in their order, with what stands before the first colon once for all that share it."""
    split = [(name, name.partition(":")) for name in names]
    parts = [
        (prefix, rest) if prefix and colon else ("", name) for name, (prefix, colon, rest) in split
    ]
    return [
        [prefix, [rest for _, rest in same]]
        for prefix, same in groupby(parts, key=lambda each: each[0])
    ]


def script(name: str, value: Any) -> str:
    """A call that hands a value over; in ASCII, whatever a server says of its encoding."""
    return f"catalogSearch.take({json.dumps(name)}, {json.dumps(value, separators=(',', ':'))});\n"
