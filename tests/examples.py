"""Small source pages and folders for tests, written from their parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

GET_ORDER = r"|   GetOrder  | Reads an order\. | Read |  |  |  | "
ORDER = r"|   order  |  arn:$\{Partition\}:orders:::order/$\{OrderId\}  |  | "
CHANNEL = r"|   orders:Channel  | Filters by channel\. | String | "

ACTIONS_TABLE = (
    r"| Actions | Description | Access Level | Resource Types \(\*required\) | Condition Keys "
    "| Dependent Actions | \n| --- | --- | --- | --- | --- | --- | "
)
RESOURCE_TYPES_TABLE = "| Resource Types | ARN | Condition Keys | \n| --- | --- | --- | "
CONDITION_KEYS_TABLE = "| Condition Keys | Description | Type | \n| --- | --- | --- | "

NO_ACTIONS = (
    "Orders has no API operations that can be used in the `Actions` element of an IAM policy "
    r"statement\."
)
NO_RESOURCE_TYPES = (
    r"Orders has no service\-defined resources that can be used as the `Resource` element of an "
    r"IAM policy statement\."
)
NO_CONDITION_KEYS = (
    r"Orders has no service\-specific context keys that can be used in the `Condition` element of "
    r"policy statements\."
)


def page_text(
    *,
    service: str = "Example Orders",
    prefix: str = "orders",
    actions: Sequence[str] = (GET_ORDER,),
    resource_types: Sequence[str] = (),
    condition_keys: Sequence[str] = (),
) -> str:
    """A page of three sections with these source rows; a section without rows says "none"."""
    slug = service.lower().replace(" ", "")
    introduction = (
        f"{service} \\(service prefix: `{prefix}`\\) provides the following service\\-specific "
        "resources, actions, and condition context keys for use in IAM permission policies\\."
    )
    return "\n\n".join(
        (
            f'# Actions, Resources, and Condition Keys for {service}<a name="list_{slug}"></a>',
            introduction,
            f"## Actions Defined by {service}",
            table(ACTIONS_TABLE, actions) or NO_ACTIONS,
            f"## Resources Defined by {service}",
            table(RESOURCE_TYPES_TABLE, resource_types) or NO_RESOURCE_TYPES,
            f"## Condition Keys for {service}",
            table(CONDITION_KEYS_TABLE, condition_keys) or NO_CONDITION_KEYS,
        )
    )


def table(header: str, rows: Sequence[str]) -> str:
    return "\n".join((header, *rows)) if rows else ""


def write_sources(
    folder: Path, files: dict[str, str], accepted: Sequence[dict[str, Any]] = ()
) -> Path:
    """A folder with these files, a manifest that lists them, and accepted problems."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    write_manifest(folder, [entry(path, text) for path, text in files.items()])
    (folder / "accepted.json").write_text(json.dumps({"problems": list(accepted)}))
    return folder


def entry(path: str, text: str, **fields: Any) -> dict[str, Any]:
    """What a manifest says of a file."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"path": path, "date": "2019-08-12", "sha256": digest, **fields}


def write_manifest(folder: Path, entries: list[dict[str, Any]]) -> None:
    (folder / "manifest.json").write_text(json.dumps({"files": entries}))
