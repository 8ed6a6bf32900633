"""Parse and validate the path, query string and form of a request for a page.

A posted file stays bytes, because only its reader knows what they are, and refuses what is not
text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, quote_plus, unquote_to_bytes

LONGEST_VALUE = 4_000
"""Characters of a value in the address: longer than any name, ARN or pattern that makes sense."""
MOST_VALUES = 50

_PIECE = 64 * 1024
_FORM = "application/x-www-form-urlencoded"
_FILES = ("application/json", "application/yaml", "text/plain", "text/yaml", "text/markdown")
"""Types of a body that is a file; which kind of file, its content tells."""


class BadRequest(Exception):
    """The request cannot be answered as it is written; the text says what to change."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """What a page is asked for."""

    names: Mapping[str, str] = field(default_factory=dict)
    """The parts of the address, decoded."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The query string, or the form of a POST."""
    file: bytes | None = None
    """What a POST brought to be read as a file."""

    def value(self, name: str) -> str | None:
        """Return the first value of *name*, stripped; `None` for an empty or missing one."""
        return next((text.strip() for text in self.values.get(name, ()) if text.strip()), None)

    def flag(self, name: str) -> bool:
        """Return True unless *name* is missing or says no."""
        return self.value(name) not in (None, "0", "no", "false")

    def number(self, name: str, default: int, *, most: int) -> int:
        """Return a whole number from 1 to *most*; raises `BadRequest` for other text."""
        text = self.value(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
            raise BadRequest(f"{name} is {text[:80]!r}: write a whole number from 1 to {most}.")
        return int(text)


def read_values(
    text: str, longest: Mapping[str, int] = MappingProxyType({})
) -> dict[str, tuple[str, ...]]:
    """Read the values of a query string or a form; raises `BadRequest` where there are too many.

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


def read_posted(
    names: Mapping[str, str], query: str, content_type: str, body: bytes, field: str
) -> Request:
    """Read a POST: a form, one value of which (*field*) is a file, or a file as the whole body.

    The query string counts beside a body that is a file, not beside a form. Raises `BadRequest`.
    """
    kind = content_type.partition(";")[0].strip().lower() or _FORM
    if kind in _FILES:
        return Request(names, read_values(query), body)
    if kind != _FORM:
        raise BadRequest(
            f"The content type is {kind[:80]!r}: send a form ({_FORM}), or a file as the body with"
            f" one of {', '.join(_FILES)}.",
            415,
        )
    file, rest = _file_in(body, field)
    values = read_values(rest.decode("utf-8", "replace"))
    if file is None:
        raise BadRequest(
            f"The form has no {field!r}: send it by that name, or as the body with one of the"
            f" content types {', '.join(_FILES)}."
        )
    return Request(names, values, file)


def _file_in(body: bytes, field: str) -> tuple[bytes | None, bytes]:
    """Return the first value of *field* in a form, and the form without that name.

    Browsers send CR LF for a typed line end.
    """
    named = re.compile(rb"(?:^|&)%s=([^&]*+)" % re.escape(quote_plus(field).encode()))
    found = named.search(body)
    if found is None:
        return None, body
    rest = named.sub(b"", body).removeprefix(b"&")
    return _unquoted(found[1]).replace(b"\r\n", b"\n"), rest


def _unquoted(text: bytes) -> bytes:
    """Decode a value of a form.

    Piece by piece: at once, each percent sign of a text of megabytes would become an object.
    """
    pieces, start = [], 0
    while start < len(text):
        end = start + _PIECE
        cut = text.rfind(b"%", end - 2, end)  # an escape is not cut in two
        end = cut if cut > start else end
        pieces.append(unquote_to_bytes(text[start:end].replace(b"+", b" ")))
        start = end
    return b"".join(pieces)
