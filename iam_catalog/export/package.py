"""Describes an export in its `datapackage.json`, a Data Package of the Frictionless standard 2.0.

It says which files there are, with their size and SHA-256, what the columns of a table are, how
fresh the facts are, and where they come from. No clock is asked and no path of the
machine is in it: the same catalog gives the same text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from iam_catalog.database import find_metadata
from iam_catalog.errors import CatalogError
from iam_catalog.export import SCHEMA_VERSION
from iam_catalog.export.folder import JSON_SCHEMA, OURS, PACKAGE
from iam_catalog.export.tables import column_text, table_text
from iam_catalog.export.text_files import write_lines
from iam_catalog.facts.about import COUNTED
from iam_catalog.facts.exported import EXPORTED, Content
from iam_catalog.records import Dataset
from iam_catalog.schema import VERSION
from iam_catalog.schema.model import Column, Table, View

STANDARD = "https://datapackage.org/profiles/2.0/datapackage.json"
DESCRIPTION = (
    "Facts about AWS IAM actions, each with the source, the place in it and the date that it comes "
    "from. "
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


@dataclass(frozen=True, slots=True)
class File:
    """A file that an export has written."""

    name: str
    """Short name, once in an export."""
    path: str
    """From the folder of the export, with slashes."""
    description: str
    table: Table | View | None = None
    """The table that the file holds, a row each; None for other documents."""
    rows: int | None = None
    """How many rows or lines it has."""
    media_type: str | None = None
    """For an ending that is not in `MEDIA_TYPES`, such as `text/plain`."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts, dates and datasets of an export."""

    as_of: str | None
    """ISO 8601 date of the newest source of what is exported; so are the other dates."""
    dependents_as_of: str | None
    newest_page: str | None
    oldest_page: str | None
    counts: dict[str, int]
    datasets: tuple[Dataset, ...]
    """The public datasets that facts of the export stand in, and how many do."""


@cache
def _site() -> Any:
    """Read the site's title and sources. Raises `CatalogError` where metadata.json is damaged."""
    path = find_metadata()
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogError(
            f"Cannot read the title of the catalog from {path!r}: {error}. Restore metadata.json "
            "from the package."
        ) from error


def write_package(folder: Path, kind: str, files: list[File], content: Content) -> Summary:
    """Write the description of *files* beside them."""
    summary = summary_of(content)
    tables = {file.table.name for file in files if file.table is not None}
    package = {
        "$schema": STANDARD,
        "name": "iam-catalog",
        "title": _site()["title"],
        "description": DESCRIPTION,
        "licenses": _licences(summary),
        "sources": sources(summary, content),
        OURS: {
            "export": kind,
            "schema_version": SCHEMA_VERSION,
            "catalog_schema_version": VERSION,
            "requested_as_of": content.as_of,
            "service_prefixes": content.services,
            **asdict(summary),
            JSON_SCHEMA: next((file.path for file in files if file.name == JSON_SCHEMA), None),
        },
        "resources": [resource(folder, file, tables) for file in files if file.name != JSON_SCHEMA],
    }
    write_lines(folder / PACKAGE, [json.dumps(package, indent=2, ensure_ascii=False)])
    return summary


DATES = ("as_of", "dependents_as_of", "newest_page", "oldest_page")


def summary_of(content: Content) -> Summary:
    """Return the figures of `facts.about` for what is exported, and of operations and policies."""
    found = content.figures()
    counted = {name: found[name] for name in (*COUNTED, "pages", "operations", "policies")}
    dates = {name: found[name] for name in DATES}
    return Summary(**dates, counts=counted, datasets=found["datasets"])


def _licences(summary: Summary) -> list[dict[str, str]]:
    """The _licences of AWS's documents, and of the public datasets that facts stand in."""
    aws = {"name": "CC-BY-SA-4.0", "title": "CC BY-SA 4.0 for AWS's pages and sample policies"}
    own = [
        {"name": each.licence, "title": f"{each.licence} for {each.dataset}"}
        for each in summary.datasets
        if each.licence
    ]
    return [aws | {"path": _site()["license_url"]}, *own]


def sources(summary: Summary, content: Content) -> list[dict[str, str]]:
    """Return AWS's pages, the public datasets that facts stand in, and documents with policies."""
    aws = {"title": "AWS Service Authorization Reference", "path": _site()["source_url"]}
    datasets = [
        {"title": each.dataset} | ({"path": each.url} if each.url else {})
        for each in summary.datasets
    ]
    shown = [
        {"title": title} | ({"path": url} if url else {}) for title, url in content.documents()
    ]
    return [*([aws] if summary.counts["pages"] else []), *datasets, *shown] or [aws]


def resource(folder: Path, file: File, tables: Collection[str]) -> dict[str, Any]:
    """Describe a file; its table refers to *tables* alone."""
    path = folder / file.path
    form = path.suffix.removeprefix(".")
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    described: dict[str, Any] = {
        "name": file.name,
        "path": file.path,
        "description": file.description,
        "format": form,
        "mediatype": file.media_type or MEDIA_TYPES[form],
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


def table_file(table: Table | View, form: str, rows: int, media_type: str | None = None) -> File:
    """Describe the file of a table, which has the ending *form*."""
    name, text = table.name, table_text(table)
    return File(name, f"{name}.{form}", text, table, rows, media_type)


def table_schema(
    table: Table | View, tables: Collection[str] = frozenset(EXPORTED)
) -> dict[str, Any]:
    """Return the Table Schema of a table, with references to *tables*: others are not exported."""
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


def field(table: Table | View, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "description": column_text(column),
    }
    if table.required(column):
        described["constraints"] = {"required": True}
    return described
