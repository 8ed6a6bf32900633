"""The command that checks policies."""

from __future__ import annotations

import sys
from typing import cast

import click

from iam_catalog.cli.names import STANDARD_INPUT, actions_in
from iam_catalog.cli.options import catalog_options, format_option, open_catalog, wide_option
from iam_catalog.cli.output import as_plain, bold, is_terminal, printable, text_width, wrapped
from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from iam_catalog.catalog import Catalog
    from iam_catalog.policy.check.findings import Evidence, Finding
    from iam_catalog.policy.check.ignores import Ignores
    from iam_catalog.policy.check.reports.sarif import Reported
    from iam_catalog.policy.model import Kind, PolicyDocument
    from iam_catalog.policy.read.files import Refused

    Found = Iterator[Reported]

MOST_UNREADABLE = 1_000
"""So many unreadable files go into a report; standard error names all of them."""

FORMATS = ("text", "table", "json", "jsonl", "sarif", "github")
KINDS = ("identity", "resource", "trust", "scp", "rcp")
_NEVER = "never"
_COLORS = {"info": "blue", "warning": "yellow", "error": "red"}
_INDENT = "    "
_ACTIONS = ("Statement", "Action")
"""The path of the actions in a policy that is made of names."""
SEVERITIES = ("info", "warning", "error")

EPILOG = """\b
A file of ignores is TOML, with * for any text. Path and sid can be left out,
a reason cannot; an ignore that applies to nothing is reported.

\b
    [[ignore]]
    code = "malformed-arn"
    file = "policies/*.json"
    path = "Statement[0].Resource"
    reason = "The deployment fills the key in."

\b
In YAML a comment can stand on the line of a finding, or above it:

\b
    # iam-catalog: ignore malformed-arn - The deployment fills the key in.
"""


@click.command(epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--kind", type=click.Choice(KINDS), help="What the policies are, where their form does not say."
)
@click.option(
    "--fail-on",
    type=click.Choice((*SEVERITIES[::-1], _NEVER)),
    default="warning",
    show_default=True,
    help="Exit with 1 for a finding that is so severe, or more.",
)
@click.option(
    "--ignore-file",
    metavar="FILE",
    help="Findings to ignore, with reasons, instead of those in .iam-catalog-ignore.",
)
@wide_option
@catalog_options
@format_option(FORMATS, "How to print; text by default, and so is table.")
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[str, ...],
    kind: Kind | None,
    fail_on: str,
    ignore_file: str | None,
    as_of: str | None,
    database: str | None,
    form: str | None,
) -> None:
    """Report what needs a look in the policies of each FILE.

    FILE can be - for standard input: policies, or names of actions as other commands print them,
    of which the names alone are checked.

    Example:

    \b
        iam-catalog check --fail-on error data/policies/minimal-iam-permissions-for-ssm.md
    """
    ignores = _ignores_of(ignore_file)
    with open_catalog(database, as_of) as catalog:
        run = _Run(catalog, files, kind, ignores)
        _print_findings(run, form or "text")
    click.echo(run.summary(), err=True)
    if run.unread or (fail_on != _NEVER and run.worst >= SEVERITIES.index(fail_on)):
        ctx.exit(1)


def _ignores_of(file: str | None) -> Ignores:
    """Read the ignores of the file that is named, else of the usual one, if it is there."""
    from pathlib import Path

    from iam_catalog.policy.check.ignores import DEFAULT, Ignores, read_ignores

    if file is None and not Path(DEFAULT).exists():
        return Ignores()
    return read_ignores(DEFAULT if file is None else file)


