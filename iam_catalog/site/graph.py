"""Draw what an action needs as SVG: actions in boxes by service, columns by steps, and lines.

The picture of boxes and lines has the role of an image, with a title and a description; the names
are links beside it, because what is inside an image is not there for a screen reader. Colours come
from the style sheet, so that dark mode works here too. The list on the page has the same names.

The first column hangs on one line with a branch for each box; further steps, and lines within a
column, go from action to action. The style sheet scales the picture to the width that there is:
where it would be too large to be read then, there is none, and the page has the list alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from iam_catalog.site.typography import xml_text

MOST_LINES = 30
"""Actions and titles of services in a picture: with more it would be a wall."""
_MOST_STEPS = 3
"""Columns beside that of the action."""
WIDEST = 1400.0
"""Pixels of a picture, which a page of 1,140 shows at four fifths."""
_LONGEST_NAME = 46
"""Characters of a name; of what is longer the middle is left out, and its tooltip is whole."""
_SHORT_NAME = 29
"""The same where there are three columns."""

LINE = 24.0
"""Height of a line: also the least that a finger or a pointer must be able to hit (WCAG 2.5.8)."""
_CHARACTER = 7.9
"""Width of a letter of the widest of the fonts, at 13 pixels."""
_PAD = 8.0
_MARK = 18.0
"""Width of the letter of an access level before a name."""
_TITLES = 18.0
"""The middle of the titles of the columns."""
_TOP = 40.0
"""Room for the titles of the columns."""
_GAP = 8.0
"""Between boxes."""
_GUTTER = 76.0
"""Between columns: room for lines."""
_MARGIN = 4.0
_ROOM = 26.0
"""At the right, for lines within the last column."""
_BASELINE = 4.5
"""From the middle of a line down to the baseline of its text."""
_ROUND = 8.0
_TRUNK = 22.0
"""From a column to the line that it hangs on."""
_BULGE = 24.0
_BESIDE = 8.0
_CIRCLE = "\u21bb"
_MARKER = (
    '<marker id="{id}" class="{id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"'
    ' markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M0,0L8,4L0,8z"/></marker>'
)

Node = Mapping[str, Any]
"""An action as `facts.neighbours.around` gives it."""
_Edges = Mapping[str, Sequence[str]]


def graph_of(model: Mapping[str, Any]) -> Graph | None:
    """Return the graph of what `facts.neighbours.around` found that an action needs.

    `None` where it needs nothing, and where the picture would be a wall of names.
    """
    columns = list(_nodes_by_column(model))
    lines = sum(_lines_of(group) for nodes in columns for group in by_service(nodes).values())
    is_cut_off = any(node["steps"] > _MOST_STEPS for node in model["needs"])
    if not columns or lines > MOST_LINES or is_cut_off:
        return None
    edges = _edges_of(model)
    places = _placed(model, columns, edges)
    if places.width > WIDEST:
        return None
    return Graph(model, places, *_lines_between(model, places, edges))


def by_service(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    """Group actions by service prefix, in the order of the first ones."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        found.setdefault(node["action"].partition(":")[0].lower(), []).append(node)
    return found


# --- what is drawn, and where: in pixels


@dataclass(frozen=True, slots=True)
class _Line:
    """An action in a box."""

    text: str
    action: str
    level: str | None = None
    state: str = "current"
    on_circle: bool = False
    has_mark: bool = True

    @property
    def width(self) -> float:
        return (len(self.text) + 2 * self.on_circle) * _CHARACTER + _MARK * self.has_mark


@dataclass(slots=True)
class Box:
    """Actions of one service, with its place once it has one."""

    title: str | None
    """`None` where the only line names the service itself."""
    lines: list[_Line]
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0

    @property
    def height(self) -> float:
        return LINE * (len(self.lines) + (self.title is not None)) + _PAD

    @property
    def middle(self) -> float:
        """Where the line of the whole box ends: at its title, or at its only action."""
        return self.y + _PAD / 2 + LINE / 2

    def line_y(self, index: int) -> float:
        return self.y + _PAD / 2 + LINE * (index + (self.title is not None)) + LINE / 2

    def natural_width(self) -> float:
        longest = max(line.width for line in self.lines)
        return max(longest, len(self.title or "") * _CHARACTER) + 2 * _PAD


