"""Every rule by its cases, which are text: see `rule_cases`."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalog_of_datasets import build_catalog_of_datasets
from check_services import build_catalog
from rule_cases import FOLDER, Case, read_cases, rewrite

from iam_catalog.policy.check.registry import CODES

CASES = [case for file in sorted(FOLDER.glob("*.md")) for case in read_cases(file.stem)]


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        "services": build_catalog(tmp_path_factory.mktemp("services")),
        "datasets": build_catalog_of_datasets(tmp_path_factory.mktemp("datasets")),
    }


@pytest.mark.parametrize("code", CODES)
def test_a_rule_has_a_case_that_fails_and_one_that_passes(code: str) -> None:
    verdicts = [case.verdict for case in read_cases(code)]

    assert {"Fails", "Passes"} <= set(verdicts)


def test_every_file_of_cases_is_of_a_rule() -> None:
    assert {case.code for case in CASES} == set(CODES)


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.code}-{case.verdict}-{index}" for index, case in enumerate(CASES)]
)
def test_a_case_prints_what_it_says(
    case: Case,
    databases: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = case.run(databases[case.catalog], tmp_path)
    if request.config.getoption("--rewrite-expected"):
        rewrite(case, printed)
    else:
        assert printed == case.printed

    assert (f" [{case.code}]\n" in printed) is (case.verdict == "Fails")
