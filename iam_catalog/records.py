"""The answers: frozen records, whose fields are named like the columns of the catalog.

Imported only when such an answer is made: `dataclasses` alone costs more than `sqlite3`.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact stands."""

    page: str
    """Key of the page in the catalog: slug and date."""
    line: int
    """1-based line of the page's source."""
    date: str | None
    """ISO 8601 date of the page; None where nobody knows it."""
    title: str | None
    url: str | None
    """Where a person can open the page today, which may say something else by now."""
    dataset: str | None = None
    """Name and version of the public dataset that says it; None where AWS itself does."""
    incomplete: bool | None = None
    """True where the dataset kept one of AWS's several pages of the service, so that rows may be
    missing; None where nothing is known to be."""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One row of the page: a resource type with the keys and dependent actions beside it."""

    resource_type: str | None
    """Full name; None where the row is about the action as such."""
    required: bool | None
    """The page stars the resource type: a statement that names ARNs must name one of these."""
    scenario: str | None
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]
    page: str
    line: int


@dataclass(frozen=True, slots=True)
class DependentAction:
    """A dependent action, as the page writes it."""

    dependent_action: str
    resource_type: str | None
    """Resource type of the row that lists it, without prefix."""
    last_seen: str | None
    """Date of the last page that lists it."""
    page: str
    line: int
    dataset: str | None = None
    """Name and version of the public dataset that lists it; None where AWS itself does."""


@dataclass(frozen=True, slots=True)
class ActionSummary:
    """An action in a list."""

    action: str
    service_prefix: str
    name: str
    access_level: str | None
    """The primary level; None where the page gives none."""
    description: str | None
    permission_only: bool | None
    """None where no held page of it has a place for the mark."""


@dataclass(frozen=True, slots=True)
class Action:
    """Everything that the catalog knows of one action."""

    action: str
    service_prefix: str
    name: str
    access_level: str | None
    """The primary level; None where the page gives none."""
    access_levels: tuple[str, ...]
    """Every level, in the page's order."""
    description: str | None
    permission_only: bool | None
    """Matches no API operation: it can only stand in policies; None where no held page of it has a
    place for the mark."""
    url: str | None
    """What the page links for the action, where that can be opened."""
    rows: tuple[ActionRow, ...]
    """Empty where no held page of it has a place for what it takes; else at least one."""
    resource_types: tuple[str, ...] | None
    """Full names of the resource types of all rows, without repeats; empty: only `*`; None where no
    held page of it has a place for them."""
    condition_keys: tuple[str, ...] | None
    """Keys of all rows, without repeats; those of the resource types themselves are theirs; None
    where no held page of it has a place for them."""
    dependent_actions: tuple[str, ...]
    """Direct ones, in the page's order, without repeats and without the action itself."""
    dependents: tuple[DependentAction, ...]
    """Each reference with its source and date, as the pages write it."""
    dependents_state: str
    """`parsed`, `none` (the newest page that has a place for them lists none) or `not in source`
    (no held page of it has one: then they are unknown)."""
    dependents_page: str | None
    """The newest page that has a place for its dependent actions; None where no held one has."""
    dependents_documented_on: str | None
    """Date of that page, as of which the dependent actions are known; None where they are not, or
    the page has no date."""
    source: Source
    first_seen: str | None
    """Date of the oldest page that states the action, without a gap since."""
    last_seen: str | None
    """Date of the newest page that states it."""
    removed: str | None
    """Date since which no page states it; None while one does."""


@dataclass(frozen=True, slots=True)
class Page:
    """One source document."""

    page: str
    title: str | None
    slug: str
    format: str
    date: str | None
    """The newest date at which it read so."""
    url: str | None
    actions_state: str
    """`parsed`, `none` or `not in source`; only the first two say anything about AWS."""
    resource_types_state: str
    condition_keys_state: str
    operations_state: str
    access_levels_state: str
    descriptions_state: str
    permission_only_state: str
    row_pairing_state: str
    required_state: str
    scenarios_state: str
    dependent_actions_state: str
    key_types_state: str
    key_descriptions_state: str
    addresses_state: str
    sha256: str
    dataset: str | None = None
    """Name and version of the public dataset that stands for a page; None for AWS's own."""
    incomplete: bool | None = None
    """True where the dataset kept one of AWS's several pages of the service, so that rows may be
    missing; None where nothing is known to be."""


