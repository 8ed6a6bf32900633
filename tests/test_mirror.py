"""What a build reads of a mirror, and that it reads nothing else there."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_catalog import DEPOT, STORE, write_data

from iam_catalog import Catalog, NotACatalog
from scraper.cli import cli
from scraper.errors import SourceError
from scraper.mirror import mirror_folders, mirror_line
from scraper.sources import FileText, read_collections

FIRST, SECOND = "2026-10-01", "2026-10-02"
SHELFLESS = STORE.replace("ListShelves  | Lists shelves", "ListBoxes  | Lists boxes")


@pytest.fixture
def mirror(tmp_path) -> Path:
    """Two days, the first of which was complete, and what a fetch and builds leave beside them."""
    root = tmp_path / "mirror"
    write_day(root / FIRST, {"store": STORE, "depot": DEPOT}, complete=True)
    write_day(root / SECOND, {"store": SHELFLESS}, complete=False)
    (root / ".fetch" / SECOND).mkdir(parents=True)
    (root / ".fetch" / SECOND / "list_half.md").write_text("# Half", encoding="utf-8")
    (root / "datasets").mkdir()
    for name in ("catalog.refused.db", "catalog.refused.md", "catalog.refused.json"):
        (root / name).write_bytes(b"SQLite format 3\0")
    (root / "datasets" / "notes.txt").write_text("to do", encoding="utf-8")
    (root / "2019-13").mkdir()
    (root / "2019-13" / "list_old.md").write_text(STORE, encoding="utf-8")
    return root


def write_day(day: Path, pages: dict[str, str], *, complete: bool) -> Path:
    """A day as a fetch leaves it."""
    files = []
    for slug, text in pages.items():
        path = day / "service-authorization" / f"list_{slug}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        name = path.relative_to(day).as_posix()
        files.append({"path": name, "date": day.name, "sha256": sha256})
    (day / ".reference_policies_condition-keys.md").write_text("aws:Keys", encoding="utf-8")
    manifest = {"complete": complete, "listed": {}, "documents": [], "files": files}
    (day / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return day


def build(*args: object) -> tuple[int, str]:
    """Exit code and standard error."""
    result = CliRunner().invoke(cli, ["build", *map(str, args)], prog_name="python -m scraper")
    assert result.stdout == ""
    return result.exit_code, result.stderr


def pages_of(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [file for (file,) in connection.execute("select file from pages order by file")]
    finally:
        connection.close()


def test_the_days_are_read_and_nothing_else(mirror):
    found = [source.path for each in read_collections([mirror]) for source in each.sources]

    assert found == [
        f"{FIRST}/service-authorization/list_depot.md",
        f"{FIRST}/service-authorization/list_store.md",
        f"{SECOND}/service-authorization/list_store.md",
    ]


def test_each_day_says_itself_whether_it_is_complete(mirror):
    assert [(each.date, each.complete) for each in read_collections([mirror])] == [
        (FIRST, True),
        (SECOND, False),
    ]


def test_a_build_of_the_mirror_reads_data_too_and_writes_into_the_mirror(mirror, tmp_path):
    data = write_data(tmp_path / "data")

    code, talk = build("--data", data, "--mirror", mirror)

    assert (code, talk.splitlines()[0]) == (0, f"{mirror}: 2 days, {FIRST} to {SECOND}")
    assert talk.splitlines()[-1].startswith(
        f"{mirror / 'catalog.db'}: as of 2026-10-02, oldest page of AWS 2026-10-01: 2 services, "
    )
    with Catalog(mirror / "catalog.db") as catalog:
        assert catalog.action("store:ListShelves").removed == SECOND
        assert catalog.action("store:ListBoxes").first_seen == SECOND
        assert catalog.action("store:CreateShelf").first_seen == "2020-03-04"


def test_without_a_folder_of_data_the_shipped_pages_are_read_beside_the_mirror(mirror):
    code, _ = build("--mirror", mirror)

    assert code == 0
    with Catalog(mirror / "catalog.db") as catalog:
        assert [each.service_prefix for each in catalog.services()] == ["depot", "store"]
        assert catalog.action("ssmmessages:OpenDataChannel").removed == FIRST


def test_another_output_may_be_named(mirror, tmp_path):
    assert build("--mirror", mirror, "--output", tmp_path / "other.db")[0] == 0

    assert not (mirror / "catalog.db").exists()
    with Catalog(tmp_path / "other.db") as catalog:
        assert catalog.service("store").name == "Example Store"


def test_a_mirror_that_is_named_as_data_is_read_in_the_same_way(mirror, tmp_path):
    build("--mirror", mirror)

    code, _ = build("--data", mirror, "--output", tmp_path / "other.db")

    assert code == 0
    assert pages_of(tmp_path / "other.db") == [
        f"{FIRST}/service-authorization/list_depot.md",
        f"{FIRST}/service-authorization/list_store.md",
        f"{SECOND}/service-authorization/list_store.md",
    ]


def test_a_second_build_gives_the_same_bytes(mirror):
    build("--mirror", mirror)
    first = (mirror / "catalog.db").read_bytes()

    assert build("--mirror", mirror)[0] == 0

    assert (mirror / "catalog.db").read_bytes() == first


@pytest.mark.parametrize("left", ["nothing", ".fetch", "datasets"])
def test_a_mirror_without_a_day_says_how_to_fetch_one(tmp_path, left):
    mirror = tmp_path / "mirror"
    if left != "nothing":
        (mirror / left).mkdir(parents=True)

    assert build("--mirror", mirror) == (
        1,
        (
            f"Error: No fetched day in {str(mirror)!r}: fetch one with 'python -m scraper fetch', "
            "or build from a public dataset alone with 'make full'.\n"
        ),
    )
    assert not (mirror / "catalog.db").exists()


def test_a_mirror_of_a_fetch_that_failed_keeps_no_full_build_from_what_data_has(tmp_path):
    mirror = tmp_path / "mirror"
    (mirror / ".fetch").mkdir(parents=True)
    data = tmp_path / "data"
    data.mkdir()
    write_data(data)

    code, said = build("--full", "--mirror", mirror, "--data", data, "--date", "2026-01-02")

    assert (code, "No fetched day" in said) == (0, False), said
    assert (mirror / "catalog.db").exists()


def test_an_updated_catalog_that_can_not_be_read_says_how_to_build_it_anew(tmp_path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "catalog.db").touch()

    with pytest.raises(NotACatalog, match="'python -m scraper build --full --mirror'; run that"):
        Catalog(tmp_path / "mirror" / "catalog.db")


def test_complete_can_not_be_said_of_a_mirror(mirror):
    code, talk = build("--mirror", mirror, "--complete")

    assert (code, talk.splitlines()[-1]) == (
        2,
        "Error: --complete does not go with --mirror, which has partial days.",
    )


def test_a_file_that_the_manifest_of_a_day_does_not_list_is_refused(mirror):
    stray = mirror / SECOND / "service-authorization" / "list_stray.md"
    stray.write_text(DEPOT, encoding="utf-8")

    code, talk = build("--mirror", mirror)

    assert (code, f"{str(stray)!r} is not listed in manifest.json" in talk) == (1, True)


def test_what_is_read_is_said_in_one_line(tmp_path):
    write_day(tmp_path / FIRST, {"store": STORE}, complete=True)
    assert mirror_line(tmp_path) == f"{tmp_path}: {FIRST}"

    (tmp_path / "datasets" / "some-1.0").mkdir(parents=True)
    (tmp_path / "datasets" / "some-1.0" / "manifest.json").touch()
    assert mirror_line(tmp_path) == f"{tmp_path}: {FIRST}, some-1.0"


def test_datasets_come_after_the_days(tmp_path):
    write_day(tmp_path / FIRST, {"store": STORE}, complete=True)
    for name in ("b-2", "a-1", ".c-3.tmp"):
        (tmp_path / "datasets" / name).mkdir(parents=True)
    for name in ("b-2", "a-1"):
        (tmp_path / "datasets" / name / "manifest.json").touch()

    assert [path.name for path in mirror_folders(tmp_path)] == [FIRST, "a-1", "b-2"]


def test_a_folder_of_dated_folders_is_no_mirror(tmp_path):
    """A person's own collection: nothing of it is passed over."""
    write_day(tmp_path / FIRST, {"store": STORE}, complete=True)
    (tmp_path / "list_depot.md").write_text(DEPOT, encoding="utf-8")

    assert [each.date for each in read_collections([tmp_path])] == [None, FIRST]


