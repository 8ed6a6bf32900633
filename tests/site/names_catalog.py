# ruff: noqa: E501   a row of a page is one line
"""A catalog of three dates for the pages of names: what came, went, disagrees, and is unknown.

`shop` has two pages that disagree, a circle of dependent actions, and an action of each kind;
`gone` and some names of `shop` are removed; `plain` has pages without operations; what `hazard`
says is hostile.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from dated_pages import complete, store
from page_texts import Act, Key, Op, Row, Service, Type, act, as_2026, as_html, as_table

HOSTILE = "<script>alert(1)</script> \"'</td>{{7*7}} '; drop table actions; --\x1b[31m\u202e"
SCRIPT_LINK = "javascript:alert(1)"
ITEM = Type("item", "arn:${Partition}:shop:::item/${ItemId}", "aws:ResourceTag/${TagKey}")
CART = Type("cart", "arn:${Partition}:shop:::cart/${CartId}")
KEYS = (
    Key("aws:RequestTag/${TagKey}", "A tag of the request."),
    Key("aws:ResourceTag/${TagKey}", "A tag of the resource."),
    Key("shop:Size", "The size.", "Numeric"),
)
LOOK = act("Look", "List", description="Looks around.")
OLD = act("Old", "Read", Row("cart*", "shop:Colour", "shop:Look"), description="Did it.")
BUY = act(
    "Buy",
    "Write",
    Row("item*", "aws:RequestTag/${TagKey}", "shop:Pay iam:PassRole"),
    Row("cart", "shop:Size"),
    description="Buys an item.",
    url="https://docs.example.com/Buy",
)
PAY = act("Pay", "Write", Row("", "", "shop:Tag shop:Buy shop:Pay"))
TAG = act("Tag", "Tagging", Row("item"), Row("cart"))
GRANT = act("Grant", "Permissions management", permission_only=True)
SECOND = Service(
    (act("Look", "Read", description="Looks."),),
    name="Example Shop V2",
    prefix="shop",
    slug="shopv2",
)
GONE = Service(
    (act("Do", "Write", Row("thing*", "gone:Key")),),
    (Type("thing", "arn:${Partition}:gone:::thing/${Id}"),),
    (Key("gone:Key", "Was a key."),),
    name="Example Gone",
    prefix="gone",
    slug="gone",
)
DESK = Type("desk", "arn:${Partition}:plain:::desk/${DeskId}")
USE = act("Use", "Read", Row("", "", "shop:Buy"), Row("desk*", "aws:SourceIp", scenario="By post"))
PLAIN = Service((USE,), (DESK,), name="Example Plain", prefix="plain", slug="plain")
OPERATIONS = (
    Op("BuyItem", ("shop:Buy", ("iam:PassRole", "iam:PassedToService", "shop.amazonaws.com"))),
)
HAZARD = Service(
    (
        Act(
            "Explode",
            "Write",
            (Row("bomb*", "hazard:Fuse", "hazard:Explode"),),
            HOSTILE,
            url=SCRIPT_LINK,
        ),
    ),
    (Type("bomb", 'arn:${Partition}:hazard:::"><script>alert(1)</script>/${Id}', url=SCRIPT_LINK),),
    (Key("hazard:Fuse", HOSTILE),),
    name=f"Hazard {HOSTILE}",
    prefix="hazard",
    slug="hazard",
)


def shop(
    *actions: Act,
    types: tuple[Type, ...] = (ITEM, CART),
    keys: tuple[Key, ...] = KEYS,
    operations: tuple[Op, ...] = (),
) -> Service:
    return Service(
        actions, types, keys, operations or None, name="Example Shop", prefix="shop", slug="shop"
    )


def build_names_catalog(folder: Path) -> str:
    """Write the catalog into *folder*, and give its path."""
    old_keys = (*KEYS[:2], Key("shop:Size", "How large it is.", "String"), Key("shop:Colour"))
    old_types = (ITEM, CART, Type("box", "arn:${Partition}:shop:::box/${BoxId}", "shop:Size"))
    path = store(
        folder,
        complete(
            "2019-08-12",
            as_table(
                shop(
                    LOOK,
                    OLD,
                    act("Buy", "Read", Row("item*"), description="Buys."),
                    types=old_types,
                    keys=old_keys,
                )
            ),
            as_html(GONE),
            as_html(PLAIN),
        ),
        complete(
            "2022-03-04",
            as_html(shop(LOOK, BUY, PAY, TAG, GRANT)),
            as_html(SECOND),
            as_html(PLAIN),
            as_html(HAZARD),
        ),
        complete(
            "2026-08-31",
            as_2026(shop(LOOK, BUY, PAY, TAG, GRANT, operations=OPERATIONS)),
            as_2026(SECOND),
            as_html(PLAIN),
            as_html(HAZARD),
        ),
    )
    with closing(sqlite3.connect(path)) as connection:
        # What a manifest says of a file: addresses that may be anything.
        connection.execute(
            "update pages set url = 'https://docs.example.com/now', url_then = 'https://docs.example.com/then' where service_prefix = 'shop'"
        )
        connection.execute(
            "update pages set url = ?, url_then = ?, licence = ?, publisher = ? where service_prefix = 'hazard'",
            (SCRIPT_LINK, "http://plain.example.com/", HOSTILE, HOSTILE),
        )
        connection.execute(
            "insert into problems select 'p1', page, file, 7, null, 'unresolved-link', ?, ? from pages where page = 'hazard@2022-03-04'",
            (HOSTILE, HOSTILE),
        )
        for statement in SAMPLE:
            connection.execute(statement)
        connection.commit()
    return path


SAMPLE = (
    "insert into policy_documents (policy_document, title, file, sha256) values ('guide', 'Guide', 'guide.md', 'x')",
    "insert into policies values ('guide#3', 'guide', 1, 'Shops > Buying', 'identity', '2012-10-17', 1, '{}', 3)",
    "insert into policy_statements values ('guide#3.1', 'guide#3', 1, null, 'Allow', 5)",
    "insert into policy_statement_actions values ('guide#3.1', 'Action', 1, 'shop:B*', 'shop', 1, 6)",
)
"""A policy that names `shop:Buy` by a pattern."""
