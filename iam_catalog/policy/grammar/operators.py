"""Read condition operators: what they compare, and which types of condition keys they fit.

Rules of the IAM User Guide, "IAM JSON policy elements: Condition operators", and of the Service
Authorization Reference, "Actions, resources, and condition keys for AWS services", section "The
condition keys table": a key's type tells which operators can be used; with another one the match
always fails. Operators are written with case, as AWS's policy grammar has them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Family = Literal["String", "Numeric", "Date", "Bool", "Binary", "IPAddress", "ARN", "Null"]
SetOperator = Literal["ForAllValues", "ForAnyValue"]

ORDER = ("LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
COMPARISONS = ("Equals", "NotEquals", *ORDER)
STRINGS = ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")

FAMILIES: dict[str, Family] = {
    **{f"String{word}": "String" for word in STRINGS},
    **{f"Numeric{word}": "Numeric" for word in COMPARISONS},
    **{f"Date{word}": "Date" for word in COMPARISONS},
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
    return operator.family == "ARN" and kind == "String" and all(map(looks_like_arn, values))


def looks_like_arn(text: str) -> bool:
    return text.startswith(("arn:", "*", "$"))


NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
DATE = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-4]):[0-5]\d(:[0-6]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-4]):?[0-5]\d))?)?)?"
)
"""What W3C's note on ISO 8601 allows: from a year to fractions of seconds, times with a zone."""
BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
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

    A value with `${…}` is unknown, and fits. Case does not count in `true` and `false`.
    """
    if "${" in value or family == "String":
        return True
    if family in ("Bool", "Null"):
        return value.lower() in ("true", "false")
    if family == "Numeric":
        return NUMBER.fullmatch(value) is not None
    if family == "Date":
        return _is_date(value) or (value.isascii() and value.isdigit())
    if family == "Binary":
        return len(value) % 4 == 0 and BASE64.fullmatch(value) is not None
    return is_address_range(value) if family == "IPAddress" else is_arn_pattern(value)


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


def is_address_range(value: str) -> bool:
    from ipaddress import ip_network

    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def is_arn_pattern(value: str) -> bool:
    """Return True for six parts, which AWS compares one by one ("ARN condition operators").

    A value with a wildcard that has fewer parts passes: AWS does not say what it matches.
    """
    if "*" in value or "?" in value:
        return True
    return value.startswith("arn:") and value.count(":") >= 5
