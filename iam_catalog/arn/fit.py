"""Lay an ARN of a policy over an ARN format.

An ARN of a policy can hold wildcards and variables, so the answer is a possibility:

- A part that a format leaves empty is empty: in the ARN it may be empty, or a `*` that can be no
  text.
- Of the placeholders of a resource, each of the first ones holds as little as it can.
- Resources compare with case.
- A `*` that ends a part need not go on beyond the colon where the parts fit one by one.

What an ARN is, is said in `parts`, and what placeholders can hold in `format`.
"""

from __future__ import annotations

from iam_catalog.arn.format import (
    PARTITION,
    ArnFormat,
    FormatTokens,
    Head,
    head_holds,
    loosened,
    read_format,
)
from iam_catalog.arn.parts import Arn, is_partition, without_variables
from iam_catalog.arn.pattern import ANY, VARIABLE, Token, loose, overlaps

MOST_STEPS = 40_000
"""Where an ARN would have to be compared with more characters of formats, one by one, it is taken
for all whose parts before the resource fit."""

_MOST_SLASHES = 2_000
"""The slashes of an ARN are not counted where slashes times characters are more."""

Values = list[tuple[str, str]]
"""Placeholders with what the ARN writes for them; `*` for that character of a format."""
_Fitted = tuple[Values, bool]


class ArnFit:
    """How an ARN can be of a format."""

    __slots__ = ("_head", "_values", "arn", "arn_format", "written")

    def __init__(
        self, arn: Arn, arn_format: ArnFormat, head: Values, values: Values | None, written: bool
    ) -> None:
        self.arn = arn
        self.arn_format = arn_format
        self._head = head
        self._values = values
        """None until somebody asks for what a wildcard takes in."""
        self.written = written
        """The ARN writes all of the format's own text; otherwise a wildcard or variable of the ARN
        stands for some of it."""

    @property
    def exact(self) -> bool:
        """Return True if it is written, and no `*` that starts the resource is in a value.

        Such a `*` could just as well be the text that other formats start with.
        """
        leads = not self.arn_format.texts[0] and self.arn.resource.startswith(ANY)
        return self.written and not leads

    @property
    def variables(self) -> dict[str, str]:
        """What each placeholder of the format is, as the ARN writes it, wildcards included."""
        if self._values is None:
            self._values = _align(self.arn, self.arn_format)
        return {name: value for name, value in (*self._head, *self._values) if name != ANY}

    @property
    def slashes(self) -> int:
        """How many slashes of a written ARN are in placeholders and `*` of the format."""
        return self.arn.slashes - self.arn_format.slashes

    def holds_at_most(self, slashes: int) -> bool:
        """Return True if so many slashes or fewer can be in placeholders and `*` of the format.

        True also where that is too much work to tell.
        """
        if self.written:
            return self.slashes <= slashes
        tokens = self.arn.tokens
        if self.arn.slashes <= slashes or (slashes + 1) * len(tokens) > _MOST_SLASHES:
            return True
        places = self.arn_format.tokens.places
        rows = [places.start()] + [0] * slashes
        for token in tokens:
            if token[1] != "/":
                rows = [places.after(token, row) for row in rows]
                continue
            in_value = [0, *[places.after(token, row & places.wildcards) for row in rows]]
            in_text = [places.after(token, row & ~places.wildcards) for row in rows]
            rows = [text | value for text, value in zip(in_text, in_value[:-1], strict=True)]
        return any(row & places.end for row in rows)


def match_format(arn: str, arn_format: str) -> dict[str, str] | None:
    """Return what the placeholders of a format are in an ARN; None if it is not of the format.

    >>> match_format("arn:aws:s3:::logs/2026/*", "arn:${Partition}:s3:::${Bucket}/${Object}")
    {'Partition': 'aws', 'Bucket': 'logs', 'Object': '2026/*'}
    """
    found = fit(Arn(arn), read_format(arn_format))
    return None if found is None else found.variables


def fit(arn: Arn, arn_format: ArnFormat) -> ArnFit | None:
    """Tell how an ARN can be of a format; None if it is not."""
    for each in (arn, *arn.beyond):
        found = fit_written(each, arn_format) or fit_unwritten(each, arn_format)
        if found is not None:
            return found
    return None


