"""One odd answer costs its text alone, and every run ends."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import fetch_server as serving
import pytest
from fetch_server import DOCS, MARKDOWN, FakeTime, Server

from scraper.fetch.errors import FetchError, FetchStopped
from scraper.fetch.http import Body, Cut, Known, Limits
from scraper.fetch.run import Result, Setting, Wanted, fetch_mirror
from scraper.guards.fetch import fetch_trips
from scraper.mirror import WORK

DAY, NEXT = "2026-11-22", "2026-11-23"
STORE = f"{DOCS}list_store.md"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        serving.fill(server)
        yield server


def run(server: Server, mirror: Path, date: str = DAY, limits: Limits | None = None) -> Result:
    limits = limits or Limits(connections=1, attempts=1)
    return fetch_mirror(
        mirror, Wanted(date), setting=Setting(server.site, limits, FakeTime().timing)
    )


@pytest.mark.parametrize("tag", ['"\xe9\xff"', '"' + "x" * 60_000 + '"', '"a\x01"'])
def test_a_mark_that_cannot_be_sent_back_is_not(tag: str) -> None:
    assert Known(Path("x"), "", tag, "Mon, 01 Jan 2024 00:00:00 GMT").conditions() == {
        "If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"
    }


def test_an_odd_mark_does_not_stop_the_next_day(server: Server, tmp_path: Path) -> None:
    content = server.texts[STORE].content
    server.always[STORE] = serving.body(content, MARKDOWN, ETag='"\xe9\xff"')
    run(server, tmp_path)
    server.always.clear()

    assert run(server, tmp_path, NEXT).complete


def test_an_error_that_nobody_foresaw_costs_its_text(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scraper.fetch import run as running

    checked = running.check_text

    def check(target, url, content, titles):
        if target.name == "store":
            raise RecursionError("too deep")
        return checked(target, url, content, titles)

    monkeypatch.setattr(running, "check_text", check)

    result = run(server, tmp_path)

    assert {(each.url.rpartition("/")[2], each.kind) for each in result.failures} == {
        ("list_store.md", "unexpected"),
        ("store.json", "unexpected"),
    }


def test_a_link_that_is_no_address_is_only_itself(tmp_path: Path) -> None:
    manifest = {
        "listed": {"docs": ["store", "//[::1/list_x.md"]},
        "failures": [{"url": "//[::1/list_x.md"}],
        "files": [{"path": "service-authorization/list_store.md", "sha256": "0"}],
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    (trip,) = fetch_trips([tmp_path])

    assert trip.names == ("//[::1/list_x.md",)


def test_lines_that_were_rejected_are_no_measure_for_the_next_list(
    server: Server, tmp_path: Path
) -> None:
    path = next(each for each in server.texts if each.endswith("contextkeys.md"))
    honest = server.texts[path].content
    lines = [f"+ [Evil](https://example.com/list_evil{n}.md)" for n in range(9)]
    server.put(path, honest.decode() + "\n" + "\n".join(lines) + "\n", MARKDOWN)
    run(server, tmp_path)
    server.put(path, honest, MARKDOWN)

    assert run(server, tmp_path, NEXT).complete


def test_headers_that_drip_end_with_the_attempt(server: Server, tmp_path: Path) -> None:
    def slow(handler: serving.Handler) -> None:
        for _ in range(200):
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            handler.wfile.flush()
            if handler.server.ended.wait(0.05):
                return

    server.always[STORE] = slow

    result = run(server, tmp_path, limits=Limits(connections=1, attempts=1, file=0.5))

    assert [each.kind for each in result.failures] == ["unreachable"]


def test_a_run_ends_in_its_time_and_frees_its_lock(server: Server, tmp_path: Path) -> None:
    server.always[STORE] = serving.silent

    with pytest.raises(FetchStopped, match="too-slow"):
        run(server, tmp_path, limits=Limits(connections=1, attempts=1, run=1.0))

    server.always.clear()
    assert run(server, tmp_path).complete


def test_a_clock_that_is_days_ahead_publishes_nothing(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchStopped, match="wrong-clock"):
        run(server, tmp_path, "2099-01-01")

    assert not (tmp_path / "2099-01-01").exists()


def test_bytes_behind_the_end_of_a_gzip_are_damage() -> None:
    body = Body("https://example.com/", "gzip", 1000)

    with pytest.raises(Cut, match="behind the end"):
        body.feed(gzip.compress(b"text") + bytes(100))


def test_packed_bytes_count_too() -> None:
    body = Body("https://example.com/", "", 10)

    with pytest.raises(FetchError, match="too-large"):
        body.feed(bytes(11))


def test_a_known_text_under_another_name_is_checked_again(server: Server, tmp_path: Path) -> None:
    run(server, tmp_path)
    path = next(each for each in server.texts if each.endswith("service-list.json"))
    listed = json.loads(server.texts[path].content)
    listed[0]["url"], listed[1]["url"] = listed[1]["url"], listed[0]["url"]
    server.put(path, json.dumps(listed), "application/json")

    result = run(server, tmp_path, NEXT)

    assert {each.kind for each in result.failures} == {"other-service"}


def test_a_folder_of_work_that_leads_elsewhere_is_refused(server: Server, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "mine.txt").write_text("mine")
    mirror = tmp_path / "mirror"
    (mirror / WORK).mkdir(parents=True)
    (mirror / WORK / DAY).symlink_to(foreign)

    with pytest.raises(FetchStopped, match="symbolic link"):
        run(server, mirror)

    assert (foreign / "mine.txt").read_text() == "mine"
