"""What a catalog says of services, kept in memory while many policies are checked.

`ServiceFacts` reads each service once, when a policy first names it, and of it only what a check
asks for. Names are compared in lower case and come back as AWS spells them. Answers may be kept:
nothing here changes after it was read.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from iam_catalog.policy.arn_types import Candidate, Row, fitting
from iam_catalog.policy.arns import (
    HIDDEN,
    Arn,
    ArnFormat,
    fit_parts,
    read_format,
    starts_alike,
    written,
)
from iam_catalog.policy.findings import Evidence
from iam_catalog.policy.kept import Kept
from iam_catalog.policy.wildcards import ANY, ONE, matcher_of
from iam_catalog.queries import services_named

CHANGING = ("Permissions management", "Write")
"""The access levels of actions that change something, the graver one first."""

NO_TYPES: frozenset[str] = frozenset()

OPEN = frozenset((ANY, ONE, HIDDEN))
"""What can stand for other text."""

NOTHING_STATED = "not in source"

Dependent = tuple[str, str, str, int, str | None, str | None]
"""An action, a dependent action of it as the page writes it, page, line and date, and the public
dataset that says so where no page of AWS does."""


Change = tuple[str, str, str, int, str | None]
"""An action and an access level of it; page, line and date."""


class Service:
    """A service that the catalog holds."""

    def __init__(self, facts: ServiceFacts, prefix: str, row: tuple[object, ...]) -> None:
        self.prefix = prefix
        self.facts = facts
        self.connection = facts.connection
        date, actions, types, keys = row
        self.date = None if date is None else str(date)
        self.actions_known = bool(actions)
        """Every action that AWS documents of it is in the catalog."""
        self.types_known = bool(types)
        self.keys_known = bool(keys)

    def rows_of(self, sql: str, case: bool = False) -> sqlite3.Cursor:
        """Rows of a table whose first parameter ranges over the names `prefix:…`."""
        prefix = self.prefix if case else self.prefix.lower()
        return self.connection.execute(sql, (f"{prefix}:", f"{prefix};"))

    @cached_property
    def actions(self) -> dict[str, str]:
        """AWS's spelling of each action, by the name in lower case."""
        rows = self.rows_of("select action from actions where action >= ? and action < ?")
        return {name.lower(): name for (name,) in rows}

    @cached_property
    def names(self) -> list[str]:
        return sorted(self.actions)

    @cached_property
    def changing(self) -> dict[str, Change]:
        """The actions that change something, with the graver of their access levels."""
        rows = self.rows_of(
            "select action, access_level, page, line, last_seen from action_access_levels"
            " where action >= ? and action < ? and access_level in ('Write',"
            " 'Permissions management') order by access_level desc"
        )
        return {row[0].lower(): row for row in rows}

    def table(self, table: str, column: str) -> tuple[Evidence, ...]:
        """Where the rows of a table of this service start, for what is not among them."""
        rows = self.connection.execute(
            f"select page, min(line), max(last_seen) from {table} where {column} >= ?"
            f" and {column} < ? group by page order by page limit 3",
            (f"{self.prefix}:", f"{self.prefix};"),
        )
        return tuple([Evidence(*row) for row in rows])

    @cached_property
    def types(self) -> dict[str, frozenset[str]]:
        """The resource types, by their full names, of each action that takes any."""
        return self._types_and_required[0]

    @cached_property
    def required(self) -> dict[str, tuple[frozenset[str], ...]]:
        """The types that each page requires for an action, of the pages that require any.

        Rows of a scenario require nothing: it is one of several ways to call the action.
        """
        return self._types_and_required[1]

    @cached_property
    def _types_and_required(
        self,
    ) -> tuple[dict[str, frozenset[str]], dict[str, tuple[frozenset[str], ...]]]:
        types: dict[str, frozenset[str]] = {}
        of_page: dict[tuple[str, str], frozenset[str]] = {}
        single: dict[str, frozenset[str]] = {}  # as most actions take
        for action, name, bare, required, page in self.rows_of(
            "select action, resource_type, resource_type_name, required and scenario is null, page"
            " from action_rows where action >= ? and action < ? and resource_type_name is not null"
        ):
            full = name or f"{self.prefix}:{bare}"
            names = single.get(full) or single.setdefault(full, frozenset((full,)))
            key = action.lower()
            before = types.get(key)
            types[key] = names if before is None else before | names
            if required:
                before = of_page.get((key, page))
                of_page[key, page] = names if before is None else before | names
        needed: dict[str, tuple[frozenset[str], ...]] = {}
        for (key, _), names in of_page.items():
            others = needed.get(key)
            needed[key] = (names,) if others is None else (*others, names)
        return types, needed

    def source(self, action: str, resource_type: str | None = None) -> tuple[Evidence, ...]:
        """Where the first row of an action stands, or the first with a resource type."""
        row = self.connection.execute(
            "select page, line, last_seen from action_rows where action = ?1"
            " and (?2 is null or ?2 = coalesce(resource_type, ?3 || ':' || resource_type_name))"
            " order by position",
            (action, resource_type, self.prefix),
        ).fetchone()
        return () if row is None else (Evidence(*row),)

    @cached_property
    def formats(self) -> dict[str, list[str]]:
        """The ARN formats of each resource type."""
        found: dict[str, list[str]] = {}
        for name, arn_format, *_ in self.format_rows:
            found.setdefault(name, []).append(arn_format)
        return found

    @cached_property
    def types_without_format(self) -> frozenset[str]:
        """Of the types of actions, those that no page gives an ARN format of."""
        taken = NO_TYPES.union(*set(self.types.values()))
        return frozenset(taken - self.formats.keys())

    @cached_property
    def told_types(self) -> dict[str, frozenset[str] | None]:
        """The types of each action that takes any; None where one of them has no ARN format."""
        if not self.types_known:
            return {}
        unclear = self.types_without_format
        if not unclear:
            return dict(self.types)
        return {
            action: names if names.isdisjoint(unclear) else None
            for action, names in self.types.items()
        }

    @property
    def no_types(self) -> frozenset[str] | None:
        """The same of an action that takes none: None where that is not known."""
        return NO_TYPES if self.types_known else None

    @cached_property
    def format_rows(self) -> list[Row]:
        return self.rows_of(
            "select resource_type, format, page, line, last_seen from arn_formats"
            " where resource_type >= ? and resource_type < ? order by page, line",
            case=True,
        ).fetchall()

    @cached_property
    def read_formats(self) -> list[tuple[Row, ArnFormat]]:
        return [(row, read_format(row[1])) for row in self.format_rows]

    @cached_property
    def keys(self) -> dict[str, dict[str, frozenset[str] | None]]:
        """The condition keys on the rows of each action, with the types that they stand beside.

        None where a key stands on a row without a type: it holds for every resource.
        """
        found: dict[str, dict[str, frozenset[str] | None]] = {}
        for action, key, beside in self.rows_of(
            "select k.action, condition_key, coalesce(resource_type, resource_type_name)"
            " from action_rows as r join action_condition_keys as k on k.action_row = r.action_row"
            " where r.action >= ? and r.action < ?"
        ):
            of_action = found.setdefault(action.lower(), {})
            name = key.lower()
            before = of_action.get(name, frozenset())
            if beside is None or before is None:
                of_action[name] = None
            else:
                of_action[name] = before | {beside if ":" in beside else f"{self.prefix}:{beside}"}
        return found

    @cached_property
    def type_keys(self) -> dict[str, frozenset[str]]:
        """The condition keys of each resource type that has any."""
        found: dict[str, set[str]] = {}
        for name, key in self.rows_of(
            "select resource_type, condition_key from resource_type_condition_keys"
            " where resource_type >= ? and resource_type < ?",
            case=True,
        ):
            found.setdefault(name, set()).add(key.lower())
        return {name: frozenset(keys) for name, keys in found.items()}

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The actions that `Describe*` matches: full names in lower case, sorted."""
        text = f"{self.prefix}:{pattern}".lower()
        found = self.facts.expanded.get(text)
        return self.facts.expanded.keep(text, self._expand(text)) if found is None else found

    def _expand(self, pattern: str) -> tuple[str, ...]:
        head = fixed_start(pattern)
        first, last = bisect_left(self.names, head), bisect_left(self.names, f"{head}\U0010ffff")
        if pattern == f"{head}*":
            return tuple(self.names[first:last])
        return tuple(filter(matcher_of(pattern), self.names[first:last]))

    def matched(self, arn: str) -> frozenset[str]:
        """The resource types of this service that an ARN, or a pattern of one, can be."""
        text = f"{self.prefix} {arn}"
        found = self.facts.matched.get(text)
        return self.facts.matched.keep(text, self._match(arn)) if found is None else found

    def _match(self, text: str) -> frozenset[str]:
        """The types whose formats an ARN can be of, without those that it only seems to be of.

        A variable of a format can hold slashes, so `arn:aws:s3:::logs/2026` could be a bucket by
        its format alone. Where the ARN writes out a format whose variables hold fewer slashes, as
        that of an object, it is of that one; a format of the service that the ARN names counts,
        too. Colons rule nothing out: AWS lists functions where it takes `function:web:2`.
        """
        arn = Arn(text)
        found = self.candidates(arn)
        home = self.facts.service(arn.service)
        others = [] if home is None or home is self or not found else home.candidates(arn)
        written = [each for each in (*found, *others) if each.fit.exact]
        fewest = min(map(slashes, written), default=None)
        return frozenset(
            [each.resource_type for each in found if fewest is None or slashes(each) <= fewest]
        )

    def candidates(self, arn: Arn) -> list[Candidate]:
        """The formats that an ARN can be of: beyond the colons only where none fits by parts."""
        near = [
            (row, form)
            for row, form in self.read_formats
            if form.service == arn.service or not (form.names_service and arn.service.isalnum())
        ]
        first, left = list[tuple[Row, ArnFormat]](), list[tuple[Row, ArnFormat]]()
        for each in near if arn.parts else ():
            if starts_alike(arn.start, each[1].texts[0]):
                (left if written(arn, each[1]) is None else first).append(each)
        found = fitting_parts(arn, first)
        fewest = min([slashes(each) for each in found if each.fit.exact], default=None)
        if fewest is not None:
            left = [each for each in left if not holds_more(arn, each[1], fewest)]
        found += fitting_parts(arn, left)
        if not found and arn.goes_beyond:
            return fitting(arn, [row for row, _ in near])
        return found

    def supports(self, action: str, keys: frozenset[str], types: frozenset[str] | None) -> bool:
        """Whether the action has one of the *keys*, with resources of the *types* or with any.

        A key on the row of a resource type, and a key of a resource type, holds with resources of
        that type alone (Service Authorization Reference, "Actions, resources, and condition keys
        for AWS services", sections "The actions table" and "The resource types table").
        """
        of_action = self.keys.get(action, {})
        for key in keys & of_action.keys():
            beside = of_action[key]
            if types is None or beside is None or beside & types:
                return True
        taken = self.types.get(action, frozenset())
        return any(
            not keys.isdisjoint(self.type_keys.get(name, ()))
            for name in (taken if types is None else taken & types)
        )


def fitting_parts(arn: Arn, formats: list[tuple[Row, ArnFormat]]) -> list[Candidate]:
    """Those formats that the ARN can be of, part by part."""
    return [
        Candidate(row[0], form, *row[2:], fits)
        for row, form in formats
        if (fits := fit_parts(arn, form)) is not None
    ]


def slashes(candidate: Candidate) -> int:
    """How many slashes of the ARN stand in variables of the format."""
    return sum([value.count("/") for value in candidate.fit.variables.values()])


def holds_more(arn: Arn, form: ArnFormat, most: int) -> bool:
    """Whether variables of the format would hold more slashes of the ARN than *most*, told quickly.

    A slash of the ARN stands where the format has one, or in a variable of it. Where none is to
    stand in a variable, and both have as many, what is between them stands side by side.
    """
    if ANY in form.names:
        return False
    text = ANY.join(form.texts)
    spare = arn.resource.count("/") - text.count("/")
    if spare or most:
        return spare > most
    sides = zip(arn.resource.split("/"), text.split("/"), strict=True)
    return any(one != other and OPEN.isdisjoint(one + other) for one, other in sides)


def fixed_start(text: str) -> str:
    """What stands before the first wildcard or placeholder.

    >>> fixed_start("instance/${InstanceId}")
    'instance/'
    """
    end = len(text)
    for sign in ("${", "*", "?", "{"):
        place = text.find(sign)
        if 0 <= place < end:
            end = place
    return text[:end]


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """What is known of a key that a policy names."""

    name: str
    """As AWS writes it: with the placeholder of a tag's key."""
    types: tuple[str, ...]
    """AWS's words; more than one where definitions differ; none where no page has one."""
    is_global: bool
    """Every action has it, or none lists it."""
    documented: frozenset[str]
    """The keys of the catalog that it is, or is a case of, in lower case."""
    evidence: tuple[Evidence, ...]


class ServiceFacts:
    """The facts of one catalog; not safe to use from several threads at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.expanded: Kept[tuple[str, ...]] = Kept()
        self.matched: Kept[frozenset[str]] = Kept()
        self._services: dict[str, Service] = {}
        self._unheld: Kept[tuple[bool, list[str]]] = Kept()

    def forget(self) -> None:
        """Forget the answers about texts of policies, and keep what was read of the catalog."""
        for answers in (self.expanded, self.matched, self._unheld):
            answers.clear()

    @cached_property
    def date(self) -> str | None:
        """Of the newest page."""
        row = self.connection.execute("select max(last_date) from pages").fetchone()
        return None if row[0] is None else str(row[0])

    @cached_property
    def held(self) -> dict[str, tuple[str, tuple[object, ...]]]:
        """Every service by its prefix in lower case, with what its pages say of its tables."""
        rows = self.connection.execute(
            "select services.service_prefix, max(last_date),"
            " min(actions_state <> ?1 and actions_in_error = 0 and not incomplete),"
            " min(resource_types_state <> ?1 and resource_types_in_error = 0 and not incomplete),"
            " min(condition_keys_state <> ?1 and condition_keys_in_error = 0 and not incomplete)"
            " from services join pages on pages.service_prefix = services.service_prefix"
            " where replaced is null group by services.service_prefix",
            (NOTHING_STATED,),
        )
        return {row[0].lower(): (row[0], row[1:]) for row in rows}

    def service(self, prefix: str) -> Service | None:
        """The service of a prefix in any case; None where the catalog does not hold it."""
        prefix = prefix.lower()
        if prefix not in self.held:
            return None
        service = self._services.get(prefix)
        if service is None:
            spelled, row = self.held[prefix]
            service = self._services[prefix] = Service(self, spelled, row)
        return service

    def unheld(self, prefix: str) -> tuple[bool, list[str]]:
        """Of a prefix that is not held: whether it had actions, and whose other name it is.

        The latter are the prefixes of the services that it is a title, page slug or SDK client of.
        """
        found = self._unheld.get(prefix)
        if found is None:
            names = (f"{prefix}:", f"{prefix};")
            past = self.connection.execute(
                "select 1 from past_actions where action >= ? and action < ? limit 1", names
            ).fetchone()
            others = services_named(self.connection, prefix)
            found = self._unheld.keep(prefix, (past is not None, others))
        return found

    def removed(self, action: str) -> tuple[str, str, str | None, Evidence] | None:
        """AWS's spelling, the dates of removal and of the last page, and where it stood."""
        row = self.connection.execute(
            "select action, removed, last_seen, page, line from removed_actions where action = ?",
            (action,),
        ).fetchone()
        return None if row is None else (row[0], row[1], row[2], Evidence(row[3], row[4], row[2]))

    @cached_property
    def dependents(self) -> dict[str, dict[str, tuple[Dependent, ...]]]:
        """What each action lists as dependent, without itself: by names in lower case."""
        found: dict[str, dict[str, tuple[Dependent, ...]]] = {}
        for row in self.connection.execute(
            "select action, dependent_action, d.page, line, last_seen, dataset"
            " from dependent_actions as d join pages on pages.page = d.page"
            " order by action, position"
        ):
            action, dependent = row[0].lower(), row[1].lower()
            if action != dependent:
                found.setdefault(action, {}).setdefault(dependent, (row,))
        return found

    @cached_property
    def documented_keys(self) -> dict[str, str]:
        """Every condition key of the catalog, by its name in lower case."""
        rows = self.connection.execute("select condition_key from condition_keys")
        return {key.lower(): key for (key,) in rows}

    @cached_property
    def key_patterns(self) -> dict[str, list[tuple[str, str, str]]]:
        """By prefix: the keys with a placeholder, with what stands before and after it."""
        from iam_catalog.policy.global_keys import GLOBAL_KEYS

        found: dict[str, list[tuple[str, str, str]]] = {}
        for key in {**self.documented_keys, **{name.lower(): name for name in GLOBAL_KEYS}}:
            around = placeholder(key)
            if around is not None:
                found.setdefault(key.partition(":")[0], []).append((key, *around))
        return found

    def key(self, name: str) -> ConditionKey | None:
        """What is known of a condition key in any case; None where nothing is."""
        name = name.lower()
        from iam_catalog.policy.global_keys import GLOBAL_KEYS, LISTED_BY_SERVICES

        fitting = [
            key
            for key, before, after in self.key_patterns.get(name.partition(":")[0], ())
            if name.startswith(before)
            and name.endswith(after)
            and len(name) > len(before) + len(after)
        ]
        possible = {name, *fitting}
        of_everyone = next((key for key in GLOBAL_KEYS if key.lower() in possible), None)
        documented = frozenset(possible & self.documented_keys.keys())
        if of_everyone is None and not documented:
            return None
        spelled = (
            of_everyone
            or self.documented_keys[
                name if name in documented else min(documented, key=lambda key: -len(key))
            ]
        )
        types, evidence = self.definitions(documented)
        if of_everyone is not None:
            types = GLOBAL_KEYS[of_everyone]
        listed = spelled.lower().partition("/")[0] in LISTED_BY_SERVICES
        return ConditionKey(
            spelled, types, of_everyone is not None and not listed, documented, evidence
        )

    def definitions(self, keys: frozenset[str]) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
        """The types that pages give the keys, and where each definition stands."""
        rows = [
            row
            for key in sorted(keys)
            for row in self.connection.execute(
                "select type, page, line, last_seen from condition_key_definitions"
                " where condition_key = ? order by page, line",
                (key,),
            )
        ]
        types = dict.fromkeys(row[0] for row in rows if row[0])
        return tuple(types), tuple(Evidence(*row[1:]) for row in rows)


def placeholder(key: str) -> tuple[str, str] | None:
    """What stands before and after the placeholder of a documented key; None without one.

    Pages write it `${TagKey}`, `<key>` or `tag-key`, or leave it out after the slash.

    >>> placeholder("s3:ExistingObjectTag/<key>")
    ('s3:ExistingObjectTag/', '')
    """
    for start, end in (("${", "}"), ("<", ">")):
        before, found, rest = key.partition(start)
        if found and end in rest:
            return before, rest.partition(end)[2]
    if key.endswith("/tag-key"):
        return key.removesuffix("tag-key"), ""
    return (key, "") if key.endswith("/") else None
