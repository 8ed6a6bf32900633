"""Whole runs against a server with faults, and runs that are killed."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fetch_server as serving
import pytest
from fetch_server import DOCS, MARKDOWN, FakeTime, Server
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.addresses import INDEX_NAME
from scraper.fetch.errors import FetchStopped
from scraper.fetch.http import Limits
from scraper.fetch.mirror import JOURNAL, Day, Mirror, read_entry, read_lines
from scraper.fetch.run import Result, Setting, Wanted, fetch_mirror
from scraper.sources import read_collections

DAY = "2026-11-22"
NEXT = "2026-11-23"
STORE = f"{DOCS}list_store.md"
MILL = f"{DOCS}list_mill.md"
KILLER = Path(__file__).parent / "fetch_killer.py"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        serving.fill(server)
        yield server


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


def run(server: Server, mirror: Path, date: str = DAY, limits: Limits | None = None) -> Result:
    limits = limits or Limits(connections=1, attempts=2)
    return fetch_mirror(
        mirror, Wanted(date), setting=Setting(server.site, limits, FakeTime().timing)
    )


def failures(result: Result, server: Server) -> list[tuple[str, str]]:
    return [(each.url.removeprefix(server.address), each.kind) for each in result.failures]


def test_faults_that_pass_cost_nothing(server: Server, mirror: Path) -> None:
    server.faults = {
        STORE: [serving.status(503)],
        MILL: [serving.cut],
        f"{DOCS}list_barn.md": [serving.status(429, Retry_After="5")],
        "/v1/store/store.json": [lambda handler: handler.hang_up()],
        "/v1/mill/mill.json": [serving.silent],
    }

    result = run(server, mirror, limits=Limits(connections=2, read=0.05))

    assert (result.complete, result.outcomes, result.failures) == (True, {"new": 10}, ())


def test_each_fault_that_stays_is_named_and_costs_its_page(server: Server, mirror: Path) -> None:
    server.always = {
        STORE: serving.redirect("https://example.com/"),
        MILL: serving.too_short_length,
        f"{DOCS}list_barn.md": serving.packed(bytes(20_000_000), MARKDOWN),
        "/v1/store/store.json": serving.cut,
        "/v1/mill/mill.json": serving.body(b"{}", "application/json"),
    }

    result = run(server, mirror)

    assert sorted(failures(result, server)) == [
        (f"{DOCS}list_barn.md", "too-large"),
        (MILL, "cut-off"),
        (STORE, "foreign-host"),
        ("/v1/mill/mill.json", "error-page"),
        ("/v1/store/store.json", "unreachable"),
    ]
    assert (result.complete, result.outcomes) == (False, {"new": 5})
    (collection,) = read_collections([mirror])
    assert len(collection.sources) == 3


def test_an_old_address_says_where_it_led(server: Server, mirror: Path) -> None:
    home = f"{DOCS}reference.html"
    server.put(home, "<h1>Service Authorization Reference</h1>", serving.HTML)
    for path in (STORE, STORE.replace(".md", ".html")):
        server.always[path] = serving.redirect(home)

    result = run(server, mirror)

    (error,) = result.failures
    assert str(error) == (
        f"{server.address}{STORE.replace('.md', '.html')}: home-page: shows "
        "'Service Authorization Reference', a page of the guide itself: this address is no longer "
        f"used. It led to {server.address}{home}."
    )


def test_two_pages_that_are_swapped_are_both_refused(server: Server, mirror: Path) -> None:
    server.texts[STORE], server.texts[MILL] = server.texts[MILL], server.texts[STORE]

    result = run(server, mirror)

    assert failures(result, server) == [(STORE, "other-service"), (MILL, "other-service")]


def test_an_emptied_page_leaves_the_older_day_as_it_was(server: Server, mirror: Path) -> None:
    run(server, mirror)
    server.put(STORE, b"", MARKDOWN)

    result = run(server, mirror, NEXT)

    assert failures(result, server) == [(STORE, "emptied")]
    older, newer = read_collections([mirror])
    assert (older.complete, len(older.sources)) == (True, 8)
    assert (newer.complete, len(newer.sources)) == (False, 7)


def test_a_page_that_fails_keeps_its_bytes_of_an_earlier_run_of_the_day(
    server: Server, mirror: Path
) -> None:
    run(server, mirror)
    server.put(STORE, b"", MARKDOWN)

    result = run(server, mirror)

    assert failures(result, server) == [(STORE, "emptied")]
    (collection,) = read_collections([mirror])
    assert len(collection.sources) == 8


def test_a_bad_line_of_the_index_costs_that_line(server: Server, mirror: Path) -> None:
    text = serving.index(serving.SERVICES) + "+ [Evil (evil)](https://example.com/list_evil.md)\n"
    server.put(f"{DOCS}{INDEX_NAME}.md", text, MARKDOWN)

    result = run(server, mirror)

    assert [each.kind for each in result.failures] == ["foreign-host"]
    assert (result.complete, result.outcomes) == (False, {"new": 10})


def test_a_mirror_that_can_not_be_made_is_said(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    mirror = tmp_path / "file" / "mirror"

    with pytest.raises(FetchStopped) as caught:
        run(server, mirror)

    assert (
        caught.value.text == f"{os.strerror(errno.ENOTDIR)}. Correct it and run again to continue."
    )
    assert server.log.requests == []


def test_a_disk_that_takes_no_file_ends_the_run(server: Server, mirror: Path) -> None:
    staging = mirror / ".fetch" / DAY
    staging.mkdir(parents=True)
    (staging / "service-reference").write_text("in the way")

    with pytest.raises(FetchStopped) as caught:
        run(server, mirror)

    assert str(caught.value) == (
        f"{staging / 'service-reference'}: disk: File exists. Correct it and run again to continue."
    )


def test_a_server_that_goes_away_ends_the_run_and_the_next_one_continues(
    server: Server, mirror: Path
) -> None:
    lists = (f"{DOCS}{INDEX_NAME}.md", "/v1/service-list.json", STORE, MILL)
    server.always = {path: serving.status(503) for path in server.texts if path not in lists}

    with pytest.raises(FetchStopped, match="unreachable: status 503"):
        run(server, mirror)

    assert not (mirror / DAY).exists()
    server.always.clear()
    server.clear_log()
    result = run(server, mirror)
    assert (result.complete, result.outcomes) == (True, {"continued": 2, "new": 8})
    assert len(server.log.paths) == 8
    assert not list((mirror / ".fetch").glob("2*"))


def test_what_an_interrupted_run_kept_serves_the_next_day(server: Server, mirror: Path) -> None:
    with pytest.raises(FetchStopped):
        interrupt(server, mirror)
    server.clear_log()

    result = run(server, mirror, NEXT)

    assert (result.complete, result.outcomes) == (True, {"unchanged": 2, "new": 8})
    assert serving.statuses(server) == {304: 4, 200: 8}
    assert [each.date for each in read_collections([mirror])] == [NEXT]
    assert not list((mirror / ".fetch").glob("2*"))


def interrupt(server: Server, mirror: Path) -> None:
    """A run that a server ends after two pages."""
    path = f"{DOCS}list_mill.md"
    server.faults[path] = [serving.status(429, Retry_After="99999")]
    run(server, mirror)


def test_one_run_at_a_time(server: Server, mirror: Path) -> None:
    (mirror / ".fetch").mkdir(parents=True)
    with (
        FileLock(mirror / ".fetch" / "lock"),
        pytest.raises(FetchStopped, match="locked: another fetch is at work in this folder"),
    ):
        run(server, mirror)


def test_a_run_that_is_killed_at_any_moment_is_finished_by_the_next(
    server: Server, mirror: Path
) -> None:
    """kill -9 before each change of the disk, in turn; see fetch_killer.py."""
    for name in ("depot-v2", "mill", "barn"):
        del server.texts[f"{DOCS}list_{name}.md"]
    server.put(f"{DOCS}{INDEX_NAME}.md", serving.index(serving.SERVICES[:1]), MARKDOWN)
    listed = serving.service_list(server.address, ["store"])
    server.put("/v1/service-list.json", listed, serving.JSON)

    done = subprocess.run(
        [sys.executable, str(KILLER), server.address, str(mirror)],
        capture_output=True,
        text=True,
        check=True,
    )

    report = json.loads(done.stdout)
    assert report["killed"] > 15
    assert report["wrong"] == []


def test_half_a_line_of_a_journal_is_passed_over(tmp_path: Path) -> None:
    journal = tmp_path / JOURNAL
    journal.write_bytes(b'\n{"a": 1}\n\n{"a": 2\n{"b": 3}\n[4]\n\xff\xfe')

    assert list(read_lines(journal)) == [{"a": 1}, {"b": 3}]


def test_a_journal_that_lies_about_a_file_is_not_believed(server: Server, mirror: Path) -> None:
    with pytest.raises(FetchStopped):
        interrupt(server, mirror)
    staged = mirror / ".fetch" / DAY / "service-authorization" / "list_store.md"
    staged.write_bytes(b"damaged")

    result = run(server, mirror)

    assert (result.complete, result.outcomes) == (True, {"continued": 1, "unchanged": 1, "new": 8})
    assert staged.name in {path.name for path in (mirror / DAY).rglob("*")}


@given(
    st.dictionaries(
        st.sampled_from(["path", "url", "sha256", "date", "headers", "bytes", "other"]),
        st.one_of(st.none(), st.text(max_size=9), st.integers(), st.lists(st.integers())),
    )
)
def test_an_entry_of_any_other_kind_is_none(value: dict[str, object]) -> None:
    assert read_entry(value) is None


def test_a_replaced_day_comes_back_where_the_new_one_did_not_take_its_place(
    server: Server, mirror: Path
) -> None:
    run(server, mirror)
    (mirror / DAY).rename(mirror / ".fetch" / f"replaced-{DAY}")

    Mirror(mirror, DAY).recover()

    assert [each.complete for each in read_collections([mirror])] == [True]
    assert Day(Mirror(mirror, DAY), DAY).continued == {}
