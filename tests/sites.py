"""Datasettes for tests: a catalog of three dates to show, and an end without open connections.

Every connection is closed, so that none is left for the garbage collector to warn of.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from click.testing import CliRunner
from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm
from small_catalog import DEPOT, STORE

from scraper.cli import cli

ROWS_OF_LIST_SHELVES = "|   ListShelves  | Lists shelves\\. | List |  |  |   store:TagShelf   |\n"
STORE_JSON = {
    "Name": "store",
    "Actions": [
        {
            "Name": name,
            "Annotations": {
                "Properties": {
                    "IsList": False,
                    "IsPermissionManagement": False,
                    "IsTaggingOnly": name == "TagShelf",
                    "IsWrite": name != "TagShelf",
                }
            },
        }
        for name in ("CreateShelf", "TagShelf")
    ],
    "Operations": [
        {
            "Name": "CreateShelf",
            "AuthorizedActions": [
                {"Name": "CreateShelf", "Service": "store"},
                {"Name": "TagShelf", "Service": "store"},
                {
                    "Name": "PassRole",
                    "Service": "iam",
                    "Context": {"iam:PassedToService": ["store.amazonaws.com"]},
                },
            ],
            "SDK": [
                {"Name": client, "Method": "create_shelf", "Package": "Boto3"}
                for client in ("store", "store-control")
            ],
        },
        {
            "Name": "UpdateShelf",
            "AuthorizedActions": [{"Name": "CreateShelf", "Service": "store"}],
            "SDK": [{"Name": "store", "Method": "update_shelf", "Package": "Boto3"}],
        },
    ],
    "Resources": [
        {"Name": "shelf", "ARNFormats": ["arn:${Partition}:store:::shelf/${ShelfId}"]},
    ],
    "Version": "v1.4",
}
DATED = {
    "2020-03-04/list_store.md": STORE,
    "2020-03-04/list_depot.md": DEPOT,
    "2021-03-04/list_store.md": STORE.replace(ROWS_OF_LIST_SHELVES, ""),
    "2021-03-04/list_depot.md": DEPOT,
    "2026-03-04/list_depot.md": DEPOT,
    "2026-03-04/store.json": json.dumps(STORE_JSON, indent=1),
}
"""`store:ListShelves` goes in 2021 and `store:PutShelfPolicy` in 2026, when operations come."""


class Connections:
    """Every connection that a Datasette opened: it keeps no list of those to memory."""

    __name__ = "connections"  # Datasette asks every plugin for it

    def __init__(self) -> None:
        self.open: list[sqlite3.Connection] = []

    @hookimpl
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        self.open.append(conn)


CONNECTIONS = Connections()
pm.register(CONNECTIONS)


def close(site: Datasette) -> None:
    """End the threads of *site*, and close every connection that any site has opened."""
    site.executor.shutdown()
    while CONNECTIONS.open:
        CONNECTIONS.open.pop().close()


def build_dated_catalog(folder: Path) -> str:
    """Write the pages of three dates into *folder*, and give the path of their catalog."""
    for name, text in DATED.items():
        page = folder / "data" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    output = str(folder / "catalog.db")
    data = str(folder / "data")
    # The last of the pages, AWS's JSON, says less than those before it.
    line = ["build", "--complete", "--accept-shrink", "store", "--data", data, "--output", output]
    result = CliRunner().invoke(cli, line)
    assert result.exit_code == 0, result.output
    return output
