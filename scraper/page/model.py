"""Define a service authorization page in its own words, as the reader of a format gives it.

Values are as the page writes them: no corrections, no case changes, no order of our own. The
same records stand for every format; what a format lacks is None, or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from scraper.objects import quickly_pickled
from scraper.problems import Problem

State = Literal["parsed", "none", "not in source"]
"""What a page says of something that pages can have a place for (a section, a column, a mark).

`parsed`: it is there; `none`: the page has the place, or says in words that there is nothing, and
nothing is there; `not in source`: the page has no place for it. Only the first two say anything
about AWS."""

Publication = Literal["guide", "reference"]
"""The guide for people, or the reference for programs, which says less of each service."""

SECTIONS = ("operations", "actions", "resource_types", "condition_keys")


@quickly_pickled
@dataclass(frozen=True, slots=True)
class PageActionRow:
    """One source row of an action; a cell of several resource types makes one row of each."""

    scenario: str | None
    resource_type: str | None
    required: bool
    """The page stars the resource type."""
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]
    line: int | None
    """None in a source without lines, here as everywhere."""


@quickly_pickled
@dataclass(frozen=True, slots=True)
class PageAction:
    name: str | None
    """Without prefix; None where the page lost it, which is a problem of its own."""
    description: str | None
    access_levels: tuple[str, ...]
    """In the page's order; empty where the page gives none."""
    permission_only: bool
    """False also where the page has no place for the mark: see `ServicePage.carries`."""
    url: str | None
    line: int | None
    rows: tuple[PageActionRow, ...]
    dependents_stated: bool = True
    """Its own table has a place for dependent actions, where that of others on the page has one."""
    place: str | None = None
    """Where a source without lines has it: its file, and a JSON Pointer (RFC 6901) in that."""
    incomplete: bool = False
    """Resource types, condition keys or dependent actions of it may be missing from the source."""
    own_level: str | None = None
    """The level that the makers of a dataset gave it in place of AWS's, which then is not known."""


@quickly_pickled
@dataclass(frozen=True, slots=True)
class PageResourceType:
    name: str | None
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...]
    url: str | None
    line: int | None
    place: str | None = None
    incomplete: bool = False
    """ARN formats or condition keys of it may be missing from the source."""


@quickly_pickled
@dataclass(frozen=True, slots=True)
class PageConditionKey:
    key: str | None
    description: str | None
    type: str | None
    url: str | None
    line: int | None
    place: str | None = None


@quickly_pickled
@dataclass(frozen=True, slots=True)
class PageAuthorizedAction:
    """What an operation needs: an action, under a condition key's fixed values if it says so."""

    action: str
    condition_key: str | None
    values: tuple[str, ...]
    access_levels: tuple[str, ...]


@quickly_pickled
@dataclass(frozen=True, slots=True)
class PageOperation:
    name: str
    sdk_client: str | None
    line: int
    actions: tuple[PageAuthorizedAction, ...]


@quickly_pickled
@dataclass(frozen=True, slots=True)
class RowCount:
    """The conservation of one section: each source row is a record or an error, never both."""

    found: int = 0
    recorded: int = 0
    in_error: int = 0


@quickly_pickled
@dataclass(frozen=True, slots=True)
class ServicePage:
    """A whole file."""

    file: str
    format: str | None
    """None where the file is not a page at all."""
    title: str | None
    slug: str | None
    service_name: str | None = None
    service_prefix: str | None = None
    service_line: int | None = 0
    """The line that introduces the service."""
    states: dict[str, State] = field(default_factory=dict)
    """Of each section that its format has, and of each of `DETAILS`, as `with_details` says."""
    actions: tuple[PageAction, ...] = ()
    resource_types: tuple[PageResourceType, ...] = ()
    condition_keys: tuple[PageConditionKey, ...] = ()
    operations: tuple[PageOperation, ...] = ()
    rows: dict[str, RowCount] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    incomplete: bool = False
    """It keeps the rows of one of AWS's several pages of the service: of the names that these pages
    share, some may be missing, which then say so themselves."""
    place: str | None = None
    """The position at which a source without lines names the service."""
    publication: Publication = "guide"
    """What it belongs to: a page takes the place of one of the same publication."""
    default_client: str | None = None
    """The SDK client of the operations that name none."""
    neighbours: tuple[str | None, str | None] = (None, None)
    """Addresses of the previous and the next page of the guide, as written; None without links."""

    def state(self, place: str) -> State:
        """Give the state of a section, or of one of `DETAILS`."""
        return self.states.get(place, "not in source")

    def carries(self, place: str) -> bool:
        """Say whether the page has a place for it: then what is not there is known to be none."""
        return self.state(place) != "not in source"

    def count(self, section: str) -> RowCount:
        return self.rows.get(section, RowCount())


