"""Find resources that the actions of a statement do not take, and the reverse.

Where an action's column of resource types is empty, the statement must name `*` for it; where a
resource is not valid for an action, requests for that action fail and the statement's Effect does
not apply; a starred type is required if the statement names ARNs for that action; of types without
a star, any may be used.

An ARN is fine if any action of the statement takes it. Wildcards and variables of ARNs can be
anything; a statement with an action that the catalog cannot tell of, or with `*` among its
resources, says too little for a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.cache import BoundedCache
from iam_catalog.policy.check.action_items import NO_TYPES, ActionItem, HeldAction, SingleAction
from iam_catalog.policy.check.findings import Finding, count, documented, listed, quoted
from iam_catalog.policy.check.reading import MOST_ARNS, PolicyRule, ReadPolicy, ReadStatement
from iam_catalog.policy.check.rule import TABLES, Note, Rule
from iam_catalog.policy.held_service import HeldService


class ActionNeedsStar(PolicyRule):
    """The action takes no resource type, so that only the resource * can allow or deny it."""

    topic = "resources"
    code = "action-needs-star"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The actions table"
    )
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Compare the actions and ARNs of each statement, and yield what does not fit."""
        for read in policy.statements:
            if read.arns is not None and read.actions:
                yield from _of_statement(policy.readers.notes, read, read.actions)


class ActionWithoutResource(Rule):
    """None of the statement's resources is of a type that the action takes."""

    topic = "resources"
    code = "action-without-resource"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The actions table"
    )
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"


class ResourceWithoutAction(Rule):
    """No action of the statement takes a resource of the types that the ARN can be."""

    topic = "resources"
    code = "resource-without-action"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The resource types table"
    )
    source = f"{TABLES}#resources_table"
    read_on = "2026-11-29"


def _of_statement(
    kept: BoundedCache[Note], read: ReadStatement, items: tuple[ActionItem, ...]
) -> Iterator[Finding]:
    """Yield the actions that take none of the ARNs, and the ARNs that none of the actions takes."""
    taken: dict[HeldService, set[str]] = {}
    complete = True
    for index, item in enumerate(items):
        types = item.types
        if types is None or not isinstance(item, HeldAction):
            complete = False
            continue
        of_service = taken.get(item.service)
        if of_service is None:
            of_service = taken[item.service] = set()
        of_service |= types
        if types.isdisjoint(read.available(item.service) or ()):
            key = f"{ActionNeedsStar.code} {item.text}"
            note = kept.get(key) or kept.keep(key, _unusable_action(item, types))
            yield note.at(read.statement.item_path("Action", index))
    if complete:
        yield from _unused_arns(read, taken)


def _unusable_action(item: HeldAction, types: frozenset[str]) -> Note:
    """Return the note for an action, or for a pattern if it holds for all that it matches."""
    evidence = item.source()
    date = documented(evidence[0].date if evidence else None)
    name = quoted(item.spelled)
    if not types:
        who = f"Every action that {name} matches" if item.state == "several" else name
        said = f"{who} takes no resource type: it needs the resource '*'{date}."
        return ActionNeedsStar.note(said, evidence, "*")
    said = f"{_takers(item, name)} {listed(sorted(types))}{date}, and no resource of the statement"
    formats = _formats_of(item, sorted(types))
    return ActionWithoutResource.note(f"{said} is one.", evidence, formats)


def _takers(item: HeldAction, name: str) -> str:
    """Return how a sentence begins about the types that an action, or a pattern's actions, take."""
    if item.state != "several":
        return f"{name} takes"
    types = item.service.told_types
    some = sum(bool(types.get(action)) for action in item.names)
    others = len(item.names) - some
    beside = f"{_taking(others)} only '*', and " if others else ""
    return f"{name} matches {beside}{_taking(some)}"


def _taking(number: int) -> str:
    return f"{count(number, 'action')} that {'takes' if number == 1 else 'take'}"


