"""Say what type a value of a policy has, and where no variable works."""

from __future__ import annotations

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.rule import ANALYZER, Rule
from iam_catalog.policy.model import Path

_TYPES = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


class GrammarRule(Rule):
    """A rule of AWS's policy grammar, which needs no catalog."""

    topic = "grammar"


class WrongType(GrammarRule):
    """An element has a value of a type that it can not have."""

    code = "wrong-type"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": data type mismatch'
    source = f"{ANALYZER}-error-data-type-mismatch"
    read_on = "2026-11-29"


class VariableNotAllowed(GrammarRule):
    """Variables stand in the last part of an ARN, and in values of string and ARN operators."""

    code = "variable-not-allowed"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": variable unsupported in'
        " element, invalid variable for operator"
    )
    source = f"{ANALYZER}-error-variable-unsupported-in-element"
    read_on = "2026-11-29"


def type_name(value: object) -> str:
    """Return what JSON calls the type of a value, in words."""
    return next(
        (name for kind, name in _TYPES.items() if isinstance(value, kind)), "something else"
    )


def wrong_type(name: str, value: object, expected: str, path: Path) -> Finding:
    """Return the finding about a value that is not of the type that the grammar asks for."""
    return WrongType.finding(f"{name} is {type_name(value)}: expected {expected}.", path)
