"""Take a page into `data/`: copy it byte for byte, and write its manifest entry."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iam_catalog.files import write_file
from scraper.errors import SourceError
from scraper.formats.registry import parse_bytes
from scraper.mirror import is_date
from scraper.page.model import ServicePage
from scraper.sources import MANIFEST, PAGES_FOLDER, read_manifest


@dataclass(frozen=True, slots=True)
class Details:
    """What the person who adds a page knows of it; None for what is unknown."""

    date: str | None = None
    """ISO 8601; when the page was published."""
    url: str | None = None
    url_then: str | None = None
    publisher: str | None = None
    licence: str | None = None
    licence_url: str | None = None


def add_page(file: Path, data: Path, details: Details) -> ServicePage:
    """Copy *file* into *data* with its entry; what *details* leave open stays as it was.

    Raises `SourceError` where *file* cannot be read or is no page, *details* hold no real date,
    or *data* has no manifest; nothing is written then.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SourceError(f"Cannot read {str(file)!r}: {error.strerror}.") from error
    if details.date is not None and not is_date(details.date):
        raise SourceError(f"{details.date!r} is not a date: write YYYY-MM-DD.")
    page = parse_bytes(file.name, content)
    if page.format is None or page.service_prefix is None:
        raise SourceError(f"{page.problems[0]}. Only service authorization pages can be added.")
    manifest = data / MANIFEST
    if not manifest.is_file():
        raise SourceError(f"No {MANIFEST} in {str(data)!r}: name a data folder with --data.")
    entries = read_manifest(manifest).entries
    path = _free_path(file.name, content, entries, details)
    older = entries.get(path, {})
    new = entry(path, content, page, details)
    entries[path] = {name: older.get(name) if new[name] is None else new[name] for name in new}
    target = data / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        write_manifest(manifest, entries)
    except OSError as error:
        if not older:
            target.unlink(missing_ok=True)
        raise SourceError(f"Cannot write {error.filename!r}: {error.strerror}.") from error
    return page


def _free_path(
    name: str, content: bytes, entries: dict[str, dict[str, Any]], details: Details
) -> str:
    """Choose the path of a page: beside the others, or in a folder of its date if that is taken.

    A page never takes the place of another one: both dates are part of the catalog's history.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    paths = [f"{PAGES_FOLDER}/{name}"]
    paths += [f"{PAGES_FOLDER}/{details.date}/{name}"] if details.date else []
    for path in paths:
        if path not in entries or entries[path].get("sha256") == sha256:
            return path
    remedy = "rename the file" if details.date else "say of which date this one is, with --date"
    raise SourceError(f"{paths[-1]!r} is there already, with other content: {remedy}.")


def entry(path: str, content: bytes, page: ServicePage, details: Details) -> dict[str, Any]:
    return {
        "path": path,
        "title": page.title,
        "publisher": details.publisher,
        "url_then": details.url_then,
        "url": details.url,
        "date": details.date,
        "licence": details.licence,
        "licence_url": details.licence_url,
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def write_manifest(manifest: Path, entries: dict[str, dict[str, Any]]) -> None:
    """Replace the list of files in *manifest*, sorted by path; its other fields stay."""
    whole = json.loads(manifest.read_text(encoding="utf-8"))
    whole["files"] = [entries[path] for path in sorted(entries)]
    write_file(manifest, (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode())
