"""Keep the text that a policy was read from, find policies in its value, and lines in the text.

Files hold policies in many wrappings: output of the AWS CLI, plans, templates, lists. In each of
them an object that `kinds` takes for a policy is one, and so is a text that holds such an object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Kind, Path, PolicyDocument, Syntax, Unresolved
from iam_catalog.policy.read.json_text import JsonPlaces, Place, read_json
from iam_catalog.policy.read.kinds import (
    NEWEST,
    STATEMENT,
    is_function,
    is_list_of_statements,
    is_policy,
)

_MAX_ITEMS = 20_000
"""AWS's longest policies, of KMS keys, have 32 kB."""

BLANKS = (" ", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of a file, or of a part of it, that was read as one value."""

    file: str
    text: str
    line: int = 1
    """1-based line of the file where the text starts."""
    syntax: Syntax = "json"
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
        place: str | None = None,
        leading_blank: bool = False,
        alternatives: tuple[object, ...] = (),
    ) -> PolicyDocument:
        """Return the policy at *path* of the value, on *line* where that is known already.

        Raises `UnreadablePolicy` for one that is many times longer than any that AWS takes.
        """
        whole = (*self.prefix, *path)
        if any(_items(each) > _MAX_ITEMS for each in (value, *alternatives)):
            where = Place(self.file, line or self.line)
            raise where.refused(f"a policy of more than {_MAX_ITEMS:,} statements and items")
        if line is None:
            line = self.line + places_in(self.text, self.syntax).line(whole)
        return PolicyDocument(
            file=self.file,
            title=title,
            value=value,
            path=whole,
            line=line,
            text=self.text,
            text_line=self.line,
            kind=kind,
            syntax=self.syntax,
            place=place,
            leading_blank=leading_blank,
            alternatives=alternatives,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A policy inside another value."""

    path: Path
    value: object
    leading_blank: bool = False
    """Whether it is a text of JSON that begins with blanks."""

    @property
    def name(self) -> str:
        """Return the name of the member that holds it, or the list or function around it."""
        names = (step for step in reversed(self.path) if isinstance(step, str))
        return next((step for step in names if not step.startswith("Fn::")), "")


def policies_within(value: object, file: str, names: frozenset[str] = frozenset()) -> list[Found]:
    """Return the policies in a value, in its order.

    What is under one of *names* is taken for a policy whatever it is: an object or a list as it
    is, and a function of a template that no policy can be found in as `Unresolved`. A list of
    statements without a policy around it becomes a policy of the newest version.
    """
    found: list[Found] = []
    waiting: list[tuple[Path, object]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        text = each if isinstance(each, str) else ""
        held = _value_of_text(text, file) if text else each
        if is_policy(held):
            found.append(Found(path, held, text.startswith(BLANKS)))
        elif path and path[-1] in names and (at := _at_name(path, held, each, file)):
            found += at
        elif path and is_list_of_statements(path[-1], held):
            found.append(Found(path, {"Version": NEWEST, STATEMENT: held}))
        else:
            waiting += [((*path, step), part) for step, part in reversed(list(_parts(held)))]
    return found


def _at_name(path: Path, held: object, written: object, file: str) -> list[Found]:
    """Return what a property that holds nothing but a policy has for one."""
    if not isinstance(written, dict) or not is_function(written):
        return [Found(path, written if held is None else held)]
    inside = [
        Found((*path, *each.path), each.value, each.leading_blank)
        for each in policies_within(written, file)
    ]
    return inside or [Found(path, written)]


def _parts(value: object) -> Iterator[tuple[str | int, object]]:
    """Yield the members or items that can hold a policy."""
    if isinstance(value, dict):
        pairs: Iterator[tuple[str | int, object]] = iter(value.items())
    else:
        pairs = enumerate(value) if isinstance(value, list) else iter(())
    return (pair for pair in pairs if isinstance(pair[1], (dict, list, str)))


def _value_of_text(text: str, file: str) -> object:
    """Return the value of a text that is JSON with statements; None for any other text."""
    if f'"{STATEMENT}"' not in text or text.lstrip()[:1] != "{" or isinstance(text, Unresolved):
        return None
    try:
        return read_json(text, Place(file))
    except UnreadablePolicy:
        return None


def _items(value: object) -> int:
    """Count the statements of a policy, and the items in their lists."""
    statements = value.get(STATEMENT) if isinstance(value, dict) else None
    held = statements if isinstance(statements, list) else [statements]
    return len(held) + sum(
        len(part)
        for each in held
        if isinstance(each, dict)
        for part in each.values()
        if isinstance(part, list)
    )


class PartLines(Protocol):
    """Knows the lines of a text."""

    def line(self, path: Path) -> int:
        """Return the line, from 0; of a path that leads out of the text, as far as it leads."""


def line_of(document: PolicyDocument, path: Path) -> int:
    """Return the 1-based line of the file for a part of the policy.

    Of a member, the line of its name. For a policy that is text inside a JSON string (in plans of
    Terraform), and for a part that the text does not have, the line of the nearest part around it.
    """
    if "\n" not in document.text:
        return document.text_line
    places = places_in(document.text, document.syntax)
    return document.text_line + places.line((*document.path, *path))


@lru_cache(maxsize=2)
def places_in(text: str, syntax: Syntax) -> PartLines:
    """Return the places of a text; the same for all findings of it."""
    if syntax == "json":
        return JsonPlaces(text)
    if syntax == "hcl":
        from iam_catalog.policy.read.hcl_text import HclPlaces

        return HclPlaces(text)
    from iam_catalog.policy.read.yaml_text import YamlPlaces

    return YamlPlaces(text)


def part_at(value: object, path: Path) -> object:
    """Return the part of a value at *path*; None if the path leads out of it."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def path_text(path: Path) -> str:
    """Write a path as people do; the policy as a whole is the empty text.

    >>> path_text(("Statement", 0, "Condition", "Bool", "aws:SecureTransport"))
    'Statement[0].Condition.Bool.aws:SecureTransport'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def is_at(path: Path, place: str) -> bool:
    """Return True if *place* writes a path, or one to something around it.

    >>> is_at(("Statement", 0, "Action", 1), "Statement[0]")
    True
    """
    text = path_text(path)
    return text == place or text.startswith((f"{place}.", f"{place}["))