def test_bytes_are_read_when_they_are_asked_for(tmp_path):
    """A year of texts does not fit into memory."""
    for day in (FIRST, SECOND):
        write_day(tmp_path / day, {"store": STORE}, complete=True)

    first, second = (each.sources[0] for each in read_collections([tmp_path]))

    assert [type(each.text) for each in (first, second)] == [FileText, FileText]
    assert first.content == second.content == STORE.encode()
    assert (first.size, first.date, second.date) == (len(STORE.encode()), FIRST, SECOND)


def test_a_file_that_changes_during_a_build_is_refused(tmp_path):
    write_day(tmp_path / FIRST, {"store": STORE}, complete=True)
    [source] = read_collections([tmp_path])[0].sources
    path = tmp_path / FIRST / source.path.partition("/")[2]
    path.write_text(DEPOT, encoding="utf-8")

    with pytest.raises(SourceError, match=r"list_store.md' was changed while it was read"):
        _ = source.content
    path.unlink()
    with pytest.raises(SourceError, match=r"Cannot read '.*list_store.md'"):
        _ = source.content


def test_an_empty_day_is_no_day_of_aws(tmp_path):
    (tmp_path / ".fetch").mkdir()
    (tmp_path / FIRST).mkdir()

    with pytest.raises(SourceError, match="No files in"):
        read_collections([tmp_path])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda page: page.write_bytes(b"half"), "restore the file as published"),
        (lambda page: page.unlink(), "restore the file"),
    ],
    ids=["changed", "missing"],
)
def test_a_day_whose_files_are_damaged_may_be_removed_whole(mirror, damage, said):
    damage(mirror / FIRST / "service-authorization" / "list_depot.md")

    with pytest.raises(SourceError) as caught:
        read_collections([mirror])

    assert str(caught.value).endswith(f": {said}, or remove the whole day.")
