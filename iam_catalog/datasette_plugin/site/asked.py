"""What a request asks of a page, checked: names in its address, and the query string or form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl

LONGEST_VALUE = 4_000
"""Characters of a value in the address: longer than any name, ARN or pattern that makes sense."""
MOST_VALUES = 50


class BadRequest(Exception):
    """The request can not be answered as it is written; the text says what to change."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is asked."""

    names: Mapping[str, str] = field(default_factory=dict)
    """The parts of the address, decoded."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The query string, or the form of a POST."""
    file: bytes | None = None
    """What a POST brought to be read as a file."""

    def value(self, name: str) -> str | None:
        """The first value of a name, without blanks around it; None for an empty or missing one."""
        return next((text.strip() for text in self.values.get(name, ()) if text.strip()), None)

    def flag(self, name: str) -> bool:
        return self.value(name) not in (None, "0", "no", "false")

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole number from 1 to *most*; raises `BadRequest` for other text."""
        text = self.value(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
            raise BadRequest(f"{name} is {text[:80]!r}: write a whole number from 1 to {most}.")
        return int(text)


def read_values(
    text: str, longest: Mapping[str, int] = MappingProxyType({})
) -> dict[str, tuple[str, ...]]:
    """The values of a query string or a form; raises `BadRequest` where there are too many.

    *longest* says how many characters values of some names may have, if not `LONGEST_VALUE`.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_VALUES)
    except ValueError as error:
        raise BadRequest(f"More than {MOST_VALUES} values: leave some out.") from error
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        most = longest.get(name, LONGEST_VALUE)
        if len(value) > most:
            raise BadRequest(f"{name[:40]} has {len(value):,} characters: write at most {most:,}.")
        values[name] = (*values.get(name, ()), value.replace("\x00", ""))
    return values
