"""Send the file of a catalog as a download: all of one file, also while another replaces it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette import Response

from iam_catalog.datasette_plugin import compat
from iam_catalog.datasette_plugin.live_database import LiveDatabase
from iam_catalog.datasette_plugin.validators import named_tags

DOWNLOAD_ROUTE = r"/(?P<database>[^\/\.]+)\.db$"
"""Datasette's own."""


async def download(datasette: Any, request: Any) -> Any:
    """Answer as Datasette does, but open the file of a catalog once and send it whole."""
    response = await compat.download_of_datasette(datasette, request)
    if not isinstance(response, compat.AsgiFileDownload):
        return response
    database = datasette.get_database(route=compat.tilde_decode(request.url_vars["database"]))
    if not isinstance(database, LiveDatabase):
        return response
    tag = f'"{await asyncio.to_thread(database.asked().hash)}"'
    if not {tag, "*"}.isdisjoint(named_tags(request.headers)):
        return Response("", 304, {"ETag": tag})
    return _WholeFile(database, response, tag)


class _WholeFile:
    """A response that sends the file of a catalog."""

    def __init__(self, database: LiveDatabase, response: Any, tag: str) -> None:
        self._tag = tag
        self._generation = database.asked()
        self._headers = response.headers
        self._content_type = response.content_type

    async def asgi_send(self, send: Any) -> None:
        name, size = Path(self._generation.path).name, self._generation.stamp[-1]
        headers = {
            "etag": self._tag,
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "content-length": str(size),
        }
        # Datasette names the transfer encoding besides the length: only one can be true.
        own = {*headers, "transfer-encoding"}
        headers |= {k: v for k, v in self._headers.items() if k.lower() not in own}
        await compat.asgi_start(send, 200, headers, self._content_type)
        offset = 0
        while chunk := await asyncio.to_thread(self._generation.read, offset):
            offset += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
