"""What a server may do wrong, and what a fetch makes of it; every wait is of a clock of our own."""

from __future__ import annotations

import asyncio
import datetime
import gzip
from collections.abc import Iterator

import fetch_server as serving
import pytest
from fetch_server import DOCS, HTML, MARKDOWN, FakeTime, Server

from scraper.fetch.addresses import MARKDOWN as MARKDOWN_FORM
from scraper.fetch.errors import FetchError, FetchStopped
from scraper.fetch.http import (
    Answer,
    Body,
    Cut,
    HttpGetter,
    Limits,
    open_client,
    pause,
    retry_after,
)

STORE = f"{DOCS}list_store.md"
SMALL = Limits(attempts=3, redirects=3, file_bytes=100_000)
NOON = datetime.datetime(2026, 11, 22, 12, 0, 0, tzinfo=datetime.UTC)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        serving.fill(server)
        yield server


def get(
    server: Server,
    limits: Limits = SMALL,
    time: FakeTime | None = None,
    url: str | None = None,
) -> Answer:
    """What one address gives."""

    async def ask() -> Answer:
        async with open_client(limits) as client:
            timing = (time or FakeTime()).timing
            getter = HttpGetter(client, server.site, limits, timing)
            return await getter.get(url or f"{server.address}{STORE}", MARKDOWN_FORM)

    return asyncio.run(ask())


def refusal(server: Server, limits: Limits = SMALL, time: FakeTime | None = None) -> str:
    """What is said where an address gives nothing, without the address."""
    with pytest.raises(FetchError) as caught:
        get(server, limits, time)
    return str(caught.value).removeprefix(f"{server.address}{STORE}: ")


def test_two_errors_and_then_the_page(server: Server) -> None:
    server.faults[STORE] = [serving.status(503), serving.status(503)]
    time = FakeTime()

    answer = get(server, time=time)

    assert answer.content == server.texts[STORE].content
    assert time.slept == [0.5, 1.0]


def test_retry_after_is_heeded(server: Server) -> None:
    server.faults[STORE] = [serving.status(429, Retry_After="7")]
    time = FakeTime()

    get(server, time=time)

    assert time.slept == [7.0]


def test_retry_after_is_heeded_for_all_addresses(server: Server) -> None:
    other = f"{DOCS}list_mill.md"
    server.faults[STORE] = [serving.status(429, Retry_After="7")]
    time = FakeTime()
    waits: list[float] = []

    async def ask() -> None:
        async with open_client(SMALL) as client:
            getter = HttpGetter(client, server.site, SMALL, time.timing)
            getter.hold_all("", 7.0)
            await getter.get(f"{server.address}{other}", MARKDOWN_FORM)
            waits.extend(time.slept)

    asyncio.run(ask())

    assert waits == [7.0]


def test_a_wait_that_is_too_long_ends_the_run(server: Server) -> None:
    server.faults[STORE] = [serving.status(429, Retry_After="3600")]

    with pytest.raises(FetchStopped, match="busy: the server asks to wait for 3,600 seconds"):
        get(server)


def test_errors_without_end_are_given_up(server: Server) -> None:
    server.always[STORE] = serving.status(500)

    assert refusal(server) == (
        "unreachable: status 500; 3 attempts failed. Run again later to continue."
    )
    assert serving.statuses(server) == {500: 3}


def test_a_status_of_no_use(server: Server) -> None:
    server.always[STORE] = serving.status(418)

    assert refusal(server) == "status: status 418; expected 200."


def test_a_cut_connection_is_asked_again(server: Server) -> None:
    server.faults[STORE] = [serving.cut]

    assert get(server).content == server.texts[STORE].content


def assert_gives_up(server: Server) -> None:
    """The reason between the two is httpx's own."""
    text = refusal(server)
    assert text.startswith("unreachable: ")
    assert text.endswith("; 3 attempts failed. Run again later to continue.")


def test_a_connection_that_is_always_cut(server: Server) -> None:
    server.always[STORE] = serving.cut

    assert_gives_up(server)


def test_silence_in_the_middle_is_asked_again(server: Server) -> None:
    server.faults[STORE] = [serving.silent]

    answer = get(server, Limits(read=0.05))

    assert answer.content == server.texts[STORE].content


def test_an_answer_that_drips_for_too_long_is_given_up(server: Server) -> None:
    server.always[STORE] = serving.drip

    said = refusal(server, Limits(attempts=2, file=60), FakeTime(step=61))

    assert said.startswith("unreachable: not whole after 60 seconds; 2 attempts failed.")


def test_a_run_has_a_time_limit(server: Server) -> None:
    server.always[STORE] = serving.status(503)

    with pytest.raises(FetchStopped, match="too-slow: the run has a limit of 1 seconds"):
        get(server, Limits(run=1, attempts=9))


def test_a_server_that_is_not_there(server: Server) -> None:
    server.always[STORE] = lambda handler: handler.hang_up()

    assert refusal(server).startswith("unreachable: ")