@dataclass(frozen=True, slots=True)
class Service:
    service_prefix: str
    name: str | None
    """As AWS spells it; None where no held page says it."""
    actions: int | None
    """How many it has; None where every held page of it leaves them out. So are the others."""
    resource_types: int | None
    condition_keys: int | None
    operations: int | None
    pages: tuple[Page, ...]
    aliases: tuple[str, ...]
    """Other names that it goes or went by: titles, page slugs and SDK clients."""
    first_seen: str | None
    last_seen: str | None
    removed: str | None
    """Date since which no page states it; None while one does."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    resource_type: str
    service_prefix: str
    name: str
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...]
    actions: tuple[str, ...]
    """The actions that take it, sorted."""
    url: str | None
    source: Source
    first_seen: str | None
    last_seen: str | None
    removed: str | None
    """Date since which no page states it; None while one does."""


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key as one service's page defines it."""

    condition_key: str
    service_prefix: str
    type: str | None
    description: str | None
    url: str | None
    source: Source
    first_seen: str | None
    last_seen: str | None


@dataclass(frozen=True, slots=True)
class ArnMatch:
    """A resource type that an ARN can be, by one of the type's ARN formats."""

    resource_type: str
    arn_format: str
    variables: dict[str, str]
    """What each variable of the format is, as the ARN writes it, wildcards included."""
    exact: bool
    """The ARN writes the format's own text; otherwise a wildcard or variable can stand for it."""
    specificity: int
    """How many letters of its own the format has behind the service: the more, the narrower."""
    page: str
    line: int
    last_seen: str | None
    """Date of the newest page that states the format."""


@dataclass(frozen=True, slots=True)
class AuthorizedAction:
    """An action that an operation needs."""

    action: str
    condition_key: str | None
    """A key that the operation sets to a fixed value."""
    condition_values: str | None
    """That value, or several with commas between."""
    sdk_client: str | None
    page: str
    line: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An API operation, and the actions that AWS says it needs.

    Not a replacement for dependent actions: what a downstream service does on the caller's behalf
    (forward access sessions) is not among them.
    """

    operation: str
    """`prefix:Name`"""
    service_prefix: str
    name: str
    sdk_clients: tuple[str, ...]
    actions: tuple[str, ...]
    authorized: tuple[AuthorizedAction, ...]
    """Each of the actions with its condition, for each SDK client that has the operation."""
    first_seen: str | None
    last_seen: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two states: a subject that came or went, or a field of one."""

    date: str | None
    """Of the collection that brought it; None between two catalogs."""
    service_prefix: str | None
    change: str
    """`added`, `removed` or `changed`."""
    kind: str
    """`service`, `action`, `resource type`, `condition key` or `operation`."""
    subject: str
    field: str | None
    """What changed of it; `description` stands for no change of meaning."""
    old_value: str | None
    new_value: str | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What one page says of a subject, where another page of the same time says otherwise."""

    kind: str
    subject: str
    field: str
    value: str | None
    page: str
    line: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    kind: str
    """`service`, `action`, `resource type` or `condition key`."""
    name: str
    description: str | None


@dataclass(frozen=True, slots=True)
class DatasetShare:
    """What of a catalog stands in a public dataset, because no page of AWS states it any more."""

    dataset: str
    dataset_version: str | None
    date: str | None
    """ISO 8601 date of its data."""
    actions: int
    dependent_actions: int


@dataclass(frozen=True, slots=True)
class About:
    """Which catalog answers, and how fresh it is."""

    path: str
    schema_version: int
    newest_page: str | None
    """ISO 8601 date, of a page of AWS wherever one is held; None where no page has one."""
    services: int
    actions: int
    resource_types: int
    condition_keys: int
    dependent_actions: int
    pages: int
    """Current ones, of AWS."""
    oldest_page: str | None
    """Newest date of the current page that was last seen longest ago: what it states may have
    changed since."""
    origin: str
    """`updated` (by `make update`), `shipped` (with the program), or `named` (any other file)."""
    datasets: tuple[DatasetShare, ...]

    def age_in_days(self, today: date | None = None) -> int | None:
        """Days from the newest page to *today*, by default the day of this machine's clock.

        None where no page has a date.
        """
        if self.newest_page is None:
            return None
        from datetime import date

        return ((today or date.today()) - date.fromisoformat(self.newest_page)).days
