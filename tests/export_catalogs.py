"""Catalogs for the tests of exports, and what a table of one has."""

from __future__ import annotations

import datetime
import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dated_pages import complete
from named_services import client, service_names
from page_texts import Key, Op, Row, Service, Type, act, as_2026, as_json, as_table

from iam_catalog import Catalog
from iam_catalog.export import content as contents
from iam_catalog.export.tables import exported_table
from iam_catalog.export.writing import Export, write_export
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER
from scraper.merge.normalise import tables_of, timeline_of
from scraper.merge.store import store_catalog
from scraper.merge.timeline import Collection
from scraper.policies import policy_rows
from scraper.service_names.rows import LikelyActions
from scraper.sources import SourceFile

TAG_KEY = Key("aws:ResourceTag/${TagKey}")
ADDRESS = "https://docs.example.com/guide.html"
PUT = act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole orders:GetOrder"))
GET = act("GetOrder", description='Reads "it", all of it.')
OLD = (
    complete(
        "2019-08-12",
        as_table(Service([GET, PUT], [Type("order")], [Key("orders:Size")])),
        as_table(Service([act("Store")], prefix="depot", slug="depot", name="Depot")),
    ),
)
NEW = (
    *OLD,
    complete(
        "2026-02-04",
        as_json(Service([PUT, act("PutOrders", "Write")], [Type("order")], [Key("orders:Size")])),
        as_json(
            Service([act("GetBox", "List")], prefix="boxes", slug="boxes", operations=[Op("Open")])
        ),
    ),
    complete(
        "2026-08-31",
        as_2026(
            Service(
                [act("PutOrder", "Write", Row("order*", "orders:Size")), act("PutOrders", "List")],
                [Type("order", keys="aws:ResourceTag/${TagKey}")],
                [Key("orders:Size", "Filters by size.", "Numeric"), TAG_KEY],
                [
                    Op(
                        "PutOrder", ("orders:PutOrder", ("iam:PassRole", "iam:Key", "a")), ("shop",)
                    ),
                    Op("MakeOrder", ("orders:PutOrder", "orders:PutOrders"), ("shop", "boxes")),
                ],
            )
        ),
        as_json(
            Service(
                [act("GetBox", "List")],
                prefix="boxes",
                slug="boxes",
                operations=[Op("MakeOrder", ("boxes:GetBox",), ("boxes",))],
            )
        ),
    ),
)
"""Three dates: `depot` goes, `boxes` comes, `orders` changes; both have an operation MakeOrder."""

POLICIES = {
    "policies/boxes.txt": (
        '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "boxes:GetBox"}}'
    ),
    "policies/depot.txt": '{"Statement": {"Effect": "Allow", "Action": "depot:Store"}}',
    "policies/guide.md": """# Guide

## Staff

```json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Put",
      "Effect": "Allow",
      "Action": ["orders:Put*", "ORDERS:getorder", "orders:Zap*"], ①
      "Resource": "arn:aws:orders:::order/order-id",
      "Condition": {"NumericLessThan": {"orders:Size": ["3", "5"]}}
    },
    {"Effect": "Deny", "NotAction": "*:Get*", "NotResource": "*"}
  ]
}
```

**1** Of "orders".

```json
, {"Effect": "Allow", "Action": "orders:PutOrder"}
```
""",
}
"""Documents with sample policies: of `boxes`, of `depot`, and of `orders` and others."""

NAMES = service_names(
    {"boxes": client("boxes", "GetBox"), "shop": client("orders", "PutOrder", "SendOrder")},
    {"Orders, please": ["orders"], "Crates": ["boxes", "depot"]},
    [LikelyActions("shop", "SendOrder", ["orders:PutOrder"], "https://docs.example.com/send")],
)


def dated(folder: Path, collections: Sequence[Collection] = NEW) -> str:
    """A catalog of several dates, with history, operations, names, removed actions, policies."""
    tables = tables_of(timeline_of(collections), NAMES)
    tables.rows |= policy_rows([sample(path, text) for path, text in POLICIES.items()])
    path = folder / "catalog.db"
    store_catalog(tables, path)
    return str(path)


def sample(path: str, text: str) -> SourceFile:
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()
    title = "The guide" if path.endswith(".md") else None
    return SourceFile(path, content, digest, "2025-03-04", title=title, url=title and ADDRESS)


def export(path: str, folder: Path, kind: str, *services: str, as_of: str | None = None) -> Export:
    with Catalog(path, as_of=as_of) as catalog:
        return write_export(catalog, folder, kind, services)


def rows_of(path: str, table: str) -> list[tuple[Any, ...]]:
    """What a catalog has in a table, in the order of exports; booleans as such."""
    read = functools.partial(_rows, table)
    with Catalog(path) as catalog:
        return catalog._ask(read)


def _rows(table: str, connection: Any) -> list[tuple[Any, ...]]:
    with contents.content_of(connection, None, None) as content:
        return list(contents.rows_of(content, exported_table(table)))


def typed(table: str, row: Sequence[str]) -> tuple[Any, ...]:
    """The cells of a CSV file as the values that its schema says they are."""
    reading: dict[str, Any] = {INTEGER: int, BOOLEAN: {"true": True, "false": False}.__getitem__}
    columns = exported_table(table).columns
    return tuple(
        None if cell == "" else reading.get(column.type, str)(cell)
        for column, cell in zip(columns, row, strict=True)
    )


def with_dates(table: str, row: Sequence[Any]) -> tuple[Any, ...]:
    """The values of a row with dates as dates, as in Parquet."""
    columns = exported_table(table).columns
    return tuple(
        datetime.date.fromisoformat(value) if value and column.type == DATE else value
        for column, value in zip(columns, row, strict=True)
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