class _Run:
    """Check of some files, with its results so far."""

    def __init__(
        self, catalog: Catalog, files: tuple[str, ...], kind: Kind | None, ignores: Ignores
    ) -> None:
        self.catalog = catalog
        self.files = files
        self.kind = kind
        self.ignores = ignores
        self.unreadable: list[str] = []
        """Messages about the first files that could not be read."""
        self.unread = 0
        self.policies = 0
        self.unchecked = 0
        """Of the policies, those that only a deployment or another reader knows."""
        self.without = 0
        """Files without a policy."""
        self.ignored = 0
        self.counts = dict.fromkeys(SEVERITIES, 0)

    @property
    def worst(self) -> int:
        """Return the index in `SEVERITIES` of the most severe finding; -1 without any."""
        return max(
            (index for index, each in enumerate(SEVERITIES) if self.counts[each]), default=-1
        )

    def findings(self) -> Found:
        """Yield the findings of all files, each with the ignore that applies to it, and its policy.

        Where a file, or a line of JSON Lines, cannot be read, the others are checked all the same.
        """
        for file in dict.fromkeys(self.files):
            try:
                yield from self._findings_of_file(file)
            except CatalogError as error:
                self._refused(error)
        for finding in self.ignores.unused():
            self.counts[finding.severity] += 1
            yield finding, None, None

    def _refused(self, error: CatalogError) -> None:
        """Say on standard error what could not be read."""
        self.unread += 1
        if self.unread <= MOST_UNREADABLE:
            self.unreadable.append(str(error))
        click.echo(printable(f"Error: {error}"), err=True)

    def _findings_of_file(self, file: str) -> Found:
        from iam_catalog.policy.model import Unresolved

        policies, unchecked, unread = self.policies, self.unchecked, self.unread
        for document, names_only in _documents(file, self._refused):
            self.policies += 1
            self.unchecked += isinstance(document.value, Unresolved)
            self.ignores.of(document)
            for finding in self.catalog.check_policy(document, kind=self.kind):
                if names_only and finding.path[: len(_ACTIONS)] != _ACTIONS:
                    continue
                ignore = self.ignores.ignored(finding, document)
                if ignore is None:
                    self.counts[finding.severity] += 1
                else:
                    self.ignored += 1
                yield finding, ignore, document
        if self.policies == policies and self.unread == unread:
            self.without += 1
            name = "standard input" if file == STANDARD_INPUT else file
            click.echo(printable(f"no policy in {name}"), err=True)
        if self.unchecked > unchecked:
            number = self.unchecked - unchecked
            text = f"{number:,} of {self.policies - policies:,} policies in {file} not checked"
            click.echo(printable(f"{text}: see unresolved-policy"), err=True)

    def summary(self) -> str:
        """Summarise the check in a line."""
        found = [_counted(self.counts[each], each) for each in reversed(SEVERITIES)]
        ignored = f"; {self.ignored:,} ignored" if self.ignored else ""
        unread = f"; {self.unread:,} not read" if self.unread else ""
        policies = "1 policy" if self.policies == 1 else f"{self.policies:,} policies"
        unchecked = f"; {self.unchecked:,} not checked" if self.unchecked else ""
        files = "1 file" if self.without == 1 else f"{self.without:,} files"
        without = f"; no policy in {files}" if self.without else ""
        return f"{', '.join(found)} in {policies}{unchecked}{ignored}{without}{unread}"


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


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 or noun == 'info' else 's'}"


def _print_findings(run: _Run, form: str) -> None:
    """Print the findings one by one, so that memory does not grow with them."""
    if form == "sarif":
        from iam_catalog import __version__
        from iam_catalog.policy.check.reports.sarif import sarif_log

        for piece in sarif_log(__version__, run.findings(), run.unreadable):
            click.echo(piece, nl=False)
        return
    found = (finding for finding, ignore, _ in run.findings() if ignore is None)
    printers = {"json": _print_array, "jsonl": _print_lines, "github": _print_annotations}
    printers.get(form, _print_text)(found)
    if form == "github":
        from iam_catalog.policy.check.reports.github import error

        for text in run.unreadable:
            click.echo(error(text))


def _print_array(found: Iterable[Finding]) -> None:
    import json

    empty = True
    for finding in found:
        click.echo("[" if empty else ",")
        text = json.dumps(_record(finding), indent=2, ensure_ascii=False)
        click.echo("\n".join(f"  {line}" for line in text.split("\n")), nl=False)
        empty = False
    click.echo("[]" if empty else "\n]")


def _print_lines(found: Iterable[Finding]) -> None:
    import json

    for finding in found:
        click.echo(json.dumps(_record(finding), ensure_ascii=False))


def _record(finding: Finding) -> dict[str, object]:
    """Return a finding as plain values, with its path in words beside it."""
    from iam_catalog.policy.read.source import path_text

    return {**as_plain(finding), "place": path_text(finding.path)}


def _print_annotations(found: Iterable[Finding]) -> None:
    from iam_catalog.policy.check.reports.github import annotation

    for finding in found:
        click.echo(printable(annotation(finding)))


def _print_text(found: Iterable[Finding]) -> None:
    """Print a line for each finding, and lines below it for what helps; wrapped on a terminal."""
    width = text_width() if is_terminal() else None
    room = None if width is None else width - len(_INDENT)
    for finding in found:
        place = printable(f"{finding.file}:{finding.line}")
        start = f"{place}: {finding.severity}: "
        first, *others = wrapped(f"{start}{printable(f'{finding.text} [{finding.code}]')}", room)
        if first.startswith(start):
            severity = click.style(finding.severity, fg=_COLORS[finding.severity])
            first = f"{bold(place)}: {severity}: {first.removeprefix(start)}"
        click.echo(first)
        for line in others:
            click.echo(f"{_INDENT}{line}")
        for detail in _details(finding):
            for line in wrapped(printable(detail), room):
                click.echo(f"{_INDENT}{line}")


def _details(finding: Finding) -> Iterator[str]:
    from iam_catalog.policy.read.source import path_text

    title = f" of {finding.title}" if finding.title else ""
    if finding.path or title:
        yield f"at {path_text(finding.path) or 'the policy'}{title}"
    if finding.suggestion:
        yield f"instead: {finding.suggestion}"
    pages: dict[str, list[Evidence]] = {}
    for each in finding.evidence:
        pages.setdefault(each.page, []).append(each)
    for page, rows in pages.items():
        lines = [f"{each.line}" for each in rows if each.line is not None]
        places = [each.place for each in rows if each.place is not None]
        noun = [f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"] if lines else []
        yield ", ".join((f"see {page}", *noun, *places))
