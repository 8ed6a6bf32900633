"""Take from one page what it states, fact by fact, each with its page and line.

A statement keeps its source when a later page has no place for it: the dependent actions of 2026
are still those of the last page that listed them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scraper.objects import quickly_pickled
from scraper.page.model import (
    PageAction,
    PageActionRow,
    PageAuthorizedAction,
    PageConditionKey,
    PageOperation,
    PageResourceType,
    ServicePage,
)
from scraper.problems import Problem
from scraper.sources import SourceFile


@quickly_pickled
@dataclass(frozen=True, slots=True, eq=False)
class PageVersion:
    """A parsed page with the file that it came from, and the problems that were accepted."""

    key: str
    """Of the catalog: slug and date, `amazonconnect@2019-08-12`."""
    page: ServicePage
    source: SourceFile
    accepted: tuple[tuple[Problem, str], ...] = ()
    """Each with the reason why it is accepted."""

    @property
    def date(self) -> str | None:
        return self.source.date

    @property
    def prefix(self) -> str:
        return self.page.service_prefix or ""

    @property
    def is_reference(self) -> bool:
        """Return True for a file of AWS's service reference, which says less than the guide."""
        return self.page.publication == "reference"

    @property
    def is_dataset(self) -> bool:
        """Return True if a public dataset says it, not AWS."""
        return self.source.dataset is not None

    @property
    def is_complete(self) -> bool:
        """Return True if it belongs to a public dataset that lists all services of its day."""
        return self.source.dataset is not None and self.source.dataset.complete


@quickly_pickled
@dataclass(frozen=True, slots=True)
class At:
    """The page and line of a statement."""

    page: PageVersion
    line: int | None
    place: str | None = None
    """Of the entry in a source without lines."""


@quickly_pickled
@dataclass(frozen=True, slots=True)
class StatedRow:
    key: str
    """`page#line.n`, and `page#n` in a source without lines."""
    at: At
    row: PageActionRow
    required: bool | None
    """None where no current page says it."""


@quickly_pickled
@dataclass(frozen=True, slots=True)
class StatedDependent:
    key: str
    at: At
    dependent_action: str
    action_row: str | None
    """The row that lists it; None where a newer page has taken that row's place."""
    resource_type: str | None


@quickly_pickled
@dataclass(frozen=True, slots=True)
class StatedAction:
    name: str
    at: At
    access_levels: tuple[str, ...]
    levels_at: At
    description: str | None
    url: str | None
    permission_only: bool | None
    """None where no current page has a place for the mark."""
    details_at: At
    """The source of description, link and permission-only mark."""
    rows: tuple[StatedRow, ...]
    """Empty where no held page has a place for what the action takes; else at least one."""
    dependents: tuple[StatedDependent, ...]
    dependents_at: At | None
    """Where the newest page that has a place for dependent actions lists them, or that there are
    none; None where no held page has one."""
    incomplete: bool = False
    """Its source may lack some of its resource types, condition keys and dependent actions."""

    @property
    def own_levels(self) -> tuple[str, ...]:
        """Return the access levels that its page states itself, not those of an older page."""
        return self.access_levels if self.levels_at.page is self.at.page else ()


@quickly_pickled
@dataclass(frozen=True, slots=True)
class StatedArnFormat:
    key: str
    at: At
    text: str


@quickly_pickled
@dataclass(frozen=True, slots=True)
class StatedType:
    name: str
    at: At
    arn_formats: tuple[StatedArnFormat, ...]
    condition_keys: tuple[str, ...]
    url: str | None
    incomplete: bool = False
    """Its source may lack some of its ARN formats and condition keys."""


@quickly_pickled
@dataclass(frozen=True, slots=True)
class StatedKey:
    key: str
    at: At
    text: str
    type: str | None
    description: str | None
    url: str | None


@quickly_pickled
@dataclass(frozen=True, slots=True)
class StatedOperation:
    key: str
    at: At
    name: str
    sdk_client: str | None
    actions: tuple[PageAuthorizedAction, ...]


@dataclass(slots=True)
class Statements:
    """The facts of a page, with those of its predecessors that it has no place for.

    The keys are names in lower case, except those of resource types, which keep their case.
    """

    name: tuple[str, At] | None = None
    """The service's name."""
    actions: dict[str, StatedAction] = field(default_factory=dict)
    resource_types: dict[str, StatedType] = field(default_factory=dict)
    condition_keys: dict[str, tuple[StatedKey, ...]] = field(default_factory=dict)
    operations: dict[tuple[str, str], StatedOperation] = field(default_factory=dict)


def state_page(version: PageVersion) -> Statements:
    """Return the statements of one page alone."""
    return _Stater(version).run()


