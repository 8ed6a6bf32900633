"""Lay out the graph around an action: which actions share a box, and where the boxes go.

Pure geometry, in pixels. Actions of one service share a box, and those as many steps away a column:
what the action needs is right of it, what requires it left. Where there are more than a picture can
show, each box says how many more there are, so that every service stays in sight; the lists beside
the picture have them all. A column that is too high is laid out in parts beside each other, and
then everything starts at the top, so that the action is in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Node = Mapping[str, Any]
"""An action as `facts.neighbours.around` gives it."""

MOST_LINES = 150
"""Lines in the boxes of a picture: actions, services, and what says how many more there are."""
_FEWEST = 3
"""Where a box could not even show so many actions, it shows their number only."""
_MOST_STEPS = 3
"""Columns on each side of the action."""
_LONGEST_BOX = 20
"""Lines of a box; what is longer goes on in another one."""
_LONGEST_NAME = 46
"""Characters of a name; of what is longer the middle is left out, and its tooltip is whole."""
_LARGE = 60
"""Actions from which on names are cut short, and lines go from box to box and column to column."""
_SHORT_NAME = 29

LINE = 24.0
"""Height of a line: also the least that a finger or a pointer must be able to hit (WCAG 2.5.8)."""
_CHARACTER = 7.9
"""Width of a letter of the widest of the fonts, at 13 pixels."""
PAD = 8.0
MARK = 18.0
"""Width of the letter of an access level before a name."""


@dataclass(frozen=True, slots=True)
class Line:
    """An action in a box, or how many more there are."""

    text: str
    action: str | None = None
    level: str | None = None
    state: str = "current"
    on_circle: bool = False
    has_mark: bool = True

    @property
    def width(self) -> float:
        return (len(self.text) + 2 * self.on_circle) * _CHARACTER + MARK * self.has_mark


@dataclass(slots=True)
class Box:
    """Actions of one service, with its place once it has one."""

    service: str
    title: str | None
    """None where the only line names the service itself."""
    lines: list[Line]
    keys: list[str] = field(default_factory=list)
    """The lower-case names of all that the box stands for."""
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0

    @property
    def height(self) -> float:
        return LINE * (len(self.lines) + (self.title is not None)) + PAD

    @property
    def middle(self) -> float:
        """Where the line of the whole box ends: at its title, or at its only action."""
        return self.y + PAD / 2 + LINE / 2

    def line_y(self, index: int) -> float:
        return self.y + PAD / 2 + LINE * (index + (self.title is not None)) + LINE / 2

    def natural_width(self) -> float:
        longest = max(line.width for line in self.lines)
        return max(longest, len(self.title or "") * _CHARACTER) + 2 * PAD


@dataclass(frozen=True, slots=True)
class Column:
    """Everything that is as many steps away."""

    steps: int
    """Negative for what requires the action; 0 for the action itself."""
    boxes: list[Box]
    actions: int
    """With those that are not shown."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How the boxes of a picture are."""

    limit: int
    """Actions of a service that a box shows."""
    longest: int
    """Characters of a name."""
    circles: set[str]
    """The lower-case names of the actions on circles."""


def _focus_box(model: Mapping[str, Any]) -> Box:
    """Return the box of the action itself."""
    name = model["action"]
    on_circle = any(name in circle for circle in model["circles"])
    line = Line(_shortened(name), name, on_circle=on_circle, has_mark=False)
    return Box("", None, [line], [name.lower()])


def _only_requiring(model: Mapping[str, Any]) -> list[Node]:
    """Return what requires the action and is not drawn as needed by it, as on a circle."""
    needed = {node["action"] for node in model["needs"] if node["steps"] <= _MOST_STEPS}
    return [node for node in model["required_by"] if node["action"] not in needed]


def is_large(model: Mapping[str, Any]) -> bool:
    nodes = [*model["needs"], *_only_requiring(model)]
    return len([node for node in nodes if node["steps"] <= _MOST_STEPS]) > _LARGE


def _columns_of(model: Mapping[str, Any]) -> list[Column]:
    """Return the columns of a graph, the nearest first, without that of the action itself."""
    circles = {name.lower() for circle in model["circles"] for name in circle}
    groups: dict[int, dict[str, list[Node]]] = {}
    for side, nodes in ((-1, _only_requiring(model)), (1, model["needs"])):
        for steps in range(1, _MOST_STEPS + 1):
            if column := [node for node in nodes if node["steps"] == steps]:
                groups[side * steps] = by_service(column)
    sizes = [len(group) for each in groups.values() for group in each.values()]
    look = _Look(_limit_of(sizes), _SHORT_NAME if is_large(model) else _LONGEST_NAME, circles)
    room = MOST_LINES
    columns = []
    for steps in sorted(groups, key=abs):
        boxes = _boxes_of(groups[steps].values(), look, room)
        room -= sum(_lines_of_service(len(each), look.limit) for each in groups[steps].values())
        columns.append(Column(steps, boxes, sum(map(len, groups[steps].values()))))
    return columns


