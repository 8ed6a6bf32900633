"""Check the grammar of conditions, and read their operators: what they compare, what they fit.

Rules of the IAM User Guide, "IAM JSON policy elements: Condition operators", and of the Service
Authorization Reference, "Actions, resources, and condition keys for AWS services", section "The
condition keys table": a key's type tells which operators can be used; with another one the match
always fails. Operators are written with case, as AWS's policy grammar has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from iam_catalog.arn.pattern import VARIABLE, matches, split_openings
from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER
from iam_catalog.policy.grammar.values import GrammarRule, type_name, wrong_type
from iam_catalog.policy.model import Path, Unresolved

Family = Literal["String", "Numeric", "Date", "Bool", "Binary", "IPAddress", "ARN", "Null"]
SetOperator = Literal["ForAllValues", "ForAnyValue"]

ORDER = ("LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_COMPARISONS = ("Equals", "NotEquals", *ORDER)
STRINGS = ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")

FAMILIES: dict[str, Family] = {
    **{f"String{word}": "String" for word in STRINGS},
    **{f"Numeric{word}": "Numeric" for word in _COMPARISONS},
    **{f"Date{word}": "Date" for word in _COMPARISONS},
    "Bool": "Bool",
    "BinaryEquals": "Binary",
    "IpAddress": "IPAddress",
    "NotIpAddress": "IPAddress",
    **{f"Arn{word}": "ARN" for word in ("Equals", "NotEquals", "Like", "NotLike")},
    "Null": "Null",
}
"""What each operator compares, by its name without set operator and `IfExists`."""

SET_OPERATORS: tuple[SetOperator, ...] = ("ForAllValues", "ForAnyValue")
IF_EXISTS = "IfExists"


@dataclass(frozen=True, slots=True)
class Operator:
    """The parts of an operator such as `ForAnyValue:StringLikeIfExists`."""

    name: str
    """Without set operator and `IfExists`: `StringLike`."""
    family: Family
    set_operator: SetOperator | None
    if_exists: bool


def read_operator(text: str) -> Operator | None:
    """Return the parts of an operator as written; None for one that AWS does not know.

    `Null` has no `IfExists` form (section "...IfExists condition operators").
    """
    before, colon, rest = text.rpartition(":")
    set_operator = next((each for each in SET_OPERATORS if each == before), None)
    if colon and set_operator is None:
        return None
    name = rest.removesuffix(IF_EXISTS)
    family = FAMILIES.get(name)
    if family is None or (family == "Null" and name != rest):
        return None
    return Operator(name, family, set_operator, name != rest)


def base_type(key_type: str) -> str:
    """Return the type of one value of a key: `String` for `ArrayOfString`; old spellings fixed.

    >>> base_type("ArrayOfARN"), base_type("Boolean"), base_type("Arn")
    ('ARN', 'Bool', 'ARN')
    """
    name = key_type.removeprefix("ArrayOf").removeprefix("List of ")
    return {"Boolean": "Bool", "Arn": "ARN", "IpAddress": "IPAddress", "Long": "Numeric"}.get(
        name, name
    )


def is_multivalued(key_type: str) -> bool:
    """Return True for the types `ArrayOf…` of keys with several values in a request."""
    return key_type.startswith(("ArrayOf", "List of "))


def needs_set_operator(key_types: Iterable[str]) -> bool | None:
    """Return True if all types of a key need a set operator, False if none does.

    None where types differ, or none is known (IAM User Guide, "Single-valued vs. multivalued
    context keys").
    """
    several = {is_multivalued(each) for each in key_types}
    return several.pop() if len(several) == 1 else None


TYPES = frozenset({"String", "Numeric", "Date", "Bool", "Binary", "IPAddress", "ARN"})


def fits(operator: Operator, key_type: str, values: tuple[str, ...]) -> bool:
    """Return True if the operator can match a key of this type.

    `Null` asks only whether the key is there. An ARN is considered a string (section "ARN
    condition operators"): string operators fit keys of type ARN, and ARN operators fit a string
    that is compared with ARNs alone. Types that no page explained fit everything.
    """
    kind = base_type(key_type)
    if operator.family in ("Null", kind) or kind not in TYPES:
        return True
    if operator.family == "String":
        return kind == "ARN"
    return operator.family == "ARN" and kind == "String" and all(map(_looks_like_arn, values))


def fitting_operators(key_type: str) -> list[str]:
    """Return the operators that a key of this type can be compared with, `Null` last.

    Of a key with several values, `ForAllValues:` or `ForAnyValue:` belongs before each but `Null`.

    >>> fitting_operators("Bool")
    ['Bool', 'Null']
    """
    kind = base_type(key_type)
    families = (kind, "String") if kind == "ARN" else (kind,)
    return [*(name for name, family in FAMILIES.items() if family in families), "Null"]


_STARTS: dict[str, str] = {
    **{each: each for each in ("String", "Numeric", "Date", "Binary")},
    "ARN": "Arn",
}
_COMPARISON = re.compile(r"(?:String|Numeric|Date|Arn|Binary)?(Not)?(\w*?)(?:IgnoreCase)?")


def counterpart(name: str, key_type: str) -> str | None:
    """Return the operator that compares a key of this type as *name* would; None where none does.

    *name* has neither set operator nor `IfExists`, and need not be an operator of AWS.

    >>> counterpart("StringNotEquals", "IPAddress"), counterpart("StringLessThan", "Numeric")
    ('NotIpAddress', 'NumericLessThan')
    """
    kind = base_type(key_type)
    comparison = _COMPARISON.fullmatch(name)
    if comparison is None:
        return None
    negation, word = comparison[1] or "", comparison[2]
    if word in ("Bool", "IpAddress"):
        word = "Equals"
    is_equality = word in ("Equals", "Like")
    if kind in _STARTS:
        start = f"{_STARTS[kind]}{negation}"
        found = [f"{start}{word}", *([f"{start}Equals"] if is_equality else [])]
    else:
        found = [f"{negation}{'Bool' if kind == 'Bool' else 'IpAddress'}"] if is_equality else []
    return next((each for each in found if FAMILIES.get(each) == kind), None)


def _looks_like_arn(text: str) -> bool:
    return text.startswith(("arn:", "*", "$"))


NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
DATE = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-4]):[0-5]\d(:[0-6]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-4]):?[0-5]\d))?)?)?"
)
"""What W3C's note on ISO 8601 allows: from a year to fractions of seconds, times with a zone."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
EXPECTED: dict[Family, str] = {
    "Numeric": "a number",
    "Date": "a date such as 2026-01-31T00:00:00Z, or seconds since 1970",
    "Bool": "true or false",
    "Null": "true or false",
    "Binary": "Base64",
    "IPAddress": "an IP address or a range in CIDR notation",
    "ARN": "an ARN",
}
"""What the values of each family must be; strings can be anything."""


def value_fits(family: Family, value: str) -> bool:
    """Return True if an operator of this family can compare *value* at all.

    A value with a variable is unknown, and fits; of one that a document leaves open in part, the
    rest counts. Case does not count in `true` and `false`.
    """
    if isinstance(value, Unresolved):
        return _can_fit(family, value.pattern)
    if "${" in value or family == "String":
        return True
    if family in ("Bool", "Null"):
        return value.lower() in ("true", "false")
    if family == "Numeric":
        return NUMBER.fullmatch(value) is not None
    if family == "Date":
        return _is_date(value) or (value.isascii() and value.isdigit())
    if family == "Binary":
        return len(value) % 4 == 0 and _BASE64.fullmatch(value) is not None
    return _is_address_range(value) if family == "IPAddress" else _is_arn_pattern(value)


_LETTERS: dict[Family, re.Pattern[str]] = {
    "Numeric": re.compile(r"[-+.\d]*"),
    "Date": re.compile(r"[-+.:TZ\d]*"),
    "Binary": re.compile(r"[A-Za-z0-9+/=]*"),
    "IPAddress": re.compile(r"[A-Fa-f0-9.:/]*"),
}
"""The characters of what each family compares."""


def _can_fit(family: Family, pattern: str) -> bool:
    """Return True if any text that an open value can become fits."""
    if family in ("Bool", "Null"):
        return any(matches(pattern.lower(), each) for each in ("true", "false"))
    letters = _LETTERS.get(family)
    pieces = [text for kind, text in split_openings(pattern) if kind is None]
    return (
        letters is None
        or any(VARIABLE in text for text in pieces)
        or all(map(letters.fullmatch, pieces))
    )


def _is_date(value: str) -> bool:
    """Return True for a date of W3C's note that the calendar has: 30 February is none."""
    if not DATE.fullmatch(value):
        return False
    from datetime import date

    try:
        date.fromisoformat(f"{value[:10]}{'-01-01'[len(value[:10]) - 4 :]}")
    except ValueError:
        return False
    return True


def _is_address_range(value: str) -> bool:
    from ipaddress import ip_network

    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _is_arn_pattern(value: str) -> bool:
    """Return True for six parts, which AWS compares one by one ("ARN condition operators").

    A value with a wildcard that has fewer parts passes: AWS does not say what it matches.
    """
    if "*" in value or "?" in value:
        return True
    return value.startswith("arn:") and value.count(":") >= 5


class EmptyCondition(GrammarRule):
    """A condition without operators or keys changes nothing."""

    code = "empty-condition"
    severity = "info"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": empty object condition'
    )
    source = f"{ANALYZER}-suggestion-empty-object-condition"
    read_on = "2026-11-29"


class EmptyConditionValues(GrammarRule):
    """A condition key without values matches nothing."""

    code = "empty-condition-values"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": empty array condition'
    )
    source = f"{ANALYZER}-suggestion-empty-array-condition"
    read_on = "2026-11-29"


