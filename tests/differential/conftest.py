"""Differential tests: several doors or engines answer one question, and must give one answer.

Where they do not yet, a strict expected failure names the kind of difference. Who mends it sees
that test pass, which fails the run, and removes its mark.
"""

from __future__ import annotations

import pytest
from built_catalogs import REAL_PAGES, build


@pytest.fixture(scope="session")
def real_catalog(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build a catalog of all of AWS, from its pages of 2025-07-01; return its path."""
    if not REAL_PAGES.is_dir():
        pytest.skip(f"no folder {str(REAL_PAGES)!r}: name the corpora in IAM_CATALOG_CORPORA")
    return build([REAL_PAGES], tmp_path_factory.mktemp("real") / "catalog.db")
