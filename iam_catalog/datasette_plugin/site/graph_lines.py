"""The lines of the graph around an action, as paths of SVG.

A direct column hangs on one line with a branch for each box, so that a hundred boxes stay
readable; further steps, and what stands in one column, are drawn from action to action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iam_catalog.datasette_plugin.site.graph_boxes import Box, is_large
from iam_catalog.datasette_plugin.site.graph_layout import GAP, Edges, Places, Spot, Strip

ROUND = 8.0
TRUNK = 22.0
"""From a column to the line that it hangs on."""
BULGE = 24.0
BESIDE = 8.0


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


def edges_of(model: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each action of the graph needs of the others, in lower case."""
    nodes = [*model["needs"], *model["required_by"]]
    found = {node["action"].lower(): node["needs"] for node in nodes}
    found[model["action"].lower()] = model["direct"]
    return {key: [name.lower() for name in names] for key, names in found.items()}


def lines_of(model: Mapping[str, Any], places: Places, edges: Edges) -> Lines:
    """All lines of the graph: those on circles, and as many others as stay readable."""
    focus = model["action"].lower()
    circles = [{name.lower() for name in circle} for circle in model["circles"]]
    paths = list(trunks(places))
    undrawn, bottom = 0, places.bottom
    drawn: set[tuple[Spot, Spot]] = set()
    for source, target in single_edges(places, edges, focus):
        ends = source_spot, target_spot = places.spots[source], places.spots[target]
        on_circle = any(source in circle and target in circle for circle in circles)
        if ends in drawn:
            continue
        if is_large(model) and not on_circle and not between_columns(ends, places.strips):
            undrawn += 1
            continue
        drawn.add(ends)
        path = beside(source_spot, target_spot, places.strips)
        if path is None:
            bottom += GAP
            path = below(source_spot, target_spot, bottom)
        paths.append(Path(path, on_circle=on_circle))
    return Lines(paths, undrawn, bottom)


def between_columns(ends: tuple[Spot, Spot], strips: Sequence[Strip]) -> bool:
    """From one column to the next one, and to the part of it that is next."""
    source, target = ends
    return (
        target.strip == source.strip + 1
        and strips[source.strip].column is not strips[target.strip].column
    )


def single_edges(places: Places, edges: Edges, focus: str) -> Iterator[tuple[str, str]]:
    """The edges that no trunk stands for."""
    steps = {key: places.strips[spot.strip].steps for key, spot in places.spots.items()}
    for source, targets in edges.items():
        for target in targets:
            is_direct = (source == focus and steps.get(target) == 1) or (
                target == focus and steps.get(source) == -1
            )
            if source != target and source in steps and target in steps and not is_direct:
                yield source, target


def trunks(places: Places) -> Iterator[Path]:
    """The line between the action and each direct column, with a branch for each box."""
    focus = places.focus
    y = focus.middle
    before = [strip for strip in places.strips if strip.steps == -1]
    after = [strip for strip in places.strips if strip.steps == 1]
    for strip in before:
        for box in strip.boxes:
            joint = joint_of(box, strip)
            yield Path(branch(strip.right, strip.right + TRUNK, joint, y), has_arrow=False)
    if before:
        yield Path(f"M{before[0].right + TRUNK:g},{y:g}H{focus.x:g}")
    if after:
        yield Path(f"M{focus.x + focus.width:g},{y:g}H{after[-1].x - TRUNK:g}", has_arrow=False)
    for strip in after:
        for box in strip.boxes:
            on_circle = focus.lines[0].on_circle and len(box.lines) == box.lines[0].on_circle
            joint = joint_of(box, strip)
            yield Path(twig(strip.x - TRUNK, strip.x, joint, y), on_circle=on_circle)


def joint_of(box: Box, strip: Strip) -> float:
    """Where the line of a box ends: at its first line; at its middle where it is the only one."""
    return box.middle if len(strip.boxes) > 1 else box.y + box.height / 2


def branch(start: float, trunk: float, joint: float, y: float) -> str:
    """From a box to the height of the trunk."""
    turn = corner(joint, y)
    if not turn:
        return f"M{start:g},{y:g}H{trunk:g}"
    return (
        f"M{start:g},{joint:g}H{trunk - abs(turn):g}"
        f"Q{trunk:g},{joint:g} {trunk:g},{joint + turn:g}V{y:g}"
    )


def twig(trunk: float, end: float, joint: float, y: float) -> str:
    """From the height of the trunk to a box."""
    turn = corner(joint, y)
    if not turn:
        return f"M{trunk:g},{y:g}H{end:g}"
    return (
        f"M{trunk:g},{y:g}V{joint + turn:g}"
        f"Q{trunk:g},{joint:g} {trunk + abs(turn):g},{joint:g}H{end:g}"
    )


def corner(start: float, end: float) -> float:
    """The rounding of a corner on the way from one height to another; 0 where there is none."""
    return max(-ROUND, min(ROUND, end - start)) if abs(end - start) > 1 else 0.0


def beside(source: Spot, target: Spot, strips: Sequence[Strip]) -> str | None:
    """A line within a column or to the one beside it; None where others stand between."""
    if source.strip == target.strip:
        is_before = strips[source.strip].steps < 0
        x, bulge = (source.x, -BULGE) if is_before else (source.right, BULGE)
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
    y, aside = (target.y, 0) if forwards else (target.y + BESIDE, BESIDE)
    start_y = source.y + aside
    return f"M{start:g},{start_y:g}C{middle:g},{start_y:g} {middle:g},{y:g} {end:g},{y:g}"


def below(source: Spot, target: Spot, bottom: float) -> str:
    """A line that leaves a box, goes below everything, and comes up at the other one."""
    sign = 1 if source.strip < target.strip else -1
    start, end = (source.right, target.x) if sign > 0 else (source.x, target.right)
    out, back = start + sign * 12, end - sign * 14
    return (
        f"M{start:g},{source.y:g}H{out:g}V{bottom - ROUND:g}"
        f"Q{out:g},{bottom:g} {out + sign * ROUND:g},{bottom:g}H{back - sign * ROUND:g}"
        f"Q{back:g},{bottom:g} {back:g},{bottom - ROUND:g}V{target.y + BESIDE:g}H{end:g}"
    )
