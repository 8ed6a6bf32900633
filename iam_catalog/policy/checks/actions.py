"""Actions that the catalog does not document, and services that it does not hold."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.checks.action_items import ActionItem
from iam_catalog.policy.checks.notes import as_of, finding, placed
from iam_catalog.policy.checks.reading import ReadPolicy
from iam_catalog.policy.findings import Finding
from iam_catalog.policy.grammar_codes import quoted
from iam_catalog.policy.records import Path


def action_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """What is said of each item of Action and NotAction alone."""
    for read in policy.statements:
        for element, index, item in read.notable:
            if item.notes:
                path = read.statement.item_path(element, index)
                yield from [placed(note, path, better(policy, item)) for note in item.notes]


def better(policy: ReadPolicy, item: ActionItem) -> str | None:
    """The nearest names, where nothing else is suggested."""
    if any(note.code == "unknown-action" for note in item.notes) and policy.may_suggest():
        return policy.readers.actions.nearest(item)
    return None


def unheld_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """One finding for each service that the catalog does not hold, where it is first named.

    Its actions, resources and condition keys are not checked: the catalog says nothing of them.
    """
    found: dict[str, tuple[str, Path]] = {}
    for read in policy.statements:
        for element, index, item in read.notable:
            if item.unheld is not None and item.unheld.lower() not in found:
                path = read.statement.item_path(element, index)
                found[item.unheld.lower()] = (item.unheld, path)
        for condition in read.statement.conditions:
            prefix = policy.readers.keys.read(condition.key).unheld
            if prefix is not None:
                found.setdefault(prefix.lower(), (prefix, condition.path))
    for prefix, path in found.values():
        near = near_prefixes(policy, prefix) if policy.may_suggest() else None
        held = f"The catalog{as_of(policy.facts.date)} holds no service"
        said = f"{held} {quoted(prefix)}: what is said of it is not checked."
        yield finding("service-not-held", said, path, suggestion=near)


def near_prefixes(policy: ReadPolicy, prefix: str) -> str | None:
    from iam_catalog.suggest import nearest

    return " or ".join(nearest(prefix, [row[0] for row in policy.facts.held.values()])) or None
