"""Serve a catalog as a Datasette site on this machine.

The port is bound here and handed on, so that nobody can take it between looking and listening.
Datasette is imported only when asked for: it is an extra, and slow to import.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import json
import logging
import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from iam_catalog.database import find_database
from iam_catalog.errors import CatalogError

HOST = "127.0.0.1"
HEADER_SECONDS = 20.0
"""Within which the headers of a request have come."""
MOST_CONNECTIONS = 256
"""At once; a browser opens six."""
NAME = "catalog"
"""Name of the database in metadata.json, whatever the name of its file."""

SETTINGS = {
    "default_page_size": 100,
    "max_returned_rows": 5000,  # canned queries have no second page
    "facet_time_limit_ms": 1000,
    "suggest_facets": False,  # metadata.json names the useful ones; to seek others takes longest
    "sql_time_limit_ms": 3000,
    "truncate_cells_html": 0,  # the end of an ARN format is what tells it from its neighbours
    "allow_download": True,
}


def serve(database: str | None, metadata: str, port: int) -> None:
    """Serve *database*, by default the catalog that answers, until Ctrl-C, and print its address.

    A catalog that replaces it is shown from the next page on. Takes the first free port at or after
    *port*. Raises `CatalogError` where Datasette is not installed, the catalog or *metadata* can
    not be read, or no port is free.
    """
    site = make_site(database, metadata)
    with listen(port) as listener:
        taken = listener.getsockname()[1]
        if port not in (0, taken):
            print(f"Port {port} is taken, so this is port {taken}.", file=sys.stderr, flush=True)
        print(f"http://{HOST}:{taken}/", flush=True)
        run(site, listener)


def make_site(database: str | None, metadata: str) -> Any:
    """Make a Datasette of the catalog alone, immutable, with the texts of *metadata*."""
    try:
        import datasette.app  # noqa: F401   first: it loads the plugin, which must be whole by then

        from iam_catalog.datasette_plugin import versions
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "datasette":
            raise
        raise CatalogError(
            "Datasette, which shows the catalog in a browser, is not installed: "
            "pip install 'iam-catalog[datasette]'"
        ) from error
    if not versions.IS_KNOWN:
        raise CatalogError(versions.REFUSAL)
    from iam_catalog.datasette_plugin import compat
    from iam_catalog.datasette_plugin.live_database import LiveDatabase

    site = compat.make_site(read_metadata(metadata), SETTINGS)
    catalog = LiveDatabase(site, partial(find_database, database))
    site.add_database(catalog, name=NAME)
    if problem := catalog.newest().problem:
        close(site)
        raise problem
    return site


def read_metadata(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogError(
            f"Cannot read the site's texts {path!r}: {error}. Name another file, or restore "
            "metadata.json from the package."
        ) from error


def listen(port: int) -> socket.socket:
    """Return a listening socket on the first free port at or after *port*."""
    for candidate in range(port, 65536):
        try:
            return _open_socket(candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _cannot_listen(candidate, error) from error
    raise CatalogError(f"No port from {port} to 65535 is free. Name a lower one with --port.")


def listen_on(port: int) -> socket.socket:
    """Return a listening socket on *port* itself, or on any free one for 0.

    For what others have written down with its port. Raises `CatalogError` for a port in use.
    """
    try:
        return _open_socket(port)
    except OSError as error:
        raise _cannot_listen(port, error) from error


def _cannot_listen(port: int, error: OSError) -> CatalogError:
    return CatalogError(
        f"Cannot listen on port {port}: {error.strerror}. Name another port, "
        "for example --port 8001."
    )


def _open_socket(port: int) -> socket.socket:
    # By its name, because asyncio sends small parts of answers at once only where it reads "TCP":
    # without that, a client that is asked to wait for more does so for 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would share a port that another program has
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


class _Patience:
    """Closes a connection whose request has not come within `HEADER_SECONDS`."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._timer: asyncio.TimerHandle | None = None

    def is_answering(self) -> bool:
        cycle = self._protocol.cycle
        return cycle is not None and not cycle.response_complete

    def start(self) -> None:
        if self._timer is None:
            self._timer = self._protocol.loop.call_later(HEADER_SECONDS, self._give_up)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self.is_answering():
            self._protocol.transport.close()


def _impatient_protocol() -> Any:
    """Return uvicorn's HTTP/1.1 with a time limit for the headers of a request, which it lacks."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Impatient(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._patience = _Patience(self)
            self._patience.start()

        def data_received(self, data: bytes) -> None:
            self._patience.start()
            super().data_received(data)
            if self._patience.is_answering():
                self._patience.stop()

        def connection_lost(self, exc: Exception | None) -> None:
            self._patience.stop()
            super().connection_lost(exc)

    return Impatient


def make_server(app: Any) -> Any:
    """Make the server of an ASGI application, within the bounds above."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        lifespan="on",
        http=_impatient_protocol(),
        limit_concurrency=MOST_CONNECTIONS,
    )
    return uvicorn.Server(config)


def run_app(app: Any, listener: socket.socket) -> None:
    """Let an ASGI application answer on *listener* until Ctrl-C, within the bounds above."""
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn repeats it after its own shutdown
        make_server(app).run(sockets=[listener])


def run(site: Any, listener: socket.socket) -> None:
    """Answer on *listener* until Ctrl-C, and close the site's database."""
    from iam_catalog.datasette_plugin.security import local_only

    # datasette-mcp, where it is installed, writes a line for each of its starts and requests.
    logging.getLogger("mcp").setLevel(logging.WARNING)
    asyncio.run(site.invoke_startup())
    # What is loaded now stays. Looking through it, each full collection stopped all answers for
    # 100 ms: 20 clients waited 110 to 300 ms at the 95th percentile, and 26 to 41 without.
    gc.collect()
    gc.freeze()
    try:
        run_app(local_only(site.app()), listener)
    finally:
        close(site)


def close(site: Any) -> None:
    """Close the files of the site's databases."""
    from iam_catalog.datasette_plugin.compat import close_site

    close_site(site)
