"""`python -m scraper`: build, check, parse and add.

Exit codes: 0 done, 1 refused or impossible, 2 a mistyped command line. Data goes to standard
output, messages to standard error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import click

from iam_catalog.database import open_database
from iam_catalog.errors import CatalogError
from iam_catalog.facts import about as freshness
from iam_catalog.words import printable
from scraper.add import Details, add_page
from scraper.build import Reading, build_catalog, count, read_pages
from scraper.cli.check import (
    REFUSED,
    kind_lines,
    merge_lines,
    problem_lines,
    reading_as_json,
    reading_as_lines,
    total_line,
)
from scraper.cli.datasets import dataset
from scraper.datasets.history import history
from scraper.errors import BuildRefused, ScraperError, SourceError
from scraper.formats.registry import parse_bytes
from scraper.guards.publish import was_refused
from scraper.guards.registry import guard_lines, trip_lines
from scraper.guards.report import report_line
from scraper.inputs import CATALOG, CHECKOUT, DATA, FULL, inputs, staleness, write_record
from scraper.mirror import MIRROR, has_sources, mirror_line
from scraper.page.model import page_as_json
from scraper.prune import prune
from scraper.service_names.clients import derive_clients, unknown_prefixes
from scraper.service_names.rows import read_service_names
from scraper.sources import MANIFEST

CACHE = CHECKOUT / ".cache" / "pages"
STATES = CACHE.with_name("merged")
Command = TypeVar("Command", bound=Callable[..., Any])


class ScraperGroup(click.Group):
    """Turn every `ScraperError` into a message and exit code 1.

    Knows the command `fetch` by name only, until it is asked for: httpx is slow to import.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "fetch"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "fetch":
            return super().get_command(ctx, cmd_name)
        from scraper.cli.fetch import fetch

        return fetch

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ScraperError as error:
            raise click.ClickException(str(error)) from error


def _reading_options(command: Command) -> Command:
    """Add the options that choose pages, their dates, and the problems that are accepted."""
    for option in (
        click.argument("more", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path)),
        click.option(
            "--accept",
            metavar="KIND|GUARD",
            multiple=True,
            help="Accept problems of a kind this time, or all that a guard sees.",
        ),
        click.option(
            "--no-datasets",
            is_flag=True,
            help="Pass over public datasets: only what AWS published counts.",
        ),
        click.option(
            "--full",
            is_flag=True,
            help="Read the public datasets of data/ too, which bring all of AWS. With --mirror,"
            " there need be no mirror yet.",
        ),
        click.option(
            "--no-cache", is_flag=True, help="Parse every page anew, and merge all dates anew."
        ),
        click.option(
            "--complete",
            is_flag=True,
            help="The folders are complete: a newer one withdraws pages that it lacks.",
        ),
        click.option(
            "--mirror",
            metavar="[DIR]",
            type=click.Path(path_type=Path, file_okay=False),
            is_flag=False,
            flag_value=str(MIRROR),
            help="Read every fetched day and public dataset of a mirror too, by default those of"
            " the folder mirror; each day says itself whether it is complete.",
        ),
        click.option("--date", help="The date of files in no dated folder, YYYY-MM-DD."),
        click.option(
            "--data",
            type=click.Path(path_type=Path),
            multiple=True,
            help="A folder of source pages, or a page; further ones may follow. Folders may be"
            " named by dates, and a manifest.json is enforced.  [default: data]",
        ),
    ):
        command = option(command)
    return command


def read(
    data: tuple[Path, ...],
    more: tuple[Path, ...],
    mirror: Path | None,
    date: str | None,
    complete: bool,
    no_cache: bool,
    full: bool,
    no_datasets: bool,
    accept: tuple[str, ...],
    states: Path | None = None,
) -> Reading:
    if not (data or more) and not (DATA / MANIFEST).is_file():
        raise SourceError(f"No {str(DATA / MANIFEST)!r}: restore it, or name a folder with --data.")
    paths = (*data, *more) or (DATA,)
    if mirror:
        if complete:
            raise click.UsageError("--complete does not go with --mirror, which has partial days.")
        if not full or has_sources(mirror):
            click.echo(mirror_line(mirror), err=True)
            paths += (mirror,)
    return read_pages(
        paths,
        date=date,
        complete=complete,
        datasets=not no_datasets,
        full=full,
        accept=accept,
        cache=None if no_cache else CACHE,
        states=None if no_cache else states,
        names=read_service_names(DATA),
    )


