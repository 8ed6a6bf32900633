"""A dump of every answer, and the comparison of two."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from small_catalog import brings_all

from benchmarks.dump.__main__ import main
from benchmarks.dump.answers import LARGEST, Answers, read_lines
from benchmarks.dump.areas import Task, areas
from benchmarks.dump.areas.exports import rows
from benchmarks.dump.catalogs import CHECKOUT, Source, build
from benchmarks.dump.compare import compare
from benchmarks.dump.subjects import chosen
from benchmarks.dump.write import run_area, write_index
from iam_catalog import CatalogError

pytestmark = pytest.mark.shipped

AREAS = ("python", "past")


def run(*line: str) -> Result:
    return CliRunner().invoke(main, line)


def written(folder: Path) -> Path:
    line = ["write", str(folder), "--sample", "2", "--jobs", "1"]
    result = run(*line, *[word for area in AREAS for word in ("--area", area)])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dump of the shipped catalog."""
    return written(tmp_path_factory.mktemp("dumps") / "dump")


@pytest.fixture
def changed(dump: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(dump, tmp_path / "changed"))


def answers(dump: Path, area: str) -> dict[str, Any]:
    return dict(read_lines(dump / "shipped" / f"{area}.jsonl"))


def rewrite(file: Path, found: dict[str, Any]) -> None:
    lines = [json.dumps({"question": name, "answer": found[name]}) for name in sorted(found)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- writing


def test_a_dump_holds_the_answers_of_each_area_and_says_how_many(dump: Path) -> None:
    index = json.loads((dump / "index.json").read_text(encoding="utf-8"))

    assert index["areas"] == {
        f"shipped/{area}": len(answers(dump, area)) for area in ("build", *sorted(AREAS))
    }
    assert min(index["areas"][f"shipped/{area}"] for area in AREAS) > 20


@pytest.mark.parametrize("area", areas())
def test_each_area_asks_many_questions_and_is_no_failure(area: str, tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "catalog.db", tmp_path)
    folders = (str(CHECKOUT / "data" / "policies"),)
    (tmp_path / "work").mkdir()
    task = Task(str(tmp_path / "catalog.db"), 1, "", folders, tmp_path / "work")
    done = run_area(tmp_path, "shipped", area, task)

    assert done.failed is None
    assert done.answers > 20


def test_questions_are_sorted_and_errors_are_answers(dump: Path) -> None:
    found = answers(dump, "python")

    assert list(found) == sorted(found)
    assert found["dependent_actions nosuch:Get"] == {
        "error": "UnknownAction",
        "text": "No action 'nosuch:Get' in the catalog as of 2019-08-12, which holds no service"
        f" 'nosuch'. {brings_all(2)}",
    }


def test_the_folder_of_this_machine_is_not_in_a_dump(dump: Path) -> None:
    assert answers(dump, "python")["about"]["path"] == "CATALOG/catalog.db"


def test_two_dumps_of_one_catalog_are_the_same(dump: Path, tmp_path: Path) -> None:
    result = run("compare", str(dump), str(written(tmp_path / "again")))

    number = sum(len(answers(dump, area)) for area in ("build", *AREAS))
    assert (result.exit_code, result.stdout) == (
        0,
        f"3 areas are the same, with {number:,} answers.\n",
    )


def test_a_dump_is_never_written_over_another_one(dump: Path) -> None:
    result = run("write", str(dump))

    assert result.exit_code == 1
    assert "is there already: name a new folder." in result.stderr


def test_an_area_that_fails_is_reported_and_leaves_no_file(tmp_path: Path) -> None:
    task = Task(str(tmp_path / "nothing.db"), 1, "", (), tmp_path)
    done = run_area(tmp_path / "dump", "none", "python", task)

    assert (done.answers, str(done.failed).partition(":")[0]) == (0, "CatalogNotFound")
    assert not list(tmp_path.rglob("*.jsonl"))


def test_a_build_that_fails_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "2020-01-01").mkdir()
    found = build(Source("empty", (tmp_path / "2020-01-01",)), tmp_path / "work")

    assert found["exit"] == 1
    assert found["talk"]


def test_a_large_answer_has_a_digest_of_each_part() -> None:
    found = Answers({})
    found.add("list", ["x" * 100] * LARGEST)
    found.add("object", {"small": 1, "large": ["y"] * LARGEST})

    (as_list, as_object) = (json.loads(found.lines[name]) for name in ("list", "object"))
    assert (as_list["length"], len(as_list["parts"])) == (LARGEST, 5_000)
    assert as_object["parts"]["small"] == 1
    assert max(map(len, found.lines.values())) < 8 * LARGEST


