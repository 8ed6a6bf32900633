"""Runs of a fetch: what is asked, what is kept, and what a second run asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fetch_server as serving
import pytest
from fetch_server import DOCS, HTML, KEYS, MARKDOWN, SERVICES, FakeTime, Server

from scraper.fetch.addresses import INDEX_NAME, KEYS_NAME
from scraper.fetch.errors import FetchStopped
from scraper.fetch.http import USER_AGENT, Limits
from scraper.fetch.run import Result, Setting, Wanted, fetch_mirror
from scraper.sources import read_collections

DAY = "2026-11-22"
NEXT = "2026-11-23"
STORE = f"{DOCS}list_store.md"
MILL = f"{DOCS}list_mill.md"
INDEX = f"{DOCS}{INDEX_NAME}.md"
FILES = [
    "service-authorization/list_barn.md",
    "service-authorization/list_depot-v2.md",
    "service-authorization/list_mill.md",
    "service-authorization/list_store.md",
    "service-reference/barn.json",
    "service-reference/depot.json",
    "service-reference/mill.json",
    "service-reference/store.json",
]
DOCUMENTS = [
    ".mapping.json",
    ".reference_policies_actions-resources-contextkeys.md",
    ".reference_policies_condition-keys.md",
    ".service-list.json",
]


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


def manifest(mirror: Path, date: str = DAY) -> dict[str, Any]:
    return json.loads((mirror / date / "manifest.json").read_text(encoding="utf-8"))


def files_of(folder: Path) -> list[str]:
    """Every file, also those that begin with a dot."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def failures(result: Result, server: Server) -> list[tuple[str, str]]:
    """Path and kind of each."""
    return [(each.url.removeprefix(server.address), each.kind) for each in result.failures]


def test_a_run_keeps_every_page_that_the_lists_name(server: Server, mirror: Path) -> None:
    result = run(server, mirror)

    assert (result.complete, result.outcomes, result.failures) == (True, {"new": 10}, ())
    assert files_of(mirror / DAY) == sorted([*FILES, *DOCUMENTS, "manifest.json"])
    assert (mirror / DAY / FILES[3]).read_bytes() == server.texts[STORE].content


def test_the_manifest_says_what_was_served(server: Server, mirror: Path) -> None:
    run(server, mirror)

    whole = manifest(mirror)
    text = server.texts[STORE]
    assert whole["files"][3] == {
        "path": FILES[3],
        "title": "Actions, resources, and condition keys for Example Store",
        "publisher": "Amazon Web Services",
        "url_then": f"{server.address}{STORE}",
        "url": f"{server.address}{STORE}",
        "landed": None,
        "date": DAY,
        "licence": "CC BY-SA 4.0",
        "licence_url": "https://creativecommons.org/licenses/by-sa/4.0/",
        "status": 200,
        "headers": {
            "content-type": MARKDOWN,
            "etag": text.tag,
            "last-modified": text.last_modified,
        },
        "bytes": len(text.content),
        "sha256": hashlib.sha256(text.content).hexdigest(),
    }
    assert [each["path"] for each in whole["documents"]] == DOCUMENTS
    assert whole["listed"] == {
        "docs": ["store", "depot-v2", "mill", "barn"],
        "json": ["store", "depot", "mill", "barn"],
    }
    assert (whole["complete"], whole["failures"]) == (True, [])


def test_the_day_reads_as_a_complete_collection(server: Server, mirror: Path) -> None:
    run(server, mirror)

    (collection,) = read_collections([mirror])

    assert (collection.date, collection.complete) == (DAY, True)
    assert [source.path for source in collection.sources] == [f"{DAY}/{each}" for each in FILES]


def test_every_request_says_who_asks(server: Server, mirror: Path) -> None:
    run(server, mirror)

    assert {each.headers["User-Agent"] for each in server.log.requests} == {USER_AGENT}
    assert {each.headers["Accept-Encoding"] for each in server.log.requests} == {"gzip"}


def test_a_refresh_without_changes_moves_no_page(server: Server, mirror: Path) -> None:
    run(server, mirror)
    server.clear_log()

    result = run(server, mirror, NEXT)

    assert (result.complete, result.outcomes) == (True, {"unchanged": 10})
    assert (server.log.sent, result.received) == (0, 0)
    assert serving.statuses(server) == {304: 12}
    collections = read_collections([mirror])
    assert [(each.date, each.complete) for each in collections] == [(DAY, True), (NEXT, True)]
    sources = [[source.sha256 for source in each.sources] for each in collections]
    assert sources[0] == sources[1]


