"""Check tables of policies, with all processors."""

from __future__ import annotations

import os
import sys
import time

import click

from iam_catalog.cli.options import catalog_options, open_catalog
from iam_catalog.errors import CatalogError
from iam_catalog.policy.model import KINDS
from iam_catalog.words import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from iam_catalog.sql.many import CheckedSoFar

EPILOG = """\b
IN is a file, or a folder of files: Parquet (.parquet, .pq) or JSON Lines
(.jsonl, .ndjson, also with .gz). OUT is a folder, in which each file of IN has
files of findings below the same folders, such as account=1111/part-0.parquet-00000.parquet.

\b
A finding has the file and the row, from 0, of its policy, the columns of
--keep, and code, severity, place, text, suggestion and line. A policy that
cannot be read is a finding with the code unreadable-file.

\b
The same command run again goes on where the last one was stopped, and checks
files that came since.

\b
Exit codes: 0 all was checked, whatever was found, 1 a file cannot be read or
written, 2 a mistyped command line, 130 interrupted.
"""

INTERRUPTED = 130
"""As shells have it for a program that Ctrl-C ends."""
_SECONDS = 10.0
"""Between lines of progress where there is no terminal, whose line is written anew each second."""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@click.option(
    "--column",
    metavar="NAME",
    help="The column that has the policies, as JSON text; policy by default. In JSON Lines it can "
    "be an object, and without --column a line can be a policy itself.",
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="What the policies are, where their form does not say.",
)
@click.option(
    "--kind-column",
    metavar="NAME",
    help=f"A column that says so of each policy: {', '.join(KINDS)} or NULL.",
)
@click.option(
    "--keep",
    metavar="NAME",
    multiple=True,
    help="Repeat this column of IN beside each finding, such as an ARN. Repeatable.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Check with this many processes, instead of one for each processor.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors alone.")
@catalog_options
@click.pass_context
def check_many(
    ctx: click.Context,
    /,
    source: str,
    target: str,
    column: str | None,
    kind: str | None,
    kind_column: str | None,
    keep: tuple[str, ...],
    jobs: int | None,
    quiet: bool,
    database: str | None,
    as_of: str | None,
) -> None:
    """Check tables of policies into a table of findings.

    For as many policies as there are: memory stays flat, and a run that was stopped is continued
    (needs the extra iam-catalog[parquet]).

    Example:

    \b
        iam-catalog check-many policies.parquet findings --keep arn
    """
    if kind is not None and kind_column is not None:
        raise click.UsageError("Give the kind once: --kind for all policies, or --kind-column.")
    from pathlib import Path

    many = _engine()
    from iam_catalog.sql.tables import Columns

    open_catalog(database, as_of).close()  # refused before any process starts
    order = many.Order(
        Columns(column, kind_column, tuple(dict.fromkeys(keep))), kind, database, as_of
    )
    report = _reporter(quiet)
    try:
        progress = many.check_many(
            Path(source), Path(target), order, jobs=jobs or _processors(), report=report
        )
    except KeyboardInterrupt:
        click.echo("\nInterrupted: the same command goes on from here.", err=True)
        ctx.exit(INTERRUPTED)
    for text in progress.failed:
        click.echo(printable(f"Error: {text}"), err=True)
    if not quiet:
        click.echo(_summary(progress, target), err=True)
    ctx.exit(1 if progress.failed else 0)


def _engine() -> ModuleType:
    """Return what checks. Raises `CatalogError` where the extra is missing."""
    try:
        import pyarrow  # noqa: F401   the next import is ours
    except ImportError as error:
        raise CatalogError(
            "pyarrow, which reads and writes Parquet, is not installed:"
            " pip install 'iam-catalog[parquet]'"
        ) from error
    from iam_catalog.sql import many

    return many


def _processors() -> int:
    """Count the processors that this process may use, which a container can limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reporter(quiet: bool) -> Callable[[CheckedSoFar], None]:
    """Return what writes lines of progress: one on a terminal, one in a while elsewhere."""
    terminal = sys.stderr.isatty()
    start = last = time.monotonic()

    def report(progress: CheckedSoFar) -> None:
        nonlocal last
        now = time.monotonic()
        if quiet or now - last < (1.0 if terminal else _SECONDS):
            return
        last = now
        rate = progress.now.rows / max(now - start, 1e-9)
        text = f"{_amounts(progress)}, {rate:,.0f} rows/s"
        click.echo(f"\r\x1b[K{text}" if terminal else text, err=True, nl=not terminal)

    return report


def _amounts(progress: CheckedSoFar) -> str:
    rows = progress.before.rows + progress.now.rows
    findings = progress.before.findings + progress.now.findings
    files = f"{progress.files_done:,} of {progress.files:,} files"
    return f"{files}, {rows:,} rows, {findings:,} findings"


def _summary(progress: CheckedSoFar, target: str) -> str:
    """`2 of 2 files, 1,000 rows, 4,321 findings in 'findings'`, and what else there is to say."""
    text = f"{_amounts(progress)} in {target!r}"
    asides = []
    if progress.before.rows:
        asides.append(f"{progress.before.rows:,} rows were checked before")
    if missing := progress.before.without_policy + progress.now.without_policy:
        asides.append(f"{missing:,} rows have no policy")
    if unread := progress.before.unreadable + progress.now.unreadable:
        asides.append(f"{unread:,} policies cannot be read")
    if progress.other_files:
        asides.append(f"{progress.other_files:,} files of other kinds are left out")
    if progress.failed:
        asides.append(f"{len(progress.failed):,} files cannot be read")
    line = f"{text}{': ' if asides else ''}{', '.join(asides)}"
    return f"\r\x1b[K{line}" if sys.stderr.isatty() else line
