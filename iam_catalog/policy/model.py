"""Define policies as records, which every part of this package hands to the next.

Values are as the document writes them. Text of which the document leaves parts to be filled in
later (an intrinsic function of CloudFormation, a value that Terraform does not know yet) is
`Unresolved`: its open parts are shown in the form of a policy variable, `${…}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from iam_catalog.arn.pattern import (
    VARIABLE,
    Opening,
    name_of_opening,
    opening,
    split_expressions,
    split_openings,
)

Path = tuple[str | int, ...]
"""The way from the root of a JSON value to a part of it: names of members and indexes of items."""

Kind = Literal["identity", "resource", "trust", "scp", "rcp"]
"""What a policy is attached to, as far as its form or its place tells."""
KINDS: tuple[str, ...] = get_args(Kind)

Syntax = Literal["json", "yaml", "hcl"]
"""The language of a text that holds a policy."""


_WORDS = re.compile(r"AWS::(AccountId|Partition|Region|StackName|URLSuffix)")
"""Pseudo parameters without colons and slashes: AWS CloudFormation User Guide, "Get AWS values
using pseudo parameters"."""

_PART = re.compile(
    r"(.*[.:])?([a-z]+[_-])?(aws)?[_-]?(region|account|acct|partition)[_-]?(id|name|number)?"
    r"|data\.aws_region\.[\w-]+(\[\d+\])?\.(id|name)",
    re.IGNORECASE | re.DOTALL,
)
"""Names that say of themselves that they are a Region, an account or a partition, such as
`var.aws_region`."""

_LONGEST_NAME = 100

_ARN = re.compile(r"[\w-]+\.Arn|aws_(\w+)\.[\w-]+(\[[^][]*\])?\.arn")
"""Attributes of resources of the same template that are ARNs: `Bucket.Arn` of CloudFormation's
`Fn::GetAtt`, and `aws_s3_bucket.logs.arn` of Terraform."""


class Unresolved(str):
    """Text that the document leaves open, as a whole or in part, written `${what stands for it}`.

    It can be where a list or an object is expected, too: then nothing is known of the whole.
    """

    __slots__ = ("pattern",)
    pattern: str
    """The text as a pattern: what is open is an opening of `arn.pattern`, and all else is as the
    document says it, variables of policies included."""

    def __new__(cls, text: str, pattern: str | None = None) -> Unresolved:
        """Take the *pattern* where it is known; otherwise every `${…}` of the text is open."""
        self = super().__new__(cls, text)
        self.pattern = _pattern(text) if pattern is None else pattern
        return self

    @classmethod
    def joined(cls, parts: Iterable[str], between: str = "") -> Unresolved:
        """Return the text of several parts, of which some are open."""
        held = list(parts)
        return cls(between.join(held), between.join(map(pattern_of, held)))


def open_part(name: str, identity: str | None = None) -> Unresolved:
    """Return the text for what a template names, shown as `${name}`.

    *identity* says which it is where the name does not: equal ones stand for equal text.
    """
    identity = identity or name
    if len(identity) > _LONGEST_NAME:  # a short text can repeat it thousands of times
        from hashlib import sha256

        identity = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    return Unresolved(f"${{{name}}}", opening(_typed(identity), _kind_of(name)))


def _typed(name: str) -> str:
    """Put before an attribute of Terraform which resource type of AWS it can be of.

    `aws_s3_bucket.logs.arn` may be of `s3:bucket`: `arn.match` knows whether there is one.
    """
    found = _ARN.fullmatch(name)
    if not found or not found[1]:
        return name
    words = found[1].split("_")
    types = ["".join(words[:at]) + ":" + "".join(words[at:]) for at in range(1, len(words))]
    return f"{'|'.join(types)} {name}"


def with_types(value: object, types: Mapping[str, str]) -> object:
    """Return a value in which openings say what the resources are that they name.

    *types* has the types of the resources of a template of CloudFormation, by their logical ids.
    """
    if isinstance(value, list):
        return [with_types(each, types) for each in value]
    if isinstance(value, dict):
        for name, each in value.items():
            value[name] = with_types(each, types)
        return value
    if not isinstance(value, Unresolved):
        return value
    pieces = [_with_type(kind, text, types) for kind, text in split_openings(value.pattern)]
    return Unresolved(value, "".join(pieces))


