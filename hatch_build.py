"""Packs the catalog that answers in this checkout into the wheel, with its metadata.

A checkout (`pip install -e`) reads both from its top level, so that a rebuild is seen at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogHook(BuildHookInterface):
    """Adds the files of the top level that the installed package needs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            catalog = self.answering_catalog()
            self.app.display_info(f"packed: {catalog}")
            for path in (catalog, Path(self.root, "metadata.json")):
                build_data["force_include"][str(path)] = f"iam_catalog/{path.name}"

    def answering_catalog(self) -> Path:
        """The updated catalog of this checkout, else the shipped one; it has to be readable.

        Never the one that `$IAM_CATALOG_DB` names: what is packed depends on the checkout alone.
        """
        sys.path.insert(0, self.root)
        from iam_catalog.database import open_database, own_places
        from iam_catalog.errors import CatalogError, CatalogNotFound

        places = list(own_places())
        try:
            for place in places:
                if Path(place).exists():
                    open_database(place).close()
                    return Path(place)
            raise CatalogNotFound(places)
        except CatalogError as error:
            self.app.abort(str(error))
            raise
