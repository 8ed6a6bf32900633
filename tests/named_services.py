"""SDK clients, nicknames and likely actions of services of one's own."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from scraper.service_names.clients import Clients, SdkClient
from scraper.service_names.rows import LikelyActions, ServiceNames

WHEEL = {"name": "botocore", "version": "1.2.3", "date": "2026-11-20", "licence": "Apache-2.0"}


def client(prefix: str | None, *operations: str, name: str = "", service_id: str = "") -> SdkClient:
    """A client whose service has these names; by default they are made of its prefix."""
    short = service_id or f"{prefix} ID"
    return SdkClient(prefix, "sign", "end", short, name or f"Amazon {prefix}", "uid", [*operations])


def service_names(
    clients: Mapping[str, SdkClient],
    nicknames: Mapping[str, list[str]] | None = None,
    likely: Iterable[LikelyActions] = (),
) -> ServiceNames:
    return ServiceNames(Clients({**WHEEL}, dict(clients)), dict(nicknames or {}), [*likely])


def model(operations: Iterable[str] = ("GetBox",), method: str = "POST", **metadata: str) -> Any:
    """What botocore has in a `service-2.json`, with much that nobody reads."""
    return {
        "version": "2.0",
        "metadata": {
            "apiVersion": "2020-01-02",
            "endpointPrefix": "boxes",
            "serviceFullName": "Amazon Boxes",
            "serviceId": "Boxes",
            "uid": "boxes-2020-01-02",
            **metadata,
        },
        "operations": {
            each: {"name": each, "http": {"method": method}, "documentation": "<p>Long.</p>"}
            for each in operations
        },
        "shapes": {},
    }


def botocore(models: Mapping[str, Any], *, name: str = "botocore", version: str = "1.2.3") -> bytes:
    """A wheel with *models*, by client and API version: `boxes/2020-01-02`, some compressed."""
    files = {
        f"botocore-{version}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: Apache-2.0\n"
        ).encode(),
        "botocore/session.py": b"raise SystemExit('this is never run')",
    }
    for number, (path, value) in enumerate(models.items()):
        text = json.dumps(value).encode()
        if number % 2:
            files[f"botocore/data/{path}/service-2.json"] = text
        else:
            files[f"botocore/data/{path}/service-2.json.gz"] = gzip.compress(text, mtime=0)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for place, content in files.items():
            archive.writestr(zipfile.ZipInfo(place, (2026, 11, 20, 1, 2, 4)), content)
    return whole.getvalue()
