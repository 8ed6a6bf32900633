"""Tell which actions a statement covers, what its resources can be, and which actions take those.

`check`, `explain`, `complete` and `write` ask this module, so that they say the same of a
statement. The rules are those of the Service Authorization Reference, "Actions, resources, and
condition keys for AWS services", section "The actions table": an action without a resource type
needs the resource `*`, and requests for an action that takes none of the resources are not affected
by the statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from iam_catalog.arn.match import ArnTypes
from iam_catalog.arn.parts import Arn, may_be_everything, readings
from iam_catalog.arn.pattern import (
    ANY,
    VARIABLE,
    covers,
    fold_stars,
    has_wildcard,
    in_order,
    is_open,
    matcher_of,
    matches,
)
from iam_catalog.policy.facts import Matched, PolicyFacts
from iam_catalog.policy.grammar.values import is_action
from iam_catalog.policy.held_service import NO_TYPES, HeldService
from iam_catalog.policy.model import Statement, Unresolved, pattern_of

RELATIVE = "execute-api:/"
"""Resource policies of API Gateway may leave out the start of the ARN (API Gateway Developer Guide,
"API Gateway resource policy examples")."""

ResourceState = Literal["arn", "everything", "unknown", "refused"]


# --- actions


@dataclass(frozen=True, slots=True)
class Covered:
    """The actions that the `Action` or `NotAction` of a statement covers."""

    names: Matched
    """Current actions of the catalog, by service in the order of the actions' names."""
    counts: dict[str, int]
    """For each item, how many actions of the catalog it names."""
    unknown: tuple[tuple[str, str], ...]
    """Items that name none of them, or that IAM refuses, each with the reason in words."""

    def __len__(self) -> int:
        return sum(map(len, self.names.values()))

    @property
    def actions(self) -> Iterator[str]:
        """All actions in AWS's spelling, by their names in lower case."""
        for service, names in self.names.items():
            for name in names:
                yield service.actions[name]


def covered(facts: PolicyFacts, statement: Statement) -> Covered:
    """Find what a statement covers in the catalog; nothing if it has neither element."""
    items = statement.actions if statement.actions is not None else statement.not_actions
    found: dict[HeldService, list[tuple[str, ...]]] = {}
    counts: dict[str, int] = {}
    unknown: list[tuple[str, str]] = []
    for item in items or ():
        if item in counts:
            continue
        matched = facts.matching(item) if is_action(item) else {}
        for service, names in matched.items():
            found.setdefault(service, []).append(names)
        counts[item] = sum(map(len, matched.values()))
        if not matched:
            unknown.append((item, facts.why_unknown(item)))
    named = {
        service: lists[0] if len(lists) == 1 else tuple(sorted(set().union(*lists)))
        for service, lists in sorted(found.items(), key=_name_order)
    }
    if statement.actions is None and statement.not_actions is not None:
        named = _all_but(facts, named)
    return Covered(named, counts, tuple(unknown))


def _name_order(pair: tuple[HeldService, object]) -> str:
    return f"{pair[0].prefix}:".lower()


def _all_but(facts: PolicyFacts, excepted: Matched) -> Matched:
    found: Matched = {}
    for service, names in facts.every_action.items():
        excluded = frozenset(excepted.get(service, ()))
        left = tuple([name for name in names if name not in excluded]) if excluded else names
        if left:
            found[service] = left
    return found


def names_action(statement: Statement, action: str) -> bool:
    """Return True if `Action` or `NotAction` covers an action, in the catalog or not.

    What the document leaves open covers nothing here.
    """
    if statement.actions is not None:
        return _any_matches(statement.actions, action)
    return statement.not_actions is not None and not _any_matches(statement.not_actions, action)


def _any_matches(items: Iterable[str], action: str) -> bool:
    name = action.lower()
    return any(VARIABLE not in item and is_action(item) and _matcher(item)(name) for item in items)


@lru_cache(maxsize=1024)
def _matcher(item: str) -> Callable[[str], bool]:
    return matcher_of(fold_stars(item.lower()))


# --- resources


def is_everything(resource: str) -> bool:
    """Return True for `*`, however often it is written, and for what the document leaves so open
    that it can be `*`."""
    if isinstance(resource, Unresolved):
        return may_be_everything(resource.pattern)
    return set(resource) == {ANY}


def resource_state(resource: str) -> ResourceState:
    """Tell whether a resource is an ARN; `unknown` text may become one, and IAM refuses others."""
    if is_everything(resource):
        return "everything"
    pattern = pattern_of(resource)
    if is_open(pattern):
        return "arn" if any(each.is_arn for each in readings(pattern)) else "refused"
    if pattern.startswith((VARIABLE, RELATIVE)):
        return "unknown"
    return "arn" if Arn(pattern).is_arn else "refused"


