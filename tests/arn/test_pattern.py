"""What wildcards match, rule by rule, and against every short text."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.arn.pattern import covers, fold_stars, has_wildcard, matches, overlaps

Comparison = Callable[..., bool]

SHORT = st.text("ab*?", max_size=4)
TEXTS = ["".join(letters) for size in range(8) for letters in itertools.product("abz", repeat=size)]
"""Every text of up to seven letters; `z` stands for all that no pattern here names."""
FEW = TEXTS[:1093]
"""Those of up to six."""
LONG = 3_000


# --- IAM JSON policy elements: Action


@pytest.mark.parametrize(
    ("pattern", "action"),
    [
        ("iam:ListAccessKeys", "IAM:listaccesskeys"),
        ("s3:*", "s3:GetObject"),
        ("iam:*AccessKey*", "iam:CreateAccessKey"),
        ("iam:*AccessKey*", "iam:UpdateAccessKeys"),
        ("ec2:Describe?ags", "ec2:DescribeTags"),
        ("*", "s3:GetObject"),
    ],
)
def test_an_action_matches_without_case(pattern: str, action: str) -> None:
    assert matches(pattern, action, ignore_case=True)


def test_no_letter_but_those_of_the_alphabet_has_a_case() -> None:
    assert not matches("\N{KELVIN SIGN}ms:*", "kms:Encrypt", ignore_case=True)


# --- IAM JSON policy elements: Resource, Using wildcards in resource ARNs


def test_a_resource_matches_with_case() -> None:
    assert matches("arn:aws:iam::1:user/Bob", "arn:aws:iam::1:user/Bob")
    assert not matches("arn:aws:iam::1:user/Bob", "arn:aws:iam::1:user/bob")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("1/test/a.jpg", True),
        ("1/2/test/3/a.jpg", True),
        ("1///test///a.jpg", True),
        ("1/test/", True),
        ("/test/a.jpg", True),
        ("1-test/a.jpg", False),
        ("test/a.jpg", False),
    ],
)
def test_a_star_is_any_text_also_none_and_slashes_are_text(key: str, expected: bool) -> None:
    assert matches("arn:aws:s3:::bucket/*/test/*", f"arn:aws:s3:::bucket/{key}") is expected


def test_a_star_is_text_with_colons_too() -> None:
    assert matches("arn:aws:sns:*", "arn:aws:sns:us-east-1:111122223333:topic")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("example1bucket", True), ("examplebucket", False), ("example12bucket", False)],
)
def test_a_question_mark_is_exactly_one_character(text: str, expected: bool) -> None:
    assert matches("example?bucket", text) is expected


@pytest.mark.parametrize(
    ("pattern", "text"), [("s3:Get[O]bject", "s3:GetObject"), ("s3:Get.bject", "s3:GetObject")]
)
def test_nothing_else_is_a_wildcard(pattern: str, text: str) -> None:
    assert not matches(pattern, text)
    assert matches(pattern, pattern)


def test_a_line_break_is_a_character_like_others() -> None:
    assert matches("a?b*c", "a\nb\n\nc")


# --- IAM policy elements: Variables and tags


@pytest.mark.parametrize(("variable", "sign"), [("${*}", "*"), ("${?}", "?"), ("${$}", "$")])
def test_three_variables_are_the_signs_themselves(variable: str, sign: str) -> None:
    assert matches(f"a{variable}b", f"a{sign}b")
    assert not matches(f"a{variable}b", "axb")
    assert not has_wildcard(variable)


def test_any_other_variable_may_be_any_text() -> None:
    pattern = "bucket/${aws:PrincipalTag/team, 'company-wide'}/*"

    assert matches(pattern, "bucket/red/a")
    assert matches(pattern, "bucket//a")
    assert not matches(pattern, "bucket/a")
    assert overlaps(pattern, "*/red/*")
    assert has_wildcard(pattern)
    assert not has_wildcard("${aws:username}")


def test_a_dollar_or_an_open_brace_alone_is_text() -> None:
    assert matches("$5 ${", "$5 ${")


def test_a_variable_covers_itself_and_nothing_else() -> None:
    assert covers("home/${aws:username}/*", "home/${aws:username}/notes")
    assert not covers("home/${aws:username}/*", "home/bob/*")
    assert not covers("home/${aws:username}/*", "home/${aws:userid}/*")
    assert covers("home/*", "home/${aws:username}")
    assert not covers("home/?", "home/${aws:username}")


# --- against every short text


def language(pattern: str) -> set[str]:
    """The texts that a pattern matches, by following every way."""

    def fits(rest: str, text: str) -> bool:
        if not rest:
            return not text
        if rest[0] == "*":
            return any(fits(rest[1:], text[place:]) for place in range(len(text) + 1))
        return bool(text) and rest[0] in ("?", text[0]) and fits(rest[1:], text[1:])

    return {text for text in FEW if fits(pattern, text)}


@given(SHORT)
def test_a_pattern_matches_the_texts_that_its_signs_say(pattern: str) -> None:
    expected = language(pattern)

    assert {text for text in FEW if matches(pattern, text)} == expected


@given(SHORT, SHORT)
def test_patterns_overlap_where_a_text_matches_both(first: str, second: str) -> None:
    common = any(matches(first, text) and matches(second, text) for text in TEXTS)

    assert overlaps(first, second) is common
    assert overlaps(second, first) is common


@given(SHORT, SHORT)
def test_a_pattern_covers_another_that_matches_nothing_else(general: str, special: str) -> None:
    expected = all(matches(general, text) for text in TEXTS if matches(special, text))

    assert covers(general, special) is expected


@pytest.mark.parametrize("compare", [matches, overlaps, covers])
def test_case_counts_only_where_it_is_asked_for(compare: Comparison) -> None:
    assert not compare("S3:get*", "s3:GetObject")
    assert compare("S3:get*", "s3:GetObject", ignore_case=True)


@pytest.mark.parametrize(
    ("text", "folded"), [("a**b***", "a*b*"), ("*" * 3_000, "*"), ("*?*", "*?*"), ("ab", "ab")]
)
def test_a_run_of_stars_is_one(text: str, folded: str) -> None:
    assert fold_stars(text) == folded


# --- patterns that make others slow


@pytest.mark.parametrize("compare", [matches, overlaps, covers])
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * LONG + "*b", "a" * (2 * LONG)),
        ("*" + "a?" * LONG + "b*", "a" * (4 * LONG)),
        ("*a" * LONG + "*b", "*a" * LONG + "*c"),
        ("*a?b" * 300, "*b?a" * 300),
        ("?*" * LONG + "b", "*?" * LONG + "c"),
        ("${x}a" * LONG + "b", "a" * LONG),
    ],
)
def test_every_pattern_is_compared(compare: Comparison, pattern: str, text: str) -> None:
    """None of these would end if ways were followed one by one."""
    assert compare(pattern, text) in (True, False)


def test_texts_that_are_too_long_to_compare_get_the_careful_answer() -> None:
    first, second = "*a" * 50_000, "*b" * 50_000

    assert overlaps(first, second)
    assert not covers(first, second)
