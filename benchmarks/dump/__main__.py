"""The command line of dumps: `write` one, and `compare` two."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from benchmarks.dump.areas import areas
from benchmarks.dump.catalogs import CHECKOUT, CORPORA, sources
from benchmarks.dump.compare import as_text, compare
from benchmarks.dump.write import Done, write_dump


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Write every answer of the catalog into a folder, and compare two such folders.

    Example:

    \b
        python -m benchmarks.dump write before
        python -m benchmarks.dump write after
        python -m benchmarks.dump compare before after
    """


@main.command()
@click.argument("output", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--corpora", is_flag=True, help="Ask catalogs of real pages too.")
@click.option(
    "--sample",
    default=200,
    show_default=True,
    help="Of each kind of subject so many are asked about; 0 for all.",
)
@click.option("--seed", default="", help="Draws other subjects.")
@click.option(
    "--policies",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="A folder of policies to ask about besides those of data/policies; can be repeated.",
)
@click.option(
    "--area", "only", multiple=True, type=click.Choice(list(areas())), help="Only this area."
)
@click.option("--jobs", default=os.cpu_count() or 1, help="Processes at once.")
def write(
    output: Path,
    corpora: bool,
    sample: int,
    seed: str,
    policies: tuple[str, ...],
    only: tuple[str, ...],
    jobs: int,
) -> None:
    """Write a dump into OUT, a folder that is not there yet.

    Exits with 1 if an area failed; the others are written all the same.
    """
    if output.exists():
        raise click.ClickException(f"{str(output)!r} is there already: name a new folder.")
    if corpora and not CORPORA.is_dir():
        raise click.ClickException(f"No folder {str(CORPORA)!r}: set IAM_CATALOG_CORPORA.")
    done = write_dump(
        output,
        sources(corpora),
        sample=sample,
        seed=seed,
        policies=(str(CHECKOUT / "data" / "policies"), *policies),
        jobs=jobs,
        only=only,
        report=say,
    )
    if any(each.failed for each in done):
        sys.exit(1)


def say(done: Done) -> None:
    what = f"failed: {done.failed}" if done.failed else f"{done.answers:,} answers"
    click.echo(f"{done.catalog}/{done.area}: {what}, {done.seconds:.1f} s", err=True)


@main.command("compare")
@click.argument("old", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--examples", default=3, show_default=True, help="Of each kind of difference.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def compare_command(old: Path, new: Path, examples: int, as_json: bool) -> None:
    """Print what differs between the dumps OLD and NEW; exit with 1 if anything does."""
    found = compare(old, new, examples)
    if as_json:
        click.echo(json.dumps([each.as_object() for each in found if each.differs], indent=1))
    else:
        for line in as_text(found):
            click.echo(line)
    if any(each.differs for each in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
