"""Write an explained policy as lines for a person to read, or as rows of a table.

Many actions of one level are a number with a few examples; the records have them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.policy.coverage import is_everything
from iam_catalog.policy.explain.policy import (
    Aside,
    ExplainedPolicy,
    ExplainedResource,
    ExplainedService,
    ExplainedStatement,
)
from iam_catalog.policy.explain.words import is_partly_open, number
from iam_catalog.policy.model import Kind
from iam_catalog.policy.read.statements import NO_FILE, statement_number

_MOST_NAMED = 10
"""Of more names, only the first few are listed."""
EXAMPLES = 4
KINDS = {
    "identity": "Identity policy",
    "resource": "Policy of a resource",
    "trust": "Trust policy of a role",
    "scp": "Service control policy",
    "rcp": "Resource control policy",
    None: "Policy",
}
_LIMITING: dict[Kind | None, str] = {
    # AWS Organizations User Guide, "Service control policies (SCPs)", "Resource control policies
    # (RCPs)": maximum available permissions
    "scp": "It grants nothing: it limits what other policies can allow to users and roles.",
    "rcp": "It grants nothing: it limits what other policies can allow on resources.",
}
_INDENT = "   "


def explanation(policy: ExplainedPolicy, width: int = 100) -> Iterator[str]:
    """Yield the lines of an explanation, none longer than *width* unless a single word is."""
    place = [] if policy.file == NO_FILE else [f"{policy.file}:{policy.line}"]
    if place or policy.title:
        yield from _wrapped(" ".join([*place, policy.title or ""]).strip(), width)
    if policy.left_open is not None:
        yield from _wrapped(f"No whole policy: {policy.left_open}.", width)
        return
    version = f", version {policy.version}" if policy.version else ", without a version"
    count = len(policy.statements) + len(policy.unread_statements)
    yield f"{KINDS[policy.kind]} with {number(count, 'statement')}{version}."
    if policy.kind in _LIMITING:
        yield from _wrapped(_LIMITING[policy.kind], width)
    yield from _service_lines(policy.services, width)
    readable = {statement_number(each.path): each for each in policy.statements}
    for position in sorted((*readable, *policy.unread_statements)):
        yield ""
        if position in readable:
            yield from _statement_lines(position, readable[position], width)
        else:
            yield f"{position}. A statement that cannot be read."


def _service_lines(services: Sequence[ExplainedService], width: int) -> Iterator[str]:
    """Yield the date of each service's facts, and the services that are not known."""
    dates: dict[str, list[str]] = {}
    for service in services:
        said = f"as documented on {service.date or 'an unknown date'}"
        said = said if service.held else "not in the catalog"
        dates.setdefault(said, []).append(service.service_prefix)
    for said, prefixes in sorted(dates.items()):
        yield from _wrapped(f"{', '.join(prefixes)}: {said}.", width)


def _statement_lines(position: int, statement: ExplainedStatement, width: int) -> Iterator[str]:
    name = f"{statement.sid}: " if statement.sid else ""
    yield from _wrapped(f"{position}. {name}{statement.text}", width, _INDENT)
    for text in (
        *_action_lines(statement),
        *_resource_lines(statement),
        *_condition_lines(statement),
        *(f"without effect: {_aside_text(each)}" for each in statement.without_effect),
        *(f"unknown: {_aside_text(each)}" for each in statement.unknown),
    ):
        yield from _wrapped(f"{_INDENT}{text}", width, _INDENT + _INDENT)


def _action_lines(statement: ExplainedStatement) -> Iterator[str]:
    is_open = any(is_partly_open(each.resource) for each in statement.resources)
    for each in statement.items:
        count = f": {number(each.actions, 'action')}" if each.actions else ""
        if count and each.in_effect is not None:
            most = "at most " if is_open and each.in_effect else ""
            count += f", {most}{each.in_effect or 'none'} of them with effect"
        if statement.all_but:
            yield f"all but {each.item}{count}"
        elif count and has_wildcard(each.item) and not is_everything(each.item):
            yield f"by {each.item}{count}"
    for level in statement.levels_in_effect:
        yield f"{level.access_level or 'no access level'}: {named(level.actions)}"


def _resource_lines(statement: ExplainedStatement) -> Iterator[str]:
    for principal in statement.principals:
        yield f"{'not ' if statement.all_but_principals else ''}for {principal}"
    if [each.resource for each in statement.resources] == ["*"]:
        return
    for resource in statement.resources:
        yield f"{'not ' if statement.all_but_resources else ''}on {_resource_text(resource)}"


def _condition_lines(statement: ExplainedStatement) -> Iterator[str]:
    unread = [f"{each}, which cannot be read, holds" for each in statement.unread_conditions]
    for position, condition in enumerate((*statement.conditions, *unread)):
        yield f"{'and if' if position else 'if'} {condition}"


def _resource_text(resource: ExplainedResource) -> str:
    said = [named(resource.resource_types), *([resource.text] if resource.text else [])]
    about = "; ".join(each for each in said if each)
    return f"{resource.resource} ({about})" if about else resource.resource


def _aside_text(aside: Aside) -> str:
    return f"{named(aside.names)} ({aside.text})"


def named(names: Sequence[str]) -> str:
    """List the names, or count them and list the first few."""
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    return f"{len(names):,}, such as {', '.join(names[:EXAMPLES])}"


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


ROW_COLUMNS = ("file", "line", "statement", "effect", "action", "access_level", "note")


def rows(policy: ExplainedPolicy) -> Iterator[dict[str, str]]:
    """Yield a row for each action that a statement covers, and for each unknown name."""
    for statement in policy.statements:
        position = str(statement_number(statement.path))
        place = (policy.file, str(policy.line), position, statement.effect or "")
        notes = {name: each.text for each in statement.without_effect for name in each.names}
        for level in statement.levels:
            for action in level.actions:
                cells = (*place, action, level.access_level or "", notes.get(action, ""))
                yield dict(zip(ROW_COLUMNS, cells, strict=True))
        for aside in statement.unknown:
            for name in aside.names:
                yield dict(zip(ROW_COLUMNS, (*place, name, "", aside.text), strict=True))
