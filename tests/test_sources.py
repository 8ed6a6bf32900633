"""A folder with a manifest holds exactly what it lists; files are collections by their date."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from examples import entry, write_manifest, write_sources

from scraper.errors import SourceError
from scraper.sources import SourceCollection, SourceFile, read_collections

PAGE = "service-authorization/list_orders.md"
TEXT = "# Orders\n"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_sources(tmp_path, {PAGE: TEXT})


def read_folder(folder: Path) -> list[SourceFile]:
    """The files of all dates."""
    return [source for each in read_collections([folder]) for source in each.sources]


def refusal(folder: Path) -> str:
    """What is said when the folder is read."""
    with pytest.raises(SourceError) as caught:
        read_folder(folder)
    return str(caught.value)


def test_listed_file_comes_with_what_the_manifest_says(folder: Path) -> None:
    fields = {
        "date": "2018-09-17",
        "title": "Orders",
        "publisher": "Example",
        "url": "https://docs.example.com/now",
        "url_then": "https://docs.example.com/then",
        "licence": "CC BY-SA 4.0",
    }
    write_manifest(folder, [entry(PAGE, TEXT, **fields)])

    assert read_folder(folder) == [SourceFile(PAGE, TEXT.encode(), DIGEST, **fields)]


def test_what_nobody_says_is_none(folder: Path) -> None:
    write_manifest(folder, [{"path": PAGE, "sha256": DIGEST}])

    assert read_folder(folder) == [SourceFile(PAGE, TEXT.encode(), DIGEST)]


def test_folder_without_a_manifest_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "page.md").write_bytes(b"b")
    (tmp_path / "a.md").write_bytes(b"\xff")
    (tmp_path / ".hidden").write_bytes(b"")

    assert read_folder(tmp_path) == [
        SourceFile("a.md", b"\xff", hashlib.sha256(b"\xff").hexdigest()),
        SourceFile("b/page.md", b"b", hashlib.sha256(b"b").hexdigest()),
    ]


def test_accepted_problems_are_no_source_without_a_manifest_either(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"a")
    (tmp_path / "accepted.json").write_text('{"problems": []}')

    assert [source.path for source in read_folder(tmp_path)] == ["a.md"]


def test_sources_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    write_sources(tmp_path, {"b.md": "", "a.md": "", "a/c.md": ""})

    assert [source.path for source in read_folder(tmp_path)] == ["a.md", "a/c.md", "b.md"]


@pytest.mark.parametrize(
    ("path", "file", "is_page"),
    [
        ("service-authorization/list_orders.md", "list_orders.md", True),
        ("list_orders.md", "list_orders.md", True),
        ("policies/sample.md", "sample.md", False),
    ],
)
def test_documents_with_policies_are_no_pages(path: str, file: str, is_page: bool) -> None:
    source = SourceFile(path, b"", "")

    assert (source.file, source.is_page) == (file, is_page)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"

    assert refusal(folder) == f"No folder {str(folder)!r}: name a folder of source pages."


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"No files in {str(tmp_path)!r}: name a folder of source pages."


def test_changed_file_is_refused(folder: Path) -> None:
    (folder / PAGE).write_bytes(b"# Orderz\n")
    found = hashlib.sha256(b"# Orderz\n").hexdigest()

    assert refusal(folder) == (
        f"{str(folder / PAGE)!r} does not match its sha256 in manifest.json "
        f"(file {found}, manifest {DIGEST}): "
        "restore the file as published, or add it anew with 'python -m scraper add'."
    )


def test_file_without_a_sha256_is_refused(folder: Path) -> None:
    write_manifest(folder, [{"path": PAGE}])

    assert refusal(folder) == (
        f"{str(folder / PAGE)!r} does not match its sha256 in manifest.json "
        f"(file {DIGEST}, manifest None): "
        "restore the file as published, or add it anew with 'python -m scraper add'."
    )


def test_unlisted_file_is_refused(folder: Path) -> None:
    (folder / "service-authorization" / "new.md").write_bytes(b"")

    assert refusal(folder) == (
        f"{str(folder / 'service-authorization' / 'new.md')!r} is not listed in manifest.json: "
        "add it with 'python -m scraper add', or remove it."
    )


def test_missing_file_is_refused(folder: Path) -> None:
    (folder / PAGE).unlink()

    assert refusal(folder) == (
        f"{str(folder / PAGE)!r} is listed in manifest.json, but is not there: "
        "restore the file, or remove its entry."
    )


@pytest.mark.parametrize(
    ("manifest", "found"),
    [
        (b"", "JSONDecodeError: "),
        (b"{}", "KeyError: 'files'"),
        (b"[]", "TypeError: "),
        (b'{"files": [{}]}', "KeyError: 'path'"),
        (b'{"files": ["a"]}', "TypeError: "),
        (b'{"files": 1}', "TypeError: "),
        (b"\xff", "UnicodeDecodeError: "),
    ],
)
def test_manifest_of_another_form_is_refused(folder: Path, manifest: bytes, found: str) -> None:
    path = folder / "manifest.json"
    path.write_bytes(manifest)

    assert refusal(folder).startswith(
        f"{str(path)!r} is not a manifest: expected an object with a list 'files' of objects, each "
        f"with 'path' and 'sha256' ({found}"
    )


@pytest.mark.parametrize("path", [None, 5, 1.5, True])
def test_path_that_is_no_text_is_refused(folder: Path, path: Any) -> None:
    write_manifest(folder, [entry(PAGE, TEXT), {"path": path, "sha256": DIGEST}])

    assert refusal(folder) == (
        f"{str(folder / str(path))!r} is listed in manifest.json, but is not there: "
        "restore the file, or remove its entry."
    )


def test_file_listed_twice_is_refused(folder: Path) -> None:
    write_manifest(folder, [entry(PAGE, TEXT, date="2018-01-01"), entry(PAGE, TEXT)])

    assert refusal(folder) == (
        f"{str(folder / 'manifest.json')!r} is not a manifest: expected an object with a list "
        "'files' of objects, each with 'path' and 'sha256' (ValueError: a path is listed twice)."
    )


@pytest.mark.parametrize("field", ["date", "title", "publisher", "url", "url_then", "licence"])
def test_field_that_is_neither_text_nor_null_is_refused(folder: Path, field: str) -> None:
    write_manifest(folder, [entry(PAGE, TEXT, **{field: 2019})])

    assert refusal(folder) == (
        f"{str(folder / 'manifest.json')!r}: {field!r} of {PAGE!r} is neither text nor null."
    )


@pytest.mark.parametrize("date", ["", "2019", "12.08.2019", "2019-8-12", "2019-08-12T00:00:00"])
def test_date_of_another_form_is_refused(folder: Path, date: str) -> None:
    write_manifest(folder, [entry(PAGE, TEXT, date=date)])

    assert refusal(folder) == (
        f"{str(folder / 'manifest.json')!r}: {PAGE!r} has the date {date!r}; write YYYY-MM-DD."
    )


@pytest.mark.parametrize(
    "date", ["2019-02-30", "2019-13-01", "0000-00-00", "\u0662\u0660\u0661\u0669-08-12"]
)
def test_date_that_is_no_day_is_refused(folder: Path, date: str) -> None:
    write_manifest(folder, [entry(PAGE, TEXT, date=date)])

    assert refusal(folder) == (
        f"{str(folder / 'manifest.json')!r}: {PAGE!r} has the date {date!r}; write YYYY-MM-DD."
    )


# --- several dates


def write_files(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"text")


def dated_paths(collections: list[SourceCollection]) -> dict[str | None, list[str]]:
    return {each.date: [source.path for source in each.sources] for each in collections}


def test_files_come_by_the_date_of_their_folder_oldest_first(tmp_path: Path) -> None:
    write_files(
        tmp_path, "b/2019-08-12/p.md", "a/2020-01-01/p.md", "a/2019-08-12/deep/p.md", "p.md"
    )

    assert dated_paths(read_collections([tmp_path])) == {
        None: ["p.md"],
        "2019-08-12": ["a/2019-08-12/deep/p.md", "b/2019-08-12/p.md"],
        "2020-01-01": ["a/2020-01-01/p.md"],
    }


@pytest.mark.parametrize(
    ("folder", "date"),
    [
        ("2026-08", "2026-08-31"),
        ("2024-02", "2024-02-29"),
        ("2019-02-28", "2019-02-28"),
        ("2019-02-30", None),
        ("2019-13", None),
        ("2019-08-12b", None),
        ("2019", None),
    ],
)
def test_folder_of_a_month_is_dated_by_its_last_day(
    tmp_path: Path, folder: str, date: str | None
) -> None:
    write_files(tmp_path, f"{folder}/p.md")

    assert [each.date for each in read_collections([tmp_path])] == [date]
    assert [each.date for each in read_collections([tmp_path / folder])] == [date]
    assert [each.date for each in read_collections([tmp_path / folder / "p.md"])] == [date]


def test_nearest_dated_folder_counts(tmp_path: Path) -> None:
    write_files(tmp_path, "2019-08-12/2020-01-01/p.md")

    assert [each.date for each in read_collections([tmp_path])] == ["2020-01-01"]


def test_date_that_is_given_counts_where_no_folder_has_one(tmp_path: Path) -> None:
    write_files(tmp_path, "2019-08-12/p.md", "p.md")

    assert dated_paths(read_collections([tmp_path], date="2018-01-01")) == {
        "2018-01-01": ["p.md"],
        "2019-08-12": ["2019-08-12/p.md"],
    }


def test_date_that_is_given_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_collections([tmp_path], date="2019-02-30")
    assert str(caught.value) == "'2019-02-30' is not a date: write YYYY-MM-DD."


def test_date_of_an_entry_counts_before_that_of_the_folder(tmp_path: Path) -> None:
    folder = write_sources(tmp_path / "2020-01-01", {"a.md": "a", "b.md": "b"})
    write_manifest(folder, [entry("a.md", "a"), entry("b.md", "b", date=None)])

    assert dated_paths(read_collections([tmp_path])) == {
        "2019-08-12": ["2020-01-01/a.md"],
        "2020-01-01": ["2020-01-01/b.md"],
    }


def test_collection_is_partial_unless_somebody_says_that_it_is_complete(tmp_path: Path) -> None:
    write_files(tmp_path, "2019-08-12/p.md", "2020-01-01/p.md")
    files = [{"path": "p.md", "sha256": hashlib.sha256(b"text").hexdigest()}]
    manifest = {"complete": True, "files": files}
    (tmp_path / "2020-01-01" / "manifest.json").write_text(json.dumps(manifest))

    assert [each.complete for each in read_collections([tmp_path])] == [False, True]
    assert [each.complete for each in read_collections([tmp_path], complete=True)] == [True, True]


@pytest.mark.parametrize("word", ["yes", "false", 1])
def test_manifest_says_whether_it_is_complete_with_true_or_false(folder: Path, word: Any) -> None:
    files = [entry(PAGE, TEXT)]
    (folder / "manifest.json").write_text(json.dumps({"complete": word, "files": files}))

    with pytest.raises(SourceError):
        read_folder(folder)


def test_folders_of_one_date_are_one_collection_and_complete_if_one_is(tmp_path: Path) -> None:
    write_files(tmp_path, "json/2020-01-01/p.json", "html/2020-01-01/p.html")
    files = [{"path": "p.html", "sha256": hashlib.sha256(b"text").hexdigest()}]
    manifest = {"complete": True, "files": files}
    (tmp_path / "html" / "2020-01-01" / "manifest.json").write_text(json.dumps(manifest))
    (found,) = read_collections([tmp_path])

    assert (found.date, found.complete, [source.path for source in found.sources]) == (
        "2020-01-01",
        True,
        ["html/2020-01-01/p.html", "json/2020-01-01/p.json"],
    )


def test_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write_files(tmp_path, "2020-01-01/p.md")
    found = read_collections([tmp_path / "2020-01-01", tmp_path / "2020-01-01" / "p.md"])

    assert dated_paths(found) == {"2020-01-01": ["p.md"]}


@pytest.mark.parametrize("name", ["2199-01-01", "2099-12"])
def test_a_page_of_a_day_after_today_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "page.md").write_text("# Page\n", encoding="utf-8")

    with pytest.raises(SourceError, match="which is after today"):
        read_collections([tmp_path / name])
