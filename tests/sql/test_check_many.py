"""`iam-catalog check-many`: from tables of policies to a table of findings."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from small_catalog import build_small_catalog, replace_with_another
from sql_policies import HOSTILE, found_in_python, policy, statement

from iam_catalog import Catalog
from iam_catalog.cli.main import cli

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet")

GOOD = policy(statement(Action="store:ListShelves"))
WRONG = policy(statement(Action="store:ListShelfs"))
PROGRAM = [sys.executable, "-m", "iam_catalog", "check-many"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("many"))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to run in, and parts of three rows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IAM_CATALOG_DB", path)
    monkeypatch.setattr("iam_catalog.sql.tables.PART_ROWS", 3)
    monkeypatch.setattr("iam_catalog.sql.tables._READ_ROWS", 1)
    return tmp_path


def run(*words: str, jobs: int = 1) -> Result:
    return CliRunner().invoke(cli, ["check-many", *words, "--jobs", str(jobs)])


def last_line(result: Result) -> str:
    return result.stderr.splitlines()[-1]


def parquet(name: str, policies: list[Any], **columns: list[Any]) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"policy": policies, **columns}), name)


def lines(name: str, *values: object) -> None:
    text = "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in values)
    Path(name).write_text(text, encoding="utf-8")


def rows(folder: str, *names: str) -> list[Any]:
    """The rows of the table in a folder, or some of their columns."""
    files = sorted(Path(folder).rglob("*.parquet"))
    found = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    if len(names) == 1:
        return [row[names[0]] for row in found]
    return [tuple(row[name] for name in names) for row in found] if names else found


def contents(folder: str) -> dict[str, bytes]:
    files = (each for each in Path(folder).rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


# --- what is found


def test_findings_are_those_of_python(path):
    texts = [*HOSTILE, GOOD, WRONG]
    parquet("policies.parquet", texts)

    result = run("policies.parquet", "out")

    assert result.exit_code == 0
    with Catalog(path) as catalog:
        expected = [
            {"file": "policies.parquet", "row": row, **each}
            for row, text in enumerate(texts)
            for each in found_in_python(catalog, text, None)
        ]
    assert rows("out") == expected


def test_several_processes_find_what_one_does():
    parquet("policies.parquet", [GOOD, WRONG, "{", None] * 5)

    run("policies.parquet", "one")
    result = run("policies.parquet", "two", jobs=2)

    assert rows("two") == rows("one")
    assert last_line(result) == (
        f"1 of 1 files, 20 rows, {len(rows('two'))} findings in 'two': 5 rows have no policy,"
        " 5 policies cannot be read"
    )


def test_columns_are_repeated_beside_findings():
    parquet("policies.parquet", [WRONG, None, WRONG], arn=["a", "b", "c"], number=[1, 2, 3])

    run("policies.parquet", "out", "--keep", "number", "--keep", "arn")

    assert set(rows("out", "row", "number", "arn")) == {(0, 1, "a"), (2, 3, "c")}


def test_the_kind_is_that_of_a_column_or_of_all():
    parquet("policies.parquet", [GOOD] * 3, what=["scp", None, "group"])

    run("policies.parquet", "by column", "--kind-column", "what")
    run("policies.parquet", "scp", "--kind", "scp")

    found = rows("by column", "row", "code")
    assert found[-1] == (2, "unreadable-file")
    of_scps = [code for row, code in found if row == 0]
    assert rows("scp", "code") == of_scps * 3
    result = run("policies.parquet", "out", "--kind", "scp", "--kind-column", "what")
    assert result.exit_code == 2
    assert "Give the kind once" in result.stderr


@pytest.mark.parametrize(
    "kind",
    [
        *("string", "large_string", "string_view", "binary", "large_binary", "binary_view"),
        *("dictionary", "json"),
    ],
)
def test_texts_can_have_any_type_of_arrow(kind):
    types = {"dictionary": pa.dictionary(pa.int32(), pa.string())}
    if hasattr(pa, "json_"):  # since PyArrow 19
        types["json"] = pa.json_()
    elif kind == "json":
        pytest.skip("this PyArrow has no type for JSON")
    made = types.get(kind) or getattr(pa, kind)()
    parquet("policies.parquet", pa.array([GOOD, WRONG]).cast(made))

    assert run("policies.parquet", "out").exit_code == 0
    assert "unknown-action" in rows("out", "code")


def test_bytes_that_are_no_text_are_a_finding():
    texts = pa.array([b"\xff", GOOD.encode()]).view(pa.string())
    parquet("policies.parquet", texts)

    run("policies.parquet", "out")

    assert rows("out", "row", "code")[0] == (0, "unreadable-file")


def test_a_column_of_nulls_alone_has_no_policies_and_decides_no_kind():
    parquet("in/a.parquet", pa.nulls(2))
    parquet("of-any-kind.parquet", [WRONG], what=pa.nulls(1))

    assert "2 rows have no policy" in last_line(run("in", "out"))
    assert run("of-any-kind.parquet", "found", "--kind-column", "what").exit_code == 0
    assert "unknown-action" in rows("found", "code")


def test_a_column_that_is_named_twice_is_repeated_once():
    parquet("in.parquet", [WRONG], owner=["a"])

    assert run("in.parquet", "out", "--keep", "owner", "--keep", "owner").exit_code == 0
    assert rows("out", "owner") == ["a"] * len(rows("out"))
    (file,) = Path("out").glob("*.parquet")
    assert pq.read_schema(file).names.count("owner") == 1


def test_a_file_with_several_columns_of_the_name_is_refused():
    twice = pa.table([pa.array([WRONG]), pa.array([GOOD])], names=["policy", "policy"])
    pq.write_table(twice, "in.parquet")
    result = run("in.parquet", "out")

    assert result.exit_code == 1
    assert "'in.parquet' has several columns 'policy': give each its own name." in result.stderr


# --- JSON Lines


def test_a_row_of_json_lines_has_a_text_or_an_object():
    lines("in.jsonl", {"policy": WRONG, "id": 1}, {"policy": json.loads(WRONG), "id": [2]}, {})

    result = run("in.jsonl", "out", "--keep", "id")

    assert result.exit_code == 0
    found = rows("out", "row", "id", "line", "code")
    unknown = [each for each in found if each[3] == "unknown-action"]
    assert unknown == [(0, "1", 1, "unknown-action"), (1, "[2]", None, "unknown-action")]
    assert last_line(result).endswith("1 rows have no policy")


def test_a_line_can_be_a_policy_itself():
    lines("in.jsonl", WRONG, "", GOOD)

    assert run("in.jsonl", "out").exit_code == 0
    assert ("unknown-action", 0) in rows("out", "code", "row")


def test_a_line_that_cannot_be_read_is_a_finding_with_its_place():
    lines("in.jsonl", {"policy": GOOD}, "{", "[" * 1_000, "5", '{"policy": GOOD}')

    run("in.jsonl", "out")

    unread = [each for each in rows("out") if each["code"] == "unreadable-file"]
    assert [(each["row"], each["line"]) for each in unread] == [(1, 2), (2, 3), (4, 5)]
    assert unread[0]["text"].startswith("Cannot read policies from 'in.jsonl' line 2 column 2: ")


def test_names_that_are_repeated_are_found_in_an_object():
    lines("in.jsonl", '{"policy": {"Version": "2012-10-17", "Version": "2012-10-17"}}')

    run("in.jsonl", "out")

    assert "repeated-name" in rows("out", "code")


def test_lines_can_be_compressed():
    with gzip.open("in.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write(f"{WRONG}\n")

    assert run("in.jsonl.gz", "out").exit_code == 0
    assert "unknown-action" in rows("out", "code")


# --- folders


def test_a_folder_is_partitioned_as_the_input():
    parquet("in/account=1/a.parquet", [WRONG] * 4)
    parquet("in/account=2/a.parquet", [GOOD])
    lines("in/b.jsonl", WRONG)
    for name in ("in/_SUCCESS", "in/.hidden.parquet", "in/_old/x.parquet", "in/read.me"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("no table", encoding="utf-8")

    result = run("in", "out")

    assert sorted(contents("out")) == [
        "_check-many.json",
        "account=1/a.parquet-00000.parquet",
        "account=1/a.parquet-00001.parquet",
        "account=2/a.parquet-00000.parquet",
        "b.jsonl-00000.parquet",
    ]
    assert set(rows("out", "file")) == {"account=1/a.parquet", "account=2/a.parquet", "b.jsonl"}
    assert last_line(result).endswith("1 files of other kinds are left out")


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_checked():
    parquet("in/a.parquet", [WRONG])
    Path("in/b.parquet").write_bytes(b"PAR1 and no more")
    pq.write_table(pa.table({"document": [WRONG]}), "in/c.parquet")
    Path("in/d.jsonl.gz").write_bytes(gzip.compress(WRONG.encode() * 100)[:-9])
    parquet("in/e.parquet", [WRONG])

    result = run("in", "out")

    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert [error.split("'")[1] for error in errors] == [
        f"in{os.sep}{name}" for name in ("b.parquet", "c.parquet", "d.jsonl.gz")
    ]
    assert errors[1] == (
        "Error: 'in/c.parquet' has no column 'policy', but 'document': name one with --column."
    )
    assert {"a.parquet", "e.parquet"} <= set(rows("out", "file"))


# --- going on


def test_a_run_goes_on_where_it_was_stopped():
    parquet("in.parquet", [WRONG] * 10)
    run("in.parquet", "out")
    whole = contents("out")
    Path("out/in.parquet-00002.parquet").unlink()
    Path("out/in.parquet-00003.parquet").unlink()
    Path("out/.in.parquet-00002.parquet.abcd.new").write_bytes(b"half")

    result = run("in.parquet", "out")

    assert last_line(result).endswith("6 rows were checked before")
    assert contents("out") == whole


def test_a_run_that_is_done_has_nothing_to_do(monkeypatch):
    parquet("in.parquet", [WRONG] * 6)
    run("in.parquet", "out")
    monkeypatch.setattr("iam_catalog.sql.many._check_part", None)

    assert run("in.parquet", "out").exit_code == 0


def test_files_that_came_since_are_checked():
    parquet("in/a.parquet", [WRONG])
    run("in", "out")
    parquet("in/b.parquet", [WRONG])

    assert run("in", "out").exit_code == 0
    assert set(rows("out", "file")) == {"a.parquet", "b.parquet"}


def test_what_another_run_wrote_is_not_mixed(path, tmp_path):
    parquet("in/a.parquet", [WRONG])
    run("in", "out")
    other = tmp_path / "other.db"
    other.write_bytes(Path(path).read_bytes())
    replace_with_another(str(other))

    assert "are by another catalog" in run("in", "out", "-d", str(other)).stderr
    assert "are by other options" in run("in", "out", "--kind", "scp").stderr
    parquet("in/a.parquet", [WRONG, WRONG])
    assert "'a.parquet' is changed since" in run("in", "out").stderr
    Path("in/a.parquet").rename("in/b.parquet")
    assert "'a.parquet' is gone since" in run("in", "out").stderr


def test_a_mistake_can_be_mended_in_the_same_folder():
    pq.write_table(pa.table({"document": [WRONG]}), "in.parquet")

    assert run("in.parquet", "out").exit_code == 1
    assert run("in.parquet", "out", "--column", "document").exit_code == 0


def start(*words: str) -> subprocess.Popen[str]:
    command = [*PROGRAM, *words, "--jobs", "2"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.fixture
def many() -> int:
    """Policies enough for some seconds."""
    texts = [policy(statement(Action=f"store:List{number}*")) for number in range(11_000)]
    parquet("many.parquet", texts)
    return len(texts)


def wait_for(place: Path) -> None:
    end = time.monotonic() + 60
    while not place.exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert place.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_killed_is_continued(many, number):
    process = start("many.parquet", "out")
    wait_for(Path("out/many.parquet-00000.parquet"))
    os.killpg(process.pid, number)
    _, talk = process.communicate(timeout=60)

    if number == signal.SIGINT:
        assert process.returncode == 130
        assert talk.endswith("\nInterrupted: the same command goes on from here.\n")
    left = start("many.parquet", "out")
    _, talk = left.communicate(timeout=120)
    start("many.parquet", "whole").communicate(timeout=120)

    assert (left.returncode, f"{many:,} rows" in talk) == (0, True)
    assert rows("out") == rows("whole")


# --- what is refused


def test_what_is_wrong_is_said():
    parquet("in/a.parquet", [WRONG])
    Path("full").mkdir()
    Path("full/file").touch()
    Path("empty").mkdir()
    pq.write_table(pa.table({"policy": [[1]]}), "list.parquet")

    for words, text in (
        (("nowhere", "out"), "'nowhere' is not there: expected a file or folder of policies."),
        (("empty", "out"), "'empty' has no files of policies: expected .parquet, .pq, .jsonl,"),
        (("in", "in/out"), "'in/out' is in the folder that is read"),
        (("in", "full"), "'full' has files, and no _check-many.json of an earlier run"),
        (("in", "full/file"), "'full/file' is a file: name a new folder."),
        (("in", "out", "--keep", "x"), "has no column 'x', but 'policy': name one with --keep."),
        (("in", "out", "--keep", "code"), "'code' cannot be repeated beside findings"),
        (("list.parquet", "out"), "is of type list<element: int64>: expected text"),
        (("in", "out", "-d", "nowhere.db"), "No catalog.db found"),
    ):
        result = run(*words)
        assert (words, result.exit_code) == (words, 1)
        assert text in result.stderr


def test_json_lines_without_the_column_are_refused_with_their_members():
    lines("in.jsonl", {"document": WRONG, "id": 1})

    assert "has no column 'policy', but 'document', 'id': name one" in run("in.jsonl", "o").stderr


@pytest.mark.parametrize(
    "content", [b'policy,id\r\n"{}",1\r\n', b"SQLite format 3\0\xff", b"[\n{}\n]"]
)
def test_a_file_of_another_kind_is_refused(content):
    Path("in.csv").write_bytes(content)
    result = run("in.csv", "out")

    assert result.exit_code == 1
    assert "'in.csv' is neither Parquet nor JSON Lines, as its first row shows" in result.stderr
    assert "copy (from …) to 'policies.parquet'" in result.stderr


def test_a_file_of_json_lines_can_have_any_name():
    lines("in.txt", {"policy": WRONG})

    assert run("in.txt", "out").exit_code == 0
    assert len(rows("out")) == 1


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    parquet_error = run("in.parquet", "out").stderr

    assert "pyarrow, which reads and writes Parquet, is not installed" in parquet_error
    assert "pip install 'iam-catalog[parquet]'" in parquet_error


def test_quiet_prints_errors_alone():
    parquet("in.parquet", [WRONG])

    assert run("in.parquet", "out", "--quiet").stderr == ""
