"""`iam-catalog serve`: what it refuses, and which catalog it goes over to while it runs."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from sites import close
from small_catalog import build_small_catalog

from iam_catalog import database
from iam_catalog.cli import serve
from iam_catalog.cli.main import cli
from iam_catalog.errors import NotACatalog

METADATA = str(Path(__file__).parent.parent / "metadata.json")
EXPECTED = (
    "Expected a database written by 'python -m scraper build'; run that, or name another file."
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


def damaged(small: str, folder: Path, kept: int) -> str:
    """The small catalog with only its first pages as they were."""
    content = Path(small).read_bytes()
    path = folder / "damaged.db"
    path.write_bytes(content[:kept] + b"\7" * (len(content) - kept))
    return str(path)


@pytest.mark.parametrize("pages", [1, 3, 40])
def test_a_damaged_catalog_is_an_error_and_no_site(small: str, tmp_path: Path, pages: int) -> None:
    path = damaged(small, tmp_path, 4096 * pages)

    result = CliRunner().invoke(cli, ["serve", "--port", "0", "--database", path])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {path!r} is not a catalog: ")
    assert result.stderr.endswith(f". {EXPECTED}\n")


def test_damage_behind_all_that_is_counted_is_found_too(small: str, tmp_path: Path) -> None:
    path = damaged(small, tmp_path, Path(small).stat().st_size - 4096)

    with pytest.raises(NotACatalog):
        serve.make_site(path, METADATA)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("empty.db", b"", f"an empty file. {EXPECTED}\n"),
        ("text.db", b"It was a dark and stormy night. " * 40, ""),
    ],
)
def test_what_is_no_catalog_is_an_error(
    tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    result = CliRunner().invoke(cli, ["serve", "--port", "0", "--database", str(path)])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {str(path)!r} is not a catalog: {found}")
    assert result.stderr.endswith(f". {EXPECTED}\n")


async def test_a_first_update_is_shown_without_a_restart(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The updated catalog comes to another place than the one that was shown."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "mirror").mkdir()
    shutil.copy(small, tmp_path / "catalog.db")
    monkeypatch.setattr(database, "CHECKOUT", str(tmp_path))
    monkeypatch.setattr(database, "PACKAGE", str(tmp_path / "iam_catalog"))
    monkeypatch.delenv(database.ENVIRONMENT, raising=False)
    site = serve.make_site(None, METADATA)

    before = (await site.client.get("/-/iam-catalog.json")).json()["catalogs"]
    shutil.copy(small, tmp_path / "mirror" / "new.db")
    with closing(sqlite3.connect(tmp_path / "mirror" / "new.db")) as newer, newer:
        newer.execute("update pages set last_date = '2026-03-04'")
    (tmp_path / "mirror" / "new.db").replace(tmp_path / "mirror" / "catalog.db")
    after = (await site.client.get("/-/iam-catalog.json")).json()["catalogs"]
    serve.close(site)
    close(site)

    assert [(each["origin"], each["newest_page"]) for each in (*before, *after)] == [
        ("shipped", "2020-03-04"),
        ("updated", "2026-03-04"),
    ]


async def test_a_page_that_is_not_there_leaves_the_terminal_free(
    small: str, capfd: pytest.CaptureFixture[str]
) -> None:
    site: Datasette = serve.make_site(small, METADATA)

    assert (await site.client.get("/catalog/nothing")).status_code == 404
    serve.close(site)
    close(site)

    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "line", [["services"], ["show", "store:CreateShelf"], ["--version"], ["--help"]]
)
def test_an_answer_that_can_not_be_written_is_an_error(small: str, line: list[str]) -> None:
    environment = {**os.environ, database.ENVIRONMENT: small, "PYTHONUNBUFFERED": ""}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [Path(sys.executable).parent / "iam-catalog", *line],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (
        1,
        f"Error: Cannot write the answer: {os.strerror(errno.ENOSPC)}.\n",
    )
