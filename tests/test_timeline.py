"""Which page a newer one replaces, and what the catalog says changed with it."""

from __future__ import annotations

from dataclasses import replace

from dated_pages import collection, column, complete, rows
from page_texts import Act, Key, Op, Row, Service, Type, act, as_2026, as_html, as_json, as_table

from scraper.merge.normalise import Tables, normalise
from scraper.merge.timeline import Collection

D1, D2, D3 = "2019-08-12", "2020-06-12", "2021-07-01"
SEEN_ANEW = "where one page of a service is withdrawn, all others are taken for new ones"
GET, PUT, TAG = act("GetOrder"), act("PutOrder", "Write"), act("TagOrder", "Tagging")


def page(*actions: Act, slug: str = "orders", name: str = "Example Orders", **fields) -> str:
    return as_table(Service(actions, slug=slug, name=name, **fields))


def left_out(slug: str = "orders", name: str = "Example Orders") -> str:
    return as_table(Service(None, slug=slug, name=name))


def actions(*collections: Collection) -> list[tuple[str, str]]:
    """The current actions, each with the page that states it."""
    return sorted(rows(normalise(collections), "actions", "name", "page"))


def replaced(tables: Tables) -> list[tuple[str, str | None]]:
    return sorted(rows(tables, "pages", "page", "replaced"))


# --- complete and partial collections


def test_partial_collection_leaves_the_pages_that_it_lacks() -> None:
    older = complete(D1, page(GET), page(PUT, slug="boxes", name="Boxes"))

    assert actions(older, collection(D2, page(TAG))) == [
        ("PutOrder", f"boxes@{D1}"),
        ("TagOrder", f"orders@{D2}"),
    ]


def test_complete_collection_withdraws_the_pages_that_it_lacks() -> None:
    older = complete(D1, page(GET), page(PUT, slug="boxes", name="Boxes"))

    assert actions(older, complete(D2, page(TAG))) == [("TagOrder", f"orders@{D2}")]


def test_complete_collection_withdraws_services_that_it_lacks() -> None:
    boxes = as_table(Service([PUT], prefix="boxes", slug="boxes"))
    tables = normalise([complete(D1, page(GET), boxes), complete(D2, page(GET))])

    assert column(tables, "services", "service_prefix") == ["orders"]
    assert rows(tables, "past_services", "service_prefix", "last_seen", "removed") == [
        ("boxes", D1, D2)
    ]
    assert rows(tables, "past_actions", "action", "last_seen", "removed") == [
        ("boxes:PutOrder", D1, D2)
    ]
    assert replaced(tables) == [(f"boxes@{D1}", D2), (f"orders@{D1}", None)]


def test_complete_collection_also_ends_what_came_with_partial_ones() -> None:
    late = collection(D2, page(PUT, slug="boxes", name="Boxes"))

    newer = complete(D3, page(GET, TAG))

    assert actions(complete(D1, page(GET)), late, newer) == [
        ("GetOrder", f"orders@{D3}"),
        ("TagOrder", f"orders@{D3}"),
    ]


def test_service_that_was_withdrawn_can_come_back() -> None:
    boxes = as_table(Service([PUT], prefix="boxes", slug="boxes"))
    tables = normalise(
        [complete(D1, page(GET), boxes), complete(D2, page(GET)), complete(D3, boxes)]
    )

    assert rows(tables, "services", "service_prefix", "first_seen") == [("boxes", D3)]
    assert rows(tables, "past_services", "service_prefix", "first_seen", "removed") == [
        ("boxes", D1, D2),
        ("orders", D1, D3),
    ]


def test_page_without_its_table_keeps_what_another_page_of_the_prefix_no_longer_lists() -> None:
    """The one page was split into two, and the table of the second one is not in its source."""
    split = complete(D2, page(GET), left_out("orders-v2", "Example Orders V2"))
    tables = normalise([complete(D1, page(GET, PUT)), split])

    assert sorted(rows(tables, "actions", "name", "page", "last_seen")) == [
        ("GetOrder", f"orders@{D2}", D2),
        ("PutOrder", f"orders@{D1}", D1),
    ]
    assert [row for row in tables.rows["past_actions"] if row["removed"]] == []


