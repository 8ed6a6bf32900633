"""Actions that the catalog does not document, and services that it does not hold."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.action_items import ActionItem
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.notes import as_of, finding, listed, placed
from iam_catalog.policy.check.reading import ReadPolicy
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.records import Path
from iam_catalog.policy.service import Service
from iam_catalog.words import several_pages

NEARLY = 0.8
"""How like a prefix must be, as `difflib` measures it."""


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
    Where it holds none of the services whose actions the policy names, that comes first, and is
    more than a remark: nothing found must not look like nothing wrong.
    """
    unheld = _unheld_prefixes(policy)
    if not unheld:
        return
    remedy = f" {policy.facts.brings_all}" if policy.facts.brings_all else ""
    held = f"The catalog{as_of(policy.facts.date)} holds"
    if _holds_none(policy):
        said = f"{held} none of the services that the policy names: only its grammar is checked."
        yield finding("no-service-held", f"{said}{remedy}", ())
        remedy = ""
    for prefix, path in unheld:
        near = near_prefix(policy, prefix) if policy.may_suggest() else None
        said = f"{held} no service {quoted(prefix)}: what is said of it is not checked."
        yield finding("service-not-held", f"{said}{remedy}", path, suggestion=near)
        remedy = ""  # once in a policy: it is the same for all of them


def _unheld_prefixes(policy: ReadPolicy) -> list[tuple[str, Path]]:
    """Return each prefix that the catalog does not hold, as it is first written, and where."""
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
    return list(found.values())


def _holds_none(policy: ReadPolicy) -> bool:
    """Return True if every item of Action and NotAction is of a service that is not held."""
    items = [
        item
        for read in policy.statements
        for item in (*(read.actions or ()), *(read.not_actions or ()))
    ]
    return bool(items) and all(item.unheld is not None for item in items)


def held_in_part_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """One finding for each service of which the policy names actions that are held in part.

    AWS describes these actions on several pages, and a public dataset keeps what one of them says:
    what rests on their resource types, condition keys and dependent actions is not checked.
    """
    found: dict[str, tuple[Service, set[str], Path]] = {}
    for read in policy.statements:
        for element, index, item in read.notable:
            if item.service is not None and (
                names := item.service.held_in_part.intersection(item.names)
            ):
                path = read.statement.item_path(element, index)
                found.setdefault(item.service.prefix, (item.service, set(), path))[1].update(names)
    for prefix, (service, partly, path) in found.items():
        spelled = [service.actions[name] for name in sorted(partly)]
        whose = "its" if len(spelled) == 1 else "their"
        said = f"{listed(spelled)} {'is' if len(spelled) == 1 else 'are'} held in part"
        said += f"{as_of(service.date)}: {several_pages(prefix)}. What rests on {whose} resource"
        said += " types, condition keys and dependent actions is not checked."
        yield finding("service-held-in-part", said, path)


def near_prefix(policy: ReadPolicy, prefix: str) -> str | None:
    """The service that a misspelt prefix is meant as, where it is nearly its own.

    Most prefixes that are not held are well written: `directconnect` is not meant as `connect`.
    """
    from difflib import get_close_matches

    held = {lower: row[0] for lower, row in policy.facts.held.items()}
    near = get_close_matches(prefix.lower(), held, n=1, cutoff=NEARLY)
    return held[near[0]] if near else None
