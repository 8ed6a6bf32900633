"""`accepted.json`: which problems may stand, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scraper.accepted import Acceptance, read_accepted, reason_for
from scraper.errors import SourceError
from scraper.problems import Problem

BLANK = Problem("list_orders.md", 9, "blank-access-level", "GetOrder has no access level")
DETACHED = Problem("list_orders.md", 9, "detached-rows", "a blank line stands …")

UNREADABLE = (
    " cannot be read: expected an object with a list 'problems' of objects, each with 'kind', "
    "'reason' and maybe 'page' ("
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accepted.json"


def refusal(path: Path) -> str:
    """What is said when the file is read."""
    with pytest.raises(SourceError) as caught:
        read_accepted(path)
    return str(caught.value)


def test_acceptances_keep_their_order(path: Path) -> None:
    listed = [
        {"kind": "blank-access-level", "page": "list_orders.md", "reason": "AWS left it blank."},
        {"kind": "lost-name", "reason": "The names are known from elsewhere."},
    ]
    path.write_text(json.dumps({"problems": listed}))

    assert read_accepted(path) == [
        Acceptance("blank-access-level", "list_orders.md", "AWS left it blank."),
        Acceptance("lost-name", None, "The names are known from elsewhere."),
    ]


def test_missing_file_accepts_nothing(path: Path) -> None:
    assert read_accepted(path) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "JSONDecodeError: "),
        ("{}", "KeyError: 'problems'"),
        ("[]", "TypeError: "),
        ('{"problems": [{"reason": "so"}]}', "KeyError: 'kind'"),
        ('{"problems": [{"kind": "lost-name"}]}', "KeyError: 'reason'"),
        ('{"problems": ["a"]}', "TypeError: "),
        ('{"problems": null}', "TypeError: "),
    ],
)
def test_another_form_is_refused(path: Path, text: str, found: str) -> None:
    path.write_text(text)

    assert refusal(path).startswith(f"{str(path)!r}{UNREADABLE}{found}")


def test_unknown_kind_is_refused(path: Path) -> None:
    path.write_text(json.dumps({"problems": [{"kind": "lost-nmae", "reason": "so"}]}))

    assert refusal(path) == f"{str(path)!r} accepts the unknown kind 'lost-nmae'."


@pytest.mark.parametrize("reason", ["", None])
def test_missing_reason_is_refused(path: Path, reason: str | None) -> None:
    path.write_text(json.dumps({"problems": [{"kind": "lost-name", "reason": reason}]}))

    assert refusal(path) == f"{str(path)!r} accepts 'lost-name' without a reason."


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": ["lost-name"]}, f"{UNREADABLE}TypeError: a kind that is not text)."),
        ({"page": 5}, f"{UNREADABLE}TypeError: a page that is not text)."),
        ({"reason": 5}, " accepts 'lost-name' without a reason."),
    ],
)
def test_field_that_is_no_text_is_refused(path: Path, wrong: dict[str, Any], message: str) -> None:
    fields = {"kind": "lost-name", "page": "list_orders.md", "reason": "so"}
    path.write_text(json.dumps({"problems": [{**fields, **wrong}]}))

    with pytest.raises(SourceError) as caught:
        read_accepted(path)
    assert str(caught.value) == f"{str(path)!r}{message}"


@pytest.mark.parametrize(
    ("acceptance", "covers"),
    [
        (Acceptance("blank-access-level", None, "so"), True),
        (Acceptance("blank-access-level", "list_orders.md", "so"), True),
        (Acceptance("blank-access-level", "list_boxes.md", "so"), False),
        (Acceptance("lost-name", "list_orders.md", "so"), False),
    ],
)
def test_acceptance_covers_a_kind_on_one_page_or_on_all(
    acceptance: Acceptance, covers: bool
) -> None:
    assert acceptance.covers(BLANK) is covers


def test_first_acceptance_gives_the_reason() -> None:
    accepted = [
        Acceptance("blank-access-level", "list_orders.md", "one page"),
        Acceptance("blank-access-level", None, "every page"),
    ]

    assert reason_for(BLANK, accepted) == "one page"


def test_kind_that_is_accepted_anyway_gives_its_meaning() -> None:
    assert reason_for(DETACHED, []) == "A blank line cuts rows off their table; they are read."


def test_own_reason_comes_before_the_meaning_of_the_kind() -> None:
    assert reason_for(DETACHED, [Acceptance("detached-rows", None, "looked at")]) == "looked at"


def test_problem_that_nobody_accepted_has_no_reason() -> None:
    assert reason_for(BLANK, [Acceptance("lost-name", None, "so")]) is None
