"""Keep the mirror: one folder a day, which `scraper.sources` reads, and what older days tell.

    mirror/2026-11-22/manifest.json                        each file with address, headers, sha256
                      service-authorization/list_connect.md
                      service-reference/connect.json
                      .reference_policies_condition-keys.md   documents: no service's pages
    mirror/.fetch/2026-11-22/                              the day while it is fetched
                  refused/                                 texts that were no page, to look at

A day takes its place whole, when its run has ended; until then each kept file has a line in a
journal, and the next run goes on from there. Bytes that an older day holds are linked, not stored
again: a day is complete by itself, and may be removed without harm to the others.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from iam_catalog.files import link_file, write_file
from scraper.fetch.addresses import (
    JSON,
    PAGE_FORMS,
    REFERENCE_FOLDER,
    Candidate,
    name_of,
)
from scraper.fetch.errors import FetchError, FetchStopped
from scraper.fetch.http import Answer, Known
from scraper.mirror import WORK, days_in, stored_manifest
from scraper.sources import MANIFEST, PAGES_FOLDER, read_manifest

REFUSED = "refused"
REPLACED = "replaced-"
JOURNAL = ".journal.jsonl"
ABOUT = (
    "Texts as they were served on this day. 'url' is the address asked, 'landed' where it "
    "redirected to; null means unknown, and for a licence: not stated."
)
PUBLISHER = "Amazon Web Services"
DOCS_LICENCE = "CC BY-SA 4.0"
DOCS_LICENCE_URL = "https://creativecommons.org/licenses/by-sa/4.0/"
FOLDERS = {"docs": PAGES_FOLDER, "json": REFERENCE_FOLDER}


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept text, as the manifest and the journal list it."""

    path: str
    """Relative to the folder of the day; a name that begins with a dot is a document's."""
    title: str | None
    publisher: str | None
    url_then: str
    url: str
    landed: str | None
    """The address at which redirects ended; None where there were none."""
    date: str
    licence: str | None
    licence_url: str | None
    status: int
    headers: dict[str, str]
    bytes: int
    sha256: str

    @property
    def is_document(self) -> bool:
        return self.path.startswith(".")


def read_entry(value: dict[str, Any]) -> Entry | None:
    """Return the entry that an object was written from; None for one of another kind."""
    try:
        entry = Entry(**value)
    except TypeError:
        return None
    texts = (entry.path, entry.url, entry.sha256, entry.date)
    if not all(isinstance(each, str) for each in texts) or not isinstance(entry.headers, dict):
        return None
    inside = ".." not in PurePosixPath(entry.path).parts and not entry.path.startswith("/")
    return entry if inside else None


class Mirror:
    """The folder of all days, and what is known from them."""

    def __init__(self, root: Path, date: str) -> None:
        self.root = root
        self.date = date
        """The day of the run; texts are compared with those up to it."""
        self.work = root / WORK
        self.known_urls: dict[str, tuple[Path, Entry]] = {}
        self.known_bytes: dict[str, Path] = {}

    def days(self) -> list[Path]:
        """Return the folders of days, oldest first."""
        return days_in(self.root)

    def recover(self) -> None:
        """Finish what a killed run left between two steps of `Day.swap`, and clear up."""
        shutil.rmtree(self.work / REFUSED, ignore_errors=True)
        for replaced in sorted(self.work.glob(f"{REPLACED}*")):
            day = self.root / replaced.name.removeprefix(REPLACED)
            if day.exists():
                shutil.rmtree(replaced)
            else:
                replaced.rename(day)

    def learn(self) -> None:
        """Read what older runs kept; of an address, the newest counts."""
        for day in self.days():
            for entry in _entries_of(day):
                self._remember(day, entry)
        for day in days_in(self.work):
            for entry in _journal_of(day):
                self._remember(day, entry)

    def _remember(self, day: Path, entry: Entry) -> None:
        path = day / entry.path
        self.known_bytes[entry.sha256] = path
        if day.name <= self.date:
            self.known_urls[entry.url] = (path, entry)

    def known(self, url: str) -> Known | None:
        """Return the file that is known of an address, if its bytes are what they should be."""
        if url not in self.known_urls:
            return None
        path, entry = self.known_urls[url]
        if not holds(path, entry.sha256):
            return None
        headers = entry.headers
        return Known(path, entry.sha256, headers.get("etag"), headers.get("last-modified"))

    def older_size(self, url: str) -> int:
        """Return bytes of the last text of an address; 0 for none."""
        _, entry = self.known_urls.get(url, (None, None))
        return entry.bytes if entry else 0

    def last_listed(self, group: str) -> tuple[str, int] | None:
        """Return the newest day whose list of a group was whole, and how many names it had.

        A line of it that could not be used is listed as it is written, and is no name.
        """
        for day in reversed(self.days()):
            whole = _read_whole(day) if day.name <= self.date else {}
            names = whole.get("listed", {}).get(group)
            if isinstance(names, list) and names:
                failed = {each["url"] for each in whole["failures"] if isinstance(each, dict)}
                return day.name, len([name for name in names if name not in failed])
        return None

    def was_checked(self, candidate: Candidate, title: str | None) -> bool:
        """Return True if the known text of an address was kept for the same service and title."""
        _, older = self.known_urls.get(candidate.url, (None, None))
        if older is None or older.path != candidate.path:
            return False
        return older.title is None or title is None or _is_titled(older.title, title)

    def refuse(self, candidate: Candidate, content: bytes) -> None:
        """Keep a text that is not a page for review until the next run."""
        name = PurePosixPath(candidate.path).name.lstrip(".")
        write_file(self.work / REFUSED / name, content)


