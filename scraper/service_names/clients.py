"""SDK clients: a wheel of botocore -> `data/clients.json` -> what a build knows of them.

The wheel is read as an archive, never installed or run. The file holds names only, one client a
line, so that a newer wheel gives a diff that a person can read.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from scraper.add import write_manifest
from scraper.datasets.base import LARGEST_MEMBER, members
from scraper.errors import SourceError
from scraper.sources import MANIFEST, read_manifest

CLIENTS = "clients.json"
"""The name of the derived file in the data folder."""
COMMAND = "python -m scraper clients"
PREFIXES = Path(__file__).with_name("client_prefixes.json")
LIKELY = Path(__file__).with_name("likely_actions.json")
REFERENCE = "https://docs.aws.amazon.com/goto/WebAPI"
"""Where AWS's addresses of API operations begin: a client's `uid` and the operation follow."""
MODEL = re.compile(r"botocore/data/([\w.-]+)/(\d{4}-\d{2}-\d{2})/service-2\.json(?:\.gz)?")
METADATA = re.compile(r"[\w.+-]+\.dist-info/METADATA")


@dataclass(frozen=True, slots=True)
class SdkClient:
    """An SDK client, as botocore describes it."""

    service_prefix: str | None
    """The one of IAM; None where none is known."""
    signing_name: str
    endpoint_prefix: str
    service_id: str
    """`Elastic Load Balancing v2`"""
    name: str
    """botocore's `serviceFullName`."""
    uid: str
    """Name and API version, as AWS's addresses of API operations have them."""
    operations: list[str]
    """Sorted."""
    http_methods: dict[str, list[str]] | None = None
    """The operations by HTTP method, where the actions of the service are the methods."""

    def reference_of(self, operation: str) -> str:
        """Return the address that leads to *operation* in AWS's API Reference."""
        return f"{REFERENCE}/{self.uid}/{operation}"


@dataclass(frozen=True, slots=True)
class Clients:
    """All SDK clients by their names in code, and the wheel that they were derived from."""

    derived_from: dict[str, str]
    """`name`, `version`, `date`, `licence` and `sha256` of the wheel."""
    clients: dict[str, SdkClient]

    @property
    def source(self) -> str:
        """Return name and version of the wheel."""
        return f"{self.derived_from['name']} {self.derived_from['version']}"


def derive_clients(wheel: Path, data: Path) -> Clients:
    """Write `clients.json` of *data* from a wheel of botocore, and its entry in the manifest.

    The same wheel gives the same bytes. Raises `SourceError` where *wheel* is not a wheel of
    botocore, or is damaged, or where *data* has no manifest; nothing is written then.
    """
    try:
        content = wheel.read_bytes()
    except OSError as error:
        raise SourceError(f"Cannot read {str(wheel)!r}: {error.strerror}.") from error
    manifest = data / MANIFEST
    if not manifest.is_file():
        raise SourceError(f"No {MANIFEST} in {str(data)!r}: name a data folder with --data.")
    entries = read_manifest(manifest).entries
    found = _read_wheel(wheel.name, content)
    text = _file_text(found).encode()
    entries[CLIENTS] = _manifest_entry(found, wheel.name, hashlib.sha256(text).hexdigest())
    try:
        (data / CLIENTS).write_bytes(text)
        write_manifest(manifest, entries)
    except OSError as error:
        raise SourceError(f"Cannot write {error.filename!r}: {error.strerror}.") from error
    return found


def read_clients(data: Path) -> Clients:
    """Read `clients.json` of *data*, which must be the file that the manifest lists.

    Raises `SourceError`, which names the file and the remedy, where it is missing, changed or
    broken.
    """
    path = data / CLIENTS
    remedy = f"restore it, or derive it anew with '{COMMAND} WHEEL'."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"Cannot read {str(path)!r} ({error.strerror}): {remedy}") from error
    entry = read_manifest(data / MANIFEST).entries.get(CLIENTS)
    sha256 = hashlib.sha256(content).hexdigest()
    if entry is None:
        raise SourceError(f"{str(path)!r} is not listed in {MANIFEST}: {remedy}")
    if entry.get("sha256") != sha256:
        raise SourceError(
            f"{str(path)!r} does not match its sha256 in {MANIFEST} (file {sha256}, manifest "
            f"{entry.get('sha256')}): {remedy}"
        )
    try:
        whole = json.loads(content)
        clients = {name: SdkClient(**each) for name, each in whole["clients"].items()}
        return Clients(dict(whole["derived_from"]), clients)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{str(path)!r} cannot be read ({type(error).__name__}: {error}): {remedy}"
        ) from error


