"""Cells of AWS's tables -> values: names, access levels, resource types, keys, ARN formats.

The only place that knows the pages' typography: the star of a required resource type, the words
"[permission only]", names that Markdown did not link, and names lost behind addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from iam_catalog.names import ACCESS_LEVELS, split_arn_format
from scraper.page.tables import Cell, Piece, make_cell

PERMISSION_ONLY = "[permission only]"
# Since 2026-07 the word is in bold, or would be if no blank stood before the closing stars.
SCENARIO = re.compile(r"(?:\*\* ?)?SCENARIO: ?(?:\*\* ?)?")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
DEPENDENT_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9-]+")
_ARN_BOUNDARY = re.compile(r"(?:,\s*|\s+)(?=\^?arn:)")
# list_amazonelasticmapreduce.md to 2019-01: a blank in the target makes the link plain text.
_BROKEN_LINK = re.compile(r"\[\s*(?P<name>[^\]]+?)\s*\]\(\s*(?P<url>.*?)\s*\)")
LEVEL = "|".join(ACCESS_LEVELS)
LEVELS = re.compile(rf"(?:{LEVEL})(?:(?:,\s*|\s+)(?:{LEVEL}))*")


@dataclass(frozen=True, slots=True)
class Name:
    """The name in the first cell of a row."""

    text: str | None
    """None where the row has no usable name; `problem` says why."""
    url: str | None
    permission_only: bool = False
    problem: str | None = None
    """The kind of problem that the name has, if it is unusable."""


def read_name(cell: Cell) -> Name:
    """Return the name in the first cell of a row, with its link."""
    text = cell.text
    permission_only = text.lower().endswith(PERMISSION_ONLY)
    if permission_only:
        text = text[: -len(PERMISSION_ONLY)].rstrip()
    url = next((piece.url for piece in cell.pieces if piece.url is not None), None)
    if not text:
        return Name(None, url, permission_only, "no-name")
    if _is_address(text, url):
        return Name(None, url, permission_only, "lost-name")
    return Name(text, url or None, permission_only)


def mend_links(cell: Cell) -> Cell:
    """Return *cell* with links whose target has a blank, which Markdown takes for plain text."""
    pieces: list[Piece] = []
    for piece in cell.pieces:
        position = 0
        for broken in _BROKEN_LINK.finditer(piece.text if piece.url is None else ""):
            pieces.append(Piece(piece.text[position : broken.start()] + " "))
            pieces.append(Piece(broken["name"], broken["url"]))
            position = broken.end()
        pieces.append(Piece(piece.text[position:] + " ", piece.url))
    return make_cell(pieces)


def _is_address(text: str, url: str | None) -> bool:
    """Return True if the text is an address in place of the name.

    In 2018-05 and 2018-06 the pages showed the target of each outer link as its text.
    """
    return text == url or text.startswith(("http:", "https:", "${", "{"))


def read_access_levels(cell: Cell) -> tuple[str, ...] | None:
    """Return the levels of a cell, in its order; None where it holds another word.

    A comma separates them since 2026-07, a blank on 2018-04-26.
    """
    if not cell.text:
        return ()
    if not LEVELS.fullmatch(cell.text):
        return None
    return tuple(re.findall(LEVEL, cell.text))


def read_starred_names(cell: Cell) -> list[tuple[str, bool]]:
    """Return each resource type of a cell with whether it is starred, in order."""
    types: list[tuple[str, bool]] = []
    for piece in cell.pieces:
        if piece.text == "*" and types:
            types[-1] = (types[-1][0], True)
            continue
        types += [(text.rstrip("*").rstrip(), text.endswith("*")) for text in _split_starred(piece)]
    return types


def _split_starred(piece: Piece) -> list[str]:
    """Return the names in a piece: a link is one name; in plain text a star ends a name."""
    if piece.url is not None:
        return [piece.text]
    return [text for text in re.split(r"(?<=\*)\s+", piece.text) if text]


def read_keys(cell: Cell, *, loose_space: bool = False) -> tuple[str, ...]:
    """Return the condition keys of a cell: a link is one key, plain text is split at blanks.

    With *loose_space* white space means nothing, and each paragraph is one key.
    """
    keys: list[str] = []
    for piece in cell.pieces:
        if loose_space:
            keys.append("".join(piece.text.split()))
        else:
            keys += [piece.text] if piece.url is not None else piece.text.split()
    return tuple(key for key in keys if key)


def read_dependent_actions(cell: Cell) -> tuple[str, ...]:
    """Return the words of a cell of dependent actions; whether they are names is checked later."""
    return tuple(cell.text.split())


def read_arn_formats(cell: Cell, *, loose_space: bool = False) -> tuple[str, ...]:
    """Return the ARN formats of a cell; since 2026-07 one cell can hold several."""
    texts = [text for text in _ARN_BOUNDARY.split(cell.text) if text]
    return tuple("".join(text.split()) if loose_space else text for text in texts)


def is_arn_format(text: str) -> bool:
    """Return True if the text has the parts of an ARN; some pages anchor it like a regex."""
    return split_arn_format(text.removeprefix("^")) is not None


def is_action_name(text: str) -> bool:
    """Return True if the text can be the name of an action, without its prefix."""
    return NAME.fullmatch(text) is not None
