"""The entries of a public dataset -> a `ServicePage` for each service that it describes.

A dataset's entry is read like a page, and is as strict. A dataset has no lines: the place of an
entry is its file and where it is in that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iam_catalog.names import ACCESS_LEVELS
from scraper.page.cells import DEPENDENT_ACTION, is_action_name, is_arn_format
from scraper.page.model import Action, ActionRow, ConditionKey, ResourceType, ServicePage, State
from scraper.page.report import Report
from scraper.page.tables import Cell, Row

Entry = Mapping[str, Any]

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


@dataclass(frozen=True, slots=True)
class RowEntry:
    """What a dataset says in one row of an action."""

    resource_type: str | None
    required: bool
    condition_keys: Iterable[Any]
    dependent_actions: Iterable[Any]
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """What a dataset says of one action."""

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
    """What a dataset says of one resource type."""

    name: Any
    arn_formats: Any
    """With commas between."""
    condition_keys: Iterable[Any]
    place: str


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What a dataset says of one condition key."""

    key: Any
    description: Any
    type: Any
    place: str


@dataclass(slots=True)
class ServiceEntry:
    """What a dataset says of one service."""

    file: str
    format: str
    prefix: str
    slug: str
    name: str | None
    actions: list[ActionEntry]
    resource_types: list[TypeEntry]
    condition_keys: list[KeyEntry]
    place: str
    """Of what it says of the service itself."""


def read_service(entry: ServiceEntry, *, one_of_several: bool, empty: State) -> ServicePage:
    """Read the page that stands for *entry*; what cannot be read is a problem of it.

    *one_of_several*: of the pages of a service, the dataset keeps the rows of one. *empty* is the
    state of a section without entries.
    """
    shared = SHARED.get(entry.prefix) if one_of_several else None
    return _ServiceReader(entry, shared).read(empty)


class _ServiceReader:
    """Reads one service of a dataset; one instance per service."""

    def __init__(self, entry: ServiceEntry, shared: Mapping[str, list[str]] | None) -> None:
        self.entry = entry
        self.shared = shared
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

    def shares(self, section: str, name: str) -> bool:
        """Another page of AWS may say more of the name than the one whose rows are kept."""
        return self.shared is not None and name in self.shared[section]

    def records(self, section: str, entries: list[Any], read: Callable[[Any], Any]) -> list[Any]:
        """The records of a list; an entry that can not be read is a row in error."""
        self.report.found(section, len(entries))
        found = []
        for ordinal, entry in enumerate(entries):
            row = Row((Cell("", ()),), 0, ordinal=ordinal)
            try:
                found.append(read(entry))
            except (ValueError, TypeError, AttributeError, KeyError) as error:
                text = f"{self.entry.prefix}: {error}"
                self.report.row_error(section, row, "unreadable-entry", text, place=entry.place)
            else:
                self.report.recorded(section, row)
        return found

    def action(self, entry: ActionEntry) -> Action:
        name = text_of(entry.name, "an action's name")
        if not is_action_name(name):
            raise ValueError(f"{name!r} is no action's name")
        levels: tuple[str, ...] = ()
        if entry.access_level is not None:
            words = text_of(entry.access_level, "a level").split(",")
            levels = tuple(word.strip() for word in words)
        if unknown := [level for level in levels if level not in ACCESS_LEVELS]:
            raise ValueError(f"{name} has the access level {unknown[0]!r}")
        return Action(
            name,
            entry.description or None,
            levels,
            entry.permission_only,
            entry.url or None,
            None,
            tuple(self.row(row) for row in entry.rows),
            place=entry.place,
            incomplete=self.shares("actions", name),
            own_level=entry.own_level,
        )

    def row(self, row: RowEntry) -> ActionRow:
        dependents = texts_of(row.dependent_actions)
        for each in dependents:
            if not DEPENDENT_ACTION.fullmatch(each):
                raise ValueError(f"{each!r} is no dependent action")
        keys = texts_of(row.condition_keys)
        return ActionRow(
            row.scenario, row.resource_type or None, row.required, keys, dependents, None
        )

    def resource_type(self, entry: TypeEntry) -> ResourceType:
        name = text_of(entry.name, "a resource type")
        formats = text_of(entry.arn_formats, "an ARN format").split(", ")
        texts = tuple(text.strip() for text in formats)
        if not all(is_arn_format(text) for text in texts):
            raise ValueError(f"{name} has the ARN format {entry.arn_formats!r}")
        return ResourceType(
            name,
            texts,
            texts_of(entry.condition_keys),
            None,
            None,
            place=entry.place,
            incomplete=self.shares("resource_types", name),
        )

    def condition_key(self, entry: KeyEntry) -> ConditionKey:
        key = text_of(entry.key, "a condition key")
        return ConditionKey(
            key, entry.description or None, entry.type or None, None, None, place=entry.place
        )


def text_of(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not the text of {what}")
    return value.strip()


def texts_of(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text_of(value, "a name") for value in values))