def test_a_question_that_is_asked_again_is_numbered() -> None:
    found = Answers({})
    for answer in ("one", {"two"}, CatalogError):
        found.under("as of then:").add("row x", answer)

    assert list(found.lines) == [f"as of then: row x{end}" for end in ("", " #2", " #3")]


def test_subjects_are_drawn_alike_whatever_other_names_there_are() -> None:
    names = [f"s3:Action{number}" for number in range(100)]
    drawn = chosen(names, 10, "")

    assert chosen([*names, "s3:Other"], 11, "") in (
        sorted([*drawn, "s3:Other"]),
        chosen(names, 11, ""),
    )
    assert chosen(names, 0, "") == sorted(names)
    assert chosen(names, 10, "seed") != drawn


@pytest.mark.parametrize(
    ("name", "text", "keys"),
    [
        ("a.csv", "action,level\ns3:Get,Read\ns3:Get,List\n", ["action", "s3:Get", "s3:Get"]),
        ("a.jsonl", '{"action": "s3:Get"}\n{"page": 1}\n', ["s3:Get", "1"]),
        ("datapackage.json", '{"name": "a", "counts": {}}', ["name", "counts"]),
        ("a.html", "<p>text</p>", []),
    ],
)
def test_rows_of_an_export_have_digests(
    name: str, text: str, keys: list[str], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = list(rows(tmp_path / name))

    assert [key for key, _ in found] == keys
    assert len({row for _, row in found}) == len(found)


# --- comparing


def test_planted_differences_are_told_by_area_kind_and_place(dump: Path, changed: Path) -> None:
    found = answers(changed, "python")
    name = next(each for each in found if each.startswith("action ") and "rows" in found[each])
    found[name]["access_level"] = "Peek"
    found["another question"] = []
    del found["services"]
    rewrite(changed / "shipped" / "python.jsonl", found)
    number = len(answers(dump, "python"))

    result = run("compare", str(dump), str(changed))

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"shipped/python: 1 added, 1 changed, 1 removed, of {number:,}"
    assert lines[-1].startswith("2 areas are the same")
    assert {"  1 added another", "  1 removed services"} <= set(lines)
    place = lines.index("  1 changed action at .access_level")
    assert lines[place + 1] == f"    {name}"
    assert lines[place + 3] == '      after: "Peek"'


def test_differences_are_json_for_programs(dump: Path, changed: Path) -> None:
    found = answers(changed, "past")
    gone = next(iter(found))
    del found[gone]
    rewrite(changed / "shipped" / "past.jsonl", found)

    result = run("compare", str(dump), str(changed), "--json")

    (area,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (area["area"], area["counts"], area["unreadable"]) == (
        "shipped/past",
        {"removed": 1},
        None,
    )
    assert [each["question"] for each in area["examples"]] == [gone]


def test_no_more_examples_of_a_kind_than_asked_for(dump: Path, changed: Path) -> None:
    found = dict.fromkeys(answers(changed, "past"), 0)
    rewrite(changed / "shipped" / "past.jsonl", found)

    (difference,) = [each for each in compare(dump, changed, examples=2) if each.differs]

    assert difference.counts == {"changed": len(found)}
    assert all(
        sum(each["kind"] == kind for each in difference.examples) == min(2, number)
        for kind, number in difference.kinds.items()
    )


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("cut", "cannot be compared: shipped/python.jsonl: line "),
        ("gone", "cannot be compared: the newer dump does not have it"),
        ("no index", "cannot be compared: the newer dump has no index, so it is not whole"),
        ("failed", "cannot be compared: shipped/past of the newer dump failed: OSError: no room"),
        ("options", "cannot be compared: the dumps were made with other options"),
    ],
)
def test_a_dump_that_is_not_whole_is_reported_and_the_rest_compared(
    damage: str, message: str, dump: Path, changed: Path
) -> None:
    area, index = changed / "shipped" / "python.jsonl", changed / "index.json"
    made = json.loads(index.read_text(encoding="utf-8"))
    match damage:
        case "cut":
            area.write_bytes(area.read_bytes()[:-40])
        case "gone":
            area.unlink()
        case "no index":
            index.unlink()
        case "failed":
            made["areas"]["shipped/past"] = "OSError: no room"
            index.write_text(json.dumps(made))
        case "options":
            write_index(changed, [], made["sample"], "another seed")

    result = run("compare", str(dump), str(changed))

    assert result.exit_code == 1
    assert message in result.stdout
    assert "areas are the same" in result.stdout