def _is_titled(whole: str, title: str) -> bool:
    """Return True if a page's title ends with the service's name, as the index gives it."""
    first, second = (" ".join(each.split()).casefold() for each in (whole, title))
    return first.endswith(second)


def _journal_of(day: Path) -> Iterator[Entry]:
    """Yield what a run that did not end had kept."""
    for value in read_lines(day / JOURNAL):
        if entry := read_entry(value):
            yield entry


class Day:
    """The day that a run fetches: its files are gathered aside, and published at the end."""

    def __init__(self, mirror: Mirror, date: str) -> None:
        self.mirror = mirror
        self.date = date
        self.staging = mirror.work / date
        self.final = mirror.root / date
        self.entries: dict[str, Entry] = {}
        """By path, what this run kept, or the run that it continues."""
        self.continued: dict[str, Entry] = {}
        """By address, what an interrupted run of this day had kept."""
        self._check_owner()
        for entry in _journal_of(self.staging):
            if holds(self.staging / entry.path, entry.sha256):
                self.continued[entry.url] = entry

    def _check_owner(self) -> None:
        """Refuse to replace a folder that somebody filled by other means, or a pruned day."""
        pruned = stored_manifest(self.mirror.root, self.date)
        if pruned.exists() and not self.final.exists():
            text = f"{self.date} was pruned, and is not fetched again: name another --date."
            raise FetchStopped("bad-name", str(pruned), text)
        if not self.final.exists():
            return
        listed = {entry.path for entry in _entries_of(self.final)} | {MANIFEST, JOURNAL}
        for path in self.final.rglob("*"):
            if path.is_file() and path.relative_to(self.final).as_posix() not in listed:
                text = "no fetch put it there: move it elsewhere, and run again."
                raise FetchStopped("bad-name", str(path), text)

    def keep(self, candidate: Candidate, answer: Answer, content: bytes, title: str | None) -> bool:
        """Keep *content*, which an address gave or which still holds; whether it is new."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.staging / candidate.path
        older = self.mirror.known_bytes.get(sha256)
        if older and holds(older, sha256):
            link_file(older, path)
        else:
            write_file(path, content)
        before = self.mirror.known_urls.get(candidate.url)
        entry = self.entry(candidate, answer, title, content)
        _append_line(self.staging / JOURNAL, asdict(entry))
        self.entries[entry.path] = entry
        self.mirror.known_bytes[sha256] = path
        return before is None or before[1].sha256 != sha256

    def entry(
        self, candidate: Candidate, answer: Answer, title: str | None, content: bytes
    ) -> Entry:
        _, older = self.mirror.known_urls.get(candidate.url, (None, None))
        sha256 = hashlib.sha256(content).hexdigest()
        # An answer that nothing changed need not repeat the headers of the text.
        headers = {**(older.headers if older and answer.status == 304 else {}), **answer.headers}
        is_docs = candidate.form is not JSON
        return Entry(
            path=candidate.path,
            title=older.title if older and older.sha256 == sha256 else title,
            publisher=PUBLISHER,
            url_then=candidate.url,
            url=candidate.url,
            landed=answer.url if answer.url != candidate.url else None,
            date=self.date,
            licence=DOCS_LICENCE if is_docs else None,
            licence_url=DOCS_LICENCE_URL if is_docs else None,
            status=answer.status,
            headers=headers,
            bytes=len(content),
            sha256=sha256,
        )

    def resume(self, candidate: Candidate) -> Entry | None:
        """Return what the interrupted run had kept of an address."""
        entry = self.continued.get(candidate.url)
        if entry and entry.path == candidate.path:
            self.entries[entry.path] = entry
            return entry
        return None

    def publish(self, listed: dict[str, list[str]], failures: Iterable[FetchError]) -> bool:
        """Put the day in its place, with what an earlier run of it kept; whether it is complete.

        *listed* has the names of each group whose list this run read.
        """
        earlier = _read_whole(self.final)
        listed = {**earlier.get("listed", {}), **listed}
        for entry in self.continued.values():
            self._adopt(entry, self.staging, listed)
        for entry in list(_entries_of(self.final)):
            self._adopt(entry, self.final, listed)
        complete = "docs" in listed and not any(
            missing(names, FOLDERS[group], self.entries) for group, names in listed.items()
        )
        ordered = [self.entries[path] for path in sorted(self.entries)]
        manifest = {
            "about": ABOUT,
            "complete": complete,
            "listed": listed,
            "failures": [error.as_entry() for error in failures],
            "documents": [asdict(each) for each in ordered if each.is_document],
            "files": [asdict(each) for each in ordered if not each.is_document],
        }
        self._remove_strays()
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        write_file(self.staging / MANIFEST, text.encode())
        self._swap()
        return complete

    def _adopt(self, entry: Entry, folder: Path, listed: dict[str, list[str]]) -> None:
        """Take over what another run of this day kept, unless this run knows better."""
        if entry.path in self.entries or self._is_superseded(entry, listed):
            return
        if folder != self.staging:
            link_file(folder / entry.path, self.staging / entry.path)
        self.entries[entry.path] = entry

    def _is_superseded(self, entry: Entry, listed: dict[str, list[str]]) -> bool:
        """Return True if the list no longer names it, or the run kept it in another form."""
        path = PurePosixPath(entry.path)
        if any(path.with_suffix(form.suffix).as_posix() in self.entries for form in PAGE_FORMS):
            return True
        for group, folder in FOLDERS.items():
            if path.parent.as_posix() == folder and group in listed:
                return name_of(path) not in listed[group]
        return False

    def _remove_strays(self) -> None:
        """Drop what no entry names: half-written files, and pages kept under an older list."""
        for path in sorted(self.staging.rglob("*")):
            name = path.relative_to(self.staging).as_posix()
            if path.is_file() and name != JOURNAL and name not in self.entries:
                path.unlink()

    def _swap(self) -> None:
        """Publish the day by two renames; `Mirror.recover` knows what to do after each of them."""
        replaced = self.mirror.work / f"{REPLACED}{self.date}"
        if self.final.exists():
            self.final.rename(replaced)
        self.staging.rename(self.final)
        # The journal goes last: up to here, a run that was killed can go on from it.
        (self.final / JOURNAL).unlink(missing_ok=True)
        if replaced.exists():
            shutil.rmtree(replaced)
        # What older runs left is of no more use: this day has all of it that is current.
        for day in days_in(self.mirror.work):
            if day.name <= self.date:
                shutil.rmtree(day)


def missing(names: Iterable[str], folder: str, entries: Iterable[str]) -> list[str]:
    """Return the listed names that have no file."""
    paths = [PurePosixPath(path) for path in entries]
    there = {name_of(path) for path in paths if path.parent.as_posix() == folder}
    return [name for name in names if name not in there]


def _read_whole(day: Path) -> dict[str, Any]:
    """Return the manifest of a day; empty where there is none. Raises `SourceError`."""
    path = day / MANIFEST
    if not path.is_file():
        return {}
    manifest = read_manifest(path)
    return {
        "listed": {},
        "documents": [],
        "failures": [],
        **_manifest_fields(path),
        "files": manifest.entries,
    }


def _manifest_fields(path: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: whole[name]
        for name, kind in (("listed", dict), ("documents", list), ("failures", list))
        if isinstance(whole.get(name), kind)
    }


def _entries_of(day: Path) -> Iterator[Entry]:
    """Yield the documents and the files of a day."""
    whole = _read_whole(day)
    if whole:
        for value in (*whole["documents"], *whole["files"].values()):
            if isinstance(value, dict) and (entry := read_entry(value)):
                yield entry


def holds(path: Path, sha256: str) -> bool:
    """Return True if the file is there, with these bytes."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def _append_line(path: Path, value: dict[str, Any]) -> None:
    """Add one JSON object to a journal; a line that a crash cuts off is passed over later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        # On a line of its own, also behind half a line of a run that was killed.
        file.write(b"\n" + json.dumps(value).encode() + b"\n")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole lines of a journal; none where there is no journal."""
    if not path.is_file():
        return
    for line in path.read_bytes().split(b"\n"):
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                yield value
