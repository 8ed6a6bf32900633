"""Write an export of a catalog into a folder."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from iam_catalog.catalog import Catalog
from iam_catalog.errors import CatalogError
from iam_catalog.export.content import content_of
from iam_catalog.export.folder import new_folder
from iam_catalog.export.package import File, Summary, write_package
from iam_catalog.facts.exported import Content
from iam_catalog.facts.names import known_service

Writer = Callable[[Content, Path], list[File]]


@dataclass(frozen=True, slots=True)
class Export:
    """How much was written."""

    files: int
    bytes: int
    summary: Summary


def write_export(
    catalog: Catalog,
    folder: str | os.PathLike[str],
    kind: str,
    service_prefixes: Sequence[str] = (),
) -> Export:
    """Export *catalog*, which may stand at a date, as files of a kind: `json`, `csv`, `parquet`.

    *service_prefixes* are the services to export, by any name that they go by; none means all.
    *folder* is made, or replaced where it is empty or has an earlier export of this kind and
    nothing else. Raises `CatalogError` for any other folder, one that cannot be written, or a
    missing pyarrow, and `UnknownServicePrefix`.
    """
    write = _writer_of(kind)
    target = os.fspath(folder)
    return catalog._ask(exported, catalog.as_of, target, (kind, write), tuple(service_prefixes))


def exported(
    connection: sqlite3.Connection,
    as_of: str | None,
    target: str,
    kind: tuple[str, Writer],
    names: tuple[str, ...],
) -> Export:
    services = sorted({known_service(connection, name) for name in names}) if names else None
    chosen = None if services is None else tuple(services)
    with (
        new_folder(target, kind[0]) as folder,
        content_of(connection, as_of, chosen) as content,
    ):
        files = kind[1](content, folder)
        summary = write_package(folder, kind[0], files, content)
        written = [path for path in folder.rglob("*") if path.is_file()]
        return Export(len(written), sum(path.stat().st_size for path in written), summary)


def _writer_of(kind: str) -> Writer:
    """Return the writer of a kind of files; imported now, because pyarrow is slow to import."""
    if kind == "csv":
        from iam_catalog.export.csv_files import write_csv

        return write_csv
    if kind == "json":
        from iam_catalog.export.json_files import write_json

        return write_json
    if kind == "parquet":
        return _parquet_writer()
    raise CatalogError(f"{kind!r} is no kind of export: use one of json, csv, parquet.")


def _parquet_writer() -> Writer:
    try:
        import pyarrow.parquet  # noqa: F401   the next import is ours
    except ImportError as error:
        raise CatalogError(
            "pyarrow, which writes Parquet, is not installed: pip install 'iam-catalog[parquet]'"
        ) from error
    from iam_catalog.export.parquet_files import write_parquet

    return write_parquet
