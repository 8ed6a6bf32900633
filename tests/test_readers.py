"""Nobody who reads is disturbed while the catalog is replaced, again and again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from replaced_catalog import BOTH, Replaced, build_marked_catalogs, mark_of, read_at_once

import iam_catalog
from iam_catalog import Catalog, CatalogError, catalog, database
from iam_catalog.cli.main import cli

BIN = Path(sys.executable).parent

QUESTIONS: list[Callable[[Any], Any]] = [
    lambda asked: asked.action("store:CreateShelf"),
    lambda asked: asked.services(),
    lambda asked: asked.resource_types("store"),
    lambda asked: asked.condition_keys(),
    lambda asked: asked.search("shelf"),
]
"""Each takes several SELECTs, but for the condition keys."""

COMMANDS = [
    ["show", "store:CreateShelf"],
    ["services"],
    ["resource-types", "store"],
    ["condition-keys", "--format", "csv"],
    ["search", "shelf", "--format", "table"],
]


@pytest.fixture(scope="module")
def marked_catalogs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build_marked_catalogs(tmp_path_factory.mktemp("marked"))


@pytest.fixture
def replaced(marked_catalogs: list[Path], tmp_path: Path) -> Replaced:
    return Replaced(tmp_path / "catalog.db", marked_catalogs)


def written(answer: Any) -> str:
    records = answer if isinstance(answer, list) else [answer]
    return json.dumps([asdict(record) for record in records])


def test_one_call_forms_are_not_disturbed(
    replaced: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(database.ENVIRONMENT, replaced.path)

    def read(number: int) -> str:
        return mark_of(written(QUESTIONS[number % len(QUESTIONS)](iam_catalog)))

    with replaced.all_the_time():
        assert read_at_once(read, 1000) == BOTH


def test_catalog_that_stays_open_answers_from_the_file_that_it_opened(replaced: Replaced) -> None:
    with Catalog(replaced.path) as catalog, replaced.all_the_time():
        marks = read_at_once(lambda number: mark_of(written(QUESTIONS[number % 5](catalog))), 1000)

    assert marks == {"Amber"}


def test_catalogs_that_are_opened_meanwhile_are_whole(replaced: Replaced) -> None:
    def read(number: int) -> str:
        with Catalog(replaced.path, as_of=None if number % 10 else "2021-12-31") as catalog:
            return mark_of("".join(written(question(catalog)) for question in QUESTIONS))

    with replaced.all_the_time():
        assert read_at_once(read, 200) == BOTH


def test_one_call_forms_notice_a_replacement_while_they_open_the_file(
    replaced: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at and what was opened are two files then."""
    monkeypatch.setenv(database.ENVIRONMENT, replaced.path)

    def late(path: str) -> Catalog:
        replaced.replace()
        return Catalog(path)

    with monkeypatch.context() as patched:
        patched.setattr(catalog, "Catalog", late)
        replaced.replace()
        assert iam_catalog.services()[0].name == "Example Store Amber"
    replaced.replace()
    assert iam_catalog.services()[0].name == "Example Store Cobalt"


def test_a_file_that_is_gone_between_two_looks_is_a_catalog_error(
    replaced: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(database.ENVIRONMENT, replaced.path)
    monkeypatch.setattr(database.os.path, "exists", lambda _: True)
    Path(replaced.path).unlink()

    with pytest.raises(CatalogError) as caught:
        iam_catalog.services()

    assert str(caught.value).startswith(f"{replaced.path!r} is not a catalog: ")


def test_command_line_is_not_disturbed(replaced: Replaced) -> None:
    def read(number: int) -> str:
        line = [*COMMANDS[number % len(COMMANDS)], "--database", replaced.path]
        result = CliRunner().invoke(cli, line)
        assert (result.exit_code, result.stderr) == (0, "")
        return mark_of(result.stdout)

    with replaced.all_the_time():
        assert read_at_once(read, 300, threads=1) == BOTH


def test_processes_of_the_command_line_are_not_disturbed(replaced: Replaced) -> None:
    def read(number: int) -> str:
        line = [BIN / "iam-catalog", *COMMANDS[number % len(COMMANDS)]]
        done = subprocess.run(
            [*line, "--database", replaced.path], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return mark_of(done.stdout)

    with replaced.all_the_time():
        assert read_at_once(read, 30) == BOTH
