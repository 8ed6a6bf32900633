"""Cells of AWS's tables -> values."""

from __future__ import annotations

import pytest

from scraper.page.cells import (
    Name,
    mend_links,
    read_access_levels,
    read_arn_formats,
    read_dependent_actions,
    read_keys,
    read_name,
    read_starred_names,
)
from scraper.page.tables import Cell, Piece, make_cell

URL = "https://docs.example.com/API_GetOrder.html"


def plain(text: str) -> Cell:
    return make_cell([Piece(text)])


def linked(*pieces: tuple[str, str | None]) -> Cell:
    return make_cell([Piece(text, url) for text, url in pieces])


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (plain("  GetOrder  "), Name("GetOrder", None)),
        (linked((" GetOrder ", URL)), Name("GetOrder", URL)),
        (linked(("GetOrder", "")), Name("GetOrder", None)),
        (plain("GetOrder [permission only]"), Name("GetOrder", None, True)),
        (plain("GetOrder [Permission Only]"), Name("GetOrder", None, True)),
        (linked(("GetOrder", URL), (" [permission only]", None)), Name("GetOrder", URL, True)),
        (plain("order version"), Name("order version", None)),
        (
            mend_links(plain("[ GetOrder ](https://docs.example.com/API_ GetOrder.html)")),
            Name("GetOrder", "https://docs.example.com/API_ GetOrder.html"),
        ),
        (
            mend_links(plain("[ GetOrder ](https://a b) [permission only]")),
            Name("GetOrder", "https://a b", True),
        ),
        (plain(""), Name(None, None, False, "no-name")),
        pytest.param(
            linked(("", URL)),
            Name(None, URL, False, "no-name"),
        ),
        (plain("[permission only]"), Name(None, None, True, "no-name")),
        (linked((URL, URL)), Name(None, URL, False, "lost-name")),
        (plain(URL), Name(None, None, False, "lost-name")),
        (
            linked(("API_GetOrder.html", "API_GetOrder.html")),
            Name(None, "API_GetOrder.html", False, "lost-name"),
        ),
        (plain("${DocRoot}/API_GetOrder.html"), Name(None, None, False, "lost-name")),
        (plain("{DocRoot}/API_GetOrder.html"), Name(None, None, False, "lost-name")),
    ],
)
def test_name_is_read_with_its_link_and_mark(cell: Cell, name: Name) -> None:
    assert read_name(cell) == name


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("", ()),
        ("Read", ("Read",)),
        ("Permissions management", ("Permissions management",)),
        ("Read Write", ("Read", "Write")),
        ("Write Read List", ("Write", "Read", "List")),
        ("Tagging, Write", ("Tagging", "Write")),
        ("Write,Permissions management", ("Write", "Permissions management")),
        ("read", None),
        ("Reads", None),
        ("Permissions", None),
        ("Read Wrote", None),
        ("Read,", None),
        ("ReadWrite", None),
    ],
)
def test_access_levels_are_aws_words_in_the_order_of_the_cell(
    text: str, levels: tuple[str, ...] | None
) -> None:
    assert read_access_levels(plain(text)) == levels


@pytest.mark.parametrize(
    ("cell", "types"),
    [
        (plain(""), []),
        (plain("order"), [("order", False)]),
        (plain("order*"), [("order", True)]),
        (plain("order *"), [("order", True)]),
        (plain("order version*"), [("order version", True)]),
        (plain("order* box*"), [("order", True), ("box", True)]),
        (linked((" order* ", "#order")), [("order", True)]),
        (linked(("order", "#order"), ("*", None)), [("order", True)]),
        (
            linked(("order*", "#order"), ("   ", None), ("box", "#box")),
            [("order", True), ("box", False)],
        ),
        (
            linked(("order", "#order"), (" ", None), ("box", "#box"), (" * ", None)),
            [("order", False), ("box", True)],
        ),
        (
            linked(("order version", "#v"), ("box", "#b")),
            [("order version", False), ("box", False)],
        ),
    ],
)
def test_star_makes_a_resource_type_required(cell: Cell, types: list[tuple[str, bool]]) -> None:
    assert read_starred_names(cell) == types


@pytest.mark.parametrize(
    ("cell", "types"),
    [
        (linked(("", "#order")), [("", False)]),
        (plain("*"), [("", True)]),
        (linked(("*", "#order")), [("", True)]),
    ],
)
def test_star_without_a_name_is_told_so_that_its_row_is_an_error(
    cell: Cell, types: list[tuple[str, bool]]
) -> None:
    assert read_starred_names(cell) == types


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        (plain(""), ()),
        (plain("orders:Channel"), ("orders:Channel",)),
        (
            plain("orders:Channel   aws:RequestTag/${TagKey}"),
            ("orders:Channel", "aws:RequestTag/${TagKey}"),
        ),
        (linked(("\u00a0orders:Channel ", "#c")), ("orders:Channel",)),
        (
            linked(("events: detail.type", "#t"), (" ", None), ("orders:Channel", "#c")),
            ("events: detail.type", "orders:Channel"),
        ),
        (
            linked(("orders:Channel", "#c"), (" orders:Size ", None)),
            ("orders:Channel", "orders:Size"),
        ),
    ],
)
def test_link_is_one_key_and_plain_text_is_split_at_blanks(
    cell: Cell, keys: tuple[str, ...]
) -> None:
    assert read_keys(cell) == keys


def test_dependent_actions_are_split_at_any_white_space() -> None:
    cell = plain("iam:PassRole   kms:CreateGrant\u00a0s3:GetObject")

    assert read_dependent_actions(cell) == ("iam:PassRole", "kms:CreateGrant", "s3:GetObject")


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("", ()),
        ("arn:${Partition}:a:::b/${C:D}", ("arn:${Partition}:a:::b/${C:D}",)),
        ("arn:p:a:::b/c arn:p:a:::d/e", ("arn:p:a:::b/c", "arn:p:a:::d/e")),
        ("arn:p:a:::b/c, arn:p:a:::d/e", ("arn:p:a:::b/c", "arn:p:a:::d/e")),
        ("arn:p:a:::c: a b", ("arn:p:a:::c: a b",)),
    ],
)
def test_each_arn_of_a_cell_is_a_format(text: str, formats: tuple[str, ...]) -> None:
    assert read_arn_formats(plain(text)) == formats
