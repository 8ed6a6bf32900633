"""The newest fetched day: what AWS's lists name, was asked for, and is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scraper.guards.base import Trip
from scraper.guards.fetch import fetch_trips

SITE = "https://docs.example.com/"


def write_day(
    mirror: Path,
    date: str = "2026-11-22",
    files: tuple[str, ...] = ("service-authorization/list_s3.md",),
    failures: tuple[str, ...] = (),
    **listed: list[str],
) -> Path:
    """A day as a fetch leaves it; the failures are addresses."""
    (mirror / ".fetch").mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {
        "complete": not failures,
        "listed": listed,
        "failures": [{"url": url, "kind": "gone", "text": "…"} for url in failures],
        "files": [{"path": path, "sha256": f"sha of {path}"} for path in files],
    }
    (mirror / date).mkdir()
    (mirror / date / "manifest.json").write_text(json.dumps(manifest))
    return mirror


def gone(*paths: Path, held: set[tuple[str, str]] | None = None) -> list[tuple[str, ...]]:
    return [trip.names for trip in fetch_trips(paths, held or set())]


def test_page_that_could_not_be_fetched_is_told(tmp_path: Path) -> None:
    write_day(tmp_path, failures=(f"{SITE}list_connect.md",), docs=["connect", "s3"])

    assert fetch_trips([tmp_path]) == [
        Trip(
            "incomplete-fetch",
            "2026-11-22: 1 of 2 that AWS lists could not be fetched",
            names=("connect",),
        )
    ]


def test_day_itself_may_be_named(tmp_path: Path) -> None:
    write_day(tmp_path, failures=(f"{SITE}list_connect.html",), docs=["connect", "s3"])

    assert gone(tmp_path / "2026-11-22") == [("connect",)]


def test_complete_day_lacks_nothing(tmp_path: Path) -> None:
    assert gone(write_day(tmp_path, docs=["s3"])) == []


def test_services_that_nobody_asked_for_are_not_missing(tmp_path: Path) -> None:
    assert gone(write_day(tmp_path, docs=["connect", "s3"])) == []


def test_json_and_page_of_one_name_are_told_apart(tmp_path: Path) -> None:
    write_day(
        tmp_path,
        failures=(f"{SITE}v1/s3/s3.json",),
        docs=["s3"],
        json=["s3"],
    )

    assert gone(tmp_path) == [("s3",)]


def test_page_that_came_in_its_other_form_is_not_missing(tmp_path: Path) -> None:
    files = ("service-authorization/list_s3.html",)

    assert (
        gone(write_day(tmp_path, files=files, failures=(f"{SITE}list_s3.md",), docs=["s3"])) == []
    )


def test_line_of_a_list_that_gave_no_address_is_missing(tmp_path: Path) -> None:
    write_day(tmp_path, failures=("../list_evil.md",), docs=["s3", "../list_evil.md"])

    assert gone(tmp_path) == [("../list_evil.md",)]


def test_failure_of_a_document_is_none_of_a_page(tmp_path: Path) -> None:
    failures = (f"{SITE}reference_policies_condition-keys.md",)

    assert gone(write_day(tmp_path, failures=failures, docs=["s3"])) == []


def test_newer_day_overcomes_the_older_one(tmp_path: Path) -> None:
    write_day(tmp_path, "2026-11-21", failures=(f"{SITE}list_connect.md",), docs=["connect", "s3"])
    write_day(tmp_path, "2026-11-22", docs=["s3"])

    assert gone(tmp_path) == []


def test_day_whose_pages_the_replaced_catalog_holds_was_looked_at_before(tmp_path: Path) -> None:
    write_day(tmp_path, failures=(f"{SITE}list_connect.md",), docs=["connect", "s3"])
    sha256 = "sha of service-authorization/list_s3.md"

    assert gone(tmp_path, held={("2026-11-22", sha256)}) == []
    assert gone(tmp_path, held={("2026-11-21", sha256)}) == [("connect",)]


def test_folders_that_no_fetch_left_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"files": []}')
    (tmp_path / "page.md").write_text("# Page")

    assert gone(tmp_path, tmp_path / "page.md", tmp_path / "nowhere") == []
