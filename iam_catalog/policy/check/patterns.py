"""Compare several patterns at once: which match a name, or cover another pattern.

`iam_catalog.arn.pattern` knows what a pattern matches; this is for the many comparisons of a policy
with itself. Patterns without `?` and variables are held as the texts between their `*`: the
other text must have these as they are, whatever its own wildcards stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from iam_catalog.arn.pattern import covers, has_wildcard, in_order, matches

_OPEN = re.compile(r"[*?$]")
"""Before the first of these, a pattern is text."""


class Patterns:
    """Patterns that are compared with case: lower-case ones for actions."""

    def __init__(self, texts: Iterable[str]) -> None:
        wild = [text for text in texts if "*" in text or "?" in text]
        patterns = [text for text in wild if "$" not in text or has_wildcard(text)]
        plain = [text for text in patterns if "?" not in text and "$" not in text]
        pieces = [(text, text.split("*")) for text in plain]
        ends = [each[0] for _, each in pieces if len(each) == 2 and not each[1]]
        self.starts = tuple(sorted(ends, key=len))
        """Of the patterns whose only `*` ends them, as of most; the shortest first."""
        self.pieces = [each for each in pieces if len(each[1]) > 2 or each[1][-1]]
        self.others = [
            (text, _OPEN.split(text, 1)[0]) for text in patterns if "?" in text or "$" in text
        ]
        """With what they start with."""

    def match(self, name: str) -> bool:
        """Return True if any of them matches a name, which is read as text."""
        if name.startswith(self.starts):
            return True
        if not (self.pieces or self.others):
            return False
        return any(in_order(pieces, name) for _, pieces in self.pieces) or any(
            matches(each, name) for each, _ in self.others
        )

    def covered(self, texts: Sequence[str]) -> dict[int, str]:
        """Return the places of those texts that one of them covers, and which does."""
        near: Iterable[tuple[int, str]] = enumerate(texts)
        if not (self.pieces or self.others):
            near = [(index, text) for index, text in near if text.startswith(self.starts)]
        return {index: cover for index, text in near if (cover := self.covering(text)) is not None}

    def covering(self, text: str) -> str | None:
        """Return one, other than *text*, that matches everything that *text* matches."""
        for start in self.starts:
            if text.startswith(start) and text[len(start) :] != "*":
                return f"{start}*"
        variables = "$" in text
        for each, pieces in self.pieces:
            if each != text and (covers(each, text) if variables else in_order(pieces, text)):
                return each
        for each, start in self.others:
            if each != text and text.startswith(start) and covers(each, text):
                return each
        return None
