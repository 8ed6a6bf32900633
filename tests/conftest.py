"""Options and settings of the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", derandomize=True, database=None, deadline=None, max_examples=100)
settings.load_profile("suite")

# Whatever was fetched into this checkout, or is set here: who names no catalog asks the shipped
# one, and hears nothing of its age.
os.environ["IAM_CATALOG_DB"] = str(Path(__file__).parent.parent / "catalog.db")
os.environ.pop("IAM_CATALOG_MAX_AGE", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-expected",
        action="store_true",
        help="write what the parser makes of tests/pages into the expectations, for review",
    )
