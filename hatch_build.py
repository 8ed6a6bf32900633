"""Packs the catalog and its metadata into the wheel, and only there.

A checkout (`pip install -e`) reads both from its top level, so that a rebuild is seen at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKED = ("catalog.db", "metadata.json")


class CatalogHook(BuildHookInterface):
    """Adds the files of the top level that the installed package needs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            for name in PACKED:
                build_data["force_include"][str(Path(self.root, name))] = f"iam_catalog/{name}"
