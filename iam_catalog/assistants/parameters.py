"""Declare and read the arguments of tools.

A tool is a function whose parameters have one of these kinds in their annotation, such as
`Annotated[str, Text("…")]`. The same declaration writes the JSON Schema that assistants read and
checks what they send, so that a wrong argument gets an error that says what was expected.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from iam_catalog.errors import CatalogError, MalformedDate, UnreadablePolicy
from iam_catalog.facts.at_date import checked_date
from iam_catalog.policy.check.findings import quoted
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.kinds import is_policy

LONGEST_TEXT = 1_000
LONGEST_POLICY = 100_000
"""Characters of a policy: AWS's own limits are below 40,000."""
MOST_STATEMENTS = 300
"""Of a policy: each can be about every action, and a managed policy has no room for 150."""
MOST_TEXTS = 200
_POLICY = "policy"
"""How errors name a text that a policy is read from."""
_MOST_NAMED = 5
"""Policies that an error names where one was expected."""
_MOST_SHOWN = 100
"""Characters of a wrong value that its error quotes."""


class WrongArgument(CatalogError):
    """An argument that is not what its tool takes."""

    def __init__(self, name: str, expected: str, value: object) -> None:
        super().__init__(f"{name}: expected {expected}, got {_shown(value)}.")
        self.name = name


