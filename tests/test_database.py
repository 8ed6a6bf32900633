"""Which file answers, and which files are refused with what words."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from small_catalog import build_small_catalog

from iam_catalog import database
from iam_catalog.database import (
    file_stamp,
    find_database,
    find_metadata,
    open_database,
    open_stamped,
    origin,
)
from iam_catalog.errors import CatalogError, CatalogNotFound, CatalogOutdated, NotACatalog
from iam_catalog.schema import APPLICATION_ID, VERSION

BUILD = "Build one in a checkout with: python -m scraper build"
EXPECTED = (
    "Expected a database written by 'python -m scraper build'; run that, or name another file."
)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """An empty checkout in the place of the real one, and no `$IAM_CATALOG_DB`."""
    folder = tmp_path / "checkout"
    (folder / "iam_catalog").mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    monkeypatch.setattr(database, "PACKAGE", str(folder / "iam_catalog"))
    monkeypatch.setattr(database, "CHECKOUT", str(folder))
    monkeypatch.delenv("IAM_CATALOG_DB", raising=False)
    return folder


def touch(path: Path) -> str:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return str(path)


def error_of(path: str) -> tuple[type[CatalogError], str]:
    with pytest.raises(CatalogError) as caught:
        open_database(path)
    return type(caught.value), str(caught.value)


def write_database(path: Path, application_id: int, version: int) -> str:
    connection = sqlite3.connect(path)
    connection.execute(f"pragma application_id = {application_id}")
    connection.execute(f"pragma user_version = {version}")
    connection.execute("create table anything (it)")
    connection.close()
    return str(path)


def test_each_place_is_preferred_to_those_after_it(checkout, tmp_path, monkeypatch):
    own = touch(checkout / "catalog.db")
    assert find_database() == own
    packed = touch(checkout / "iam_catalog" / "catalog.db")
    assert find_database() == packed
    updated = touch(checkout / "mirror" / "catalog.db")
    assert find_database() == updated
    named = touch(tmp_path / "named.db")
    monkeypatch.setenv("IAM_CATALOG_DB", named)
    assert find_database() == named
    argument = tmp_path / "argument.db"
    touch(argument)
    assert (find_database(str(argument)), find_database(argument)) == (str(argument),) * 2


def test_what_a_catalog_is_called_depends_on_its_place(checkout, tmp_path, monkeypatch):
    updated = touch(checkout / "mirror" / "catalog.db")
    own = touch(checkout / "catalog.db")
    packed = touch(checkout / "iam_catalog" / "catalog.db")
    other = touch(tmp_path / "other.db")
    link = tmp_path / "link.db"
    link.symlink_to(updated)
    monkeypatch.chdir(checkout)

    assert [origin(path) for path in (updated, own, packed, other)] == [
        "updated",
        "shipped",
        "shipped",
        "named",
    ]
    assert [origin("mirror/catalog.db"), origin("./catalog.db")] == ["updated", "shipped"]
    assert origin(str(link)) == "updated"


def test_a_stamp_is_that_of_the_file_which_was_opened(tmp_path):
    path = touch(tmp_path / "catalog.db")

    assert open_stamped(path, lambda opened: opened) == (path, file_stamp(path))


def test_a_file_that_is_replaced_while_it_is_opened_has_no_stamp(tmp_path):
    """Not even where the newcomer gets the number of the one that is gone."""
    path = touch(tmp_path / "catalog.db")
    first = Path(path).stat().st_ino
    numbers = set()

    def replace(path: str) -> str:
        for name in "abcdef":
            Path(touch(tmp_path / name)).replace(path)
            numbers.add(Path(path).stat().st_ino)
        return "opened"

    assert open_stamped(path, replace) == ("opened", None)
    assert first not in numbers


def test_a_file_that_is_not_there_has_no_stamp(tmp_path):
    path = str(tmp_path / "nothing.db")

    assert file_stamp(path) is None
    assert open_stamped(path, lambda opened: opened) == (path, None)


def test_an_installed_package_looks_only_into_itself(checkout):
    (checkout / "pyproject.toml").unlink()
    touch(checkout / "mirror" / "catalog.db")
    touch(checkout / "catalog.db")
    packed = checkout / "iam_catalog" / "catalog.db"

    with pytest.raises(CatalogNotFound) as caught:
        find_database()
    assert str(caught.value) == f"No catalog.db found (looked for {packed}). {BUILD}"

    assert find_database(touch(packed)) == str(packed)


def test_a_checkout_without_a_catalog_says_where_it_looked(checkout):
    with pytest.raises(CatalogNotFound) as caught:
        find_database()

    places = [
        str(checkout / "mirror" / "catalog.db"),
        str(checkout / "iam_catalog" / "catalog.db"),
        str(checkout / "catalog.db"),
    ]
    assert caught.value.tried == places
    assert str(caught.value) == f"No catalog.db found (looked for {', '.join(places)}). {BUILD}"


@pytest.mark.parametrize("way", ["argument", "environment"])
def test_a_catalog_that_was_named_is_never_replaced_by_another(checkout, monkeypatch, way):
    touch(checkout / "catalog.db")
    monkeypatch.setenv("IAM_CATALOG_DB", "/nowhere/catalog.db")

    with pytest.raises(CatalogNotFound) as caught:
        find_database("/nowhere/catalog.db" if way == "argument" else None)
    assert str(caught.value) == f"No catalog.db found (looked for /nowhere/catalog.db). {BUILD}"


def test_an_empty_argument_is_no_wish_for_the_shipped_catalog(checkout):
    touch(checkout / "catalog.db")

    with pytest.raises(CatalogNotFound):
        find_database("")


def test_an_empty_environment_variable_is_none(checkout, monkeypatch):
    monkeypatch.setenv("IAM_CATALOG_DB", "")
    own = touch(checkout / "catalog.db")

    assert find_database() == own


def test_metadata_is_looked_for_in_the_package_and_then_in_the_checkout(checkout):
    with pytest.raises(CatalogError) as caught:
        find_metadata()
    places = f"{checkout / 'iam_catalog' / 'metadata.json'}, {checkout / 'metadata.json'}"
    assert str(caught.value) == f"No metadata.json found (looked for {places})."

    own = touch(checkout / "metadata.json")
    assert find_metadata() == own
    packed = touch(checkout / "iam_catalog" / "metadata.json")
    assert find_metadata() == packed


def test_a_catalog_opens_read_only(built):
    connection = open_database(built)

    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("delete from actions")
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_READONLY
    connection.close()


def test_opening_leaves_no_file_beside_the_catalog(built, tmp_path):
    shutil.copy(built, tmp_path / "catalog.db")

    connection = open_database(str(tmp_path / "catalog.db"))
    connection.execute("select count(*) from actions").fetchone()

    assert [each.name for each in tmp_path.iterdir()] == ["catalog.db"]
    connection.close()


@pytest.mark.parametrize(
    "name",
    ["a b.db", "100%.db", "what?.db", "a#b.db", "%41.db", "?mode=rwc#%20.db", "ü.db", "a'b.db"],
)
def test_any_file_name_can_be_opened(built, tmp_path, name):
    shutil.copy(built, tmp_path / name)

    connection = open_database(str(tmp_path / name))

    assert connection.execute("select count(*) from actions").fetchone() == (4,)
    connection.close()


def test_a_relative_path_can_be_opened(built, tmp_path, monkeypatch):
    shutil.copy(built, tmp_path / "here.db")
    monkeypatch.chdir(tmp_path)

    open_database("here.db").close()


def test_a_path_that_starts_with_two_slashes_can_be_opened(built):
    open_database(f"/{built}").close()


def assert_unreadable(path: str) -> None:
    """It is not a catalog, for a reason that SQLite gives in its own words."""
    kind, text = error_of(path)
    assert kind is NotACatalog
    assert text.startswith(f"{path!r} is not a catalog: ")
    assert text.endswith(f". {EXPECTED}")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "text.db"
    path.write_text("It was a dark and stormy night. " * 40, encoding="utf-8")

    assert_unreadable(str(path))


def test_an_empty_file_is_refused(tmp_path):
    path = touch(tmp_path / "empty.db")

    assert error_of(path) == (
        NotACatalog,
        f"{path!r} is not a catalog: an empty file. {EXPECTED}",
    )


def test_a_folder_is_refused(tmp_path):
    assert error_of(str(tmp_path)) == (
        NotACatalog,
        f"{str(tmp_path)!r} is not a catalog: a folder. {EXPECTED}",
    )


def test_a_database_of_another_program_is_refused(tmp_path):
    path = write_database(tmp_path / "foreign.db", 0, VERSION)

    assert error_of(path) == (
        NotACatalog,
        f"{path!r} is not a catalog: an SQLite database of another kind. {EXPECTED}",
    )


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        (VERSION - 1, "rebuild it with: python -m scraper build"),
        (VERSION + 1, "upgrade iam-catalog, or rebuild it with: python -m scraper build"),
    ],
)
def test_a_catalog_of_another_version_is_refused(tmp_path, version, remedy):
    path = write_database(tmp_path / "other.db", APPLICATION_ID, version)

    assert error_of(path) == (
        CatalogOutdated,
        (
            f"{path!r} has schema version {version}, but this iam-catalog reads version "
            f"{VERSION}: {remedy}"
        ),
    )


def test_a_catalog_that_was_cut_off_is_refused(built, tmp_path):
    path = tmp_path / "cut.db"
    path.write_bytes(Path(built).read_bytes()[:8192])

    assert_unreadable(str(path))
