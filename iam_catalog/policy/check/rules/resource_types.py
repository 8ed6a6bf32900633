"""Find resources that the actions of a statement do not take, and the reverse.

Where an action's column of resource types is empty, the statement must name `*` for it; where a
resource is not valid for an action, requests for that action fail and the statement's Effect does
not apply; a starred type is required if the statement names ARNs for that action; of types without
a star, any may be used.

An ARN is fine if any action of the statement takes it. Wildcards and variables of ARNs can be
anything; a statement with an action that the catalog cannot tell of, or with `*` among its
resources, says too little for a finding. A statement gets one finding of a code, with a count.

What a document leaves open in an ARN or in the name of an action can be anything that the text
around it allows: a finding holds for all of that, and where it depends on it there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from iam_catalog.arn.parts import PARTS, Arn, is_settled
from iam_catalog.arn.pattern import ANY, covers, is_open, overlaps, split_openings
from iam_catalog.policy.check.action_items import NO_TYPES, ActionItem, HeldAction, SingleAction
from iam_catalog.policy.check.findings import Finding, count, documented, listed, quoted
from iam_catalog.policy.check.reading import (
    MOST_ARNS,
    PolicyRule,
    ReadPolicy,
    ReadStatement,
    is_allowed_elsewhere,
)
from iam_catalog.policy.check.rule import TABLES, Rule
from iam_catalog.policy.held_service import HeldService
from iam_catalog.policy.model import Unresolved, pattern_of

_ACTIONS_TABLE = (
    "Service Authorization Reference, Actions, resources, and condition keys for AWS services, "
    "The actions table"
)
_MOST_COMPARED = 20
"""So many ARNs of a statement are compared with formats that may be suggested."""


class ActionNeedsStar(PolicyRule):
    """The action takes no resource type, so that only the resource * can allow or deny it."""

    topic = "resources"
    code = "action-needs-star"
    severity = "warning"
    reference = _ACTIONS_TABLE
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Compare the actions and ARNs of each statement, and yield what does not fit."""
        for read in policy.statements:
            if read.arns is not None and read.actions:
                yield from _of_statement(policy, read, read.actions)


class ActionOnEveryArn(Rule):
    """The action takes no resource type, and the statement names every ARN of its service or type.

    AWS's tables ask for the resource \\* there. But AWS's guides name such ARNs: that of Amazon S3
    allows s3:ListAllMyBuckets on arn:aws:s3:::\\*, and that of Amazon CloudWatch Logs asks for
    log-group:\\* with logs:DescribeLogGroups ("Logs sent to CloudWatch Logs").
    """

    topic = "resources"
    code = "action-on-every-arn"
    severity = "info"
    reference = _ACTIONS_TABLE
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"


class ActionAllowedElsewhere(Rule):
    """The action takes none of the statement's resources, and another statement allows it.

    So it has no effect in this statement, and the policy does what it says all the same.
    """

    topic = "resources"
    code = "action-allowed-elsewhere"
    severity = "info"
    reference = _ACTIONS_TABLE
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"


class ActionWithoutResource(Rule):
    """None of the statement's resources is of a type that the action takes."""

    topic = "resources"
    code = "action-without-resource"
    severity = "warning"
    reference = _ACTIONS_TABLE
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"


class PatternBeyondResources(Rule):
    """Some of the actions that a pattern matches take none of the statement's resources.

    Those have no effect there: a Describe of Amazon EC2 seldom takes an instance, and needs the
    resource \\* then.
    """

    topic = "resources"
    code = "pattern-beyond-resources"
    severity = "info"
    reference = _ACTIONS_TABLE
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


class ResourceUsedElsewhere(Rule):
    """No action of the statement takes the ARN, and actions of another statement do.

    So it has no effect in this statement, as where statements repeat one list of resources.
    """

    topic = "resources"
    code = "resource-used-elsewhere"
    severity = "info"
    reference = ResourceWithoutAction.reference
    source = f"{TABLES}#resources_table"
    read_on = "2026-11-29"


@dataclass(slots=True)
class _Unfit:
    """The items of a statement that do not fit its resources: each with its place in the list."""

    needing_star: list[tuple[int, HeldAction]] = field(default_factory=list)
    on_every_arn: list[tuple[int, HeldAction]] = field(default_factory=list)
    without_resource: list[tuple[int, HeldAction]] = field(default_factory=list)
    allowed_elsewhere: list[tuple[int, HeldAction]] = field(default_factory=list)
    in_part: list[tuple[int, HeldAction]] = field(default_factory=list)


