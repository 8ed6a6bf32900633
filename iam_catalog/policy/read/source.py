"""A text that policies are read from, and the policies inside any JSON value.

Files hold policies in many wrappings: output of the AWS CLI, plans, templates, lists. Whatever
the wrapping, an object with statements is a policy, and so is a text that holds such an object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Kind, Path, PolicyDocument
from iam_catalog.policy.read.json_text import Place, read_json
from iam_catalog.policy.read.lines import places_in

STATEMENT = "Statement"
MAX_ITEMS = 20_000
"""AWS's longest policies, of KMS keys, have 32 kB."""

ELEMENTS = {"Effect", "Action", "NotAction"}


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, or of a part of it, that was read as one value."""

    file: str
    text: str
    line: int = 1
    """1-based line of the file where the text starts."""
    syntax: Literal["json", "yaml"] = "json"
    prefix: Path = ()
    """From the root of the text's value to the value that is read."""

    def document(
        self,
        value: object,
        path: Path = (),
        title: str | None = None,
        kind: Kind | None = None,
        *,
        line: int | None = None,
    ) -> PolicyDocument:
        """A policy that stands at *path* of the value, on *line* where that is known already.

        Raises `UnreadablePolicy` for one that is many times longer than any that AWS takes.
        """
        whole = (*self.prefix, *path)
        if items_of(value) > MAX_ITEMS:
            where = Place(self.file, line or self.line)
            raise where.refused(f"a policy of more than {MAX_ITEMS:,} statements and items")
        if line is None:
            line = self.line + places_in(self.text, self.syntax).line(whole)
        return PolicyDocument(
            self.file, title, value, whole, line, self.text, self.line, kind, self.syntax
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A policy inside another value."""

    path: Path
    value: object

    @property
    def name(self) -> str:
        """The name of the member that holds it, or holds the list of it."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")


def items_of(value: object) -> int:
    """How many statements a policy has, and items in their lists."""
    statements = value.get(STATEMENT) if isinstance(value, dict) else None
    held = statements if isinstance(statements, list) else [statements]
    return len(held) + sum(
        len(part)
        for each in held
        if isinstance(each, dict)
        for part in each.values()
        if isinstance(part, list)
    )


def is_policy(value: object) -> bool:
    """Whether a value is an object with statements.

    The rules of AWS WAF have a `Statement` too, with other things in it.
    """
    if not isinstance(value, dict) or STATEMENT not in value:
        return False
    held = value[STATEMENT]
    statements = held if isinstance(held, list) else [held]
    return "Version" in value or any(
        isinstance(each, dict) and not ELEMENTS.isdisjoint(each) for each in statements
    )


def policies_within(value: object, file: str, names: frozenset[str] = frozenset()) -> list[Found]:
    """The policies in a value, in its order.

    An object under one of *names* is taken for a policy whatever it has.
    """
    found = []
    waiting: list[tuple[Path, object]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, str):
            each = policy_in_text(each, file)
        named = path and path[-1] in names and isinstance(each, dict) and not is_function(each)
        if named or is_policy(each):
            found.append(Found(path, each))
        else:
            waiting += [((*path, step), part) for step, part in reversed(list(parts(each)))]
    return found


def parts(value: object) -> Iterator[tuple[str | int, object]]:
    """The members or items that can hold a policy."""
    if isinstance(value, dict):
        pairs: Iterator[tuple[str | int, object]] = iter(value.items())
    else:
        pairs = enumerate(value) if isinstance(value, list) else iter(())
    return (pair for pair in pairs if isinstance(pair[1], (dict, list, str)))


def is_function(value: dict[str, object]) -> bool:
    """Whether an object is an intrinsic function of CloudFormation, in its long form."""
    name = next(iter(value), "")
    return len(value) == 1 and (name == "Ref" or name.startswith("Fn::"))


def policy_in_text(text: str, file: str) -> object:
    """The value of a text that is JSON with statements in it; None for any other text."""
    if f'"{STATEMENT}"' not in text or text.lstrip()[:1] != "{":
        return None
    try:
        return read_json(text, Place(file))
    except UnreadablePolicy:
        return None


def dotted(path: Path) -> str:
    """A path as people write it: `Policies[0].PolicyDocument`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
