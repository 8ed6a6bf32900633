"""Find text of a template that nobody filled in."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.arn.format import placeholder_names
from iam_catalog.policy.check.findings import Finding, listed
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy
from iam_catalog.policy.check.rule import GUIDE
from iam_catalog.policy.model import Path, Unresolved


class PlaceholderLeft(PolicyRule):
    """An ARN has placeholders such as ${Account}, which are no policy variables."""

    topic = "resources"
    code = "placeholder-left"
    severity = "info"
    reference = "IAM User Guide, IAM policy elements: Variables and tags"
    source = f"{GUIDE}/reference_policies_variables.html"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield one finding for all placeholders, at the first; a template fills in its own."""
        names: set[str] = set()
        first: Path | None = None
        for read in policy.statements:
            for index, text in enumerate(read.statement.resources or ()):
                if "${" not in text or isinstance(text, Unresolved):
                    continue
                if left := placeholder_names([text]):
                    names.update(left)
                    first = first or read.statement.item_path("Resource", index)
        if first is not None:
            left = [f"${{{name}}}" for name in sorted(names)]
            said = f"To be filled in: {listed(left)}. Until then AWS refuses the policy, or it"
            yield self.finding(f"{said} matches no resource.", first)
