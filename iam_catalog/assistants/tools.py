"""The questions that assistants can ask: each asks one method of `Catalog`.

A tool is a function of an open catalog; its docstring is what assistants read of it, and the
annotations of its parameters declare what it takes (see `parameters`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated

from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.assistants.answers import ToolResult, shallow
from iam_catalog.assistants.live import OpenCatalog
from iam_catalog.assistants.parameters import Choice, Date, Flag, PolicyInput, Text, Texts, Values
from iam_catalog.compare import CHANGE_KINDS
from iam_catalog.errors import CatalogError
from iam_catalog.facts.search import ALL_KINDS
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.policy.check.findings import count
from iam_catalog.policy.model import KINDS, Kind
from iam_catalog.records import Action, Service
from iam_catalog.remarks import on_arn, on_dependents, on_operations, on_patterns, on_record

MOST_RESULTS = 1_000
"""Results of a search that can be asked for."""
MOST_WRITTEN = 2_000
"""Actions of a policy to write: the work grows faster than their number."""
MOST_PATTERNS = 50
"""Patterns and ARNs of one question, each of which is matched with all of the catalog."""
MOST_NAMED = 10
"""Names in one remark; further ones are in the result."""

_DETAILS = {
    "actions": "actions_state",
    "access levels": "access_levels_state",
    "resource types": "resource_types_state",
    "condition keys": "condition_keys_state",
    "dependent actions": "dependent_actions_state",
    "operations": "operations_state",
}
"""Details that a source may leave out, with the field of `Page` that says so."""

_ARGUMENTS = {
    "--fill NAME=VALUE": "the argument values",
    "--with-optional-types": "the argument with_optional_types",
    "--service-prefix": "the argument service",
    "--facts": "the result",
}
"""What messages name as options of a command, as assistants pass it."""

_DESCRIBED = ("service", "resource type", "condition key")

ServiceName = Annotated[
    str | None, Text("A service: its prefix such as s3, or another name of it.")
]
Document = Annotated[
    object,
    PolicyInput(
        "An IAM policy document: the object, or a text that holds it in JSON, YAML or Terraform."
    ),
]
Attached = Annotated[
    Kind | None,
    Choice(KINDS, "What the policy is, where its form does not tell; by default that."),
]
Fill = Annotated[
    dict[str, str] | None,
    Values('What to write for placeholders of ARN formats, such as {"Account": "111122223333"}.'),
]


def search(
    opened: OpenCatalog,
    text: Annotated[str, Text("A name, words, an API operation, an ARN, or s3:Get*.")],
    kind: Annotated[str | None, Choice(ALL_KINDS, "Only results of this kind.")] = None,
    service: ServiceName = None,
) -> ToolResult:
    """Find services, actions, resource types, condition keys and sample policies by name or words,
    the best first. Start here when you do not know the exact name."""
    found = opened.catalog.search(text, limit=MOST_RESULTS, kind=kind, service=service)
    not_known = []
    if len(found) == MOST_RESULTS:
        not_known.append(f"Only the best {MOST_RESULTS:,} results are counted: use more words.")
    return ToolResult(found, not_known=not_known)


def action(
    opened: OpenCatalog,
    name: Annotated[str, Text("The action as prefix:Name, such as s3:GetObject, in any case.")],
) -> ToolResult:
    """Describe one action: access level, resource types, condition keys, dependent actions (what it
    needs besides itself) with dates and sources, the actions that require it, and the API
    operations that need it. Also tells removed actions, with their last documented facts."""
    catalog = opened.catalog
    record = catalog.action(name)
    operations = catalog.operations_of_action(record.action)
    operations_date = catalog.operations_documented_on(record.action)
    needed = record.dependent_actions
    on_needs = f"Dependent actions: {on_dependents(record, listed=bool(needed)).rstrip(':')}"
    on_calls = f"Operations: {on_operations(operations_date, operations).rstrip(':')}"
    remarks, not_known = list(on_record(record)), list(_unknown_of(record))
    (not_known if record.dependents_state == "not in source" else remarks).append(on_needs)
    (not_known if operations_date is None else remarks).append(on_calls)
    result = {
        **shallow(record),
        "all_dependent_actions": catalog.dependent_actions(record.action, transitive=True),
        "required_by": catalog.required_by(record.action),
        "operations": operations,
        "operations_documented_on": operations_date,
    }
    return ToolResult(result, remarks, not_known)


def actions(
    opened: OpenCatalog,
    service: ServiceName = None,
    access_level: Annotated[
        str | None, Choice(ACCESS_LEVELS, "Actions of this primary access level.")
    ] = None,
    resource_type: Annotated[
        str | None, Text("Actions that take this resource type, such as s3:bucket.")
    ] = None,
    condition_key: Annotated[
        str | None, Text("Actions with this condition key, such as aws:RequestTag/team.")
    ] = None,
    without_resource_type: Annotated[
        bool, Flag("Only actions that policies allow on * alone.")
    ] = False,
) -> ToolResult:
    """List the current actions that fit every filter, by name. Name at least one filter."""
    if not (service or access_level or resource_type or condition_key or without_resource_type):
        raise CatalogError(
            "No filter: name at least one of service, access_level, resource_type, condition_key"
            " and without_resource_type."
        )
    catalog = opened.catalog
    found = catalog.actions(
        service_prefix=service,
        access_level=access_level,
        resource_type=resource_type,
        condition_key=condition_key,
        without_resource_type=without_resource_type,
    )
    details = ["actions"]
    details += ["access levels"] if access_level else []
    details += ["resource types"] if resource_type or without_resource_type else []
    details += ["condition keys"] if condition_key else []
    services = [catalog.service(service)] if service else opened.services
    return ToolResult(
        found,
        ["Removed actions are not listed; `action` and `changes` tell of them."],
        list(_left_out(services, details)),
    )


def expand(
    opened: OpenCatalog,
    patterns: Annotated[list[str], Texts("Patterns with * and ?, such as s3:Get*.", MOST_PATTERNS)],
) -> ToolResult:
    """List the current actions that any of the patterns of a policy matches."""
    found = opened.catalog.expand(*patterns)
    return ToolResult(found, not_known=on_patterns(opened.catalog, patterns))


def match_arn(
    opened: OpenCatalog,
    arn: Annotated[str, Text("An ARN; wildcards and policy variables may be in it.")],
) -> ToolResult:
    """List the resource types that an ARN can be, the most specific first, with the ARN format of
    each and what its placeholders are."""
    found = opened.catalog.match_arn(arn)
    return ToolResult(found, list(on_arn(arn, known=bool(found))))


def actions_for_arn(
    opened: OpenCatalog,
    arn: Annotated[str, Text("An ARN; wildcards and policy variables may be in it.")],
) -> ToolResult:
    """List the actions that take a resource type that the ARN can be. Actions that take only *
    are not among them."""
    found = opened.catalog.actions_for_arn(arn)
    known = bool(found) or bool(opened.catalog.match_arn(arn))
    return ToolResult(found, list(on_arn(arn, known=known)))


def operation(
    opened: OpenCatalog,
    name: Annotated[str, Text("prefix:Name such as s3:CreateMultipartUpload, or a Name.")],
) -> ToolResult:
    """Tell which actions an API operation (SDK or CLI call) needs: as AWS documents it, or the
    likeliest ones. What a service does in its turn on the caller's behalf is not among them."""
    record = opened.catalog.operation(name)
    not_known = []
    if record.likely and record.actions:
        not_known.append("No page that is held names its actions; these are the likeliest.")
    elif record.likely:
        not_known.append("Which actions it needs is not known.")
    return ToolResult(record, not_known=not_known)


