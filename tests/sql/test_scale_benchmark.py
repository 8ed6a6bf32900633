"""`python -m benchmarks.scale`: measures what it is asked to, and makes its policies once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.process_tree import MemoryWatch, cpu_seconds
from benchmarks.scale import main
from iam_catalog.database import find_database

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

# The catalog of the checkout, which has enough services to make policies of.
CATALOG = str(Path(__file__).resolve().parent.parent.parent / "catalog.db")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--database", find_database(CATALOG)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder in which a run has made policies."""
    made = str(tmp_path_factory.mktemp("scale") / "policies")
    result = run("--rows", "40", "--policies", made, "--only", "check-many", "--json")
    assert list(json.loads(result.stdout)) == [
        "machine",
        "policies",
        "check-many, 1 process",
        "check-many, 2 processes",
        "check-many, 2 processes, memory",
        "in all",
    ]
    return made


def test_each_way_is_a_line_with_its_aim(folder: str) -> None:
    result = run("--rows", "40", "--policies", folder, "--only", "one-process")
    assert [line[:34].rstrip() for line in result.stdout.splitlines()] == [
        "machine",
        "policies",
        "one process",
        "one process, per second of CPU",
        "one process, peak memory",
        "in all",
    ]
    assert "(aim: at least 2,000 rows/s: " in result.stdout


def test_the_policies_of_an_earlier_run_are_taken(folder: str) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in Path(folder).iterdir()}
    run("--rows", "40", "--policies", folder, "--only", "one-process")
    assert before == {file.name: file.stat().st_mtime_ns for file in Path(folder).iterdir()}


def test_policies_that_were_made_otherwise_are_refused(folder: str) -> None:
    result = run("--rows", "41", "--policies", folder)
    assert result.exit_code == 1
    assert "'rows': 40" in result.stderr
    assert "now {'rows': 41" in result.stderr
    assert "name a new folder" in result.stderr


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    result = run("--rows", "40", "--policies", str(tmp_path))
    assert result.exit_code == 1
    assert f"{str(tmp_path)!r} has files that were not made by a whole run" in result.stderr


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc")
def test_memory_and_time_are_those_of_a_process_and_what_it_starts() -> None:
    inner = "held = b'x' * 300 * 2**20; print('ready', flush=True); input()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        with MemoryWatch(process.pid) as watch:
            process.stdout.readline()
        seconds = cpu_seconds(process.pid)
        process.communicate("\n")
    assert (watch.peak() or 0) > 300
    assert list(seconds) == ["python"]
