"""How answers are printed, without a catalog."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from iam_catalog.cli.output import (
    flat,
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


def test_a_table_that_nobody_looks_at_is_not_cut(capsys):
    print_table([{"name": "x" * 500}], ["name"])

    assert capsys.readouterr().out == f"name\n{'x' * 500}\n"