def _of_statement(
    policy: ReadPolicy, read: ReadStatement, items: tuple[ActionItem, ...]
) -> Iterator[Finding]:
    """Yield the actions that take none of the ARNs, and the ARNs that none of the actions takes."""
    taken: dict[HeldService, set[str]] = {}
    complete = True
    unfit = _Unfit()
    for index, item in enumerate(items):
        if not isinstance(item, HeldAction):
            complete = False
            continue
        types = item.types
        available = read.available(item.service) or NO_TYPES
        if types is None:
            complete = False
        else:
            of_service = taken.get(item.service)
            if of_service is None:
                of_service = taken[item.service] = set()
            of_service |= types
            if types.isdisjoint(available):
                _sort_unfit(unfit, policy, read, index, item, types)
                continue
        if item.state == "several" and item.ruled_out(available) and _is_taken(read, item):
            unfit.in_part.append((index, item))
    yield from _unfit_actions(read, unfit)
    if complete:
        yield from _unused_arns(policy, read, taken)


def _is_taken(read: ReadStatement, item: HeldAction) -> bool:
    """Return True if some action of an item takes a resource, whatever the document leaves open."""
    certain = read.certain_types
    return not read.is_open or certain is None or len(item.ruled_out(certain)) < len(item.names)


def _sort_unfit(
    unfit: _Unfit,
    policy: ReadPolicy,
    read: ReadStatement,
    index: int,
    item: HeldAction,
    types: frozenset[str],
) -> None:
    """Put an item that takes none of the resources where it is reported."""
    if any(_is_documented_elsewhere(arn, item.names) for arn in read.arns or ()):
        return
    elsewhere = is_allowed_elsewhere(policy, read, item)
    if elsewhere is None:
        return
    every: set[bool | None] = set()
    if not elsewhere and (item.is_open or not types):
        every = {_is_every_arn(arn, item.service) for arn in read.arns or ()}
    if elsewhere:
        found = unfit.allowed_elsewhere
    elif types and not item.is_open:
        found = unfit.without_resource
    elif (None in every and True not in every) or (item.is_open and True in every):
        return  # it depends on what the document leaves open
    elif types:
        found = unfit.without_resource
    else:
        found = unfit.on_every_arn if True in every else unfit.needing_star
    found.append((index, item))


def _unfit_actions(read: ReadStatement, unfit: _Unfit) -> Iterator[Finding]:
    """Yield one finding of a code for the statement."""
    for rule, found, better in (
        (ActionNeedsStar, unfit.needing_star, "*"),
        (ActionOnEveryArn, unfit.on_every_arn, "*"),
    ):
        if found:
            said = _without_types(found)
            if rule is ActionOnEveryArn:
                said = f"{said[:-1]}; the statement names every ARN of a type or of the service."
            yield _finding(rule, read, found, said, better)
    if found := unfit.without_resource:
        yield _finding(
            ActionWithoutResource, read, found, _with_types(found), _fitting_format(read, found[0])
        )
    if found := unfit.allowed_elsewhere:
        one = len(found) == 1
        verb = "allows" if read.allows else "denies"
        said = f"{_named(found)} {'takes' if one else 'take'} none of the statement's resources"
        said += f"{_date_of(found)}: another statement {verb} {'it' if one else 'them'}."
        yield _finding(ActionAllowedElsewhere, read, found, said)
    if found := unfit.in_part:
        yield _finding(PatternBeyondResources, read, found, _ruled_out(read, found))


def _finding(
    rule: type[Rule],
    read: ReadStatement,
    found: Sequence[tuple[int, HeldAction]],
    said: str,
    suggestion: str | None = None,
) -> Finding:
    """Return the finding about some items of Action, at the first."""
    index, item = found[0]
    path = read.statement.item_path("Action", index)
    return rule.finding(said, path, item.source(), suggestion)


def _named(found: Sequence[tuple[int, HeldAction]]) -> str:
    """Return the items in words; several with their number."""
    names = [quoted(item.spelled) for _, item in found]
    return names[0] if len(names) == 1 else f"{len(names):,} actions ({listed(names)})"


