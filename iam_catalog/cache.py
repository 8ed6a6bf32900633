"""A cache for answers about texts that people write, which have no end."""

from __future__ import annotations

from typing import TypeVar

Value = TypeVar("Value")

MAX_ENTRIES = 20_000
MAX_LENGTH = 500
"""Longer texts, which no two policies share, are cached only where one policy asks again."""


class BoundedCache(dict[str, Value]):
    """Cache by text that is cleared when it holds *entries*, so that memory stays flat.

    Texts of more than *length* characters are not cached.
    """

    def __init__(self, entries: int = MAX_ENTRIES, length: int = MAX_LENGTH) -> None:
        super().__init__()
        self.entries = entries
        self.length = length

    def keep(self, text: str, value: Value) -> Value:
        """Store *value*, and return it."""
        if len(text) <= self.length:
            if len(self) >= self.entries:
                self.clear()
            self[text] = value
        return value


def keep_text(texts: set[str], text: str) -> None:
    """Add a text to a set that is emptied when it holds MAX_ENTRIES, so that memory stays flat."""
    if len(texts) >= MAX_ENTRIES:
        texts.clear()
    texts.add(text)