@dataclass(slots=True)
class GraphColumn:
    """Everything that is as many steps away; the action itself is the column of no steps."""

    steps: int
    boxes: list[Box]
    x: float = 0.0
    width: float = 0.0

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def height(self) -> float:
        return sum(box.height + _GAP for box in self.boxes) - _GAP

    @property
    def actions(self) -> int:
        return sum(len(box.lines) for box in self.boxes)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the lines of an action begin and end."""

    column: int
    x: float
    right: float
    y: float


@dataclass(slots=True)
class _GraphPlaces:
    """Everything with its place."""

    columns: list[GraphColumn]
    spots: dict[str, _Spot] = field(default_factory=dict)
    """Of each action by its lower-case name."""

    @property
    def focus(self) -> Box:
        """The box of the action itself."""
        return self.columns[0].boxes[0]

    @property
    def boxes(self) -> list[Box]:
        return [box for column in self.columns for box in column.boxes]

    @property
    def width(self) -> float:
        return self.columns[-1].right + _MARGIN + _ROOM

    @property
    def bottom(self) -> float:
        return max(box.y + box.height for box in self.boxes)


def _nodes_by_column(model: Mapping[str, Any]) -> Iterator[list[Node]]:
    for steps in range(1, _MOST_STEPS + 1):
        if nodes := [node for node in model["needs"] if node["steps"] == steps]:
            yield nodes


def _lines_of(group: Sequence[Node]) -> int:
    """Count the lines of a box, with its title."""
    return 1 if len(group) == 1 else len(group) + 1


def _placed(model: Mapping[str, Any], groups: Sequence[list[Node]], edges: _Edges) -> _GraphPlaces:
    """Lay out the columns from left to right, each in the middle of the height."""
    circles = {name.lower() for circle in model["circles"] for name in circle}
    longest = _LONGEST_NAME if len(groups) < _MOST_STEPS else _SHORT_NAME
    name = model["action"]
    own = _Line(_shortened(name), name, on_circle=name.lower() in circles, has_mark=False)
    columns = [GraphColumn(0, [Box(None, [own])])]
    for steps, nodes in enumerate(groups, 1):
        boxes = [_box_of(group, longest, circles) for group in by_service(nodes).values()]
        columns.append(GraphColumn(steps, boxes))
    places = _GraphPlaces(columns)
    _place_across(columns)
    highest = max(column.height for column in columns)
    for index, column in enumerate(columns):
        if index > 1:
            _order_by_links(column, edges, places.spots)
        y = _TOP + (highest - column.height) / 2
        for box in column.boxes:
            box.y = y
            y += box.height + _GAP
            for number, line in enumerate(box.lines):
                spot = _Spot(index, box.x, box.x + box.width, box.line_y(number))
                places.spots[line.action.lower()] = spot
    return places


def _box_of(nodes: Sequence[Node], longest: int, circles: set[str]) -> Box:
    name = nodes[0]["action"]
    if len(nodes) == 1 and len(name) <= longest:
        return Box(None, [_line_of(nodes[0], name, circles)])
    texts = [_shortened(node["action"].partition(":")[2], longest) for node in nodes]
    lines = [_line_of(node, text, circles) for node, text in zip(nodes, texts, strict=True)]
    return Box(name.partition(":")[0], lines)


def _line_of(node: Node, text: str, circles: set[str]) -> _Line:
    name = node["action"]
    return _Line(text, name, node["access_level"], node["state"], name.lower() in circles)


def _shortened(text: str, longest: int = _LONGEST_NAME) -> str:
    """Return *text* without its middle where it is longer.

    >>> _shortened("DescribeTransitGatewayRouteTables", 20)
    'DescribeTra…teTables'
    """
    if len(text) <= longest:
        return text
    end = longest * 2 // 5
    return f"{text[: longest - end - 1]}…{text[-end:]}"


def _place_across(columns: Sequence[GraphColumn]) -> None:
    x = _MARGIN
    for column in columns:
        column.x = x
        column.width = max(box.natural_width() for box in column.boxes)
        for box in column.boxes:
            box.x, box.width = x, column.width
        x += column.width + _GUTTER


def _order_by_links(column: GraphColumn, edges: _Edges, spots: Mapping[str, _Spot]) -> None:
    """Order the boxes of a further column as what needs them, so that few lines cross."""
    backwards: dict[str, list[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            backwards.setdefault(target, []).append(source)

    def height(box: Box) -> float:
        linked = [other for line in box.lines for other in backwards.get(line.action.lower(), ())]
        found = [spots[other].y for other in linked if other in spots]
        return sum(found) / len(found) if found else 0.0

    column.boxes.sort(key=height)


# --- lines


@dataclass(frozen=True, slots=True)
class _Path:
    """A line, with an arrow at its end or without one."""

    d: str
    has_arrow: bool = True
    on_circle: bool = False


def _edges_of(model: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what the action and each that it needs need of the others, in lower case."""
    found = {node["action"].lower(): node["needs"] for node in model["needs"]}
    found[model["action"].lower()] = model["direct"]
    return {key: [name.lower() for name in names] for key, names in found.items()}


