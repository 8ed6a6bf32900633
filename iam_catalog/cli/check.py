"""Check policies, and print the report in the format that is asked for."""

from __future__ import annotations

import sys
from typing import cast

import click

from iam_catalog.cli.names import STANDARD_INPUT, actions_in
from iam_catalog.cli.options import catalog_options, format_option, open_catalog, wide_option
from iam_catalog.cli.output import is_terminal, text_width
from iam_catalog.errors import CatalogError
from iam_catalog.policy.check.reports import FORMATS
from iam_catalog.policy.model import KINDS
from iam_catalog.words import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, BinaryIO

    from click.shell_completion import CompletionItem

    from iam_catalog.catalog import Catalog
    from iam_catalog.policy.check.ignores import Ignores
    from iam_catalog.policy.check.run import CheckRun
    from iam_catalog.policy.check.settings import Settings
    from iam_catalog.policy.model import PolicyDocument
    from iam_catalog.policy.read.files import Refused

_LEVELS = ("error", "warning", "info", "never")
_TEXT = "text"
_TABLE = "table"
"""Another name of text."""

EPILOG = """\b
Settings are in .iam-catalog.toml, or below [tool.iam-catalog] in pyproject.toml,
in the folder of the first FILE or above it. Options go before them.

\b
    exclude = ["tests/*"]
    fail-on = "error"
    severity = { missing-dependent-actions = "info" }

\b
An ignore needs a reason. With * for any text; file, path and sid can be left
out. In a file of its own, .iam-catalog-ignore, it needs a file.
One that names a file and applies to nothing is reported.

\b
    [[ignore]]
    code = "malformed-arn"
    file = "policies/*.json"
    path = "Statement[0].Resource"
    reason = "The deployment fills the key in."

\b
In YAML a comment can be on the line of a finding, or above it:

\b
    # iam-catalog: ignore malformed-arn - The deployment fills the key in.

\b
Exit codes: 0 nothing to report, 1 a finding at or above --fail-on or a file
that cannot be read, 2 a mistyped command line or setting.
"""


def _complete_code(_: click.Context, __: click.Parameter, text: str) -> list[CompletionItem | str]:
    from iam_catalog.policy.check.registry import CODES

    return [code for code in CODES if code.startswith(text)]


def _complete_severity(
    _: click.Context, __: click.Parameter, text: str
) -> list[CompletionItem | str]:
    from iam_catalog.policy.check.registry import CODES

    levels = [f"{code}={level}" for code in CODES for level in _LEVELS[:-1]]
    return [each for each in levels if each.startswith(text)]


@click.command(epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--kind", type=click.Choice(KINDS), help="What the policies are, where their form does not say."
)
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    help="Exit with 1 for a finding that is so severe, or more; warning by default.",
)
@click.option(
    "--select",
    metavar="CODE",
    multiple=True,
    shell_complete=_complete_code,
    help="Find only this code, or several with commas. Repeatable.",
)
@click.option(
    "--ignore",
    metavar="CODE",
    multiple=True,
    shell_complete=_complete_code,
    help="Ignore this code in all files, or several with commas. Repeatable.",
)
@click.option(
    "--severity",
    metavar="CODE=LEVEL",
    multiple=True,
    shell_complete=_complete_severity,
    help="Give findings of CODE another level: error, warning or info. Repeatable.",
)
@click.option(
    "--exclude",
    metavar="GLOB",
    multiple=True,
    help="Leave out files and folders with this name or path; * is any text. Repeatable.",
)
@click.option(
    "--ignore-file",
    metavar="FILE",
    help="Findings to ignore, with reasons, instead of those in .iam-catalog-ignore.",
)
@click.option("--settings", "settings_file", metavar="FILE", help="Settings to use, wherever.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the report there; without --format, the ending of FILE says how.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the report and errors alone.")
@click.option("--statistics", is_flag=True, help="Count the findings of each code.")
@wide_option
@catalog_options
@format_option((*FORMATS, _TABLE), "How to print; text by default, and so is table.")
@click.pass_context
def check(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    ignore_file: str | None,
    settings_file: str | None,
    output: str | None,
    quiet: bool,
    statistics: bool,
    database: str | None,
    form: str | None,
    **options: Any,
) -> None:
    """Report what needs a look in the policies of each FILE.

    FILE can be a folder, which is walked, or - for standard input: policies, or names of actions
    as other commands print them, of which the names alone are checked.

    Example:

    \b
        iam-catalog check --fail-on error data/policies/minimal-iam-permissions-for-ssm.md
    """
    try:
        settings = _settings_of(files, settings_file, options)
        ignores = _ignores_of(ignore_file, settings, _split(options["ignore"]))
    except CatalogError as error:
        raise click.UsageError(printable(str(error)), ctx) from None
    if form is None and output is not None:
        form = _format_of(output)
    with open_catalog(database, settings.as_of) as catalog:
        run = _run_of(catalog, files, settings, ignores, quiet=quiet)
        _write(run, _TEXT if form in (None, _TABLE) else form or _TEXT, output)
    if statistics:
        _print_statistics(run)
    if not quiet:
        click.echo(run.summary(), err=True)
    ctx.exit(run.exit_code)