def _date_of(found: Sequence[tuple[int, HeldAction]]) -> str:
    evidence = found[0][1].source()
    return documented(evidence[0].date if evidence else None)


def _without_types(found: Sequence[tuple[int, HeldAction]]) -> str:
    """Say of items that they take no resource type."""
    name, date = _named(found), _date_of(found)
    if len(found) > 1:
        return f"{name} take no resource type: they need the resource '*'{date}."
    who = name
    if found[0][1].state == "several" or found[0][1].is_open:
        verb = "can be" if found[0][1].is_open else "matches"
        who = f"Every action that {name} {verb}"
    return f"{who} takes no resource type: it needs the resource '*'{date}."


def _with_types(found: Sequence[tuple[int, HeldAction]]) -> str:
    """Say of items which types they take."""
    date = _date_of(found)
    types = sorted(NO_TYPES.union(*[item.types or () for _, item in found]))
    begin = _takers(found[0][1]) if len(found) == 1 else f"{_named(found)} take"
    return f"{begin} {listed(types)}{date}, and no resource of the statement is one."


def _takers(item: HeldAction) -> str:
    """Return how a sentence begins about the types that an action, or a pattern's actions, take."""
    name = quoted(item.spelled)
    if item.is_open:
        return f"{name} can be an action that takes"
    if item.state != "several":
        return f"{name} takes"
    types = item.service.told_types
    some = sum(bool(types.get(action)) for action in item.names)
    others = len(item.names) - some
    beside = f"{_taking(others)} only '*', and " if others else ""
    return f"{name} matches {beside}{_taking(some)}"


def _taking(number: int) -> str:
    return f"{count(number, 'action')} that {'takes' if number == 1 else 'take'}"


def _ruled_out(read: ReadStatement, found: Sequence[tuple[int, HeldAction]]) -> str:
    """Say how many of the actions that patterns match take none of the resources, and which."""
    matched: set[str] = set()
    ruled_out: dict[str, str] = {}
    for _, item in found:
        matched.update(item.names)
        without = item.ruled_out(read.available(item.service) or NO_TYPES)
        ruled_out |= {name: item.service.actions[name] for name in without}
    names = listed([quoted(item.spelled) for _, item in found])
    verb = "matches" if len(found) == 1 else "match"
    none = f"{'takes' if len(ruled_out) == 1 else 'take'} none of the statement's resources"
    least = "at least " if read.is_open else ""
    said = f"Of the {len(matched):,} actions that {names} {verb}, {least}{len(ruled_out):,} {none}"
    return f"{said}{_date_of(found)}: {listed([ruled_out[name] for name in sorted(ruled_out)])}."


def _is_every_arn(text: str, service: HeldService) -> bool | None:
    """Return True for an ARN such as `arn:aws:s3:::*` or `arn:aws:logs:*:*:log-group:*`.

    It names every resource of a service, or of one of its types. None if it can, by what the
    document leaves open; the attribute of a resource that is its ARN names that one alone.
    """
    pattern = pattern_of(text)
    if not is_open(pattern):
        return _names_every(Arn(text), service)
    pieces = split_openings(pattern)
    if not is_settled(pattern):
        return False if pieces[1][0] in ("arn", "name") and not pieces[0][1] else None
    widest = "".join([ANY if kind in ("any", "part") else piece for kind, piece in pieces])
    return None if _names_every(Arn(widest), service) else False


def _names_every(arn: Arn, service: HeldService) -> bool:
    if not arn.is_arn or arn.service != service.prefix:
        return False
    resource = arn.text.split(":", 5)[-1]
    return "*" in resource and any(covers(resource, every) for every in service.every_resource)


_DOCUMENTED_ELSEWHERE = (
    # AWS CloudFormation User Guide, "Control CloudFormation access with AWS Identity and Access
    # Management": transforms, which AWS owns
    ("cloudformation:createchangeset", "cloudformation", "transform/"),
    # AWS Systems Manager User Guide, "Sample IAM policies for Session Manager"
    ("ssmmessages:opendatachannel", "ssm", "session/"),
)
"""Actions with the service and the start of resources that they take though no table says so: AWS
names them in the documents above, read on 2026-11-29."""


