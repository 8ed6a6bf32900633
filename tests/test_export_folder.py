"""An export is there whole or not at all, and takes the place of nothing but an earlier one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from export_catalogs import dated, export, files_of

from iam_catalog import CatalogError
from iam_catalog.export.folder import new_folder


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return dated(tmp_path_factory.mktemp("catalog"))


def refusal(path: str, folder: Path, kind: str = "csv") -> str:
    """The message of an export that is refused and changes nothing."""
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(CatalogError) as caught:
        export(path, folder, kind)
    assert sorted(folder.parent.rglob("*")) == before
    return str(caught.value)


def test_a_new_folder_is_made_with_those_above_it(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "a" / "b", "csv")

    assert (tmp_path / "a" / "b" / "actions.csv").exists()
    assert [each.name for each in (tmp_path / "a").iterdir()] == ["b"]


def test_it_has_the_rights_of_any_new_folder(path: str, tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()

    export(path, tmp_path / "out", "csv")

    assert (tmp_path / "out").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_empty_folder_is_taken(path: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    export(path, tmp_path / "out", "csv")

    assert (tmp_path / "out" / "actions.csv").exists()


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_earlier_export_is_replaced_whole(path: str, tmp_path: Path, kind: str) -> None:
    export(path, tmp_path / "other", kind, "boxes")
    export(path, tmp_path / "out", kind)

    export(path, tmp_path / "out", kind, "boxes")

    assert files_of(tmp_path / "out") == files_of(tmp_path / "other")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other", "out"]


def test_an_export_without_services_is_replaced_too(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "json", as_of="2000-01-01")

    export(path, tmp_path / "out", "json")

    assert (tmp_path / "out" / "services" / "boxes.json").exists()


def test_a_link_to_a_folder_stays_one(path: str, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    export(path, tmp_path / "link", "csv")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "actions.csv").exists()


def test_a_file_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "out").touch()

    assert refusal(path, tmp_path / "out") == (
        f"{str(tmp_path / 'out')!r} is not a folder: name one to export into, "
        "for example 'exported'."
    )


def test_a_folder_with_files_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").touch()

    assert refusal(path, tmp_path / "out") == (
        f"{str(tmp_path / 'out')!r} has files, and is not an earlier export: name a folder that is "
        "not there yet, or an empty one."
    )


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, "1", "[]", '{"iam_catalog": 1}', '{"iam_catalog": {"export": 1}}'],
)
def test_a_package_of_others_makes_no_earlier_export(path: str, tmp_path: Path, text: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "datapackage.json").write_text(text)

    assert "is not an earlier export" in refusal(path, tmp_path / "out")


@pytest.mark.parametrize("resources", [None, {}, [1, {}, {"path": 1}]])
def test_a_package_that_lists_nothing_owns_nothing(
    path: str, tmp_path: Path, resources: object
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").touch()
    package = {"iam_catalog": {"export": "csv"}, "resources": resources}
    (tmp_path / "out" / "datapackage.json").write_text(json.dumps(package))

    assert "has 'notes.txt', which no export has written there" in refusal(path, tmp_path / "out")


def test_an_earlier_export_of_another_kind_is_refused(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "json")

    assert refusal(path, tmp_path / "out") == (
        f"{str(tmp_path / 'out')!r} has an earlier export as json, not as csv: name another "
        "folder, or delete it."
    )


@pytest.mark.parametrize("name", ["mine.txt", "services/mine.txt", ".git/config"])
def test_an_earlier_export_with_a_file_of_others_is_refused(
    path: str, tmp_path: Path, name: str
) -> None:
    export(path, tmp_path / "out", "json")
    (tmp_path / "out" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "out" / name).touch()

    assert refusal(path, tmp_path / "out", "json") == (
        f"{str(tmp_path / 'out')!r} has {name!r}, which no export has written there and which "
        "would be lost: name another folder, or move that away."
    )


def test_an_empty_folder_or_a_link_in_it_is_a_file_of_others(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "csv")
    (tmp_path / "out" / "empty").mkdir()
    assert "has 'empty'" in refusal(path, tmp_path / "out")

    (tmp_path / "out" / "empty").rmdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path)
    assert "has 'link'" in refusal(path, tmp_path / "out")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_the_folder_that_this_runs_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    with pytest.raises(CatalogError) as caught, new_folder(name, "csv"):
        raise AssertionError

    assert str(caught.value) == (
        f"{name!r} is the folder that this runs in, which cannot be replaced by an export: name "
        "another folder, for example 'exported'."
    )


def test_a_folder_that_can_not_be_made_is_said(path: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert refusal(path, tmp_path / "file" / "out") == (
        f"Cannot export to {str(tmp_path / 'file' / 'out')!r}: File exists. Name a folder that "
        "can be written, with room for the files."
    )


@pytest.mark.parametrize("error", [OSError(28, os.strerror(28)), KeyboardInterrupt(), ValueError()])
def test_a_failure_leaves_the_earlier_export_as_it_was(
    path: str, tmp_path: Path, error: BaseException
) -> None:
    export(path, tmp_path / "out", "csv")
    before = files_of(tmp_path)

    with (  # noqa: PT012   the block is what fails
        pytest.raises(CatalogError if isinstance(error, OSError) else type(error)) as caught,
        new_folder(str(tmp_path / "out"), "csv") as folder,
    ):
        (folder / "half.csv").write_text("half")
        raise error

    assert files_of(tmp_path) == before
    if isinstance(error, OSError):
        assert f"{os.strerror(28)}. Name a folder that can be written" in str(caught.value)


def test_a_file_that_comes_meanwhile_is_not_lost(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "csv")

    with (
        pytest.raises(CatalogError, match=r"has 'mine\.txt'"),
        new_folder(str(tmp_path / "out"), "csv"),
    ):
        (tmp_path / "out" / "mine.txt").write_text("mine")

    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_what_stood_there_comes_back_where_the_new_folder_can_not_take_its_place(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(path, tmp_path / "out", "csv")
    before = files_of(tmp_path)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(16, os.strerror(16))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)

    assert "Device or resource busy" in refusal(path, tmp_path / "out")
    assert files_of(tmp_path) == before
