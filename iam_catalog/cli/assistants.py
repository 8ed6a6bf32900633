"""The command that answers assistants."""

from __future__ import annotations

import os

import click

from iam_catalog.cli.options import open_catalog
from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_NOT_INSTALLED = (
    "The SDK of the Model Context Protocol, by which assistants ask, is not installed: "
    "pip install 'iam-catalog[mcp]'"
)


@click.command()
@click.option(
    "--http", is_flag=True, help="Answer over HTTP on 127.0.0.1, not on standard input and output."
)
@click.option(
    "--port",
    default=8010,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port for --http; 0 takes a free one.",
)
@click.option("-d", "--database", metavar="FILE", help="The catalog to ask.")
def mcp(http: bool, port: int, database: str | None) -> None:
    """Answer assistants by the Model Context Protocol (MCP).

    On standard input and output, as assistants start it; with --http, for several at once. Needs
    the extra iam-catalog[mcp].

    Example:

    \b
        iam-catalog mcp --http --port 8010
    """
    import logging
    import sys
    from functools import partial

    from iam_catalog.assistants.live import LiveCatalog
    from iam_catalog.database import find_database

    try:
        from iam_catalog.assistants.server import make_server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "pydantic"):
            raise
        raise CatalogError(_NOT_INSTALLED) from error
    # Standard output is the protocol. The SDK would write each of its steps, in color.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    open_catalog(database, None).close()  # what is wrong with it is said now
    live = LiveCatalog(partial(find_database, database))
    try:
        (partial(_serve, port=port) if http else _talk)(make_server(live))
    finally:
        live.close()


def _talk(server: MCPServer) -> None:
    """Answer on standard input and output until either is closed."""
    import signal
    import threading

    # The SDK's thread that reads standard input cannot be stopped, so that nothing else would end
    # the program while its input is open. Nothing is lost: it only reads.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_reader, args=[os.dup(1)], daemon=True).start()
    try:
        server.run()
    except* (BrokenPipeError, ConnectionResetError):
        pass


def _end_with_reader(output: int) -> None:
    """End this process once nobody can read what is written to the descriptor *output*."""
    import select

    if hasattr(select, "poll"):
        left = select.poll()
        left.register(output, 0)  # errors alone, of which a pipe without a reader is one
        left.poll()
        os._exit(0)


def _serve(server: MCPServer, port: int) -> None:
    """Answer over HTTP on loopback until Ctrl-C, and print the address to standard error."""
    from iam_catalog.assistants.server import PATH, http_app
    from iam_catalog.cli.serve import HOST, listen_on, run_app

    with listen_on(port) as listener:
        taken = listener.getsockname()[1]
        click.echo(f"http://{HOST}:{taken}{PATH}", err=True)
        run_app(http_app(server, taken), listener)
