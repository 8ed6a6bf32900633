"""Find policies that are larger than AWS lets them be.

The text of a policy does not say what it is attached to, so it is measured against every limit that
may hold for its kind (see `iam_catalog.policy.write.sizes` for AWS's pages, and how AWS counts).
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, listed
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy
from iam_catalog.policy.check.rule import GUIDE, Rule
from iam_catalog.policy.write.sizes import SizeLimit, compact, limits_of, size_of


class SizeOverLimit(PolicyRule):
    """The policy is larger than AWS lets a policy of its kind be."""

    topic = "size"
    code = "size-over-limit"
    severity = "error"
    reference = "IAM User Guide, IAM and AWS STS quotas"
    source = f"{GUIDE}/reference_iam-quotas.html#reference_iam-quotas-entity-length"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield a finding for a policy above all limits of its kind, or above some of them."""
        document = policy.document
        limits = limits_of(policy.kind) if policy.kind is not None else []
        if not limits:
            return
        if document.syntax == "json" and document.text:
            # The text has as many characters, or more: that spares the counting.
            most = len(document.text)
            if all(most <= _least_of(limit) for limit in limits):
                return
        text = compact(document.value)
        sizes = [(limit, size_of(document.value, limit, text=text)) for limit in limits]
        over = [(limit, size) for limit, size in sizes if size > limit.size]
        if len(over) == len(limits):
            limit, size = max(over, key=lambda each: each[0].size)
            said = f"The policy has {size:,} {limit.unit}: {limit.policy} can have"
            yield self.finding(f"{said} {_most_of(limit)}.", ())
        elif over:
            limit, size = over[0]
            names = [f"{each.policy} ({each.size:,})" for each, _ in over]
            said = f"The policy has {size:,} {limit.unit}: too many for"
            yield SizeOverSomeLimits.finding(f"{said} {listed(names, len(names))}.", ())


class SizeOverSomeLimits(Rule):
    """The policy is too large for some of what a policy of its kind can be attached to."""

    topic = "size"
    code = "size-over-some-limits"
    severity = "info"
    reference = "IAM User Guide, IAM and AWS STS quotas"
    source = f"{GUIDE}/reference_iam-quotas.html#reference_iam-quotas-entity-length"
    read_on = "2026-11-29"


def _least_of(limit: SizeLimit) -> int:
    """Return a number of characters that is within the limit, whatever they are."""
    return limit.size if limit.unit == "characters" else limit.size // 4


def _most_of(limit: SizeLimit) -> str:
    more = f", or {limit.raised:,} where AWS raised the quota" if limit.raised else ""
    return f"{limit.size:,}{more}"