class ConditionKeySyntax(GrammarRule):
    """A condition key is written prefix:name."""

    code = "condition-key-syntax"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid condition key format'
    )
    source = f"{ANALYZER}-error-invalid-condition-key-format"
    read_on = "2026-11-29"


class RepeatedConditionKey(GrammarRule):
    """An operator has a key twice, in different case; keys are compared without case."""

    code = "repeated-condition-key"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": duplicate keys with '
        "different case"
    )
    source = f"{ANALYZER}-error-duplicate-keys-with-different-case"
    read_on = "2026-11-29"


class MixedConditionValues(GrammarRule):
    """The values of a condition key are of different types."""

    code = "mixed-condition-values"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid condition data type'
    )
    source = f"{ANALYZER}-error-invalid-condition-data-type"
    read_on = "2026-11-29"


def condition_findings(condition: object, path: Path) -> Iterator[Finding]:
    """Yield what is wrong with the shape of a condition (IAM User Guide, "IAM JSON policy elements:
    Condition")."""
    if isinstance(condition, Unresolved):
        return
    if not isinstance(condition, dict):
        yield wrong_type("Condition", condition, "an object of operators", path)
        return
    if not condition:
        yield EmptyCondition.finding("The condition is empty, and changes nothing.", path)
    for operator, keys in condition.items():
        yield from _operator_findings(operator, keys, (*path, operator))


