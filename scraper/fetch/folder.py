"""Pages that somebody fetched by other means: a folder in place of the network.

The files may lie flat or as deep as a mirroring program puts them: an address is found by its last
part, and where several files have that name, by as much of the address as their folders repeat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from scraper.fetch.addresses import (
    LIST_NAME,
    MAPPING_NAME,
    PAGE_NAME,
    SLUG,
    Form,
    Listed,
    Site,
)
from scraper.fetch.errors import FetchError, FetchStopped, NotServed
from scraper.fetch.http import Answer, Known, Limits
from scraper.sources import ACCEPTED, MANIFEST

NO_REFERENCE = {LIST_NAME, MAPPING_NAME, MANIFEST, ACCEPTED}


class FolderGetter:
    """Read files as if they had been served."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        if not folder.is_dir():
            raise FetchStopped("gone", str(folder), "no folder: name one that holds pages.")
        self.folder = folder
        self.limits = limits
        self.received = 0
        self.files: dict[str, list[PurePosixPath]] = {}
        for path in sorted(folder.rglob("*")):
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            if path.is_file() and not any(part.startswith(".") for part in relative.parts):
                self.files.setdefault(path.name, []).append(relative)

    async def get(self, url: str, form: Form, known: Known | None = None) -> Answer:  # noqa: ARG002
        """Return the file of an address; a folder knows nothing of types or conditions."""
        path = self.folder / self.find(url)
        size = path.stat().st_size
        if size > self.limits.file_bytes:
            text = f"{size:,} bytes; no page is larger than {self.limits.file_bytes:,}."
            raise FetchError("too-large", url, text)
        return Answer(url, 200, {}, path.read_bytes())

    def find(self, url: str) -> PurePosixPath:
        """Find the file whose path repeats the most of the address."""
        address = PurePosixPath(urlsplit(url).path)
        found = self.files.get(address.name, [])
        if not found:
            raise NotServed("gone", url, f"no file {address.name!r} in {str(self.folder)!r}.")
        depths = [shared(path, address) for path in found]
        best = [path for path, depth in zip(found, depths, strict=True) if depth == max(depths)]
        if len(best) > 1:
            text = f"{str(best[0])!r} and {str(best[1])!r} could both be it; keep one of them."
            raise FetchError("bad-name", url, text)
        return best[0]

    def pages(self, site: Site) -> list[Listed]:
        """List the services that have pages, where no index lists those that should."""
        found = (PAGE_NAME.fullmatch(name) for name in self.files)
        slugs = sorted({each["slug"] for each in found if each and SLUG.fullmatch(each["slug"])})
        return [Listed(slug, f"{site.docs}list_{slug}.html") for slug in slugs]

    def references(self, site: Site) -> list[Listed]:
        """List the JSON files, where no list names those that should be there."""
        return [
            Listed(prefix, f"{site.reference}v1/{prefix}/{prefix}.json", prefix=prefix)
            for prefix in self.prefixes()
        ]

    def prefixes(self) -> Iterator[str]:
        for name, paths in sorted(self.files.items()):
            stem = name.removesuffix(".json")
            if stem != name and name not in NO_REFERENCE and SLUG.fullmatch(stem):
                content = (self.folder / paths[0]).read_bytes()
                if not _is_list(content):
                    yield stem


def _is_list(content: bytes) -> bool:
    """Return True for a JSON list, such as the list of services under another name."""
    try:
        return isinstance(json.loads(content), list)
    except (ValueError, RecursionError):
        return False


def shared(path: PurePosixPath, address: PurePosixPath) -> int:
    """Count how many last parts are the same."""
    count = 0
    for one, other in zip(reversed(path.parts), reversed(address.parts), strict=False):
        if one != other:
            break
        count += 1
    return count