@pytest.mark.parametrize(
    "location",
    [
        "https://example.com/list_store.md",
        "http://192.0.2.1/list_store.md",
        "http://127.0.0.1:1/list_store.md",
        "https://127.0.0.1/list_store.md",
        "file:///etc/passwd",
        "//example.com/list_store.md",
        "http://user@127.0.0.1/",
        "http://127.0.0.1:99999/",
    ],
)
def test_no_redirect_leads_to_another_host(server: Server, location: str) -> None:
    server.always[STORE] = serving.redirect(location)

    with pytest.raises(FetchError) as caught:
        get(server)

    assert caught.value.kind == "foreign-host"
    assert caught.value.text.startswith("redirects to ")
    assert server.log.paths == [STORE]


def test_a_redirect_to_no_address_is_given_up(server: Server) -> None:
    server.always[STORE] = serving.redirect("http://[::1/")

    assert_gives_up(server)


def test_a_redirect_on_the_same_host_is_followed(server: Server) -> None:
    server.faults[STORE] = [serving.redirect("list_mill.md")]

    answer = get(server)

    assert answer.url == f"{server.address}{DOCS}list_mill.md"
    assert answer.content == server.texts[f"{DOCS}list_mill.md"].content


def test_redirects_in_a_circle(server: Server) -> None:
    other = f"{DOCS}list_mill.md"
    server.always[STORE] = serving.redirect(other)
    server.always[other] = serving.redirect(STORE)

    assert refusal(server) == (
        f"redirects: redirects in a circle, back to {server.address}{STORE}."
    )


def test_redirects_without_end(server: Server) -> None:
    for number in range(9):
        path = f"{DOCS}{number}" if number else STORE
        server.always[path] = serving.redirect(f"{DOCS}{number + 1}")

    assert refusal(server) == (
        f"redirects: more than 3 redirects, the last one to {server.address}{DOCS}4."
    )


def test_a_redirect_to_nowhere(server: Server) -> None:
    server.always[STORE] = serving.status(302)

    assert refusal(server) == "redirects: status 302 without an address to go to."


def test_gzip_is_unpacked(server: Server) -> None:
    server.always[STORE] = serving.packed(b"# Title\n" * 100, MARKDOWN)

    assert get(server).content == b"# Title\n" * 100


def test_a_gzip_bomb_is_not_unpacked(server: Server) -> None:
    server.always[STORE] = serving.packed(bytes(20_000_000), MARKDOWN)

    assert refusal(server) == "too-large: more than 100,000 bytes; no page is that large."


def test_a_bomb_takes_no_more_memory_than_a_page() -> None:
    body = Body("url", "gzip", 1000)

    with pytest.raises(FetchError):
        body.feed(gzip.compress(bytes(50_000_000)))

    assert len(body.content) == 1001


def test_gzip_that_is_cut_is_asked_again(server: Server) -> None:
    half = gzip.compress(server.texts[STORE].content)[:-20]
    server.faults[STORE] = [serving.body(half, MARKDOWN, Content_Encoding="gzip")]

    assert get(server).content == server.texts[STORE].content


def test_gzip_that_is_damaged_is_given_up(server: Server) -> None:
    server.always[STORE] = serving.body(b"no gzip", MARKDOWN, Content_Encoding="gzip")

    assert refusal(server).startswith("unreachable: damaged gzip (")


def test_an_encoding_that_was_not_asked_for(server: Server) -> None:
    server.always[STORE] = serving.body(b"?", MARKDOWN, Content_Encoding="br")

    assert refusal(server) == (
        "wrong-type: the encoding 'br' was not asked for; expected 'gzip' or none."
    )


def test_a_file_that_says_that_it_is_too_large_is_not_read(server: Server) -> None:
    server.always[STORE] = serving.body(b"", MARKDOWN, Content_Length="100001")

    assert refusal(server) == "too-large: 100,001 bytes; no page is larger than 100,000."


def test_a_run_has_a_limit_of_bytes(server: Server) -> None:
    with pytest.raises(FetchStopped, match="too-large: more than 100 bytes in one run"):
        get(server, Limits(run_bytes=100))


def test_an_answer_of_another_type(server: Server) -> None:
    server.always[STORE] = serving.body(b"<html></html>", HTML)

    assert refusal(server) == (
        "wrong-type: the content type 'text/html'; expected application/octet-stream, "
        "binary/octet-stream, text/markdown, text/plain, text/x-markdown."
    )


def test_a_304_that_nobody_asked_for(server: Server) -> None:
    server.always[STORE] = serving.status(304)

    assert refusal(server) == "status: status 304; expected 200."


def test_pauses_grow_and_end_at_a_minute() -> None:
    assert [pause(each, 0.0) for each in (0, 1, 2, 9)] == [0.5, 1.0, 2.0, 30.0]
    assert [pause(each, 1.0) for each in (0, 1, 2, 9)] == [1.0, 2.0, 4.0, 60.0]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 12:01:30 -0000", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


def test_a_body_that_is_not_whole_is_cut() -> None:
    with pytest.raises(Cut):
        Body("url", "gzip", 1000).whole()
