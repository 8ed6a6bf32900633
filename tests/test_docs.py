"""What the README, the other documents and the help texts show is what happens."""

from __future__ import annotations

import doctest
import inspect
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner
from datasette.app import Datasette
from mcp.client.client import Client

import iam_catalog
from iam_catalog.assistants.live import LiveCatalog
from iam_catalog.assistants.server import make_server
from iam_catalog.cli.main import cli
from iam_catalog.policy.check.settings import read_settings
from scraper.cli import cli as scraper_cli

CHECKOUT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
DOCUMENTS = {
    path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
    for path in (
        *(CHECKOUT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")),
        *CHECKOUT.glob("docs/**/*.md"),
    )
}
README = DOCUMENTS["README.md"]
USED = {
    name: text
    for name, text in DOCUMENTS.items()
    if name == "README.md" or re.fullmatch(r"docs/[^/]*", name)
}
"""The documents for users, whose blocks run in a checkout after `make full`."""
ALL = "\n".join(USED.values())
DOCTESTS = "".join(
    "".join(re.findall(r">>>.*\n(?: .*\n)*", f"{getattr(iam_catalog, name).__doc__}\n"))
    for name in iam_catalog.__all__
    if name.islower()
)
MAKEFILE = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.MULTILINE)


def commands_of(group: click.Group) -> dict[str, click.Command]:
    """The commands of a group, also those that are imported late."""
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


PROGRAMS = {"iam-catalog": commands_of(cli), "python -m scraper": commands_of(scraper_cli)}
COMMANDS = [
    (program, name, command)
    for program, commands in PROGRAMS.items()
    for name, command in commands.items()
]
NEVER_RUN = {
    "serve",
    "mcp",
    "lsp",
    "add",
    "fetch",
    "dataset",
    "history",
    "clients",
    "operation",
    "actions-of-operation",
    "check-many",
}
"""Commands that do not end, go to the network, or want a page or a table that data/ lacks: only
their options are read."""


