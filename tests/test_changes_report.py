"""What changed in one catalog, as a report that people can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from dated_pages import complete, store
from page_texts import Act, Row, Service, Type, act, as_table

from iam_catalog.cli.main import cli

D1, D2, D3 = "2019-08-12", "2020-06-12", "2021-07-01"
REPORT = [
    "2020-06-12: 1 added, 1 changed, in 1 service",
    "",
    "orders: 1 added, 1 changed",
    "  + action orders:EndOrder",
    "  ~ action orders:PutOrder",
    "      access level: Write -> List",
    "",
    "2021-07-01: 1 removed, in 1 service",
    "",
    "orders: 1 removed",
    "  - action orders:EndOrder",
]


def service(*actions: Act) -> str:
    return as_table(Service(actions, types=[Type("order")]))


@pytest.fixture
def catalog(tmp_path: Path) -> str:
    put = act("PutOrder", "Write", Row("order*"))
    other = act("PutOrder", "List", Row("order*"))
    texts = service(put), service(other, act("EndOrder")), service(other)
    dated = [complete(date, text) for date, text in zip((D1, D2, D3), texts, strict=True)]
    return str(store(tmp_path, *dated))


def changes(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["changes", *words])
    return done.exit_code, done.stdout, done.stderr


def test_changes_are_told_date_by_date(catalog: str) -> None:
    code, report, talk = changes("--database", catalog, "--format", "report")

    assert (code, report.splitlines(), talk) == (0, REPORT, "")


def test_a_report_starts_at_the_date_that_is_asked_for(catalog: str) -> None:
    _, report, _ = changes("--database", catalog, "--format", "report", "--since", D3)

    assert report.splitlines() == REPORT[7:]


def test_a_report_without_changes_says_so(catalog: str) -> None:
    assert changes("--database", catalog, "--format", "report", "--as-of", D1)[1] == "no changes\n"


@pytest.mark.parametrize("form", ["report", "table"])
def test_no_line_is_long_however_much_changed(tmp_path: Path, form: str) -> None:
    def put(number: int) -> str:
        return service(act("PutOrder", "Write", *(Row(f"order{each}") for each in range(number))))

    path = store(tmp_path, complete(D1, put(1)), complete(D2, put(200)))
    _, printed, _ = changes("--database", str(path), "--format", form)
    _, wide, _ = changes("--database", str(path), "--format", form, "--wide")

    assert "order199" in printed
    assert max(map(len, printed.splitlines())) <= 100
    assert max(map(len, wide.splitlines())) > 1_500


@pytest.mark.parametrize("words", [["orders"], ["-s", "orders"], ["--service-prefix", "ORDERS"]])
def test_changes_of_a_service(catalog: str, words: list[str]) -> None:
    _, report, _ = changes(*words, "--database", catalog, "--format", "report")

    assert report.splitlines() == REPORT


@pytest.mark.parametrize(("mark", "color"), [("+", 32), ("-", 31), ("~", 33)])
def test_marks_have_colors(
    catalog: str, monkeypatch: pytest.MonkeyPatch, mark: str, color: int
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, report, _ = changes("--database", catalog, "--format", "report")

    assert f"\x1b[{color}m  {mark} action" in report


def test_a_program_gets_json(catalog: str) -> None:
    _, told, _ = changes("--database", catalog, "--since", D3)

    assert [(each["change"], each["subject"]) for each in json.loads(told)] == [
        ("removed", "orders:EndOrder")
    ]


# --- which changes are asked for


@pytest.mark.parametrize(
    ("words", "subjects"),
    [
        (["--until", D2], ["orders:EndOrder", "orders:PutOrder"]),
        (["--since", D2, "--until", D2, "--kind", "action-added"], ["orders:EndOrder"]),
        (["--kind", "level-fell"], ["orders:PutOrder"]),
        (["--kind", "level-rose"], []),
        (["--kind", "action-removed"], ["orders:EndOrder"]),
        (["orders:PUTORDER"], ["orders:PutOrder"]),
        (["orders:EndOrder"], ["orders:EndOrder", "orders:EndOrder"]),
    ],
)
def test_changes_of_a_period_kind_or_action(
    catalog: str, words: list[str], subjects: list[str]
) -> None:
    _, printed, _ = changes("--database", catalog, "--format", "json", *words)

    assert [each["subject"] for each in json.loads(printed)] == subjects


def test_the_story_of_an_action_is_what_it_is_and_a_line_for_each_change(catalog: str) -> None:
    _, report, _ = changes("--database", catalog, "--format", "report", "orders:PutOrder")

    assert report.splitlines() == [
        f"orders:PutOrder: List, stated from {D1} to {D3}",
        "  2020-06-12  access level: Write -> List",
    ]


def test_another_kind_is_refused_with_all_that_there_are(catalog: str) -> None:
    code, _, talk = changes("--database", catalog, "--kind", "fell")

    assert (code, talk.partition(":")[0]) == (1, "Error")
    assert "'fell' is not a kind of change: use one of service-added," in talk


def test_an_action_that_never_was_is_refused(catalog: str) -> None:
    code, _, talk = changes("--database", catalog, "orders:PutOrdre")

    assert (code, "orders:PutOrder" in talk) == (1, True)