def describe(
    opened: OpenCatalog,
    kind: Annotated[str, Choice(_DESCRIBED, "What it is.")],
    name: Annotated[str, Text("Such as s3, s3:bucket or aws:SourceIp, as kind says.")],
) -> ToolResult:
    """Describe a service (with its sources, and what they leave out), a resource type (with its ARN
    formats and the actions that take it) or a condition key (with what has it)."""
    catalog = opened.catalog
    if kind == "service":
        service = catalog.service(name)
        names = [] if service.removed else catalog.expand(f"{service.service_prefix}:*")
        result = {**shallow(service), "names_of_actions": names}
        return ToolResult(result, list(on_record(service)), list(_left_out([service], [*_DETAILS])))
    found = catalog.resource_type(name) if kind == "resource type" else catalog.condition_key(name)
    return ToolResult(found, list(on_record(found)))


def check_policy(opened: OpenCatalog, policy: Document, kind: Attached = None) -> ToolResult:
    """List what needs a look in a policy: mistakes of grammar, unknown or removed actions,
    resources and conditions without effect, missing dependent actions, wide grants. Each finding
    has a code, its place, evidence with dates, and a suggestion where one is known."""
    from iam_catalog.policy.check.registry import CODES

    found = opened.catalog.check_policy(policy, kind=kind)
    severities = [each.severity for each in found]
    counts = ", ".join(count(severities.count(name), name) for name in ("error", "warning"))
    findings = [{**shallow(each), "meaning": CODES[each.code].meaning} for each in found]
    remarks = [
        f"{counts}, {severities.count('info')} info.",
        "Findings are no verdict: none does not mean that a policy is secure.",
    ]
    return ToolResult(findings, remarks, on_nothing=None)


