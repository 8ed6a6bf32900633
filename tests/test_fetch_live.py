"""Addresses and lists: what is read from them, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scraper.fetch.addresses import (
    Listed,
    Site,
    check_slug,
    index_target,
    page_target,
    read_index,
    read_service_list,
    reference_target,
)
from scraper.fetch.errors import FetchError

SITE = Site()
INDEX = f"{SITE.docs}reference_policies_actions-resources-contextkeys.md"
LIST = f"{SITE.reference}v1/service-list.json"
DEFAULT = Path(__file__).parent.parent.parent / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)
BAD_SLUGS = ["", ".", "..", "../x", "a/b", "a\\b", "a\0", "a b", ".x", "x.", "a..b", "é", "x" * 101]


def lines(text: str) -> list[Listed]:
    """What the index lists, which holds no line that cannot be used."""
    listed, errors = read_index(SITE, INDEX, text)
    assert errors == []
    return listed


def page(slug: str, title: str | None, prefix: str | None, suffix: str = "md") -> Listed:
    return Listed(slug, f"{SITE.docs}list_{slug}.{suffix}", title, prefix)


def test_each_line_is_a_title_a_prefix_and_a_slug() -> None:
    text = """**Topics**
+ [Operations table](#operations_table)
+ [AWS App2Container (a2c)](list_a2c.md)
+ [AWS DevOps Agent (aidevops)](./list_devops-agent.md)
"""

    assert lines(text) == [
        page("a2c", "AWS App2Container", "a2c"),
        page("devops-agent", "AWS DevOps Agent", "aidevops"),
    ]


def test_the_prefix_is_in_the_last_parentheses() -> None:
    text = "+ [AWS Identity and Access Management (IAM) (iam)](list_iam.md)\n"

    assert lines(text) == [page("iam", "AWS Identity and Access Management (IAM)", "iam")]


def test_one_prefix_on_several_lines_is_several_pages() -> None:
    text = """+ [Load Balancing (elasticloadbalancing)](list_elb.md)
+ [Load Balancing V2 (elasticloadbalancing)](list_elbv2.md)
"""

    assert [each.name for each in lines(text)] == ["elb", "elbv2"]


def test_a_slug_counts_once_in_any_case() -> None:
    text = "+ [A (a)](list_a.md)\n+ [A (a)](list_A.md#top)\n+ [A (a)](list_a.html?x=1)\n"

    assert lines(text) == [page("a", "A", "a")]


def test_links_of_html_are_read_where_they_end() -> None:
    html = (
        '<p><a href="#top">Top</a> <a name="x">x</a>'
        '<ul><li><a href="./list_iam.html">AWS <b>IAM</b>\n (iam)</a></li></ul>'
        '<a href="reference.html">Home</a>'
    )

    assert lines(html) == [page("iam", "AWS IAM", "iam", "html")]


def test_a_line_without_a_prefix_is_a_title() -> None:
    assert lines("+ [AWS App2Container](list_a2c.md)\n") == [page("a2c", "AWS App2Container", None)]


@pytest.mark.parametrize(
    ("href", "kind"),
    [
        ("https://example.com/list_a.md", "foreign-host"),
        ("//example.com/list_a.md", "foreign-host"),
        ("../../other/list_a.md", "foreign-host"),
        ("https://[x/list_a.md", "foreign-host"),
        ("list_..md", "bad-name"),
        ("list_a%2fb.md", "bad-name"),
        ("list_a\\..\\b.md", "bad-name"),
    ],
)
def test_a_line_that_leads_elsewhere_is_named(href: str, kind: str) -> None:
    listed, errors = read_index(SITE, INDEX, f"+ [A (a)]({href})\n+ [B (b)](list_b.md)\n")

    assert [each.kind for each in errors] == [kind]
    assert listed == [page("b", "B", "b")]


@pytest.mark.parametrize("slug", BAD_SLUGS)
def test_a_slug_that_can_not_be_a_files_name(slug: str) -> None:
    with pytest.raises(FetchError, match="cannot be part of a file's name"):
        check_slug(slug, "https://docs.example.com/")


def test_the_files_of_a_page_are_in_their_folder() -> None:
    target = page_target(SITE, page("a2c", "AWS App2Container", "a2c"))

    assert [(each.url, each.path) for each in target.candidates] == [
        (f"{SITE.docs}list_a2c.md", "service-authorization/list_a2c.md"),
        (f"{SITE.docs}list_a2c.html", "service-authorization/list_a2c.html"),
    ]


def test_a_document_begins_with_a_dot() -> None:
    assert index_target(SITE).candidates[0].path == (
        ".reference_policies_actions-resources-contextkeys.md"
    )


def test_the_json_list_names_files() -> None:
    url = f"{SITE.reference}v1/s3/s3.json"

    listed, errors = read_service_list(LIST, json.dumps([{"service": "s3", "url": url}]))

    assert (listed, errors) == ([Listed("s3", url, None, "s3")], [])
    (candidate,) = reference_target(listed[0]).candidates
    assert (candidate.url, candidate.path) == (url, "service-reference/s3.json")


@pytest.mark.parametrize(
    ("service", "url", "kind"),
    [
        ("s3", "https://example.com/s3.json", "foreign-host"),
        ("s3", "http://servicereference.us-east-1.amazonaws.com/s3.json", "foreign-host"),
        ("s3", "https://x@servicereference.us-east-1.amazonaws.com/s3.json", "foreign-host"),
        ("../s3", f"{SITE.reference}s3.json", "bad-name"),
    ],
)
def test_an_entry_of_the_json_list_that_leads_elsewhere(service: str, url: str, kind: str) -> None:
    listed, errors = read_service_list(LIST, json.dumps([{"service": service, "url": url}]))

    assert (listed, [each.kind for each in errors]) == ([], [kind])


@pytest.mark.parametrize(
    "text", ["{}x", '{"a": 1}', "[1]", '[{"service": "s3"}]', "3", "[" * 99999]
)
def test_json_that_is_no_list(text: str) -> None:
    with pytest.raises(FetchError, match="error-page: no list of services"):
        read_service_list(LIST, text)


@pytest.mark.parametrize(
    "address",
    ["http://docs.aws.amazon.com/", "ftp://127.0.0.1/", "docs.aws.amazon.com/", "https://a@b/"],
)
def test_a_site_is_https_or_loopback(address: str) -> None:
    with pytest.raises(FetchError, match="foreign-host"):
        Site(docs=address)


def test_the_address_of_a_folder_ends_with_a_slash() -> None:
    with pytest.raises(FetchError, match="the address of a folder ends with '/'"):
        Site(docs="https://docs.example.com/guide")


@pytest.mark.corpora
@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no folder {str(CORPORA)!r}")
def test_the_real_json_list_is_read_whole() -> None:
    path = CORPORA / "json" / "2026-02-04" / "aws-servicereference-index.json"

    listed, errors = read_service_list(LIST, path.read_text(encoding="utf-8"))

    assert (len(listed), errors) == (441, [])
