"""Which actions a pattern matches, and what it gained and lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dated_pages import complete, store
from page_texts import Service, act, as_html, as_json, as_table
from small_catalog import brings_all, build_small_catalog

from iam_catalog import (
    Catalog,
    MalformedDate,
    MalformedPattern,
    UnknownChangeKind,
    UnknownServicePrefix,
)
from iam_catalog.policy.expand import matching_actions


def service(prefix: str, *names: str) -> str:
    return as_json(Service([act(name) for name in names], prefix=prefix, slug=prefix))


OLDER = [
    service("store", "GetBox", "GetLid", "ListBoxes", "TagShelf"),
    service("store2", "GetBox"),
]
NEWER = [
    service("store", "GetBox", "GetKey", "ListBoxes", "TagShelf", "get_key"),
    service("store2", "GetBox"),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("expand")
    collections = (complete("2020-01-01", *OLDER), complete("2021-01-01", *NEWER))
    with Catalog(store(folder, *collections)) as opened:
        yield opened


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_small_catalog(tmp_path_factory.mktemp("small"))) as opened:
        yield opened


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("store:GetBox", ["store:GetBox"]),
        ("STORE:getbox", ["store:GetBox"]),
        ("store:Get*", ["store:get_key", "store:GetBox", "store:GetKey"]),
        ("store:*Box*", ["store:GetBox", "store:ListBoxes"]),
        ("store:Get?ox", ["store:GetBox"]),
        ("store:???Box", ["store:GetBox"]),
        ("store:*k?y", ["store:get_key", "store:GetKey"]),
        ("store2:*", ["store2:GetBox"]),
        ("*:GetBox", ["store2:GetBox", "store:GetBox"]),
        ("store?:*", ["store2:GetBox"]),
        ("store:Nothing*", []),
        ("store:Get[B]ox", []),
    ],
)
def test_a_pattern_matches_actions_without_case_in_aws_spelling(
    catalog: Catalog, pattern: str, expected: list[str]
) -> None:
    found = catalog._ask(matching_actions, pattern)

    assert found == sorted(expected, key=str.lower)


@pytest.mark.parametrize("pattern", ["*", "**", "*:*"])
def test_a_star_is_every_action(catalog: Catalog, pattern: str) -> None:
    assert catalog.expand(pattern) == [each.action for each in catalog.actions()]


def test_several_patterns_give_one_list(catalog: Catalog) -> None:
    assert catalog.expand("store:Tag*", "store:*Box", "store:GetBox") == [
        "store:GetBox",
        "store:TagShelf",
    ]
    assert catalog.expand() == []


def test_a_removed_action_is_matched_at_its_time_only(catalog: Catalog) -> None:
    with Catalog(catalog.path, as_of="2020-06-01") as then:
        assert then.expand("store:GetL*") == ["store:GetLid"]
    assert catalog.expand("store:GetL*") == []


def test_a_service_that_leaves_its_actions_out_has_none_to_match(small: Catalog) -> None:
    assert small.expand("depot:*") == []


@pytest.mark.parametrize("pattern", ["shop:*", "shop:GetBox"])
def test_a_service_that_is_not_held_is_an_error(catalog: Catalog, pattern: str) -> None:
    with pytest.raises(UnknownServicePrefix) as caught:
        catalog.expand("store:*", pattern)

    assert str(caught.value) == (
        "No service 'shop' in the catalog as of 2021-01-01, which holds store, store2."
    )


def test_a_catalog_that_is_not_full_says_what_brings_the_service(small: Catalog) -> None:
    with pytest.raises(UnknownServicePrefix) as caught:
        small.expand("shop:*")

    assert str(caught.value) == (
        "No service 'shop' in the catalog as of 2020-03-04, which holds depot, store."
        f" {brings_all(2)}"
    )


def test_another_name_of_a_service_leads_to_its_prefix(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    page = as_table(Service([act("GetBox")], prefix="orders", name="Shop"))
    path = store(tmp_path_factory.mktemp("alias"), complete("2020-01-01", page))

    with Catalog(path) as catalog, pytest.raises(UnknownServicePrefix) as caught:
        catalog.expand("shop:*")

    assert caught.value.suggestions == ["orders"]


@pytest.mark.parametrize(
    "pattern",
    ["", "store", "Get*", "store:", ":Get*", "a:b:c", "store:Get Box", "store:\N{KELVIN SIGN}"],
)
def test_what_is_no_pattern_is_an_error(catalog: Catalog, pattern: str) -> None:
    with pytest.raises(MalformedPattern) as caught:
        catalog.expand(pattern)

    assert str(caught.value) == (
        f"{pattern!r} is not a pattern of actions: write prefix:Name with * and ? as wildcards, "
        "for example 's3:Get*', or * for every action."
    )


@pytest.mark.parametrize(
    "text", ["", "store", "${x}:${y}", "\ud800:*", "store:\0", "a" * 100_000, "*" * 9]
)
def test_no_text_of_a_document_is_an_error_for_a_check(catalog: Catalog, text: str) -> None:
    found = catalog._ask(matching_actions, text)

    assert bool(found) is (text == "*" * 9)


# --- what a pattern gained and lost


def changes(catalog: Catalog, *patterns: str, since: str | None = None) -> list[tuple[str, str]]:
    found = catalog.changes_of_patterns(*patterns, since=since)
    return [(each.change, each.subject) for each in found]


def test_a_pattern_gains_and_loses_actions_with_the_pages(catalog: Catalog) -> None:
    assert sorted(changes(catalog, "store:G*")) == [
        ("added", "store:GetKey"),
        ("added", "store:get_key"),
        ("removed", "store:GetLid"),
    ]
    assert changes(catalog, "store:GetKey", "store:GetK*") == [("added", "store:GetKey")]
    assert changes(catalog, "store2:*") == []


def test_since_is_the_first_date_of_interest(catalog: Catalog) -> None:
    assert len(changes(catalog, "store:G*", since="2021-01-01")) == 3
    assert changes(catalog, "store:G*", since="2021-01-02") == []


def test_until_is_the_last_date_of_interest(catalog: Catalog) -> None:
    assert len(catalog.changes_of_patterns("store:G*", until="2021-01-01")) == 3
    assert catalog.changes_of_patterns("store:G*", until="2020-12-31") == []


def test_a_kind_of_change_is_asked_of_the_actions_that_a_pattern_matches(tmp_path: Path) -> None:
    def store_of(get: str, put: str) -> str:
        return as_html(Service([act("GetBox", get), act("PutBox", put)], prefix="store"))

    older, newer = store_of("Write", "Read"), store_of("Read", "Write")
    both = complete("2020-01-01", older), complete("2021-01-01", newer)
    with Catalog(store(tmp_path, *both)) as catalog:
        found = {
            (pattern, kind): [
                each.subject for each in catalog.changes_of_patterns(pattern, kind=kind)
            ]
            for pattern in ("store:*", "store:Get*")
            for kind in ("level-fell", "level-rose", "action-added")
        }
        with pytest.raises(UnknownChangeKind):
            catalog.changes_of_patterns("store:*", kind="fell")

    assert found == {
        ("store:*", "level-fell"): ["store:GetBox"],
        ("store:*", "level-rose"): ["store:PutBox"],
        ("store:*", "action-added"): [],
        ("store:Get*", "level-fell"): ["store:GetBox"],
        ("store:Get*", "level-rose"): [],
        ("store:Get*", "action-added"): [],
    }


def test_a_pattern_that_never_matched_is_checked_as_others_are(catalog: Catalog) -> None:
    assert changes(catalog, "store:Nothing*") == []
    with pytest.raises(UnknownServicePrefix):
        catalog.changes_of_patterns("shop:*")
    with pytest.raises(MalformedPattern):
        catalog.changes_of_patterns("store")
    with pytest.raises(MalformedDate):
        catalog.changes_of_patterns("store:*", since="2021")
