"""Find ignores that nothing was found for."""

from __future__ import annotations

from iam_catalog.policy.check.rule import Rule


class UnusedIgnore(Rule):
    """Nothing was found that the ignore is for."""

    topic = "ignores"
    code = "unused-ignore"
    severity = "warning"
    reference = "the file of ignores"