def explain_policy(opened: OpenCatalog, policy: Document, kind: Attached = None) -> ToolResult:
    """Explain what a policy says, statement by statement: the actions by access level, which of
    them can take effect on its resources, and its conditions in words."""
    found = opened.catalog.explain_policy(policy, kind=kind)
    not_known = [
        f"{_listed(aside.names)}: {aside.text}"
        for statement in found.statements
        for aside in statement.unknown
    ]
    remark = "What is allowed in the end depends on every other policy of a request, too."
    return ToolResult(found, [remark], not_known)


def complete_policy(
    opened: OpenCatalog,
    policy: Document,
    transitive: Annotated[bool, Flag("Follow the dependent actions of each, too.")] = False,
    values: Fill = None,
) -> ToolResult:
    """Find the dependent actions that an identity policy lacks: what is missing and why, the
    statements to add, and the whole policy with them. Placeholders are to be filled in."""
    from iam_catalog.policy.write.messages import completed_messages

    found = opened.catalog.complete_policy(policy, transitive=transitive, values=values)
    not_known = [f"{_listed(each.names)}: {each.reason}" for each in found.unknown]
    return ToolResult(
        found, _as_arguments(completed_messages(found)), not_known, ("policy", "statements")
    )


def write_policy(
    opened: OpenCatalog,
    actions: Annotated[list[str], Texts("Actions or patterns to allow.")] = [],  # noqa: B006
    arns: Annotated[list[str], Texts("ARNs of the resources.", MOST_PATTERNS)] = [],  # noqa: B006
    access_levels: Annotated[
        list[str], Texts(f"Allow all actions of these levels: {', '.join(ACCESS_LEVELS)}.")
    ] = [],  # noqa: B006
    service: ServiceName = None,
    excluded_actions: Annotated[list[str], Texts("Actions or patterns to leave out.")] = [],  # noqa: B006
    with_dependent_actions: Annotated[
        bool, Flag("Allow what AWS lists as dependent actions, too.")
    ] = False,
    with_optional_types: Annotated[
        bool, Flag("Name resource types that need not be given, too.")
    ] = False,
    with_actions_without_type: Annotated[
        bool, Flag("With access levels: actions that take only *, too.")
    ] = False,
    shrink: Annotated[bool, Flag("Write actions as wildcards that match the same ones.")] = False,
    effect: Annotated[str, Choice(("Allow", "Deny"), "The effect of its statements.")] = "Allow",
    kind: Annotated[
        str,
        Choice(
            ("managed", "inline-user", "inline-group", "inline-role"),
            "What it is for, which limits its size.",
        ),
    ] = "managed",
    values: Fill = None,
) -> ToolResult:
    """Write the smallest policy for actions, or for access levels on ARNs or a service. Where no
    ARN is of a resource type, AWS's ARN format is written with placeholders to fill in."""
    from iam_catalog.policy.write.messages import written_messages

    _refuse_excess(opened, actions, arns if access_levels else [])
    found = opened.catalog.write_policy(
        actions,
        arns=arns,
        access_levels=access_levels,
        service_prefix=service,
        excluded_actions=excluded_actions,
        with_actions_without_type=with_actions_without_type,
        with_dependent_actions=with_dependent_actions,
        with_optional_types=with_optional_types,
        shrink=shrink,
        effect=effect,
        kind=kind,
        values=values,
    )
    unknown = found.unknown_dependents
    not_known = [f"The dependent actions of {_listed(unknown)} are not known."] if unknown else []
    return ToolResult(found, _as_arguments(written_messages(found, kind)), not_known, ("policies",))