def blocks_of(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def console_examples(text: str) -> list[tuple[str, str]]:
    """Each `$ command` of a text's console blocks, with the output shown below it."""
    return [
        (command, output)
        for block in blocks_of(text, "console")
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


EXAMPLES = [
    (document, command, output)
    for document, text in USED.items()
    for command, output in console_examples(text)
]


def run(command: str, place: Path) -> tuple[int, list[str]]:
    """Run a line of a shell in a checkout after `make full`; return exit code and all output."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=place,
        env={
            **os.environ,
            "COLUMNS": "100",
            "IAM_CATALOG_DB": str(place / "mirror" / "catalog.db"),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.returncode, [line.rstrip() for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> str:
    """Return what `make full` builds in a fresh checkout."""
    output = tmp_path_factory.mktemp("full") / "catalog.db"
    line = ["build", "--full", "--data", str(CHECKOUT / "data"), "--output", str(output)]
    assert CliRunner().invoke(scraper_cli, line).exit_code == 0
    return str(output)


@pytest.fixture(scope="module")
def place(full, tmp_path_factory) -> Path:
    """Return a folder that looks like a checkout after `make full`."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("data", "docs", "catalog.db", "README.md"):
        (folder / name).symlink_to(CHECKOUT / name)
    (folder / "mirror").mkdir()
    (folder / "mirror" / "catalog.db").symlink_to(full)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(BIN)
    return folder


@pytest.mark.parametrize(("document", "command", "output"), EXAMPLES)
def test_a_command_prints_what_is_shown(place, document, command, output, request):
    shown = run(command, place)[1]
    if request.config.getoption("--rewrite-expected"):
        file = CHECKOUT / document
        text = file.read_text(encoding="utf-8")
        new = f"$ {command}\n" + "".join(f"{line}\n" for line in shown)
        file.write_text(text.replace(f"$ {command}\n{output}", new), encoding="utf-8")
        return

    assert shown == output.splitlines()


def test_the_documents_show_commands_with_their_output():
    assert len(console_examples(README)) >= 4
    assert len(EXAMPLES) >= 12


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


SHELL = [
    (document, line)
    for document, text in USED.items()
    for block in blocks_of(text, "sh")
    for line in block.splitlines()
    if re.match(r"(\.venv/bin/)?iam-catalog (?!serve)", line)
]


@pytest.mark.parametrize(("document", "line"), SHELL)
def test_a_line_for_the_shell_runs(place, document, line):
    assert (document, *run(line, place))[:2] == (document, 0)


@pytest.mark.parametrize("document", [name for name, text in USED.items() if ">>> " in text])
def test_the_examples_in_python_give_what_is_shown(full, document, monkeypatch):
    monkeypatch.setenv("IAM_CATALOG_DB", full)
    failed, tried = doctest.testfile(str(CHECKOUT / document), module_relative=False)

    assert (failed, tried > 0) == (0, True)


PROGRAMS_IN_PYTHON = [
    (document, block)
    for document, text in USED.items()
    for block in blocks_of(text, "python")
    if ">>> " not in block
]


@pytest.mark.parametrize(("document", "block"), PROGRAMS_IN_PYTHON)
def test_a_program_runs(place, document, block):
    for package in ("pandas", "pyspark"):
        if package in block:
            pytest.importorskip(package)
    file = place / "example.py"
    file.write_text(block, encoding="utf-8")

    code, lines = run("python example.py", place)
    assert (document, code, lines != []) == (document, 0, True)


TALKS = re.findall(
    r"^> (\w+) (\{.*\})\n((?:(?!> |```).+\n)+)", DOCUMENTS["docs/assistants.md"], re.MULTILINE
)
"""Tools that are asked in the transcript, with the arguments and the fields shown below."""


@pytest.mark.parametrize(("tool", "arguments", "shown"), TALKS)
async def test_a_transcript_shows_what_a_tool_answers(full, tool, arguments, shown, request):
    live = LiveCatalog(lambda: full)
    async with Client(make_server(live)) as client:
        result = await client.call_tool(tool, json.loads(arguments))
    live.close()
    fields = {name: result.structured_content[name] for name in json.loads(shown)}
    if request.config.getoption("--rewrite-expected"):
        file = CHECKOUT / "docs" / "assistants.md"
        new = f"{json.dumps(fields, indent=1, ensure_ascii=False)}\n"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(shown, new), encoding="utf-8")
        return

    assert json.loads(shown) == fields


@pytest.mark.parametrize("block", blocks_of(DOCUMENTS["docs/assistants.md"], "json"))
def test_the_settings_of_assistants_start_a_command_that_there_is(block):
    (servers,) = json.loads(block).values()
    (server,) = servers.values()

    assert [server["command"], *server["args"]] == ["iam-catalog", "mcp"]


@pytest.mark.parametrize("question", blocks_of(DOCUMENTS["docs/sql.md"], "sql"))
def test_a_question_in_sql_has_an_answer(full, question):
    connection = sqlite3.connect(full)
    rows = connection.execute(question).fetchall()
    connection.close()

    assert rows
    assert all(row[0] is not None for row in rows)


@pytest.mark.parametrize(
    ("document", "block"),
    [(name, block) for name, text in USED.items() for block in blocks_of(text, "toml")],
)
def test_settings_that_are_shown_can_be_read(document, block, tmp_path):
    file = tmp_path / ".iam-catalog.toml"
    file.write_text(block, encoding="utf-8")

    assert (document, read_settings(file).ignores != ()) == (document, True)


@pytest.mark.parametrize(
    ("document", "block"),
    [(name, block) for name, text in USED.items() for block in blocks_of(text, "yaml")],
)
def test_what_is_shown_in_yaml_is_yaml(document, block):
    value = yaml.safe_load(block)

    assert (document, isinstance(value, dict)) == (document, True)


def test_the_readme_says_what_make_full_brings(full):
    connection = sqlite3.connect(full)
    services, actions, date, dependents_date, gone = connection.execute(
        "select (select count(*) from services), (select count(*) from actions),"
        " (select max(last_date) from pages where page in (select page from actions)),"
        " (select max(last_date) from pages where page in (select dependents_page from actions)),"
        " (select count(*) from removed_actions where removed > '2026-07-08')"
    ).fetchone()
    (unknown,) = connection.execute(
        "select count(*) from actions where dependents_page is null and permission_only is null"
    ).fetchone()
    connection.close()

    said = " ".join(f"{README} {DOCUMENTS['docs/fresh.md']}".split())
    held = f"{services} services with {actions:,} actions"
    assert (
        f"{held} as of {date}, and their dependent actions as of {dependents_date}. `make serve`"
    ) in said
    assert f"that of {date} states what is current: {held}. " in said
    assert f"unknown for the {unknown:,} actions that came later" in said
    assert f"removed: {gone} actions went since {dependents_date}, three whole services" in said


def test_no_doctest_names_an_action_that_aws_has_withdrawn(full):
    """People read them in the installed package, whose catalog is the full one."""
    connection = sqlite3.connect(full)
    removed = {name for (name,) in connection.execute("select action from removed_actions")}
    connection.close()

    assert len(DOCTESTS) > 1_000
    assert removed & set(re.findall(r"\w+:\w+", DOCTESTS)) == set()


def test_the_documents_name_every_command():
    missing = {
        f"{program} {name}" for program, name, _ in COMMANDS if f"{program} {name}" not in ALL
    }

    assert missing == set()


@pytest.mark.parametrize(
    "address", sorted({*re.findall(r"http://127\.0\.0\.1:8001(/[^\s)>`]*)", ALL)})
)
async def test_an_address_of_the_documents_answers(address):
    metadata = json.loads((CHECKOUT / "metadata.json").read_text(encoding="utf-8"))
    site = Datasette([], immutables=[str(CHECKOUT / "catalog.db")], metadata=metadata)

    response = await site.client.get(address, follow_redirects=True)

    assert (address, response.status_code) == (address, 200)


def test_every_target_that_the_documents_name_exists():
    assert set(re.findall(r"`make ([a-z-]+)", ALL)) - set(TARGETS) == set()
    assert {"full", "serve"} <= set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))


