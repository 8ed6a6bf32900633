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


SLOW = (
    "assistants/test_assistant_arguments.py",  # asks every tool what it does not take
    "assistants/test_assistant_processes.py",  # starts servers
    "browser/",  # starts Chromium
    "differential/",  # asks all of AWS at every door
    "lsp/",  # starts servers, and Neovim
    "site/test_base_url.py",
    "site/test_fuzz.py",
    "site/test_tools_hostile.py",
    "sql/test_check_many.py",  # kills runs
    "sql/test_spark.py",  # starts a cluster
    "sql/test_sql_functions.py",  # calls each function with many hostile texts
    "test_as_of.py",  # builds catalogs of random histories
    "test_corpora.py",
    "test_damage",  # changes pages in many ways
    "test_datasette_versions.py",  # installs nothing, but starts a server for each version
    "test_docs.py",  # runs every block of every document
    "test_dump.py",
    "test_export_docs.py",
    "test_export_site.py",
    "test_export_site_processes.py",
    "test_export_site_search.py",
    "test_fetch_faults.py",  # kills fetches at many moments
    "test_guard_catalog.py",
    "test_guard_mutations.py",  # breaks days of four formats in many ways
    "test_guards_corpora.py",
    "test_inputs.py",  # builds checkouts
    "test_lock.py",  # makes environments
    "test_makefile.py",  # builds checkouts
    "test_prune.py",  # builds catalogs of random mirrors
    "test_readers.py",  # asks while catalogs are replaced
    "test_readers_of_sites.py",
    "test_saved_states.py",  # builds catalogs of random mirrors
    "test_search_ranking.py",  # asks all of AWS
    "test_wheel.py",  # builds wheels and installs them
)
"""Files and folders of tests that take seconds each; `make test-fast` leaves them out."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `SLOW` as slow."""
    tests = Path(__file__).parent
    for item in items:
        if item.path.relative_to(tests).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)
