"""Damaged pages of every format: no traceback, no hang, and each row a record or an error.

`test_damage.py` says more of Markdown tables. Every mutation is drawn from a fixed seed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_texts import (
    Key,
    Op,
    Row,
    Service,
    Type,
    act,
    as_2026,
    as_bullets,
    as_html,
    as_json,
    as_table,
)

from scraper.formats.registry import parse_bytes, parse_text
from scraper.page.model import ServicePage

PAGES = Path(__file__).parent / "pages"
SERVICE = Service(
    [
        act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole"), Row("box")),
        act("GetOrder", "Read", Row("order*"), Row("order* box", scenario="By night")),
        act("DriveVan", "Permissions management, Write", permission_only=True),
    ],
    [Type("order", keys="orders:Size"), Type("box")],
    [Key("orders:Size"), Key("aws:TagKeys")],
    [Op("PutOrder", ("orders:PutOrder", ("iam:PassRole", "iam:Key", "a.b")), ("shop",))],
)
WRITERS = {"html": as_html, "2026": as_2026, "json": as_json, "bullets": as_bullets}
FORMATS = {
    "html": [path.read_text("utf-8") for path in sorted(PAGES.glob("*.html"))] + [as_html(SERVICE)],
    "2026": [path.read_text("utf-8") for path in sorted(PAGES.glob("*since-2026-*.md"))]
    + [as_2026(SERVICE)],
    "bullets": [path.read_text("utf-8") for path in sorted(PAGES.glob("*bullets*.md"))]
    + [as_bullets(SERVICE)],
    "json": [
        path.read_text("utf-8")
        for path in sorted(PAGES.glob("*json-*.json"))
        if not path.name.endswith(".expected.json")
    ]
    + [as_json(SERVICE)],
    "table": [as_table(SERVICE)],
}
SECONDS = 5.0
"""No page of a few kilobytes takes a hundredth of it."""


def checked(content: bytes) -> ServicePage:
    """The page in *content*: parsed in time, and without a row that is lost."""
    start = time.process_time()
    page = parse_bytes("page", content)
    counts = page.rows.values()

    assert time.process_time() - start < SECONDS
    assert [problem for problem in page.problems if problem.kind == "unaccounted-row"] == []
    assert [count for count in counts if count.found != count.recorded + count.in_error] == []
    assert page.format or page.problems
    return page


def stops_the_build(page: ServicePage) -> bool:
    return any(not problem.accepted for problem in page.problems)


# --- mutations of any text


def cut(text: str, data: st.DataObject) -> str:
    return text[: data.draw(st.integers(0, len(text)))]


def cut_out(text: str, data: st.DataObject) -> str:
    start = data.draw(st.integers(0, len(text)))
    return text[:start] + text[start + data.draw(st.integers(1, 300)) :]


def drop_lines(text: str, data: st.DataObject) -> str:
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        del lines[data.draw(st.integers(0, len(lines) - 1))]
        lines = lines or [""]
    return "\n".join(lines)


def double_lines(text: str, data: st.DataObject) -> str:
    lines = text.split("\n")
    start = data.draw(st.integers(0, len(lines) - 1))
    stop = data.draw(st.integers(start, min(len(lines), start + 6)))
    return "\n".join([*lines[:stop], *lines[start:]])


def shuffle_lines(text: str, data: st.DataObject) -> str:
    lines = text.split("\n")
    start = data.draw(st.integers(0, len(lines) - 1))
    stop = data.draw(st.integers(start, min(len(lines), start + 8)))
    middle = data.draw(st.permutations(lines[start:stop]))
    return "\n".join([*lines[:start], *middle, *lines[stop:]])


def change_words(text: str, data: st.DataObject) -> str:
    words = sorted(set(re.findall(r"[A-Za-z]+", text))) or [""]
    for _ in range(data.draw(st.integers(1, 3))):
        word = data.draw(st.sampled_from(words))
        other = data.draw(st.sampled_from([*words, "", "Colour", "a b", "[x](y)", "{", "<b>"]))
        text = re.sub(rf"\b{word}\b", lambda _, new=other: new, text, count=2) if word else text
    return text


def change_marks(text: str, data: st.DataObject) -> str:
    for _ in range(data.draw(st.integers(1, 6))):
        places = [place for place, letter in enumerate(text) if letter in "<>{}[]()|*`\"',:/-+#\n"]
        if places:
            place = data.draw(st.sampled_from(places))
            text = (
                text[:place]
                + data.draw(st.sampled_from(["", "|", "\n", "<", "**"]))
                + text[place + 1 :]
            )
    return text


def drop_tags(text: str, data: st.DataObject) -> str:
    for _ in range(data.draw(st.integers(1, 4))):
        tags = list(re.finditer(r"</?[a-z][^>]*>", text))
        if tags:
            tag = data.draw(st.sampled_from(tags))
            text = text[: tag.start()] + text[tag.end() :]
    return text


MUTATIONS = (
    cut,
    cut_out,
    drop_lines,
    double_lines,
    shuffle_lines,
    change_words,
    change_marks,
    drop_tags,
)


@pytest.mark.parametrize("mutate", MUTATIONS)
@pytest.mark.parametrize("form", FORMATS)
def test_no_damage_raises_hangs_or_loses_a_row(
    form: str, mutate: Callable[[str, st.DataObject], str]
) -> None:
    @settings(max_examples=25)
    @given(st.sampled_from(FORMATS[form]), st.data())
    def check(text: str, data: st.DataObject) -> None:
        checked(mutate(text, data).encode())

    check()


@settings(max_examples=100)
@given(
    st.sampled_from([text for texts in FORMATS.values() for text in texts]),
    st.lists(st.sampled_from(MUTATIONS), min_size=2, max_size=5),
    st.data(),
)
def test_no_damage_upon_damage_raises_hangs_or_loses_a_row(
    text: str, mutations: list[Callable[[str, st.DataObject], str]], data: st.DataObject
) -> None:
    for mutate in mutations:
        text = mutate(text, data)

    checked(text.encode())


@pytest.mark.parametrize("form", FORMATS)
def test_page_that_is_cut_between_two_bytes_raises_nothing(form: str) -> None:
    content = FORMATS[form][-1].encode() + "é".encode()
    for place in range(0, len(content), 7):
        checked(content[:place])

    assert stops_the_build(checked(content[:-1]))


@pytest.mark.parametrize("form", ["html", "json"])
def test_cut_stops_the_build(form: str) -> None:
    """Whatever opens is closed in these formats, so no cut inside goes unseen."""
    text = WRITERS[form](SERVICE)
    end = text.rindex("</table>") if form == "html" else len(text) - 1
    passed = [
        place for place in range(0, end, 3) if not stops_the_build(parse_text("page", text[:place]))
    ]

    assert passed == []


# --- JSON values


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside *value*."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(each for key, child in inside for each in paths(child, (*path, key)))]


ORDERS = json.loads(as_json(SERVICE))
PATHS = paths(ORDERS)[1:]
VALUES = (None, True, 0, -1.5, "", "text", "arn:", [], [None], [[]], {}, {"Name": None}, "x" * 9999)


def replaced(path: tuple[Any, ...], new: Any, *, drop: bool = False) -> str:
    value = json.loads(as_json(SERVICE))
    inside = value
    for key in path[:-1]:
        inside = inside[key]
    if drop:
        del inside[path[-1]]
    else:
        inside[path[-1]] = new
    return json.dumps(value)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_any_value_in_place_of_any_other_raises_nothing(path: tuple[Any, ...]) -> None:
    for new in VALUES:
        checked(replaced(path, new).encode())
    checked(replaced(path, None, drop=True).encode())


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"Name": ' * 50_000,
        '{"Name": "a", "Actions": ' + "[" * 50_000 + "]" * 50_000 + "}",
        "<div>" * 50_000,
        "<h1>Actions, resources, and condition keys for X</h1>" + "<table><tr><td>" * 5_000,
        "<" * 200_000,
        "<!--" * 50_000,
        "# Actions and Condition Context Keys for X\n" + "+ `" * 50_000,
        "# Actions, resources, and condition keys for X\n\n" + "- " * 20_000,
        "# Actions, resources, and condition keys for X\n\n" + "> " * 20_000,
        "# Actions, resources, and condition keys for X\n\n" + "[" * 20_000,
        "# Actions, resources, and condition keys for X\n\n" + "**a " * 20_000,
        "# Actions, resources, and condition keys for X\n\n|" + " a |" * 50_000,
        "# Actions, resources, and condition keys for X\n\n|" + " -" * 50_000,
    ],
    ids=lambda text: text[:60].replace("\n", " "),
)
def test_endless_nesting_and_repetition_is_refused_in_time(text: str) -> None:
    assert stops_the_build(checked(text.encode()))


# --- found by the mutations above


def test_two_tables_of_a_section_on_one_line_are_counted_row_by_row() -> None:
    """The heading between two tables of a line is lost."""
    text = (PAGES / "html-one-line.html").read_text("utf-8")

    checked(text.replace("<h2>Condition keys", "Condition keys").encode())


@pytest.mark.parametrize("name", ["since-2026-sdk-clients.md", "damaged-since-2026-lists.md"])
def test_pipe_in_the_label_of_an_item_loses_no_row(name: str) -> None:
    text = (PAGES / name).read_text("utf-8")

    checked(text.replace("\n- **", "\n- |*", 1).encode())


def test_table_row_that_joins_a_list_loses_no_row() -> None:
    text = (PAGES / "since-2026-sdk-clients.md").read_text("utf-8")
    start = text.index(" [iam:PassRole]")
    end = text.index("| Actions")

    checked((text[:start] + text[end:]).encode())
