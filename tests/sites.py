"""Closes Datasettes whole, so that no connection is left for the garbage collector to warn of."""

from __future__ import annotations

import sqlite3

from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm


class Connections:
    """Every connection that a Datasette opened: it keeps no list of those to memory."""

    __name__ = "connections"  # Datasette asks every plugin for it

    def __init__(self) -> None:
        self.open: list[sqlite3.Connection] = []

    @hookimpl
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        self.open.append(conn)


CONNECTIONS = Connections()
pm.register(CONNECTIONS)


def close(site: Datasette) -> None:
    """End the threads of *site*, and close every connection that any site has opened."""
    site.executor.shutdown()
    while CONNECTIONS.open:
        CONNECTIONS.open.pop().close()
