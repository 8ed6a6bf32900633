"""The entries of a public dataset -> a `ServicePage` for each service that it describes.

A dataset's entry is read like a page, and is as strict; what the dataset dropped or never took
over from AWS's pages is what its pages `lack`. An empty list says nothing here: it can not be told
from one that was lost, so the section is `not in source`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from iam_catalog.names import ACCESS_LEVELS
from scraper.cells import DEPENDENT_ACTION, is_action_name, is_arn_format
from scraper.pages import Action, ActionRow, ConditionKey, ResourceType, ServicePage, State
from scraper.report import Report
from scraper.tables import Cell, Row

Entry = Mapping[str, Any]

SHARED = frozenset(
    {"apigateway", "aws-marketplace", "cloudformation", "elasticloadbalancing", "greengrass"}
    | {"kinesisanalytics", "lex", "ses", "sms-voice"}
)
"""The prefixes that AWS describes on several pages (as of 2025-07-01, in the guide's HTML)."""
INCOMPLETE = (
    "{} stands on several pages of AWS; where they share an action, the dataset kept the resource"
    " types, condition keys and dependent actions of one"
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
    """Words with commas between."""
    rows: tuple[RowEntry, ...]
    permission_only: bool = False
    url: Any = None
    line: int = 1


@dataclass(slots=True)
class ServiceEntry:
    """What a dataset says of one service."""

    file: str
    format: str
    prefix: str
    slug: str
    name: str | None
    lacks: frozenset[str]
    actions: list[ActionEntry] = field(default_factory=list)
    resource_types: list[tuple[Any, Any, Iterable[Any], int]] = field(default_factory=list)
    """Name, ARN formats with commas between, condition keys, line."""
    condition_keys: list[tuple[Any, Any, Any, int]] = field(default_factory=list)
    """Key, description, type, line."""
    line: int = 1


def read_service(entry: ServiceEntry) -> ServicePage:
    """The page that stands for *entry*; what can not be read is a problem of it."""
    return _ServiceReader(entry).read()


class _ServiceReader:
    """Reads one service of a dataset; one instance per service."""

    def __init__(self, entry: ServiceEntry) -> None:
        self.entry = entry
        self.report = Report(entry.file)

    def read(self) -> ServicePage:
        entry = self.entry
        actions = self.records("actions", entry.actions, self.action)
        types = self.records("resource_types", entry.resource_types, self.resource_type)
        keys = self.records("condition_keys", entry.condition_keys, self.condition_key)
        found = {"actions": actions, "resource_types": types, "condition_keys": keys}
        states: dict[str, State] = {
            section: "parsed" if records else "not in source" for section, records in found.items()
        }
        shared = entry.prefix in SHARED and "other_pages" in entry.lacks
        if shared:
            self.report.problem(
                entry.line, "incomplete-in-dataset", INCOMPLETE.format(entry.prefix)
            )
        self.report.check_conservation()
        return ServicePage(
            entry.file,
            entry.format,
            None,
            entry.slug,
            entry.name,
            entry.prefix,
            entry.line,
            states,
            tuple(actions),
            tuple(types),
            tuple(keys),
            rows=self.report.row_counts(),
            problems=tuple(self.report.problems),
            lacks=entry.lacks if shared else entry.lacks - {"other_pages"},
        )

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
                self.report.row_error(section, row, "unreadable-entry", text)
            else:
                self.report.recorded(section, row)
        return found

    def action(self, entry: ActionEntry) -> Action:
        name = text_of(entry.name, "an action's name")
        if not is_action_name(name):
            raise ValueError(f"{name!r} is no action's name")
        levels = tuple(level.strip() for level in text_of(entry.access_level, "a level").split(","))
        if unknown := [level for level in levels if level not in ACCESS_LEVELS]:
            raise ValueError(f"{name} has the access level {unknown[0]!r}")
        return Action(
            name,
            entry.description or None,
            levels,
            entry.permission_only,
            entry.url or None,
            entry.line,
            tuple(self.row(row, entry.line) for row in entry.rows),
        )

    def row(self, row: RowEntry, line: int) -> ActionRow:
        dependents = texts_of(row.dependent_actions)
        for each in dependents:
            if not DEPENDENT_ACTION.fullmatch(each):
                raise ValueError(f"{each!r} is no dependent action")
        keys = texts_of(row.condition_keys)
        return ActionRow(
            row.scenario, row.resource_type or None, row.required, keys, dependents, line
        )

    def resource_type(self, entry: tuple[Any, Any, Iterable[Any], int]) -> ResourceType:
        name, formats, keys, line = entry
        texts = tuple(text.strip() for text in text_of(formats, "an ARN format").split(", "))
        if not all(is_arn_format(text) for text in texts):
            raise ValueError(f"{name} has the ARN format {formats!r}")
        return ResourceType(text_of(name, "a resource type"), texts, texts_of(keys), None, line)

    def condition_key(self, entry: tuple[Any, Any, Any, int]) -> ConditionKey:
        key, description, type_, line = entry
        return ConditionKey(
            text_of(key, "a condition key"), description or None, type_ or None, None, line
        )


def text_of(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not the text of {what}")
    return value.strip()


def texts_of(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text_of(value, "a name") for value in values))
