"""Write an export of a catalog into a folder."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from iam_catalog.catalog import Catalog
from iam_catalog.export.content import content_of
from iam_catalog.export.folder import new_folder
from iam_catalog.export.package import Summary, write_package
from iam_catalog.export.registry import kind_named
from iam_catalog.facts.names import known_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.export.registry import Writer


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
    """Export *catalog*, which may stand at a date, as files of a kind in `registry.KINDS`.

    *service_prefixes* are the services to export, by any name that they go by; none means all.
    *folder* is made, or replaced where it is empty or has an earlier export of this kind and
    nothing else. Raises `CatalogError` for any other folder, one that cannot be written, an unknown
    kind, or a missing package, and `UnknownServicePrefix`.
    """
    write = kind_named(kind).writer()
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
