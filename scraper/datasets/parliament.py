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
    RowEntry,
    ServiceEntry,
    bare_or_wheel,
    pointer,
    read_key,
    read_type,
)

BARE = re.compile(rb'\s*\[\s*\{\s*"(?:conditions|prefix|privileges|resources)"')
"""How the JSON file begins, which is a whole dataset by itself."""
DATES = {"1.6.4": "2025-02-27"}
"""The last change of the data before each release, from the history of its repository: the package
does not say of which date it is."""


def _read(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Read a list of pages, several of them for some prefixes; a star marks required types."""
    ((path, whole),) = values.items()
    pages = Counter(service["prefix"] for service in whole)
    for number, service in enumerate(whole):
        prefix, name = service["prefix"], service["service_name"]
        shared = pages[prefix] > 1
        yield ServiceEntry(
            file,
            FORMAT.name,
            prefix,
            f"{prefix}-{_slug_of(name)}" if shared else prefix,
            name or None,
            [
                ActionEntry(
                    each["privilege"],
                    each["description"],
                    each["access_level"],
                    tuple(map(_row, each["resource_types"])),
                    pointer(path, number, "privileges", position),
                )
                for position, each in enumerate(service["privileges"])
            ],
            [
                read_type(each, pointer(path, number, "resources", position))
                for position, each in enumerate(service["resources"])
            ],
            [
                read_key(each, pointer(path, number, "conditions", position))
                for position, each in enumerate(service["conditions"])
            ],
            pointer(path, number),
        )


def _row(row: Entry) -> RowEntry:
    name = row["resource_type"]
    return RowEntry(
        name.rstrip("*"), name.endswith("*"), row["condition_keys"], row["dependent_actions"]
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