def fit_written(arn: Arn, arn_format: ArnFormat, head: Head | None = None) -> ArnFit | None:
    """Tell how an ARN is of a format whose resource it writes all the text of.

    *head* is taken instead of the format's own parts before the resource.
    """
    values = _written(arn.resource, arn_format)
    if values is None:
        return None
    fitted = _fitted_head(arn, arn_format, head)
    if fitted is None:
        return None
    if _all_allowed(values, arn, arn_format):
        return ArnFit(arn, arn_format, fitted[0], _shown(values, arn, arn_format), fitted[1])
    if arn.start == arn.resource and _aligns(arn, arn_format):
        return ArnFit(arn, arn_format, fitted[0], None, fitted[1])
    return None


def fit_unwritten(
    arn: Arn, arn_format: ArnFormat, head: Head | None = None, most: int = MOST_STEPS
) -> ArnFit | None:
    """Tell how an ARN can be of a format if its wildcards stand for text of the resource.

    A resource of more than *most* characters is taken for it without being compared.
    """
    if arn.start == arn.resource or not _start_alike(arn.start, arn_format.texts[0]):
        return None
    fitted = _fitted_head(arn, arn_format, head)
    if fitted is None:
        return None
    if arn.resource == arn.start + ANY:
        values = _run_out(arn.start, arn_format)
        if values is not None and _all_allowed(values, arn, arn_format):
            return ArnFit(arn, arn_format, fitted[0], values, False)
    if len(arn.tokens) > most:
        values = [(name, ANY) for name in arn_format.names]
        return ArnFit(arn, arn_format, fitted[0], values, False)
    return ArnFit(arn, arn_format, fitted[0], None, False) if _aligns(arn, arn_format) else None


# --- the parts before the resource


def _fitted_head(arn: Arn, arn_format: ArnFormat, head: Head | None) -> _Fitted | None:
    """Return the answer of `_fit_head`, once for all formats that share the parts."""
    head = head or arn_format.head
    if head not in arn.fitted:
        arn.fitted[head] = _fit_head(arn, head, arn_format.head_names) if arn.head else None
    return arn.fitted[head]


def _fit_head(arn: Arn, head: Head, names: tuple[str | None, ...]) -> _Fitted | None:
    """Return the values before the resource, and whether all of the format is written there."""
    values: Values = []
    written = True
    for part, wanted, name in zip(arn.parts, head, names, strict=False):
        if name is not None and wanted:
            if not _can_be(name, part):
                return None
            values.append((name, part))
        elif part == ANY:
            written = written and wanted in ("", ANY)
        elif part != wanted:
            fits = _fit_text(part, wanted)
            if fits is None:
                return None
            written = written and fits
    return values, written


def _can_be(name: str, part: str) -> bool:
    """Return True if a part can be the value of a placeholder."""
    if name == PARTITION:
        return is_partition(part)
    return part != "" and head_holds(name).allows(without_variables(part))


def _fit_text(part: str, wanted: str) -> bool | None:
    """Return whether a part is written as a format wants it; None if it is something else."""
    if not wanted:
        return True if _can_be_empty(part) else None
    if wanted == ANY:
        return True
    return False if overlaps(part, loosened(wanted)) else None


def _can_be_empty(part: str) -> bool:
    return all(kind == ANY for kind, _ in loose(part, words=True))


# --- the resource


def _start_alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _all_allowed(values: Values, arn: Arn, arn_format: ArnFormat) -> bool:
    if not arn.holds_colons and any(":" in value for _, value in values):
        return False
    return all(holds.allows(values[number][1]) for number, holds in arn_format.limits)


def _written(text: str, arn_format: ArnFormat) -> Values | None:
    """Return the values if the text writes every text of the format, each as short as can be."""
    first, *others = arn_format.texts
    if not others:
        return [] if text == first else None
    end = len(text) - len(others[-1])
    position = len(first)
    if end < position or not text.startswith(first) or not text.endswith(others[-1]):
        return None
    found: Values = []
    last = len(others) - 1
    for number, (name, holds) in enumerate(zip(arn_format.names, arn_format.holds, strict=True)):
        least = position + (not holds.empty)
        stop = end if number == last else text.find(others[number], least, end)
        if stop < least:
            return None
        found.append((name, text[position:stop]))
        position = stop + len(others[number])
    return found


def _shown(values: Values, arn: Arn, arn_format: ArnFormat) -> Values:
    """Return the values with the text of the ARN's variables, which `_written` does not see."""
    if VARIABLE not in arn.text:
        return values
    resource, place = arn.parts[4], len(arn_format.texts[0])
    shown: Values = []
    for (name, value), text in zip(values, arn_format.texts[1:], strict=True):
        shown.append((name, resource[place : place + len(value)]))
        place += len(value) + len(text)
    return shown


