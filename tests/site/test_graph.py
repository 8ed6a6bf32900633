"""The picture of an action and its neighbours: what is drawn, where, and what is told instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iam_catalog.facts.overviews import circles_of
from iam_catalog.site.graph import Graph, graph_of
from iam_catalog.site.graph_layout import LINE, MOST_LINES

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert(1)</script>"\x1b\x00\ufffe\u202e'


def without_loops(edges: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """No action needs itself, whatever a page lists."""
    return {name: [each for each in targets if each != name] for name, targets in edges.items()}


def model(edges: Mapping[str, Iterable[str]], action: str = "s:A", **known: str) -> dict[str, Any]:
    """What `models.dependents.around` says of these edges; *known* are access levels by name."""
    needs = without_loops(edges)
    needed, requiring = reached(needs, action), reached(backwards(needs), action)

    def node(name: str, steps: int) -> dict[str, Any]:
        level = known.get(name.partition(":")[2])
        state = "current" if level else "not in the catalog"
        told = needs.get(name, [])
        return {
            "action": name,
            "steps": steps,
            "state": state,
            "access_level": level,
            "needs": told,
        }

    return {
        "action": action,
        "direct": needs.get(action, []),
        "needs": [node(name, steps) for name, steps in needed.items()],
        "required_by": [node(name, steps) for name, steps in requiring.items()],
        "circles": circles_of(needs),
    }


def backwards(edges: Mapping[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, targets in edges.items():
        for target in targets:
            found.setdefault(target, []).append(name)
    return found


def reached(edges: Mapping[str, list[str]], start: str) -> dict[str, int]:
    steps = {start: 0}
    for name in (queue := [start]):
        for target in edges.get(name, ()):
            if target not in steps:
                steps[target] = steps[name] + 1
                queue.append(target)
    del steps[start]
    return steps


def fan(number: int, services: int) -> dict[str, list[str]]:
    """So many actions that require `s:A`, of so many services."""
    return {f"service{each % services}:Action{each}": ["s:A"] for each in range(number)}


def drawn(edges: Mapping[str, Iterable[str]], **known: str) -> Graph:
    found = graph_of(model(edges, **known))
    assert found is not None
    return found


def parsed(graph: Graph) -> ElementTree.Element:
    text = str(graph.svg(lambda name: f"/action/{name}"))
    return ElementTree.fromstring(text.replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1))


def links(picture: ElementTree.Element) -> list[tuple[str, str]]:
    return [
        ("".join(text.text or "" for text in link.iter(f"{SVG}text")), link.attrib["href"])
        for link in picture.iter(f"{SVG}a")
    ]


def columns(graph: Graph) -> list[tuple[int, list[list[str]]]]:
    return [
        (strip.steps, [[line.text for line in box.lines] for box in strip.boxes])
        for strip in graph.places.strips
    ]


def test_an_action_alone_has_no_picture() -> None:
    assert graph_of(model({})) is None


def test_the_picture_is_an_image_with_a_title_and_a_description() -> None:
    picture = parsed(drawn({"s:A": ["t:B", "t:C"], "t:B": ["u:D"], "v:E": ["s:A"]}))
    image = picture[0]

    assert image.attrib == {"role": "img", "aria-labelledby": "graph-title graph-about"}
    assert [(each.attrib["id"], each.text) for each in image[:2]] == [
        ("graph-title", "What s:A needs, and what requires it"),
        (
            "graph-about",
            "s:A needs 2 actions and 1 more through them, and is required by 1 action.",
        ),
    ]


def test_names_are_links_beside_the_image_and_not_within_it() -> None:
    picture = parsed(drawn({"s:A": ["t:B"], "v:E": ["s:A"]}, B="Read", E="Write"))

    assert links(picture) == [("v:E", "/action/v:E"), ("t:B", "/action/t:B")]
    assert links(picture[0]) == []


def test_what_no_page_holds_leads_nowhere_and_has_a_question_mark() -> None:
    picture = parsed(drawn({"s:A": ["t:B"]}))

    assert links(picture) == []
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["Needs · 1", "s:A", "?", "t:B"]


def test_needs_stand_to_the_right_by_steps_and_what_requires_it_to_the_left() -> None:
    edges = {"s:A": ["t:B", "t:C"], "t:C": ["u:D"], "v:E": ["s:A"], "w:F": ["v:E"]}

    assert columns(drawn(edges)) == [
        (-2, [["w:F"]]),
        (-1, [["v:E"]]),
        (0, [["s:A"]]),
        (1, [["B", "C"]]),
        (2, [["u:D"]]),
    ]


def test_a_circle_is_drawn_with_dashes_and_marked_at_each_name() -> None:
    graph = drawn({"s:A": ["t:B"], "t:B": ["u:C"], "u:C": ["s:A"]})
    picture = parsed(graph)

    assert columns(graph) == [(0, [["s:A"]]), (1, [["t:B"]]), (2, [["u:C"]])]
    assert [line.get("class") for line in picture.findall(f"{SVG}svg/{SVG}path")] == [
        "line arrow-line",
        *["line circle-line"] * 3,
    ]
    assert [text.text for text in picture.iter(f"{SVG}text") if "\u21bb" in str(text.text)] == [
        "s:A \u21bb",
        "t:B \u21bb",
        "u:C \u21bb",
    ]
    assert "In a circle: " in str(picture[0][1].text)


def test_a_reference_back_in_the_same_column_has_a_line() -> None:
    graph = drawn({"s:A": ["t:B", "u:C"], "t:B": ["u:C"]})

    assert graph.undrawn == 0
    assert len(graph.lines.paths) == 4


def test_a_reference_over_other_columns_goes_below_them() -> None:
    graph = drawn({"s:A": ["t:B"], "t:B": ["u:C"], "u:C": ["v:D"], "v:D": ["t:B"]})

    assert graph.lines.bottom > graph.places.bottom
    assert graph.undrawn == 0


@pytest.mark.parametrize("number", [1, 5, 30, 60, 61, 150])
@pytest.mark.parametrize("services", [1, 7])
def test_boxes_do_not_overlap_and_stand_within_the_picture(number: int, services: int) -> None:
    graph = drawn({**fan(number, services), "s:A": [f"t:Need{each}" for each in range(9)]})
    boxes = list(graph.boxes())

    assert [
        (one.lines, other.lines)
        for one, other in combinations(boxes, 2)
        if one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    ] == []
    assert all(
        box.x >= 0
        and box.y >= 0
        and box.x + box.width <= graph.places.width
        and box.y + box.height <= graph.lines.bottom
        for box in boxes
    )


@pytest.mark.parametrize(("number", "services"), [(5, 2), (120, 12), (145, 1), (150, 150)])
def test_up_to_150_lines_every_action_is_shown_by_name(number: int, services: int) -> None:
    graph = drawn(fan(number, services), **{f"Action{each}": "Write" for each in range(number)})

    assert graph.not_shown == 0
    assert len(links(parsed(graph))) == number


@pytest.mark.parametrize(("number", "services"), [(160, 3), (300, 40), (900, 300), (4_000, 500)])
def test_of_more_every_one_is_shown_or_counted(number: int, services: int) -> None:
    graph = drawn(fan(number, services), **{f"Action{each}": "Write" for each in range(number)})
    named = [address for _, address in links(parsed(graph)) if address.startswith("/action/")]
    lines = sum(len(box.lines) + (box.title is not None) for box in graph.boxes())

    assert len(named) + graph.not_shown == number
    assert graph.not_shown > 0
    assert lines <= MOST_LINES + 20


def test_a_service_with_many_says_how_many_more_and_leads_to_its_list() -> None:
    graph = drawn(fan(200, 2), **{f"Action{each}": "Write" for each in range(200)})
    more = [link for link in links(parsed(graph)) if link[1].startswith("#")]

    assert more == [
        ("and 27 more", "#required-by-service0"),
        ("and 27 more", "#required-by-service1"),
    ]


def test_of_very_many_services_each_has_one_line() -> None:
    graph = drawn(fan(240, 80), **{f"Action{each}": "Write" for each in range(240)})
    found = links(parsed(graph))

    assert found[0] == ("service0 · 3", "#required-by-service0")
    assert len(found) == 80


def test_services_without_room_are_one_last_line() -> None:
    graph = drawn(fan(300, 300), **{f"Action{each}": "Write" for each in range(300)})

    assert links(parsed(graph))[-1] == ("and 150 more of 150 services", "#required-by")


def test_names_that_are_too_long_lose_their_middle_and_keep_it_in_the_tooltip() -> None:
    name = "Describe" + "Very" * 20 + "LongNames"
    picture = parsed(drawn({"s:A": [f"t:{name}"]}, **{name: "List"}))
    link = next(picture.iter(f"{SVG}a"))

    assert link.attrib["aria-label"] == f"t:{name}"
    assert link[0].text == f"t:{name}"
    assert links(picture) == [
        ("DescribeVeryVeryVeryVeryVer…yVeryVeryLongNames", f"/action/t:{name}")
    ]


def test_names_are_high_enough_to_be_hit() -> None:
    picture = parsed(drawn(fan(5, 2), **{f"Action{each}": "Write" for each in range(5)}))
    heights = [float(rect.attrib["height"]) for rect in picture.findall(f"{SVG}a/{SVG}rect")]

    assert heights == [LINE] * 5
    assert LINE >= 24


def test_hostile_names_are_text() -> None:
    name = f"t:{HOSTILE}"
    picture = parsed(drawn({"s:A": [name, f"{HOSTILE}:B"]}, **{HOSTILE: "Write"}))
    words = [text.text for text in picture.iter(f"{SVG}text")]

    assert 't:</text><script>alert(1)</script>"\ufffd\ufffd\ufffd\ufffd' in words
    assert [each.tag for each in picture.iter() if "script" in each.tag] == []


def test_the_same_graph_is_the_same_picture() -> None:
    edges = {**fan(170, 9), "s:A": ["t:B"], "t:B": ["s:A"]}

    assert drawn(edges).svg(str) == drawn(edges).svg(str)


names = st.sampled_from([f"{prefix}:{letter}" for prefix in "stu" for letter in "ABCD"])
some_edges = st.dictionaries(names, st.lists(names, unique=True, max_size=4), max_size=12)


# Needed in four steps, which is too far to be drawn, and the action in one.
@example({"s:A": ["s:B"], "s:B": ["u:C"], "u:C": ["s:C"], "s:C": ["u:D"], "u:D": ["s:A"]})
@given(edges=some_edges)
def test_any_graph_is_drawn_with_every_action_in_sight(edges: dict[str, list[str]]) -> None:
    graph = graph_of(model(edges, **dict.fromkeys("ABCD", "Write")))
    if graph is None:
        return
    near = [
        node["action"]
        for node in [*graph.model["needs"], *graph.model["required_by"]]
        if node["steps"] <= 3
    ]
    shown = [address.removeprefix("/action/") for _, address in links(parsed(graph))]

    assert sorted(shown) == sorted(set(near))


@given(edges=some_edges)
def test_circles_are_what_leads_back_to_itself(edges: dict[str, list[str]]) -> None:
    edges = without_loops(edges)
    found = {name: set(reached_from(edges, name)) for name in {*edges, *backwards(edges)}}
    on_circle = {name for name, targets in found.items() if name in targets}
    circles = circles_of(edges)

    assert sorted(name for circle in circles for name in circle) == sorted(on_circle)
    assert all(found[one] & set(circle) == set(circle) for circle in circles for one in circle)


def reached_from(edges: Mapping[str, list[str]], start: str) -> Iterable[str]:
    """Everything that is reached in a step or more, *start* too where it is on a circle."""
    seen: set[str] = set()
    for name in (queue := list(edges.get(start, ()))):
        if name not in seen:
            seen.add(name)
            queue += edges.get(name, ())
    return seen
