"""Draw the graph around an action as SVG: what it needs and what requires it.

The picture of boxes and lines has the role of an image, with a title and a description; the names
are links beside it, because what is inside an image is not there for a screen reader. The lists on
the page say the same in words. Colours come from the style sheet, so that dark mode works here too.

A direct column hangs on one line with a branch for each box, so that a hundred boxes stay
readable; further steps, and lines within a column, are drawn from action to action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from iam_catalog.site.graph_layout import (
    GAP,
    LINE,
    MARK,
    PAD,
    Box,
    Edges,
    Line,
    Places,
    Spot,
    Strip,
    is_large,
    placed,
)
from iam_catalog.site.typography import xml_text

_BASELINE = 4.5
"""From the middle of a line down to the baseline of its text."""
_TITLES = 18.0
"""The middle of the titles of the columns."""
_CIRCLE = "\u21bb"
_MARKER = (
    '<marker id="{id}" class="{id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"'
    ' markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M0,0L8,4L0,8z"/></marker>'
)
_LISTS = ("#required-by", "#needs")
"""Where on the page the lists of both sides start; those of what requires an action have a place
for each service."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The picture of an action with its neighbours."""

    model: Mapping[str, Any]
    places: Places
    lines: Lines

    @property
    def undrawn(self) -> int:
        """References between actions of the picture that have no line."""
        return self.lines.undrawn

    @property
    def not_shown(self) -> int:
        """Actions that have no box of their own."""
        nodes = {node["action"] for node in [*self.model["needs"], *self.model["required_by"]]}
        shown = sum(line.action is not None for box in self.boxes() for line in box.lines)
        return len(nodes) + 1 - shown

    def svg(self, address: Callable[[str], str]) -> Markup:
        """Return the picture; *address* gives the page of an action."""
        width, height = f"{self.places.width:g}", f"{self.lines.bottom + LINE / 2:g}"
        title = f"What {self.model['action']} needs, and what requires it"
        parts = [
            f'<svg class="graph" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            '<svg role="img" aria-labelledby="graph-title graph-about">',
            f'<title id="graph-title">{xml_text(title)}</title>',
            f'<desc id="graph-about">{xml_text(_described(self.model))}</desc>',
            f"<defs>{_MARKER.format(id='arrow')}{_MARKER.format(id='circle')}</defs>",
            *self.titles(),
            *map(_drawn_path, self.lines.paths),
            *(_frame(box, box is self.places.focus) for box in self.boxes()),
            "</svg>",
            *(words for strip in self.places.strips for words in _texts(strip, address)),
            "</svg>",
        ]
        return Markup("".join(parts))

    def boxes(self) -> Iterator[Box]:
        return (box for strip in self.places.strips for box in strip.boxes)

    def titles(self) -> Iterator[str]:
        """Yield the title of each column."""
        seen = {0}
        for strip in self.places.strips:
            if strip.steps not in seen:
                seen.add(strip.steps)
                yield _text("column", strip.x, _TITLES, _column_title(strip))


def graph_of(model: Mapping[str, Any]) -> Graph | None:
    """Return the graph of what `facts.neighbours.around` found; `None` for no neighbours."""
    if not model["direct"] and not model["required_by"]:
        return None
    edges = _edges_of(model)
    places = placed(model, edges)
    return Graph(model, places, _lines_of(model, places, edges))


def _column_title(strip: Strip) -> str:
    number = f"{strip.column.actions:,}"
    if abs(strip.steps) > 1:
        return f"{abs(strip.steps)} steps away · {number}"
    return f"Needs · {number}" if strip.steps > 0 else f"Required by · {number}"


def _described(model: Mapping[str, Any]) -> str:
    """Return the picture in words."""
    needs, required = _sides(model)
    said = [f"{model['action']} needs {needs}, and is required by {required}."]
    said += [f"In a circle: {', '.join(circle)}." for circle in model["circles"]]
    return " ".join(said)


def _sides(model: Mapping[str, Any]) -> Iterator[str]:
    for nodes in (model["needs"], model["required_by"]):
        direct = sum(node["steps"] == 1 for node in nodes)
        further = len(nodes) - direct
        said = f"{direct:,} {'action' if direct == 1 else 'actions'}"
        yield f"{said} and {further:,} more through them" if further else said


def _drawn_path(path: Path) -> str:
    kind = "circle" if path.on_circle else "arrow"
    end = f' marker-end="url(#{kind})"' if path.has_arrow else ""
    return f'<path class="line {kind}-line" d="{path.d}"{end}/>'