def _run_out(start: str, arn_format: ArnFormat) -> Values | None:
    """Return the values in `start*`, the most common wildcard, if each is as short as can be.

    *start* and the first text of the format are known to be alike.
    """
    texts, names = arn_format.texts, arn_format.names
    place = len(texts[0])
    if not names and place < len(start):
        return None
    found = [(name, ANY) for name in names]
    for number, name in enumerate(names):
        if place >= len(start):
            break
        text = texts[number + 1]
        least = place + (not arn_format.holds[number].empty)
        stop = start.find(text, least) if number + 1 < len(names) else -1
        if stop < 0:
            cut = len(start) - _written_end(start, text, least)
            found[number] = (name, start[place:cut] + ANY * (cut == len(start)))
            break
        found[number] = (name, start[place:stop])
        place = stop + len(text)
    return found


def _written_end(start: str, text: str, least: int) -> int:
    """Count the letters of a text that *start* ends with, behind the place *least*."""
    for size in range(min(len(text), len(start) - least), 0, -1):
        if start.endswith(text[:size]):
            return size
    return 0


# --- character by character, for a wildcard that stands for text of the format


def _aligns(arn: Arn, arn_format: ArnFormat) -> bool:
    """Return True if there is a way to lay the ARN over the format.

    `table/*` can be an index, whose format is `table/${TableName}/index/${IndexName}`: the wildcard
    stands for the rest of the name, the format's own text, and the other placeholder. The ways are
    followed all at once, as bits of numbers, so that no pattern takes long.
    """
    places = _wanted(arn, arn_format).places
    row = places.start()
    for token in arn.tokens:
        row = places.after(token, row)
        if not row:
            return False
    return bool(row & places.end)


def _align(arn: Arn, arn_format: ArnFormat) -> Values:
    """Return what each placeholder is in one of these ways, in the order of the format."""
    wanted = _wanted(arn, arn_format)
    rows = [wanted.places.start()]
    for token in arn.tokens:
        rows.append(wanted.places.after(token, rows[-1]))
    return _merged(_way_back(arn.tokens, wanted, rows))


def _wanted(arn: Arn, arn_format: ArnFormat) -> FormatTokens:
    return arn_format.tokens if arn.holds_colons else arn_format.tokens_without_colons


_Step = tuple[str | None, str]
"""A placeholder, or None for the format's own text, with what the ARN writes there."""


def _way_back(arn: list[Token], wanted: FormatTokens, rows: list[int]) -> list[_Step]:
    """Return which character of the ARN is where, from the end to the start.

    A `*` takes in all of a placeholder that it reaches.
    """
    steps: list[_Step] = []
    read, place = len(arn), len(wanted.tokens)
    while read or place:
        if read and arn[read - 1][0] == ANY:
            name, fewer = _before_star(read, place, wanted, rows)
            steps.append((name, ANY))
        else:
            token = arn[read - 1] if read else None
            name, fewer = _before_character(token, read, place, wanted, rows)
            if token and fewer[0]:
                steps.append((name, token[0] or token[1]))
        read -= fewer[0]
        place -= fewer[1]
    return steps


_Back = tuple[str | None, tuple[int, int]]
"""The placeholder of a step, and how many characters of the ARN and of the format it goes back."""


def _before_star(read: int, place: int, wanted: FormatTokens, rows: list[int]) -> _Back:
    """Return the step before a `*` of the ARN, or before a character that it stands for."""
    ends_value = place > 0 and wanted.tokens[place - 1][0] == ANY
    if ends_value and rows[read] >> (place - 1) & 1:
        return wanted.names[place - 1], (0, 1)
    if rows[read - 1] >> place & 1:
        return wanted.inside(place), (1, 0)
    return wanted.names[place - 1], (0, 1)


def _before_character(
    token: Token | None, read: int, place: int, wanted: FormatTokens, rows: list[int]
) -> _Back:
    """Return the step before another character of the ARN; without one left, the rest is empty."""
    inside = wanted.inside(place)
    if token and inside and rows[read - 1] >> place & 1 and wanted.takes(place, token):
        return inside, (1, 0)
    if token is None or (wanted.tokens[place - 1][0] == ANY and rows[read] >> (place - 1) & 1):
        return None, (0, 1)
    return wanted.names[place - 1], (1, 1)


def _merged(steps: list[_Step]) -> Values:
    """Return what is in each placeholder, in their order in the format."""
    found: Values = []
    for name, character in reversed(steps):
        if name is None:
            continue
        if not found or found[-1][0] != name:
            found.append((name, character))
        elif not (character == ANY and found[-1][1].endswith(ANY)):
            found[-1] = (name, found[-1][1] + character)
    return found