def _lines_between(
    model: Mapping[str, Any], places: _GraphPlaces, edges: _Edges
) -> tuple[list[_Path], float]:
    """Return the lines of the graph, and how far down it reaches with them."""
    focus = model["action"].lower()
    circles = [{name.lower() for name in circle} for circle in model["circles"]]
    paths = list(_trunk(places))
    bottom = places.bottom
    for source, target in _single_edges(places, edges, focus):
        on_circle = any(source in circle and target in circle for circle in circles)
        path = _beside(places.spots[source], places.spots[target])
        if path is None:
            bottom += _GAP
            path = _below(places.spots[source], places.spots[target], bottom)
        paths.append(_Path(path, on_circle=on_circle))
    return paths, bottom


def _single_edges(places: _GraphPlaces, edges: _Edges, focus: str) -> Iterator[tuple[str, str]]:
    """Yield the edges that the trunk does not show."""
    for source, targets in edges.items():
        for target in targets:
            is_direct = source == focus and places.spots[target].column == 1
            if source != target and target in places.spots and not is_direct:
                yield source, target


def _trunk(places: _GraphPlaces) -> Iterator[_Path]:
    """Yield the line between the action and the first column, with a branch for each box."""
    focus, first = places.focus, places.columns[1]
    y = focus.middle
    yield _Path(f"M{focus.x + focus.width:g},{y:g}H{first.x - _TRUNK:g}", has_arrow=False)
    for box in first.boxes:
        on_circle = focus.lines[0].on_circle and len(box.lines) == box.lines[0].on_circle
        joint = box.middle if len(first.boxes) > 1 else box.y + box.height / 2
        yield _Path(_twig(first.x - _TRUNK, first.x, joint, y), on_circle=on_circle)


def _twig(trunk: float, end: float, joint: float, y: float) -> str:
    """Return a path from the height of the trunk to a box."""
    turn = max(-_ROUND, min(_ROUND, y - joint)) if abs(y - joint) > 1 else 0.0
    if not turn:
        return f"M{trunk:g},{y:g}H{end:g}"
    return (
        f"M{trunk:g},{y:g}V{joint + turn:g}"
        f"Q{trunk:g},{joint:g} {trunk + abs(turn):g},{joint:g}H{end:g}"
    )


def _beside(source: _Spot, target: _Spot) -> str | None:
    """Return a line within a column or to the one beside it; `None` if others are between."""
    if source.column == target.column:
        x = source.right
        return (
            f"M{x:g},{source.y:g}C{x + _BULGE:g},{source.y:g} {x + _BULGE:g},{target.y:g}"
            f" {x:g},{target.y:g}"
        )
    if abs(source.column - target.column) > 1:
        return None
    forwards = source.column < target.column
    start, end = (source.right, target.x) if forwards else (source.x, target.right)
    middle = (start + end) / 2
    # Beside the line that leads forwards, not on it.
    y, aside = (target.y, 0) if forwards else (target.y + _BESIDE, _BESIDE)
    start_y = source.y + aside
    return f"M{start:g},{start_y:g}C{middle:g},{start_y:g} {middle:g},{y:g} {end:g},{y:g}"


def _below(source: _Spot, target: _Spot, bottom: float) -> str:
    """Return a line that leaves a box, goes below everything, and comes up at the other."""
    way = 1 if source.column < target.column else -1
    start, end = (source.right, target.x) if way > 0 else (source.x, target.right)
    out, back = start + way * 12, end - way * 14
    return (
        f"M{start:g},{source.y:g}H{out:g}V{bottom - _ROUND:g}"
        f"Q{out:g},{bottom:g} {out + way * _ROUND:g},{bottom:g}H{back - way * _ROUND:g}"
        f"Q{back:g},{bottom:g} {back:g},{bottom - _ROUND:g}V{target.y + _BESIDE:g}H{end:g}"
    )


