"""List the columns of pages whose values are compared, with how each is read and how far AWS goes.

A column is one line of `COLUMNS`: where its values are, how many may change on a page, and how
often that happened in real history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from scraper.guards.levels import CHANGING
from scraper.guards.memory import Limits, Pages
from scraper.page.model import PageAction, ServicePage

FALLS = "levels that fell"
Values = Mapping[str, frozenset[str]]
"""Of each subject, in its own case, everything that a column says of it."""
Read = Callable[[ServicePage], Values]


@dataclass(frozen=True, slots=True)
class GuardedColumn:
    """One column of the tables of a page."""

    what: str
    place: str
    """The section or detail whose state says whether a page has a place for it."""
    read: Read
    fewest: int = 3
    """Fewer changed values are AWS's daily business, whatever their share of a small page."""
    shares: Limits | None = None
    """Of the values on a page: more is too much in the time."""
    rate: float = 0.0
    """Where a few are too many: how many more a page may change for each further day."""
    share: Limits = (0.0, 1.0)
    """Where a few are too many: of how many values on a page as many more may change in the time,
    if `rate` allows it."""
    total: float = 2.0
    """How many more may change for each further day on all pages together; unused with a rate."""
    counts: Literal["lost", "gained", "either"] = "lost"
    """Which subjects count as changed: those that lost a value, those that gained one and lost
    none, or both. A list that grows is growth, where a value stands alone it has changed."""
    seen: str = ""
    """How often it happened in real history."""


def _collect(pairs: Iterable[tuple[str, str | None]]) -> Values:
    """Return the values of each subject; None is none, and the subject is there all the same."""
    found: dict[str, set[str]] = defaultdict(set)
    for subject, value in pairs:
        values = found[subject]
        if value:
            values.add(value)
    return {subject: frozenset(values) for subject, values in found.items()}


def _actions(page: ServicePage) -> Iterator[tuple[str, PageAction]]:
    return ((f"{page.service_prefix}:{each.name}", each) for each in page.actions if each.name)


def _levels(page: ServicePage) -> Values:
    """Read levels without a Write beside a further one, which the service reference adds: there,
    what tags or manages permissions writes as well.
    """
    return {
        name: levels - {"Write"} if levels & _FURTHER else levels
        for name, each in _actions(page)
        for levels in [frozenset(each.access_levels)]
    }


_FURTHER = frozenset({"Tagging", "Permissions management"})


def _permission_only(page: ServicePage) -> Values:
    return _collect(
        (name, "yes" if each.permission_only else "no") for name, each in _actions(page)
    )


def _descriptions(page: ServicePage) -> Values:
    return _collect((name, _words(each.description)) for name, each in _actions(page))


def _words(text: str | None) -> str:
    """Return letters and digits alone: formats differ in the marks that they escape."""
    return "".join(filter(str.isalnum, text or ""))


def _links(page: ServicePage) -> Values:
    named = [(each.name, each.url) for each in page.actions]
    named += [(each.name, each.url) for each in page.resource_types]
    named += [(each.key, each.url) for each in page.condition_keys]
    return _collect((name, url) for name, url in named if name)


def hosts_of(page: ServicePage) -> Values:
    """Read the hosts that the links of each name lead to."""
    return {
        name: frozenset(filter(None, map(host_of, urls)))
        for name, urls in _links(page).items()
        if urls
    }


