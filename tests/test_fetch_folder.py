"""Pages that somebody fetched by other means, in folders flat and deep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fetch_server as serving
import pytest
from fetch_server import DOCS, MARKDOWN, SERVICES, FakeTime, Server

from scraper.fetch.addresses import INDEX_NAME
from scraper.fetch.http import Limits
from scraper.fetch.run import Result, Setting, Wanted, fetch_mirror
from scraper.sources import read_collections

DAY = "2026-11-22"
OLDER = "2026-10-01"
STORE = f"{DOCS}list_store.md"
MILL = f"{DOCS}list_mill.md"
INDEX = f"{DOCS}{INDEX_NAME}.md"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        serving.fill(server)
        yield server


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


def run(
    server: Server, mirror: Path, date: str = DAY, *, folder: Path | None = None, **wanted: Any
) -> Result:
    setting = Setting(server.site, Limits(connections=2), FakeTime().timing)
    return fetch_mirror(mirror, Wanted(date, **wanted), folder=folder, setting=setting)


def test_pages_from_a_folder_need_no_server(server: Server, mirror: Path, tmp_path: Path) -> None:
    folder = save_site(server, tmp_path / "saved")
    server.clear_log()

    result = run(server, mirror, OLDER, folder=folder)

    assert (result.complete, server.log.paths) == (True, [])
    (collection,) = read_collections([mirror])
    assert (collection.date, len(collection.sources)) == (OLDER, 8)


def test_a_folder_without_lists_is_partial(server: Server, mirror: Path, tmp_path: Path) -> None:
    folder = tmp_path / "flat"
    folder.mkdir()
    for path in (STORE, "/v1/store/store.json"):
        (folder / path.rpartition("/")[2]).write_bytes(server.texts[path].content)

    result = run(server, mirror, folder=folder)

    assert (result.complete, result.outcomes, result.failures) == (False, {"new": 2}, ())


def test_two_files_of_a_folder_that_could_be_one_page(
    server: Server, mirror: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / "two" / name).mkdir(parents=True)
        (tmp_path / "two" / name / "list_store.md").write_bytes(server.texts[STORE].content)
    (tmp_path / "two" / "list_mill.md").write_bytes(server.texts[MILL].content)

    result = run(server, mirror, folder=tmp_path / "two")

    (error,) = result.failures
    assert str(error) == (
        f"{server.address}{STORE}: bad-name: 'a/list_store.md' and 'b/list_store.md' could both "
        "be it; keep one of them."
    )


def test_older_pages_are_not_compared_with_newer_ones(
    server: Server, mirror: Path, tmp_path: Path
) -> None:
    run(server, mirror)
    server.put(INDEX, serving.index(SERVICES[:2]), MARKDOWN)
    folder = save_site(server, tmp_path / "saved")

    assert run(server, mirror, OLDER, folder=folder, source="docs").complete


def save_site(server: Server, folder: Path) -> Path:
    """The texts of the server, where a mirroring program would put them."""
    for path, text in server.texts.items():
        target = folder / "docs.example.com" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.content)
    return folder


def test_a_listed_page_that_a_folder_lacks_is_named(
    server: Server, mirror: Path, tmp_path: Path
) -> None:
    folder = save_site(server, tmp_path / "saved")
    next(folder.rglob("list_store.md")).unlink()

    result = run(server, mirror, OLDER, folder=folder)

    (error,) = result.failures
    assert str(error) == (
        f"{server.address}{STORE}: gone: no file 'list_store.md' in {str(folder)!r}."
    )
    assert not result.complete


def test_a_file_larger_than_any_page_is_not_read(
    server: Server, mirror: Path, tmp_path: Path
) -> None:
    folder = save_site(server, tmp_path / "saved")
    with next(folder.rglob("list_store.md")).open("r+b") as file:
        file.truncate(Limits().file_bytes + 1)

    result = run(server, mirror, OLDER, folder=folder)

    assert [each.kind for each in result.failures] == ["too-large"]