def _frame(box: Box, is_focus: bool) -> str:
    kind = "box focus" if is_focus else "box"
    return (
        f'<rect class="{kind}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}"'
        f' height="{box.height:g}" rx="6"/>'
    )


def _texts(strip: Strip, address: Callable[[str], str]) -> Iterator[str]:
    """Yield the words of the boxes of a column: titles, and names as links."""
    for box in strip.boxes:
        if box.title:
            yield _text("service", box.x + PAD, box.middle, box.title)
        for index, line in enumerate(box.lines):
            yield _line_text(strip.steps, box, line, box.line_y(index), address)


def _text(kind: str, x: float, middle: float, words: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{middle + _BASELINE:g}">{xml_text(words)}</text>'


def _line_text(
    steps: int, box: Box, line: Line, middle: float, address: Callable[[str], str]
) -> str:
    """Return a line with the letter of its access level; the action itself is no link."""
    words = f"{line.text} {_CIRCLE}" if line.on_circle else line.text
    x = box.x + PAD + MARK * line.has_mark
    if not line.action:
        place = f"#required-by-{box.service}" if steps < 0 and box.service else _LISTS[steps > 0]
        return _link(place, _text("name", x, middle, words), box, middle)
    if not steps:
        return _text("own", x, middle, words)
    mark = _letter(line, box.x + PAD, middle + _BASELINE)
    if line.state == "not in the catalog":
        return mark + _text("unknown", x, middle, words)
    name = _text("name", x, middle, words)
    return mark + _link(address(line.action), name, box, middle, line.action)


def _letter(line: Line, x: float, y: float) -> str:
    """Return the first letter of the access level, which the lists write out."""
    word = line.level.split()[0].lower() if line.level else "unknown"
    return (
        f'<text aria-hidden="true" class="mark level-{xml_text(word)}" x="{x:g}" y="{y:g}">'
        f"{xml_text(line.level[0] if line.level else '?')}</text>"
    )


def _link(address: str, content: str, box: Box, middle: float, name: str | None = None) -> str:
    """Return a link as wide as its box, so that it is easy to hit; a name may be cut short."""
    whole = f"<title>{xml_text(name)}</title>" if name else ""
    label = f' aria-label="{xml_text(name)}"' if name else ""
    return (
        f'<a href="{xml_text(address)}"{label}>{whole}<rect x="{box.x + 2:g}"'
        f' y="{middle - LINE / 2:g}" width="{box.width - 4:g}" height="{LINE:g}" rx="4"/>'
        f"{content}</a>"
    )


_ROUND = 8.0
_TRUNK = 22.0
"""From a column to the line that it hangs on."""
_BULGE = 24.0
_BESIDE = 8.0


@dataclass(frozen=True, slots=True)
class Path:
    """A line, with an arrow at its end or without one."""

    d: str
    has_arrow: bool = True
    on_circle: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines of a picture."""

    paths: list[Path]
    undrawn: int
    """References between actions of the picture that have no line of their own."""
    bottom: float


def _edges_of(model: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what each action of the graph needs of the others, in lower case."""
    nodes = [*model["needs"], *model["required_by"]]
    found = {node["action"].lower(): node["needs"] for node in nodes}
    found[model["action"].lower()] = model["direct"]
    return {key: [name.lower() for name in names] for key, names in found.items()}


def _lines_of(model: Mapping[str, Any], places: Places, edges: Edges) -> Lines:
    """Return the lines of the graph: those on circles, and as many others as stay readable."""
    focus = model["action"].lower()
    circles = [{name.lower() for name in circle} for circle in model["circles"]]
    paths = list(_trunks(places))
    undrawn, bottom = 0, places.bottom
    drawn: set[tuple[Spot, Spot]] = set()
    for source, target in _single_edges(places, edges, focus):
        ends = source_spot, target_spot = places.spots[source], places.spots[target]
        on_circle = any(source in circle and target in circle for circle in circles)
        if ends in drawn:
            continue
        if is_large(model) and not on_circle and not _between_columns(ends, places.strips):
            undrawn += 1
            continue
        drawn.add(ends)
        path = _beside(source_spot, target_spot, places.strips)
        if path is None:
            bottom += GAP
            path = _below(source_spot, target_spot, bottom)
        paths.append(Path(path, on_circle=on_circle))
    return Lines(paths, undrawn, bottom)


def _between_columns(ends: tuple[Spot, Spot], strips: Sequence[Strip]) -> bool:
    """Return True for a line from one column to the next, and to the part of it that is next."""
    source, target = ends
    return (
        target.strip == source.strip + 1
        and strips[source.strip].column is not strips[target.strip].column
    )


def _single_edges(places: Places, edges: Edges, focus: str) -> Iterator[tuple[str, str]]:
    """Yield the edges that no trunk shows."""
    steps = {key: places.strips[spot.strip].steps for key, spot in places.spots.items()}
    for source, targets in edges.items():
        for target in targets:
            is_direct = (source == focus and steps.get(target) == 1) or (
                target == focus and steps.get(source) == -1
            )
            if source != target and source in steps and target in steps and not is_direct:
                yield source, target


def _trunks(places: Places) -> Iterator[Path]:
    """Yield the line between the action and each direct column, with a branch for each box."""
    focus = places.focus
    y = focus.middle
    before = [strip for strip in places.strips if strip.steps == -1]
    after = [strip for strip in places.strips if strip.steps == 1]
    for strip in before:
        for box in strip.boxes:
            joint = _joint_of(box, strip)
            yield Path(_branch(strip.right, strip.right + _TRUNK, joint, y), has_arrow=False)
    if before:
        yield Path(f"M{before[0].right + _TRUNK:g},{y:g}H{focus.x:g}")
    if after:
        yield Path(f"M{focus.x + focus.width:g},{y:g}H{after[-1].x - _TRUNK:g}", has_arrow=False)
    for strip in after:
        for box in strip.boxes:
            on_circle = focus.lines[0].on_circle and len(box.lines) == box.lines[0].on_circle
            joint = _joint_of(box, strip)
            yield Path(_twig(strip.x - _TRUNK, strip.x, joint, y), on_circle=on_circle)


def _joint_of(box: Box, strip: Strip) -> float:
    """Return where the line of a box ends: at its first line, or in the middle of the only one."""
    return box.middle if len(strip.boxes) > 1 else box.y + box.height / 2


def _branch(start: float, trunk: float, joint: float, y: float) -> str:
    """Return a path from a box to the height of the trunk."""
    turn = _corner(joint, y)
    if not turn:
        return f"M{start:g},{y:g}H{trunk:g}"
    return (
        f"M{start:g},{joint:g}H{trunk - abs(turn):g}"
        f"Q{trunk:g},{joint:g} {trunk:g},{joint + turn:g}V{y:g}"
    )


def _twig(trunk: float, end: float, joint: float, y: float) -> str:
    """Return a path from the height of the trunk to a box."""
    turn = _corner(joint, y)
    if not turn:
        return f"M{trunk:g},{y:g}H{end:g}"
    return (
        f"M{trunk:g},{y:g}V{joint + turn:g}"
        f"Q{trunk:g},{joint:g} {trunk + abs(turn):g},{joint:g}H{end:g}"
    )


def _corner(start: float, end: float) -> float:
    """Return the rounding of a corner between two heights; 0 where there is none."""
    return max(-_ROUND, min(_ROUND, end - start)) if abs(end - start) > 1 else 0.0


def _beside(source: Spot, target: Spot, strips: Sequence[Strip]) -> str | None:
    """Return a line within a column or to the one beside it; `None` if others are between."""
    if source.strip == target.strip:
        is_before = strips[source.strip].steps < 0
        x, bulge = (source.x, -_BULGE) if is_before else (source.right, _BULGE)
        return (
            f"M{x:g},{source.y:g}C{x + bulge:g},{source.y:g} {x + bulge:g},{target.y:g}"
            f" {x:g},{target.y:g}"
        )
    if abs(source.strip - target.strip) > 1:
        return None
    forwards = source.strip < target.strip
    start, end = (source.right, target.x) if forwards else (source.x, target.right)
    middle = (start + end) / 2
    # Beside the line that leads forwards, not on it.
    y, aside = (target.y, 0) if forwards else (target.y + _BESIDE, _BESIDE)
    start_y = source.y + aside
    return f"M{start:g},{start_y:g}C{middle:g},{start_y:g} {middle:g},{y:g} {end:g},{y:g}"


def _below(source: Spot, target: Spot, bottom: float) -> str:
    """Return a line that leaves a box, goes below everything, and comes up at the other."""
    sign = 1 if source.strip < target.strip else -1
    start, end = (source.right, target.x) if sign > 0 else (source.x, target.right)
    out, back = start + sign * 12, end - sign * 14
    return (
        f"M{start:g},{source.y:g}H{out:g}V{bottom - _ROUND:g}"
        f"Q{out:g},{bottom:g} {out + sign * _ROUND:g},{bottom:g}H{back - sign * _ROUND:g}"
        f"Q{back:g},{bottom:g} {back:g},{bottom - _ROUND:g}V{target.y + _BESIDE:g}H{end:g}"
    )
