"""Find out which format a text has, and have its page read: one text, or many at once.

The content decides, never the name of the file. A text that is not a page of any format gets a page
with `format` None and one problem. Nothing here raises for what a text says.

Many files are parsed on every core, and none again that was parsed before: what a file parses to is
kept in a cache that git ignores, under the sha256 of its bytes, its name and the parser, with a
checksum of its own. What is stale or damaged is parsed anew.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from iam_catalog.files import write_file
from scraper.formats import bullets, html, markdown, service_reference
from scraper.formats.base import Format
from scraper.inputs import code_digest
from scraper.objects import uncollected
from scraper.page.model import ServicePage, no_page
from scraper.sources import SourceFile

FORMATS: tuple[Format, ...] = (
    service_reference.FORMAT,
    html.FORMAT,
    bullets.FORMAT,
    markdown.OF_2026,
    markdown.WITH_TABLES,
)
"""Every format, in the order in which texts are tried; the last one takes any text."""

LARGEST_PAGE = 16 * 1024 * 1024
"""Bytes; the largest page that AWS ever published has about 2 MB."""
LONGEST_LINE = 1024 * 1024
"""Characters of a line; the longest that AWS ever published in Markdown has about 10,000."""
_WORTH_A_POOL = 2_000_000
"""Bytes to parse from which on further processes pay."""
_BATCH = 1_000_000
"""Bytes that a process gets at a time."""
DIGEST = 32
"""Bytes of the sha256 before each page in the cache."""


def parse_bytes(file: str, content: bytes) -> ServicePage:
    """Parse the bytes of *file*, which is a name without folders."""
    if len(content) > LARGEST_PAGE:
        text = f"{len(content):,} bytes; no page is larger than {LARGEST_PAGE:,}"
        return no_page(file, "unreadable", None, text)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return no_page(
            file, "unreadable", line, f"byte {error.object[error.start]:#04x} is not UTF-8"
        )
    return parse_text(file, text)


def parse_text(file: str, text: str) -> ServicePage:
    """Parse *text*, whatever its format."""
    longest = max(map(len, text.split("\n")))
    for each in FORMATS:
        if each.by_line and longest > LONGEST_LINE:
            said = f"a line of {longest:,} characters; no page has one over {LONGEST_LINE:,}"
            return no_page(file, "unreadable", 1, said)
        if each.detect(text):
            return each.read(file, text)
    raise AssertionError("the last format takes any text")


def parse_sources(sources: Sequence[SourceFile], cache: Path | None = None) -> list[ServicePage]:
    """Parse each source, in their order; *cache* is a folder, or None for no cache."""
    keys = [_cache_key(source) for source in sources]
    pages: dict[str, ServicePage] = {}
    for key in dict.fromkeys(keys) if cache else ():
        if cache and (page := _read_cached(cache / key)):
            pages[key] = page
    missing = {key: each for key, each in zip(keys, sources, strict=True) if key not in pages}
    for key, page in zip(missing, _parse_all(list(missing.values())), strict=True):
        pages[key] = page
        if cache:
            _write_cached(cache / key, page)
    return [pages[key] for key in keys]


def _cache_key(source: SourceFile) -> str:
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


def _parse_all(sources: list[SourceFile]) -> Iterable[ServicePage]:
    """Parse each source, on every core where that pays."""
    workers = os.cpu_count() or 1
    sized = [(source, source.size) for source in sources]
    if workers == 1 or sum(size for _, size in sized) < _WORTH_A_POOL:
        return _parse_batch(sources)
    with ProcessPoolExecutor(workers) as pool:
        parsed = list(pool.map(_parse_batch, _in_batches(sized)))
    return [page for batch in parsed for page in batch]


def _in_batches(sources: Iterable[tuple[SourceFile, int]]) -> Iterator[list[SourceFile]]:
    """Yield the sources in their order, a few files at a time; each with its bytes."""
    batch: list[SourceFile] = []
    whole = 0
    for source, size in sources:
        batch.append(source)
        whole += size
        if whole >= _BATCH:
            yield batch
            batch, whole = [], 0
    if batch:
        yield batch


def _parse_batch(sources: Sequence[SourceFile]) -> list[ServicePage]:
    """Parse each source; a tree is let go of when its page is read.

    Collecting garbage as Python does takes a quarter of the time: nearly all that it looks at is
    the tree that is being made.
    """
    pages = []
    for source in sources:
        with uncollected():
            pages.append(parse_bytes(source.file, source.content))
            gc.collect(0)
    return pages


def _read_cached(path: Path) -> ServicePage | None:
    """Return the page in a file of the cache; None where there is none, or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, pickled = content[:DIGEST], content[DIGEST:]
    if hashlib.sha256(pickled).digest() != digest:
        return None
    page = pickle.loads(pickled)
    return page if isinstance(page, ServicePage) else None


def _write_cached(path: Path, page: ServicePage) -> None:
    """Keep a page; a cache that cannot be written is done without."""
    pickled = pickle.dumps(page, protocol=pickle.HIGHEST_PROTOCOL)
    with suppress(OSError):
        write_file(path, hashlib.sha256(pickled).digest() + pickled)
