"""Whatever is typed or sent, the tools answer with a page, and nothing of it becomes markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from hypothesis import given, settings
from hypothesis import strategies as st
from tool_catalog import build_tool_catalog, get, opened, post, send, soup_of

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "the end of a text": "</textarea></pre></code><img src=x onerror=alert(1)>",
    "quotes": "\"'><svg onload=alert(1)>",
    "a link": "javascript:alert(1)",
    "a template": "{{ 7 * 7 }}${7*7}{% raw %}",
    "terminal escapes": "\x1b[31mred\x1b]0;title\x07",
    "writing backwards": "a\u202eb\u2066c",
    "SQL": "'; drop table actions; --",
    "a NUL": "s3:\0Get",
    "a long text": "x" * 3_900,
    "many wildcards": "s3:" + "*a" * 1_900,
    "half a variable": "arn:aws:s3:::${",
    "emoji": "arn:aws:s3:::💥:💥",
}
FIELDS = {
    "arn": ["arn", "access_level"],
    "expand": ["pattern", "since", "access_level", "actions"],
    "check": ["kind", "show"],
    "write": ["actions", "arns", "access_level", "service_prefix", "kind", "fill.X", "fill.<b>"],
}
OWN_SCRIPTS = ("site.js", "tools.js")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_tool_catalog(tmp_path_factory.mktemp("tools"))) as site:
        yield site


def is_harmless(soup: BeautifulSoup) -> bool:
    """No element or address that the templates do not write themselves."""
    scripts = [
        each.get("src", "").partition("?")[0].rpartition("/")[2] for each in soup.find_all("script")
    ]
    attributes = {name for each in soup.find_all() for name in each.attrs}
    addresses = [each["href"] for each in soup.select("main [href]")]
    return (
        set(scripts) <= set(OWN_SCRIPTS)
        and not soup.select("img, iframe, object, b, [style]")
        and not [name for name in attributes if name.startswith("on")]
        and all(address.startswith(("/", "#")) for address in addresses)
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    ("tool", "field"), [(tool, field) for tool, fields in FIELDS.items() for field in fields]
)
async def test_a_hostile_value_is_shown_as_text_or_refused(site, tool, field, text):
    asked = {"pattern": "store:*", "arn": "*", "actions": "store:TagShelf", field: text}
    page = await get(site, f"tools/{tool}", **asked)
    answer = await get(site, f"tools/{tool}.json", **asked)

    assert page.status_code in (200, 400, 404)
    assert is_harmless(soup_of(page))
    assert answer.status_code == page.status_code
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("show", ["findings", "words", "missing"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_policy_is_shown_as_text(site, text, show):
    statement = {
        "Sid": text,
        "Effect": text,
        "Action": [text, "store:*"],
        "Resource": [text, f"arn:aws:store:::{text}"],
        "Principal": {"AWS": text},
        "Condition": {text: {text: text}, "StringLike": {text: [text]}},
        text: text,
    }
    policy = json.dumps({"Version": text, "Statement": [statement]}, ensure_ascii=False)
    page = await post(site, "tools/check", {"policy": policy, "show": show})
    without = await post(
        site, "tools/check", {"policy": policy.replace("Principal", "Sid2"), "show": show}
    )

    assert {page.status_code, without.status_code} <= {200, 400}
    assert is_harmless(soup_of(page))
    assert is_harmless(soup_of(without))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_name_of_a_policy_is_not_found(site, text):
    page = await site.client.get(f"/catalog/-/policy/{quote(text[:500], safe='')}")

    assert page.status_code == 404
    assert is_harmless(soup_of(page))


async def test_an_escape_never_reaches_a_terminal_as_one(site):
    page = await post(site, "tools/check", {"policy": '{"Statement": "\x1b[31m\x9b"}\n'})

    assert "\x1b" not in page.text
    assert soup_of(page).textarea.get_text() == '\n{"Statement": "\x1b[31m\x9b"}\n'


async def test_a_redirect_out_of_the_site_is_none(site):
    page = await get(site, "tools/check", next="https://example.com", url="//example.com")

    assert page.status_code == 200
    assert "example.com" not in page.text


# --- anything at all

PATHS = st.sampled_from(
    [
        *[
            f"tools{tool}{form}"
            for tool in ("", "/arn", "/expand", "/check", "/write")
            for form in ("", ".json")
        ],
        "policies",
        "policies.json",
        "policy/guide:6",
    ]
)
NAMES = st.sampled_from(sorted({name for names in FIELDS.values() for name in names} | {"policy"}))
VALUES = st.one_of(
    st.sampled_from(["store:*", "*", "arn:aws:store:::box/*", "Tagging", "2020-01-01", "store"]),
    st.text(max_size=40),
    st.text("ars:*?${}[]\"',/\0\n%", max_size=30),
)
ESCAPES = st.text("abc%0123456789FfEe&=+;#", max_size=40)
QUERIES = st.one_of(
    ESCAPES,
    st.lists(st.tuples(NAMES, VALUES), max_size=6).map(
        lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    ),
)


@settings(max_examples=150)
@given(path=PATHS, query=QUERIES)
async def test_any_query_string_gets_a_page(site, path, query):
    answer = await site.client.get(f"/catalog/-/{path}?{query}")

    assert answer.status_code in (200, 400, 404)
    assert "Traceback" not in answer.text
    if "json" not in answer.headers["content-type"]:
        assert is_harmless(soup_of(answer)) or path.startswith("polic")


TYPES = st.sampled_from(
    ["application/json", "text/plain", "application/x-www-form-urlencoded", "", "text/html", "\xff"]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), VALUES)
ELEMENTS = ["Statement", "Effect", "Action", "NotAction", "Resource", "Condition", "Principal"]
KEYS = st.one_of(st.sampled_from(ELEMENTS), st.text(max_size=8))
JSON_VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5)
)
STATEMENTS = st.dictionaries(KEYS, JSON_VALUES, max_size=6)
POLICIES = st.lists(STATEMENTS, max_size=3).map(
    lambda statements: json.dumps({"Version": "2012-10-17", "Statement": statements}).encode()
)
BODIES = st.one_of(
    st.binary(max_size=200),
    POLICIES,
    POLICIES.map(lambda policy: b"policy=" + quote(policy).encode()),
    st.text("-:{}[]&*!|> \nabStatement\t", max_size=80).map(str.encode),
)


@settings(max_examples=150)
@given(
    path=st.sampled_from(["tools/check", "tools/check.json", "tools/expand", "tools/expand.json"]),
    show=st.sampled_from(["findings", "words", "missing"]),
    kind=TYPES,
    body=BODIES,
)
async def test_any_body_gets_a_page(site, path, show, kind, body):
    answer = await send(site, f"{path}?show={show}", body, kind)

    assert answer.status_code in (200, 400, 404, 415)
    assert "Traceback" not in answer.text
    if "json" not in answer.headers["content-type"]:
        assert is_harmless(soup_of(answer))
