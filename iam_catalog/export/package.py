"""Describes an export in its `datapackage.json`, a Data Package of the Frictionless standard 2.0.

It says which files there are, with their size and SHA-256, what the columns of a table are, how
fresh the facts are, and where they come from. No clock is asked and no path of the machine told:
the same catalog gives the same text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iam_catalog.export import SCHEMA_VERSION
from iam_catalog.export.content import Content
from iam_catalog.export.descriptions import column_text, metadata, table_text
from iam_catalog.export.folder import JSON_SCHEMA, OURS, PACKAGE
from iam_catalog.export.tables import EXPORTED, OF_DOCUMENT, OWN, Column, Table
from iam_catalog.export.text_files import write_lines
from iam_catalog.identity import VERSION
from iam_catalog.records import DatasetShare

STANDARD = "https://datapackage.org/profiles/2.0/datapackage.json"
DESCRIPTION = (
    "Facts about AWS IAM actions, each with the page, the line and the date that it comes from. "
    "Absent values are null, and nothing between two commas in CSV."
)
MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "sha256": "text/plain",
}
CSV_DIALECT = {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True}
COUNTED = {"services", "actions", "resource_types", "condition_keys", "dependent_actions"}
COUNTED |= {"operations", "policies"}


@dataclass(frozen=True, slots=True)
class File:
    """A file that an export has written."""

    name: str
    """Short name, once in an export."""
    path: str
    """From the folder of the export, with slashes."""
    description: str
    table: Table | None = None
    """The table that the file holds, a row each; None for other documents."""
    rows: int | None = None
    """How many rows or lines it has."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an export holds, in a few numbers."""

    counts: dict[str, int]
    newest_page: str | None
    """ISO 8601 date, of a page of AWS wherever one is held; None where no page has one."""
    oldest_page: str | None
    """Date of the current page that was last seen longest ago."""
    datasets: tuple[DatasetShare, ...]
    """The public datasets that facts of the export stand in, and how many do."""


def write_package(folder: Path, kind: str, files: list[File], content: Content) -> Summary:
    """Write the description of *files* beside them."""
    summary = summary_of(content)
    tables = {file.table.name for file in files if file.table is not None}
    package = {
        "$schema": STANDARD,
        "name": "iam-catalog",
        "title": metadata()["title"],
        "description": DESCRIPTION,
        "licenses": [
            {"name": "CC-BY-SA-4.0", "title": metadata()["license"]}
            | {"path": metadata()["license_url"]}
        ],
        "sources": sources(summary, content),
        OURS: {
            "export": kind,
            "schema_version": SCHEMA_VERSION,
            "catalog_schema_version": VERSION,
            "as_of": content.as_of,
            "service_prefixes": content.services,
            **asdict(summary),
            JSON_SCHEMA: next((file.path for file in files if file.name == JSON_SCHEMA), None),
        },
        "resources": [resource(folder, file, tables) for file in files if file.name != JSON_SCHEMA],
    }
    write_lines(folder / PACKAGE, [json.dumps(package, indent=2, ensure_ascii=False)])
    return summary


def summary_of(content: Content) -> Summary:
    counts = {
        name: content.query(f"select count(*) from {name} where {{chosen}}", clause).fetchone()[0]
        for name, (clause, _) in EXPORTED.items()
        if name in COUNTED
    }
    newest, oldest = content.query(
        "select coalesce(max(last_date) filter (where dataset is null), max(last_date)),"
        " min(last_date) filter (where replaced is null and dataset is null)"
        " from pages where {chosen}",
        OWN,
    ).fetchone()
    datasets = content.query(
        "with stated as (select page, 1 as action, 0 as dependent from actions"
        " union all select page, 0, 1 from dependent_actions)"
        " select dataset, dataset_version, max(last_date), sum(action), sum(dependent)"
        " from stated join pages using (page) where dataset is not null and {chosen} group by 1, 2",
        OWN,
    )
    return Summary(counts, newest, oldest, tuple([DatasetShare(*row) for row in datasets]))


def sources(summary: Summary, content: Content) -> list[dict[str, str]]:
    """AWS's pages, the public datasets that stand for others, and documents with policies."""
    aws = {"title": metadata()["source"], "path": metadata()["source_url"]}
    names = [
        " ".join(filter(None, (share.dataset, share.dataset_version))) for share in summary.datasets
    ]
    documents = content.query(
        "select coalesce(title, policy_document), coalesce(url, url_then) from policy_documents"
        " where {chosen} order by policy_document",
        OF_DOCUMENT,
    )
    shown = [{"title": title} | ({"path": url} if url else {}) for title, url in documents]
    return [aws, *[{"title": name} for name in names], *shown]


def resource(folder: Path, file: File, tables: Collection[str]) -> dict[str, Any]:
    """What the package says of a file, beside those of *tables*."""
    path = folder / file.path
    form = path.suffix.removeprefix(".")
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    described: dict[str, Any] = {
        "name": file.name,
        "path": file.path,
        "description": file.description,
        "format": form,
        "mediatype": MEDIA_TYPES[form],
    }
    if form != "parquet":
        described["encoding"] = "utf-8"
    described |= {"bytes": path.stat().st_size, "hash": f"sha256:{digest}"}
    if file.rows is not None:
        described["rows"] = file.rows
    if file.table is not None:
        described["type"] = "table"
        if form == "csv":
            described["dialect"] = CSV_DIALECT
        described["schema"] = table_schema(file.table, tables)
    return described


def table_file(table: Table, form: str, rows: int) -> File:
    return File(table.name, f"{table.name}.{form}", table_text(table), table, rows)


def table_schema(table: Table, tables: Collection[str] = frozenset(EXPORTED)) -> dict[str, Any]:
    """The Table Schema of a table, with its references to *tables* alone: others are not there."""
    schema: dict[str, Any] = {"fields": [field(table, column) for column in table.columns]}
    schema["missingValues"] = [""]
    if table.key:
        schema["primaryKey"] = list(table.key)
    references = [
        {"fields": [each.column], "reference": {"resource": each.table, "fields": [each.key]}}
        for each in table.references
        if each.table in tables
    ]
    if references:
        schema["foreignKeys"] = references
    return schema


def field(table: Table, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "description": column_text(table, column),
    }
    if column.required:
        described["constraints"] = {"required": True}
    return described
