"""Check how values are written: their types, where no variable works, actions and patterns of them.

Every part that reads actions of a policy asks `is_action`, so that what AWS refuses is nowhere
counted as an action.
"""

from __future__ import annotations

import re

from iam_catalog.arn.pattern import is_open, split_openings
from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER, GRAMMAR, Rule
from iam_catalog.policy.model import Path, Unresolved, pattern_of

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
    """An element has a value of a type that it cannot have."""

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


_ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9.-]+:[A-Za-z0-9_.*?-]+")
"""The service prefix has letters, digits, `-` and `.`. AWS does not say whether it takes `*:*`."""

_PIECE = re.compile(r"[A-Za-z0-9_.*?:-]*")
"""What can be written beside what a document leaves open."""

_MOST_KNOWN = 60_000
_well_formed: set[str] = set()
"""Actions that were found well written; emptied when it is full, so that memory stays flat."""


class ActionSyntax(GrammarRule):
    """An action is written prefix:Name, without wildcards in the prefix, or *."""

    code = "action-syntax"
    severity = "error"
    reference = (
        'IAM User Guide, "Grammar of the IAM JSON policy language": action_string; IAM User '
        'Guide, "IAM JSON policy elements: Action"'
    )
    source = f"{GRAMMAR}#policies-grammar-bnf"
    read_on = "2026-11-29"


def is_action(text: str) -> bool:
    """Return True if AWS's grammar takes a text as an action, or can where it is open in part.

    >>> is_action("s3:Get*"), is_action("*:Get*"), is_action("s3:s3:GetObject")
    (True, False, False)
    """
    if text in _well_formed:
        return True
    found = _ACTION.fullmatch(text) is not None
    if found:
        _remember({text})
    return found or (isinstance(text, Unresolved) and _can_be_action(text.pattern))


def _can_be_action(pattern: str) -> bool:
    """Return True if AWS takes any text that an open one can become: no part of it is wrong."""
    pieces = [text for kind, text in split_openings(pattern) if kind is None]
    if not all(map(_PIECE.fullmatch, pieces)) or "".join(pieces).count(":") > 1:
        return False
    before, colon, _ = pieces[0].partition(":")
    return not (colon and ("*" in before or "?" in before)) or pieces[0] == "*:"


def are_actions(value: object) -> bool:
    """Return True if all texts of an element are well written: faster than one by one."""
    try:
        new = set(value if isinstance(value, list) else [value]) - _well_formed
        if not all(map(_ACTION.fullmatch, new)):
            return False
    except TypeError:
        return False
    _remember(new)
    return value != []


def _remember(actions: set[str]) -> None:
    if len(_well_formed) + len(actions) > _MOST_KNOWN:
        _well_formed.clear()
    if len(actions) <= _MOST_KNOWN:
        _well_formed.update(actions)


def malformed_action(action: str, path: Path) -> Finding:
    """Return the finding about a text that is not an action."""
    if "${" in action and not is_open(pattern_of(action)):
        text = f"The action {quoted(action)} has a policy variable, which stands for itself there."
        return VariableNotAllowed.finding(text, path)
    prefix, colon, _ = action.partition(":")
    if colon and ("*" in prefix or "?" in prefix):
        text = f"{quoted(action)} has a wildcard in its service prefix {quoted(prefix)}"
        return ActionSyntax.finding(
            f"{text}: IAM answers 'Action vendors must not contain wildcards'.", path
        )
    expected = "expected prefix:Name, such as s3:GetObject, or *"
    return ActionSyntax.finding(f"{quoted(action)} is not an action: {expected}.", path)
