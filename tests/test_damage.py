"""Damaged pages: whatever happens to a file, no row is lost without a word.

The pages are those of the project and the sound ones under `pages/`. Every mutation is drawn
from a fixed seed, so that each run tries the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from examples import CHANNEL, GET_ORDER, page_text
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.formats.registry import parse_bytes, parse_text
from scraper.page.model import ServicePage

TESTS = Path(__file__).parent
PUBLISHED = sorted((TESTS.parent / "data" / "service-authorization").glob("list_*.md"))
OWN = sorted(path for path in (TESTS / "pages").glob("*.md") if path.name != "README.md")
DELIMITER_ROW = re.compile(r"[\s|:-]*-[\s|:-]*")


def stops_the_build(page: ServicePage) -> bool:
    return any(not problem.accepted for problem in page.problems)


def is_sound(content: bytes) -> bool:
    return not stops_the_build(parse_bytes("page.md", content))


PAGES = {path.stem: path.read_bytes() for path in (*PUBLISHED, *OWN)}
SOUND = {
    name: content
    for name, content in PAGES.items()
    if is_sound(content) and not name.startswith("damaged-")
}
CONTENTS = st.sampled_from(list(PAGES.values()))
SOUND_CONTENTS = st.sampled_from(list(SOUND.values()))


def is_row_line(line: str) -> bool:
    """The line begins like a row or a header of a table."""
    return line.lstrip().startswith("|")


def is_delimiter_row(line: str) -> bool:
    return DELIMITER_ROW.fullmatch(line.strip()) is not None


def body_rows(text: str) -> list[int]:
    """The indices of the lines that hold rows of tables."""
    lines = text.split("\n")
    headers = {index - 1 for index, line in enumerate(lines) if is_delimiter_row(line)}
    return [
        index
        for index, line in enumerate(lines)
        if is_row_line(line) and not is_delimiter_row(line) and index not in headers
    ]


# --- mutations: each takes the bytes of a page and a source of decisions


def cut(content: bytes, data: st.DataObject) -> bytes:
    return content[: data.draw(st.integers(0, len(content)))]


def cut_out(content: bytes, data: st.DataObject) -> bytes:
    start = data.draw(st.integers(0, len(content)))
    return content[:start] + content[start + data.draw(st.integers(1, 400)) :]


def flip_byte(content: bytes, data: st.DataObject) -> bytes:
    if not content:
        return content
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.sampled_from(b"|\n\r\\`[]<#-* \x00\xff") | st.integers(0, 255))
    return content[:place] + bytes([byte]) + content[place + 1 :]


def drop_line(content: bytes, data: st.DataObject) -> bytes:
    lines = content.split(b"\n")
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    return b"\n".join(lines)


def repeat_line(content: bytes, data: st.DataObject) -> bytes:
    lines = content.split(b"\n")
    lines.insert(
        data.draw(st.integers(0, len(lines))), lines[data.draw(st.integers(0, len(lines) - 1))]
    )
    return b"\n".join(lines)


def insert_line(content: bytes, data: st.DataObject) -> bytes:
    lines = content.split(b"\n")
    line = data.draw(st.sampled_from([b"", b"Text", b"# A", b"***", b"+ a", b"    a", b"| --- |"]))
    lines.insert(data.draw(st.integers(1, len(lines))), line)
    return b"\n".join(lines)


def shuffle_lines(content: bytes, data: st.DataObject) -> bytes:
    first, *lines = content.split(b"\n")
    start = data.draw(st.integers(0, len(lines)))
    stop = data.draw(st.integers(start, min(len(lines), start + 8)))
    return b"\n".join([first, *lines[:start], *reversed(lines[start:stop]), *lines[stop:]])


def drop_pipes(content: bytes, data: st.DataObject) -> bytes:
    for _ in range(data.draw(st.integers(1, 8))):
        pipes = [place for place, byte in enumerate(content) if byte == ord("|")]
        if pipes:
            place = data.draw(st.sampled_from(pipes))
            content = content[:place] + content[place + 1 :]
    return content


def recode(content: bytes, data: st.DataObject) -> bytes:
    codec = data.draw(st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "cp1252", "cp037"]))
    return content.decode("utf-8", "replace").encode(codec, "replace")


MUTATIONS: tuple[Callable[[bytes, st.DataObject], bytes], ...] = (
    cut,
    cut_out,
    flip_byte,
    drop_line,
    repeat_line,
    insert_line,
    shuffle_lines,
    drop_pipes,
    recode,
)


def check_conservation(page: ServicePage, content: bytes) -> None:
    """Every row is a record or an error, and every line that begins like a row was found."""
    assert [p for p in page.problems if p.kind == "unaccounted-row"] == []
    counts = page.rows.values()
    assert [count for count in counts if count.found != count.recorded + count.in_error] == []
    if page.format is None:
        assert stops_the_build(page)
        return
    lines = re.split(r"\r\n|\r|\n", content.decode("utf-8-sig"))
    delimiters = sum(map(is_delimiter_row, lines))
    rows = sum(is_row_line(line) and not is_delimiter_row(line) for line in lines)
    assert rows - delimiters <= sum(count.found for count in counts)


@pytest.mark.parametrize("mutate", MUTATIONS)
def test_no_damage_raises_or_loses_a_row(
    mutate: Callable[[bytes, st.DataObject], bytes],
) -> None:
    @settings(max_examples=60)
    @given(CONTENTS, st.data())
    def check(content: bytes, data: st.DataObject) -> None:
        damaged = mutate(content, data)
        check_conservation(parse_bytes("page.md", damaged), damaged)

    check()


@settings(max_examples=150)
@given(CONTENTS, st.lists(st.sampled_from(MUTATIONS), min_size=2, max_size=4), st.data())
def test_no_damage_upon_damage_raises_or_loses_a_row(
    content: bytes,
    mutations: list[Callable[[bytes, st.DataObject], bytes]],
    data: st.DataObject,
) -> None:
    for mutate in mutations:
        content = mutate(content, data)

    check_conservation(parse_bytes("page.md", content), content)


@given(st.binary(max_size=400) | st.text("|-\n #*[]()<>`\\a:", max_size=400).map(str.encode))
def test_no_bytes_raise(content: bytes) -> None:
    page = parse_bytes("page.md", content)

    assert (page.format, stops_the_build(page)) == (None, True)


def check_cut(content: bytes, place: int) -> None:
    """A cut page stops the build, unless it ends between two rows of its last table or later."""
    whole, page = parse_bytes("page.md", content), parse_bytes("page.md", content[:place])
    keys = page.condition_keys
    assert stops_the_build(page) or (
        (page.actions, page.resource_types, page.states)
        == (whole.actions, whole.resource_types, whole.states)
        and keys == whole.condition_keys[: len(keys)]
    )


@settings(max_examples=250)
@given(SOUND_CONTENTS, st.data())
def test_cut_stops_the_build(content: bytes, data: st.DataObject) -> None:
    check_cut(content, data.draw(st.integers(0, len(content) - 1)))


@pytest.mark.parametrize("name", ["ordinary", "action-table-left-out"])
def test_cut_behind_any_word_or_pipe_stops_the_build(name: str) -> None:
    content = SOUND[name]
    for found in re.finditer(rb"(?<=[|\w])(?=\W)", content):
        check_cut(content, found.start())


def test_cut_behind_the_last_header_stops_the_build() -> None:
    text = page_text(condition_keys=[CHANNEL])

    assert stops_the_build(parse_text("page.md", text[: text.index(CHANNEL)]))


EXCEPTIONS = (
    "blank-line-before-first-row",  # a row can lose its first pipe and with it its table
    "blank-line-in-table",
    "continuation-and-scenario-rows",  # a row of five cells can become one of three
    "escaped-pipe",  # a pipe that ends no cell
)
WITH_ROWS = {
    name: content
    for name, content in SOUND.items()
    if body_rows(content.decode()) and name not in EXCEPTIONS
}
"""Pages in which each pipe of each row matters."""


@settings(max_examples=250)
@given(st.sampled_from(list(WITH_ROWS.values())), st.data())
def test_row_that_lost_one_or_two_pipes_stops_the_build(
    content: bytes, data: st.DataObject
) -> None:
    lines = content.decode().split("\n")
    row = data.draw(st.sampled_from(body_rows(content.decode())))
    for _ in range(data.draw(st.integers(1, 2))):
        pipes = [place for place, letter in enumerate(lines[row]) if letter == "|"]
        place = data.draw(st.sampled_from(pipes))
        lines[row] = lines[row][:place] + lines[row][place + 1 :]

    assert stops_the_build(parse_text("page.md", "\n".join(lines)))


def test_row_that_lost_three_pipes_stops_the_build() -> None:
    text = page_text(actions=[GET_ORDER, r"|   PutOrder  | Makes an order\. Write |  | "])

    assert stops_the_build(parse_text("page.md", text))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([GET_ORDER, "    PutOrder  | Makes | Write |  |  |  | "], id="taken for code"),
        pytest.param([GET_ORDER, "", "PutOrder  | Makes | Write |  |  |  | "], id="detached"),
    ],
)
def test_row_that_lost_its_first_pipe_stops_the_build(rows: list[str]) -> None:
    assert stops_the_build(parse_text("page.md", page_text(actions=rows)))


@settings(max_examples=60)
@given(st.sampled_from(list(WITH_ROWS.values())), st.data())
def test_changed_word_of_a_header_stops_the_build(content: bytes, data: st.DataObject) -> None:
    lines = content.decode().split("\n")
    headers = [number - 1 for number, line in enumerate(lines) if re.match(r"\| ---", line)]
    index = data.draw(st.sampled_from(headers))
    word = data.draw(st.sampled_from(re.findall(r"[A-Za-z]+", lines[index])))
    lines[index] = re.sub(rf"\b{word}\b", "Colour", lines[index], count=1)

    assert stops_the_build(parse_text("page.md", "\n".join(lines)))


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "cp037"])
def test_page_in_another_encoding_is_no_page(name: str, codec: str) -> None:
    page = parse_bytes("page.md", SOUND[name].decode().encode(codec, "replace"))

    assert (page.format, stops_the_build(page)) == (None, True)
