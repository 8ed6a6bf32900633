"""Whatever is asked of the site: it answers, without an error of its own, and guards the answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from datasette.app import Datasette
from hypothesis import example, given, settings
from hypothesis import strategies as st
from site_catalog import ADDRESSES, build_site_catalog
from sites import close

from iam_catalog.cli import serve
from iam_catalog.site.pages import PAGES

METADATA = str(Path(__file__).parent.parent.parent / "metadata.json")
VALUES = (
    *("q", "limit", "page", "access_level", "service_prefix", "since", "until", "kind", "name"),
    *("arn", "pattern", "actions", "arns", "policy", "show", "date", "change", "on", "as_of", "_"),
)
"""What query strings of the site are about, and what they are not."""
WORDS = (
    *(
        "orders",
        "orders:CreateOrder",
        "orders:*",
        "*",
        "**",
        "?",
        "%",
        "%2",
        "%00",
        "\x00",
        "..",
        "../..",
    ),
    *("arn:aws:orders:::order/1", "arn:aws:s3:::*", "arn:", ":", "::", "aws:RequestTag/${TagKey}"),
    *("2022-03-04", "2022-02-30", "0", "-1", "1e9", "9" * 40, "٣", "Write", "unknown", "null"),
    *(
        "<script>alert(1)</script>",
        "' or 1=1 --",
        '"',
        "{{7*7}}",
        "\x1b[31m",
        "\u202e",
        "é",
        "\ud7ff",
    ),
    *(json.dumps({"Statement": []}), "a" * 3999, "[" * 3000),
)
texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=40))
queries = st.lists(st.tuples(st.one_of(st.sampled_from(VALUES), texts), texts), max_size=4)
paths = st.one_of(
    st.sampled_from(ADDRESSES).map(lambda address: address.partition("?")[0]),
    st.tuples(
        st.sampled_from([re.sub(r"\(.*", "", page.path) for page in PAGES]),
        texts.map(lambda text: quote(text, safe="")),
        st.sampled_from(["", ".json", ".atom", ".html", "/", "/more"]),
    ).map("".join),
)
raw = st.text(st.characters(codec="ascii", exclude_characters="#"), max_size=60)


@dataclass(frozen=True)
class Ask:
    """Asks a site in a loop of its own, since Hypothesis calls functions that wait for nothing."""

    site: Datasette
    runner: asyncio.Runner

    def get(self, address: str) -> Answer:
        return self.request("GET", address)

    def request(self, method: str, address: str, body: bytes = b"", kind: str = "") -> Answer:
        path, _, query = address.partition("?")
        return self.runner.run(answer(self.site, method, path, query, body, kind))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    def check(self) -> None:
        assert self.status < 500 or self.status == 503, self.text
        assert "Traceback" not in self.text
        assert "default-src 'self'" in self.headers["content-security-policy"]
        assert self.headers["x-content-type-options"] == "nosniff"
        assert "alert(1)</script>" not in self.text or "html" not in self.headers["content-type"]


async def answer(
    site: Datasette, method: str, path: str, query: str, body: bytes, kind: str
) -> Answer:
    """As a server hands a request over, whatever is in it: a client would refuse to send some."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), (b"content-type", kind.encode())],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
    }
    sent: list[dict] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    await site.app()(scope, receive, send)
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], headers, content.decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    site = serve.make_site(build_site_catalog(tmp_path_factory.mktemp("site")), METADATA)
    with asyncio.Runner() as runner:
        runner.run(site.invoke_startup())
        yield Ask(site, runner)
    serve.close(site)
    close(site)


def test_the_addresses_are_those_of_all_pages(ask: Ask) -> None:
    """A page that is new has to be among them."""
    asked = [address.partition("?")[0] for address in ADDRESSES]

    assert [
        page.path for page in PAGES if not any(re.fullmatch(page.path, each) for each in asked)
    ] == []
    assert {ask.get(f"/catalog/-/{each}").status for each in ADDRESSES} == {200}


@given(path=paths, query=queries)
@settings(max_examples=400)
def test_any_path_and_any_values_are_answered(ask: Ask, path: str, query: list) -> None:
    ask.get(f"/catalog/-/{path}?{urlencode(query)}").check()


@given(path=st.sampled_from(ADDRESSES), query=raw)
@example(path="services", query="%")
@example(path="search", query="q=%ff%fe")
@example(path="search", query="q=%ed%a0%80")
@example(path="search", query="&".join(f"a{number}=1" for number in range(60)))
def test_any_query_string_is_answered(ask: Ask, path: str, query: str) -> None:
    ask.get(f"/catalog/-/{path.partition('?')[0]}?{query}").check()


@given(path=raw)
@example(path="%00")
@example(path="service/%ff")
@example(path="action/%ed%a0%80")
@example(path="../../../etc/passwd")
@example(path="page/%2e%2e%2f%2e%2e%2fetc%2fpasswd")
@example(path="service/" + "a" * 8000)
@example(path="nothing/at/all")
def test_any_path_is_answered(ask: Ask, path: str) -> None:
    ask.get(f"/catalog/-/{path}").check()


@given(
    tool=st.sampled_from(["check", "expand", "write", "arn"]),
    query=queries,
    body=st.one_of(
        st.binary(max_size=200), texts.map(str.encode), queries.map(urlencode).map(str.encode)
    ),
    kind=st.sampled_from(
        ["", "application/x-www-form-urlencoded", "application/json", "text/plain", "text/html"]
    ),
)
@settings(max_examples=200)
def test_any_form_is_answered(ask: Ask, tool: str, query: list, body: bytes, kind: str) -> None:
    ask.request("POST", f"/catalog/-/tools/{tool}?{urlencode(query)}", body, kind).check()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_the_json_of_a_page_is_json_also_where_there_is_nothing(ask: Ask, page) -> None:
    path = re.sub(r"\(.*", "", page.path)
    found = ask.get(f"/catalog/-/{path}{'nothing' if path != page.path else ''}.json")

    assert found.headers["content-type"].startswith("application/json")
    assert isinstance(json.loads(found.text), dict)
