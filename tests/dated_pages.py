"""Pages and collections with a date, as the merging of several dates takes them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scraper.build import page_key
from scraper.formats.registry import parse_bytes
from scraper.merge.normalise import Tables, tables_of, timeline_of
from scraper.merge.statements import PageVersion
from scraper.merge.store import store_catalog
from scraper.merge.timeline import Collection
from scraper.problems import Problem
from scraper.service_names.rows import ServiceNames
from scraper.sources import SourceFile

Accepted = tuple[tuple[Problem, str], ...]


def page_version(
    text: str,
    date: str | None = "2019-08-12",
    file: str | None = None,
    accepted: Accepted = (),
    taken: Sequence[str] = (),
) -> PageVersion:
    """*text* as parsed from a file whose publisher and addresses nobody knows."""
    content = text.encode()
    name = file or file_name(text)
    source = SourceFile(name, content, hashlib.sha256(content).hexdigest(), date)
    page = parse_bytes(source.file, content)
    return PageVersion(page_key(page, date, set(taken)), page, source, accepted)


def file_name(text: str) -> str:
    """JSON files are named by the prefix, which is their slug; others name themselves."""
    return f"{json.loads(text)['Name']}.json" if text.startswith("{") else "page.md"


def collection(date: str | None, *texts: str, complete: bool = False) -> Collection:
    """The pages of one date."""
    versions: list[PageVersion] = []
    for text in texts:
        versions.append(page_version(text, date, taken=[each.key for each in versions]))
    return Collection(date, complete, tuple(versions))


def complete(date: str | None, *texts: str) -> Collection:
    """All pages that there were at a date."""
    return collection(date, *texts, complete=True)


def rows(tables: Tables, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of every row of a table; the only one alone."""
    return [tuple(row[column] for column in columns) for row in tables.rows.get(table, ())]


def column(tables: Tables, table: str, name: str) -> list[Any]:
    return [row[name] for row in tables.rows.get(table, ())]


def facts_of(value: Any) -> Any:
    """A record as the values of its fields, and so with all inside.

    All but the path of a catalog, and the positions in sources, which may be those of a later one.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in dataclasses.fields(value)]
        found = {name: facts_of(getattr(value, name)) for name in names}
        return type(value), {
            name: found[name] for name in names if name not in ("line", "place", "path")
        }
    if isinstance(value, list | tuple):
        return [facts_of(each) for each in value]
    if isinstance(value, dict):
        return {key: facts_of(each) for key, each in value.items()}
    return value


def store(
    folder: Path,
    *collections: Collection,
    name: str = "catalog.db",
    names: ServiceNames | None = None,
) -> str:
    """The path of a catalog of these collections, with other *names* of services."""
    path = folder / name
    store_catalog(tables_of(timeline_of(collections), names), path)
    return str(path)
