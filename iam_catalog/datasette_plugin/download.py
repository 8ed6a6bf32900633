"""The file of a catalog as a download: all of one file, also while another takes its place."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette.utils import tilde_decode
from datasette.utils.asgi import AsgiFileDownload, asgi_start

from iam_catalog.datasette_plugin.live_database import LiveDatabase

ROUTE = r"/(?P<database>[^\/\.]+)\.db$"
"""Datasette's own."""


async def download(datasette: Any, request: Any) -> Any:
    """What Datasette answers, but that the file of a catalog is opened once and sent whole."""
    from datasette.views.database import DatabaseDownload  # which loads the plugins, so us

    response = await DatabaseDownload(datasette).dispatch_request(request)
    if not isinstance(response, AsgiFileDownload):
        return response
    database = datasette.get_database(route=tilde_decode(request.url_vars["database"]))
    return WholeFile(database, response) if isinstance(database, LiveDatabase) else response


class WholeFile:
    """A response that sends the file of a catalog."""

    def __init__(self, database: LiveDatabase, response: AsgiFileDownload) -> None:
        self._generation = database.asked()
        self._headers = response.headers
        self._content_type = response.content_type

    async def asgi_send(self, send: Any) -> None:
        name, size = Path(self._generation.path).name, self._generation.stamp[-1]
        headers = {
            **self._headers,
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "content-length": str(size),
        }
        headers.pop("Transfer-Encoding", None)  # Datasette names both, and only one can be true
        await asgi_start(send, 200, headers, self._content_type)
        offset = 0
        while chunk := await asyncio.to_thread(self._generation.read, offset):
            offset += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
