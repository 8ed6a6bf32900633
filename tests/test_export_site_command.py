"""`iam-catalog export site`: what it prints, and with which code it ends."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from export_catalogs import files_of
from site_catalog import build_site_catalog

from iam_catalog.cli.export import _WITHOUT_BASE, export_site
from iam_catalog.cli.main import cli


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_site_catalog(tmp_path_factory.mktemp("catalog"))


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["export", "site", *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_what_was_written(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    code, out, said = run("out", "--database", path, "--service-prefix", "closed", "--jobs", "1")

    assert (code, out) == (0, "")
    files = len(files_of(tmp_path / "out"))
    first, second = said.splitlines()
    assert re.fullmatch(
        rf"1 service, 0 actions, as of 2022-03-04: {files} files, \d\.\d MB in 'out'", first
    )
    assert second == _WITHOUT_BASE


def test_the_example_of_the_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IAM_CATALOG_DB", str(Path(__file__).parent.parent / "catalog.db"))
    example = (export_site.help or "").partition("Example:")[2].strip("\b \n")

    assert run(*shlex.split(example)[3:])[0] == 0


def test_every_option_of_the_command_has_a_help_text() -> None:
    options = [each for each in export_site.params if isinstance(each, click.Option)]

    assert {option.name: bool(option.help) for option in options} == dict.fromkeys(
        ("service_prefixes", "as_of", "database", "base_url", "jobs"), True
    )


def test_a_number_of_processes_that_is_none_is_mistyped(path: str) -> None:
    assert run("out", "--database", path, "--jobs", "0")[0] == 2


def test_the_command_needs_no_datasette(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    program = (
        "import sys; sys.modules['datasette'] = None\n"
        "from iam_catalog.cli.main import cli\n"
        f"cli(['export', 'site', {str(folder)!r}, '--database', {path!r}], standalone_mode=False)\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert (folder / "index.html").exists()


def test_without_jinja2_the_command_names_the_extra(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)

    assert run(str(tmp_path / "out"), "--database", path) == (
        1,
        "",
        (
            "Error: jinja2, which renders the pages, is not installed: "
            "pip install 'iam-catalog[site]'\n"
        ),
    )
    assert list(tmp_path.iterdir()) == []
