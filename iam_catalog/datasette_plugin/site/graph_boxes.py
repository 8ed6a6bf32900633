"""The boxes of the graph around an action: which actions stand in which box and column.

Pure. Actions of one service share a box. Where there are more than a picture can show, each box
tells how many more there are, so that every service stays in sight; the lists beside the picture
have them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Node = Mapping[str, Any]
"""An action as `models.dependents` tells it."""

MOST_LINES = 150
"""Lines in the boxes of a picture: actions, services, and what says how many more there are."""
FEWEST = 3
"""Where a box could not even show so many actions, it shows their number only."""
MOST_STEPS = 3
"""Columns on each side of the action."""
LONGEST_BOX = 20
"""Lines of a box; what is longer goes on in another one."""
LONGEST_NAME = 46
"""Characters of a name; of what is longer the middle is left out, and its tooltip is whole."""
LARGE = 60
"""Actions from which on names are cut short, and lines go from box to box and column to column."""
SHORT_NAME = 29

LINE = 24.0
"""Height of a line: also the least that a finger or a pointer must be able to hit (WCAG 2.5.8)."""
CHARACTER = 7.9
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
        return (len(self.text) + 2 * self.on_circle) * CHARACTER + MARK * self.has_mark


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
        return max(longest, len(self.title or "") * CHARACTER) + 2 * PAD


@dataclass(frozen=True, slots=True)
class Column:
    """Everything that is as many steps away."""

    steps: int
    """Negative for what requires the action; 0 for the action itself."""
    boxes: list[Box]
    actions: int
    """With those that are not shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the boxes of a picture are."""

    limit: int
    """Actions of a service that a box shows."""
    longest: int
    """Characters of a name."""
    circles: set[str]
    """The lower-case names of the actions on circles."""


def focus_box(model: Mapping[str, Any]) -> Box:
    """The box of the action itself."""
    name = model["action"]
    on_circle = any(name in circle for circle in model["circles"])
    line = Line(shortened(name), name, on_circle=on_circle, has_mark=False)
    return Box("", None, [line], [name.lower()])


def only_requiring(model: Mapping[str, Any]) -> list[Node]:
    """What requires the action and is not drawn as needed by it: what is on a circle is both."""
    needed = {node["action"] for node in model["needs"] if node["steps"] <= MOST_STEPS}
    return [node for node in model["required_by"] if node["action"] not in needed]


def is_large(model: Mapping[str, Any]) -> bool:
    nodes = [*model["needs"], *only_requiring(model)]
    return len([node for node in nodes if node["steps"] <= MOST_STEPS]) > LARGE


def columns_of(model: Mapping[str, Any]) -> list[Column]:
    """The columns of a graph, the nearest first, without that of the action itself."""
    circles = {name.lower() for circle in model["circles"] for name in circle}
    groups: dict[int, dict[str, list[Node]]] = {}
    for side, nodes in ((-1, only_requiring(model)), (1, model["needs"])):
        for steps in range(1, MOST_STEPS + 1):
            if column := [node for node in nodes if node["steps"] == steps]:
                groups[side * steps] = by_service(column)
    sizes = [len(group) for each in groups.values() for group in each.values()]
    look = Look(limit_of(sizes), SHORT_NAME if is_large(model) else LONGEST_NAME, circles)
    room = MOST_LINES
    columns = []
    for steps in sorted(groups, key=abs):
        boxes = boxes_of(groups[steps].values(), look, room)
        room -= sum(lines_of_service(len(each), look.limit) for each in groups[steps].values())
        columns.append(Column(steps, boxes, sum(map(len, groups[steps].values()))))
    return columns


def by_service(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    """The actions by service prefix, in the order of the first ones."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        found.setdefault(node["action"].partition(":")[0].lower(), []).append(node)
    return found


def limit_of(sizes: Sequence[int]) -> int:
    """How many actions of a service are shown, so that a picture has `MOST_LINES`; 0 for none."""
    limit = max(sizes, default=0)
    while limit and sum(lines_of_service(size, limit) for size in sizes) > MOST_LINES:
        limit = limit - 1 if limit > FEWEST else 0
    return limit


def lines_of_service(size: int, limit: int) -> int:
    """The lines of a box: with its title, and one more where it does not show everything."""
    if size == 1 or not limit:
        return 1
    return 1 + (size if shows_all(size, limit) else limit + 1)


def shows_all(size: int, limit: int) -> bool:
    return size <= limit + 1  # "and 1 more" would take the place of that one


def boxes_of(groups: Iterable[list[Node]], look: Look, room: int) -> list[Box]:
    """The boxes of one column, with *room* lines in all.

    Services for which there is no room are one last line.
    """
    boxes: list[Box] = []
    left_out = services = 0
    for nodes in groups:
        if room > 0:
            boxes += service_boxes(nodes, look)
            room -= lines_of_service(len(nodes), look.limit)
        else:
            left_out, services = left_out + len(nodes), services + 1
    if left_out:
        text = f"and {left_out:,} more of {services:,} services"
        boxes.append(Box("", None, [Line(text, has_mark=False)]))
    return boxes


def service_boxes(nodes: Sequence[Node], look: Look) -> list[Box]:
    """The box of a service; several where it is long."""
    name = nodes[0]["action"]
    service = name.partition(":")[0]
    if len(nodes) == 1 and len(name) <= look.longest:
        return [Box(service, None, [line_of(nodes[0], name, look)], [name.lower()])]
    if len(nodes) > 1 and not look.limit:
        keys = [node["action"].lower() for node in nodes]
        return [Box(service, None, [Line(title_of(service, len(nodes)), has_mark=False)], keys)]
    limit = len(nodes) if shows_all(len(nodes), look.limit) else look.limit
    shown, hidden = nodes[:limit], nodes[limit:]
    boxes = []
    for start in range(0, len(shown), LONGEST_BOX):
        part = shown[start : start + LONGEST_BOX]
        title = f"{service}, continued" if start else title_of(service, len(nodes))
        lines = [line_of(node, node["action"].partition(":")[2], look) for node in part]
        boxes.append(Box(service, title, lines, [node["action"].lower() for node in part]))
    if hidden:
        boxes[-1].lines.append(Line(f"and {len(hidden):,} more", has_mark=False))
        boxes[-1].keys += [node["action"].lower() for node in hidden]
    return boxes


def title_of(service: str, actions: int) -> str:
    return service if actions == 1 else f"{service} · {actions:,}"


def line_of(node: Node, text: str, look: Look) -> Line:
    name = node["action"]
    on_circle = name.lower() in look.circles
    return Line(shortened(text, look.longest), name, node["access_level"], node["state"], on_circle)


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """*text* without its middle where it is longer.

    >>> shortened("DescribeTransitGatewayRouteTables", 20)
    'DescribeTra…teTables'
    """
    if len(text) <= longest:
        return text
    end = longest * 2 // 5
    return f"{text[: longest - end - 1]}…{text[-end:]}"
