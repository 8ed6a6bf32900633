"""Read the style sheet and the scripts of the site, compressed, with the mark of their text.

An address that has the mark of a file's text is good for ever: another text has another mark.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    content_type: str
    body: bytes
    compressed: bytes
    mark: str
    """Stands for the text in addresses."""

    def cache_control(self, mark: str) -> str:
        """Return how long an answer may be kept whose address has *mark*."""
        return _FOR_EVER if mark == self.mark else "no-cache"


def asset_named(file: str, folder: Path | None = None) -> Asset:
    """Return the file of that name as it is now, from `FOLDER` or another one.

    Raises `FileNotFoundError`.
    """
    path = (folder or FOLDER) / file
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read(path: Path, _mtime_ns: int) -> Asset:
    body = path.read_bytes()
    mark = hashlib.sha256(body).hexdigest()[:12]
    return Asset(_TYPES[path.suffix], body, gzip.compress(body, 9, mtime=0), mark)