# --- the picture


@dataclass(frozen=True, slots=True)
class Graph:
    """The picture of an action with what it needs."""

    model: Mapping[str, Any]
    places: _GraphPlaces
    paths: list[_Path]
    bottom: float

    def svg(self, address: Callable[[str], str]) -> Markup:
        """Return the picture; *address* gives the page of an action."""
        width, height = f"{self.places.width:g}", f"{self.bottom + LINE / 2:g}"
        title = f"What {self.model['action']} needs"
        parts = [
            f'<svg class="graph" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            '<svg role="img" aria-labelledby="graph-title graph-about">',
            f'<title id="graph-title">{xml_text(title)}</title>',
            f'<desc id="graph-about">{xml_text(_described(self.model))}</desc>',
            f"<defs>{_MARKER.format(id='arrow')}{_MARKER.format(id='circle')}</defs>",
            *map(_column_title, self.places.columns[1:]),
            *map(_drawn_path, self.paths),
            *(_frame(box, box is self.places.focus) for box in self.places.boxes),
            "</svg>",
            *(words for column in self.places.columns for words in _texts(column, address)),
            "</svg>",
        ]
        return Markup("".join(parts))


def _column_title(column: GraphColumn) -> str:
    words = "Needs" if column.steps == 1 else f"{column.steps} steps away"
    return _text("column", column.x, _TITLES, f"{words} · {column.actions}")


def _described(model: Mapping[str, Any]) -> str:
    """Return the picture in words."""
    direct = len(model["direct"])
    further = len(model["needs"]) - direct
    words = f"{model['action']} needs {direct:,} {'action' if direct == 1 else 'actions'}"
    words += f" and {further:,} more through them." if further else "."
    return " ".join([words, *(f"In a circle: {', '.join(each)}." for each in model["circles"])])


def _drawn_path(path: _Path) -> str:
    kind = "circle" if path.on_circle else "arrow"
    end = f' marker-end="url(#{kind})"' if path.has_arrow else ""
    return f'<path class="line {kind}-line" d="{path.d}"{end}/>'


def _frame(box: Box, is_focus: bool) -> str:
    kind = "box focus" if is_focus else "box"
    return (
        f'<rect class="{kind}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}"'
        f' height="{box.height:g}" rx="6"/>'
    )


def _texts(column: GraphColumn, address: Callable[[str], str]) -> Iterator[str]:
    """Yield the words of the boxes of a column: titles, and names as links."""
    for box in column.boxes:
        if box.title:
            yield _text("service", box.x + _PAD, box.middle, box.title)
        for index, line in enumerate(box.lines):
            yield _line_text(column.steps, box, line, box.line_y(index), address)


def _text(kind: str, x: float, middle: float, words: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{middle + _BASELINE:g}">{xml_text(words)}</text>'


def _line_text(
    steps: int, box: Box, line: _Line, middle: float, address: Callable[[str], str]
) -> str:
    """Return a line with the letter of its access level; the action itself is not a link."""
    words = f"{line.text} {_CIRCLE}" if line.on_circle else line.text
    x = box.x + _PAD + _MARK * line.has_mark
    if not steps:
        return _text("own", x, middle, words)
    mark = _letter(line, box.x + _PAD, middle + _BASELINE)
    if line.state == "not in the catalog":
        return mark + _text("unknown", x, middle, words)
    return mark + _link(
        address(line.action), _text("name", x, middle, words), box, middle, line.action
    )


def _letter(line: _Line, x: float, y: float) -> str:
    """Return the first letter of the access level, which the list writes out."""
    word = line.level.split()[0].lower() if line.level else "unknown"
    return (
        f'<text aria-hidden="true" class="mark level-{xml_text(word)}" x="{x:g}" y="{y:g}">'
        f"{xml_text(line.level[0] if line.level else '?')}</text>"
    )


def _link(address: str, content: str, box: Box, middle: float, name: str) -> str:
    """Return a link as wide as its box, so that it is easy to hit; a name may be cut short."""
    return (
        f'<a href="{xml_text(address)}" aria-label="{xml_text(name)}">'
        f'<title>{xml_text(name)}</title><rect x="{box.x + 2:g}" y="{middle - LINE / 2:g}"'
        f' width="{box.width - 4:g}" height="{LINE:g}" rx="4"/>{content}</a>'
    )