class MissingArgument(CatalogError):
    """An argument that a tool needs was not sent."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"{name}: expected this argument, got none. {description}")
        self.name = name


class ArgumentKind(Protocol):
    """Kind of an argument: its JSON Schema, and how it is read."""

    def schema(self) -> dict[str, Any]: ...

    def read(self, name: str, value: object) -> object:
        """Return *value* as the tool takes it; raises `WrongArgument`."""
        ...


class Text:
    """A string, of at most `LONGEST_TEXT` characters."""

    def __init__(self, description: str, most: int = LONGEST_TEXT) -> None:
        self._description = description
        self._most = most

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self._most, "description": self._description}

    def read(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise WrongArgument(name, "a string", value)
        if len(value) > self._most:
            raise WrongArgument(name, f"at most {self._most:,} characters", value)
        return value


class Date:
    """A day of the calendar, written YYYY-MM-DD."""

    def __init__(self, description: str) -> None:
        self._description = description

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "description": self._description}

    def read(self, name: str, value: object) -> str:
        try:
            return checked_date(value if isinstance(value, str) else "")
        except MalformedDate:
            raise WrongArgument(name, "a date written YYYY-MM-DD", value) from None


class Choice:
    """One of a few words."""

    def __init__(self, words: Sequence[str], description: str) -> None:
        self._words = words
        self._description = description

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self._words), "description": self._description}

    def read(self, name: str, value: object) -> str:
        if not isinstance(value, str) or value not in self._words:
            raise WrongArgument(name, f"one of {', '.join(self._words)}", value)
        return value


class Texts:
    """A list of strings; one string, and the JSON text of a list, which clients send, will do."""

    def __init__(self, description: str, most: int = MOST_TEXTS) -> None:
        self._description = description
        self._most = most

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "string", "maxLength": LONGEST_TEXT},
            "maxItems": self._most,
            "description": self._description,
        }

    def read(self, name: str, value: object) -> list[str]:
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = _from_json(value)
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
            raise WrongArgument(name, "a list of strings", value)
        if len(values) > self._most:
            raise WrongArgument(name, f"at most {self._most} strings", len(values))
        for each in values:
            if len(each) > LONGEST_TEXT:
                raise WrongArgument(name, f"strings of at most {LONGEST_TEXT:,} characters", each)
        return values


class Number:
    """A whole number within bounds."""

    def __init__(self, least: int, most: int, description: str) -> None:
        self._least = least
        self._most = most
        self._description = description

    def schema(self) -> dict[str, Any]:
        return {
            "type": "integer",
            "minimum": self._least,
            "maximum": self._most,
            "description": self._description,
        }

    def read(self, name: str, value: object) -> int:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number or not self._least <= value <= self._most:  # type: ignore[operator]
            expected = f"a whole number from {self._least} to {self._most:,}"
            raise WrongArgument(name, expected, value)
        return value  # type: ignore[return-value]


class Flag:
    """True or false."""

    def __init__(self, description: str) -> None:
        self._description = description

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean", "description": self._description}

    def read(self, name: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise WrongArgument(name, "true or false", value)
        return value


class Values:
    """Texts by name, such as what to write for placeholders."""

    def __init__(self, description: str) -> None:
        self._description = description

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": {"type": "string", "maxLength": LONGEST_TEXT},
            "maxProperties": MOST_TEXTS,
            "description": self._description,
        }

    def read(self, name: str, value: object) -> dict[str, str]:
        if isinstance(value, str):
            value = _from_json(value)
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise WrongArgument(name, 'an object of strings, such as {"Account": "…"}', value)
        if len(value) > MOST_TEXTS or any(len(each) > LONGEST_TEXT for each in value.values()):
            expected = f"at most {MOST_TEXTS} strings of {LONGEST_TEXT:,} characters"
            raise WrongArgument(name, expected, value)
        return value


class PolicyInput:
    """A policy document: its value, or a text that holds it, whose findings have lines.

    A text is read as a file would be, so that it may be YAML, Terraform, a template, output of the
    AWS CLI, or prose around a policy.
    """

    def __init__(self, description: str) -> None:
        self._description = description

    def schema(self) -> dict[str, Any]:
        text = {"type": "string", "maxLength": LONGEST_POLICY}
        return {"anyOf": [text, {"type": "object"}], "description": self._description}

    def read(self, name: str, value: object) -> object:
        if not isinstance(value, str | dict):
            raise WrongArgument(name, "a policy as a text or as an object", value)
        if isinstance(value, str):
            size = len(value)
        else:
            try:
                size = len(json.dumps(value, allow_nan=False))
            except (ValueError, RecursionError) as error:
                raise WrongArgument(name, f"a policy that JSON can hold ({error})", value) from None
        if size > LONGEST_POLICY:
            expected = f"a policy of at most {LONGEST_POLICY:,} characters"
            raise WrongArgument(name, expected, size)
        document: object = value
        if isinstance(value, str):
            document = _from_json(value)
            if not is_policy(document):
                found = _policy_in(name, value)
                if isinstance(found, PolicyDocument):
                    _refuse_excess(name, found.value)
                return found
        _refuse_excess(name, document)
        return value


def _refuse_excess(name: str, document: object) -> None:
    """Raise `WrongArgument` for a policy with more statements than a tool takes."""
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, list) and len(statements) > MOST_STATEMENTS:
        expected = f"a policy of at most {MOST_STATEMENTS} statements"
        raise WrongArgument(name, expected, len(statements))


def _policy_in(name: str, text: str) -> PolicyDocument | str:
    """Return the one policy in a text; a text in JSON that holds none stays as it is.

    Raises `WrongArgument` for a text without a policy or with several, and `UnreadablePolicy`.
    """
    from iam_catalog.policy.read.files import read_documents

    is_json = text.lstrip()[:1] in ("{", "[", "")
    try:
        found = list(read_documents(_POLICY, text.encode()))
    except UnreadablePolicy:
        if is_json:  # the catalog says what is wrong with it
            return text
        raise
    except UnicodeEncodeError:
        raise WrongArgument(name, "a policy in Unicode text", ascii(text)) from None
    if len(found) > 1:
        lines = ", ".join(str(each.line) for each in found[:_MOST_NAMED])
        more = "" if len(found) <= _MOST_NAMED else ", …"
        expected = f"one policy at a time, and they start on lines {lines}{more}"
        raise WrongArgument(name, expected, len(found))
    if found:
        return found[0]
    if is_json:
        return text
    raise WrongArgument(name, "a policy in JSON, YAML or Terraform", text)


def _from_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _shown(value: object) -> str:
    """Write a value as JSON does, so that a number can be told from its text, and cut it."""
    if isinstance(value, str):
        return quoted(value)
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}… ({len(text):,} characters)"
