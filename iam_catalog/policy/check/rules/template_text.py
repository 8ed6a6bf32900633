"""Find text of a template that nobody filled in."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, listed
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy
from iam_catalog.policy.check.rule import GUIDE, Rule
from iam_catalog.policy.grammar.variables import template_texts
from iam_catalog.policy.model import Path, Unresolved

_VARIABLES = f"{GUIDE}/reference_policies_variables.html"
_MOST = 20
"""So many names are listed; a policy has few, and each has to be filled in."""


class PlaceholderLeft(PolicyRule):
    """A resource or a condition has text such as ${Bucket} or <name>, which nobody filled in.

    Whether a template fills it in is known from the document: what a function of CloudFormation or
    a plan of Terraform leaves open is not a finding.
    """

    topic = "resources"
    code = "placeholder-left"
    severity = "info"
    reference = "IAM User Guide, IAM policy elements: Variables and tags"
    source = _VARIABLES
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield one finding for what AWS refuses and one for the rest, each at the first place."""
        refused, others = dict[str, Path](), dict[str, Path]()
        for path, text, is_before in _left(policy):
            (refused if is_before else others).setdefault(text, path)
        if refused:
            said = (
                f"To be filled in: {listed(list(refused), _MOST)}. AWS takes no such text for the"
            )
            path = next(iter(refused.values()))
            yield PlaceholderInArn.finding(f"{said} partition, Region or account of an ARN.", path)
        others = {text: path for text, path in others.items() if text not in refused}
        if others:
            said = f"To be filled in: {listed(list(others), _MOST)}. Until then AWS refuses the"
            yield self.finding(
                f"{said} policy, or it matches nothing.", next(iter(others.values()))
            )


class PlaceholderInArn(Rule):
    """Text of a template is left in the partition, Region or account of an ARN."""

    topic = "resources"
    code = "placeholder-in-arn"
    severity = "error"
    reference = "IAM User Guide, IAM policy elements: Variables and tags"
    source = _VARIABLES
    read_on = "2026-11-29"


def _left(policy: ReadPolicy) -> Iterator[tuple[Path, str, bool]]:
    """Yield each text to be filled in, with its path, and whether it is before a resource."""
    for read in policy.statements:
        for element, items in (("Resource", read.resources), ("NotResource", read.not_resources)):
            for index, item in enumerate(items or ()):
                if item.left or item.left_before:
                    path = read.statement.item_path(element, index)
                    yield from [(path, text, True) for text in item.left_before]
                    yield from [(path, text, text in item.left_before) for text in item.left]
        for condition in read.statement.conditions:
            for value in condition.values:
                if not isinstance(value, Unresolved):
                    yield from [(condition.path, text, False) for text in template_texts(value)]