def host_of(url: str) -> str:
    """Return the host of an address; what is none is only itself."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return url


def _required(page: ServicePage) -> Values:
    return _collect(
        (f"{name} on {row.resource_type}", "required" if row.required else "optional")
        for name, action in _actions(page)
        for row in action.rows
        if row.resource_type and not row.scenario
    )


def _types_of_actions(page: ServicePage) -> Values:
    return _collect(
        (name, row.resource_type)
        for name, action in _actions(page)
        for row in action.rows
        if not row.scenario
    )


def _keys_of_actions(page: ServicePage) -> Values:
    """Read condition keys with those of resource types, which pages since 2026-07 repeat."""
    of_type = _keys_of_types(page)
    pairs: list[tuple[str, str | None]] = []
    for name, action in _actions(page):
        for row in action.rows:
            of_row = of_type.get(f"{page.service_prefix}:{row.resource_type}", frozenset())
            keys = () if row.scenario else (*row.condition_keys, *of_row)
            pairs += [(name, None), *((name, key.lower()) for key in keys)]
    return _collect(pairs)


def _dependents(page: ServicePage) -> Values:
    return _collect(
        (name, each)
        for name, action in _actions(page)
        for row in action.rows
        for each in (None, *row.dependent_actions)
    )


def _arn_formats(page: ServicePage) -> Values:
    return _collect(
        (f"{page.service_prefix}:{each.name}", arn)
        for each in page.resource_types
        if each.name
        for arn in (None, *each.arn_formats)
    )


def _keys_of_types(page: ServicePage) -> Values:
    return _collect(
        (f"{page.service_prefix}:{each.name}", key.lower() if key else None)
        for each in page.resource_types
        if each.name
        for key in (None, *each.condition_keys)
    )


def _types_of_keys(page: ServicePage) -> Values:
    return _collect((each.key, each.type) for each in page.condition_keys if each.key)


def _descriptions_of_keys(page: ServicePage) -> Values:
    return _collect(
        (each.key, _words(each.description)) for each in page.condition_keys if each.key
    )


def _operations(page: ServicePage) -> Values:
    return _collect(
        (f"{page.service_prefix}:{each.name}", needed.action)
        for each in page.operations
        for needed in each.actions
    )


def _spellings(page: ServicePage) -> Values:
    """Read each name as it is written: IAM folds its case, people and programs do not."""
    names = [name for name, _ in _actions(page)]
    names += [f"{page.service_prefix}:{each.name} " for each in page.resource_types if each.name]
    names += [each.key for each in page.condition_keys if each.key]
    return {name.casefold(): frozenset([name]) for name in names}


def _falls(page: ServicePage) -> Values:
    """Read the rank of each action by its levels: it reads, it changes something, or it decides who
    may change something, which includes the rank below.
    """
    return {
        name: frozenset(rank for rank, members in _RANKS.items() if members.intersection(levels))
        for name, levels in _levels(page).items()
        if levels
    }


_RANKS = {"changes": CHANGING, "permits": frozenset({"Permissions management"})}


# Measured in November 2026, with `python -m benchmarks --guards` (the whole distribution is in
# measured.json): all services in a public dataset that copies AWS's pages, 26 steps from
# 2024-10-24 to 2026-10-27, 7 to 54 days apart ("in a month"), and in another one, 17 steps since
# 2020; datasets against pages of AWS of near dates; 16 days of 2026, 1 to 32 days apart;
# and the guide in Markdown, 2018-04-26 to 2018-06-08 ("in 2018", 43 days). The years between older
# copies of the guide set nothing. What AWS changed on 2026-07-09 is "the event".
COLUMNS = (
    GuardedColumn(
        FALLS,
        "access_levels",
        _falls,
        rate=1 / 3,
        share=(0.0, 0.08, 0.34),
        seen="5 of 207 on one page in a month is the most, and on most days none of any service;"
        " 14 of 36 on one page in 43 days of 2018",
    ),
    GuardedColumn(
        "required flags",
        "required",
        _required,
        rate=0.6,
        share=(0.0, 0.17, 0.25),
        counts="either",
        seen="18 of 295 on one page in a month and 32 of 157 in 54 days are the most, but for 39 of"
        " glue's 303 in 2024-11; 6 on one page in 10 days",
    ),
    GuardedColumn(
        "ARN formats",
        "resource_types",
        _arn_formats,
        rate=0.5,
        share=(0.0, 0.4),
        counts="either",
        seen="5 of 9 on one page in a month is the most; in the event 10 of 69",
    ),
    GuardedColumn(
        "dependent actions",
        "dependent_actions",
        _dependents,
        rate=0.5,
        share=(0.0, 0.1, 0.12),
        seen="13 of 115 on one page in a month, once in 26 months; else 1, until the event",
    ),
    GuardedColumn(
        "access levels",
        "access_levels",
        _levels,
        shares=(0.13, 0.2, 0.75),
        seen="9 of 76 on one page in 19 days and 11 of 163 in a month; in the event half of a page;"
        " 8 of 11 in 43 days of 2018",
    ),
    GuardedColumn(
        "permission-only marks",
        "permission_only",
        _permission_only,
        shares=(0.13, 0.25, 0.4),
        fewest=5,
        seen="5 of 29 on one page in 18 days is the most",
    ),
    GuardedColumn(
        "resource types of actions",
        "row_pairing",
        _types_of_actions,
        shares=(0.32, 0.52, 0.65),
        seen="34 of 92 on one page in 8 days and 51 of 117 in 14 are the most; on one day none",
    ),
    GuardedColumn(
        "condition keys of actions",
        "row_pairing",
        _keys_of_actions,
        shares=(0.4, 1.0),
        seen="60 of 61 on one page in a month, 55 of 75 in 19 days; on one day none",
    ),
    GuardedColumn(
        "condition keys of resource types",
        "resource_types",
        _keys_of_types,
        shares=(0.5, 1.0),
        seen="12 of 13 on one page in 19 days, else 4 of 69; on one day none",
    ),
    GuardedColumn(
        "types of condition keys",
        "key_types",
        _types_of_keys,
        shares=(0.1, 0.2, 0.55),
        seen="2 on one page in a month is the most; 5 of 10 in 43 days of 2018",
    ),
    GuardedColumn(
        "descriptions of actions",
        "descriptions",
        _descriptions,
        total=12.5,
        shares=(0.4, 1.0),
        fewest=4,
        seen="51 of 57 and 10 of 10 on one page in a month; 5 of 16 on one day",
    ),
    GuardedColumn(
        "descriptions of condition keys",
        "key_descriptions",
        _descriptions_of_keys,
        shares=(0.5, 1.0),
        fewest=4,
        seen="6 of 7 on one page in 18 days, and all of pages with 3",
    ),
    GuardedColumn(
        "links",
        "addresses",
        _links,
        total=16.5,
        shares=(0.5, 0.9, 1.0),
        fewest=5,
        seen="27 of 27 on one page in 67 days of 2019; AWS moves the pages that it links to",
    ),
    GuardedColumn(
        "hosts of links",
        "addresses",
        hosts_of,
        shares=(0.1, 0.3, 0.75),
        seen="33 of 67 on one page in 67 days of 2019, between docs.aws.amazon.com and"
        " aws.amazon.com",
    ),
    GuardedColumn(
        "actions of operations",
        "operations",
        _operations,
        shares=(0.3, 0.5, 0.9),
        seen="not measured: pages and JSON have it since 2026-07 only",
    ),
    GuardedColumn(
        "spellings of names",
        "actions",
        _spellings,
        shares=(0.05, 0.1, 0.3),
        seen="3 of 948 names on one page in a month is the most",
    ),
    GuardedColumn(
        "further access levels",
        "access_levels",
        _levels,
        shares=(0.15, 0.3, 0.6),
        counts="gained",
        seen="in the event 9 of 18 on one page, 39 of 187 on another; before it 1 in a month",
    ),
    GuardedColumn(
        "further resource types of actions",
        "row_pairing",
        _types_of_actions,
        shares=(0.4, 1.0),
        counts="gained",
        seen="74 of 84 and 30 of 55 on one page in a month, 34 of 43 in 67 days of 2019",
    ),
    GuardedColumn(
        "further condition keys of actions",
        "row_pairing",
        _keys_of_actions,
        shares=(0.7, 1.0),
        counts="gained",
        fewest=5,
        seen="44 of 45 and 91 of 165 on one page in a month: AWS adds a key to all actions",
    ),
    GuardedColumn(
        "further condition keys of resource types",
        "resource_types",
        _keys_of_types,
        shares=(0.7, 1.0),
        counts="gained",
        fewest=5,
        seen="12 of 13 and 5 of 5 on one page in a month",
    ),
    GuardedColumn(
        "further dependent actions",
        "dependent_actions",
        _dependents,
        shares=(0.3, 1.0),
        counts="gained",
        fewest=5,
        seen="114 of 122 and 23 of 57 on one page in a month, else 9 of 75 or fewer",
    ),
)


def read_values(column: GuardedColumn, pages: Pages, *, sure: bool = False) -> Values | None:
    """Return what pages say together; None where one of them has no place for the column.

    With *sure*, without the records of which a dataset may have left a part out.
    """
    found: dict[str, frozenset[str]] = {}
    for version in pages:
        if not version.page.carries(column.place):
            return None
        page = _whole_records(version.page) if sure and version.page.incomplete else version.page
        for subject, values in column.read(page).items():
            folded = subject.casefold()
            found[folded] = found.get(folded, frozenset()) | values
    return found


def _whole_records(page: ServicePage) -> ServicePage:
    actions = tuple(each for each in page.actions if not each.incomplete)
    types = tuple(each for each in page.resource_types if not each.incomplete)
    return replace(page, actions=actions, resource_types=types)
