"""What is done with every response of a site: Datasette's own pages are compressed and labelled."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from site_catalog import build_site_catalog
from sites import close

from iam_catalog.cli import serve
from iam_catalog.datasette_plugin.responses import finished

OF_DATASETTE = (
    "/catalog",
    "/catalog/actions",
    "/catalog/actions?_facet=access_level&_search=order",
    "/catalog/actions/orders~3ACreateOrder",
    "/catalog/dependent-actions?action=orders:CreateOrder",
    "/catalog?sql=select+action+from+actions",
    "/-/databases",
    "/catalog/nothing",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    site = serve.make_site(build_site_catalog(tmp_path_factory.mktemp("site")), "metadata.json")
    yield site
    serve.close(site)
    close(site)


@pytest.mark.parametrize("address", OF_DATASETTE)
async def test_a_page_of_datasette_is_compressed_for_those_who_ask(
    site: Datasette, address: str
) -> None:
    answer = await site.client.get(address, headers={"accept-encoding": "gzip"})
    plain = await site.client.get(address, headers={"accept-encoding": "gzip;q=0, identity"})

    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert answer.headers["vary"] == plain.headers["vary"]
    assert "Accept-Encoding" in plain.headers["vary"].split(", ")
    assert answer.status_code == plain.status_code


@pytest.mark.parametrize("address", OF_DATASETTE)
async def test_a_page_of_datasette_has_a_language_a_main_part_and_names_for_its_fields(
    site: Datasette, address: str
) -> None:
    page = BeautifulSoup((await site.client.get(address)).text, "html.parser")

    assert page.html["lang"] == "en"
    assert len(page.select("[role=main]")) == 1
    labelled = {each["for"] for each in page.select("label[for]")}
    fields = page.select("select, textarea, input:not([type=hidden]):not([type=submit])")
    unnamed = [
        each
        for each in fields
        if not (each.get("aria-label") or each.get("id") in labelled or each.find_parent("label"))
    ]
    assert unnamed == []


async def test_rows_that_are_streamed_are_compressed_as_they_come(site: Datasette) -> None:
    address = "/catalog/actions.csv?_stream=on&_size=max"
    answer = await site.client.get(address, headers={"accept-encoding": "gzip"})
    plain = await site.client.get(address, headers={"accept-encoding": "identity"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == plain.text


@pytest.mark.parametrize(
    "address",
    [*OF_DATASETTE, "/catalog/actions.json", "/", "/catalog/-/services", "/catalog.db"],
)
async def test_head_is_answered_as_get_without_a_body(site: Datasette, address: str) -> None:
    head, page = await site.client.head(address), await site.client.get(address)

    assert (head.status_code, head.content) == (page.status_code, b"")
    assert set(head.headers) == set(page.headers)


async def answered(
    *messages: dict[str, object], method: str = "GET", accepted: bytes = b"gzip"
) -> list[dict[str, object]]:
    async def app(_, __, send):
        for message in messages:
            await send(message)

    sent: list[dict[str, object]] = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "headers": [(b"accept-encoding", accepted)]}
    await finished(app)(scope, None, send)
    return sent


def start(kind: bytes, *headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"Content-Type", kind), *headers],
    }


def body(content: bytes, *, more: bool = False) -> dict[str, object]:
    return {"type": "http.response.body", "body": content, "more_body": more}


@pytest.mark.parametrize(
    ("kind", "content", "is_compressed"),
    [
        (b"text/html", b"a" * 2_000, True),
        (b"application/json; charset=utf-8", b"a" * 2_000, True),
        (b"application/atom+xml", b"a" * 2_000, True),
        (b"text/html", b"a" * 900, False),
        (b"application/octet-stream", b"a" * 2_000, False),
        (b"image/png", b"a" * 2_000, False),
    ],
)
async def test_what_is_compressed_is_text_and_not_small(
    kind: bytes, content: bytes, is_compressed: bool
) -> None:
    length = (b"content-length", str(len(content)).encode())
    first, second = await answered(start(kind, length), body(content))

    headers = dict(first["headers"])  # type: ignore[call-overload]
    assert (headers.get(b"content-encoding") == b"gzip") is is_compressed
    assert headers[b"content-length"] == str(len(second["body"])).encode()  # type: ignore[arg-type]
    sent = second["body"]
    assert (gzip.decompress(sent) if is_compressed else sent) == content  # type: ignore[arg-type]


async def test_what_is_encoded_already_passes() -> None:
    given = start(b"text/html", (b"content-encoding", b"br"))
    first, second = await answered(given, body(b"x" * 5_000))

    assert dict(first["headers"])[b"content-encoding"] == b"br"  # type: ignore[call-overload]
    assert second["body"] == b"x" * 5_000


async def test_other_values_of_vary_stay() -> None:
    first, _ = await answered(start(b"text/html", (b"Vary", b"Cookie")), body(b"x"))

    assert dict(first["headers"])[b"vary"] == b"Cookie, Accept-Encoding"  # type: ignore[call-overload]


async def test_a_page_with_a_language_is_left_alone() -> None:
    html = b'<!DOCTYPE html><html lang="de"><h3>a</h3></html>'
    _, second = await answered(start(b"text/html"), body(html))

    assert second["body"] == html
