"""Hooks for a version of Datasette that the plugin does not know: say so, and do nothing else."""

from __future__ import annotations

import sys
from typing import Any

from datasette import hookimpl

from iam_catalog.datasette_plugin.versions import REFUSAL
from iam_catalog.facts.catalog_file import is_catalog_file


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Any) -> None:
    paths = (getattr(database, "path", None) for database in datasette.databases.values())
    if any(path and is_catalog_file(path) for path in paths):
        print(REFUSAL, file=sys.stderr, flush=True)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any) -> None:
    # The footer of the plugin is found by any version.
    env.globals["iam_catalog_freshness"] = lambda _: ()
