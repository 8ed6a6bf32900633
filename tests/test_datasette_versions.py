"""A version of Datasette that the plugin does not know: it says so, and leaves the site alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from datasette.utils import tilde_encode as encoded_by_datasette
from hypothesis import given
from hypothesis import strategies as st
from small_catalog import build_small_catalog

from iam_catalog.datasette_plugin import versions
from iam_catalog.site.urls import tilde_encode

REFUSAL = (
    "iam-catalog does not know Datasette 9.0, and leaves the pages of catalogs out: install"
    " 'datasette>=0.65.2,<1', or a newer iam-catalog.\n"
)
UNKNOWN = "import datasette.version; datasette.version.__version__ = '9.0'\n"
ASK = """
import asyncio, logging, sys
from datasette.app import Datasette

async def ask():
    site = Datasette([], immutables=[sys.argv[1]])
    await site.invoke_startup()
    logging.disable()  # datasette-mcp lets each request be logged
    paths = ("/", "/catalog", "/catalog/-/services", "/catalog/actions")
    print(*[(await site.client.get(path)).status_code for path in paths])

asyncio.run(ask())
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", UNKNOWN + program, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def lines_of_the_plugin(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What it prints; Datasette prints the SQL of a row that is not there."""
    lines = done.stderr.splitlines(keepends=True)
    return [line for line in lines if not line.startswith("ERROR: conn=")]


def test_with_an_unknown_version_the_plugin_says_so_and_steps_aside(small: str) -> None:
    done = run(ASK, small)

    assert lines_of_the_plugin(done) == [REFUSAL]
    # Datasette reads it as a row of a table "-", and prints the error where rich is installed.
    assert done.stdout.splitlines()[-1] == "200 200 400 200"


def test_of_a_database_that_is_no_catalog_it_says_nothing(tmp_path: Path) -> None:
    other = tmp_path / "catalog.db"
    other.touch()

    assert lines_of_the_plugin(run(ASK, str(other))) == []


def test_serve_refuses_an_unknown_version(small: str) -> None:
    program = "from iam_catalog.cli.main import cli; cli()"

    done = run(program, "serve", "--port", "0", "--database", small)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {REFUSAL}")


def test_this_version_is_known() -> None:
    assert versions.IS_KNOWN


@given(st.text())
def test_rows_are_addressed_as_datasette_does(text: str) -> None:
    assert tilde_encode(text.encode("utf-8", "replace").decode()) == encoded_by_datasette(
        text.encode("utf-8", "replace").decode()
    )