def _is_documented_elsewhere(text: str, actions: Collection[str]) -> bool:
    near = [each for each in _DOCUMENTED_ELSEWHERE if each[0] in actions]
    if not near:
        return False
    pattern = pattern_of(text)
    if is_open(pattern):
        return any(overlaps(pattern, f"arn:*:{service}:*:*:{start}*") for _, service, start in near)
    arn = Arn(text)
    return any(arn.service == service and arn.start.startswith(start) for _, service, start in near)


def _unused_arns(
    policy: ReadPolicy, read: ReadStatement, taken: dict[HeldService, set[str]]
) -> Iterator[Finding]:
    """Yield the ARNs that no action of the statement takes, unless that holds for all of them."""
    arns = read.arns or ()
    unused = [
        index
        for index, arn in enumerate(arns)
        if all(types.isdisjoint(service.matched(arn)) for service, types in taken.items())
    ]
    if len(unused) == len(arns):
        return  # found in the actions already
    actions = {name for item in read.actions or () for name in item.names}
    elsewhere: list[int] = []
    nowhere: list[int] = []
    for index in unused:
        if _is_documented_elsewhere(arns[index], actions):
            continue
        is_used = _is_used_elsewhere(policy, read, arns[index])
        if is_used is not None:
            (elsewhere if is_used else nowhere).append(index)
    if nowhere:
        names = [arns[index] for index in nowhere]
        could = {name for arn in names for service in taken for name in service.matched(arn)}
        what = f", which can be {listed(sorted(could))}" if could else ""
        said = f"No action of the statement takes {_some_arns(names)}{what}."
        yield ResourceWithoutAction.finding(said, read.statement.item_path("Resource", nowhere[0]))
    if elsewhere:
        said = (
            f"No action of the statement takes {_some_arns([arns[index] for index in elsewhere])}"
        )
        said += f": actions of another statement take {'it' if len(elsewhere) == 1 else 'them'}."
        path = read.statement.item_path("Resource", elsewhere[0])
        yield ResourceUsedElsewhere.finding(said, path)


def _some_arns(arns: list[str]) -> str:
    """Return a resource in quotes; of several the number, and the first ones."""
    if len(arns) == 1:
        return quoted(arns[0])
    return f"{len(arns):,} of its resources ({listed([quoted(arn) for arn in arns])})"


def _is_used_elsewhere(policy: ReadPolicy, read: ReadStatement, arn: str) -> bool | None:
    """Return True if a statement of the same effect names the ARN for actions that take it.

    None if it depends on what the document leaves open.
    """
    found: bool | None = False
    for other in policy.statements:
        if other is read or other.statement.effect != read.statement.effect:
            continue
        named = other.arns or (other.statement.resources or () if other.is_open else ())
        if arn not in named and not any(_can_be_same(arn, each) for each in named):
            continue
        for item in other.actions or ():
            if item.is_open and not isinstance(item, HeldAction):
                found = None
            types = item.types
            if isinstance(item, HeldAction) and (
                types is None or not types.isdisjoint(item.service.matched(arn))
            ):
                if arn in named and not isinstance(arn, Unresolved) and not item.is_open:
                    return True
                found = None
    return found


def _can_be_same(arn: str, other: str) -> bool:
    """Return True if two resources can be equal by what the document leaves open of them."""
    is_either_open = isinstance(arn, Unresolved) or isinstance(other, Unresolved)
    return is_either_open and overlaps(pattern_of(arn), pattern_of(other))


def _fitting_format(
    read: ReadStatement, found: tuple[int, HeldAction], types: Sequence[str] = ()
) -> str | None:
    """Return the ARN format of *types*, or those of the item, that is most like the ARNs written.

    Of formats that are as like, that of a type that the name of the action has, then the one that
    the source lists first.
    """
    item = found[1]
    names = [
        name for name in item.service.formats if name in (types or item.types or ())
    ] or sorted(types)
    formats = [(form, name) for name in names for form in item.service.formats.get(name, ())]
    if not formats:
        return None
    arns = [Arn(pattern_of(text)) for text in (read.arns or ())[:_MOST_COMPARED]]
    action = item.spelled.partition(":")[2].lower()

    def closeness(pair: tuple[str, str]) -> tuple[int, bool]:
        form, name = pair
        noun = name.partition(":")[2].replace("-", "").lower()
        return max((_likeness(form, arn) for arn in arns), default=0), noun in action

    return max(formats, key=closeness)[0]


