"""Find services that the catalog does not hold, or holds in part.

Nothing found must not look like nothing wrong: what is not checked is reported, once per service.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, as_of, listed, quoted
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy
from iam_catalog.policy.check.rule import Rule
from iam_catalog.policy.held_service import HeldService
from iam_catalog.policy.model import Path
from iam_catalog.words import several_pages

_NEARLY = 0.8
"""How like a prefix must be, as `difflib` measures it."""


class NoServiceHeld(Rule):
    """The catalog holds none of the services that the policy names: only grammar is checked."""

    topic = "services"
    code = "no-service-held"
    severity = "warning"
    reference = "the catalog"


class ServiceNotHeld(PolicyRule):
    """The catalog holds no source of the service, so nothing of it is checked."""

    topic = "services"
    code = "service-not-held"
    severity = "info"
    reference = "the catalog"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield one finding for each service, where it is first named.

        Where no service whose actions the policy names is known, that comes first, and is more than
        a remark.
        """
        unheld = _unheld_prefixes(policy)
        if not unheld:
            return
        remedy = f" {policy.facts.brings_all}" if policy.facts.brings_all else ""
        held = f"The catalog{as_of(policy.facts.date)} holds"
        if _holds_none(policy):
            said = (
                f"{held} none of the services that the policy names: only its grammar is checked."
            )
            yield NoServiceHeld.finding(f"{said}{remedy}", ())
            remedy = ""
        for prefix, path in unheld:
            near = _near_prefix(policy, prefix) if policy.may_suggest() else None
            said = f"{held} no service {quoted(prefix)}: what is said of it is not checked."
            yield self.finding(f"{said}{remedy}", path, suggestion=near)
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
    """Return True if every item of Action and NotAction is of a service that is not known."""
    items = [
        item
        for read in policy.statements
        for item in (*(read.actions or ()), *(read.not_actions or ()))
    ]
    return bool(items) and all(item.unheld is not None for item in items)


def _near_prefix(policy: ReadPolicy, prefix: str) -> str | None:
    """Return the service that a misspelt prefix is meant as, where it is nearly its own.

    Most prefixes that are not known are well written: `directconnect` is not meant as `connect`.
    """
    from difflib import get_close_matches

    held = {lower: row[0] for lower, row in policy.facts.held.items()}
    near = get_close_matches(prefix.lower(), held, n=1, cutoff=_NEARLY)
    return held[near[0]] if near else None


class ServiceHeldInPart(PolicyRule):
    """AWS describes actions of the service on several pages, of which the catalog's source keeps
    one: what rests on their resource types, condition keys and dependent actions is not
    checked."""

    topic = "services"
    code = "service-held-in-part"
    severity = "info"
    reference = "the catalog"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield one finding for each service of which the policy names such actions."""
        found: dict[str, tuple[HeldService, set[str], Path]] = {}
        for read in policy.statements:
            for element, index, item in read.notable:
                service = item.service
                if service is None or not service.incomplete or item.is_open:
                    continue
                if names := service.held_in_part.intersection(item.names):
                    path = read.statement.item_path(element, index)
                    found.setdefault(service.prefix, (service, set(), path))[1].update(names)
        for prefix, (service, partly, path) in found.items():
            spelled = [service.actions[name] for name in sorted(partly)]
            whose = "its" if len(spelled) == 1 else "their"
            said = f"{listed(spelled)} {'is' if len(spelled) == 1 else 'are'} held in part"
            said += (
                f"{as_of(service.date)}: {several_pages(prefix)}. What rests on {whose} resource"
            )
            said += " types, condition keys and dependent actions is not checked."
            yield self.finding(said, path)