def unknown_prefixes(found: Clients, held: frozenset[str] | None) -> dict[str, str | None]:
    """Return the clients without a service prefix, or with one that is none of *held*.

    *held* is in lower case; None where nobody knows which services there are.
    """
    return {
        name: client.service_prefix
        for name, client in found.clients.items()
        if client.service_prefix is None
        or (held is not None and client.service_prefix.lower() not in held)
    }


def _read_wheel(file: str, content: bytes) -> Clients:
    """Read each client of a wheel, in the newest version of its API."""
    prefixes = json.loads(PREFIXES.read_text(encoding="utf-8"))["clients"]
    by_method = json.loads(LIKELY.read_text(encoding="utf-8"))["by_http_method"]
    try:
        about = _metadata(content)
        models: dict[str, dict[str, bytes]] = defaultdict(dict)
        for path, text in members(content, MODEL):
            if match := MODEL.fullmatch(path):
                models[match[1]][match[2]] = text
        clients = {
            name: _client(_model(versions[max(versions)]), prefixes.get(name), by_method)
            for name, versions in sorted(models.items())
        }
    # RuntimeError: an encrypted archive, or a model that is nested too deeply.
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise SourceError(
            f"{file!r} cannot be read as a wheel of botocore ({type(error).__name__}: {error}): "
            "fetch it again."
        ) from error
    if about["name"] != "botocore" or not clients:
        raise SourceError(
            f"{file!r} is the wheel of {about['name']!r} with {len(clients)} SDK clients: expected "
            "botocore, with botocore/data/CLIENT/DATE/service-2.json for each."
        )
    return Clients(about, clients)


def _metadata(content: bytes) -> dict[str, str]:
    """Read what a wheel says of itself, with the date of its newest file and its sha256."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        year, month, day, *_ = max(info.date_time for info in archive.infolist())
    ((_, text),) = members(content, METADATA)
    headers = HeaderParser().parsestr(text.decode())
    return {
        "name": headers["Name"],
        "version": headers["Version"],
        "date": f"{year:04}-{month:02}-{day:02}",
        "licence": headers["License-Expression"] or headers["License"],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _model(content: bytes) -> Any:
    """Read the JSON of a model, which may be compressed once more inside the wheel."""
    if content[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(content)) as file:
            content = file.read(LARGEST_MEMBER + 1)
        if len(content) > LARGEST_MEMBER:
            raise ValueError(f"a model has more than {LARGEST_MEMBER:,} bytes")
    return json.loads(content)


def _client(
    model: Any, known: Mapping[str, str | None] | None, by_method: Mapping[str, str]
) -> SdkClient:
    """Return the client of a model.

    *known* is its entry in the table of prefixes, if it has one; *by_method* has the prefixes whose
    actions are HTTP methods.
    """
    about, operations = model["metadata"], model["operations"]
    endpoint = about["endpointPrefix"]
    signing = about.get("signingName", endpoint)
    prefix = known["service_prefix"] if known else signing
    methods: dict[str, list[str]] = defaultdict(list)
    for name, operation in sorted(operations.items()):
        methods[operation["http"]["method"]].append(name)
    return SdkClient(
        prefix,
        signing,
        endpoint,
        about["serviceId"],
        about["serviceFullName"],
        about["uid"],
        sorted(operations),
        dict(sorted(methods.items())) if prefix in by_method else None,
    )


def _file_text(found: Clients) -> str:
    """Write the text of the derived file, one client a line."""

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    about = (
        f"The SDK clients of AWS and the names of their operations. Derived with '{COMMAND} WHEEL',"
        " never edited. 'service_prefix' is the one of IAM, null where none is known."
    )
    lines = []
    for name, client in found.clients.items():
        fields = asdict(client)
        if fields["http_methods"] is None:
            del fields["http_methods"]
        lines.append(f"{line(name)}:{line(fields)}")
    return (
        f'{{\n"about":{line(about)},\n"derived_from":{line(found.derived_from)},\n'
        '"clients":{\n' + ",\n".join(lines) + "\n}\n}\n"
    )


def _manifest_entry(found: Clients, wheel: str, sha256: str) -> dict[str, Any]:
    about = found.derived_from
    return {
        "path": CLIENTS,
        "title": f"SDK clients and their operations, from {found.source}",
        "publisher": "Amazon Web Services",
        "url_then": None,
        "url": "https://github.com/boto/botocore",
        "date": about["date"],
        "licence": about["licence"],
        "licence_url": "https://www.apache.org/licenses/LICENSE-2.0",
        "derived_from": {"name": about["name"], "version": about["version"], "file": wheel}
        | {"sha256": about["sha256"]},
        "derived_by": f"{COMMAND} {wheel}",
        "sha256": sha256,
    }
