"""What every response of a site with a catalog tells browsers, and what a request may not send."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from site_catalog import ADDRESSES, MISSING, build_site_catalog
from sites import close

from iam_catalog.cli import serve
from iam_catalog.datasette_plugin import security, skip_csrf
from iam_catalog.datasette_plugin.security import LONGEST_BODY, LONGEST_QUERY, guarded

METADATA = str(Path(__file__).parent.parent.parent / "metadata.json")
COMMON = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}
STRICT = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "img-src": "'self' data:",
    "script-src": "'self'",
    "style-src": "'self'",
}
OF_DATASETTE = (
    "/catalog",
    "/catalog?sql=select+1",
    "/catalog?sql=select+action+from+actions+where+action+%3D+%3Aname&name=1",
    "/catalog/actions",
    "/catalog/actions?_facet=access_level&_search=order",
    "/catalog/actions/orders~3AGetOrder",
    "/catalog/dependent-actions?action=orders:CreateOrder",
    "/-/databases",
    "/-/versions",
    "/-/nothing",
    "/catalog/nothing",
)
OTHERS = (
    "/",
    "/-/iam-catalog.json",
    "/-/static-plugins/iam-catalog/site.css",
    "/-/static-plugins/iam-catalog/nothing.css",
    "/-/static/app.css",
    "/catalog.db",
    "/catalog/actions.json",
    "/catalog/actions.csv?_stream=on",
    "/nothing/-/services",
    f"/catalog/-/{MISSING}",
    f"/catalog/-/{MISSING}.json",
    "/catalog/-/services.json",
    "/catalog/-/services?_=" + "a" * LONGEST_QUERY,
)
INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    path = build_site_catalog(tmp_path_factory.mktemp("site"))
    site = serve.make_site(path, METADATA)
    yield site
    serve.close(site)
    close(site)


def policy_of(headers: object) -> dict[str, str]:
    """The parts of the one Content-Security-Policy that a response has."""
    (text,) = headers.get_list("content-security-policy")  # type: ignore[attr-defined]
    return dict(part.split(" ", 1) for part in text.split("; "))


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_page_of_the_site_allows_what_comes_from_the_site_and_nothing_inline(
    site: Datasette, address: str
) -> None:
    response = await site.client.get(f"/catalog/-/{address}")

    assert response.status_code == 200
    assert policy_of(response.headers) == STRICT
    assert INLINE.findall(response.text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=\"", without_texts(response.text)) == []


def without_texts(page: str) -> str:
    """The tags of a page."""
    return "".join(re.findall(r"<[a-z][^>]*>", page))


@pytest.mark.parametrize("address", [*OF_DATASETTE, *OTHERS])
async def test_no_response_lets_a_browser_do_more(site: Datasette, address: str) -> None:
    response = await site.client.get(address)

    policy = policy_of(response.headers)
    style = policy.pop("style-src")
    script = policy.pop("script-src")
    assert policy == {name: STRICT[name] for name in STRICT if name in policy}
    assert style in ("'self'", "'self' 'unsafe-inline'")
    assert re.fullmatch(r"'self'( 'sha256-[\w+/=]{44}')*", script)
    assert response.headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert {name: response.headers.get(name) for name in COMMON} == COMMON
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("address", OF_DATASETTE)
async def test_the_scripts_of_datasette_are_allowed_by_their_hashes(
    site: Datasette, address: str
) -> None:
    response = await site.client.get(address)

    allowed = policy_of(response.headers)["script-src"]
    scripts = INLINE.findall(response.text)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    assert [each for each in hashes if f"'sha256-{each}'" not in allowed] == []


async def test_datasette_has_inline_scripts_to_allow(site: Datasette) -> None:
    response = await site.client.get("/catalog/actions")

    assert len(INLINE.findall(response.text)) >= 2


@pytest.mark.parametrize("address", [f"/catalog/-/{each}" for each in ADDRESSES])
async def test_a_page_is_compressed_for_those_who_ask_and_says_so_to_caches(
    site: Datasette, address: str
) -> None:
    compressed = await site.client.get(address, headers={"accept-encoding": "gzip"})
    plain = await site.client.get(address, headers={"accept-encoding": "identity"})

    assert compressed.text == plain.text
    assert compressed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["vary"].split(", ")
    assert plain.headers["vary"] == compressed.headers["vary"]


async def test_a_long_query_is_refused(site: Datasette) -> None:
    response = await site.client.get(f"/catalog/-/search?q={'a' * LONGEST_QUERY}")

    assert (response.status_code, response.text) == (414, "The address is too long.\n")


async def test_a_long_body_is_refused_by_what_it_says_of_itself(site: Datasette) -> None:
    response = await site.client.post(
        "/catalog/-/tools/write", content=b"", headers={"content-length": str(LONGEST_BODY + 1)}
    )

    assert (response.status_code, response.text) == (
        413,
        f"The request has more than {LONGEST_BODY:,} bytes.\n",
    )


async def test_a_body_that_goes_on_and_on_is_refused(site: Datasette) -> None:
    async def parts():
        for _ in range(LONGEST_BODY * 2 // 65536):
            yield b"a" * 65536

    response = await site.client.post("/catalog/-/tools/expand", content=parts())

    assert response.status_code == 413


async def test_bodies_of_all_requests_together_are_bounded(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "LARGEST_SUM", 1_000)
    policy = {"policy": "x" * 2_000}

    refused = await site.client.post("/catalog/-/tools/check", data=policy)
    after = await site.client.post("/catalog/-/tools/check", data={"policy": "x"})

    assert (refused.status_code, after.status_code) == (503, 400)
    assert "too many large requests" in refused.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "POST"])
async def test_a_page_can_only_be_read(site: Datasette, method: str) -> None:
    response = await site.client.request(method, "/catalog/-/services")

    assert response.status_code == 405
    assert policy_of(response.headers) == STRICT


async def test_the_head_of_a_page_is_that_of_the_page(site: Datasette) -> None:
    head = await site.client.head("/catalog/-/services")
    page = await site.client.get("/catalog/-/services")

    assert (head.status_code, dict(head.headers)) == (200, dict(page.headers))


async def test_a_posted_policy_is_kept_by_nobody(site: Datasette) -> None:
    policy = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    response = await site.client.post("/catalog/-/tools/check", data={"policy": policy})

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert "set-cookie" not in response.headers


async def test_a_datasette_without_a_catalog_sends_what_it_always_sends(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("create table things (id integer primary key)")
    other = Datasette([str(tmp_path / "other.db")])

    response = await other.client.get("/other/things")
    other.get_database("other").close()
    close(other)

    assert response.status_code == 200
    assert {*COMMON, "content-security-policy"} & set(response.headers) == set()


async def test_a_fault_of_the_site_has_the_headers_too_and_stays_a_fault() -> None:
    async def fails(*_):
        raise RuntimeError("broken")

    sent = []

    async def send(message):
        sent.append(message)

    with pytest.raises(RuntimeError):
        await guarded(fails)({"type": "http", "headers": []}, None, send)

    start, body = sent
    assert start["status"] == 500
    assert {b"content-security-policy", b"x-content-type-options"} <= dict(start["headers"]).keys()
    assert body["body"] == b"The site could not answer.\n"


@pytest.mark.parametrize("path", ["/nothing/at/all/there", "/catalog/actions/x/y/z"])
async def test_what_has_no_route_has_the_headers_too_beside_rich(
    site: Datasette, path: str
) -> None:
    from datasette import handle_exception  # before Datasette, it would not become a plugin of it

    response = await site.client.get(path)

    assert response.status_code == 404
    assert COMMON.items() <= dict(response.headers).items()
    assert handle_exception.rich is None


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/catalog/-/tools/check", True),
        ("/catalog/-/tools/check.json", True),
        ("/catalog/-/tools/expand", True),
        ("/catalog/-/tools/write", False),
        ("/catalog/-/tools/check/more", False),
        ("/other/-/tools/check", False),
        ("/-/tools/check", False),
        ("/-/create-token", False),
        ("/catalog/-/insert", False),
    ],
)
async def test_only_forms_of_a_catalog_need_no_token(
    site: Datasette, path: str, takes: bool
) -> None:
    assert bool(skip_csrf(site, {"type": "http", "path": path})) is takes
