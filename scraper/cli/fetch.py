"""`python -m scraper fetch`: options in, one call, lines out."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from scraper.errors import ScraperError, SourceError
from scraper.fetch.addresses import Site
from scraper.fetch.errors import FetchStopped
from scraper.fetch.http import Limits
from scraper.fetch.mirror import REFUSED
from scraper.fetch.progress import Progress
from scraper.fetch.run import Result, Setting, Source, Wanted, fetch_mirror
from scraper.mirror import MIRROR, WORK, is_date
from scraper.sources import folder_date, refuse_tomorrow

MOST_CONNECTIONS = 32


@click.command()
@click.option(
    "--service",
    "services",
    multiple=True,
    help="Only this service, by prefix, slug or title; may be repeated.",
)
@click.option(
    "--source",
    type=click.Choice(["docs", "json", "all"]),
    default="all",
    help="The documentation, the JSON service reference, or both.  [default: all]",
)
@click.option(
    "--from-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Take the texts from this folder, and ask no server.",
)
@click.option("--date", help="When the texts of --from-dir were fetched, YYYY-MM-DD.")
@click.option(
    "--mirror",
    type=click.Path(path_type=Path, file_okay=False),
    default=MIRROR,
    help="Where the days are kept.  [default: mirror]",
)
@click.option("--accept-smaller", is_flag=True, help="Lists and pages may have shrunk by far.")
@click.option(
    "--accept-partial",
    is_flag=True,
    help="Publish a day without some of its texts as a success; the guards of a build look at it.",
)
@click.option(
    "--connections",
    type=click.IntRange(1, MOST_CONNECTIONS),
    default=Limits().connections,
    show_default=True,
    help="How many files are fetched at once.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but what went wrong.")
@click.option("--docs-url", default=Site().docs, help="Another address of the guide's folder.")
@click.option("--keys-url", default=Site().keys, help="The same for the global condition keys.")
@click.option("--reference-url", default=Site().reference, help="The same for the JSON.")
def fetch(
    services: tuple[str, ...],
    source: Source,
    from_dir: Path | None,
    date: str | None,
    mirror: Path,
    accept_smaller: bool,
    accept_partial: bool,
    connections: int,
    quiet: bool,
    docs_url: str,
    keys_url: str,
    reference_url: str,
) -> None:
    """Fetch the live pages into mirror/DATE, where a build can read them.

    What has not changed is not sent again, and a run that was interrupted goes on.

    Example:

    \b
        python -m scraper fetch --service connect --service ssmmessages
    """
    setting = Setting(Site(docs_url, keys_url, reference_url), Limits(connections=connections))
    wanted = Wanted(_day_of(from_dir, date), source, services, accept_smaller)
    result = fetch_mirror(
        mirror,
        wanted,
        folder=from_dir,
        progress=Progress(quiet=quiet),
        setting=setting,
    )
    if result.failures:
        incomplete = IncompleteFetch(result, mirror, quiet)
        if not accept_partial:
            raise incomplete
        click.echo(str(incomplete), err=True)
    elif not quiet:
        click.echo(summary(result), err=True)


class IncompleteFetch(ScraperError):
    """A day was published, but without everything that was asked for."""

    def __init__(self, result: Result, mirror: Path, quiet: bool) -> None:
        # Without --quiet each of them has had its line.
        lines = [str(each) for each in result.failures] if quiet else []
        count = len(result.failures)
        lines.append(
            f"{count:,} {'text was' if count == 1 else 'texts were'} not kept; those that are "
            f"not pages are in {str(mirror / WORK / REFUSED)!r}."
        )
        super().__init__("\n".join([*lines, summary(result)]))
        self.result = result


def _day_of(from_dir: Path | None, date: str | None) -> str:
    """Return the date of the texts: today, or that of the folder which they are taken from."""
    if date is not None and not is_date(date):
        raise FetchStopped("bad-name", "--date", f"{date!r} is not a date: write YYYY-MM-DD.")
    if from_dir is None:
        if date is not None:
            text = "only with --from-dir: what a server sends is of today."
            raise FetchStopped("bad-name", "--date", text)
        return datetime.datetime.now(datetime.UTC).date().isoformat()
    day = date or folder_date(from_dir, None)
    if day is None:
        text = f"the folder {str(from_dir)!r} is named by no date: say with --date when the "
        raise FetchStopped("bad-name", "--from-dir", text + "texts were fetched.")
    try:
        refuse_tomorrow(str(from_dir), day)
    except SourceError as error:
        raise FetchStopped("bad-name", "--date", str(error)) from error
    return day


def summary(result: Result) -> str:
    """Summarise a run in one line."""
    counted = ", ".join(f"{number:,} {what}" for what, number in sorted(result.outcomes.items()))
    state = "complete" if result.complete else "partial"
    return f"{result.folder}: {state}; {counted or 'nothing'}; {result.received:,} bytes received"
