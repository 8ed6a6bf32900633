"""Write what `static/search-static.js` searches: all that the search of a server finds.

Two scripts, because a page that is opened without a web server may load nothing else: the names,
with the titles of services and policies, as soon as somebody types, and the descriptions for the
page of results alone. They also hold what decides the order (`facts.search`): points, names of
services, operations and rules.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from typing import Any

from iam_catalog.export.site.places import Places
from iam_catalog.facts import search as ranking
from iam_catalog.facts import searched
from iam_catalog.facts.exported import arn_formats_by_type, names_of_services, search_names
from iam_catalog.facts.lookup import other_names
from iam_catalog.names import name_words, service_words
from iam_catalog.schema import ACCESS_LEVEL_ROWS

NAMES = "names.js"
DESCRIPTIONS = "descriptions.js"
_MARKS = "|^`\\\ue000\ue001\ue002"
"""What can mark where a word of a name begins: the first that no name has."""


def index_files(connection: sqlite3.Connection, places: Places) -> dict[str, str]:
    """Return the two scripts by their names."""
    found = search_names(connection)
    unlisted = searched.unlisted_keys(connection)
    operations = searched.operations_of_other_names(connection)
    removed = searched.removed_names(connection)
    every = [name for each in found for name in each.names]
    every += [*unlisted, *[row[1] for row in operations], *[row[0] for row in removed]]
    mark = next(each for each in _MARKS if not any(each in name for name in every))
    kinds, descriptions = [], {}
    for each in found:
        entry: dict[str, Any] = {"kind": each.kind, "names": _grouped(each.names, mark)}
        if each.kind == "service":
            entry["descriptions"] = each.descriptions
            entry["words"] = [
                service_words(name, other_names(connection, name)) for name in each.names
            ]
        elif any(each.descriptions):
            descriptions[each.kind] = each.descriptions
        kinds.append(entry)
    loaded = {
        "rules": ranking.RULES,
        "mark": mark,
        "kinds": kinds,
        "unlisted": [_marked(name, mark) for name in unlisted],
        "policies": searched.words_of_policies(connection),
        "removed": [[_marked(name, mark), *rest] for name, *rest in removed],
        "operations": [
            [prefix, _marked(name, mark), action, place]
            for prefix, name, action, place in operations
        ],
        "services": names_of_services(connection),
        "used": searched.MOST_USED,
        "points": _points(connection),
        "unusual": places.unusual(),
    }
    texts = {
        "descriptions": descriptions,
        "levels": _levels([level for each in found for level in each.access_levels]),
        "arns": arn_formats_by_type(connection),
    }
    return {NAMES: script("names", loaded), DESCRIPTIONS: script("descriptions", texts)}


def _points(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    points: dict[str, dict[str, int]] = {}
    for (kind, name), number in sorted(searched.own_points(connection).items()):
        points.setdefault(kind, {})[name] = number
    return points


def _levels(levels: list[str | None]) -> dict[str, Any]:
    """Return the names of the levels, and the place of each name's level among them as a digit."""
    names = [name for name, _ in ACCESS_LEVEL_ROWS]
    digits = [str(names.index(each) + 1) if each else "0" for each in levels]
    return {"names": names, "of": "".join(digits)}


def _marked(name: str, mark: str) -> str:
    """Mark where in a name a word begins behind a letter or digit: `Get|Object`."""
    marked, rest = "", name
    for word in name_words(name).split():
        place = rest.lower().find(word)
        before, rest = rest[:place], rest[place:]
        marked += before
        if marked and marked[-1].isalnum():
            marked += mark
        marked, rest = marked + rest[: len(word)], rest[len(word) :]
    return marked + rest


def _grouped(names: list[str], mark: str) -> list[list[Any]]:
    """Return names in their order, with the part before the colon once for all that share it."""
    split = [(name, name.partition(":")) for name in names]
    parts = [
        (prefix, rest) if prefix and colon else ("", name) for name, (prefix, colon, rest) in split
    ]
    return [
        [prefix, [_marked(rest, mark) for _, rest in same]]
        for prefix, same in groupby(parts, key=lambda each: each[0])
    ]


def script(name: str, value: Any) -> str:
    """Return a call that hands a value over; in ASCII, whatever a server says of its encoding."""
    return f"catalogSearch.take({json.dumps(name)}, {json.dumps(value, separators=(',', ':'))});\n"