class StatementResources:
    """What the resources of a statement can be, those of `NotResource` without `Resource`."""

    def __init__(
        self,
        arns: ArnTypes,
        statement: Statement,
        state_of: Callable[[str], ResourceState] = resource_state,
    ) -> None:
        """*state_of* answers as `resource_state` does, perhaps from a cache."""
        self._arns = arns
        self._statement = statement
        self._state_of = state_of

    @cached_property
    def types(self) -> dict[str, tuple[str, ...]]:
        """The resource types of each resource, the most specific first; none for `*`."""
        statement = self._statement
        named = statement.resources if statement.resources is not None else statement.not_resources
        return {
            resource: () if is_everything(resource) else self._arns.types(pattern_of(resource))
            for resource in named or ()
        }

    @cached_property
    def is_open(self) -> bool:
        """Return True if the document leaves a resource open, as a whole or in part.

        Then `available` are the types that the resources can be, and they may be fewer.
        """
        statement = self._statement
        named = (*(statement.resources or ()), *(statement.not_resources or ()))
        return Unresolved in set(map(type, named))

    @cached_property
    def certain(self) -> frozenset[str] | None:
        """The resource types of those resources that the document says; None for all types."""
        said = [
            each for each in self._statement.resources or () if not isinstance(each, Unresolved)
        ]
        if self._statement.resources is None or any(map(is_everything, said)):
            return None
        return NO_TYPES.union(*[self._arns.types(each) for each in said])

    @cached_property
    def arns(self) -> tuple[str, ...] | None:
        """The ARNs that limit the statement; None where nothing does, or where one is not an ARN.

        With `NotResource`, the statement is about everything else, which can be anything.
        """
        resources = self._statement.resources
        return resources if self._states == {"arn"} or not resources else None

    @cached_property
    def _states(self) -> set[ResourceState]:
        return {self._state_of(each) for each in self._statement.resources or ()}

    @cached_property
    def available(self) -> frozenset[str] | None:
        """The resource types that the resources can be; None for all of them, or for unknown ones.

        A text that is refused as a resource is of no type.
        """
        resources = self._statement.resources
        if resources is None or not self._states <= {"arn", "refused"}:
            return None
        return NO_TYPES.union(*[self._arns.types(pattern_of(each)) for each in resources])

    def takes(self, service: HeldService, action: str) -> bool:
        """Return True if an action, in lower case, takes one of the resources.

        Also where that is not known: of a resource type without an ARN format, of an action that
        may take further types, and where a source of the service leaves its types out.
        """
        return self.available is None or _can_take(service, action, self.available)


def _can_take(service: HeldService, action: str, available: frozenset[str]) -> bool:
    """Return True if an action takes one of the types, or nobody can tell which it takes."""
    types = service.told_types.get(action, service.no_types)
    return types is None or not types.isdisjoint(available)


_OPEN = re.compile(r"[*?$]")
"""Before the first of these, a pattern is text."""


class Patterns:
    """Patterns that are compared with case: lower-case ones for actions."""

    def __init__(self, texts: Iterable[str]) -> None:
        wild = [text for text in texts if "*" in text or "?" in text]
        patterns = [text for text in wild if "$" not in text or has_wildcard(text)]
        plain = [text for text in patterns if "?" not in text and "$" not in text]
        pieces = [(text, text.split("*")) for text in plain]
        ends = [each[0] for _, each in pieces if len(each) == 2 and not each[1]]
        self.starts = tuple(sorted(ends, key=len))
        """Of the patterns whose only `*` ends them, as of most; the shortest first."""
        self.pieces = [each for each in pieces if len(each[1]) > 2 or each[1][-1]]
        self.others = [
            (text, _OPEN.split(text, 1)[0]) for text in patterns if "?" in text or "$" in text
        ]
        """With what they start with."""

    def match(self, name: str) -> bool:
        """Return True if any of them matches a name, which is read as text."""
        if name.startswith(self.starts):
            return True
        if not (self.pieces or self.others):
            return False
        return any(in_order(pieces, name) for _, pieces in self.pieces) or any(
            matches(each, name) for each, _ in self.others
        )

    def covered(self, texts: Sequence[str]) -> dict[int, str]:
        """Return the index of each text that one of the patterns covers, with that pattern."""
        near: Iterable[tuple[int, str]] = enumerate(texts)
        if not (self.pieces or self.others):
            near = [(index, text) for index, text in near if text.startswith(self.starts)]
        return {index: cover for index, text in near if (cover := self.covering(text)) is not None}

    def covering(self, text: str) -> str | None:
        """Return one, other than *text*, that matches everything that *text* matches."""
        for start in self.starts:
            if text.startswith(start) and text[len(start) :] != "*":
                return f"{start}*"
        variables = "$" in text
        for each, pieces in self.pieces:
            if each != text and (covers(each, text) if variables else in_order(pieces, text)):
                return each
        for each, start in self.others:
            if each != text and text.startswith(start) and covers(each, text):
                return each
        return None
