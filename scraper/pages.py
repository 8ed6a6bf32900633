"""A service authorization page in its own words: what `parse` makes of a file.

Values are as the page writes them: no corrections, no case changes, no order of our own. The
same records stand for every format; what a format lacks is None, or empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from scraper.problems import Problem

State = Literal["parsed", "none", "not in source"]
"""`parsed`: there is a table; `none`: the page says that there is nothing; `not in source`: the
page leaves the table out, or its format has no such section. Only the first two say anything
about AWS."""

SECTIONS = ("operations", "actions", "resource_types", "condition_keys")


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One source row of an action; a cell of several resource types makes one row of each."""

    scenario: str | None
    resource_type: str | None
    required: bool
    """The page stars the resource type."""
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Action:
    name: str | None
    """Without prefix; None where the page lost it, which is a problem of its own."""
    description: str | None
    access_levels: tuple[str, ...]
    """In the page's order; empty where the page gives none."""
    permission_only: bool
    url: str | None
    line: int
    rows: tuple[ActionRow, ...]


@dataclass(frozen=True, slots=True)
class ResourceType:
    name: str | None
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...]
    url: str | None
    line: int


@dataclass(frozen=True, slots=True)
class ConditionKey:
    key: str | None
    description: str | None
    type: str | None
    url: str | None
    line: int


@dataclass(frozen=True, slots=True)
class AuthorizedAction:
    """What an operation needs: an action, under a condition key's fixed values if it says so."""

    action: str
    condition_key: str | None
    values: tuple[str, ...]
    access_levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    sdk_client: str | None
    line: int
    actions: tuple[AuthorizedAction, ...]


@dataclass(frozen=True, slots=True)
class RowCount:
    """The conservation of one section: each source row is a record or an error, never both."""

    found: int = 0
    recorded: int = 0
    in_error: int = 0


@dataclass(frozen=True, slots=True)
class ServicePage:
    """One file, whole."""

    file: str
    format: str | None
    """None where the file is no page at all."""
    title: str | None
    slug: str | None
    service_name: str | None = None
    service_prefix: str | None = None
    service_line: int = 0
    """Where the service is introduced."""
    sections: dict[str, State] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    resource_types: tuple[ResourceType, ...] = ()
    condition_keys: tuple[ConditionKey, ...] = ()
    operations: tuple[Operation, ...] = ()
    rows: dict[str, RowCount] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    lacks: frozenset[str] = frozenset()
    """What the page can not say, because its format has no place for it: names of fields, and
    `scenarios`."""
    neighbours: tuple[str | None, str | None] = (None, None)
    """Addresses of the previous and the next page of the guide, as written; None without links."""

    def state(self, section: str) -> State:
        return self.sections.get(section, "not in source")

    def count(self, section: str) -> RowCount:
        return self.rows.get(section, RowCount())


def no_page(file: str, kind: str, line: int, text: str, title: str | None = None) -> ServicePage:
    """What stands for a file that is no page: the problem that says so."""
    problem = Problem(file, line, kind, text)
    return ServicePage(file, None, title, None, problems=(problem,))