def by_service(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    """Group actions by service prefix, in the order of the first ones."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        found.setdefault(node["action"].partition(":")[0].lower(), []).append(node)
    return found


def _limit_of(sizes: Sequence[int]) -> int:
    """Return how many actions of a service fit, so that a picture has `MOST_LINES`; 0 for none."""
    limit = max(sizes, default=0)
    while limit and sum(_lines_of_service(size, limit) for size in sizes) > MOST_LINES:
        limit = limit - 1 if limit > _FEWEST else 0
    return limit


def _lines_of_service(size: int, limit: int) -> int:
    """Count the lines of a box: with its title, and one more if it does not show everything."""
    if size == 1 or not limit:
        return 1
    return 1 + (size if _shows_all(size, limit) else limit + 1)


def _shows_all(size: int, limit: int) -> bool:
    return size <= limit + 1  # "and 1 more" would take the place of that one


def _boxes_of(groups: Iterable[list[Node]], look: _Look, room: int) -> list[Box]:
    """Return the boxes of one column, with *room* lines in all.

    Services for which there is no room are one last line.
    """
    boxes: list[Box] = []
    left_out = services = 0
    for nodes in groups:
        if room > 0:
            boxes += _service_boxes(nodes, look)
            room -= _lines_of_service(len(nodes), look.limit)
        else:
            left_out, services = left_out + len(nodes), services + 1
    if left_out:
        text = f"and {left_out:,} more of {services:,} services"
        boxes.append(Box("", None, [Line(text, has_mark=False)]))
    return boxes


def _service_boxes(nodes: Sequence[Node], look: _Look) -> list[Box]:
    """Return the box of a service; several where it is long."""
    name = nodes[0]["action"]
    service = name.partition(":")[0]
    if len(nodes) == 1 and len(name) <= look.longest:
        return [Box(service, None, [_line_of(nodes[0], name, look)], [name.lower()])]
    if len(nodes) > 1 and not look.limit:
        keys = [node["action"].lower() for node in nodes]
        return [Box(service, None, [Line(_title_of(service, len(nodes)), has_mark=False)], keys)]
    limit = len(nodes) if _shows_all(len(nodes), look.limit) else look.limit
    shown, hidden = nodes[:limit], nodes[limit:]
    boxes = []
    for start in range(0, len(shown), _LONGEST_BOX):
        part = shown[start : start + _LONGEST_BOX]
        title = f"{service}, continued" if start else _title_of(service, len(nodes))
        lines = [_line_of(node, node["action"].partition(":")[2], look) for node in part]
        boxes.append(Box(service, title, lines, [node["action"].lower() for node in part]))
    if hidden:
        boxes[-1].lines.append(Line(f"and {len(hidden):,} more", has_mark=False))
        boxes[-1].keys += [node["action"].lower() for node in hidden]
    return boxes


def _title_of(service: str, actions: int) -> str:
    return service if actions == 1 else f"{service} · {actions:,}"


def _line_of(node: Node, text: str, look: _Look) -> Line:
    name = node["action"]
    on_circle = name.lower() in look.circles
    return Line(
        _shortened(text, look.longest), name, node["access_level"], node["state"], on_circle
    )


def _shortened(text: str, longest: int = _LONGEST_NAME) -> str:
    """*text* without its middle where it is longer.

    >>> _shortened("DescribeTransitGatewayRouteTables", 20)
    'DescribeTra…teTables'
    """
    if len(text) <= longest:
        return text
    end = longest * 2 // 5
    return f"{text[: longest - end - 1]}…{text[-end:]}"


Edges = Mapping[str, Sequence[str]]

_TALL = 760.0
"""A column that is higher is laid out in parts."""
_MOST_STRIPS = 3
_TOP = 40.0
"""Room for the titles of the columns."""
GAP = 8.0
"""Between boxes."""
_GUTTER = 76.0
"""Between columns: room for lines."""
_NARROW = 40.0
"""Between the parts of a column."""
_MARGIN = 4.0
_ROOM = 26.0
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
    """Lay out what `facts.neighbours.around` found."""
    focus = _focus_box(model)
    columns = _columns_of(model)
    most = _MOST_STRIPS if len(columns) == 1 else _MOST_STRIPS - 1
    strips = [
        strip
        for column in [*columns, Column(0, [focus], 1)]
        for strip in _strips_of(column, edges, most)
    ]
    strips.sort(key=lambda strip: strip.steps)
    is_tall = any(not strip.is_last for strip in strips)
    room = 0.0 if is_large(model) else _ROOM
    _place_across(strips, _MARGIN + room * (strips[0].steps < 0))
    spots: dict[str, Spot] = {}
    for steps in sorted({strip.steps for strip in strips}, key=abs):
        for index, strip in enumerate(strips):
            if strip.steps == steps:
                if abs(steps) > 1:
                    _order_by_links(strip, edges, spots)
                start = _start_of(strip, strips, is_tall)
                _place_down(strip, start)
                spots |= _spots_of(index, strip, is_large(model))
    bottom = max(box.y + box.height for strip in strips for box in strip.boxes)
    width = strips[-1].right + _MARGIN + room * (strips[-1].steps > 0)
    return Places(focus, strips, spots, width, bottom)


def _strips_of(column: Column, edges: Edges, most: int) -> list[Strip]:
    """Return the column in one part, or in several where it is high and next to the action.

    What has lines to further columns stands in the part on that side.
    """
    height = _stacked(column.boxes)
    number = min(most, -int(-height // _TALL))
    if abs(column.steps) != 1 or number < 2:
        return [Strip(column, column.boxes)]
    outer, others = _outer_and_others(column, edges)
    parts = _in_parts([*outer, *others], number, len(outer))
    if column.steps > 0:
        parts = _in_parts([*others, *outer], number, 0)
        if len(outer) > len(parts[-1]):
            parts = [*_in_parts(others, number - 1, 0), outer]
    return [Strip(column, part, part is parts[-1]) for part in parts if part]


def _outer_and_others(column: Column, edges: Edges) -> tuple[list[Box], list[Box]]:
    """Return the boxes with a line to a further column, and those without."""
    own = {key for box in column.boxes for key in box.keys}
    if column.steps < 0:
        linked = {target for key, targets in edges.items() if key not in own for target in targets}
    else:
        linked = {key for key in own if set(edges.get(key, ())) - own}
    outer = [box for box in column.boxes if linked.intersection(box.keys)]
    return outer, [box for box in column.boxes if box not in outer]


def _in_parts(boxes: Sequence[Box], number: int, together: int) -> list[list[Box]]:
    """Divide the boxes, in their order, into so many parts of about the same height.

    The first ones, *together* in number, stay in one part.
    """
    parts: list[list[Box]] = [[]]
    left = _stacked(boxes)
    target = left / number
    for index, box in enumerate(boxes):
        is_full = _stacked([*parts[-1], box]) > target + box.height / 2
        if parts[-1] and is_full and index >= together and len(parts) < number:
            left -= _stacked(parts[-1]) + GAP
            target = left / (number - len(parts))
            parts.append([])
        parts[-1].append(box)
    return parts


def _stacked(boxes: Iterable[Box]) -> float:
    """Return the height of boxes below each other."""
    return sum(box.height + GAP for box in boxes) - GAP


def _place_across(strips: Sequence[Strip], x: float) -> None:
    for strip in strips:
        strip.x = x
        strip.width = max(box.natural_width() for box in strip.boxes)
        for box in strip.boxes:
            box.x, box.width = x, strip.width
        x += strip.width + (_GUTTER if strip.is_last else _NARROW)


def _start_of(strip: Strip, strips: Sequence[Strip], is_tall: bool) -> float:
    """Return the top of a strip: in the middle, or below the line that its parts share."""
    if not is_tall:
        highest = max(_stacked(each.boxes) for each in strips)
        return _TOP + (highest - _stacked(strip.boxes)) / 2
    in_several = sum(each.column is strip.column for each in strips) > 1
    return _TOP + _NARROW if in_several else _TOP


def _place_down(strip: Strip, start: float) -> None:
    y = start
    for box in strip.boxes:
        box.y = y
        y += box.height + GAP


def _order_by_links(strip: Strip, edges: Edges, spots: Mapping[str, Spot]) -> None:
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


def _spots_of(index: int, strip: Strip, by_box: bool) -> dict[str, Spot]:
    """Return where the lines of each action of a strip end: at its own line, or at its box."""

    def height(box: Box, number: int) -> float:
        return box.middle if by_box else box.line_y(min(number, len(box.lines) - 1))

    return {
        key: Spot(index, box.x, box.x + box.width, height(box, number))
        for box in strip.boxes
        for number, key in enumerate(box.keys)
    }
