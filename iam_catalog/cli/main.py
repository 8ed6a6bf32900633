"""`iam-catalog`: one command per question; asks the catalog and prints, with no logic of its own.

Commands are in the other modules of this package, and a module is imported when one of its
commands runs: what all of them import would be most of the time that a short question takes.

Exit codes: 0 answered (also with nothing), 1 could not, or findings, 2 a mistyped command line.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import Any

import click

from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SECTIONS = {
    "Actions": {
        "actions": ("actions", "List the actions that fit every option."),
        "dependent-actions": (
            "dependents",
            "List what ACTION needs besides itself, in AWS's order.",
        ),
        "required-by": ("dependents", "List the actions that have ACTION as a dependent action."),
        "expand": ("patterns", "List the actions that match any of PATTERNS, with * and ?."),
        "shrink": ("patterns", "Find the fewest patterns that match exactly ACTIONS."),
        "invert": ("patterns", "List the actions that match none of PATTERNS."),
    },
    "Services, resources, keys and operations": {
        "show": ("find", "Show everything about NAME, whatever it is the name of."),
        "search": ("find", "Search names and descriptions for all WORDS."),
        "services": ("services", "List the services that the catalog holds."),
        "service": ("services", "Show one service, with its sources and what they state."),
        "resource-types": ("services", "List resource types with their ARN formats."),
        "resource-type": ("services", "Show one resource type, with the actions that take it."),
        "condition-key": (
            "services",
            "Show one condition key, with the actions and resource types that have it.",
        ),
        "condition-keys": ("services", "List the condition keys that sources define."),
        "match-arn": ("arns", "List the resource types that ARN can be, the likeliest first."),
        "actions-for-arn": ("arns", "List the actions that take a resource type of ARN."),
        "operation": ("operations", "Show one API operation, with the actions that it needs."),
        "actions-of-operation": (
            "operations",
            "List the actions that an API operation needs, or the likeliest ones.",
        ),
        "operations-of-action": ("operations", "List the API operations that need ACTION."),
    },
    "Policies": {
        "check": ("check", "Report what needs a look in the policies of each FILE."),
        "check-many": ("check_many", "Check tables of policies into a table of findings."),
        "rule": ("rule", "Show what a code of check means, or list all of them."),
        "explain": ("policies", "Explain in plain words what the policies in each FILE say."),
        "complete": ("policies", "Add the dependent actions that policies lack."),
        "write": ("policies", "Write a least-privilege policy for actions or access levels."),
        "sample-policies": ("samples", "List the sample policies of the catalog."),
        "policies-using": ("samples", "List the sample policies that name ACTION."),
        "actions-of-policy": ("samples", "List what the sample policy POLICY names."),
    },
    "Changes": {
        "changes": ("time", "List what newer sources added, removed and changed."),
        "diff": ("time", "Compare two catalogs."),
        "disagreements": ("time", "List what sources of one time say differently."),
    },
    "Files, site and shell": {
        "export": ("export", "Write the catalog into a folder, as files for other programs."),
        "lsp": ("lsp", "Complete, explain and check policies in editors."),
        "serve": ("program", "Browse the catalog in Datasette."),
        "mcp": ("assistants", "Answer assistants by the Model Context Protocol (MCP)."),
        "completion": ("program", "Print the completion script of a shell."),
    },
}
"""The commands below the headings of the help text: the module that has each, and the first
sentence of its docstring, so that the list of commands imports none of them."""

_SUMMARIES = {
    name: summary for section in SECTIONS.values() for name, (_, summary) in section.items()
}
_MODULES = {name: module for section in SECTIONS.values() for name, (module, _) in section.items()}


class _Commands(dict[str, Any]):
    """Commands by name, each imported when it is looked up; names alone import nothing."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in _MODULES:
            raise KeyError(name)
        module = import_module(f"iam_catalog.cli.{_MODULES[name]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default


class _CommandLine(click.Group):
    """Group that imports a command when it is used, and turns errors into messages.

    Every `CatalogError` becomes a message and exit code 1, and so does output that cannot be
    written; a reader that leaves early, as in `| head -1`, is not an error.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if error.filename is not None:  # that of a file which was opened, not written
                raise
            _give_up_output()
            click.echo(f"Error: Cannot write the answer: {error.strerror}.", err=True)
            sys.exit(1)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        return super().make_context(*args, **{"color": _color(), **kwargs})

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CatalogError as error:
            raise click.ClickException(str(error)) from error

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, _SUMMARIES))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(f"{name:<{widest}}", summary) for name, (_, summary) in commands.items()]
                )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=summary)
            for name, summary in sorted(_SUMMARIES.items())
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)


def _give_up_output() -> None:
    """Drop what still waits to be written, which Python would try again at its end, and fail."""
    with contextlib.suppress(OSError):  # a test's standard output has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _color() -> bool | None:
    """Return whether to print colors: None leaves it to click, which does on a terminal.

    An empty variable counts as not set (https://no-color.org, https://force-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    """Say which program and which catalog answer, and how fresh the catalog is."""
    if not value or ctx.resilient_parsing:
        return
    from iam_catalog.cli.program import print_version

    print_version()
    ctx.exit()


@click.group(
    cls=_CommandLine,
    commands=_Commands(dict.fromkeys(_MODULES)),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Say which catalog answers, and how fresh it is.",
)
def cli() -> None:
    """Facts about AWS IAM actions, each with its source.

    Example:

    \b
        iam-catalog dependent-actions connect:CreateInstance
    """
