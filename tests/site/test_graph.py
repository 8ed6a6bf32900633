"""The picture of what an action needs: what is drawn, where, and when there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iam_catalog.facts.overviews import circles_of
from iam_catalog.site.graph import LINE, MOST_LINES, WIDEST, Graph, graph_of

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
    """So many actions that `s:A` needs, of so many services."""
    return {"s:A": [f"service{each % services}:Action{each}" for each in range(number)]}


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
        (column.steps, [[line.text for line in box.lines] for box in column.boxes])
        for column in graph.places.columns
    ]


@pytest.mark.parametrize("edges", [{}, {"t:B": ["s:A"]}])
def test_an_action_that_needs_nothing_has_no_picture(edges: dict[str, list[str]]) -> None:
    assert graph_of(model(edges)) is None


def test_the_picture_is_an_image_with_a_title_and_a_description() -> None:
    picture = parsed(drawn({"s:A": ["t:B", "t:C"], "t:B": ["u:D"], "v:E": ["s:A"]}))
    image = picture[0]

    assert image.attrib == {"role": "img", "aria-labelledby": "graph-title graph-about"}
    assert [(each.attrib["id"], each.text) for each in image[:2]] == [
        ("graph-title", "What s:A needs"),
        ("graph-about", "s:A needs 2 actions and 1 more through them."),
    ]


def test_names_are_links_beside_the_image_and_not_within_it() -> None:
    picture = parsed(drawn({"s:A": ["t:B"], "v:E": ["s:A"]}, B="Read", E="Write"))

    assert links(picture) == [("t:B", "/action/t:B")]
    assert links(picture[0]) == []


def test_what_no_page_holds_leads_nowhere_and_has_a_question_mark() -> None:
    picture = parsed(drawn({"s:A": ["t:B"]}))

    assert links(picture) == []
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["Needs · 1", "s:A", "?", "t:B"]


def test_what_is_needed_is_drawn_by_steps_and_what_requires_it_is_not() -> None:
    edges = {"s:A": ["t:B", "t:C"], "t:C": ["u:D"], "v:E": ["s:A"], "w:F": ["v:E"]}

    assert columns(drawn(edges)) == [
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

    assert len(graph.paths) == 4


def test_a_reference_over_other_columns_goes_below_them() -> None:
    graph = drawn({"s:A": ["t:B"], "t:B": ["u:C"], "u:C": ["v:D"], "v:D": ["t:B"]})

    assert graph.bottom > graph.places.bottom


@pytest.mark.parametrize("number", [1, 5, 22])
@pytest.mark.parametrize("services", [1, 7])
def test_boxes_do_not_overlap_and_stand_within_the_picture(number: int, services: int) -> None:
    graph = drawn({**fan(number, services), "service0:Action0": ["t:Need", "s:A"]})
    boxes = graph.places.boxes

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
        and box.y + box.height <= graph.bottom
        for box in boxes
    )


@pytest.mark.parametrize(("number", "services"), [(5, 2), (29, 1), (30, 30), (20, 10)])
def test_what_is_no_wall_is_shown_by_name(number: int, services: int) -> None:
    graph = drawn(fan(number, services), **{f"Action{each}": "Write" for each in range(number)})

    assert len(links(parsed(graph))) == number


@pytest.mark.parametrize(("number", "services"), [(30, 1), (31, 31), (21, 10), (4_000, 500)])
def test_of_more_lines_there_is_no_picture(number: int, services: int) -> None:
    assert MOST_LINES == 30
    assert graph_of(model(fan(number, services))) is None


def test_what_is_needed_in_more_steps_than_can_be_drawn_has_no_picture() -> None:
    chain = {f"s:{one}": [f"s:{other}"] for one, other in ("AB", "BC", "CD", "DE")}
    near = {key: targets for key, targets in chain.items() if key != "s:D"}

    assert graph_of(model(chain)) is None
    assert graph_of(model(near)) is not None


def test_a_picture_that_would_be_unreadable_when_scaled_is_left_out() -> None:
    name = "service-with-a-long-prefix:DescribeThingsOfEverySort"
    wide = {name: [f"t:{name}"], f"t:{name}": [f"u:{name}"]}

    assert graph_of(model(wide, action=name)) is not None
    longer = {**wide, f"u:{name}": [f"{'v' * 160}:X", f"{'v' * 160}:Y"]}
    assert graph_of(model(longer, action=name)) is None
    assert WIDEST == 1400


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
    edges = {**fan(12, 5), "service1:Action1": ["s:A"]}

    assert drawn(edges).svg(str) == drawn(edges).svg(str)


names = st.sampled_from([f"{prefix}:{letter}" for prefix in "stu" for letter in "ABCD"])
some_edges = st.dictionaries(names, st.lists(names, unique=True, max_size=4), max_size=12)


# Needed in four steps, which is too far to be drawn.
@example({"s:A": ["s:B"], "s:B": ["u:C"], "u:C": ["s:C"], "s:C": ["u:D"], "u:D": ["s:A"]})
@given(edges=some_edges)
def test_any_graph_is_drawn_with_every_action_in_sight(edges: dict[str, list[str]]) -> None:
    graph = graph_of(model(edges, **dict.fromkeys("ABCD", "Write")))
    if graph is None:
        return
    needed = [node["action"] for node in graph.model["needs"]]
    shown = [address.removeprefix("/action/") for _, address in links(parsed(graph))]

    assert sorted(shown) == sorted(needed)


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
