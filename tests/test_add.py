"""Taking a page into a data folder never costs what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from examples import page_text

from scraper.add import Details, add_page
from scraper.errors import SourceError

PAGE = "service-authorization/list_orders.md"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"files": []}', encoding="utf-8")
    return folder


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "list_orders.md"
    path.write_text(page_text(), encoding="utf-8")
    return path


def entries(data: Path) -> dict[str, dict[str, str | None]]:
    listed = json.loads((data / "manifest.json").read_text(encoding="utf-8"))["files"]
    return {entry["path"]: entry for entry in listed}


def test_page_of_another_date_stands_beside_the_first(data: Path, page: Path) -> None:
    add_page(page, data, Details(date="2019-08-12"))
    page.write_text(f"{page_text()}\n", encoding="utf-8")
    add_page(page, data, Details(date="2020-06-12"))

    assert sorted(entries(data)) == ["service-authorization/2020-06-12/list_orders.md", PAGE]


def test_other_page_of_the_same_name_without_a_date_is_refused(data: Path, page: Path) -> None:
    add_page(page, data, Details(date="2019-08-12"))
    page.write_text(f"{page_text()}\n", encoding="utf-8")

    with pytest.raises(SourceError) as caught:
        add_page(page, data, Details())

    assert str(caught.value) == (
        f"{PAGE!r} is there already, with other content: "
        "say of which date this one is, with --date."
    )


def test_same_page_keeps_what_is_not_said_anew(data: Path, page: Path) -> None:
    add_page(page, data, Details(date="2019-08-12", publisher="Somebody"))
    add_page(page, data, Details(licence="CC0"))

    entry = entries(data)[PAGE]

    assert (entry["date"], entry["publisher"], entry["licence"]) == (
        "2019-08-12",
        "Somebody",
        "CC0",
    )
