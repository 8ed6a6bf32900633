"""Policies that are larger than AWS lets them be.

What a policy is attached to does not stand in it, so it is measured against every limit that may
hold for its kind (see `iam_catalog.policy.write.sizes` for AWS's pages, and how AWS counts).
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.notes import finding, listed
from iam_catalog.policy.records import Kind
from iam_catalog.policy.write.sizes import SizeLimit, compact, limits_of, size_of


def size_findings(value: object, kind: Kind | None, most: int | None = None) -> Iterator[Finding]:
    """A policy above all limits of its kind, or above some of them.

    *most* is a number of characters that the policy can not exceed, where one is known: it spares
    the counting.
    """
    limits = limits_of(kind) if kind is not None else []
    if not limits or (most is not None and all(most <= least_of(limit) for limit in limits)):
        return
    text = compact(value)
    sizes = [(limit, size_of(value, limit, text=text)) for limit in limits]
    over = [(limit, size) for limit, size in sizes if size > limit.size]
    if len(over) == len(limits):
        limit, size = max(over, key=lambda each: each[0].size)
        said = f"The policy has {size:,} {limit.unit}: {limit.policy} can have {most_of(limit)}."
        yield finding("size-over-limit", said, ())
    elif over:
        limit, size = over[0]
        names = [f"{each.policy} ({each.size:,})" for each, _ in over]
        said = f"The policy has {size:,} {limit.unit}: too many for {listed(names, len(names))}."
        yield finding("size-over-some-limits", said, ())


def least_of(limit: SizeLimit) -> int:
    """A number of characters that is within the limit, whatever they are."""
    return limit.size if limit.unit == "characters" else limit.size // 4


def most_of(limit: SizeLimit) -> str:
    more = f", or {limit.raised:,} where AWS raised the quota" if limit.raised else ""
    return f"{limit.size:,}{more}"
