"""Offer the tools for assistants in datasette-mcp, where that plugin is installed."""

from __future__ import annotations

from functools import partial
from typing import Any

from datasette import hookimpl

from iam_catalog.datasette_plugin import compat
from iam_catalog.datasette_plugin.live_database import LiveDatabase, adopt, live_databases
from iam_catalog.errors import CatalogError


@hookimpl(optionalhook=True)  # type: ignore[untyped-decorator]
def register_mcp_tools(datasette: Any, mcp: Any) -> None:
    """Add the tools to the server of a site that has a catalog.

    They ask the first catalog that the actor of a request may see.
    """
    adopt(datasette)
    if not live_databases(datasette):
        return
    # Only here, because without datasette-mcp the SDK need not be installed.
    from mcp.server.mcpserver.exceptions import ToolError

    from iam_catalog.assistants.live import LiveCatalog
    from iam_catalog.assistants.server import add_tools

    kept: dict[LiveDatabase, LiveCatalog] = {}

    async def admit(context: Any) -> LiveCatalog:
        scope = getattr(context.request_context.request, "scope", None) or {}
        for database in live_databases(datasette):
            if await compat.may_see(datasette, scope.get("actor"), database.name):
                if database not in kept:
                    kept[database] = LiveCatalog(partial(_path_of, database))
                return kept[database]
        raise ToolError("This site has no catalog that you may see.")

    add_tools(mcp, admit)


def _path_of(database: LiveDatabase) -> str:
    """Return the path of the newest file; raises `CatalogError`, without a path, for a bad one."""
    try:
        database.newest()
    except CatalogError:
        raise CatalogError("The catalog of this site cannot be opened.") from None
    return str(database.path)
