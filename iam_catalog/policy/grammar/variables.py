"""Read policy variables in a text of a policy, such as `${aws:username}`.

A request fills a variable in, so nothing is known of its text (IAM User Guide, "IAM policy
elements: Variables and tags"). What a document leaves open is written and read the same way. The
three that escape a character, such as `${*}`, are text.
"""

from __future__ import annotations

from dataclasses import dataclass

from iam_catalog.arn.pattern import ESCAPES, split_variables


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable with its place in the text."""

    name: str
    """Such as `aws:PrincipalTag/team`; key names compare without case."""
    default: str | None
    """The text in single quotes behind the name, or None ("Specifying default values")."""
    start: int
    end: int
    """Of the whole `${…}` in the text, the end excluded."""


def variables(text: str) -> list[Variable]:
    """Return the variables of a text whose values a request fills in, in order.

    >>> [each.name for each in variables("arn:aws:s3:::b/${aws:username}/${*}")]
    ['aws:username']
    """
    found = []
    for start, end in split_variables(text):
        if text[start:end] not in ESCAPES:
            name, comma, default = text[start + 2 : end - 1].partition(",")
            found.append(Variable(name.strip(), in_quotes(default) if comma else None, start, end))
    return found


def is_key_name(name: str) -> bool:
    """Return True if a name has the form of a condition key of AWS.

    `AWS::Region` is CloudFormation's, `aws_s3_bucket.logs.arn` is Terraform's.
    """
    prefix, colon, rest = name.partition(":")
    return bool(colon) and not rest.startswith(":") and prefix.replace("-", "").isalnum()


def has_key(text: str) -> bool:
    """Return True if any variable of a text has the form of a condition key."""
    return "${" in text and any(is_key_name(each.name) for each in variables(text))


def in_quotes(text: str) -> str | None:
    """Return the text between the single quotes; None without them."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else None