def test_a_refresh_keeps_the_bytes_once(server: Server, mirror: Path) -> None:
    run(server, mirror)
    server.put(MILL, serving.page("Example Mill", "mill", "mill") + "\nNews.\n", MARKDOWN)

    result = run(server, mirror, NEXT)

    assert result.outcomes == {"new": 1, "unchanged": 9}
    same = {
        path: (mirror / DAY / path).samefile(mirror / NEXT / path) for path in [*FILES, *DOCUMENTS]
    }
    assert [path for path, is_same in same.items() if not is_same] == [FILES[2]]
    assert b"News." in (mirror / NEXT / FILES[2]).read_bytes()
    assert b"News." not in (mirror / DAY / FILES[2]).read_bytes()


def test_a_refresh_says_what_the_headers_of_the_text_are(server: Server, mirror: Path) -> None:
    run(server, mirror)
    run(server, mirror, NEXT)

    first, second = manifest(mirror)["files"][3], manifest(mirror, NEXT)["files"][3]
    assert second == {**first, "date": NEXT, "status": 304}


def test_a_changed_etag_of_the_same_bytes_is_no_change(server: Server, mirror: Path) -> None:
    run(server, mirror)
    server.texts[STORE].etag = '"another"'

    result = run(server, mirror, NEXT)

    assert result.outcomes == {"unchanged": 10}
    assert manifest(mirror, NEXT)["files"][3]["headers"]["etag"] == '"another"'
    assert (mirror / DAY / FILES[3]).samefile(mirror / NEXT / FILES[3])


def test_a_file_that_was_damaged_is_fetched_anew(server: Server, mirror: Path) -> None:
    run(server, mirror)
    (mirror / DAY / FILES[3]).write_bytes(b"damaged")
    server.clear_log()

    result = run(server, mirror, NEXT)

    assert result.complete
    assert (mirror / NEXT / FILES[3]).read_bytes() == server.texts[STORE].content
    assert serving.statuses(server) == {304: 11, 200: 1}


def test_a_second_run_of_a_day_replaces_its_changes(server: Server, mirror: Path) -> None:
    run(server, mirror)
    server.put(MILL, serving.page("Example Mill", "mill", "mill") + "\nNews.\n", MARKDOWN)
    server.put(INDEX, serving.index(SERVICES[:3]), MARKDOWN)

    result = run(server, mirror, accept_smaller=True)

    assert result.complete
    assert files_of(mirror / DAY) == sorted([*FILES[1:], *DOCUMENTS, "manifest.json"])
    assert b"News." in (mirror / DAY / FILES[2]).read_bytes()


def test_some_services_are_a_partial_day(server: Server, mirror: Path) -> None:
    result = run(server, mirror, services=("STORE", "example depot (large)"))

    assert (result.complete, result.outcomes) == (False, {"new": 3})
    assert [each["path"] for each in manifest(mirror)["files"]] == [FILES[1], FILES[3], FILES[7]]


def test_some_services_leave_a_complete_day_complete(server: Server, mirror: Path) -> None:
    run(server, mirror)
    server.put(MILL, serving.page("Example Mill", "mill", "mill") + "\nNews.\n", MARKDOWN)

    result = run(server, mirror, services=("mill",))

    assert (result.complete, result.outcomes) == (True, {"new": 1, "unchanged": 1})
    assert files_of(mirror / DAY) == sorted([*FILES, *DOCUMENTS, "manifest.json"])
    assert b"News." in (mirror / DAY / FILES[2]).read_bytes()


def test_an_unknown_service_is_said_with_the_nearest(server: Server, mirror: Path) -> None:
    with pytest.raises(FetchStopped) as caught:
        run(server, mirror, services=("stor",))

    assert str(caught.value) == (
        "stor: gone: no list names the service 'stor'. Did you mean store?"
    )


@pytest.mark.parametrize(
    ("source", "paths", "complete"), [("docs", FILES[:4], True), ("json", FILES[4:], False)]
)
def test_one_source_alone(
    server: Server, mirror: Path, source: str, paths: list[str], complete: bool
) -> None:
    result = run(server, mirror, source=source)

    assert [each["path"] for each in manifest(mirror)["files"]] == paths
    assert result.complete is complete


