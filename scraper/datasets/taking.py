"""Takes a public dataset into the mirror: kept as published, with its name, version and date."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scraper.datasets.files import ADDRESSES, LICENCES, Dataset, identify
from scraper.datasets.pages_of_files import read_dataset
from scraper.dates import is_date
from scraper.errors import BuildRefused, SourceError
from scraper.guards.base import Allowance, Judged, trip_lines
from scraper.guards.datasets import dataset_trips
from scraper.mirror import DATASETS, is_mirror
from scraper.page.model import ServicePage
from scraper.sources import MANIFEST, Source, read_collections, refuse_tomorrow, unlike


@dataclass(frozen=True, slots=True)
class Taken:
    """A dataset that is in the mirror now."""

    dataset: Dataset
    folder: Path
    """Where it is, also if it was there already: below the mirror, or in `data/`."""
    pages: tuple[ServicePage, ...] = ()
    """What it says; none where its bytes were there already, and nothing was done."""
    judged: tuple[Judged, ...] = ()
    """What the guard saw, and why it may stand."""


def take_dataset(
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
    is held; `BuildRefused` for one that lost too much.
    """
    if content is None:
        content = _read(file)
    digest = hashlib.sha256(content).hexdigest()
    held = _held(mirror, beside)
    for root, source in held:
        if source.sha256 == digest and source.dataset:
            return Taken(replace(source.dataset, date=source.date), (root / source.path).parent)
    dataset = described(file, content, version, date)
    own = Source(str(file), content, digest, dataset.date, dataset=dataset)
    unlike([*(replace(source, path=str(root / source.path)) for root, source in held), own])
    pages = read_dataset(dataset, file.name, content)
    judged = _judged(dataset, pages, [source for _, source in held], accept)
    folder = mirror / DATASETS / dataset.label.replace(" ", "-")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as temporary:
            new = Path(temporary) / "new"
            new.mkdir()
            (new / file.name).write_bytes(content)
            manifest = json.dumps(manifest_of(dataset, file.name, content), indent=2)
            (new / MANIFEST).write_text(f"{manifest}\n", encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)  # without a manifest it was not one
            new.replace(folder)
    except OSError as error:
        raise SourceError(f"Can not write {str(folder)!r}: {error.strerror}.") from error
    return Taken(dataset, folder, tuple(pages), judged)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SourceError(f"Can not read {str(file)!r}: {error.strerror}.") from error


def _held(mirror: Path, beside: Sequence[Path]) -> list[tuple[Path, Source]]:
    """Return the datasets of the mirror, and of the folders beside it, each with its folder."""
    roots = [*beside, *([mirror] if is_mirror(mirror) else [])]
    return [
        (root, source)
        for root in roots
        for collection in read_collections([root], full=True)
        for source in collection.sources
        if source.dataset
    ]


def _judged(
    dataset: Dataset,
    pages: Sequence[ServicePage],
    held: Sequence[Source],
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


def described(file: Path, content: bytes, version: str | None, date: str | None) -> Dataset:
    """The dataset, with version and date; the file's own word counts more than what is given."""
    try:
        dataset = identify(content)
    except SourceError as error:
        raise SourceError(f"{str(file)!r}: {error}") from error
    if dataset is None:
        known = ", ".join(ADDRESSES)
        raise SourceError(
            f"{str(file)!r} is no dataset that is known ({known}): expected its archive or its "
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


def manifest_of(dataset: Dataset, file: str, content: bytes) -> dict[str, object]:
    return {
        "complete": False,
        "files": [
            {
                "path": file,
                "title": dataset.label,
                "publisher": dataset.name,
                "url": ADDRESSES[dataset.name],
                "date": dataset.date,
                "licence": LICENCES[dataset.name],
                "dataset": {"name": dataset.name, "version": dataset.version},
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        ],
    }
