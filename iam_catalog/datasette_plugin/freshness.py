"""Say on every page, and in JSON, which catalogs a site shows and how fresh they are.

Nothing of the machine is shown: of a file its name alone, and one of three words for its place.
"""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from datasette import NotFound, Response

from iam_catalog.database import origin
from iam_catalog.datasette_plugin import compat
from iam_catalog.datasette_plugin.generations import Generation
from iam_catalog.datasette_plugin.live_database import LiveDatabase, live_databases
from iam_catalog.errors import CatalogOutdated
from iam_catalog.facts import about as freshness

JSON_ROUTE = r"/-/iam-catalog\.json$"


async def visible_catalogs(datasette: Any, actor: Any) -> list[LiveDatabase]:
    """Return the catalogs of a site that *actor* may see."""
    return [
        database
        for database in live_databases(datasette)
        if await compat.may_see(datasette, actor, database.name)
    ]


async def _freshness_lines(datasette: Any, request: Any = None) -> list[str]:
    """Return a line for each catalog that the one who asks may see."""
    databases = await visible_catalogs(datasette, request.actor if request else None)
    return [line_of(database) for database in databases]


def line_of(database: LiveDatabase) -> str:
    """Return `catalog.db (shipped): as of 2026-10-27, …, 457 services, 22,321 actions; …`."""
    generation = _generation_of(database)
    path = generation.path if generation else database.path
    name = f"{Path(path).name} ({origin(path)})"
    if generation is None or generation.about is None:
        return f"{name}: {_fault_of(generation)}"
    ahead = freshness.from_tomorrow(generation.about, freshness.today())
    return f"{name}: {freshness.in_short(generation.about)}{f'. {ahead}.' if ahead else ''}"


def _generation_of(database: LiveDatabase) -> Generation | None:
    """Return the file that this page is asked of; `None` where none can be opened."""
    try:
        return database.asked()
    except sqlite3.Error:
        return None


def _fault_of(generation: Generation | None) -> str:
    """Return why nobody knows how fresh a catalog is, without the path that its error names."""
    if generation is None:
        return "cannot be opened"
    if isinstance(generation.problem, CatalogOutdated):
        found, expected = generation.problem.found, generation.problem.expected
        return f"of schema version {found}, where this site reads version {expected}"
    return "damaged"


async def freshness_json(datasette: Any, request: Any) -> Response:
    """Answer which catalogs the site shows, for programs: by database, as every page says it."""
    databases = await visible_catalogs(datasette, request.actor)
    if not databases:
        raise NotFound("No catalog is attached")
    return Response.json({"catalogs": [_as_json(database) for database in databases]})


def _as_json(database: LiveDatabase) -> dict[str, Any]:
    generation = _generation_of(database)
    path = generation.path if generation else database.path
    place = {"database": database.name, "file": Path(path).name, "origin": origin(path)}
    if generation is None or generation.about is None:
        return {**place, "problem": _fault_of(generation)}
    facts = asdict(generation.about)
    del facts["path"]
    return {**place, **facts}


def add_to_templates(environment: Any, datasette: Any) -> None:
    """Give the lines to every template, also to those of errors, which get no other variables."""
    environment.globals["iam_catalog_freshness"] = partial(_freshness_lines, datasette)
