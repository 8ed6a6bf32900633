"""Write a static export of the site into a folder.

The pages are rendered from copies of the catalog that are deleted in the end, by as many processes
as are asked for. The same catalog gives the same bytes, however many there are.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from iam_catalog.catalog import Catalog
from iam_catalog.errors import CatalogError
from iam_catalog.export.folder import SUMS
from iam_catalog.export.package import File
from iam_catalog.export.site.extras import write_assets, write_extras
from iam_catalog.export.site.pages import Renderer
from iam_catalog.export.site.parallel import all_written
from iam_catalog.export.site.urls import Published
from iam_catalog.export.text_files import write_lines
from iam_catalog.export.writing import Export, exported
from iam_catalog.facts.catalog_file import keep_only, write_copy
from iam_catalog.facts.exported import EXPORTED, OF_PAGE, Content
from iam_catalog.schema import PAST


def write_site(
    catalog: Catalog,
    folder: str | os.PathLike[str],
    service_prefixes: Sequence[str] = (),
    *,
    base_url: str | None = None,
    jobs: int | None = 1,
) -> Export:
    """Export the pages of *catalog*, which may stand at a date, as files that need no server.

    *service_prefixes* are the services to export, by any name that they go by; none means all.
    *base_url* is where the files will be published: pages name it as their canonical address, and
    the feed of changes leads there. *jobs* processes render; with None it is left to the number
    of pages and of processors. *folder* is made, or replaced as
    `iam_catalog.export.writing.write_export` replaces one. Raises `CatalogError` for a folder that
    cannot be, or a base URL that is none, and `UnknownServicePrefix`.
    """
    writer = partial(_write_pages, site=_checked_address(base_url), jobs=jobs)
    target = os.fspath(folder)
    return catalog._ask(exported, catalog.as_of, target, ("site", writer), tuple(service_prefixes))


def _checked_address(text: str | None) -> str | None:
    """Return *text* with a slash at its end; raises `CatalogError` if it cannot start addresses."""
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    odd = (
        not text.isascii()
        or any(character in text for character in "?#\"'<>\\ ")
        or not text.isprintable()
    )
    if not host or odd or parts.scheme != "https":
        raise CatalogError(
            f"{text!r} is not an address to publish at: write one that starts with https:// and "
            "has no query, for example 'https://example.com/iam/'."
        )
    return text if text.endswith("/") else f"{text}/"


def _write_pages(
    content: Content, folder: Path, *, site: str | None, jobs: int | None
) -> list[File]:
    """Write the pages, what they load, and the list of the files."""
    published = Published(site, content.services, content.as_of)
    # Beside the pages, in the folder that goes with them where a run fails or is killed.
    with tempfile.TemporaryDirectory(prefix="copies.", dir=folder.parent) as place:
        copies = _write_copies(content, Path(place))
        with closing(Renderer(copies, str(folder), published)) as renderer:
            written = [*write_assets(renderer), *all_written(renderer, jobs)]
            written += write_extras(renderer)
    lines = (f"{each.sha256}  {each.path}" for each in sorted(written, key=lambda each: each.path))
    write_lines(folder / SUMS, lines)
    return [File("files", SUMS, "Every other file with its SHA-256, a line each.")]


def _write_copies(content: Content, folder: Path) -> tuple[str, str]:
    """Write two catalogs into *folder*, and return their paths: the whole and the chosen part.

    The page of an action shows all that is known of it, also what other services need it. Pages
    that list, such as the services, list what the export has: they ask the copy without the rest.
    """
    whole, chosen = str(folder / "whole.db"), str(folder / "chosen.db")
    write_copy(content.connection, whole)
    if content.services is None:
        return whole, whole
    write_copy(content.connection, chosen)
    clauses = {f"past_{table}": OF_PAGE for table in PAST}
    clauses |= {table: clause for table, (clause, _) in reversed(EXPORTED.items())}
    keep_only(chosen, content.services, clauses)
    return whole, chosen
