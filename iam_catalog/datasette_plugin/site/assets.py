"""The style sheet and the scripts of the site: sent compressed, and kept by browsers.

Datasette would send them anew with every page. An address that has the mark of a file's text is
good for ever, because another text has another mark.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from datasette import NotFound, Response

ASSET_ROUTE = r"/-/static-plugins/iam-catalog/(?P<file>[a-z-]+\.(?:css|js))$"
"""In the place of Datasette's own."""
FOLDER = Path(__file__).parent.parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    content_type: str
    body: bytes
    compressed: bytes
    mark: str
    """Stands for the text in addresses."""

    def response(self, mark: str, accepts: str) -> Response:
        cached = FOR_EVER if mark == self.mark else "no-cache"
        headers = {"Cache-Control": cached, "Vary": "Accept-Encoding"}
        if "gzip" not in accepts:
            return Response(self.body, 200, headers, self.content_type)
        headers["Content-Encoding"] = "gzip"
        return Response(self.compressed, 200, headers, self.content_type)


def asset_named(file: str) -> Asset:
    """The file of that name as it is now; raises `FileNotFoundError`."""
    path = FOLDER / file
    return read_asset(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def read_asset(path: Path, _mtime_ns: int) -> Asset:
    body = path.read_bytes()
    mark = hashlib.sha256(body).hexdigest()[:12]
    return Asset(TYPES[path.suffix], body, gzip.compress(body, 9, mtime=0), mark)


async def asset(request: Any) -> Response:
    try:
        found = asset_named(request.url_vars["file"])
    except FileNotFoundError as error:
        raise NotFound("No such file") from error
    return found.response(request.query_string, request.headers.get("accept-encoding", ""))