class _Stater:
    """Number the records of one page; one instance per page."""

    def __init__(self, version: PageVersion) -> None:
        self.version = version
        self.numbers: Counter[int | None] = Counter()

    def key(self, line: int | None) -> str:
        """Return the key of the next record of a line: `page#line.n`; `page#n` without lines."""
        self.numbers[line] += 1
        above = "" if line is None else f"{line}."
        return f"{self.version.key}#{above}{self.numbers[line]}"

    def at(self, line: int | None, place: str | None = None) -> At:
        return At(self.version, line, place)

    def run(self) -> Statements:
        page = self.version.page
        stated = Statements()
        if page.service_name:
            stated.name = (page.service_name, self.at(page.service_line, page.place))
        for action in page.actions:
            if action.name:
                key = action.name.lower()
                stated.actions[key] = self.action(action, action.name, stated.actions.get(key))
        for each in page.resource_types:
            if each.name:
                known = stated.resource_types.get(each.name)
                stated.resource_types[each.name] = self.resource_type(each, each.name, known)
        for defined in page.condition_keys:
            if defined.key:
                text = defined.key
                before = stated.condition_keys.get(text.lower(), ())
                stated.condition_keys[text.lower()] = (*before, self.condition_key(defined, text))
        stated.operations = self.operations()
        return stated

    def operations(self) -> dict[tuple[str, str], StatedOperation]:
        """Return the operations, by name and SDK client: a name alone is not unique."""
        stated: dict[tuple[str, str], StatedOperation] = {}
        for operation in self.version.page.operations:
            client = operation.sdk_client or self.version.page.default_client
            named = (operation.name.lower(), (client or "").lower())
            own = replace(operation, sdk_client=client)
            stated[named] = self.operation(own, stated.get(named))
        return stated

    def resource_type(
        self, resource_type: PageResourceType, name: str, known: StatedType | None
    ) -> StatedType:
        """Return the statement of a resource type; one defined twice has what both rows say."""
        at = self.at(resource_type.line, resource_type.place)
        formats = tuple(
            StatedArnFormat(self.key(at.line), at, text) for text in resource_type.arn_formats
        )
        if known:
            return replace(
                known,
                arn_formats=known.arn_formats + formats,
                condition_keys=join(known.condition_keys, resource_type.condition_keys),
            )
        return StatedType(
            name,
            at,
            formats,
            resource_type.condition_keys,
            resource_type.url,
            resource_type.incomplete,
        )

    def action(self, action: PageAction, name: str, known: StatedAction | None) -> StatedAction:
        """Return the statement of an action; one that the page lists twice has the rows of both."""
        at = self.at(action.line, action.place)
        page = self.version.page
        rows = (
            tuple(self.row(row, action.place) for row in action.rows)
            if page.carries("row_pairing")
            else ()
        )
        dependents = tuple(
            StatedDependent(f"{row.key}.{number}", row.at, text, row.key, row.row.resource_type)
            for row in rows
            for number, text in enumerate(row.row.dependent_actions, start=1)
        )
        listed = page.carries("dependent_actions") and action.dependents_stated
        if known:
            return replace(
                known,
                rows=known.rows + rows,
                dependents=known.dependents + dependents,
                dependents_at=known.dependents_at or (at if listed else None),
            )
        marked = page.carries("permission_only")
        return StatedAction(
            name,
            at,
            action.access_levels,
            at,
            action.description,
            action.url,
            action.permission_only if marked else None,
            at,
            rows,
            dependents,
            at if listed else None,
            action.incomplete,
        )

    def row(self, row: PageActionRow, place: str | None) -> StatedRow:
        unmarked = row.resource_type is None or not self.version.page.carries("required")
        required = None if unmarked else row.required
        return StatedRow(self.key(row.line), self.at(row.line, place), row, required)

    def condition_key(self, key: PageConditionKey, text: str) -> StatedKey:
        at = self.at(key.line, key.place)
        return StatedKey(self.key(key.line), at, text, key.type, key.description, key.url)

    def operation(self, operation: PageOperation, known: StatedOperation | None) -> StatedOperation:
        if known:
            return replace(known, actions=known.actions + operation.actions)
        key, at = self.key(operation.line), self.at(operation.line)
        return StatedOperation(key, at, operation.name, operation.sdk_client, operation.actions)


def join(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Join two lists without repeats, in order."""
    return tuple(dict.fromkeys((*first, *second)))


def marked(stated: Iterable[StatedAction]) -> bool | None:
    """Say whether a page marks the action as permission-only; None where none can."""
    marks = {each.permission_only for each in stated} - {None}
    return any(marks) if marks else None


def newest_dependents(stated: Iterable[StatedAction]) -> At | None:
    """Find the newest page that has a place for the dependent actions of an action.

    Of pages of one date, it is the first one that lists any.
    """
    places = [
        (each.dependents_at.page.date or "", bool(each.dependents), each.dependents_at)
        for each in stated
        if each.dependents_at
    ]
    return max(places, key=lambda place: place[:2])[2] if places else None
