"""A catalog that is replaced is taken up; one that cannot be read leaves the one before."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from assistant_clients import open_live
from replaced_catalog import build_marked_catalogs

from iam_catalog.assistants.live import LiveCatalog
from iam_catalog.errors import CatalogError, CatalogNotFound, NotACatalog


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build_marked_catalogs(tmp_path_factory.mktemp("marked"))


def put(source: Path, place: Path) -> None:
    """Put a copy in the place of a catalog, as a build does."""
    new = place.with_suffix(".new")
    shutil.copy(source, new)
    new.replace(place)


def date_of(live: LiveCatalog) -> str | None:
    with live.asked() as opened:
        return opened.about.as_of


def test_the_next_question_goes_to_the_catalog_that_is_there(
    marked: list[Path], tmp_path: Path
) -> None:
    place = tmp_path / "catalog.db"
    put(marked[0], place)
    with open_live(str(place)) as live:
        before = date_of(live)
        put(marked[1], place)

        assert (before, date_of(live)) == ("2020-03-04", "2021-03-04")


def test_an_answer_as_of_a_date_is_of_the_file_that_is_there(
    marked: list[Path], tmp_path: Path
) -> None:
    place = tmp_path / "catalog.db"
    put(marked[0], place)
    with open_live(str(place)) as live:
        with live.asked():
            before = live.opened_at("2030-01-01")
            assert live.opened_at("2030-01-01") is before
        put(marked[1], place)
        with live.asked():
            after = live.opened_at("2030-01-01")

        assert (before.about.as_of, after.about.as_of) == ("2020-03-04", "2021-03-04")
        with pytest.raises(CatalogError):
            before.catalog.services()


@pytest.mark.parametrize("content", [None, b"", b"no catalog " * 400])
def test_while_nothing_can_be_read_the_one_before_answers(
    marked: list[Path], tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "catalog.db"
    put(marked[0], place)
    with open_live(str(place)) as live:
        date_of(live)
        place.unlink()
        if content is not None:
            place.write_bytes(content)

        assert (date_of(live), date_of(live)) == ("2020-03-04", "2020-03-04")
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("The catalog was replaced, and the one before answers: ") == 1
        put(marked[1], place)
        assert date_of(live) == "2021-03-04"


def test_without_any_catalog_a_question_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"no catalog")
    with open_live(str(tmp_path / "no.db")) as live, pytest.raises(NotACatalog):
        date_of(live)
    live = LiveCatalog()
    live._find = _not_found
    with pytest.raises(CatalogNotFound):
        date_of(live)


def _not_found() -> str:
    raise CatalogNotFound(["nowhere"])


def test_threads_that_ask_while_it_is_replaced_get_whole_answers(
    marked: list[Path], tmp_path: Path
) -> None:
    place = tmp_path / "catalog.db"
    put(marked[0], place)
    done = threading.Event()

    def replace() -> None:
        while not done.is_set():
            for each in marked:
                put(each, place)

    with open_live(str(place)) as live:

        def ask(_: int) -> bool:
            with live.asked() as opened:
                return opened.catalog.about() == opened.about

        other = threading.Thread(target=replace)
        other.start()
        try:
            with ThreadPoolExecutor(4) as pool:
                assert all(pool.map(ask, range(200)))
        finally:
            done.set()
            other.join()