def _operator_findings(operator: str, keys: object, path: Path) -> Iterator[Finding]:
    if isinstance(keys, Unresolved):
        return
    if not isinstance(keys, dict):
        yield wrong_type(f"The operator {quoted(operator)}", keys, "an object of keys", path)
        return
    if not keys:
        text = f"The operator {quoted(operator)} has no keys, and changes nothing."
        yield EmptyCondition.finding(text, path)
    spelled: dict[str, str] = {}
    for key, values in keys.items():
        first = spelled.setdefault(key.lower(), key)
        if first != key:
            text = f"{quoted(key)} and {quoted(first)} are the same key: case does not count."
            yield RepeatedConditionKey.finding(text, (*path, key), suggestion=first)
        if ":" not in key.strip(":"):
            text = (
                f"{quoted(key)} is not a condition key: expected prefix:name, such as aws:SourceIp."
            )
            yield ConditionKeySyntax.finding(text, (*path, key))
        yield from _values_findings(key, values, (*path, key))


def _values_findings(key: str, values: object, path: Path) -> Iterator[Finding]:
    """Take a text, a number or a boolean, or a list of one of these types."""
    held = values if isinstance(values, list) else [values]
    if not held:
        text = f"The key {quoted(key)} has no values, and matches nothing."
        yield EmptyConditionValues.finding(text, path)
    for index, value in enumerate(held):
        if not isinstance(value, (str, int, float)):
            where = (*path, index) if isinstance(values, list) else path
            yield wrong_type(f"A value of {quoted(key)}", value, "a text or a list of texts", where)
    types = {type_name(value) for value in held if not isinstance(value, Unresolved)}
    if len(types) > 1 and types <= {"a text", "a number", "a boolean"}:
        text = f"The values of {quoted(key)} are of several types: {', '.join(sorted(types))}."
        yield MixedConditionValues.finding(text, path)