def _settings_of(files: tuple[str, ...], named: str | None, options: dict[str, Any]) -> Settings:
    """Read the settings of the project, with the options of the command line before them."""
    from dataclasses import replace
    from pathlib import Path

    from iam_catalog.policy.check.ignores import known_code
    from iam_catalog.policy.check.settings import (
        Settings,
        find_settings,
        read_settings,
        severity_of,
    )

    file = Path(named) if named else find_settings(Path("." if files[0] == "-" else files[0]))
    settings = read_settings(file) if file else Settings()
    select = [known_code(each, "--select") for each in _split(options["select"])]
    severity = dict([severity_of(each, "--severity") for each in _split(options["severity"])])
    here = Path.cwd()
    excluded = [_from(each, here, settings.folder) for each in options["exclude"]]
    return replace(
        settings,
        select=tuple(select) or settings.select,
        severity={**settings.severity, **severity},
        exclude=(*settings.exclude, *excluded),
        fail_on=options["fail_on"] or settings.fail_on,
        kind=options["kind"] or settings.kind,
        as_of=options["as_of"] or settings.as_of,
    )


def _from(pattern: str, here: object, folder: object) -> str:
    """Return a pattern of the command line as one that is relative to *folder*."""
    import os

    if "/" not in pattern or here == folder:
        return pattern
    return os.path.relpath(os.path.join(str(here), pattern), str(folder)).replace(os.sep, "/")  # noqa: PTH118   a pattern is not a path


def _split(values: tuple[str, ...]) -> list[str]:
    """Return the values of an option that can be repeated, and can have several with commas."""
    return [each.strip() for value in values for each in value.split(",") if each.strip()]


def _ignores_of(file: str | None, settings: Settings, codes: list[str]) -> Ignores:
    """Read the ignores of settings, of the command line, and of the file of ignores if any."""
    from pathlib import Path

    from iam_catalog.policy.check.ignores import (
        ALL_FILES,
        DEFAULT,
        Ignore,
        Ignores,
        known_code,
        read_ignores,
    )

    why = "--ignore on the command line"
    entries = [
        *settings.ignores,
        *[Ignore((known_code(code, "--ignore"),), ALL_FILES, why, (why, 1)) for code in codes],
    ]
    if file is not None or Path(DEFAULT).exists():
        entries += read_ignores(DEFAULT if file is None else file).entries
    return Ignores(entries)


def _format_of(output: str) -> str:
    """Return the format that the ending of a file stands for; else a usage error."""
    from iam_catalog.policy.check.reports import endings, format_of

    form = format_of(output)
    if form is None:
        known = ", ".join(sorted(endings()))
        raise click.UsageError(
            f"--output {output!r} has no ending of a format: expected {known}, or --format."
        )
    return form


