"""parliament: `iam_definition.json`, a list of pages that keeps those of withdrawn services."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from scraper.datasets.base import (
    ActionEntry,
    DatasetFormat,
    Entry,
    ServiceEntry,
    bare_or_wheel,
    pointer,
    read_lists,
    read_rows,
)

BARE = re.compile(rb'\s*\[\s*\{\s*"(?:conditions|prefix|privileges|resources)"')
"""How the JSON file begins, which is a whole dataset by itself."""
DATES = {"1.6.4": "2025-02-27"}
"""The last change of the data before each release, from the history of its repository: the package
does not say of which date it is."""


def _read(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Read a list of pages, several of them for some prefixes."""
    ((path, whole),) = values.items()
    pages = Counter(service["prefix"] for service in whole)
    for number, service in enumerate(whole):
        prefix, name = service["prefix"], service["service_name"]
        shared = pages[prefix] > 1
        place = pointer(path, number)
        yield ServiceEntry(
            file,
            FORMAT.name,
            prefix,
            f"{prefix}-{_slug_of(name)}" if shared else prefix,
            name or None,
            *read_lists(service, place, _action),
            place,
        )


def _action(action: Entry, place: str) -> ActionEntry:
    return ActionEntry(
        action["privilege"],
        action["description"],
        action["access_level"],
        read_rows(action),
        place,
    )


def _slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


FORMAT = DatasetFormat(
    "parliament",
    "https://github.com/duo-labs/parliament",
    "BSD-3-Clause",
    bare_or_wheel("parliament", BARE, DATES),
    re.compile(r"parliament/iam_definition\.json"),
    _read,
    one_of_several=False,
)