def _unused_arns(read: ReadStatement, taken: dict[HeldService, set[str]]) -> Iterator[Finding]:
    """Yield the ARNs that no action of the statement takes, unless that holds for all of them."""
    arns = read.arns or ()
    unused = [
        index
        for index, arn in enumerate(arns)
        if all(types.isdisjoint(service.matched(arn)) for service, types in taken.items())
    ]
    if len(unused) == len(arns):
        return  # found in the actions already
    for index in unused:
        arn = arns[index]
        could = sorted(name for service in taken for name in service.matched(arn))
        what = f", which can be {listed(could)}" if could else ""
        said = f"No action of the statement takes {quoted(arn)}{what}."
        yield ResourceWithoutAction.finding(said, read.statement.item_path("Resource", index))


def _formats_of(item: HeldAction, types: list[str]) -> str | None:
    """Return the first ARN formats of some types, as a suggestion."""
    formats = [form for name in types for form in item.service.formats.get(name, ())]
    return " or ".join(formats[:2]) or None


class TooManyResources(PolicyRule):
    """The policy has more resources than any policy of AWS can hold; some checks are left out."""

    topic = "resources"
    code = "too-many-resources"
    severity = "info"
    reference = "the code itself"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        if not policy.compared:
            text = (
                f"The policy has more than {MOST_ARNS:,} resources: which actions take them, and"
                " whether one covers another, is not checked."
            )
            yield self.finding(text, ())


class RequiredTypeMissing(PolicyRule):
    """No statement that allows the action names a resource of a type that it requires.

    Statements add up, so all that allow an action are seen together. Where an action is documented
    on several pages, what one of them requires is enough.
    """

    topic = "resources"
    code = "required-type-missing"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The actions table"
    )
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        if not policy.compared or policy.kind not in (None, "identity"):
            return
        reported: set[str] = set()
        for read in policy.statements:
            if not read.allows or read.arns is None:
                continue
            for index, item in enumerate(read.actions or ()):
                if isinstance(item, SingleAction) and item.required and item.key not in reported:
                    missing = _missing_types(policy, read, item)
                    if missing:
                        reported.add(item.key)
                        kept = policy.readers.notes
                        key = " ".join([self.code, item.key, *missing])
                        note = kept.get(key) or kept.keep(key, self._of_action(item, missing))
                        yield note.at(read.statement.item_path("Action", index))

    def _of_action(self, item: SingleAction, names: list[str]) -> Note:
        evidence = item.service.source(item.key, names[0])
        said = (
            f"{quoted(item.spelled)} requires a resource of the type {listed(names)}"
            f"{documented(evidence[0].date if evidence else None)}, and no statement that allows it"
            " names one."
        )
        return self.note(said, evidence, _formats_of(item, names))


def _missing_types(policy: ReadPolicy, read: ReadStatement, item: SingleAction) -> list[str]:
    """Return what the first page requires of an action that is not named; none if any is met."""
    named = read.available(item.service) or NO_TYPES
    if item.types is None or item.types.isdisjoint(named) or _is_met(item, named):
        return []
    of_all = _named_types(policy, item.key, item.service)
    if of_all is None or _is_met(item, of_all):
        return []
    return sorted(item.required[0] - of_all)


def _is_met(item: SingleAction, named: frozenset[str]) -> bool:
    return any(types <= named for types in item.required)


def _named_types(policy: ReadPolicy, action: str, service: HeldService) -> frozenset[str] | None:
    """Return the types that all statements name which allow an action; None for all types."""
    named: frozenset[str] = frozenset()
    for read in policy.statements:
        if read.allows and _may_name(read, action):
            available = read.available(service)
            if available is None:
                return None
            named |= available
    return named


def _may_name(read: ReadStatement, action: str) -> bool:
    """Return True if a statement is about an action, or may be."""
    if read.actions is None:
        return not any(item.has(action) for item in read.not_actions or ())
    return any(item.has(action) for item in read.actions)
