"""`python -m scraper`: exit codes, messages, and what is on disk afterwards."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_catalog import DEPOT, STORE, build_small_catalog, write_data

from iam_catalog import Catalog
from scraper.cli import cli

CHECKOUT = Path(__file__).parent.parent

BROKEN = STORE.replace("| Tagging |", "| Taging |")
BROKEN_LINE = BROKEN[: BROKEN.index("| Taging |")].count("\n") + 1


@pytest.fixture
def data(tmp_path) -> Path:
    return write_data(tmp_path / "data")


@pytest.fixture
def broken(tmp_path) -> Path:
    """A folder without a manifest, whose only page has an access level that nobody knows."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "list_store.md").write_text(BROKEN, encoding="utf-8")
    return folder


def run(*args: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    result = CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="python -m scraper")
    return result.exit_code, result.stdout, result.stderr


def test_build_writes_a_catalog_and_says_what_is_in_it(data, tmp_path):
    output = tmp_path / "catalog.db"

    code, printed, talk = run("build", "--data", data, "--output", output)

    assert (code, printed) == (0, "")
    assert talk.splitlines()[-1] == (
        f"{output}: as of 2020-03-04, oldest page of AWS 2020-01-02: 2 services, 4 actions, "
        "3 resource types, 3 condition keys, 5 dependent actions"
    )
    with Catalog(output) as catalog:
        assert [each.service_prefix for each in catalog.services()] == ["depot", "store"]


def test_two_builds_of_the_same_data_give_the_same_bytes(data, tmp_path):
    one, other = tmp_path / "one.db", tmp_path / "other.db"

    codes = [run("build", "--data", data, "--output", output)[0] for output in (one, other)]

    assert codes == [0, 0]
    assert one.read_bytes() == other.read_bytes()


