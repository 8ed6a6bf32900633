"""What each command of the command line prints as JSON, with its talk and exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import click
from click.testing import CliRunner

from benchmarks.dump.answers import Answers
from benchmarks.dump.areas import Task
from benchmarks.dump.subjects import STRANGE, TEXTS, Subjects
from iam_catalog import Catalog


def ask(task: Task, answers: Answers) -> None:
    with Catalog(task.catalog) as catalog:
        lines = dict.fromkeys(command_lines(Subjects(catalog, task.sample, task.seed)))
    for command, *words in lines:
        options = ["--format", "json", "--database", task.catalog]
        answers.add(" ".join([command, *words]), run([command, *options, *words]))
    version = run(["--version"], {"IAM_CATALOG_DB": task.catalog})
    answers.add("--version", version)
    for name, text in help_texts(main()).items():
        answers.add(f"{name} --help", text)


@cache
def main() -> click.Command:
    """Return the command line as it is installed."""
    (script,) = entry_points(group="console_scripts", name="iam-catalog")
    command = script.load()
    assert isinstance(command, click.Command)
    return command


def run(line: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a command; return what it prints, with its exit code."""
    result = CliRunner().invoke(main(), line, env=environment)
    printed: Any = result.stdout
    with suppress(ValueError):
        printed = json.loads(result.stdout)
    found = {"exit": result.exit_code, "printed": printed, "talk": result.stderr}
    if result.exception and not isinstance(result.exception, SystemExit):
        found["raised"] = f"{type(result.exception).__name__}: {result.exception}"
    return found


def help_texts(command: click.Command, name: str = "iam-catalog") -> dict[str, str]:
    """Return the help of a command and of all below it."""
    context = click.Context(command, info_name=name)
    found = {name: command.get_help(context)}
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            child = command.get_command(context, each)
            assert child is not None
            found |= help_texts(child, f"{name} {each}")
    return found


def command_lines(subjects: Subjects) -> Iterator[tuple[str, ...]]:
    """Yield commands with their words; about few subjects, as Python is asked about all."""
    strange = [each for each in STRANGE if "\x00" not in each]  # no word of a command has it
    yield from ALONE
    for commands, names in (
        (OF_ACTION, [*subjects.draw(subjects.actions, 8), *strange]),
        (OF_SERVICE, [*subjects.draw(subjects.services, 8), *strange[:4]]),
        (OF_TYPE, [*subjects.draw(subjects.resource_types, 8), *strange]),
        (OF_KEY, [*subjects.draw(subjects.condition_keys, 8), *strange[:4]]),
        (OF_OPERATION, [*subjects.draw(subjects.operations, 8), *strange[:4]]),
        (OF_POLICY, [*subjects.policies, "nothing"]),
        (OF_TEXT, [text for text in TEXTS if text]),
        (OF_PATTERN, [*subjects.draw(subjects.patterns, 4), *strange]),
        (OF_ARN, subjects.arns[:: max(1, len(subjects.arns) // 60)]),
    ):
        for name in names:
            for command in commands:
                yield tuple(word.format(name) for word in command)


Commands = tuple[tuple[str, ...], ...]
"""Commands with their words; the subject replaces `{}`."""
ALONE: Commands = (
    *(("services",), ("sample-policies",), ("disagreements",), ("changes",)),
    ("changes", "--descriptions"),
)
OF_ACTION: Commands = (
    ("dependent-actions", "--", "{}"),
    ("dependent-actions", "--transitive", "--", "{}"),
    ("required-by", "--", "{}"),
    ("show", "--", "{}"),
    ("operations-of-action", "--", "{}"),
    ("policies-using", "--", "{}"),
    ("write", "--", "{}"),
    ("write", "--facts", "--with-dependent-actions", "--", "{}"),
)
OF_SERVICE: Commands = (
    ("service", "--", "{}"),
    ("resource-types", "--", "{}"),
    ("condition-keys", "--", "{}"),
    ("disagreements", "--", "{}"),
    ("actions", "--service-prefix={}"),
    ("changes", "--service-prefix={}"),
    ("write", "--service-prefix={}", "--access-level=List"),
)
OF_TYPE: Commands = (("resource-type", "--", "{}"), ("actions", "--resource-type={}"))
OF_KEY: Commands = (("show", "--", "{}"), ("actions", "--condition-key={}"))
OF_OPERATION: Commands = (("operation", "--", "{}"), ("actions-of-operation", "--", "{}"))
OF_POLICY: Commands = (("actions-of-policy", "--", "{}"),)
OF_TEXT: Commands = (("search", "--", "{}"),)
OF_PATTERN: Commands = (("expand", "--", "{}"), ("expand", "--count", "--", "{}"))
OF_ARN: Commands = (("match-arn", "--", "{}"), ("actions-for-arn", "--", "{}"))
