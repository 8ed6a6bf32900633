"""What `*` and `?` match, as IAM compares: one matcher for actions, resources and values.

`*` stands for any text, also none and also with `/` and `:` in it; `?` for exactly one character;
nothing else is special, so `[` is a bracket (IAM User Guide, "IAM JSON policy elements: Action",
and the same of Resource, "Using wildcards in resource ARNs"). `${*}`, `${?}` and `${$}` are the
signs themselves, and any other `${…}` is text that nobody knows yet ("IAM policy elements:
Variables and tags"). Actions compare without case, resources with it: the caller says which.

Nothing here backtracks: time grows with the product of the two lengths at worst, and where that
would be too long the answer is the careful one (`matches` and `overlaps` true, `covers` false).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from string import ascii_uppercase

from iam_catalog.policy.variables import ESCAPES, split_variables

LONGEST = 20_000
"""Longer texts, of which no policy is made, are not compared with each other sign by sign."""

MOST_PIECES = 50
"""A longer row of `?` between two `*` is not looked for place by place."""

MOST_STEPS = 50_000
"""`covers` gives up where it would have to follow more ways than this."""

SMALL_LETTERS = {ord(letter): letter.lower() for letter in ascii_uppercase}
ANY = "*"
ONE = "?"
VARIABLE = "${"
Token = tuple[str, str]
"""`("*", "")`, `("?", "")`, `("${", "${aws:username}")`, or `("", "a")` for the letter itself."""
Run = list[str]
"""What stands between two `*`: the texts between its `?`."""


def has_wildcard(pattern: str) -> bool:
    """A `*` or `?` that matches other text: one inside `${…}` does not.

    >>> has_wildcard("s3:Get*"), has_wildcard("${*}")
    (True, False)
    """
    if VARIABLE not in pattern:
        return ANY in pattern or ONE in pattern
    return any(kind in (ANY, ONE) for kind, _ in tokens_of(pattern))


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether *pattern* matches *text*, which is taken as it stands; a variable may be any text.

    >>> matches("iam:*AccessKey*", "iam:ListAccessKeys")
    True
    >>> matches("S3:get*", "s3:GetObject"), matches("S3:get*", "s3:GetObject", ignore_case=True)
    (False, True)
    """
    if ignore_case:
        pattern, text = folded(pattern), folded(text)
    return matcher_of(pattern)(text)


def folded(text: str) -> str:
    """The text with small letters for `A` to `Z`; other letters have no case in a name of AWS."""
    return text.lower() if text.isascii() else text.translate(SMALL_LETTERS)


def matcher_of(pattern: str) -> Callable[[str], bool]:
    """What tells whether a text matches, for one pattern and many texts."""
    runs = runs_of(pattern)
    if len(runs) == 1 and len(runs[0]) == 1:
        return runs[0][0].__eq__
    if all(len(run) == 1 for run in runs):
        return partial(in_order, runs[0][0], [run[0] for run in runs[1:-1]], runs[-1][0])
    if any(len(run) > MOST_PIECES for run in runs):
        tokens = loose(pattern)
        return lambda text: tokens_overlap(tokens, [("", letter) for letter in text])
    return partial(runs_match, runs)


def in_order(first: str, between: list[str], last: str, text: str) -> bool:
    """Whether the text starts and ends with two texts, with others between in their order."""
    position, end = len(first), len(text) - len(last)
    if end < position or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in between:
        position = text.find(piece, position, end) + len(piece)
        if position < len(piece):
            return False
    return True


def runs_match(runs: list[Run], text: str) -> bool:
    """The same where texts have a `?` in them."""
    first, last = runs[0], runs[-1]
    if len(runs) == 1:
        return length_of(first) == len(text) and stands_at(first, text, 0)
    end = len(text) - length_of(last)
    position = length_of(first)
    if end < position or not stands_at(first, text, 0) or not stands_at(last, text, end):
        return False
    for run in runs[1:-1]:
        position = find(run, text, position, end)
        if position < 0:
            return False
        position += length_of(run)
    return True


def runs_of(pattern: str) -> list[Run]:
    """The pattern split at what may be any text."""
    if VARIABLE not in pattern:
        return [run.split(ONE) for run in pattern.split(ANY)]
    runs: list[Run] = [[""]]
    for kind, text in tokens_of(pattern):
        if kind == "":
            runs[-1][-1] += text
        elif kind == ONE:
            runs[-1].append("")
        else:
            runs.append([""])
    return runs


def length_of(run: Run) -> int:
    return sum(map(len, run)) + len(run) - 1


def stands_at(run: Run, text: str, position: int) -> bool:
    """Whether the run fits at a position of a text that is long enough for it."""
    for piece in run:
        if not text.startswith(piece, position):
            return False
        position += len(piece) + 1
    return True


def find(run: Run, text: str, start: int, end: int) -> int:
    """The first place between *start* and *end* where the run fits, or -1."""
    if len(run) == 1:
        return text.find(run[0], start, end)
    last = end - length_of(run)
    while start <= last:
        start = text.find(run[0], start, last + len(run[0]))
        if start < 0 or stands_at(run, text, start):
            return start
        start += 1
    return -1


def tokens_of(pattern: str) -> list[Token]:
    """The pattern sign by sign, each `${…}` as one."""
    tokens: list[Token] = []
    done = 0
    for start, end in split_variables(pattern):
        tokens += signs(pattern[done:start])
        variable = pattern[start:end]
        sign = ESCAPES.get(variable)
        tokens.append((VARIABLE, variable) if sign is None else ("", sign))
        done = end
    return tokens + signs(pattern[done:])


