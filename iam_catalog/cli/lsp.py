"""Serve editors, over standard input and output or on a port of this machine."""

from __future__ import annotations

import click

from iam_catalog.errors import CatalogError


@click.command()
@click.option(
    "--tcp",
    metavar="PORT",
    type=click.IntRange(1, 65535),
    help="Wait for one editor on this port of 127.0.0.1, instead of standard input.",
)
@click.option(
    "--log-level",
    type=click.Choice(("error", "warning", "info", "debug")),
    default="warning",
    show_default=True,
    help="How much to tell on standard error.",
)
@click.option("--database", metavar="FILE", help="The catalog to ask; by default, as elsewhere.")
def lsp(tcp: int | None, log_level: str, database: str | None) -> None:
    """Complete, explain and check policies in editors.

    An editor starts this command and speaks the Language Server Protocol with it.

    Example:

    \b
        iam-catalog lsp
    """
    import logging

    try:
        from iam_catalog.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        text = "The language server needs pygls; install it with: pip install 'iam-catalog[lsp]'"
        raise CatalogError(text) from None
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    serve(database, tcp=tcp)
