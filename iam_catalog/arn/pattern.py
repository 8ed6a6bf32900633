"""Compare texts with `*` and `?` as IAM does: one matcher for actions, resources and values.

`*` stands for any text, also none and also with `/` and `:` in it; `?` for exactly one character;
nothing else is special, so `[` is a bracket (IAM User Guide, "IAM JSON policy elements: Action",
and the same of Resource, "Using wildcards in resource ARNs"). `${*}`, `${?}` and `${$}` are the
characters themselves, and any other `${…}` is text that nobody knows yet ("IAM policy elements:
Variables and tags"). Actions compare without case, resources with it: the caller says which.

What a template leaves open is an *opening*: a `${…}` with a mark before its name, which says what
it can become. It is read as any text, like a variable; `arn.parts` knows more.

Nothing here backtracks: time grows with the product of the two lengths at worst, and where that
would be too long the answer is the careful one (`matches` and `overlaps` true, `covers` false).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from string import ascii_uppercase
from typing import Literal

LONGEST = 20_000
"""Longer texts, of which no policy is made, are not compared character by character."""

ANY = "*"
ONE = "?"
VARIABLE = "${"
ESCAPES = {"${*}": "*", "${?}": "?", "${$}": "$"}
"""The predefined variables, with the character that each stands for ("Special characters")."""

Token = tuple[str, str]
"""`("*", "")`, `("?", "")`, `("${", "${aws:username}")`, or `("", "a")` for the letter itself."""

Opening = Literal["any", "name", "arn", "part", "word"]
"""What an open part of a template can become: any text, colons and wildcards included; the name or
the ARN of one resource, which is not a wildcard; an ARN with all its parts; the value of a part of
an ARN, or a wildcard for it; such a value alone, which is not empty. The last two have neither `:`
nor `/`."""

FREE = "${\0}"
"""An opening of any text without a name."""
_MARKS: dict[Opening, str] = {
    "any": "\0",
    "arn": "\1",
    "part": "\2",
    "word": "\3",
    "name": "\5",
}
_KINDS = {mark: kind for kind, mark in _MARKS.items()}
_OPENINGS = tuple([f"{VARIABLE}{mark}" for mark in _KINDS])
_OF_WORD = f"{VARIABLE}{_MARKS['word']}"
_CLOSING = "\4"
"""Stands for a `}` in the name of an opening."""

_LOWER_CASE = {ord(letter): letter.lower() for letter in ascii_uppercase}
_MOST_PIECES = 50
"""A longer run of `?` between two `*` is not searched for place by place."""
_MOST_STEPS = 50_000
"""`covers` gives up where it would have to follow more ways than this."""
_Run = list[str]
"""The text between two `*`, split at its `?`."""


def split_variables(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of every `${…}` of a text, in order; `${` without an end is text."""
    start = text.find(VARIABLE)
    while start >= 0:
        end = text.find("}", start) + 1
        if not end:
            return
        yield start, end
        start = text.find(VARIABLE, end)