def test_a_build_leaves_only_the_catalog_and_its_report(data, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()

    run("build", "--data", data, "--output", folder / "catalog.db")

    assert sorted(each.name for each in folder.iterdir()) == [
        "catalog.changes.json",
        "catalog.changes.md",
        "catalog.db",
    ]


def test_a_refused_build_leaves_the_old_catalog_untouched(broken, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    output = Path(build_small_catalog(old))
    before = output.read_bytes()

    code, printed, talk = run("build", "--data", broken, "--output", output)

    assert (code, printed) == (1, "")
    assert talk.splitlines()[-1].startswith(
        f"Error: 1 problem and 2 losses that nobody accepted: {str(output)!r} was not changed. "
    )
    assert talk.splitlines()[:2] == [
        "unknown-access-level: 1 not accepted",
        f"  list_store.md line {BROKEN_LINE}: 'Taging' is none of AWS's access levels",
    ]
    assert output.read_bytes() == before
    assert sorted(each.name for each in old.iterdir()) == [
        "catalog.changes.json",
        "catalog.changes.md",
        "catalog.db",
        "catalog.refused.db",
        "catalog.refused.json",
        "catalog.refused.md",
        "data",
    ]


def test_a_changed_page_is_refused(data, tmp_path):
    page = data / "service-authorization" / "list_depot.md"
    page.write_text(DEPOT + "\n", encoding="utf-8")
    found = hashlib.sha256(page.read_bytes()).hexdigest()
    listed = hashlib.sha256(DEPOT.encode()).hexdigest()
    output = tmp_path / "catalog.db"

    assert run("build", "--data", data, "--output", output) == (
        1,
        "",
        (
            f"Error: {str(page)!r} does not match its sha256 in manifest.json (file {found}, "
            f"manifest {listed}): restore the file as published, or add it anew with "
            "'python -m scraper add'.\n"
        ),
    )
    assert not output.exists()


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_folder_that_is_not_there_is_an_error(command, tmp_path):
    extra = ["--output", tmp_path / "catalog.db"] if command == "build" else []

    assert run(command, "--data", "/nowhere", *extra) == (
        1,
        "",
        "Error: No folder '/nowhere': name a folder of source pages.\n",
    )


def test_check_reports_and_writes_nothing(data):
    before = sorted(data.rglob("*"))

    code, printed, talk = run("check", "--data", data)

    assert (code, talk) == (0, "")
    heads = printed.splitlines()[0].split()
    assert heads == ["page", "prefix", "section", "state", "rows", "records", "errors"]
    assert sorted(data.rglob("*")) == before


def test_check_exits_with_1_where_a_build_would_be_refused(broken):
    code, printed, talk = run("check", "--data", broken)

    assert (code, talk) == (1, "")
    assert "unknown-access-level: 1 not accepted" in printed.splitlines()


def test_check_as_json_is_one_object_with_every_problem(broken):
    code, printed, talk = run("check", "--data", broken, "--json")

    report = json.loads(printed)
    assert (code, talk, report["refused"]) == (1, "", 1)
    assert [each for each in report["problems"] if not each["accepted"]] == [
        {
            "page": "list_store.md",
            "line": BROKEN_LINE,
            "place": None,
            "kind": "unknown-access-level",
            "text": "'Taging' is none of AWS's access levels",
            "accepted": False,
            "reason": None,
        }
    ]


def test_check_as_json_counts_every_row(data):
    _, printed, _ = run("check", "--data", data, "--json")

    sections = {
        (page["service_prefix"], section): (
            each["state"],
            each["rows_found"],
            each["rows_recorded"],
            each["rows_in_error"],
        )
        for page in json.loads(printed)["pages"]
        for section, each in page["sections"].items()
        if section != "operations"
    }
    assert sections == {
        ("depot", "actions"): ("not in source", 0, 0, 0),
        ("depot", "resource_types"): ("parsed", 1, 1, 0),
        ("depot", "condition_keys"): ("none", 0, 0, 0),
        ("store", "actions"): ("parsed", 5, 5, 0),
        ("store", "resource_types"): ("parsed", 2, 2, 0),
        ("store", "condition_keys"): ("parsed", 3, 3, 0),
    }


def test_parse_prints_one_object_a_line(data):
    files = sorted((data / "service-authorization").iterdir())

    code, printed, talk = run("parse", *files)

    pages = [json.loads(line) for line in printed.splitlines()]
    assert (code, talk) == (0, "")
    assert [(page["file"], page["service_prefix"]) for page in pages] == [
        ("list_depot.md", "depot"),
        ("list_store.md", "store"),
    ]


def test_parse_exits_with_1_where_a_page_has_a_problem_and_still_prints_it(broken):
    code, printed, _ = run("parse", broken / "list_store.md")

    page = json.loads(printed)
    assert (code, [each["kind"] for each in page["problems"] if not each["accepted"]]) == (
        1,
        ["unknown-access-level"],
    )


def test_parse_of_a_file_that_is_not_there_is_an_error():
    assert run("parse", "/nowhere/list_store.md") == (
        1,
        "",
        f"Error: Cannot read '/nowhere/list_store.md': {os.strerror(errno.ENOENT)}.\n",
    )


def test_add_takes_a_page_byte_for_byte_with_its_entry(data, tmp_path):
    page = tmp_path / "list_shed.md"
    page.write_text(STORE.replace("store", "shed").replace("Store", "Shed"), encoding="utf-8")

    code, printed, talk = run(
        "add", page, "--data", data, "--date", "2020-05-06", "--publisher", "Example"
    )

    assert (code, printed) == (0, "")
    assert talk.splitlines()[-1] == (
        "list_shed.md: Actions, Resources, and Condition Keys for Example Shed (shed), "
        f"added to {data}"
    )
    copy = data / "service-authorization" / "list_shed.md"
    assert copy.read_bytes() == page.read_bytes()
    listed = json.loads((data / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert [each for each in listed if each["path"].endswith("list_shed.md")] == [
        {
            "path": "service-authorization/list_shed.md",
            "title": "Actions, Resources, and Condition Keys for Example Shed",
            "publisher": "Example",
            "url_then": None,
            "url": None,
            "date": "2020-05-06",
            "licence": None,
            "licence_url": None,
            "sha256": hashlib.sha256(page.read_bytes()).hexdigest(),
        }
    ]
    assert run("check", "--data", data)[0] == 0


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (STORE, ["--date", "6 May 2020"], "'6 May 2020' is not a date: write YYYY-MM-DD."),
        (
            "# Something else\n",
            [],
            (
                "list_new.md line 1: not-a-page: the title is 'Something else'; expected one such "
                "as 'Actions, Resources, and Condition Keys for …'. Only service authorization "
                "pages can be added."
            ),
        ),
    ],
)
def test_add_refuses_what_it_can_not_take_and_writes_nothing(
    data, tmp_path, text, options, message
):
    page = tmp_path / "list_new.md"
    page.write_text(text, encoding="utf-8")
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}

    assert run("add", page, "--data", data, *options) == (1, "", f"Error: {message}\n")
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_add_needs_a_folder_with_a_manifest(data, tmp_path):
    page = tmp_path / "list_new.md"
    page.write_text(STORE, encoding="utf-8")
    (data / "manifest.json").unlink()

    assert run("add", page, "--data", data) == (
        1,
        "",
        f"Error: No manifest.json in {str(data)!r}: name a data folder with --data.\n",
    )


def test_an_accepted_problem_does_not_stop_a_build(tmp_path):
    folder = write_data(tmp_path / "data")
    page = folder / "service-authorization" / "list_store.md"
    page.write_text(STORE.replace("| Tagging |", "|  |"), encoding="utf-8")
    (folder / "manifest.json").unlink()
    output = tmp_path / "catalog.db"
    assert run("build", "--data", folder, "--output", output)[0] == 1

    accepted = [{"kind": "blank-access-level", "page": "list_store.md", "reason": "AWS's own."}]
    (folder / "accepted.json").write_text(json.dumps({"problems": accepted}), encoding="utf-8")
    manifest = [
        {
            "path": path.relative_to(folder).as_posix(),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted((folder / "service-authorization").iterdir())
    ]
    (folder / "manifest.json").write_text(json.dumps({"files": manifest}), encoding="utf-8")

    assert run("build", "--data", folder, "--output", output)[0] == 0
    with Catalog(output) as catalog:
        assert catalog.action("store:TagShelf").access_level is None


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (["biuld"], "'biuld'"),
        (["build", "--out", "x"], "--out"),
        (["parse"], "'FILES...'"),
        (["add"], "'FILE'"),
    ],
)
def test_a_mistyped_command_line_exits_with_2_and_names_the_mistake(line, named):
    code, printed, talk = run(*line)

    assert (code, printed) == (2, "")
    assert named in talk.splitlines()[-1]