def test_page_that_gets_its_table_back_withdraws_what_neither_lists() -> None:
    split = complete(D2, page(GET), left_out("orders-v2", "Example Orders V2"))
    whole = complete(D3, page(GET), page(TAG, slug="orders-v2", name="Example Orders V2"))

    assert actions(complete(D1, page(GET, PUT)), split, whole) == [
        ("GetOrder", f"orders@{D2}"),
        ("TagOrder", f"orders-v2@{D3}"),
    ]


# --- which page is the successor of which


def test_page_of_the_same_slug_is_the_successor() -> None:
    older = collection(D1, page(GET), page(PUT, slug="boxes", name="Boxes"))

    assert actions(older, collection(D2, page(TAG, slug="boxes", name="New Name"))) == [
        ("GetOrder", f"orders@{D1}"),
        ("TagOrder", f"boxes@{D2}"),
    ]


def test_else_the_page_of_the_same_title_is_the_successor() -> None:
    older = collection(D1, page(GET), page(PUT, slug="boxes", name="Boxes"))

    assert actions(older, collection(D2, page(TAG, slug="new", name="Boxes"))) == [
        ("GetOrder", f"orders@{D1}"),
        ("TagOrder", f"new@{D2}"),
    ]


def test_slug_counts_before_title() -> None:
    older = collection(D1, page(GET), page(PUT, slug="boxes", name="Boxes"))

    assert actions(older, collection(D2, page(TAG, slug="orders", name="Boxes"))) == [
        ("PutOrder", f"boxes@{D1}"),
        ("TagOrder", f"orders@{D2}"),
    ]


def test_else_the_only_page_on_both_sides_is_the_successor() -> None:
    newer = collection(D2, page(TAG, slug="new", name="New Name"))

    assert actions(collection(D1, page(GET)), newer) == [("TagOrder", f"new@{D2}")]


def test_page_that_succeeds_none_of_several_is_added_beside_and_reported() -> None:
    older = collection(D1, page(GET), page(PUT, slug="boxes", name="Boxes"))
    tables = normalise([older, collection(D2, page(TAG, slug="new", name="New"))])

    assert column(tables, "actions", "name") == ["PutOrder", "TagOrder", "GetOrder"]
    assert rows(tables, "problems", "problem", "page", "line", "kind", "text", "reason") == [
        (
            f"new@{D2}!1",
            f"new@{D2}",
            3,
            "page-added-beside",
            (
                "'Actions, resources, and condition keys for New' succeeds no page of 'orders'"
                " that is held, and is added beside them"
            ),
            "A page of a held prefix that succeeds no page; both count.",
        )
    ]


def test_two_new_pages_for_one_that_is_held_are_added_beside() -> None:
    newer = collection(D2, page(PUT, slug="a", name="A"), page(TAG, slug="b", name="B"))
    tables = normalise([collection(D1, page(GET)), newer])

    assert column(tables, "actions", "name") == ["PutOrder", "TagOrder", "GetOrder"]
    assert column(tables, "problems", "page") == [f"a@{D2}", f"b@{D2}"]


def test_first_pages_of_a_service_are_not_reported() -> None:
    newer = collection(D2, page(PUT, slug="a", name="A"), page(TAG, slug="b", name="B"))

    assert normalise([collection(D1), newer]).count("problems") == 0


def test_pages_of_a_complete_collection_need_no_predecessor() -> None:
    newer = complete(D2, page(PUT, slug="a", name="A"), page(TAG, slug="b", name="B"))
    tables = normalise([collection(D1, page(GET)), newer])

    assert column(tables, "actions", "name") == ["PutOrder", "TagOrder"]
    assert tables.count("problems") == 0


def test_prefix_is_compared_without_case() -> None:
    newer = collection(D2, as_json(Service([TAG], prefix="Orders", slug="Orders")))

    assert actions(collection(D1, page(GET)), newer) == [("TagOrder", f"Orders.json@{D2}")]


def test_page_that_moved_to_another_prefix_leaves_its_old_one_to_a_complete_collection() -> None:
    moved = as_table(Service([GET], prefix="orders2"))

    assert column(
        normalise([collection(D1, page(GET)), collection(D2, moved)]), "actions", "action"
    ) == ["orders:GetOrder", "orders2:GetOrder"]
    assert column(
        normalise([collection(D1, page(GET)), complete(D2, moved)]), "actions", "action"
    ) == ["orders2:GetOrder"]


