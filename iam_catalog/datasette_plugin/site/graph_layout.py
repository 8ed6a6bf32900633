"""Where the boxes of the graph around an action go: columns by steps, arrows to the right.

Pure geometry, in pixels. What an action needs stands right of it, what requires it left. A column
that is too high is laid out in parts beside each other, and then everything starts at the top, so
that the action is in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iam_catalog.datasette_plugin.site.graph_boxes import (
    Box,
    Column,
    columns_of,
    focus_box,
    is_large,
)

Edges = Mapping[str, Sequence[str]]

TALL = 760.0
"""A column that is higher is laid out in parts."""
MOST_STRIPS = 3
TOP = 40.0
"""Room for the titles of the columns."""
GAP = 8.0
"""Between boxes."""
GUTTER = 76.0
"""Between columns: room for lines."""
NARROW = 40.0
"""Between the parts of a column."""
MARGIN = 4.0
ROOM = 26.0
"""At a side, for lines within a column."""


@dataclass(slots=True)
class Strip:
    """A column, or a part of one; the action itself is a column of no steps."""

    column: Column
    boxes: list[Box]
    is_last: bool = True
    """Not followed by another part of its column."""
    x: float = 0.0
    width: float = 0.0

    @property
    def steps(self) -> int:
        return self.column.steps

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the lines of an action begin and end."""

    strip: int
    x: float
    right: float
    y: float


@dataclass(slots=True)
class Places:
    """Everything with its place."""

    focus: Box
    strips: list[Strip]
    spots: dict[str, Spot]
    """Of each action by its lower-case name; of one that is not shown, that of "and N more"."""
    width: float
    bottom: float


def placed(model: Mapping[str, Any], edges: Edges) -> Places:
    """The places of what `models.dependents.around` says."""
    focus = focus_box(model)
    columns = columns_of(model)
    most = MOST_STRIPS if len(columns) == 1 else MOST_STRIPS - 1
    strips = [
        strip
        for column in [*columns, Column(0, [focus], 1)]
        for strip in strips_of(column, edges, most)
    ]
    strips.sort(key=lambda strip: strip.steps)
    is_tall = any(not strip.is_last for strip in strips)
    room = 0.0 if is_large(model) else ROOM
    place_across(strips, MARGIN + room * (strips[0].steps < 0))
    spots: dict[str, Spot] = {}
    for steps in sorted({strip.steps for strip in strips}, key=abs):
        for index, strip in enumerate(strips):
            if strip.steps == steps:
                if abs(steps) > 1:
                    order_by_links(strip, edges, spots)
                start = start_of(strip, strips, is_tall)
                place_down(strip, start)
                spots |= spots_of(index, strip, is_large(model))
    bottom = max(box.y + box.height for strip in strips for box in strip.boxes)
    width = strips[-1].right + MARGIN + room * (strips[-1].steps > 0)
    return Places(focus, strips, spots, width, bottom)


def strips_of(column: Column, edges: Edges, most: int) -> list[Strip]:
    """The column in one part, or in several where it is high and next to the action.

    What has lines to further columns stands in the part on that side.
    """
    height = stacked(column.boxes)
    number = min(most, -int(-height // TALL))
    if abs(column.steps) != 1 or number < 2:
        return [Strip(column, column.boxes)]
    outer, others = outer_and_others(column, edges)
    parts = in_parts([*outer, *others], number, len(outer))
    if column.steps > 0:
        parts = in_parts([*others, *outer], number, 0)
        if len(outer) > len(parts[-1]):
            parts = [*in_parts(others, number - 1, 0), outer]
    return [Strip(column, part, part is parts[-1]) for part in parts if part]


def outer_and_others(column: Column, edges: Edges) -> tuple[list[Box], list[Box]]:
    """The boxes with a line to a further column, and those without."""
    own = {key for box in column.boxes for key in box.keys}
    if column.steps < 0:
        linked = {target for key, targets in edges.items() if key not in own for target in targets}
    else:
        linked = {key for key in own if set(edges.get(key, ())) - own}
    outer = [box for box in column.boxes if linked.intersection(box.keys)]
    return outer, [box for box in column.boxes if box not in outer]


def in_parts(boxes: Sequence[Box], number: int, together: int) -> list[list[Box]]:
    """The boxes in their order, in so many parts of about the same height.

    The first ones, *together* in number, stay in one part.
    """
    parts: list[list[Box]] = [[]]
    left = stacked(boxes)
    target = left / number
    for index, box in enumerate(boxes):
        is_full = stacked([*parts[-1], box]) > target + box.height / 2
        if parts[-1] and is_full and index >= together and len(parts) < number:
            left -= stacked(parts[-1]) + GAP
            target = left / (number - len(parts))
            parts.append([])
        parts[-1].append(box)
    return parts


def stacked(boxes: Iterable[Box]) -> float:
    """The height of boxes below each other."""
    return sum(box.height + GAP for box in boxes) - GAP


def place_across(strips: Sequence[Strip], x: float) -> None:
    for strip in strips:
        strip.x = x
        strip.width = max(box.natural_width() for box in strip.boxes)
        for box in strip.boxes:
            box.x, box.width = x, strip.width
        x += strip.width + (GUTTER if strip.is_last else NARROW)


def start_of(strip: Strip, strips: Sequence[Strip], is_tall: bool) -> float:
    """The top of a strip: in the middle, or at the top below the line that its parts share."""
    if not is_tall:
        highest = max(stacked(each.boxes) for each in strips)
        return TOP + (highest - stacked(strip.boxes)) / 2
    in_several = sum(each.column is strip.column for each in strips) > 1
    return TOP + NARROW if in_several else TOP


def place_down(strip: Strip, start: float) -> None:
    y = start
    for box in strip.boxes:
        box.y = y
        y += box.height + GAP


def order_by_links(strip: Strip, edges: Edges, spots: Mapping[str, Spot]) -> None:
    """Order the boxes of a further column as what they are linked to, so that few lines cross."""
    backwards: dict[str, list[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            backwards.setdefault(target, []).append(source)

    def height(box: Box) -> float:
        linked = [
            other for key in box.keys for other in (*edges.get(key, ()), *backwards.get(key, ()))
        ]
        found = [spots[other].y for other in linked if other in spots]
        return sum(found) / len(found) if found else 0.0

    strip.boxes.sort(key=height)


def spots_of(index: int, strip: Strip, by_box: bool) -> dict[str, Spot]:
    """Where the lines of each action of a strip end: at its own line, or at its box."""

    def height(box: Box, number: int) -> float:
        return box.middle if by_box else box.line_y(min(number, len(box.lines) - 1))

    return {
        key: Spot(index, box.x, box.x + box.width, height(box, number))
        for box in strip.boxes
        for number, key in enumerate(box.keys)
    }
