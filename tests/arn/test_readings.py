"""ARNs that a template leaves open in part: what they can become."""

from __future__ import annotations

import pytest

from iam_catalog.arn.parts import is_settled, may_be_everything, readings
from iam_catalog.arn.pattern import FREE, is_open, opening, split_expressions, split_openings

ANY, NAME, ARN = opening("x"), opening("x", "name"), opening("x", "arn")
PART, WORD = opening("x", "part"), opening("x", "word")


def test_an_opening_is_split_from_the_text_around_it() -> None:
    pattern = f"a/{ANY}/${{aws:username}}{WORD}"

    assert split_openings(pattern) == [
        (None, "a/"),
        ("any", ANY),
        (None, "/${aws:username}"),
        ("word", WORD),
        (None, ""),
    ]
    assert is_open(pattern)
    assert not is_open("a/${aws:username}")


def test_a_brace_in_the_name_of_an_opening_does_not_end_it() -> None:
    pattern = opening('lookup({a = "b"}, "a")') + "/*"

    assert [kind for kind, _ in split_openings(pattern)] == [None, "any", None]


@pytest.mark.parametrize(
    ("text", "spans"),
    [("a${b}c", [(1, 5)]), ("${a${b}}${c}", [(0, 8), (8, 12)]), ("a${b", [(1, 4)]), ("$", [])],
)
def test_an_expression_of_a_template_has_pairs_of_braces(
    text: str, spans: list[tuple[int, int]]
) -> None:
    assert list(split_expressions(text)) == spans


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (f"arn:aws:s3:::{ANY}/*", [f"arn:aws:s3:::{FREE}/*"]),
        (
            f"arn:aws:sns:{ANY}:t",
            [f"arn:aws:sns:{':'.join([FREE] * number)}:t" for number in (1, 2, 3)],
        ),
        (f"{ARN}/*", [f"arn:{':'.join([FREE] * 5)}/*"]),
        (
            f"arn:aws:sns:{WORD}:{WORD}:t",
            [f"arn:aws:sns:{opening('', 'word')}:{opening('', 'word')}:t"],
        ),
        (f"no{ANY}", []),
    ],
)
def test_an_open_arn_can_be_taken_apart_in_several_ways(pattern: str, texts: list[str]) -> None:
    assert [each.text for each in readings(pattern)] == texts


def test_an_arn_with_many_openings_can_be_any() -> None:
    (arn,) = readings(f"arn:{ANY * 9}")

    assert arn.parts == (FREE,) * 5


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"arn:aws:s3:::{ANY}", True),
        (f"arn:{WORD}:sns:{PART}:{WORD}:{ANY}", True),
        (f"arn:aws:sns:{WORD}", True),
        (f"arn:aws:sns:{ANY}:{ANY}:t", False),
        (f"{ARN}/*", False),
    ],
)
def test_parts_are_known_where_openings_before_the_resource_have_no_colons(
    pattern: str, expected: bool
) -> None:
    assert is_settled(pattern) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [(ANY, True), (f"*{ANY}", True), (PART, True), (NAME, False), (ARN, False), (f"{ANY}/", False)],
)
def test_what_names_one_resource_is_not_everything(pattern: str, expected: bool) -> None:
    assert may_be_everything(pattern) is expected
