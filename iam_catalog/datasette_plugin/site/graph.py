"""The graph around an action, as SVG: what it needs and what requires it.

The picture of boxes and lines has the role of an image, with a title and a description; the names
are links beside it, because what is inside an image is not there for a screen reader. The lists on
the page say the same in words. Colours come from the style sheet, so that dark mode holds here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from iam_catalog.datasette_plugin.site.graph_boxes import (
    LINE,
    MARK,
    PAD,
    Box,
    Line,
)
from iam_catalog.datasette_plugin.site.graph_layout import Places, Strip, placed
from iam_catalog.datasette_plugin.site.graph_lines import Lines, Path, edges_of, lines_of
from iam_catalog.datasette_plugin.site.xml_text import xml_text

BASELINE = 4.5
"""From the middle of a line down to the baseline of its text."""
TITLES = 18.0
"""The middle of the titles of the columns."""
CIRCLE = "\u21bb"
MARKER = (
    '<marker id="{id}" class="{id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"'
    ' markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M0,0L8,4L0,8z"/></marker>'
)
LISTS = ("#required-by", "#needs")
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
        """The picture; *address* gives the page of an action."""
        width, height = f"{self.places.width:g}", f"{self.lines.bottom + LINE / 2:g}"
        title = f"What {self.model['action']} needs, and what requires it"
        parts = [
            f'<svg class="graph" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            '<svg role="img" aria-labelledby="graph-title graph-about">',
            f'<title id="graph-title">{xml_text(title)}</title>',
            f'<desc id="graph-about">{xml_text(described(self.model))}</desc>',
            f"<defs>{MARKER.format(id='arrow')}{MARKER.format(id='circle')}</defs>",
            *self.titles(),
            *map(drawn_path, self.lines.paths),
            *(frame(box, box is self.places.focus) for box in self.boxes()),
            "</svg>",
            *(words for strip in self.places.strips for words in texts(strip, address)),
            "</svg>",
        ]
        return Markup("".join(parts))

    def boxes(self) -> Iterator[Box]:
        return (box for strip in self.places.strips for box in strip.boxes)

    def titles(self) -> Iterator[str]:
        """What stands above each column."""
        seen = {0}
        for strip in self.places.strips:
            if strip.steps not in seen:
                seen.add(strip.steps)
                yield text("column", strip.x, TITLES, column_title(strip))


def graph_of(model: Mapping[str, Any]) -> Graph | None:
    """The graph of what `models.dependents.around` says; None where there is nothing to draw."""
    if not model["direct"] and not model["required_by"]:
        return None
    edges = edges_of(model)
    places = placed(model, edges)
    return Graph(model, places, lines_of(model, places, edges))


def column_title(strip: Strip) -> str:
    number = f"{strip.column.actions:,}"
    if abs(strip.steps) > 1:
        return f"{abs(strip.steps)} steps away · {number}"
    return f"Needs · {number}" if strip.steps > 0 else f"Required by · {number}"


def described(model: Mapping[str, Any]) -> str:
    """The picture in words."""
    needs, required = sides(model)
    said = [f"{model['action']} needs {needs}, and is required by {required}."]
    said += [f"In a circle: {', '.join(circle)}." for circle in model["circles"]]
    return " ".join(said)


def sides(model: Mapping[str, Any]) -> Iterator[str]:
    for nodes in (model["needs"], model["required_by"]):
        direct = sum(node["steps"] == 1 for node in nodes)
        further = len(nodes) - direct
        said = f"{direct:,} {'action' if direct == 1 else 'actions'}"
        yield f"{said} and {further:,} more through them" if further else said


def drawn_path(path: Path) -> str:
    kind = "circle" if path.on_circle else "arrow"
    end = f' marker-end="url(#{kind})"' if path.has_arrow else ""
    return f'<path class="line {kind}-line" d="{path.d}"{end}/>'


def frame(box: Box, is_focus: bool) -> str:
    kind = "box focus" if is_focus else "box"
    return (
        f'<rect class="{kind}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}"'
        f' height="{box.height:g}" rx="6"/>'
    )


def texts(strip: Strip, address: Callable[[str], str]) -> Iterator[str]:
    """The words of the boxes of a column: titles, and names as links."""
    for box in strip.boxes:
        if box.title:
            yield text("service", box.x + PAD, box.middle, box.title)
        for index, line in enumerate(box.lines):
            yield line_text(strip.steps, box, line, box.line_y(index), address)


def text(kind: str, x: float, middle: float, words: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{middle + BASELINE:g}">{xml_text(words)}</text>'


def line_text(
    steps: int, box: Box, line: Line, middle: float, address: Callable[[str], str]
) -> str:
    """A line with the letter of its access level; the action itself leads nowhere."""
    words = f"{line.text} {CIRCLE}" if line.on_circle else line.text
    x = box.x + PAD + MARK * line.has_mark
    if not line.action:
        place = f"#required-by-{box.service}" if steps < 0 and box.service else LISTS[steps > 0]
        return link(place, text("name", x, middle, words), box, middle)
    if not steps:
        return text("own", x, middle, words)
    mark = letter(line, box.x + PAD, middle + BASELINE)
    if line.state == "not in the catalog":
        return mark + text("unknown", x, middle, words)
    name = text("name", x, middle, words)
    return mark + link(address(line.action), name, box, middle, line.action)


def letter(line: Line, x: float, y: float) -> str:
    """The first letter of the access level, which the lists write out."""
    word = line.level.split()[0].lower() if line.level else "unknown"
    return (
        f'<text aria-hidden="true" class="mark level-{xml_text(word)}" x="{x:g}" y="{y:g}">'
        f"{xml_text(line.level[0] if line.level else '?')}</text>"
    )


def link(address: str, content: str, box: Box, middle: float, name: str | None = None) -> str:
    """A link over the whole width of a box, so that it is easy to hit; a name may be cut short."""
    whole = f"<title>{xml_text(name)}</title>" if name else ""
    label = f' aria-label="{xml_text(name)}"' if name else ""
    return (
        f'<a href="{xml_text(address)}"{label}>{whole}<rect x="{box.x + 2:g}"'
        f' y="{middle - LINE / 2:g}" width="{box.width - 4:g}" height="{LINE:g}" rx="4"/>'
        f"{content}</a>"
    )
