"""`iam-catalog export`: what it prints, and with which code it ends."""

from __future__ import annotations

import inspect
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from export_catalogs import dated

from iam_catalog.cli.export import export
from iam_catalog.cli.main import cli
from iam_catalog.export.registry import KINDS

COMMANDS = [(kind.name, export.commands[kind.name]) for kind in KINDS]


ASKED_TO_END = """
import os, signal, sys
from iam_catalog.cli.main import cli
from iam_catalog.export import csv_files

def write_half(content, folder):
    (folder / "actions.csv").write_text("action")
    os.kill(os.getpid(), int(sys.argv[2]))

csv_files.write = write_half
cli(["export", "csv", "out", "--database", sys.argv[1]])
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return dated(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["export", *words])
    return result.exit_code, result.stdout, result.stderr


def test_it_says_what_was_written_on_standard_error(path: str, tmp_path: Path) -> None:
    assert run("csv", "out", "--database", path, "--service-prefix", "boxes") == (
        0,
        "",
        "1 service, 1 action, as of 2026-08-31: 43 files, 0.1 MB in 'out'\n",
    )
    assert len(list((tmp_path / "out").iterdir())) == 43


def test_an_export_as_of_a_date_says_the_newest_source_up_to_then(path: str) -> None:
    assert run("json", "out", "--database", path, "--as-of", "2020-01-01") == (
        0,
        "",
        "2 services, 3 actions, as of 2019-08-12: 15 files, 0.1 MB in 'out'\n",
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ("csv", "out", "--database", "none.db"),
            (
                "Error: No catalog.db found (looked for none.db). Build one in a checkout with: "
                "python -m scraper build\n"
            ),
        ),
        (
            ("csv", "."),
            (
                "Error: '.' is the folder that this runs in, which cannot be replaced by an "
                "export: name another folder, for example 'exported'.\n"
            ),
        ),
    ],
)
def test_what_can_not_be_exported_ends_with_1(words: tuple[str, ...], text: str) -> None:
    assert run(*words) == (1, "", text)


def test_a_day_that_is_none_is_a_mistyped_command_line() -> None:
    code, out, err = run("csv", "out", "--as-of", "yesterday")

    assert (code, out) == (2, "")
    assert "'yesterday' is not a date: write YYYY-MM-DD, for example '2019-08-12'." in err


@pytest.mark.parametrize("words", [(), ("csv",), ("xml", "out"), ("csv", "a", "--jobs", "2")])
def test_a_mistyped_command_ends_with_2(words: tuple[str, ...]) -> None:
    code, out, said = run(*words)

    assert (code, out) == (2, "")
    assert "cli export" in said.splitlines()[0]


def test_without_pyarrow_it_names_the_extra(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    assert run("parquet", "out", "--database", path) == (
        1,
        "",
        (
            "Error: pyarrow, which writes Parquet, is not installed: "
            "pip install 'iam-catalog[parquet]'\n"
        ),
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process at once")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_an_export_that_is_asked_to_end_leaves_nothing(
    path: str, tmp_path: Path, name: str
) -> None:
    number = getattr(signal, name)

    done = subprocess.run([sys.executable, "-c", ASKED_TO_END, path, str(number)], check=False)

    assert done.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_a_command_has_a_help_text_with_an_example(name: str, command: click.Command) -> None:
    text = inspect.cleandoc(command.help or "")

    assert re.match(rf"[A-Z][^\0]+\.\n\nExample:\n\n\x08\n    iam-catalog export {name} ", text)
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [option.name for option in options if not option.help] == []
    assert len(options) == 3


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_the_example_of_a_command_runs(
    name: str, command: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow, the extra parquet, is not installed")
    monkeypatch.setenv("IAM_CATALOG_DB", str(Path(__file__).parent.parent / "catalog.db"))
    example = (command.help or "").partition("Example:")[2].strip("\b \n")

    assert run(*shlex.split(example)[2:])[0] == 0


def test_a_service_is_an_argument_or_an_option(tmp_path: Path) -> None:
    for words in (["connect", "ssmmessages"], ["-s", "connect", "--service-prefix", "ssmmessages"]):
        folder = tmp_path / words[0]
        assert run("json", str(folder), *words)[0] == 0

    written = sorted(path.name for path in (tmp_path / "connect").rglob("*.json"))
    assert {"connect.json", "ssmmessages.json"} <= set(written)
    assert written == sorted(path.name for path in (tmp_path / "-s").rglob("*.json"))


def test_the_commands_load_the_registry_of_exports_alone() -> None:
    program = "import sys, iam_catalog.cli.main, iam_catalog.cli.export; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )

    loaded = {name for name in done.stdout.split() if name.startswith(("pyarrow", "iam_catalog."))}
    assert "iam_catalog.cli.export" in loaded
    assert {name for name in loaded if name.startswith(("pyarrow", "iam_catalog.export"))} == {
        "iam_catalog.export",
        "iam_catalog.export.registry",
    }
