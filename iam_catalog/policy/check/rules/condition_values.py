"""Values of conditions that their operators can not compare, or not as they are meant.

No catalog is needed to tell. Rules of the IAM User Guide, "IAM JSON policy elements: Condition
operators", "IAM policy elements: Variables and tags", section "Where you can use policy variables",
and "IAM Access Analyzer policy check reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.notes import finding, listed
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.grammar.operators import EXPECTED, Operator, value_fits
from iam_catalog.policy.grammar.variables import has_key
from iam_catalog.policy.records import Condition

WILDCARD = re.compile(r"[*?]")
VARIABLE = re.compile(r"\$\{[^{}]*\}")
BOTH = {"true", "false"}


def value_findings(condition: Condition, operator: Operator) -> Iterator[Finding]:
    """What is said of the values of a condition beside its operator alone."""
    family, path = operator.family, condition.path
    if family == "String":
        yield from wildcard_findings(condition, operator)
        return
    if wrong := [value for value in condition.values if not value_fits(family, value)]:
        said = f"{condition.operator} compares {EXPECTED[family]}, not {shown(wrong)}."
        yield finding("malformed-condition-value", said, path)
    if family != "ARN" and (unfilled := [value for value in condition.values if has_key(value)]):
        said = f"{shown(unfilled)} has a policy variable, which {condition.operator} does not fill"
        yield finding("variable-not-allowed", f"{said} in.", path)
    if operator.set_operator is None and {value.lower() for value in condition.values} == BOTH:
        said = f"{condition.operator} compares {quoted(condition.key)} with true and with false"
        yield finding("several-booleans", f"{said}: expected one of them.", path)


def wildcard_findings(condition: Condition, operator: Operator) -> Iterator[Finding]:
    """Wildcards, which of the string operators only `StringLike` and `StringNotLike` know."""
    if operator.name.endswith("Like"):
        return
    if held := [value for value in condition.values if WILDCARD.search(VARIABLE.sub("", value))]:
        like = "StringNotLike" if "Not" in operator.name else "StringLike"
        said = f"{condition.operator} compares the * or ? of {shown(held)} as it stands."
        better = condition.operator.replace(operator.name, like)
        yield finding("wildcard-without-like", said, condition.path, suggestion=better)


def shown(values: Iterable[str]) -> str:
    return listed([quoted(value) for value in values])
