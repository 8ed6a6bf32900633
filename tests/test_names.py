"""How AWS writes names: actions, access levels and ARN formats."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iam_catalog.errors import MalformedActionName, UnknownAccessLevel
from iam_catalog.names import (
    ACCESS_LEVELS,
    PRIMARY_ORDER,
    match_access_level,
    name_words,
    primary_access_level,
    split_action_name,
    split_arn_format,
)

LETTERS = string.ascii_letters + string.digits
PREFIXES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
VARIABLES = st.from_regex(r"\$\{[A-Za-z:]{1,12}\}", fullmatch=True)
PARTS = st.lists(st.one_of(VARIABLES, st.text(LETTERS + "-/*<>[]", max_size=8)), max_size=3)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("connect:CreateInstance", ("connect", "CreateInstance")),
        ("  execute-api:Invoke\n", ("execute-api", "Invoke")),
        ("S3:getobject", ("S3", "getobject")),
        ("x:under_score.dot-dash", ("x", "under_score.dot-dash")),
    ],
)
def test_action_name_is_split_without_a_change_of_case(text: str, parts: tuple[str, str]) -> None:
    assert split_action_name(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "connect",
        ":",
        "connect:",
        ":CreateInstance",
        "a:b:c",
        "a b:c",
        "a: b",
        "s3:*",
        "s3:Get?",
    ],
)
def test_text_that_is_no_action_name_is_refused(text: str) -> None:
    with pytest.raises(MalformedActionName) as caught:
        split_action_name(text)

    assert caught.value.text == text
    assert str(caught.value) == (
        f"{text!r} is not an action name: write prefix:Name, for example 's3:GetObject'."
    )


@given(PREFIXES, NAMES)
def test_every_prefix_and_name_come_back(prefix: str, name: str) -> None:
    assert split_action_name(f"{prefix}:{name}") == (prefix, name)


@given(st.text(max_size=30))
def test_any_text_is_split_whole_or_refused(text: str) -> None:
    parts: tuple[str, ...] = ()
    with suppress(MalformedActionName):
        parts = split_action_name(text)

    assert parts == () or (all(parts) and ":".join(parts) == text.strip())


@pytest.mark.parametrize("level", ACCESS_LEVELS)
def test_access_level_is_known_in_any_case(level: str) -> None:
    assert [match_access_level(word) for word in (level, level.upper(), f" {level.lower()} ")] == [
        level
    ] * 3


def test_word_that_is_no_access_level_is_refused() -> None:
    with pytest.raises(UnknownAccessLevel) as caught:
        match_access_level("Delete")

    assert str(caught.value) == (
        "'Delete' is not an access level: "
        "use one of List, Read, Write, Permissions management, Tagging."
    )


@pytest.mark.parametrize(
    ("levels", "primary"),
    [
        ([], None),
        (["Read", "Write"], "Read"),
        (["List", "Read", "Write"], "List"),
        (["Write", "Tagging"], "Tagging"),
        (["Tagging", "Permissions management"], "Permissions management"),
    ],
)
def test_one_level_stands_for_the_set(levels: list[str], primary: str | None) -> None:
    assert primary_access_level(levels) == primary


@given(st.lists(st.sampled_from(ACCESS_LEVELS), min_size=1))
def test_order_and_repeats_do_not_change_the_primary_level(levels: list[str]) -> None:
    assert primary_access_level(levels) == min(levels, key=PRIMARY_ORDER.index)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CreateInstance", "create instance"),
        ("connect:CreateInstance", "connect create instance"),
        ("CreateDBInstance", "create db instance"),
        ("ListACLs", "list acls"),
        ("GetS3Object", "get s3 object"),
        ("uploadFiles", "upload files"),
        ("aws:RequestTag/${TagKey}", "aws request tag tag key"),
        ("origin_endpoints", "origin endpoints"),
        ("function version", "function version"),
        ("", ""),
        ("-:/", ""),
    ],
)
def test_words_begin_at_capitals_and_signs(name: str, words: str) -> None:
    assert name_words(name) == words


@given(st.text(LETTERS + "-_.:/${} ", max_size=40))
@example("ACLs")
@example("ACLsAB")
def test_words_hold_every_letter_and_digit_once_in_order(name: str) -> None:
    letters = "".join(letter for letter in name if letter.isalnum()).lower()

    assert name_words(name).replace(" ", "") == letters


@given(st.text(LETTERS + "-_.:/${} ", max_size=40))
def test_words_are_words_of_themselves(name: str) -> None:
    words = name_words(name)

    assert (name_words(words), " ".join(words.split())) == (words, words)


@pytest.mark.parametrize(
    ("arn_format", "parts"),
    [
        (
            "arn:${Partition}:connect::${Account}:instance/${InstanceId}",
            ("${Partition}", "connect", "", "${Account}", "instance/${InstanceId}"),
        ),
        (
            "arn:${Partition}:ssm:${Region}:${Account}:run/${Name:Version}",
            ("${Partition}", "ssm", "${Region}", "${Account}", "run/${Name:Version}"),
        ),
        (
            "arn:${Partition}:ssm:${Region:X}:${Account}:run/a:b",
            ("${Partition}", "ssm", "${Region:X}", "${Account}", "run/a:b"),
        ),
        (
            "arn:${Partition}:ecs:r:a:task/${Family:${Revision}",
            ("${Partition}", "ecs", "r", "a", "task/${Family:${Revision}"),
        ),
        ("arn:aws:s3:::*", ("aws", "s3", "", "", "*")),
        ("arn:}p:a:b:c:d", ("}p", "a", "b", "c", "d")),
        ("arn:aws:s3::x", None),
        ("ARN:aws:s3:::x", None),
        ("*", None),
        ("", None),
    ],
)
def test_colons_inside_braces_do_not_separate(
    arn_format: str, parts: tuple[str, ...] | None
) -> None:
    assert split_arn_format(arn_format) == parts


@given(PARTS, PARTS, PARTS, PARTS, st.lists(PARTS, min_size=1, max_size=3))
def test_every_arn_comes_back_in_its_parts(
    partition: list[str],
    service: list[str],
    region: list[str],
    account: list[str],
    resource: list[list[str]],
) -> None:
    heads = tuple("".join(part) for part in (partition, service, region, account))
    tail = ":".join("".join(part) for part in resource)

    assert split_arn_format(":".join(("arn", *heads, tail))) == (*heads, tail)


@given(st.text("arn:${}/x", max_size=40))
def test_no_letter_of_an_arn_is_lost(text: str) -> None:
    parts = split_arn_format(text)

    assert parts is None or ":".join(("arn", *parts)) == text
