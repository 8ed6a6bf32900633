"""The command that checks policies."""

from __future__ import annotations

import click

from iam_catalog.cli.options import open_catalog
from iam_catalog.cli.output import as_plain, is_terminal, printable
from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iam_catalog.catalog import Catalog
    from iam_catalog.policy.check.findings import Evidence, Finding
    from iam_catalog.policy.check.ignores import Ignore, Ignores
    from iam_catalog.policy.records import Kind

    Found = Iterator[tuple[Finding, Ignore | None]]

MOST_UNREADABLE = 1_000
"""So much of what can not be read goes into a report; all of it is said on the way."""

FORMATS = ("table", "json", "jsonl", "sarif", "github")
KINDS = ("identity", "resource", "trust", "scp", "rcp")
NEVER = "never"
SEVERITIES = ("info", "warning", "error")

EPILOG = """\b
A file of ignores is TOML, with * for any text. Path and sid can be left out,
a reason can not; an ignore that nothing was found for is reported.

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
    type=click.Choice((*SEVERITIES[::-1], NEVER)),
    default="warning",
    show_default=True,
    help="Exit with 1 for a finding that is so severe, or more.",
)
@click.option(
    "--ignore-file",
    metavar="FILE",
    help="Findings to ignore, with reasons, instead of those in .iam-catalog-ignore.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    help="Check against a catalog built from the sources dated up to then, YYYY-MM-DD.",
)
@click.option(
    "--database",
    metavar="FILE",
    help="The catalog to ask, instead of $IAM_CATALOG_DB or the shipped one.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How to print; without it a table on a terminal, and json elsewhere.",
)
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
    """Facts about the policies of each FILE that need a look; - is standard input.

    Example:

    \b
        iam-catalog check --fail-on error data/policies/minimal-iam-permissions-for-ssm.md
    """
    ignores = ignores_of(ignore_file)
    with open_catalog(database, as_of) as catalog:
        run = Run(catalog, files, kind, ignores)
        print_findings(run, form or ("table" if is_terminal() else "json"))
    click.echo(run.summary(), err=True)
    if run.unread or (fail_on != NEVER and run.worst >= SEVERITIES.index(fail_on)):
        ctx.exit(1)


def ignores_of(file: str | None) -> Ignores:
    """The ignores of the file that is named, else of the usual one, if it is there."""
    from pathlib import Path

    from iam_catalog.policy.check.ignores import DEFAULT, Ignores, read_ignores

    if file is None and not Path(DEFAULT).exists():
        return Ignores()
    return read_ignores(DEFAULT if file is None else file)


class Run:
    """A check of some files, with what came of it so far."""

    def __init__(
        self, catalog: Catalog, files: tuple[str, ...], kind: Kind | None, ignores: Ignores
    ) -> None:
        self.catalog = catalog
        self.files = files
        self.kind = kind
        self.ignores = ignores
        self.unreadable: list[str] = []
        """What could not be read, the first of it."""
        self.unread = 0
        self.policies = 0
        self.ignored = 0
        self.counts = dict.fromkeys(SEVERITIES, 0)

    @property
    def worst(self) -> int:
        """The place in `SEVERITIES` of the most severe finding; -1 without any."""
        return max(
            (index for index, each in enumerate(SEVERITIES) if self.counts[each]), default=-1
        )

    def findings(self) -> Found:
        """The findings of all files, with what those are ignored for that are.

        A file, or a line of JSON Lines, that can not be read keeps none of the others from being
        checked.
        """
        for file in dict.fromkeys(self.files):
            try:
                yield from self.of_file(file)
            except CatalogError as error:
                self.refused(error)
        for finding in self.ignores.unused():
            self.counts[finding.severity] += 1
            yield finding, None

    def refused(self, error: CatalogError) -> None:
        """Say what could not be read."""
        self.unread += 1
        if self.unread <= MOST_UNREADABLE:
            self.unreadable.append(str(error))
        click.echo(printable(f"Error: {error}"), err=True)

    def of_file(self, file: str) -> Found:
        from iam_catalog.policy.read.documents import read_file

        for document in read_file(file, self.refused):
            self.policies += 1
            self.ignores.of(document)
            for finding in self.catalog.check_policy(document, kind=self.kind):
                ignore = self.ignores.ignored(finding, document)
                if ignore is None:
                    self.counts[finding.severity] += 1
                else:
                    self.ignored += 1
                yield finding, ignore

    def summary(self) -> str:
        """What came of the check, in a line."""
        found = [counted(self.counts[each], each) for each in reversed(SEVERITIES)]
        ignored = f"; {self.ignored:,} ignored" if self.ignored else ""
        unread = f"; {self.unread:,} not read" if self.unread else ""
        policies = "1 policy" if self.policies == 1 else f"{self.policies:,} policies"
        return f"{', '.join(found)} in {policies}{ignored}{unread}"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 or noun == 'info' else 's'}"


def print_findings(run: Run, form: str) -> None:
    """Print the findings one by one, so that memory does not grow with them."""
    if form == "sarif":
        from iam_catalog import __version__
        from iam_catalog.policy.check.reports.sarif import sarif_log

        for piece in sarif_log(__version__, run.findings(), run.unreadable):
            click.echo(piece, nl=False)
        return
    found = (finding for finding, ignore in run.findings() if ignore is None)
    printers = {"json": print_array, "jsonl": print_lines, "github": print_annotations}
    printers.get(form, print_table)(found)
    if form == "github":
        from iam_catalog.policy.check.reports.github import error

        for text in run.unreadable:
            click.echo(error(text))


def print_array(found: Iterable[Finding]) -> None:
    import json

    empty = True
    for finding in found:
        click.echo("[" if empty else ",")
        text = json.dumps(record(finding), indent=2, ensure_ascii=False)
        click.echo("\n".join(f"  {line}" for line in text.split("\n")), nl=False)
        empty = False
    click.echo("[]" if empty else "\n]")


def print_lines(found: Iterable[Finding]) -> None:
    import json

    for finding in found:
        click.echo(json.dumps(record(finding), ensure_ascii=False))


def record(finding: Finding) -> dict[str, object]:
    """A finding as plain values, with its path in words beside it."""
    from iam_catalog.policy.read.paths import path_text

    return {**as_plain(finding), "place": path_text(finding.path)}


def print_annotations(found: Iterable[Finding]) -> None:
    from iam_catalog.policy.check.reports.github import annotation

    for finding in found:
        click.echo(printable(annotation(finding)))


def print_table(found: Iterable[Finding]) -> None:
    """A line for each finding, and lines below it for what helps."""
    for finding in found:
        place = f"{finding.file}:{finding.line}"
        line = f"{place}: {finding.severity}: {finding.text} [{finding.code}]"
        click.echo(printable(line))
        for detail in details(finding):
            click.echo(printable(f"    {detail}"))


def details(finding: Finding) -> Iterator[str]:
    from iam_catalog.policy.read.paths import path_text

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
