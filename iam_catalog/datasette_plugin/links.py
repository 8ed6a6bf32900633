"""Link names that the catalog holds to their rows, wherever a site shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from markupsafe import Markup

from iam_catalog.datasette_plugin.generations import Generation
from iam_catalog.datasette_plugin.live_database import LiveDatabase
from iam_catalog.facts.catalog_file import KeyTable, key_tables, names_in
from iam_catalog.site.urls import tilde_encode

_SAME_NAMES = {"dependent_action": "action"}
"""Columns that hold names of a key column without a foreign key, which a claim never has."""

_KINDS = {
    "access level": "access_level",
    "action": "action",
    "condition key": "condition_key",
    "dependent action": "action",
    "operation": "operation",
    "page": "page",
    "required by": "action",
    "resource type": "resource_type",
    "service": "service_prefix",
}
"""What rows are called in `kind`, and the key column that names of that kind are in."""

_NAMED_BY_KIND = ("name", "value")
"""The columns of a canned query that hold the name, beside `kind`; in tables that is `subject`."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The names in one catalog file; those of a table are read when first asked for."""

    targets: dict[str, KeyTable]
    keys: dict[str, dict[str, str]] = field(default_factory=dict)


_names: WeakKeyDictionary[Generation, _Names] = WeakKeyDictionary()


async def _names_of(database: LiveDatabase) -> _Names:
    """Return the names in the file that *database* asks, read once for each file."""
    generation = database.asked()
    known = _names.get(generation)
    if known is None:
        known = _names[generation] = _Names(await database.ask(key_tables))
    return known


def key_column(row: Mapping[str, Any], column: str, table: str | None) -> str | None:
    """Return the key column whose names are in *column*; canned queries have no table."""
    named = column == "subject" or (table is None and column in _NAMED_BY_KIND)
    if named and "kind" in row.keys():  # noqa: SIM118
        return _KINDS.get(row["kind"])
    return _SAME_NAMES.get(column, column)


def name_in(text: str, column: str, key: str) -> str:
    """Return the name in *text*: as a subject, a condition key has its service behind it."""
    return text.rpartition(" (")[0] if (column, key) == ("subject", "condition_key") else text


async def link(
    datasette: Any, source: LiveDatabase, table: str | None, key: str, named: tuple[str, str]
) -> Markup | None:
    """Return a text as a link to the row that it names; `None` changes nothing.

    *named* is the name and the text.
    """
    name, text = named
    known = await _names_of(source)
    target = known.targets.get(key)
    if target is None or target.table == table:
        return None
    if target.table not in known.keys:
        known.keys[target.table] = await source.ask(lambda conn: names_in(conn, target))
    held = known.keys[target.table].get(target.fold(name))
    if held is None:
        return None
    address = datasette.urls.row(source.name, target.table, tilde_encode(held))
    return Markup('<a href="{}">{}</a>').format(address, text)