def split_expressions(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of every `${…}` of a template, in order.

    Unlike a variable of a policy, one can have pairs of braces in it. One without an end takes in
    the rest of the text.
    """
    start = text.find(VARIABLE)
    while start >= 0:
        depth, end = 1, start + len(VARIABLE)
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield start, end
        start = text.find(VARIABLE, end)


def opening(name: str, kind: Opening = "any") -> str:
    """Write an open part as it is in patterns; equal names stand for equal text."""
    return f"{VARIABLE}{_MARKS[kind]}{name.replace('}', _CLOSING)}}}"


def is_open(pattern: str) -> bool:
    """Return True if a pattern has an opening."""
    return VARIABLE in pattern and any(each in pattern for each in _OPENINGS)


def name_of_opening(text: str) -> str:
    """Return the name in an opening."""
    return text[len(VARIABLE) + 1 : -1]


def split_openings(pattern: str) -> list[tuple[Opening | None, str]]:
    """Split a pattern into its openings, each with its kind, and the texts between, with None."""
    found: list[tuple[Opening | None, str]] = []
    done = 0
    for start, end in split_variables(pattern):
        kind = _KINDS.get(pattern[start + len(VARIABLE) : end - 1][:1])
        if kind is not None:
            found += [(None, pattern[done:start]), (kind, pattern[start:end])]
            done = end
    return [*found, (None, pattern[done:])]


def has_wildcard(pattern: str) -> bool:
    """Return True for a `*` or `?` that matches other text: one inside `${…}` does not.

    >>> has_wildcard("s3:Get*"), has_wildcard("${*}")
    (True, False)
    """
    if VARIABLE not in pattern:
        return ANY in pattern or ONE in pattern
    return any(kind in (ANY, ONE) for kind, _ in _tokens_of(pattern))


def fold_stars(text: str) -> str:
    """Write each run of `*` as one, which matches the same.

    >>> fold_stars("table/***/a**")
    'table/*/a*'
    """
    while "**" in text:
        text = text.replace("**", ANY)
    return text


def literal_start(pattern: str) -> int:
    """Count the characters before the first wildcard."""
    places = (pattern.find(ANY), pattern.find(ONE))
    return min((place for place in places if place >= 0), default=len(pattern))


# --- a pattern and a text


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Return True if *pattern* matches *text*, which is taken literally.

    A variable of the pattern may be any text.

    >>> matches("iam:*AccessKey*", "iam:ListAccessKeys")
    True
    >>> matches("S3:get*", "s3:GetObject"), matches("S3:get*", "s3:GetObject", ignore_case=True)
    (False, True)
    """
    if ignore_case:
        pattern, text = _fold_case(pattern), _fold_case(text)
    return matcher_of(pattern)(text)


def matcher_of(pattern: str) -> Callable[[str], bool]:
    """Prepare `matches` for one pattern and many texts; with case."""
    runs = _runs_of(pattern)
    if len(runs) == 1 and len(runs[0]) == 1:
        return runs[0][0].__eq__
    if all(len(run) == 1 for run in runs):
        return partial(in_order, [run[0] for run in runs])
    if any(len(run) > _MOST_PIECES for run in runs):
        tokens = loose(pattern)
        return lambda text: _tokens_overlap(tokens, [("", letter) for letter in text])
    return partial(_runs_match, runs)


def _fold_case(text: str) -> str:
    """Write `A` to `Z` in lower case; other letters have no case in a name of AWS."""
    return text.lower() if text.isascii() else text.translate(_LOWER_CASE)


def in_order(pieces: list[str], text: str) -> bool:
    """Return True if the text has all pieces in order, the first and the last at its ends."""
    first, last = pieces[0], pieces[-1]
    position, end = len(first), len(text) - len(last)
    if end < position or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in pieces[1:-1]:
        position = text.find(piece, position, end) + len(piece)
        if position < len(piece):
            return False
    return True


def _runs_match(runs: list[_Run], text: str) -> bool:
    """Do the same where texts have a `?` in them."""
    first, last = runs[0], runs[-1]
    if len(runs) == 1:
        return _length(first) == len(text) and _fits_at(first, text, 0)
    end = len(text) - _length(last)
    position = _length(first)
    if end < position or not _fits_at(first, text, 0) or not _fits_at(last, text, end):
        return False
    for run in runs[1:-1]:
        position = _find(run, text, position, end)
        if position < 0:
            return False
        position += _length(run)
    return True


def _runs_of(pattern: str) -> list[_Run]:
    """Split the pattern at everything that may be any text."""
    if VARIABLE not in pattern:
        return [run.split(ONE) for run in pattern.split(ANY)]
    runs: list[_Run] = [[""]]
    for kind, text in _tokens_of(pattern):
        if kind == "":
            runs[-1][-1] += text
        elif kind == ONE:
            runs[-1].append("")
        else:
            runs.append([""])
    return runs


def _length(run: _Run) -> int:
    return sum(map(len, run)) + len(run) - 1


def _fits_at(run: _Run, text: str, position: int) -> bool:
    """Return True if the run fits at a position of a text that is long enough for it."""
    for piece in run:
        if not text.startswith(piece, position):
            return False
        position += len(piece) + 1
    return True


def _find(run: _Run, text: str, start: int, end: int) -> int:
    """Find the first place between *start* and *end* where the run fits; -1 without one."""
    if len(run) == 1:
        return text.find(run[0], start, end)
    last = end - _length(run)
    while start <= last:
        start = text.find(run[0], start, last + len(run[0]))
        if start < 0 or _fits_at(run, text, start):
            return start
        start += 1
    return -1


# --- a pattern and another


def _tokens_of(pattern: str) -> list[Token]:
    """Split the pattern into its characters, each `${…}` as one."""
    tokens: list[Token] = []
    done = 0
    for start, end in split_variables(pattern):
        tokens += _characters(pattern[done:start])
        variable = pattern[start:end]
        character = ESCAPES.get(variable)
        tokens.append((VARIABLE, variable) if character is None else ("", character))
        done = end
    return tokens + _characters(pattern[done:])


def loose(pattern: str, *, words: bool = False) -> list[Token]:
    """Split the pattern into its characters, with `*` for every variable.

    With *words*, an opening of the kind `word` is a token of its own, of the kind `${`.
    """
    return [
        (kind, text)
        if kind != VARIABLE
        else (VARIABLE, "")
        if words and text.startswith(_OF_WORD)
        else (ANY, "")
        for kind, text in _tokens_of(pattern)
    ]


def settled(tokens: Iterable[Token]) -> list[Token]:
    """Write each run of wildcards with its `?` first and then one `*`, which matches the same."""
    result: list[Token] = []
    for token in tokens:
        if result and result[-1][0] == ANY and token[0] in (ANY, ONE):
            if token[0] == ONE:
                result.insert(-1, token)
        else:
            result.append(token)
    return result


def overlaps(first: str, second: str, *, ignore_case: bool = False) -> bool:
    """Return True if there is a text that both patterns match; a variable may be any text.

    >>> overlaps("s3:Get*", "s3:*Object"), overlaps("s3:Get*", "s3:Put*")
    (True, False)
    """
    if ignore_case:
        first, second = _fold_case(first), _fold_case(second)
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
    return _tokens_overlap(loose(first), loose(second))


def covers(general: str, special: str, *, ignore_case: bool = False) -> bool:
    """Return True if *general* matches every text that *special* matches.

    Of a variable it is only known that it is the same text as the same variable. False also where
    it is too much work to tell.

    >>> covers("s3:Get*", "s3:GetObject*"), covers("s3:*Object", "s3:Get*")
    (True, False)
    """
    if ignore_case:
        general, special = _fold_case(general), _fold_case(special)
    if general in (special, ANY):
        return True
    if VARIABLE not in general and VARIABLE not in special:
        if not special.startswith(general[: literal_start(general)]):
            return False
        if not has_wildcard(special):
            return matches(general, special)
    if max(len(general), len(special)) > LONGEST:
        return False
    return _follows(PatternStates(settled(_tokens_of(general))), settled(_tokens_of(special)))


class PatternStates:
    """The places between the characters of a settled pattern, as bits of a number.

    Bit *n* stands for: the text so far may be matched by the first *n* characters. *barred* says
    which letters the wildcards of the pattern do not match, each with the bits of those wildcards.
    """

    def __init__(self, pattern: list[Token], barred: dict[str, int] | None = None) -> None:
        self.end = 1 << len(pattern)
        self.any = self.one = 0
        self.barred = barred or {}
        self._of: dict[str, int] = {}
        for place, (kind, text) in enumerate(pattern):
            if kind == ANY:
                self.any |= 1 << place
            elif kind == ONE:
                self.one |= 1 << place
            else:
                self._of[text] = self._of.get(text, 0) | 1 << place
        self._letters = self.end - 1 & ~self.any
        self.wildcards = self.any | self.one

    def start(self) -> int:
        """Return the places before any text."""
        return self.closed(1)

    def of(self, letter: str) -> int:
        """Return the places before a character that matches the letter, `*` aside."""
        return self._of.get(letter, 0) | self.one

    def after(self, token: Token, row: int) -> int:
        """Return the places after a token of another pattern.

        A `*` of the other pattern can stand for all that follows the first place.
        """
        kind, letter = token
        if kind == ANY:
            return (self.end << 1) - (row & -row) if row else 0
        if kind == VARIABLE:
            return self._within_word(row)
        fits = self._letters if kind == ONE else self.of(letter)
        if letter in self.barred:
            row &= ~self.barred[letter]
        return self.closed((row & fits) << 1 | row & self.any)

    def _within_word(self, row: int) -> int:
        """Return the places after any text of another pattern that has neither `:` nor `/`."""
        passed = ~(self._of.get(":", 0) | self._of.get("/", 0)) & (self.end - 1)
        before = 0
        while row != before:
            before, row = row, row | (row & passed) << 1
        return row

    def step(self, row: int, fits: int) -> int:
        """Return the places after one more character, which those at *fits* match."""
        return self.closed((row & fits) << 1 | row & self.any)

    def closed(self, row: int) -> int:
        """Add the place behind each `*` that the row has a place before: it may be no text."""
        return row | (row & self.any) << 1


def _characters(text: str) -> list[Token]:
    return [(letter, "") if letter in (ANY, ONE) else ("", letter) for letter in text]


def _tokens_overlap(one: list[Token], other: list[Token]) -> bool:
    if max(len(one), len(other)) > LONGEST:
        return True
    places = PatternStates(settled(other))
    row = places.start()
    for token in settled(one):
        row = places.after(token, row)
        if not row:
            return False
    return bool(row & places.end)


def _follows(general: PatternStates, special: list[Token]) -> bool:
    """Return True if the pattern of the places is at its end after each text of *special*."""
    rows = {general.start()}
    steps = 0
    for kind, text in special:
        if kind == ANY:
            rows = {later for row in rows for later in _after_any(general, row)}
        else:
            fits = general.one if kind == ONE else general.of(text)
            if kind == VARIABLE:
                fits &= ~general.one
            rows = {general.step(row, fits) for row in rows}
        steps += len(rows)
        rows = _least(rows)
        if 0 in rows or steps > _MOST_STEPS:
            return False
    return all(row & general.end for row in rows)


def _after_any(general: PatternStates, row: int) -> set[int]:
    """Return the rows after no character, one, two and so on, none a letter of the pattern."""
    rows: set[int] = set()
    while row not in rows:
        rows.add(row)
        row = general.step(row, general.one)
    return rows


def _least(rows: set[int]) -> set[int]:
    """Leave out the rows that can do all that another one can."""
    if len(rows) == 1:
        return rows
    left: list[int] = []
    for row in sorted(rows, key=int.bit_count):
        if not any(row & other == other for other in left):
            left.append(row)
    return set(left)