def _run_of(
    catalog: Catalog, files: tuple[str, ...], settings: Settings, ignores: Ignores, *, quiet: bool
) -> CheckRun:
    from iam_catalog.policy.check.run import CheckRun, Outside

    def say(text: str) -> None:
        if not quiet:
            click.echo(printable(text), err=True)

    outside = Outside(
        read=_documents,
        check=lambda document: catalog.check_policy(document, kind=settings.kind),
        say=say,
        warn=lambda text: click.echo(printable(f"Error: {text}"), err=True),
        date=lambda: settings.as_of or catalog.about().as_of,
    )
    return CheckRun(outside, files, settings, ignores)


def _write(run: CheckRun, form: str, output: str | None) -> None:
    """Write the report piece by piece, so that memory does not grow with the findings."""
    from iam_catalog.policy.check.reports import report

    if output is None:
        run.width = text_width() if is_terminal() else None
        for piece in report(form)(run):
            click.echo(piece, nl=False)
        return
    from pathlib import Path

    from iam_catalog.files import new_file, put_file

    path = Path(output)
    try:
        with new_file(path) as new:
            with new.open("w", encoding="utf-8", newline="") as stream:
                for piece in report(form)(run):
                    stream.write(click.unstyle(piece) if form == _TEXT else piece)
            put_file(new, path)
    except OSError as error:
        raise CatalogError(f"Cannot write the report to {output!r}: {error.strerror}.") from None


def _print_statistics(run: CheckRun) -> None:
    """Print how many findings each code has, the most frequent first."""
    for (severity, code), number in sorted(run.codes.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"{number:>7,}  {severity:<7}  {code}", err=True)


def _documents(file: str, refused: Refused) -> Iterator[tuple[PolicyDocument, bool]]:
    """Yield the policies of a file; for names of actions on standard input, a policy of these.

    The second value is True for a policy that was made of names.
    """
    from iam_catalog.policy.read.files import read_documents, read_file, read_stream

    if file != STANDARD_INPUT:
        yield from ((document, False) for document in read_file(file, refused))
        return
    stream, names = _standard_input()
    if names:
        text = _policy_text(names)
        yield from ((document, True) for document in read_documents(file, text.encode()))
    else:
        yield from ((document, False) for document in read_stream(file, stream, refused))


def _standard_input() -> tuple[BinaryIO, list[tuple[int, str]]]:
    """Return standard input, and the names of actions in it with their lines.

    Where it starts as policies in JSON Lines do, which may be millions, only its start is read.
    """
    from io import BytesIO

    from iam_catalog.policy.read.json_text import MAX_BYTES

    stream = sys.stdin.buffer
    start = b""
    while not start.strip():
        line = stream.readline(MAX_BYTES + 1)
        start += line
        if not line:
            break
    text = start.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("{") and not actions_in(text):
        return cast("BinaryIO", _Rejoined(start, stream)), []
    content = start + stream.read(max(0, MAX_BYTES + 1 - len(start)))
    return BytesIO(content), actions_in(content.decode("utf-8-sig", "replace"))


class _Rejoined:
    """Stream whose start was read already."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        from io import BytesIO

        self._start = BytesIO(start)
        self._rest = rest

    def readline(self, size: int) -> bytes:
        return self._start.readline(size) or self._rest.readline(size)

    def read(self, size: int) -> bytes:
        start = self._start.read(size)
        return start + self._rest.read(size - len(start))


def _policy_text(names: Iterable[tuple[int, str]]) -> str:
    """Write a policy with each action on the line that it has in *names*."""
    import json

    text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", "Action": ['
    at, comma = 1, ""
    for line, name in names:
        text += f"{comma}{chr(10) * (line - at)}{json.dumps(name)}"
        at, comma = line, ","
    return text + "]}}"
