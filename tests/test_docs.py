"""What the README and the help texts show is what happens."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from datasette.app import Datasette

from iam_catalog.cli import cli
from scraper.cli import cli as scraper_cli

CHECKOUT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z]+):(?!=)", MAKEFILE, re.MULTILINE)
COMMANDS = [
    (program, name, command)
    for program, group in (("iam-catalog", cli), ("python -m scraper", scraper_cli))
    for name, command in group.commands.items()
]
NEVER_RUN = {"serve", "add", "fetch", "dataset", "operation", "actions-of-operation"}
"""Commands that do not end, go to the network, or want a page that data/ lacks: only their options
are read."""


def console_examples() -> list[tuple[str, str]]:
    """Each `$ command` of the README's console blocks, with the output shown below it."""
    blocks = re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [
        (command, output)
        for block in blocks
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


def environment() -> dict[str, str]:
    """That of a person who has the checkout, and has not updated it."""
    return {**os.environ, "COLUMNS": "100"}


@pytest.mark.parametrize(("command", "output"), console_examples())
def test_a_command_of_the_readme_prints_what_is_shown(command, output):
    installed = command.replace(".venv/bin/", f"{shlex.quote(str(BIN))}/")

    done = subprocess.run(
        ["bash", "-c", installed],
        cwd=CHECKOUT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert [line.rstrip() for line in done.stdout.splitlines()] == output.splitlines()


def test_the_readme_shows_commands_with_their_output():
    assert len(console_examples()) >= 5


def test_the_readme_names_every_command():
    missing = {
        f"{program} {name}" for program, name, _ in COMMANDS if f"{program} {name}" not in README
    }

    assert missing == set()


@pytest.mark.parametrize("address", re.findall(r"http://127\.0\.0\.1:8001(/[^\s)>`]*)", README))
async def test_an_address_of_the_readme_answers(address):
    metadata = json.loads((CHECKOUT / "metadata.json").read_text(encoding="utf-8"))
    site = Datasette([], immutables=[str(CHECKOUT / "catalog.db")], metadata=metadata)

    response = await site.client.get(address, follow_redirects=True)

    assert (address, response.status_code) == (address, 200)


def test_every_target_that_the_readme_names_exists():
    assert set(re.findall(r"`make ([a-z]+)", README)) - set(TARGETS) == set()
    assert {"serve", "test"} <= set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE))


def test_make_help_lists_every_target():
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [line.split()[1] for line in done.stdout.splitlines()] == TARGETS


def test_every_file_that_the_readme_links_exists():
    links = re.findall(r"\]\(([^)#:]+)\)", README)

    assert links
    assert [link for link in links if not (CHECKOUT / link).exists()] == []


def example_of(command: click.Command) -> list[str]:
    """The words of the line below `Example:` in a help text."""
    line = (command.help or "").partition("Example:")[2].strip("\b \n")
    found = re.fullmatch(r'eval "\$\((.*)\)"', line)
    return shlex.split(found[1] if found else line)


@pytest.mark.parametrize(("program", "name", "command"), COMMANDS)
def test_the_help_of_a_command_starts_with_a_sentence_and_has_an_example(program, name, command):
    assert re.match(r"[A-Z].+\.\n\nExample:\n\n\x08\n", inspect.cleandoc(command.help or ""))
    assert shlex.join(example_of(command)).startswith(f"{program} {name}")


@pytest.mark.parametrize(("program", "name", "command"), COMMANDS)
def test_the_example_of_a_command_runs(program, name, command, tmp_path, monkeypatch):
    shutil.copytree(CHECKOUT / "data", tmp_path / "data")
    shutil.copy(CHECKOUT / "catalog.db", tmp_path)
    monkeypatch.chdir(tmp_path)
    words = example_of(command)[len(program.split()) + 1 :]

    if name in NEVER_RUN:
        command.make_context(name, words).close()
    else:
        result = CliRunner().invoke(command, words)
        assert (result.exit_code, result.exception) == (0, None)


@pytest.mark.parametrize("group", [cli, scraper_cli])
def test_every_option_has_a_help_text(group):
    missing = [
        (name, parameter.name)
        for name, command in group.commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]

    assert missing == []
