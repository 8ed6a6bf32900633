"""Texts as every front door writes them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.words import csv_text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "\\u000dx"),
        ("\uff1dx", "'\uff1dx"),
        ("'=x", "''=x"),
        ("'x'", "'x'"),
        ("'", "'"),
        (" x ", " x "),
        ("a=b", "a=b"),
        ("*", "*"),
        ("arn:${Partition}:s3:::${Bucket}", "arn:${Partition}:s3:::${Bucket}"),
        ("a\x1b[31mb\u202ec", "a\\u001b[31mb\\u202ec"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\\u001b", "\\u005cu001b"),
        ("\\d", "\\d"),
    ],
)
def test_no_cell_is_computed_by_a_spreadsheet_or_obeyed_by_a_terminal(
    text: str, written: str
) -> None:
    assert csv_text(text) == written


@given(st.text(st.sampled_from("=+-@'\\ux1b\t\n\r\x1b\u202e\U000e0041\uff0b")))
def test_what_a_cell_is_written_as_can_be_undone(text: str) -> None:
    written = csv_text(text)

    assert not re.match("[=+\\-@\t\n\r\uff0b]|\x1b", written)
    assert written.replace("\n", "").replace("\t", "").isprintable()
    assert undone(written) == text


def undone(written: str) -> str:
    """Read a cell as docs/command-line.md says."""
    text = re.sub("^'(?='*[=+\\-@\t\n\uff1d\uff0b\uff0d\uff20])", "", written)
    escaped = r"(?:\\u[0-9a-f]{4})+"
    return re.sub(escaped, lambda found: json.loads(f'"{found[0]}"'), text)