def test_json_succeeds_a_page_and_a_page_the_json() -> None:
    html, json = as_html(Service([GET])), as_json(Service([PUT]))

    assert actions(collection(D1, html), collection(D2, json)) == [
        ("PutOrder", f"orders.json@{D2}")
    ]
    assert actions(collection(D1, json), collection(D2, html)) == [("GetOrder", f"orders@{D2}")]


def test_page_and_json_of_one_date_each_succeed_their_own_kind() -> None:
    old = [as_html(Service([GET])), as_json(Service([GET]))]
    new = [as_html(Service([PUT])), as_json(Service([TAG]))]

    assert actions(collection(D1, *old), collection(D2, *new)) == [
        ("PutOrder", f"orders@{D2}"),
        ("TagOrder", f"orders.json@{D2}"),
    ]


def test_renamed_page_in_a_complete_collection_carries_what_was_left_out() -> None:
    """Both pages of the service have new names and leave their action tables out."""
    older = complete(D1, page(GET, slug="a", name="A"), page(PUT, slug="b", name="B"))
    newer = complete(D2, left_out("c", "C"), left_out("d", "D"))

    assert actions(older, newer) == [("GetOrder", f"a@{D1}"), ("PutOrder", f"b@{D1}")]


def test_two_files_of_one_slug_and_date_both_count() -> None:
    tables = normalise([collection(D1, page(GET), page(PUT))])

    assert rows(tables, "actions", "name", "page") == [
        ("GetOrder", f"orders@{D1}"),
        ("PutOrder", f"orders@{D1}~2"),
    ]


def test_one_file_succeeds_two_of_its_slug() -> None:
    tables = normalise([collection(D1, page(GET), page(PUT)), collection(D2, page(TAG))])

    assert column(tables, "actions", "name") == ["TagOrder"]
    assert replaced(tables) == [
        (f"orders@{D1}", D2),
        (f"orders@{D1}~2", D2),
        (f"orders@{D2}", None),
    ]


# --- the same page again


def test_same_bytes_at_a_later_date_are_the_same_page_seen_again() -> None:
    tables = normalise([collection(D1, page(GET)), collection(D2, page(GET))])

    assert rows(tables, "pages", "page", "date", "last_date", "replaced") == [
        (f"orders@{D1}", D1, D2, None)
    ]
    assert rows(tables, "page_dates", "page", "date") == [
        (f"orders@{D1}", D1),
        (f"orders@{D1}", D2),
    ]
    assert rows(tables, "actions", "action", "page", "first_seen", "last_seen", "valid_from") == [
        ("orders:GetOrder", f"orders@{D1}", D1, D2, D1)
    ]
    assert tables.rows["past_actions"] == []


def test_same_bytes_count_in_a_complete_collection_too() -> None:
    boxes = page(PUT, slug="boxes", name="Boxes")
    tables = normalise([complete(D1, page(GET), boxes), complete(D2, page(GET))])

    assert replaced(tables) == [(f"boxes@{D1}", D2), (f"orders@{D1}", None)]
    assert rows(tables, "actions", "name", "page", "last_seen") == [
        ("GetOrder", f"orders@{D1}", D2)
    ]


def test_page_that_returns_to_old_bytes_is_a_page_of_its_own() -> None:
    tables = normalise(
        [collection(D1, page(GET)), collection(D2, page()), collection(D3, page(GET))]
    )

    assert replaced(tables) == [
        (f"orders@{D1}", D2),
        (f"orders@{D2}", D3),
        (f"orders@{D3}", None),
    ]


def test_undated_pages_come_first() -> None:
    tables = normalise([collection(None, page(GET)), collection(D1, page(PUT))])

    assert rows(tables, "actions", "name", "first_seen") == [("PutOrder", D1)]
    assert rows(tables, "past_actions", "name", "first_seen", "last_seen", "removed") == [
        ("GetOrder", None, None, D1)
    ]


# --- what changed