Stated = Callable[[ServicePage], bool]

DETAILS: dict[str, tuple[str | None, Stated]] = {
    "access_levels": ("actions", lambda page: any(each.access_levels for each in page.actions)),
    "descriptions": ("actions", lambda page: any(each.description for each in page.actions)),
    "permission_only": ("actions", lambda page: any(each.permission_only for each in page.actions)),
    "row_pairing": ("actions", lambda page: _any_row(page, lambda row: bool(row.resource_type))),
    "required": ("actions", lambda page: _any_row(page, lambda row: row.required)),
    "scenarios": ("actions", lambda page: _any_row(page, lambda row: row.scenario is not None)),
    "dependent_actions": (
        "actions",
        lambda page: _any_row(page, lambda row: bool(row.dependent_actions)),
    ),
    "key_types": ("condition_keys", lambda page: any(each.type for each in page.condition_keys)),
    "key_descriptions": (
        "condition_keys",
        lambda page: any(each.description for each in page.condition_keys),
    ),
    "addresses": (
        None,
        lambda page: (
            any(each.url for each in page.actions)
            or any(each.url for each in page.resource_types)
            or any(each.url for each in page.condition_keys)
        ),
    ),
}
"""The details in the rows of a page beside the names: the section whose rows have the place for it
(None: any), and whether the page states at least one.

`row_pairing`: a row of an action names a resource type with the condition keys that apply to it.
`addresses`: links to the documentation of what a row is about."""
PLACES = (*SECTIONS, *DETAILS)
"""Everything that a page has a state of."""


def _any_row(page: ServicePage, states: Callable[[PageActionRow], bool]) -> bool:
    return any(states(row) for action in page.actions for row in action.rows)


def stated_details(page: ServicePage) -> set[str]:
    """Name those of `DETAILS` that the page states at least once."""
    return {detail for detail, (_, stated) in DETAILS.items() if stated(page)}


def with_details(page: ServicePage, places: Collection[str]) -> ServicePage:
    """Return *page* with the state of each of `DETAILS`; it has a place for those in *places*.

    Where a section says that it holds nothing, or is left out, that goes for its details too.
    """
    stated = stated_details(page)
    states = dict(page.states)
    for detail, (section, _) in DETAILS.items():
        of_section = page.state(section) if section else "parsed"
        if of_section != "parsed":
            states[detail] = of_section
        elif detail not in places:
            states[detail] = "not in source"
        else:
            states[detail] = "parsed" if detail in stated else "none"
    return replace(page, states=states)


def states_of(page: ServicePage) -> dict[str, State]:
    """Map each column of states of the table `pages` to its value for the page."""
    return {f"{place}_state": page.state(place) for place in PLACES}


def no_page(
    file: str, kind: str, line: int | None, text: str, title: str | None = None
) -> ServicePage:
    """Return a page in place of a file that is not one, with the problem that says so."""
    problem = Problem(file, line, kind, text)
    return ServicePage(file, None, title, None, problems=(problem,))


LISTS = ("actions", "resource_types", "condition_keys", "operations")


_OF_DATASETS = ("dependents_stated", "place", "incomplete", "own_level")
"""Fields of records that have no say in a page of AWS."""


def page_as_json(page: ServicePage) -> dict[str, Any]:
    """Return the fields of *page* as plain JSON values, in a fixed order."""
    facts = asdict(page)
    for records in (facts["actions"], facts["resource_types"], facts["condition_keys"]):
        for record in records:
            for name in _OF_DATASETS:
                record.pop(name, None)
    return {
        **{
            name: facts[name]
            for name in ("file", "format", "title", "slug", "service_name", "service_prefix")
        },
        "sections": {section: page.state(section) for section in SECTIONS},
        "carries": {detail: page.state(detail) for detail in DETAILS},
        **{name: facts[name] for name in LISTS},
        "rows_found": {section: page.count(section).found for section in SECTIONS},
        "rows_in_error": {section: page.count(section).in_error for section in SECTIONS},
        "problems": [
            {
                "line": problem.line,
                "kind": problem.kind,
                "text": problem.text,
                "accepted": problem.accepted,
            }
            for problem in page.problems
        ],
    }
