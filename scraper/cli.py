"""`python -m scraper`: build, check, parse and add.

Exit codes: 0 done, 1 refused or impossible, 2 a mistyped command line. Data goes to standard
output, talk to standard error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from scraper.add import Details, add_page
from scraper.build import Reading, build_catalog, count, read_pages
from scraper.check import (
    REFUSED,
    kind_lines,
    merge_lines,
    problem_lines,
    reading_as_json,
    reading_as_lines,
    total_line,
)
from scraper.errors import ScraperError, SourceError
from scraper.page_json import page_as_json
from scraper.parse import parse_bytes
from scraper.sources import MANIFEST

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / "data"
CACHE = CHECKOUT / ".cache" / "pages"
Command = TypeVar("Command", bound=Callable[..., Any])


class ScraperGroup(click.Group):
    """Turns every `ScraperError` into a message and exit code 1.

    Knows the command `fetch` by name only, until it is asked for: httpx is slow to import.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "fetch"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "fetch":
            return super().get_command(ctx, cmd_name)
        from scraper.fetch_command import fetch

        return fetch

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ScraperError as error:
            raise click.ClickException(str(error)) from error


def reading_options(command: Command) -> Command:
    """Which pages are read, and how their dates and problems are taken."""
    for option in (
        click.argument("more", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path)),
        click.option(
            "--accept",
            metavar="KIND",
            multiple=True,
            help="Let problems of a kind stand this time.",
        ),
        click.option("--no-cache", is_flag=True, help="Parse every page anew."),
        click.option(
            "--complete",
            is_flag=True,
            help="The folders are complete: a newer one withdraws pages that it lacks.",
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
    date: str | None,
    complete: bool,
    no_cache: bool,
    accept: tuple[str, ...],
) -> Reading:
    if not (data or more) and not (DATA / MANIFEST).is_file():
        raise SourceError(f"No {str(DATA / MANIFEST)!r}: restore it, or name a folder with --data.")
    return read_pages(
        (*data, *more) or (DATA,),
        date=date,
        complete=complete,
        accept=accept,
        cache=None if no_cache else CACHE,
    )


@click.group(cls=ScraperGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Turn AWS's service authorization pages into catalog.db.

    Example:

    \b
        python -m scraper build
    """


@cli.command()
@reading_options
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=CHECKOUT / "catalog.db",
    help="The catalog to write; it is replaced only when all went well.  [default: catalog.db]",
)
def build(output: Path, **reading_of: Any) -> None:
    """Build the catalog from the pages of folders, of any formats and dates.

    Example:

    \b
        python -m scraper build --data data --output catalog.db
    """
    reading = read(**reading_of)
    for line in problem_lines(reading, REFUSED):
        click.echo(line, err=True)
    tables = build_catalog(reading, output)
    for line in merge_lines(tables):
        click.echo(line, err=True)
    click.echo(total_line(reading), err=True)
    click.echo(
        f"{output}: {count(tables.count('services'), 'service')}, "
        f"{count(tables.count('actions'), 'action')}, "
        f"{count(tables.count('resource_types'), 'resource type')}, "
        f"{count(tables.count('condition_keys'), 'condition key')}, "
        f"{count(tables.count('dependent_actions'), 'dependent-action reference')}",
        err=True,
    )


@cli.command()
@reading_options
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
    """List the kinds of problems, with what a build does about each.

    Example:

    \b
        python -m scraper kinds
    """
    for line in kind_lines():
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
            raise ScraperError(f"Can not read {str(file)!r}: {error.strerror}.") from error
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
