"""Read policy variables in a text of a policy, such as `${aws:username}`.

A request fills a variable in, so nothing is known of its text (IAM User Guide, "IAM policy
elements: Variables and tags"). What a document leaves open is written and read the same way. The
three that escape a character, such as `${*}`, are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from iam_catalog.arn.pattern import ESCAPES, split_variables

_BRACKETS = re.compile(r"<[A-Za-z][^<>]{0,60}>|(?<![$#{])\{{1,2} ?[A-Za-z][\w .:-]{0,60}\}{1,2}")
"""`<account>`, `{account}` and `{{account}}`, which people write for what is to be filled in."""

_TO_FILL_IN = re.compile(
    r"[\w.-]*(account|acct|region|partition)[\w.-]*|x+|your[\w-]+", re.IGNORECASE
)
"""What people write for an account or a Region that is to be filled in."""

_FRAMEWORKS = frozenset({"env", "file", "opt", "param", "self", "sls"})
"""Prefixes of the Serverless Framework's variables, in "Serverless Variables" of its guide."""


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


def template_texts(text: str) -> list[str]:
    """List what a template or a person should have filled in, as it is written, in order.

    A variable of AWS has a colon in its name, and those of other tools have none or two.

    >>> template_texts("arn:aws:s3:::${var.bucket}/${aws:username}/<day>")
    ['${var.bucket}', '<day>']
    """
    if "${" not in text and "<" not in text and "{" not in text:
        return []
    found, done, rest = list[tuple[int, str]](), 0, list[str]()
    for start, end in split_variables(text):
        name = text[start + 2 : end - 1].partition(",")[0].strip()
        if text[start:end] not in ESCAPES and _is_of_template(name):
            found.append((start, text[start:end]))
        rest += [text[done:start], "\0" * (end - start)]
        done = end
    others = "".join([*rest, text[done:]])
    found += [(each.start(), each[0]) for each in _BRACKETS.finditer(others)]
    return [each for _, each in sorted(found)]


def is_to_fill_in(part: str) -> bool:
    """Return True if a part of an ARN is a word for its value, such as `ACCOUNT_ID` or `<id>`."""
    return bool(template_texts(part)) or _TO_FILL_IN.fullmatch(part) is not None


def _is_of_template(name: str) -> bool:
    prefix, colon, rest = name.partition(":")
    if not colon or rest.startswith(":"):
        return name != "" and not name.startswith(("*", "?", "$"))
    return prefix in _FRAMEWORKS


def has_key(text: str) -> bool:
    """Return True if any variable of a text has the form of a condition key."""
    return "${" in text and any(is_key_name(each.name) for each in variables(text))


def in_quotes(text: str) -> str | None:
    """Return the text between the single quotes; None without them."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else None