def test_html_is_taken_where_there_is_no_markdown(server: Server, mirror: Path) -> None:
    del server.texts[STORE]
    html = serving.html_page("Example Store", "store", "store")
    server.put(f"{DOCS}list_store.html", html, HTML)

    result = run(server, mirror)

    assert result.complete
    assert (mirror / DAY / FILES[3].replace(".md", ".html")).read_text() == html


def test_html_is_taken_where_markdown_shows_the_home_page(server: Server, mirror: Path) -> None:
    server.always[STORE] = serving.redirect(f"{DOCS}reference.html")
    server.put(f"{DOCS}reference.html", "<h1>Service Authorization Reference</h1>", HTML)
    html = serving.html_page("Example Store", "store", "store")
    server.put(f"{DOCS}list_store.html", html, HTML)

    result = run(server, mirror)

    assert (result.complete, result.failures) == (True, ())


def test_an_index_in_html_lists_the_pages_too(server: Server, mirror: Path) -> None:
    del server.texts[INDEX]
    links = "".join(
        f'<li><a href="./list_{slug}.html">{title} <i>({prefix})</i></a></li>'
        for title, prefix, slug in SERVICES
    )
    html = f"<h1>AWS services</h1><a href='#top'>Top</a><ul>{links}</ul>"
    server.put(f"{DOCS}{INDEX_NAME}.html", html, HTML)

    assert run(server, mirror).complete


def test_a_page_that_is_gone_is_named_and_costs_the_completeness(
    server: Server, mirror: Path
) -> None:
    del server.texts[STORE]

    result = run(server, mirror)

    assert failures(result, server) == [(STORE, "gone")]
    assert (result.complete, result.outcomes) == (False, {"new": 9})
    assert manifest(mirror)["failures"] == [
        {
            "url": f"{server.address}{STORE}",
            "kind": "gone",
            "text": "status 404.",
        }
    ]
    (collection,) = read_collections([mirror])
    assert not collection.complete


def test_half_an_index_ends_the_run(server: Server, mirror: Path) -> None:
    run(server, mirror)
    server.put(INDEX, serving.index(SERVICES[:2]), MARKDOWN)

    with pytest.raises(FetchStopped) as caught:
        run(server, mirror, NEXT)

    assert str(caught.value) == (
        f"{server.address}{INDEX}: shrunk: lists 2 services, where it listed 4 on {DAY}. "
        "If AWS withdrew them, run again with --accept-smaller."
    )
    assert not (mirror / NEXT).exists()
    assert run(server, mirror, NEXT, accept_smaller=True).complete


def test_an_index_cut_to_its_start_lists_nothing(server: Server, mirror: Path) -> None:
    server.put(INDEX, serving.index([]), MARKDOWN)

    with pytest.raises(FetchStopped, match="error-page: lists no service"):
        run(server, mirror)


def test_a_page_that_lost_most_of_its_bytes_is_named(server: Server, mirror: Path) -> None:
    rows = "\n".join(f"|   Act{each}  | Acts |  |   | List |" for each in range(100))
    server.put(STORE, serving.page("Example Store", "store", "store", rows), MARKDOWN)
    run(server, mirror)
    server.put(STORE, serving.page("Example Store", "store", "store"), MARKDOWN)

    result = run(server, mirror, NEXT)

    assert failures(result, server) == [(STORE, "shrunk")]
    assert not result.complete
    assert run(server, mirror, NEXT, accept_smaller=True).complete


def test_refused_texts_can_be_looked_at_until_the_next_run(server: Server, mirror: Path) -> None:
    server.faults[STORE] = [serving.body(b"# Sorry\n", MARKDOWN)]

    run(server, mirror)

    refused = mirror / ".fetch" / "refused"
    assert {path.name: path.read_bytes() for path in refused.iterdir()} == {
        "list_store.md": b"# Sorry\n"
    }
    run(server, mirror)
    assert not refused.exists()


def test_a_folder_of_a_day_that_no_fetch_filled_stays(server: Server, mirror: Path) -> None:
    (mirror / DAY).mkdir(parents=True)
    (mirror / DAY / "mine.md").write_text("mine")

    with pytest.raises(FetchStopped, match=r"mine\.md: bad-name: no fetch put it there"):
        run(server, mirror)

    assert files_of(mirror / DAY) == ["mine.md"]


def test_the_global_keys_are_a_document(server: Server, mirror: Path) -> None:
    run(server, mirror)

    text = server.texts[f"{KEYS}{KEYS_NAME}.md"].content
    assert (mirror / DAY / DOCUMENTS[2]).read_bytes() == text