def changes(*collections: Collection) -> list[tuple[str | None, ...]]:
    columns = ("date", "change", "kind", "subject", "field", "old_value", "new_value")
    return rows(normalise(collections), "changes", *columns)


def test_first_collection_changes_nothing() -> None:
    assert changes(complete(D1, page(GET))) == []


def test_service_that_a_partial_collection_shows_first_is_no_change() -> None:
    boxes = as_table(Service([PUT], prefix="boxes", slug="boxes"))

    assert changes(collection(D1, page(GET)), collection(D2, boxes)) == []


def test_service_that_comes_after_a_complete_collection_is_new() -> None:
    boxes = as_table(Service([PUT], prefix="boxes", slug="boxes"))

    assert changes(complete(D1, page(GET)), collection(D2, boxes)) == [
        (D2, "added", "action", "boxes:PutOrder", None, None, None),
        (D2, "added", "service", "boxes", None, None, None),
    ]


def test_what_comes_goes_and_changes_is_listed_with_its_date() -> None:
    newer = page(replace(GET, level="List", description="Lists."), TAG)

    assert changes(collection(D1, page(GET, PUT)), collection(D2, newer)) == [
        (D2, "changed", "action", "orders:GetOrder", "access level", "Read", "List"),
        (D2, "changed", "action", "orders:GetOrder", "description", "Does it.", "Lists."),
        (D2, "removed", "action", "orders:PutOrder", None, None, None),
        (D2, "added", "action", "orders:TagOrder", None, None, None),
    ]


def test_same_page_again_is_no_change() -> None:
    assert changes(complete(D1, page(GET)), complete(D2, page(GET))) == []


def test_renamed_page_is_no_change_of_what_it_states() -> None:
    newer = page(GET, slug="new", name="Example Orders")

    assert changes(complete(D1, page(GET)), complete(D2, newer)) == []


def test_service_by_another_name_is_a_change() -> None:
    newer = page(GET, name="New Orders")

    assert changes(collection(D1, page(GET)), collection(D2, newer)) == [
        (D2, "changed", "service", "orders", "name", "Example Orders", "New Orders")
    ]


def test_changes_come_by_date_and_service() -> None:
    boxes = [as_table(Service([each], prefix="boxes", slug="boxes")) for each in (GET, PUT, TAG)]
    orders = [page(each) for each in (GET, PUT, PUT)]
    found = changes(
        *(
            complete(date, *both)
            for date, both in zip((D1, D2, D3), zip(boxes, orders, strict=True), strict=True)
        )
    )

    assert [(date, change, subject) for date, change, _, subject, *_ in found] == [
        (D2, "removed", "boxes:GetOrder"),
        (D2, "added", "boxes:PutOrder"),
        (D2, "removed", "orders:GetOrder"),
        (D2, "added", "orders:PutOrder"),
        (D3, "removed", "boxes:PutOrder"),
        (D3, "added", "boxes:TagOrder"),
    ]


def test_new_format_alone_is_no_change() -> None:
    """The same service as a table, as HTML, as JSON and as the Markdown since 2026-07."""
    both = [
        act("PutOrder", "Write", Row("order* box", "orders:Size", "iam:PassRole")),
        act("TagOrder", "Tagging", Row("order*"), Row("", "aws:TagKeys")),
        act("SeeOrders", "List", permission_only=True),
    ]
    service = Service(
        both,
        [Type("order", keys="aws:ResourceTag/x"), Type("box")],
        [Key("orders:Size"), Key("aws:TagKeys"), Key("aws:ResourceTag/x")],
    )
    repeated = [
        act("PutOrder", "Write", Row("order*", "orders:Size aws:ResourceTag/x"), Row("box")),
        act("TagOrder", "Tagging, Write", Row("order*", "aws:TagKeys aws:ResourceTag/x")),
        both[2],
    ]
    operations = [Op("PutOrder", ("orders:PutOrder",), ("orders",))]
    newest = replace(service, actions=repeated, operations=operations)

    assert (
        changes(
            complete("2020-01-01", as_table(service)),
            complete("2021-01-01", as_html(service)),
            complete("2022-01-01", as_json(service)),
            complete("2026-08-01", as_2026(newest)),
        )
        == []
    )
