"""Resources that the actions of a statement do not take, and the reverse.

Rules of the Service Authorization Reference, "Actions, resources, and condition keys for AWS
services", section "The actions table": where an action's column of resource types is empty, the
statement must name `*` for it; where a resource is not valid for an action, requests for that
action fail and the statement's Effect does not apply; a starred type is required if the statement
names ARNs for that action; of types without a star, any may be used.

An ARN is fine if any action of the statement takes it. Wildcards and variables of ARNs can be
anything; a statement with an action that the catalog can not tell of, or with `*` among its
resources, says too little for a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.arn.format import placeholder_names
from iam_catalog.policy.check.action_items import NO_TYPES, ActionItem, HeldAction, SingleAction
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.notes import count, documented, finding, listed, placed
from iam_catalog.policy.check.reading import MOST_ARNS, ReadPolicy, ReadStatement
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.records import Path, Unresolved
from iam_catalog.policy.service import Service


def resource_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """What is said of each ARN, and of the actions and ARNs of each statement together."""
    for read in policy.statements:
        for element, items in (("Resource", read.resources), ("NotResource", read.not_resources)):
            for index, item in enumerate(items or ()):
                for note in item.notes:
                    yield placed(note, read.statement.item_path(element, index))
        if read.arns is not None and read.actions:
            yield from statement_findings(read, read.actions)
    if not policy.compared:
        text = (
            f"The policy has more than {MOST_ARNS:,} resources: which actions take them, and"
            " whether one covers another, is not checked."
        )
        yield finding("too-many-resources", text, ())
    elif policy.kind in (None, "identity"):
        yield from missing_required_types(policy)


def placeholder_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """One finding for all placeholders of ARNs, such as those of AWS's formats, at the first.

    What only a deployment knows is none: a template fills that in by itself.
    """
    names: set[str] = set()
    first: Path | None = None
    for read in policy.statements:
        for index, text in enumerate(read.statement.resources or ()):
            if "${" not in text or isinstance(text, Unresolved):
                continue
            if left := placeholder_names([text]):
                names.update(left)
                first = first or read.statement.item_path("Resource", index)
    if first is not None:
        left = [f"${{{name}}}" for name in sorted(names)]
        said = f"To be filled in: {listed(left)}. Until then AWS refuses the policy, or it matches"
        yield finding("placeholder-left", f"{said} no resource.", first)


def statement_findings(read: ReadStatement, items: tuple[ActionItem, ...]) -> Iterator[Finding]:
    """The actions that take none of the ARNs, and the ARNs that none of the actions takes."""
    taken: dict[Service, set[str]] = {}
    told = True
    for index, item in enumerate(items):
        types = item.types
        if types is None or not isinstance(item, HeldAction):
            told = False
            continue
        of_service = taken.get(item.service)
        if of_service is None:
            of_service = taken[item.service] = set()
        of_service |= types
        if types.isdisjoint(read.available(item.service) or ()):
            yield unusable_action(item, types, read.statement.item_path("Action", index))
    if told:
        yield from unused_arns(read, taken)


def unusable_action(item: HeldAction, types: frozenset[str], path: Path) -> Finding:
    """What is said of an action, and of a pattern if it holds for all that it matches."""
    evidence = item.source()
    date = documented(evidence[0].date if evidence else None)
    name = quoted(item.spelled)
    if not types:
        who = f"Every action that {name} matches" if item.state == "several" else name
        said = f"{who} takes no resource type: it needs the resource '*'{date}."
        return finding("action-needs-star", said, path, evidence, "*")
    said = f"{takers(item, name)} {listed(sorted(types))}{date}, and no resource of the statement"
    formats = formats_of(item, sorted(types))
    return finding("action-without-resource", f"{said} is one.", path, evidence, formats)


def takers(item: HeldAction, name: str) -> str:
    """How a sentence begins about what an action takes, or some of those that a pattern matches."""
    if item.state != "several":
        return f"{name} takes"
    told = item.service.told_types
    some = sum(bool(told.get(action)) for action in item.names)
    others = len(item.names) - some
    beside = f"{taking(others)} only '*', and " if others else ""
    return f"{name} matches {beside}{taking(some)}"


def taking(number: int) -> str:
    return f"{count(number, 'action')} that {'takes' if number == 1 else 'take'}"


def unused_arns(read: ReadStatement, taken: dict[Service, set[str]]) -> Iterator[Finding]:
    """The ARNs that no action of the statement takes, unless that holds for all of them."""
    arns = read.arns or ()
    unused = [
        index
        for index, arn in enumerate(arns)
        if all(types.isdisjoint(service.matched(arn)) for service, types in taken.items())
    ]
    if len(unused) == len(arns):
        return  # said of the actions already
    for index in unused:
        arn = arns[index]
        could = sorted(name for service in taken for name in service.matched(arn))
        what = f", which can be {listed(could)}" if could else ""
        said = f"No action of the statement takes {quoted(arn)}{what}."
        yield finding("resource-without-action", said, read.statement.item_path("Resource", index))


def missing_required_types(policy: ReadPolicy) -> Iterator[Finding]:
    """The types that an allowed action requires, and that no statement which allows it names.

    Statements add up, so all that allow an action are seen together. Where an action stands on
    several pages, what one of them requires is enough.
    """
    said: set[str] = set()
    for read in policy.statements:
        if not read.allows or read.arns is None:
            continue
        for index, item in enumerate(read.actions or ()):
            if isinstance(item, SingleAction) and item.required and item.key not in said:
                missing = missing_types(policy, read, item)
                if missing:
                    said.add(item.key)
                    path = read.statement.item_path("Action", index)
                    yield required_finding(item, missing, path)


def missing_types(policy: ReadPolicy, read: ReadStatement, item: SingleAction) -> list[str]:
    """What the first page requires of an action that is not named; none where any is content."""
    named = read.available(item.service) or NO_TYPES
    if item.types is None or item.types.isdisjoint(named) or is_content(item, named):
        return []
    of_all = named_types(policy, item.key, item.service)
    if of_all is None or is_content(item, of_all):
        return []
    return sorted(item.required[0] - of_all)


def is_content(item: SingleAction, named: frozenset[str]) -> bool:
    return any(types <= named for types in item.required)


def required_finding(item: SingleAction, names: list[str], path: Path) -> Finding:
    evidence = item.service.source(item.key, names[0])
    said = (
        f"{quoted(item.spelled)} requires a resource of the type {listed(names)}"
        f"{documented(evidence[0].date if evidence else None)}, and no statement that allows it"
        " names one."
    )
    return finding("required-type-missing", said, path, evidence, formats_of(item, names))


def formats_of(item: HeldAction, types: list[str]) -> str | None:
    """The first ARN formats of some types, as a suggestion."""
    formats = [form for name in types for form in item.service.formats.get(name, ())]
    return " or ".join(formats[:2]) or None


def named_types(policy: ReadPolicy, action: str, service: Service) -> frozenset[str] | None:
    """The types that all statements name which allow an action; None for all types."""
    named: frozenset[str] = frozenset()
    for read in policy.statements:
        if read.allows and may_name(read, action):
            available = read.available(service)
            if available is None:
                return None
            named |= available
    return named


def may_name(read: ReadStatement, action: str) -> bool:
    """Whether a statement is about an action, or may be."""
    if read.actions is None:
        return not any(item.has(action) for item in read.not_actions or ())
    return any(item.has(action) for item in read.actions)
