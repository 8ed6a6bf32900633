"""Texts with status 200 that are not the page of their address, each named by what it is."""

from __future__ import annotations

import os
from pathlib import Path

import fetch_server as serving
import pytest
from fetch_server import html_page, page

from scraper.fetch.addresses import (
    Listed,
    Site,
    Target,
    index_target,
    keys_target,
    mapping_target,
    page_target,
    reference_target,
)
from scraper.fetch.checks import check_text
from scraper.fetch.errors import KINDS, FetchError

SITE = Site()
STORE = page_target(SITE, Listed("store", "", "Example Store", "store"))
JSON = reference_target(Listed("store", "https://example.com/", prefix="store"))
GOOD = page("Example Store", "store", "store")
DEFAULT = Path(__file__).parent.parent.parent / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)


def refusal(target: Target, text: str | bytes) -> tuple[str, str]:
    """Kind and words of what is said."""
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(FetchError) as caught:
        check_text(target, "https://docs.example.com/x", content)
    assert caught.value.kind in KINDS
    return caught.value.kind, caught.value.text


def title(target: Target, text: str) -> str | None:
    return check_text(target, "https://docs.example.com/x", text.encode())


@pytest.mark.parametrize("text", [GOOD, html_page("Example Store", "store", "store")])
def test_a_page_of_its_service_passes(text: str) -> None:
    expected = "Actions, resources, and condition keys for Example Store"

    assert title(STORE, text) == expected


def test_a_renamed_page_passes_by_its_slug() -> None:
    expected = "Actions, resources, and condition keys for Example Shop"

    assert title(STORE, page("Example Shop", "store", "store")) == expected


TITLES = {"example store": "store", "example depot": "depot"}


def test_a_page_with_the_title_of_another_service_is_refused_whatever_its_slug_says() -> None:
    with pytest.raises(FetchError) as caught:
        check_text(STORE, "", page("Example Depot", "store", "store").encode(), TITLES)

    assert (caught.value.kind, caught.value.text) == (
        "other-service",
        (
            "is titled 'Actions, resources, and condition keys for Example Depot', "
            "which the index lists as the page 'depot'."
        ),
    )


def test_a_heading_of_another_service_is_enough() -> None:
    text = GOOD.replace("keys for Example Store", "keys for Example Depot", 1)

    with pytest.raises(FetchError, match=r"other-service: is titled .*Example Depot"):
        check_text(STORE, "", text.encode(), TITLES)


@pytest.mark.parametrize("title", ["Example  STORE", "Example Shop"])
def test_a_page_with_its_own_title_or_with_one_that_is_not_listed_passes(title: str) -> None:
    assert check_text(STORE, "", page(title, "store", "store").encode(), TITLES)


def test_a_page_of_which_the_index_says_nothing_passes() -> None:
    assert title(page_target(SITE, Listed("store", "")), GOOD)


@pytest.mark.parametrize("blank", [b"", b" \n\n"])
def test_nothing(blank: bytes) -> None:
    assert refusal(STORE, blank) == ("emptied", f"{len(blank):,} bytes of nothing.")


@pytest.mark.parametrize(
    "shown",
    [
        "Service Authorization Reference",
        "Actions, resources, and condition keys for AWS services",
        "What is the Service Authorization Reference?",
    ],
)
def test_the_guide_itself(shown: str) -> None:
    kind, text = refusal(STORE, f"<html><body><h1>{shown}</h1><p>Text</p></body></html>")

    assert kind == "home-page"
    assert text.endswith("a page of the guide itself: this address is no longer used.")


def test_the_index_in_place_of_a_page() -> None:
    assert refusal(STORE, serving.index(serving.SERVICES))[0] == "home-page"


def test_a_page_that_sends_its_reader_on() -> None:
    html = '<html><head><meta http-equiv="refresh" content="0; url=/x.html"></head></html>'

    assert refusal(STORE, html) == (
        "moved",
        'only sends its reader on: <meta http-equiv="refresh" content="0; url=/x.html">',
    )


def test_a_page_that_says_that_it_has_moved() -> None:
    assert refusal(STORE, "# Moved: Example Store\n\nSee elsewhere.\n") == (
        "moved",
        "says that it has moved: 'Moved: Example Store'.",
    )


