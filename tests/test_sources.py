"""A folder with a manifest holds exactly what the manifest lists, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from examples import entry, write_manifest, write_sources

from scraper.errors import SourceError
from scraper.sources import Source, read_folder

PAGE = "service-authorization/list_orders.md"
TEXT = "# Orders\n"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_sources(tmp_path, {PAGE: TEXT})


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

    assert read_folder(folder) == [Source(PAGE, TEXT.encode(), DIGEST, **fields)]


def test_what_nobody_says_is_none(folder: Path) -> None:
    write_manifest(folder, [{"path": PAGE, "sha256": DIGEST}])

    assert read_folder(folder) == [Source(PAGE, TEXT.encode(), DIGEST)]


def test_folder_without_a_manifest_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "page.md").write_bytes(b"b")
    (tmp_path / "a.md").write_bytes(b"\xff")
    (tmp_path / ".hidden").write_bytes(b"")

    assert read_folder(tmp_path) == [
        Source("a.md", b"\xff", hashlib.sha256(b"\xff").hexdigest()),
        Source("b/page.md", b"b", hashlib.sha256(b"b").hexdigest()),
    ]


@pytest.mark.xfail(strict=True, reason="accepted.json is read as a page where no manifest is")
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
    source = Source(path, b"", "")

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
        ("", "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        ("{}", "KeyError: 'files'"),
        ("[]", "TypeError: list indices must be integers or slices, not str"),
        ('{"files": [{}]}', "KeyError: 'path'"),
        ('{"files": ["a"]}', "TypeError: string indices must be integers, not 'str'"),
        ('{"files": 1}', "TypeError: 'int' object is not iterable"),
    ],
)
def test_manifest_of_another_form_is_refused(folder: Path, manifest: str, found: str) -> None:
    path = folder / "manifest.json"
    path.write_text(manifest)

    assert refusal(folder) == (
        f"{str(path)!r} is no manifest ({found}): expected an object "
        "with a list 'files' of objects, each with 'path' and 'sha256'."
    )


def test_manifest_that_is_not_utf_8_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(b"\xff")

    assert refusal(folder) == (
        f"{str(path)!r} is no manifest (UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff "
        "in position 0: invalid start byte): expected an object "
        "with a list 'files' of objects, each with 'path' and 'sha256'."
    )


@pytest.mark.xfail(strict=True, reason="a path that is no text raises TypeError")
@pytest.mark.parametrize("path", [None, 5, 1.5, True])
def test_path_that_is_no_text_is_refused(folder: Path, path: Any) -> None:
    write_manifest(folder, [entry(PAGE, TEXT), {"path": path, "sha256": DIGEST}])

    with pytest.raises(SourceError):
        read_folder(folder)


@pytest.mark.xfail(strict=True, reason="the last of two entries wins")
def test_file_listed_twice_is_refused(folder: Path) -> None:
    write_manifest(folder, [entry(PAGE, TEXT, date="2018-01-01"), entry(PAGE, TEXT)])

    with pytest.raises(SourceError):
        read_folder(folder)


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


@pytest.mark.xfail(strict=True, reason="only the form of a date is checked")
@pytest.mark.parametrize(
    "date", ["2019-02-30", "2019-13-01", "0000-00-00", "\u0662\u0660\u0661\u0669-08-12"]
)
def test_date_that_is_no_day_is_refused(folder: Path, date: str) -> None:
    write_manifest(folder, [entry(PAGE, TEXT, date=date)])

    assert refusal(folder) == (
        f"{str(folder / 'manifest.json')!r}: {PAGE!r} has the date {date!r}; write YYYY-MM-DD."
    )