def changes(
    opened: OpenCatalog,
    service: ServiceName = None,
    action: Annotated[str | None, Text("Only changes of this action.")] = None,
    since: Annotated[str | None, Date("The first date of interest.")] = None,
    until: Annotated[str | None, Date("The last date of interest.")] = None,
    kind: Annotated[str | None, Choice(tuple(CHANGE_KINDS), "Only this kind of change.")] = None,
    descriptions: Annotated[bool, Flag("With changes of descriptions alone.")] = False,
) -> ToolResult:
    """List what newer sources added, removed and changed, by date: services, actions, access
    levels, resource types, condition keys, dependent actions."""
    found = opened.catalog.changes(
        since=since,
        until=until,
        service_prefix=service,
        action=action,
        kind=kind,
        descriptions=descriptions,
    )
    remark = "Dates are those of the sources that first say so: AWS may have changed it earlier."
    return ToolResult(found, [remark])


TOOLS: dict[str, tuple[Callable[..., ToolResult], str]] = {
    "search": (search, "Search the catalog"),
    "action": (action, "Describe an action"),
    "actions": (actions, "List actions"),
    "expand": (expand, "Expand patterns"),
    "match_arn": (match_arn, "Match an ARN"),
    "actions_for_arn": (actions_for_arn, "List the actions for an ARN"),
    "operation": (operation, "Find the actions that an API call needs"),
    "describe": (describe, "Describe a service, resource type or condition key"),
    "check_policy": (check_policy, "Check a policy"),
    "explain_policy": (explain_policy, "Explain a policy"),
    "complete_policy": (complete_policy, "Complete a policy"),
    "write_policy": (write_policy, "Write a least-privilege policy"),
    "changes": (changes, "List changes"),
}
"""Every tool by name, with its title."""


def _refuse_excess(opened: OpenCatalog, actions: list[str], arns: list[str]) -> None:
    """Raise `CatalogError` where a policy would be of too many actions."""
    patterns = [each for each in actions if has_wildcard(each)]
    if len(patterns) > MOST_PATTERNS:
        raise CatalogError(
            f"{len(patterns)} patterns: expected at most {MOST_PATTERNS}. Name actions instead."
        )
    found = set(opened.catalog.expand(*patterns)) if patterns else set()
    for arn in arns:
        found.update(opened.catalog.actions_for_arn(arn))
    if len(found) > MOST_WRITTEN:
        raise CatalogError(
            f"A policy of {len(found):,} actions: expected at most {MOST_WRITTEN:,}. Name fewer"
            " services, or narrower patterns and ARNs."
        )


def _as_arguments(messages: Iterable[str]) -> list[str]:
    """Return messages with the arguments of tools in place of the options of commands."""
    texts = []
    for text in messages:
        for option, argument in _ARGUMENTS.items():
            text = text.replace(option, argument)
        texts.append(text)
    return texts


def _unknown_of(record: Action) -> Iterator[str]:
    """Yield what no source of an action says."""
    if record.access_level is None:
        yield "Access level: no source that is held gives one."
    for words, value in (
        ("resource types", record.resource_types),
        ("condition keys", record.condition_keys),
        ("the mark that it is permission-only", record.permission_only),
    ):
        if value is None:
            yield f"Not known, because no source that is held has a place for it: {words}."


def _left_out(services: list[Service], details: list[str]) -> Iterator[str]:
    """Yield which services have a source that leaves a detail out."""
    for detail in details:
        prefixes = [
            each.service_prefix
            for each in services
            if any(getattr(page, _DETAILS[detail]) == "not in source" for page in each.pages)
        ]
        if prefixes:
            yield f"{_listed(prefixes)}: a source leaves the {detail} out, so some may be missing."


def _listed(names: list[str] | tuple[str, ...]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