@click.group(cls=ScraperGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Turn AWS's service authorization pages into catalog.db.

    Example:

    \b
        python -m scraper build
    """


@cli.command()
@_reading_options
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The catalog to write, with a report of what changed; what lost too much is kept beside it"
    " as catalog.refused.db.  [default: catalog.db; with --mirror the one in that"
    " folder, and with --full the one in the folder mirror]",
)
@click.option(
    "--accept-shrink",
    "shrink",
    metavar="SERVICE",
    multiple=True,
    help="Accept this time that a service, named by its prefix, has lost something or is gone.",
)
def build(
    output: Path | None,
    mirror: Path | None,
    full: bool,
    shrink: tuple[str, ...],
    **reading_of: Any,
) -> None:
    """Build the catalog from the pages of folders, of any formats and dates.

    Example:

    \b
        python -m scraper build --data data --output catalog.db
    """
    if output is None:
        output = (mirror or (MIRROR if full else CHECKOUT)) / CATALOG.name
        output.parent.mkdir(exist_ok=True)
    own = None if shrink else _own_catalog(output, mirror, full, reading_of)
    if own and not reading_of["no_cache"] and _is_current(own):
        say([f"{output}: up to date, nothing changed"])
        return
    # Noted before they are read: what changes meanwhile is built the next time.
    noted = inputs(own) if own else {}
    reading = read(mirror=mirror, full=full, states=STATES, **reading_of)
    say([reading.note] if reading.note else [])
    say(problem_lines(reading, REFUSED))
    try:
        built = build_catalog(reading, output, shrink=shrink)
    except BuildRefused as error:
        say(error.lines)
        raise
    if own:
        write_record(noted, own)
    tables = built.tables
    say(merge_lines(tables))
    say(trip_lines(built.report.judged))
    if built.report.note:
        say([f"{output}: the replaced file was {built.report.note}"])
    say([total_line(reading), f"{output}: {report_line(built.report)}"])
    with closing(open_database(str(output))) as connection:
        about = freshness.about(connection, str(output))
    say([f"{output}: {freshness.dates(about)}: {freshness.all_counts(about)}"])


def _own_catalog(
    output: Path, mirror: Path | None, full: bool, reading_of: dict[str, Any]
) -> Path | None:
    """Return the catalog of the checkout that a build is of, where it reads what `make` reads.

    None for a build of any other sources, and for one that accepts something this once: the same
    sources alone would not give its catalog again.
    """
    if any(value for name, value in reading_of.items() if name != "no_cache"):
        return None
    if full and mirror and mirror.resolve() == MIRROR.resolve():
        own = FULL
    elif not full and mirror is None:
        own = CATALOG
    else:
        return None
    return own if output.resolve() == own.resolve() else None


def _is_current(catalog: Path) -> bool:
    """Return True if *catalog* is what a build would give; a refused build is looked at again."""
    return staleness(catalog) is None and not was_refused(catalog)


def say(lines: Iterable[str]) -> None:
    """Print lines to standard error, without the control characters that names may contain."""
    for line in lines:
        click.echo(printable(line), err=True)


@cli.command()
@_reading_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def check(as_json: bool, **reading_of: Any) -> None:
    """Parse the pages of folders and report, without writing anything.

    Example:

    \b
        python -m scraper check --data data
    """
    reading = read(**reading_of)
    if as_json:
        click.echo(json.dumps(reading_as_json(reading), indent=2, ensure_ascii=False))
    else:
        for line in reading_as_lines(reading):
            click.echo(line)
    click.get_current_context().exit(1 if reading.refused() else 0)


@cli.command()
def kinds() -> None:
    """List the kinds of problems, with what a build does about each, and the guards.

    Example:

    \b
        python -m scraper kinds
    """
    for line in (*kind_lines(), "", *guard_lines()):
        click.echo(line)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def parse(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Print what the parser makes of each file, one JSON object a line.

    Example:

    \b
        python -m scraper parse data/service-authorization/list_amazonconnect.md
    """
    failed = False
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise ScraperError(f"Cannot read {str(file)!r}: {error.strerror}.") from error
        page = parse_bytes(file.name, content)
        failed = failed or any(not problem.accepted for problem in page.problems)
        click.echo(json.dumps(page_as_json(page), ensure_ascii=False))
    ctx.exit(1 if failed else 0)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--data", type=click.Path(path_type=Path), default=DATA, help="The folder.  [default: data]"
)
@click.option("--date", help="When the page was published, YYYY-MM-DD.")
@click.option("--url", help="Where a person can open it today.")
@click.option("--url-then", help="Where it stood when it was published.")
@click.option("--publisher", help="Such as Amazon Web Services.")
@click.option("--licence", help="As far as it is stated.")
@click.option("--licence-url", help="The text of the licence.")
def add(file: Path, data: Path, **details: str | None) -> None:
    """Take a page into the data folder, with its manifest entry.

    Example:

    \b
        python -m scraper add list_sqs.md --date 2026-08-31
    """
    page = add_page(file, data, Details(**details))
    for problem in page.problems:
        click.echo(str(problem), err=True)
    click.echo(f"{page.file}: {page.title} ({page.service_prefix}), added to {data}", err=True)


@cli.command()
@click.argument("wheel", type=click.Path(path_type=Path))
@click.option(
    "--data", type=click.Path(path_type=Path), default=DATA, help="The folder.  [default: data]"
)
@click.option(
    "--catalog",
    type=click.Path(path_type=Path),
    help="Say which clients have a service prefix that this catalog never held.",
)
def clients(wheel: Path, data: Path, catalog: Path | None) -> None:
    """Derive clients.json from a wheel of botocore: SDK clients and the names of their operations.

    Example:

    \b
        python -m scraper clients botocore-1.44.8-py3-none-any.whl
    """
    found = derive_clients(wheel, data)
    operations = sum(len(each.operations) for each in found.clients.values())
    total = count(len(found.clients), "SDK client")
    say([f"{found.source}: {total}, {count(operations, 'operation')}; written to {data}"])
    held = _held_prefixes(catalog) if catalog else None
    for name, prefix in unknown_prefixes(found, held).items():
        say([f"{name}: {f'no service {prefix!r} in {catalog}' if prefix else 'no service prefix'}"])


def _held_prefixes(catalog: Path) -> frozenset[str]:
    """Return the prefixes of all services that a catalog holds or held, in lower case."""
    try:
        connection = open_database(str(catalog))
    except CatalogError as error:
        raise ScraperError(str(error)) from error
    with closing(connection):
        rows = connection.execute(
            "select service_prefix from services union select service_prefix from past_services"
        )
        return frozenset(prefix.lower() for (prefix,) in rows)


cli.add_command(dataset)
cli.add_command(history)
cli.add_command(prune)