def test_an_error_page_with_status_200() -> None:
    kind, text = refusal(STORE, "<html><body><h1>Sorry</h1></body></html>")

    assert kind == "error-page"
    assert text == (
        "no service authorization page: the title is 'Sorry'; expected one such as "
        "'Actions, Resources, and Condition Keys for …'."
    )


def test_another_service_by_its_prefix() -> None:
    assert refusal(STORE, page("Example Mill", "mill", "mill")) == (
        "other-service",
        "is about 'Example Mill' (mill), where the index lists 'Example Store' (store).",
    )


def test_another_page_of_the_same_prefix() -> None:
    kind, text = refusal(STORE, page("Example Store v2", "store", "storev2"))

    assert kind == "other-service"
    assert text == (
        "is titled 'Actions, resources, and condition keys for Example Store v2', where the index "
        "lists 'Example Store'."
    )


def test_a_page_that_was_emptied() -> None:
    text = GOOD[: GOOD.index("You can specify")] + "\n"

    assert refusal(STORE, text) == (
        "emptied",
        "has its title, but not one action, resource type or condition key.",
    )


def test_html_that_was_cut() -> None:
    html = html_page("Example Store", "store", "store")

    assert refusal(STORE, html[: html.index("<td>List</td>")])[0] == "cut-off"


@pytest.mark.parametrize("end", ["| Lists sh", "## Condition keys for Exa"])
def test_markdown_that_was_cut(end: str) -> None:
    text = GOOD[: GOOD.index(end) + len(end)]

    assert refusal(STORE, text) == (
        "cut-off",
        "ends in the middle of a line, and lacks a section.",
    )


def test_a_problem_of_the_format_refuses_nothing() -> None:
    assert title(STORE, GOOD.replace("| List |", "| Lists |"))


def test_a_json_file_of_its_service_passes() -> None:
    assert title(JSON, serving.reference("store")) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (serving.reference("mill"), "other-service"),
        ('{"Name": "store", "Actions": []}', "emptied"),
        ('{"Name": "store"}', "error-page"),
        ('{"message": "Forbidden"}', "error-page"),
        ("[]", "error-page"),
        ("<html></html>", "error-page"),
        (serving.reference("store")[:-9], "cut-off"),
        ("[" * 100_000, "error-page"),
    ],
)
def test_a_json_file_that_is_not_the_service(text: str, kind: str) -> None:
    assert refusal(JSON, text)[0] == kind


def test_the_global_keys() -> None:
    assert title(keys_target(SITE), serving.GLOBAL_KEYS) is None
    assert refusal(keys_target(SITE), "# Global keys\n\naws:PrincipalArn\n") == (
        "error-page",
        "names 1 global condition keys; expected 10 or more.",
    )


def test_the_mapping() -> None:
    assert title(mapping_target(SITE), '{"SDK": {}}') is None
    assert refusal(mapping_target(SITE), "{}") == (
        "error-page",
        "no mapping; expected an object with 'SDK'.",
    )


def test_the_index_is_checked_by_its_reader() -> None:
    assert title(index_target(SITE), "anything") is None


@pytest.mark.corpora
@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no folder {str(CORPORA)!r}")
def test_real_pages_pass_as_their_own_and_as_no_other() -> None:
    refused = []
    for path in sorted((CORPORA / "markdown-2026" / "2026-08").glob("list_*.md")):
        target = page_target(SITE, Listed(path.stem.removeprefix("list_"), ""))
        assert check_text(target, "url", path.read_bytes())
        refused.append(refusal(STORE, path.read_bytes())[0])

    assert refused == ["other-service"] * 14


@pytest.mark.corpora
@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no folder {str(CORPORA)!r}")
def test_real_json_files_pass_as_their_own() -> None:
    files = [
        path
        for path in (CORPORA / "json" / "2026-02-04").glob("*.json")
        if "-index" not in path.name
    ]

    for path in files:
        target = reference_target(Listed(path.stem, "https://example.com/", prefix=path.stem))
        check_text(target, "url", path.read_bytes())

    assert len(files) == 441
