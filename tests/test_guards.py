"""What guards say, and how what they see is accepted: for a run, or for good and no further."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scraper.accepted import read_accepted_guards
from scraper.errors import SourceError
from scraper.guards.base import Trip, emptied, shrank_in
from scraper.guards.registry import (
    GUARDS,
    Allowance,
    GuardAcceptance,
    acceptance_entry,
    guard_lines,
    seen,
    trip_lines,
)

SHRANK = Trip(
    "page-shrank",
    "connect: actions: 181 on connect@2026-11-22, 363 on connect@2026-11-01",
    "connect",
    "connect",
    "actions",
    363,
    181,
    ("connect:A", "connect:B", "connect:C", "connect:D"),
)
ACCEPTED = GuardAcceptance(
    "page-shrank", "AWS withdrew them.", "connect", "connect", "actions", 363, 181
)
SENTINEL = Trip(
    "sentinel-gone", "s3: it no longer says so.", "s3", names=("s3:GetObject is an action",)
)
UNREADABLE = (
    " cannot be read: expected in 'guards' objects as a refused build prints them, each "
    "with a 'reason' ({})."
)


# --- thresholds


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        (100, 90, False),
        (100, 89, True),
        (5, 3, False),
        (5, 2, True),
        (29, 26, True),
        (30, 27, False),
    ],
)
def test_more_than_a_tenth_is_too_much_from_three_on(was: int, now: int, found: bool) -> None:
    assert shrank_in(was, now, 1, "actions") is found


@pytest.mark.parametrize(
    ("what", "was", "now", "found"),
    [
        ("actions", 134, 115, False),
        ("actions", 100, 78, False),
        ("actions", 100, 77, True),
        ("resource types", 11, 5, False),
        ("resource types", 11, 4, True),
    ],
)
def test_more_may_go_in_a_month(what: str, was: int, now: int, found: bool) -> None:
    assert shrank_in(was, now, 30, what) is found
    assert shrank_in(was, now, 1, "actions")


@pytest.mark.parametrize(("was", "now"), [(0, 0), (5, 5), (5, 9)])
def test_what_did_not_get_less_did_not_shrink(was: int, now: int) -> None:
    assert (shrank_in(was, now, 1, "actions"), emptied(was, now)) == (False, False)


def test_the_last_one_that_goes_leaves_nothing() -> None:
    assert (emptied(1, 0), emptied(0, 0), emptied(2, 1)) == (True, False, False)


# --- acceptance


def test_nothing_is_accepted_unless_somebody_says_so() -> None:
    assert Allowance().reason(SHRANK) is None


def test_guard_is_passed_over_for_a_run() -> None:
    allowance = Allowance(guards=frozenset({"page-shrank"}))

    assert allowance.reason(SHRANK) == "accepted for this run"
    assert allowance.reason(SENTINEL) is None


def test_service_may_shrink_for_a_run_and_the_others_may_not() -> None:
    allowance = Allowance(services=frozenset({"connect"}))

    assert allowance.reason(replace(SHRANK, service="Connect")) == "accepted for this run"
    assert allowance.reason(replace(SHRANK, service="s3")) is None


def test_service_that_may_shrink_may_not_lose_a_sentinel() -> None:
    assert Allowance(services=frozenset({"s3"})).reason(SENTINEL) is None


def test_trip_is_settled_by_its_service_or_its_entry_but_not_by_its_guard() -> None:
    assert Allowance(services=frozenset({"connect"})).settled(SHRANK)
    assert Allowance(entries=(ACCEPTED,)).settled(SHRANK) == "AWS withdrew them."
    assert Allowance(guards=frozenset({"page-shrank"})).settled(SHRANK) is None


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"now": 200}, True),
        ({"was": 300}, True),
        ({"now": 180}, False),
        ({"was": 364}, False),
        ({"was": 500, "now": 181}, False),
        ({"service": "CONNECT"}, True),
        ({"service": "s3"}, False),
        ({"page": "connect.json"}, False),
        ({"what": "dependent actions"}, False),
        ({"guard": "page-emptied", "now": 0}, False),
    ],
)
def test_acceptance_for_good_covers_what_was_accepted_and_nothing_larger(
    change: dict[str, Any], covered: bool
) -> None:
    assert ACCEPTED.covers(replace(SHRANK, **change)) is covered


@pytest.mark.parametrize(
    ("names", "covered"),
    [(("a", "b"), True), (("a",), True), (("a", "c"), False)],
)
def test_acceptance_by_name_covers_these_names(names: tuple[str, ...], covered: bool) -> None:
    accepted = GuardAcceptance("incomplete-fetch", "404 for weeks.", names=("a", "b"))

    assert accepted.covers(Trip("incomplete-fetch", "2026-11-22: …", names=names)) is covered


@pytest.mark.parametrize(
    ("was", "now", "covered"),
    [("2026-11-22", "2026-11-01", True), ("2026-11-22", "2026-10-31", False)],
)
def test_dates_are_limits_too(was: str, now: str, covered: bool) -> None:
    accepted = GuardAcceptance("older-pages", "so", was="2026-11-22", now="2026-11-01")

    assert accepted.covers(Trip("older-pages", "…", was=was, now=now)) is covered


def test_entry_that_a_refusal_prints_covers_it(tmp_path: Path) -> None:
    for trip in (SHRANK, SENTINEL):
        path = tmp_path / "accepted.json"
        entry = {**acceptance_entry(trip), "reason": "AWS withdrew it."}
        path.write_text(json.dumps({"problems": [], "guards": [entry]}))

        assert [each.covers(trip) for each in read_accepted_guards(path)] == [True]


# --- accepted.json


def entries(tmp_path: Path, *listed: Any) -> list[GuardAcceptance]:
    path = tmp_path / "accepted.json"
    path.write_text(json.dumps({"problems": [], "guards": list(listed)}))
    return read_accepted_guards(path)


def test_acceptances_keep_their_order(tmp_path: Path) -> None:
    named = {"guard": "sentinel-gone", "service": "s3", "names": ["a"], "reason": "so"}
    numbered = {"guard": "total-shrank", "what": "actions", "was": 9, "now": 5, "reason": "so"}

    assert entries(tmp_path, named, numbered) == [
        GuardAcceptance("sentinel-gone", "so", "s3", names=("a",)),
        GuardAcceptance("total-shrank", "so", what="actions", was=9, now=5),
    ]


def test_missing_file_or_list_accepts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"
    assert read_accepted_guards(path) == []

    path.write_text('{"problems": []}')
    assert read_accepted_guards(path) == []


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("page-shrank", "AttributeError: 'str' object has no attribute 'keys'"),
        ({"reason": "so"}, "KeyError: 'guard'"),
        (
            {"guard": "page-shrunk", "reason": "so"},
            f"ValueError: the unknown guard 'page-shrunk', none of {', '.join(GUARDS)}",
        ),
        ({"guard": "page-shrank"}, "ValueError: 'page-shrank' without a reason"),
        (
            {"guard": "page-shrank", "reason": 5, "was": 9, "now": 1},
            "TypeError: a field of 'page-shrank' that is not text",
        ),
        (
            {"guard": "page-shrank", "reason": "so", "service": "s3", "was": 9},
            "ValueError: 'page-shrank' without 'now', so without a limit",
        ),
        (
            {"guard": "sentinel-gone", "reason": "so", "service": "s3"},
            "ValueError: 'sentinel-gone' without 'names', so without a limit",
        ),
        (
            {"guard": "sentinel-gone", "reason": "so", "names": "s3"},
            "TypeError: 'names' that are not a list of strings",
        ),
        ({"guard": "page-shrank", "why": "so"}, "ValueError: the unknown field 'why'"),
        (
            {"guard": "page-shrank", "reason": "so", "was": 9, "now": 1.5},
            "TypeError: a limit of 'page-shrank' that is neither number nor date",
        ),
    ],
)
def test_entry_of_another_form_is_refused(tmp_path: Path, entry: Any, found: str) -> None:
    with pytest.raises(SourceError) as caught:
        entries(tmp_path, entry)

    assert str(caught.value) == f"{str(tmp_path / 'accepted.json')!r}{UNREADABLE.format(found)}"


# --- what is printed


def test_trip_is_told_with_examples_and_with_what_accepts_it() -> None:
    assert trip_lines([(SHRANK, None), (SENTINEL, None)]) == [
        "page-shrank: 1 not accepted. A page lists far less than its predecessor.",
        "  connect: actions: 181 on connect@2026-11-22, 363 on connect@2026-11-01",
        "    gone: connect:A, connect:B, connect:C and 1 more",
        f"    in real history: {GUARDS['page-shrank'].seen}",
        "    to accept it for this run: --accept-shrink connect or --accept page-shrank",
        (
            '    to accept it for good, in "guards" of accepted.json: {"guard": "page-shrank", '
            '"service": "connect", "page": "connect", "what": "actions", "was": 363, "now": 181, '
            '"reason": "..."}'
        ),
        "sentinel-gone: 1 not accepted. A fact that no catalog should lose is not in the new one.",
        "  s3: it no longer says so.",
        "    gone: s3:GetObject is an action",
        f"    in real history: {GUARDS['sentinel-gone'].seen}",
        "    to accept it for this run: --accept sentinel-gone",
        (
            '    to accept it for good, in "guards" of accepted.json: {"guard": "sentinel-gone", '
            '"service": "s3", "names": ["s3:GetObject is an action"], "reason": "..."}'
        ),
    ]


def test_accepted_trip_is_told_with_its_reason_and_first() -> None:
    lines = trip_lines([(SHRANK, None), (replace(SHRANK, names=()), "AWS withdrew them.")])

    assert lines[:3] == [
        "page-shrank: 1 accepted. A page lists far less than its predecessor.",
        "  connect: actions: 181 on connect@2026-11-22, 363 on connect@2026-11-01",
        "    accepted: AWS withdrew them.",
    ]
    assert lines[3] == "page-shrank: 1 not accepted. A page lists far less than its predecessor."


def test_many_trips_of_a_guard_are_counted() -> None:
    lines = trip_lines([(SHRANK, "so")] * 25)

    assert lines[0].startswith("page-shrank: 25 accepted.")
    assert (len(lines), lines[-1]) == (1 + 20 * 3 + 1, "  and 5 more: see the report")


def test_a_trip_says_how_often_that_happened_or_its_guard_does() -> None:
    assert seen(SHRANK) == GUARDS["page-shrank"].seen
    assert seen(replace(SHRANK, seen="twice")) == "twice"
    assert {name for name, guard in GUARDS.items() if not guard.seen} == {
        "values-changed",
        "meaning-changed",
        "meaning-of-all",
        "values-of-all",
        "page-grew",
        "names-changed",
        "rows-of-another",
        "odd-values",
        "sources-disagree",
    }


def test_every_guard_is_listed_with_what_it_sees() -> None:
    assert guard_lines()[0].split(maxsplit=1) == [
        "page-emptied",
        "A page has nothing left of what its predecessor listed.",
    ]
    assert len(guard_lines()) == len(GUARDS)