def test_without_the_packages_of_a_build_it_says_how_to_install_them():
    done = subprocess.run(
        [sys.executable, "-S", "-m", "scraper", "build"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "The scraper needs click, which is not there: run 'make build'.\n",
    )


def write_broken(folder: Path, levels: int) -> Path:
    """A page with as many actions whose access level nobody knows."""
    folder.mkdir()
    line = next(line for line in BROKEN.split("\n") if "| Taging |" in line)
    text = BROKEN.replace(line, "\n".join([line] * levels))
    (folder / "list_store.md").write_text(text, encoding="utf-8")
    return folder


def test_a_refused_build_names_every_problem(tmp_path):
    folder = write_broken(tmp_path / "pages", 5)

    _, _, talk = run("build", "--data", folder, "--output", tmp_path / "catalog.db")

    assert [line.split(":")[0] for line in talk.splitlines() if line.startswith("  list")] == [
        f"  list_store.md line {BROKEN_LINE + number}" for number in range(5)
    ]


def test_a_refused_build_points_at_what_it_does_not_name(tmp_path):
    folder = write_broken(tmp_path / "pages", 102)

    _, _, talk = run("build", "--data", folder, "--output", tmp_path / "catalog.db")

    lines = talk.splitlines()
    assert sum(line.startswith("  list_store.md") for line in lines) == 100
    assert "  and 2 more: python -m scraper check --json" in lines


def test_a_refused_build_names_problems_of_every_page(tmp_path):
    folder = write_broken(tmp_path / "pages", 150)
    text = (folder / "list_store.md").read_text(encoding="utf-8")
    (folder / "list_depot.md").write_text(text, encoding="utf-8")

    _, _, talk = run("build", "--data", folder, "--output", tmp_path / "catalog.db")

    lines = talk.splitlines()
    named = Counter(line.split()[0] for line in lines if line.startswith("  list_"))
    assert lines[0] == "unknown-access-level: 300 not accepted, on 2 pages"
    assert named == {"list_depot.md": 50, "list_store.md": 50}
    assert "  and 200 more: python -m scraper check --json" in lines
