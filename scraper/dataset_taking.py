"""Takes a public dataset into the mirror: kept as published, with its name, version and date."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from scraper.dataset_files import ADDRESSES, LICENCES, Dataset, identify
from scraper.datasets import read_dataset
from scraper.dates import is_date
from scraper.errors import SourceError
from scraper.mirror import DATASETS
from scraper.pages import ServicePage
from scraper.sources import MANIFEST


@dataclass(frozen=True, slots=True)
class Taken:
    """A dataset that is in the mirror now."""

    dataset: Dataset
    folder: Path
    pages: tuple[ServicePage, ...]


def take_dataset(file: Path, mirror: Path, version: str | None, date: str | None) -> Taken:
    """Copy the dataset *file* to a folder of its own below *mirror*, whole or not at all.

    *version* and *date* say what the file does not say itself. One that is there already is
    replaced. Raises `SourceError` where the file is no known dataset, or its date is not known.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SourceError(f"Can not read {str(file)!r}: {error.strerror}.") from error
    dataset = described(file, content, version, date)
    pages = read_dataset(dataset, file.name, content)
    folder = mirror / DATASETS / dataset.label.replace(" ", "-")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as temporary:
            new = Path(temporary) / "new"
            new.mkdir()
            (new / file.name).write_bytes(content)
            manifest = json.dumps(manifest_of(dataset, file.name, content), indent=2)
            (new / MANIFEST).write_text(f"{manifest}\n", encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            new.replace(folder)
    except OSError as error:
        raise SourceError(f"Can not write {str(folder)!r}: {error.strerror}.") from error
    return Taken(dataset, folder, tuple(pages))


def described(file: Path, content: bytes, version: str | None, date: str | None) -> Dataset:
    """The dataset, with version and date; the file's own word counts more than what is given."""
    dataset = identify(content)
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
            "--date YYYY-MM-DD."
        )
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
