"""Define policies as records, which every part of this package hands to the next.

Values are as the document writes them. Text that the document leaves to be filled in later (an
intrinsic function of CloudFormation, a value that Terraform does not know yet) is `Unresolved`
text in the form of a policy variable, `${…}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Path = tuple[str | int, ...]
"""The way from the root of a JSON value to a part of it: names of members and indexes of items."""

Kind = Literal["identity", "resource", "trust", "scp", "rcp"]
"""What a policy is attached to, as far as its form or its place tells."""
KINDS: tuple[str, ...] = get_args(Kind)

Syntax = Literal["json", "yaml", "hcl"]
"""The language of a text that holds a policy."""


class Unresolved(str):
    """Text that the document does not say, written `${what stands for it}`.

    It can be where a list or an object is expected, too: then nothing is known of the whole.
    """

    __slots__ = ()


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
