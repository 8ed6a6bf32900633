"""How answers are printed, without a catalog."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from iam_catalog.cli.output import (
    flat,
    print_csv,
    print_names,
    print_record,
    print_records,
    print_table,
    printable,
)


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    required: bool
    note: str | None
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    whole: str
    count: int
    parts: tuple[Part, ...]


PARTS = (Part("shelf", True, None, ("a", "b")), Part("box", False, 'say "hi"', ()))
WHOLE = Whole("größe", 0, PARTS)


@pytest.mark.parametrize(
    ("form", "output"),
    [
        ("table", "s3:GetObject\niam:PassRole\n"),
        ("json", '[\n  "s3:GetObject",\n  "iam:PassRole"\n]\n'),
        ("jsonl", '"s3:GetObject"\n"iam:PassRole"\n'),
        ("csv", "action\ns3:GetObject\niam:PassRole\n"),
    ],
)
def test_names(capsys, form, output):
    print_names(["s3:GetObject", "iam:PassRole"], form, "action")

    assert capsys.readouterr() == (output, "")


@pytest.mark.parametrize(
    "names", [["s3:GetObject"], ["a", 'say "hi"'], ["back\\slash"], ["tab\t"], ["größe", ""], []]
)
def test_names_in_json_are_written_as_python_writes_them(capsys, names):
    print_names(names, "json", "action")

    assert capsys.readouterr().out == f"{json.dumps(names, indent=2, ensure_ascii=False)}\n"


@pytest.mark.parametrize(
    ("form", "output"),
    [("table", ""), ("json", "[]\n"), ("jsonl", ""), ("csv", "action\n")],
)
def test_no_names(capsys, form, output):
    print_names([], form, "action")

    assert capsys.readouterr() == (output, "")


@pytest.mark.parametrize(
    ("form", "output"),
    [
        ("table", 'name   note\nshelf\nbox    say "hi"\n'),
        (
            "json",
            """[
  {
    "name": "shelf",
    "required": true,
    "note": null,
    "keys": [
      "a",
      "b"
    ]
  },
  {
    "name": "box",
    "required": false,
    "note": "say \\"hi\\"",
    "keys": []
  }
]
""",
        ),
        (
            "jsonl",
            (
                '{"name": "shelf", "required": true, "note": null, "keys": ["a", "b"]}\n'
                '{"name": "box", "required": false, "note": "say \\"hi\\"", "keys": []}\n'
            ),
        ),
        ("csv", 'name,note\nshelf,\nbox,"say ""hi"""\n'),
    ],
)
def test_records(capsys, form, output):
    print_records(PARTS, form, ["name", "note"])

    assert capsys.readouterr() == (output, "")


@pytest.mark.parametrize(
    ("form", "output"),
    [
        (
            "table",
            (
                "whole  größe\n"
                "count  0\n"
                "parts  name shelf; required yes; keys a b\n"
                '       name box; required no; note say "hi"\n'
            ),
        ),
        (
            "jsonl",
            (
                '{"whole": "größe", "count": 0, "parts": ['
                '{"name": "shelf", "required": true, "note": null, "keys": ["a", "b"]}, '
                '{"name": "box", "required": false, "note": "say \\"hi\\"", "keys": []}]}\n'
            ),
        ),
        (
            "csv",
            (
                "whole,count,parts\n"
                'größe,0,"name shelf; required yes; keys a b name box; required no; '
                'note say ""hi"""\n'
            ),
        ),
    ],
)
def test_one_record(capsys, form, output):
    print_record(WHOLE, form)

    assert capsys.readouterr() == (output, "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ((), ""),
        (("a", "b"), "a b"),
        ({"a": None, "b": False, "c": (), "d": 0}, "b no; d 0"),
    ],
)
def test_a_value_as_a_cell(value, text):
    assert flat(value) == text


def test_nothing_printed_in_a_table_can_command_a_terminal(capsys):
    assert printable("a\x1b[31mb\tc\u202ed") == "a\ufffd[31mb\ufffdc\ufffdd"

    print_table([{"name": "\x1b]0;title\x07"}], ["name"])

    assert capsys.readouterr().out == "name\n\ufffd]0;title\ufffd\n"


def test_csv_is_what_no_terminal_and_no_spreadsheet_obeys(capsys):
    print_csv([{"name": "=1+1\x1b[31m", "note": "a, b"}], ["name", "note"])

    assert capsys.readouterr().out == 'name,note\n\'=1+1\\u001b[31m,"a, b"\n'


LONG = [
    {"action": "a:B", "description": "one two three four"},
    {"action": "a:C", "description": "five"},
]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            "30",
            [
                "action  description",
                "a:B     one two three four",
                "a:C     five",
            ],
        ),
        (
            "22",
            [
                "action  description",
                "a:B     one two three",
                "        four",
                "a:C     five",
            ],
        ),
        (
            "18",
            [
                "a:B",
                "  description  one",
                "               two",
                "               three",
                "               four",
                "a:C",
                "  description  five",
            ],
        ),
    ],
)
def test_a_table_fits_by_wrapping_or_as_blocks(capsys, monkeypatch, width, lines):
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setattr("iam_catalog.cli.output.is_terminal", lambda: True)
    print_table(LONG, ["action", "description"])

    assert capsys.readouterr().out.splitlines() == lines


def test_blocks_whose_first_cells_are_the_same_have_labels_and_blank_lines(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "10")
    monkeypatch.setattr("iam_catalog.cli.output.is_terminal", lambda: True)
    print_table([{"date": "2020-01-01", "name": "x"}, {"date": "2020-01-01", "name": ""}], NAMED)

    assert capsys.readouterr().out.splitlines() == [
        "date  2020-01-01",
        "name  x",
        "",
        "date  2020-01-01",
    ]


NAMED = ["date", "name"]


def test_a_record_fits_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr("iam_catalog.cli.output.is_terminal", lambda: True)
    print_record(Part("shelf", True, "one two three four", ("a", "b")), "table")

    assert capsys.readouterr().out.splitlines() == [
        "name      shelf",
        "required  yes",
        "note      one two",
        "          three four",
        "keys      a",
        "          b",
    ]


def test_a_table_that_nobody_looks_at_is_not_cut(capsys):
    print_table([{"name": "x" * 500}], ["name"])

    assert capsys.readouterr().out == f"name\n{'x' * 500}\n"
