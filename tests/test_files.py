"""Files and folders take their place whole, and leave nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from iam_catalog.files import (
    link_file,
    new_file,
    new_folder,
    put_file,
    put_folder,
    write_file,
)


def texts(folder: Path) -> dict[str, str]:
    """Every file below *folder* with its text."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def no_link(older: Path, path: Path) -> None:
    raise PermissionError(older, path)


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("older")

    write_file(tmp_path / "file", b"whole")
    write_file(tmp_path / "new" / "file", b"made with its folder")

    assert texts(tmp_path) == {"file": "whole", "new/file": "made with its folder"}


def test_a_file_that_cannot_be_put_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder" / "full").mkdir(parents=True)

    with pytest.raises(OSError, match="folder"):
        write_file(tmp_path / "folder", b"text")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("flush", [False, True])
def test_a_new_file_is_moved_or_removed(tmp_path: Path, flush: bool) -> None:
    for name, put in (("moved", True), ("left", False)):
        with new_file(tmp_path / name) as new:
            new.write_text(name)
            if put:
                put_file(new, tmp_path / name, flush=flush)

    assert texts(tmp_path) == {"moved": "moved"}


def test_a_new_file_has_the_rights_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "other").touch()

    with new_file(tmp_path / "file") as new:
        assert new.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_bytes_are_copied_where_there_are_no_links(tmp_path: Path) -> None:
    older = tmp_path / "older"
    older.write_bytes(b"text")

    link_file(older, tmp_path / "new" / "file", no_link)

    assert not (tmp_path / "new" / "file").samefile(older)
    assert (tmp_path / "new" / "file").read_bytes() == b"text"


def test_bytes_are_linked_where_there_are_links(tmp_path: Path) -> None:
    older = tmp_path / "older"
    older.write_bytes(b"text")

    link_file(older, tmp_path / "new" / "file")
    link_file(older, tmp_path / "new" / "file")

    assert (tmp_path / "new" / "file").samefile(older)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with new_folder(tmp_path / "deep" / "folder") as new:
            (new / text).write_text(text)
            put_folder(new, tmp_path / "deep" / "folder")

    assert texts(tmp_path) == {"deep/folder/second": "second"}


def test_a_folder_that_is_not_put_leaves_nothing(tmp_path: Path) -> None:
    with new_folder(tmp_path / "folder") as new:
        (new / "file").write_text("half")

    assert list(tmp_path.iterdir()) == []


def test_the_older_folder_comes_back_where_the_new_one_cannot_be_put(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("older")

    with new_folder(tmp_path / "folder") as new:
        new.rmdir()
        with pytest.raises(FileNotFoundError):
            put_folder(new, tmp_path / "folder")

    assert texts(tmp_path) == {"folder/file": "older"}
