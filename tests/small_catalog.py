# ruff: noqa: E501   a row of a page is one line
"""Two small services of our own, as pages, for questions that the shipped pages do not raise.

`store` has repeated and circular dependent actions, optional resource types, condition keys on
rows and on resource types, and a permission-only action. `depot` shares the name of a resource
type with it, and leaves its action table out.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

from click.testing import CliRunner

from scraper.cli import cli

STORE = r"""# Actions, Resources, and Condition Keys for Example Store<a name="list_store"></a>

Example Store \(service prefix: `store`\) provides the following service\-specific resources\.

## Actions Defined by Example Store<a name="store-actions"></a>

| Actions | Description | Access Level | Resource Types \(\*required\) | Condition Keys | Dependent Actions |
| --- | --- | --- | --- | --- | --- |
|   CreateShelf  | Creates a shelf\. | Write |   [ shelf\* ](#store-shelf)   |   [ aws:RequestTag/$\{TagKey\} ](#store-tag)   |   iam:PassRole   store:ListShelves   |
|   [ box ](#store-box)   |   [ store:Colour ](#store-colour)   |   store:listshelves   iam:CreateServiceLinkedRole   |
|   ListShelves  | Lists shelves\. | List |  |  |   store:TagShelf   |
|   PutShelfPolicy \[permission only\] | Sets the policy of a shelf\. | Permissions management |   [ shelf\* ](#store-shelf)   |  |  |
|   TagShelf  | Tags a shelf\. | Tagging |   [ shelf\* ](#store-shelf)   |  |   store:CreateShelf   |

## Resources Defined by Example Store<a name="store-resources"></a>

| Resource Types | ARN | Condition Keys |
| --- | --- | --- |
|   shelf  |  arn:$\{Partition\}:store:$\{Region\}:$\{Account\}:shelf/$\{ShelfId\}  |   [ aws:ResourceTag/$\{TagKey\} ](#store-resource-tag)   |
|   box  |  arn:$\{Partition\}:store:::box/$\{BoxId\}  |  |

## Condition Keys for Example Store<a name="store-policy-keys"></a>

| Condition Keys | Description | Type |
| --- | --- | --- |
|   aws:RequestTag/$\{TagKey\}  | A tag in the request\. | String |
|   aws:ResourceTag/$\{TagKey\}  | A tag of the resource\. | String |
|   store:Colour  | The colour of the box\. | String |
"""

DEPOT = r"""# Actions, Resources, and Condition Keys for Example Depot<a name="list_depot"></a>

Example Depot \(service prefix: `depot`\) provides the following service\-specific resources\.

## Actions Defined by Example Depot<a name="depot-actions"></a>

\[See the AWS documentation website for more details\]

## Resources Defined by Example Depot<a name="depot-resources"></a>

| Resource Types | ARN | Condition Keys |
| --- | --- | --- |
|   shelf  |  arn:$\{Partition\}:depot:::shelf/$\{ShelfId\}  |  |

## Condition Keys for Example Depot<a name="depot-policy-keys"></a>

Depot has no service\-specific context keys that can be used in the `Condition` element of policy statements\.
"""

PAGES = {"list_store.md": (STORE, "2020-03-04"), "list_depot.md": (DEPOT, "2020-01-02")}


def brings_all(services: int) -> str:
    """What every error adds that is about a service which a catalog of so many does not hold."""
    held = "1 service" if services == 1 else f"{services} services"
    return f"This catalog holds {held}; 'make full' brings all of AWS."


def write_data(folder: Path) -> Path:
    """Write the pages with their manifest into *folder*."""
    pages = folder / "service-authorization"
    pages.mkdir(parents=True)
    files = []
    for name, (text, date) in PAGES.items():
        content = text.encode()
        (pages / name).write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        files.append(
            {
                "path": f"service-authorization/{name}",
                "title": text.splitlines()[0].partition("<")[0].removeprefix("# "),
                "date": date,
                "url": f"https://docs.example.com/{name}",
                "sha256": sha256,
            }
        )
    (folder / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    return folder


def build_small_catalog(folder: Path) -> str:
    """Write the pages into *folder*, build the catalog beside them, and give its path."""
    output = folder / "catalog.db"
    data = write_data(folder / "data")
    result = CliRunner().invoke(cli, ["build", "--data", str(data), "--output", str(output)])
    assert result.exit_code == 0, result.output
    return str(output)


def replace_with_another(path: str) -> None:
    """Put a catalog in the place of *path*, as a build does, that lacks a dependent action."""
    new = f"{path}.new"
    shutil.copy(path, new)
    with sqlite3.connect(new) as connection:
        connection.execute("delete from dependent_actions where dependent_action like 'iam:%'")
    connection.close()
    Path(new).replace(path)
