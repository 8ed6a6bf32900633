"""Builds the catalog of all of AWS from `data/`, and packs it into the wheel with its metadata.

What is packed depends on the source tree alone: neither `mirror/` nor `$IAM_CATALOG_DB` counts.
`$WHEEL_CATALOG` names a catalog to pack instead (`make wheel WHEEL_CATALOG=…`). A checkout
(`pip install -e`) reads both files from its top level, so that a rebuild is seen at once: for it
nothing is built.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogHook(BuildHookInterface):
    """Adds the files of the top level that the installed package needs."""

    _folder: tempfile.TemporaryDirectory[str] | None = None
    """Where the catalog is built; it has to be there until the wheel is written."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to pack; aborts where there is not a catalog that can be read."""
        if version != "standard":
            return
        sys.path.insert(0, self.root)
        from iam_catalog.errors import CatalogError
        from scraper.errors import ScraperError

        try:
            catalog = self._named_catalog() or self._built_catalog()
        except (CatalogError, ScraperError) as error:
            self.app.abort(str(error))
            raise
        build_data["force_include"][str(catalog)] = "iam_catalog/catalog.db"
        build_data["force_include"][str(Path(self.root, "metadata.json"))] = (
            "iam_catalog/metadata.json"
        )
        # What `iam-catalog rule` prints.
        build_data["force_include"][str(Path(self.root, "docs", "checks"))] = "iam_catalog/checks"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002   what hatchling passes
        """Remove what was built for the wheel."""
        if self._folder:
            self._folder.cleanup()

    def _named_catalog(self) -> Path | None:
        """Return the catalog that the environment names; raises `CatalogError` for any other."""
        from iam_catalog.database import find_database, open_database

        named = os.environ.get("WHEEL_CATALOG")
        if not named:
            return None
        catalog = find_database(Path(self.root, named))
        open_database(catalog).close()
        self.app.display_info(f"packed: {catalog}")
        return Path(catalog)

    def _built_catalog(self) -> Path:
        """Build the catalog of all that `data/` ships. Raises `ScraperError`."""
        from scraper.build import build_catalog, read_pages
        from scraper.service_names.rows import read_service_names

        self._folder = tempfile.TemporaryDirectory()
        catalog = Path(self._folder.name, "catalog.db")
        data = Path(self.root, "data")
        # With the names that `make full` gives to services and operations: a wheel answers like it.
        build_catalog(read_pages([data], full=True, names=read_service_names(data)), catalog)
        self.app.display_info("packed: a catalog of all of AWS, built from data/")
        return catalog
