"""Find the words that may have been meant by mistyped ones."""

from __future__ import annotations

from bisect import bisect_left

from iam_catalog.cache import BoundedCache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ALTERNATIVES = 8
"""Words that may have been meant by a mistyped one; fewer by several."""
SHORT = 5
"""Letters of a word in which two changed ones are too many."""


class Vocabulary:
    """The words of all names of a catalog."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(set(words))
        self._letters = [frozenset(word) for word in self._words]
        self._near: BoundedCache[list[tuple[int, str]]] = BoundedCache(1000)

    def __contains__(self, word: str) -> bool:
        place = bisect_left(self._words, word)
        return self._words[place : place + 1] == [word]

    def has_start(self, start: str) -> bool:
        """Return True if a word starts so."""
        place = bisect_left(self._words, start)
        return any(word.startswith(start) for word in self._words[place : place + 1])

    def near(self, word: str) -> list[tuple[int, str]]:
        """Return the nearest words with the number of changed letters.

        One change in a word of at most five letters, else two. The same first letter, and then the
        same length, are nearer.
        """
        found = self._near.get(word)
        if found is None:
            most = 1 if len(word) <= SHORT else 2
            letters = frozenset(word)
            measured = [
                (changed_letters(word, each, most), each)
                for each, own in zip(self._words, self._letters, strict=True)
                if abs(len(each) - len(word)) <= most
                and len(each) > 1
                and len(letters ^ own) <= 2 * most
            ]
            ranked = sorted(
                (number, each[0] != word[0], abs(len(each) - len(word)), each)
                for number, each in measured
                if 0 < number <= most
            )
            found = [(number, each) for number, _, _, each in ranked[:ALTERNATIVES]]
            self._near.keep(word, found)
        return found


def changed_letters(one: str, other: str, most: int) -> int:
    """Count letters that differ, are missing or too many, or changed places with the next.

    Returns *most* + 1 where there are more.

    >>> changed_letters("objekt", "object", 2), changed_letters("obejct", "object", 2)
    (1, 1)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one):
        before, above, row = row, before, [place + 1]
        for at, each in enumerate(other):
            cost = min(before[at] + (letter != each), before[at + 1] + 1, row[at] + 1)
            if place and at and letter == other[at - 1] and one[place - 1] == each:
                cost = min(cost, above[at - 1] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def segments(word: str, known: Vocabulary) -> list[str]:
    """Split a word, which is not known, behind the longest words that are: `get objekt`.

    A word that does not start with one of at least three letters is left whole.
    """
    if known.has_start(word):
        return [word]
    for end in range(len(word) - 3, 2, -1):
        if word[:end] in known:
            return [word[:end], *segments(word[end:], known)]
    return [word]