def test_make_help_lists_every_target():
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [line.split()[1] for line in done.stdout.splitlines()] == TARGETS


def anchors_of(text: str) -> set[str]:
    """What headings of a document can be linked by, as GitHub and GitLab spell it."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", DOCUMENTS[document])
    dead = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (CHECKOUT / document).parent / path if path else CHECKOUT / document
        text = target.read_text(encoding="utf-8") if target.suffix == ".md" else ""
        if not target.exists() or (anchor and anchor not in anchors_of(text)):
            dead.append(link)

    assert dead == []


@pytest.mark.parametrize("document", [each for each in DOCUMENTS if each.startswith("docs/dev/")])
def test_every_file_of_the_code_that_a_document_names_exists(document):
    """Names in capitals stand for what a person chooses; a file that is shown whole is new."""
    text = DOCUMENTS[document]
    named = re.findall(r"`((?:iam_catalog|scraper|tests|tools|docs)/[\w./-]+)`", text)
    new = set(re.findall(r"Write the (?:page|template)\*\*, `([^`]+)`", text))
    gone = {name for name in named if not (CHECKOUT / name).exists()} - new

    assert {name for name in gone if not re.search("[A-Z]{4}", name)} == set()


def test_the_architecture_names_every_room():
    text = DOCUMENTS["docs/dev/architecture.md"]
    rooms = [
        (package, path.relative_to(CHECKOUT / package).as_posix())
        for package in ("iam_catalog", "scraper")
        for path in (CHECKOUT / package).glob("**/__init__.py")
    ]
    missing = {
        f"{package}/{room}"
        for package, name in rooms
        if (room := name.removesuffix("/__init__.py")) != "__init__.py"
        if not re.search(rf"`(?:\w+/)*{re.escape(room.rpartition('/')[2])}/`", text)
    }

    assert missing == set()


def test_every_document_is_reached_from_the_readme():
    reached: set[str] = set()
    new = {"README.md"}
    while new:
        reached |= new
        links = {
            (CHECKOUT / document).parent / link
            for document in new & set(DOCUMENTS)
            for link in re.findall(r"\]\((?!https?:)([^)#]+)", DOCUMENTS[document])
        }
        new = {path.resolve().relative_to(CHECKOUT).as_posix() for path in links} - reached

    assert set(DOCUMENTS) - reached == set()


def command_at(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that *words* name, below a program of ours, and the words behind it."""
    program = "python -m scraper" if words[0] == "python" else "iam-catalog"
    name, *rest = words[len(program.split()) :]
    command = PROGRAMS[program][name]
    while isinstance(command, click.Group):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def shell_lines() -> list[str]:
    """The lines of the documents that run one of our programs, without the shell around it."""
    lines = [
        line
        for text in DOCUMENTS.values()
        for block in blocks_of(text, "sh")
        for line in block.splitlines()
    ]
    programs = r"(?:iam-catalog|python -m scraper) [^)|]*"
    return [found for line in lines for found in re.findall(programs, line)]


@pytest.mark.parametrize("line", shell_lines())
def test_a_command_of_the_documents_is_typed_right(line):
    command, words = command_at(shlex.split(line))

    command.make_context(command.name, words).close()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_a_document_names_exists(document):
    named = re.findall(r"`(iam-catalog|python -m scraper) ([a-z]\S*?)[ `]", DOCUMENTS[document])

    assert [name for program, name in named if name not in PROGRAMS[program]] == []


def test_the_documents_name_every_public_function():
    functions = {name for name in iam_catalog.__all__ if name.islower()}

    assert functions - set(re.findall(r"\b\w+(?=\(|`)", ALL)) == set()


def test_the_documents_name_every_environment_variable():
    files = [*CHECKOUT.glob("iam_catalog/**/*.py"), CHECKOUT / "tests" / "browser" / "conftest.py"]
    variables = {
        name
        for path in files
        for name in re.findall(r'"(IAM_CATALOG_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    }

    assert len(variables) >= 3
    assert {name for name in variables if name not in ALL} == set()


def example_of(command: click.Command) -> list[str]:
    """The words of the line below `Example:` in a help text."""
    line = (command.help or "").partition("Example:")[2].strip("\b \n")
    found = re.fullmatch(r'eval "\$\((.*)\)"', line)
    return shlex.split(found[1] if found else line)


@pytest.mark.parametrize(("program", "name", "command"), COMMANDS)
def test_the_help_of_a_command_starts_with_a_sentence_and_has_an_example(program, name, command):
    text = inspect.cleandoc(command.help or "")

    assert re.match(r"[A-Z].+\.\n\n(?:[A-Z](?:.+\n)+\n)?Example:\n\n\x08\n", text)
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


def test_every_option_has_a_help_text():
    missing = [
        (name, parameter.name)
        for _, name, command in COMMANDS
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]

    assert missing == []
