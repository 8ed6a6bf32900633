"""Answers that are kept while many policies are checked, so many that memory stays flat."""

from __future__ import annotations

from typing import TypeVar

Value = TypeVar("Value")

MOST = 20_000
"""So many answers of a kind are kept; with one more, all are forgotten."""

LONGEST = 500
"""Answers about longer texts, which no policy repeats, are not kept."""


class Kept(dict[str, Value]):
    """Answers by the text that they are about."""

    def keep(self, text: str, value: Value) -> Value:
        """Keep *value*, and give it back."""
        if len(text) <= LONGEST:
            if len(self) >= MOST:
                self.clear()
            self[text] = value
        return value
