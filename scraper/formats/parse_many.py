"""Many files at once: on every core, and none that was parsed before.

What a file parses to is kept in a cache that git ignores, under the sha256 of its bytes, its name
and the parser, with a checksum of its own: what is stale or damaged is parsed anew.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from scraper.formats.parse import parse_bytes
from scraper.inputs import code_digest
from scraper.page.model import ServicePage
from scraper.sources import Source

WORTH_A_POOL = 2_000_000
"""Bytes to parse from which on further processes pay."""
BATCH = 1_000_000
"""Bytes that a process gets at a time."""
DIGEST = 32
"""Bytes of the sha256 that stands before each page in the cache."""


def parse_sources(sources: Sequence[Source], cache: Path | None = None) -> list[ServicePage]:
    """The page in each source, in their order; *cache* is a folder, or None for no cache."""
    keys = [cache_key(source) for source in sources]
    pages: dict[str, ServicePage] = {}
    for key in dict.fromkeys(keys) if cache else ():
        if cache and (page := read_cached(cache / key)):
            pages[key] = page
    missing = {key: each for key, each in zip(keys, sources, strict=True) if key not in pages}
    for key, page in zip(missing, parse_all(list(missing.values())), strict=True):
        pages[key] = page
        if cache:
            write_cached(cache / key, page)
    return [pages[key] for key in keys]


def cache_key(source: Source) -> str:
    name = hashlib.sha256(source.file.encode()).hexdigest()[:12]
    return f"{parser_digest()}-{source.sha256}-{name}"


_digest: list[str] = []


def parser_digest() -> str:
    """Give a digest of the code that builds catalogs and of the libraries that parsing needs."""
    if not _digest:
        libraries = f"{version('markdown-it-py')} {version('beautifulsoup4')}"
        digest = hashlib.sha256(f"{code_digest()} {libraries}".encode())
        _digest.append(digest.hexdigest()[:16])
    return _digest[0]


def parse_all(sources: list[Source]) -> Iterable[ServicePage]:
    """Each source parsed, on every core where that pays."""
    workers = os.cpu_count() or 1
    if workers == 1 or sum(len(source.content) for source in sources) < WORTH_A_POOL:
        return [parse_bytes(source.file, source.content) for source in sources]
    batches = list(in_batches(sources))
    with ProcessPoolExecutor(workers) as pool:
        parsed = list(pool.map(parse_batch, batches))
    return [page for batch in parsed for page in batch]


def in_batches(sources: list[Source]) -> Iterable[list[tuple[str, bytes]]]:
    """The sources in their order, a few files at a time."""
    batch: list[tuple[str, bytes]] = []
    size = 0
    for source in sources:
        batch.append((source.file, source.content))
        size += len(source.content)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def parse_batch(files: list[tuple[str, bytes]]) -> list[ServicePage]:
    return [parse_bytes(file, content) for file, content in files]


def read_cached(path: Path) -> ServicePage | None:
    """The page that was kept; None where there is none, or not as it was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, pickled = content[:DIGEST], content[DIGEST:]
    if hashlib.sha256(pickled).digest() != digest:
        return None
    page = pickle.loads(pickled)
    return page if isinstance(page, ServicePage) else None


def write_cached(path: Path, page: ServicePage) -> None:
    """Keep a page; a cache that can not be written is done without."""
    pickled = pickle.dumps(page, protocol=pickle.HIGHEST_PROTOCOL)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(hashlib.sha256(pickled).digest() + pickled)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