def signs(text: str) -> list[Token]:
    return [(letter, "") if letter in (ANY, ONE) else ("", letter) for letter in text]


def overlaps(first: str, second: str, *, ignore_case: bool = False) -> bool:
    """Whether there is a text that both patterns match; a variable may be any text.

    >>> overlaps("s3:Get*", "s3:*Object"), overlaps("s3:Get*", "s3:Put*")
    (True, False)
    """
    if ignore_case:
        first, second = folded(first), folded(second)
    if VARIABLE not in first and VARIABLE not in second:
        for pattern, text in ((first, second), (second, first)):
            if ANY not in text and ONE not in text:
                return matches(pattern, text)
        start = min(literal_start(first), literal_start(second))
        if first[:start] != second[:start]:
            return False
        first, second = first[start:], second[start:]
    if max(len(first), len(second)) > LONGEST:
        return True
    return tokens_overlap(loose(first), loose(second))


def literal_start(pattern: str) -> int:
    """How many signs stand before the first wildcard."""
    places = (pattern.find(ANY), pattern.find(ONE))
    return min((place for place in places if place >= 0), default=len(pattern))


def loose(pattern: str) -> list[Token]:
    """The pattern sign by sign, with `*` for every variable."""
    return [(ANY, "") if kind == VARIABLE else (kind, text) for kind, text in tokens_of(pattern)]


def tokens_overlap(one: list[Token], other: list[Token]) -> bool:
    if max(len(one), len(other)) > LONGEST:
        return True
    places = Places(settled(other))
    row = places.closed(1)
    for token in one:
        row = places.after(token, row)
        if not row:
            return False
    return bool(row & places.end)


def settled(tokens: list[Token]) -> list[Token]:
    """The same pattern with the `?` of a row of wildcards first, and then one `*`."""
    result: list[Token] = []
    for token in tokens:
        if result and result[-1][0] == ANY and token[0] in (ANY, ONE):
            if token[0] == ONE:
                result.insert(-1, token)
        else:
            result.append(token)
    return result


class Places:
    """The places between the signs of a settled pattern, as bits of a number.

    Bit *n* stands for: the text so far may be matched by the first *n* signs.
    """

    def __init__(self, pattern: list[Token]) -> None:
        self.end = 1 << len(pattern)
        self.any = self.one = 0
        self._of: dict[str, int] = {}
        for place, (kind, text) in enumerate(pattern):
            if kind == ANY:
                self.any |= 1 << place
            elif kind == ONE:
                self.one |= 1 << place
            else:
                self._of[text] = self._of.get(text, 0) | 1 << place
        self.letters = self.end - 1 & ~self.any

    def of(self, letter: str) -> int:
        """The places before a sign that matches the letter, `*` aside."""
        return self._of.get(letter, 0) | self.one

    def after(self, token: Token, row: int, barred: int = 0) -> int:
        """The places after a sign of another pattern, whose colons those at *barred* do not match.

        A `*` of the other pattern can stand for all that follows the first place.
        """
        kind, letter = token
        if kind == ANY:
            return (self.end << 1) - (row & -row) if row else 0
        held = ~barred if letter == ":" else -1
        fits = self.letters if kind == ONE else self.of(letter)
        return self.closed((row & fits & held) << 1 | row & self.any & held)

    def step(self, row: int, fits: int) -> int:
        """The places after one more character, which the signs at *fits* match."""
        return self.closed((row & fits) << 1 | row & self.any)

    def closed(self, row: int) -> int:
        """With the place behind each `*` that the row stands before: it may be no text."""
        return row | (row & self.any) << 1


def covers(general: str, special: str, *, ignore_case: bool = False) -> bool:
    """Whether *general* matches every text that *special* matches, whatever variables stand for.

    A variable is only known to be what the same variable is. False also where it is too much work
    to tell.

    >>> covers("s3:Get*", "s3:GetObject*"), covers("s3:*Object", "s3:Get*")
    (True, False)
    """
    if ignore_case:
        general, special = folded(general), folded(special)
    if general in (special, ANY):
        return True
    if VARIABLE not in general and VARIABLE not in special:
        if not special.startswith(general[: literal_start(general)]):
            return False
        if not has_wildcard(special):
            return matches(general, special)
    if max(len(general), len(special)) > LONGEST:
        return False
    return follows(Places(settled(tokens_of(general))), settled(tokens_of(special)))


def follows(general: Places, special: list[Token]) -> bool:
    """Whether the pattern of the places is at its end after each text of *special*."""
    rows = {general.closed(1)}
    steps = 0
    for kind, text in special:
        if kind == ANY:
            rows = {later for row in rows for later in after_any(general, row)}
        else:
            fits = general.one if kind == ONE else general.of(text)
            if kind == VARIABLE:
                fits &= ~general.one
            rows = {general.step(row, fits) for row in rows}
        steps += len(rows)
        rows = least(rows)
        if 0 in rows or steps > MOST_STEPS:
            return False
    return all(row & general.end for row in rows)


def after_any(general: Places, row: int) -> set[int]:
    """The rows after no character, one, two and so on, none of which is a letter of the pattern."""
    rows: set[int] = set()
    while row not in rows:
        rows.add(row)
        row = general.step(row, general.one)
    return rows


def least(rows: set[int]) -> set[int]:
    """The rows without those that can do all that another one can."""
    if len(rows) == 1:
        return rows
    kept: list[int] = []
    for row in sorted(rows, key=int.bit_count):
        if not any(row & other == other for other in kept):
            kept.append(row)
    return set(kept)
