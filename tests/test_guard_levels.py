"""Access levels that pages of one day state differently."""

from __future__ import annotations

import pytest
from dated_pages import collection, complete
from page_texts import Service, act, as_2026, as_html, as_json

from scraper.guards.base import Trip
from scraper.guards.levels import level_trips
from scraper.guards.registry import Allowance, GuardAcceptance, acceptance_entry
from scraper.merge.normalise import timeline_of
from scraper.merge.timeline import Collection

D1, D2, D3 = "2026-10-01", "2026-10-02", "2026-10-03"


def orders(level: str, **fields: str) -> Service:
    return Service([act("PutOrder", level), act("GetOrder")], **fields)  # type: ignore[arg-type]


def trips(*collections: Collection) -> list[Trip]:
    return level_trips(timeline_of(collections))


def names(*collections: Collection) -> list[tuple[str, ...]]:
    return [trip.names for trip in trips(*collections)]


WRITES_AND_READS = ("orders:PutOrder (Write on orders; Read on orders.json)",)


def test_trip_names_the_actions_both_levels_and_both_pages() -> None:
    day = collection(D1, as_2026(orders("Write")), as_json(orders("Read")))

    assert trips(day) == [
        Trip(
            "levels-disagree",
            "orders: 1 action: only List or Read on orders.json@2026-10-01, and more on"
            " orders@2026-10-01; both are as of 2026-10-01",
            "orders",
            "orders.json",
            "access levels",
            names=WRITES_AND_READS,
        )
    ]


def test_page_of_the_guide_may_be_the_one_that_fell() -> None:
    day = collection(D1, as_html(orders("List")), as_json(orders("Tagging, Write")))

    assert [(trip.page, trip.names) for trip in trips(day)] == [
        ("orders", ("orders:PutOrder (Tagging, Write on orders.json; List on orders)",))
    ]


def test_two_pages_of_the_guide_can_disagree() -> None:
    other = orders("Read", slug="orders-two", name="Example Orders Two")
    day = collection(D1, as_2026(orders("Permissions management")), as_2026(other))

    assert names(day) == [
        ("orders:PutOrder (Permissions management on orders; Read on orders-two)",)
    ]


@pytest.mark.parametrize(
    ("guide", "reference"),
    [
        ("Write", "Write"),
        ("Tagging", "Tagging, Write"),
        ("Write", "Permissions management, Write"),
        ("Permissions management", "Write"),
        ("Tagging", "Write"),
        ("List", "Read"),
        ("List, Write", "Write"),
    ],
)
def test_what_aws_words_differently_within_a_rank_is_not_told(guide: str, reference: str) -> None:
    assert trips(collection(D1, as_2026(orders(guide)), as_json(orders(reference)))) == []


def test_level_of_another_day_is_a_change() -> None:
    older, newer = collection(D1, as_2026(orders("Write"))), collection(D2, as_json(orders("Read")))

    assert trips(older, newer) == []


def test_page_that_was_seen_unchanged_today_is_a_page_of_today() -> None:
    page, reference = as_2026(orders("Write")), as_json(orders("Write"))
    first = collection(D1, page, reference)

    assert names(first, collection(D2, page, as_json(orders("Read")))) == [WRITES_AND_READS]


def test_reference_that_was_seen_unchanged_today_is_one_of_today() -> None:
    reference = as_json(orders("Write"))
    first = complete(D1, as_2026(orders("Write")), reference)

    assert names(first, complete(D2, as_2026(orders("Read")), reference)) == [
        ("orders:PutOrder (Write on orders.json; Read on orders)",)
    ]


def test_page_that_made_it_good_ends_the_disagreement() -> None:
    page = as_2026(orders("Write"))
    bad = collection(D2, page, as_json(orders("Read")))

    assert trips(bad, collection(D3, page, as_json(orders("Write")))) == []


def test_page_without_levels_disagrees_with_nobody() -> None:
    page, reference = as_2026(orders("Write")), as_json(orders("Read")).replace("IsWrite", "IsW")

    assert trips(collection(D1, page, reference)) == []


def test_level_that_stayed_from_an_older_page_is_not_a_word_of_today() -> None:
    reads = as_json(orders("Read"))
    blank = reads.replace("IsWrite", "IsW")
    page = as_2026(orders("Write"))

    assert trips(collection(D1, reads), collection(D2, blank, page)) == []


def test_pages_without_dates_are_of_one_day() -> None:
    assert names(collection(None, as_2026(orders("Write")), as_json(orders("Read")))) == [
        WRITES_AND_READS
    ]


def test_every_action_of_two_pages_is_in_one_trip() -> None:
    several = [act(f"Put{letter}", "Write") for letter in "BA"]
    reads = [act(f"Put{letter}", "Read") for letter in "AB"]

    (trip,) = trips(collection(D1, as_2026(Service(several)), as_json(Service(reads))))

    assert trip.text.startswith("orders: 2 actions: only List or Read on orders.json@2026-10-01")
    assert trip.names == (
        "orders:PutA (Write on orders; Read on orders.json)",
        "orders:PutB (Write on orders; Read on orders.json)",
    )


def test_acceptance_for_good_holds_on_later_days_for_these_levels_alone() -> None:
    page, reads = as_2026(orders("Write")), as_json(orders("Read"))
    (trip,) = trips(collection(D1, page, reads))
    entry = GuardAcceptance(
        **{**acceptance_entry(trip), "names": trip.names, "reason": "AWS says so."}
    )
    allowance = Allowance(entries=(entry,))

    (later,) = trips(collection(D1, page, reads), collection(D2, page, reads + "\n"))
    (other,) = trips(collection(D2, page, as_json(orders("List"))))

    assert (allowance.reason(later), allowance.reason(other)) == ("AWS says so.", None)
