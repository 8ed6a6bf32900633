"""Build the messages that accompany a written or completed policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from iam_catalog.policy.explain.text import named
from iam_catalog.policy.write.complete import NO_PLACE, CompletedPolicy, MissingAction
from iam_catalog.policy.write.grants import UNKNOWN_RESOURCE, GrantedAction
from iam_catalog.policy.write.policy import Dependent, WrittenPolicies
from iam_catalog.policy.write.sizes import LIMITS, size_of
from iam_catalog.words import incomplete_words

_MOST_ACTIONS = 10
"""Of more actions, what they may need is only counted."""


def written_messages(written: WrittenPolicies, kind: str) -> Iterator[str]:
    """Yield the lines about written policies, the most important first."""
    count = len(written.policies)
    if count > 1:
        limit = LIMITS[kind]
        yield (
            f"Split into {count} policies: {limit.policy} may have {limit.size:,} {limit.unit}"
            f" ({limit.page}, {limit.date})."
        )
    for arn in written.unused_arns:
        yield f"None of these actions takes {arn}: it is not in the policy."
    for each in written.passed_over:
        yield (
            f"{each.arn} can also be {named(each.resource_types)}: for their actions, name them, or"
            " the service with --service-prefix."
        )
    yield from _dependents(written.dependent_actions)
    if written.unknown_dependents:
        yield _unknown(written.unknown_dependents, NO_PLACE)
    others = [each.action for each in written.actions if each.other_types]
    if others:
        yield f"Can use other resource types besides (see --with-optional-types): {named(others)}."
    yield from _held_in_part(written.actions)
    yield from _to_fill_in(written.placeholders)


def completed_messages(completed: CompletedPolicy) -> Iterator[str]:
    """Yield the lines about a completed policy."""
    if not completed.missing:
        yield "The policy lacks no dependent action that AWS is known to list."
    yield from _dependents(completed.missing)
    notes = {each.dependent_action: each.note for each in completed.missing if each.note}
    added = {name for statement in completed.statements for name in statement["Action"]}
    for name, note in notes.items():
        yield f"{name}: {note}{'' if name in added else ', so it is not added'}."
    for each in completed.unknown:
        yield _unknown(each.names, each.reason)
    limit = LIMITS["managed"]
    size = size_of(completed.policy, limit)
    if completed.statements and size > limit.size:
        yield (
            f"With these statements the policy has {size:,} {limit.unit}: {limit.policy} may have"
            f" {limit.size:,} ({limit.page}, {limit.date})."
        )
    yield from _to_fill_in(completed.placeholders)


def _dependents(dependents: Sequence[Dependent | MissingAction]) -> Iterator[str]:
    """Yield what each action may need besides, with the date of its source."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in dependents:
        date = each.date if isinstance(each, MissingAction) else each.evidence.date
        source = f"as documented on {date}" if date else "as documented"
        source += f" by the public dataset {each.dataset}" if each.dataset else ""
        found.setdefault((each.action, source), []).append(each.dependent_action)
    for (action, source), names in list(found.items())[:_MOST_ACTIONS]:
        yield f"{action} may need, {source}: {', '.join(names)}."
    if len(found) > _MOST_ACTIONS:
        yield f"{len(found) - _MOST_ACTIONS:,} other actions may need more: see --facts."


def _held_in_part(granted: Iterable[GrantedAction]) -> Iterator[str]:
    """Yield, by service, what may be missing of the granted actions."""
    found: dict[str, list[str]] = {}
    for each in granted:
        if each.incomplete:
            found.setdefault(each.action.partition(":")[0], []).append(each.action)
    for prefix, names in found.items():
        yield f"Of {named(names)}, {incomplete_words('action', prefix)}."


def _unknown(names: Sequence[str], reason: str) -> str:
    return f"Dependent actions are not known of {named(names)}: {reason}."


def _to_fill_in(placeholders: Iterable[str]) -> Iterator[str]:
    """Yield what is to be filled in, and what becomes of a policy that is not."""
    names = [f"${{{name}}}" for name in placeholders]
    if UNKNOWN_RESOURCE in names:
        yield (
            f"{UNKNOWN_RESOURCE} stands where the catalog does not know which resource types an"
            " action takes."
        )
    if names:
        yield (
            f"Fill in by hand, or with --fill NAME=VALUE: {', '.join(names)}. Until then AWS"
            " refuses the policy, or it matches no resource."
        )