def _with_type(kind: Opening | None, text: str, types: Mapping[str, str]) -> str:
    if kind is None:
        return text
    name = name_of_opening(text)
    vendor, _, rest = types.get(name.removesuffix(".Arn"), "").partition("::")
    if vendor != "AWS" or rest.startswith("CloudFormation::"):
        return text if kind != "arn" or vendor == "AWS" else opening(name)
    if kind == "arn":
        return opening(f"{rest.replace('::', ':').lower()} {name}", "arn")
    return opening(name, "name") if kind == "any" else text


def pattern_of(text: str) -> str:
    """Return a text of a document as `arn` reads it."""
    return text.pattern if isinstance(text, Unresolved) else text


def _pattern(text: str) -> str:
    pieces, done = list[str](), 0
    for start, end in split_expressions(text):
        name = text[start + len(VARIABLE) : end - 1]
        pieces += [text[done:start], opening(_typed(name), _kind_of(name))]
        done = end
    return "".join([*pieces, text[done:]]) if done else opening(text)


def _kind_of(name: str) -> Opening:
    """Tell by its name what an open part can become."""
    if _WORDS.fullmatch(name):
        return "word"
    if _ARN.fullmatch(name):
        return "arn"
    return "part" if _PART.fullmatch(name) else "any"


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """One policy of a file, with its place."""

    file: str
    """As it was named; `-` is standard input."""
    title: str | None
    """Headings and tab names above it, or the address of the resource that holds it."""
    value: object
    """The JSON value of the policy, whose root is the object with the statements."""
    path: Path
    """From the root of the file's value to the policy; empty for a file that is a policy."""
    line: int
    """1-based line of the file where the policy starts."""
    text: str
    """The JSON or YAML text that `value` was read from: all of the file's, except in prose."""
    text_line: int
    """1-based line of the file where `text` starts."""
    kind: Kind | None = None
    syntax: Syntax = "json"
    place: str | None = None
    """Type of the resource that holds it, such as `AWS::IAM::ManagedPolicy` or `aws_iam_policy`;
    `PolicyVersion` in output of the AWS CLI, which only managed policies have."""
    leading_blank: bool = False
    """Whether the text that AWS gets begins with blanks or line breaks before the brace."""
    alternatives: tuple[object, ...] = ()
    """The values that the policy can have where conditions of a template choose parts of it; then
    `value` has `Unresolved` text for those parts. Empty for nearly all policies."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator and one key of a statement's conditions, with the values."""

    operator: str
    """As written, such as `ForAnyValue:StringLikeIfExists`."""
    key: str
    values: tuple[str, ...]
    """Numbers and booleans in JSON's spelling."""
    path: Path
    """From the root of the policy to the key."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; None for an element that it does not have or that has a wrong type."""

    path: Path
    """From the root: `("Statement", 0)`, or `("Statement",)` where it stands without a list."""
    sid: str | None
    effect: str | None
    """`Allow` or `Deny`; None for anything else."""
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[tuple[str, str], ...] | None
    """Pairs such as `("AWS", "111122223333")`; `("*", "*")` for the bare star."""
    not_principals: tuple[tuple[str, str], ...] | None
    conditions: tuple[Condition, ...]
    lists: frozenset[str] = frozenset()
    """The elements that are written as lists, so that paths of their items have an index."""

    def item_path(self, element: str, index: int) -> Path:
        """Return the path of an item of `Action`, `NotAction`, `Resource` or `NotResource`."""
        whole = (*self.path, element)
        return (*whole, index) if element in self.lists else whole


@dataclass(frozen=True, slots=True)
class Policy:
    """The parts of a policy that have the types which the grammar asks for."""

    version: str | None
    id: str | None
    statements: tuple[Statement, ...]
