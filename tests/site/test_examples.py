"""What the site proposes to ask is answered by the catalog at hand, however small it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from dated_pages import complete, store
from page_texts import Row, Service, Type, act, as_html

from iam_catalog.facts.overviews import main_level
from iam_catalog.site.examples import Examples, examples
from iam_catalog.site.pages.home import start_of


@pytest.fixture
def connection(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    pages = [as_html(each) for each in request.param]
    with closing(sqlite3.connect(store(tmp_path, complete("2022-03-04", *pages)))) as connection:
        yield connection


SHOP = Service(
    (
        act("GetItem", "Read", Row("item")),
        act("BuyOneItem", "Write", Row("item", "", "shop:GetItem iam:PassRole")),
        act("GetCart", "Read", Row("item")),
    ),
    (Type("item", "arn:${Partition}:shop:${Region}:${Account}:item/${ItemId}"),),
    prefix="shop",
)
S3 = Service(
    (act("GetObject", "Read", Row("object")),),
    (Type("object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),),
    prefix="s3",
)
CONNECT = Service((act("CreateInstance", "Write"),), prefix="connect")
EMPTY = Service(None, prefix="depot")
ITEM = "arn:aws:shop:eu-west-1:111122223333:item/*"


@pytest.mark.parametrize(
    ("connection", "expected", "texts"),
    [
        (
            [SHOP],
            Examples("shop:BuyOneItem", "shop:Get*", {ITEM: "shop:item"}),
            ("buy one item", "shop:Get"),
        ),
        (
            [SHOP, S3, CONNECT],
            Examples(
                "connect:CreateInstance",
                "connect:Create*",
                {"arn:aws:s3:::logs/2026/*": "s3:object"},
            ),
            ("create instance", "connect:Create"),
        ),
        ([EMPTY], Examples(None, None, {}), (None, None)),
    ],
    indirect=["connection"],
)
def test_they_are_of_the_catalog_and_known_ones_where_it_holds_them(connection, expected, texts):
    found = examples(connection)

    assert found == expected
    assert (found.words, start_of(found)) == texts


@pytest.mark.parametrize("connection", [[SHOP]], indirect=True)
def test_the_level_of_a_resource_type_is_that_of_most_of_its_actions(connection):
    assert main_level(connection, "shop:item") == "Read"
    assert main_level(connection, "shop:nothing") is None