def _likeness(form: str, arn: Arn) -> int:
    """Return how much of an ARN is written like a format, more for parts that both leave empty."""
    parts, written = form.split(":", 5), ("arn", *arn.parts)
    if len(parts) < PARTS or arn.head is None or arn.missing or parts[2] != written[2]:
        return 0
    same = sum(bool(parts[at]) == bool(written[at]) for at in (3, 4))
    start = 0
    for mine, other in zip(parts[5], written[5], strict=False):
        if mine != other or mine in "$*":
            break
        start += 1
    return 1 + 10 * same + start


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
    reference = _ACTIONS_TABLE
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        if not policy.compared or policy.kind not in (None, "identity"):
            return
        reported: set[str] = set()
        for read in policy.statements:
            if read.allows and read.arns is not None:
                yield from self._of_statement(policy, read, reported)

    def _of_statement(
        self, policy: ReadPolicy, read: ReadStatement, reported: set[str]
    ) -> Iterator[Finding]:
        """Yield a finding for each group of types that the same actions miss."""
        groups: dict[tuple[type[Rule], tuple[str, ...]], list[tuple[int, HeldAction]]] = {}
        for index, item in enumerate(read.actions or ()):
            if isinstance(item, SingleAction) and item.required and item.key not in reported:
                missing, some_named = _missing_types(policy, read, item)
                if missing:
                    reported.add(item.key)
                    rule: type[Rule] = (
                        SomeRequiredTypesMissing if some_named else RequiredTypeMissing
                    )
                    groups.setdefault((rule, missing), []).append((index, item))
        for (kind, types), found in groups.items():
            yield self._of_group(policy, kind, read, types, found)

    def _of_group(
        self,
        policy: ReadPolicy,
        rule: type[Rule],
        read: ReadStatement,
        missing: tuple[str, ...],
        found: list[tuple[int, HeldAction]],
    ) -> Finding:
        index, item = found[0]
        evidence = item.service.source(item.names[0], missing[0])
        one = len(found) == 1
        said = (
            f"{_named(found)} {'requires' if one else 'require'} a resource of the type "
            f"{listed(missing)}{documented(evidence[0].date if evidence else None)}, and no "
            f"statement that allows {'it' if one else 'them'} names one"
        )
        if rule is SomeRequiredTypesMissing and not any(each.is_open for each in policy.statements):
            said += ": only of other types that AWS's table requires"
        path = read.statement.item_path("Action", index)
        better = None  # of several that may be alternatives, none is better than those named
        if rule is RequiredTypeMissing or len(missing) == 1:
            better = _fitting_format(read, found[0], missing)
        return rule.finding(f"{said}.", path, evidence, better)


class SomeRequiredTypesMissing(Rule):
    """The statements name resources of some types that the action requires, and not of others.

    AWS's tables do not say whether required types are alternatives, as those of
    bedrock:InvokeModel, or are all in one request, as those of ec2:AttachVolume.
    """

    topic = "resources"
    code = "some-required-types-missing"
    severity = "info"
    reference = _ACTIONS_TABLE
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"


_ENOUGH = {
    # AWS Systems Manager User Guide, "Setting up Automation": examples name runbooks by
    # automation-definition alone; read on 2026-11-29
    "ssm:startautomationexecution": ("ssm:automation-definition",),
}
"""Types without a star that AWS's guides name for an action without any that has one."""


def _missing_types(
    policy: ReadPolicy, read: ReadStatement, item: SingleAction
) -> tuple[tuple[str, ...], bool]:
    """Return what the first page requires of an action that is not named; none if any is met.

    Beside it, whether another type that any page requires is named.
    """
    named = read.available(item.service) or NO_TYPES
    if item.types is None or item.types.isdisjoint(named) or _is_met(item, named):
        return (), False
    if not named.isdisjoint(_ENOUGH.get(item.key, ())):
        return (), False
    of_all = _named_types(policy, item.key, item.service)
    if of_all is None or _is_met(item, of_all):
        return (), False
    some_named = not NO_TYPES.union(*item.required).isdisjoint(of_all)
    return tuple(sorted(item.required[0] - of_all)), some_named


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
        excepted = [item for item in read.not_actions or () if not item.is_open]
        return not any(item.has(action) for item in excepted)
    return read.names(action)
