"""A catalog with something for every page of the site, and the addresses of pages that show it.

`orders` is told three times, as it changed; `stock` is large, needs much and has circles; what
`hazard` says is hostile; `closed` has no actions, and what `depot` has is not in the source.
"""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from page_texts import Act, Key, Op, Row, Service, Type, act, as_2026, as_table

from scraper.cli import cli

HOSTILE = (
    "<script>alert(1)</script> \"quoted\" 'single' </td></textarea>{{7*7}} '; drop table x; --"
)
DANGEROUS_LINK = "javascript:alert(1)"
ORDER = Type(
    "order",
    "arn:${Partition}:orders:${Region}:${Account}:order/${OrderId}",
    "aws:ResourceTag/${TagKey}",
)
CHANNEL = Type("channel", "arn:${Partition}:orders:${Region}:${Account}:channel/${ChannelId}")
KEYS = (
    Key("aws:RequestTag/${TagKey}", "Filters access by the tags of a request."),
    Key("aws:ResourceTag/${TagKey}", "Filters access by the tags of a resource."),
    Key("orders:Channel", "Filters access by the channel of an order."),
)
GET = act("GetOrder", "Read", Row("order*"), description="Grants permission to read an order.")
LIST = act("ListOrders", "List", description="Grants permission to list orders.")
CREATE = act(
    "CreateOrder",
    "Write",
    Row("order*", "aws:RequestTag/${TagKey}", "orders:TagOrder iam:PassRole"),
    Row("channel", "orders:Channel", "stock:Reserve000"),
    description="Grants permission to create an order.",
    url="https://docs.example.com/CreateOrder",
)
TAG = act("TagOrder", "Tagging", Row("order*", "", "orders:CreateOrder"))
SHARE = act("ShareOrder", "Permissions management", Row("order*"), permission_only=True)
LIST_ONCE = act("ListOrders", "Read", description="Grants permission to list orders.")
CANCEL = act("CancelOrder", "Write", Row("order*"), description="Grants permission to cancel.")
SHELVES = 90
"""Actions of `stock`."""


def orders(*actions: Act, operations: tuple[Op, ...] | None = None) -> Service:
    return Service(actions, (ORDER, CHANNEL), KEYS, operations)


def stock() -> Service:
    """The first ones need the next ones; the last of each eight needs the first of them again."""
    words = ("Reserve", "Describe", "List", "Tag")
    levels = ("Write", "Read", "List", "Tagging")

    def name(number: int) -> str:
        return f"{words[number % 4]}{number % SHELVES:03}"

    actions = []
    for number in range(SHELVES):
        others = [number + 1, number + 5, number - 7 if number % 8 == 7 else number + 2]
        needs = " ".join(f"stock:{name(each)}" for each in others) if number < 16 else ""
        kind = f"shelf-of-a-long-name-{number % 8}"
        actions.append(act(name(number), levels[number % 4], Row(kind, "", needs)))
    kinds = [f"shelf-of-a-long-name-{number}" for number in range(8)]
    types = [
        Type(
            kind, f"arn:${{Partition}}:stock:${{Region}}:${{Account}}:{kind}/${{Warehouse}}/${{Id}}"
        )
        for kind in kinds
    ]
    return Service(actions, types, (), name="Example Stock", prefix="stock", slug="stock")


def hazard() -> Service:
    """Texts that act where they are not shown as texts."""
    return Service(
        (
            act(
                "Explode",
                "Write",
                Row("bomb*", "hazard:Fuse", "hazard:Explode"),
                description=f"{HOSTILE}\x1b[31m\u202e",
                url=DANGEROUS_LINK,
            ),
        ),
        (
            Type(
                "bomb",
                'arn:${Partition}:hazard:::"><script>alert(1)</script>/${Id}',
                url=DANGEROUS_LINK,
            ),
        ),
        (Key("hazard:Fuse", HOSTILE),),
        name=f"Hazard {HOSTILE}",
        prefix="hazard",
        slug="hazard",
    )


CLOSED = Service((), name="Example Closed", prefix="closed", slug="closed")
DEPOT = Service(None, (Type("box"),), name="Example Depot", prefix="depot", slug="depot")
OPERATIONS = (
    Op(
        "CreateOrder",
        ("orders:CreateOrder", ("iam:PassRole", "iam:PassedToService", "orders.amazonaws.com")),
        ("orders",),
    ),
    Op("GetOrder", ("orders:GetOrder",), ("orders",)),
)
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["orders:GetOrder", "orders:List*"],
            "Resource": "arn:aws:orders:eu-west-1:111122223333:order/*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "kitchen"}},
        }
    ],
}
GUIDE = f"""# Letting people see orders

Attach this policy to the people who may see orders {HOSTILE}:

```
{json.dumps(POLICY, indent=4)}
```
"""
FILES = {
    "2019-08-12/orders.md": as_table(orders(GET, CANCEL, LIST_ONCE)),
    "2019-08-12/stock.md": as_table(stock()),
    "2019-08-12/closed.md": as_table(CLOSED),
    "2019-08-12/depot.md": as_table(DEPOT),
    "2022-03-04/orders.md": as_table(orders(GET, LIST, CREATE, TAG, SHARE)),
    "2022-03-04/stock.md": as_table(stock()),
    "2022-03-04/hazard.md": as_table(hazard()),
    "2022-03-04/closed.md": as_table(CLOSED),
    "2022-03-04/depot.md": as_table(DEPOT),
    "2022-03-04/policies/seeing-orders.md": GUIDE,
    "2026-08-31/orders.md": as_2026(orders(GET, LIST, CREATE, TAG, SHARE, operations=OPERATIONS)),
}


def build_site_catalog(folder: Path) -> str:
    """Write the pages into *folder*, and give the path of their catalog."""
    for name, text in FILES.items():
        page = folder / "data" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    dated = [str(folder / "data" / each) for each in ("2019-08-12", "2022-03-04", "2026-08-31")]
    output = str(folder / "catalog.db")
    data = [word for each in dated for word in ("--data", each)]
    result = CliRunner().invoke(cli, ["build", *data, "--output", output])
    assert result.exit_code == 0, result.output
    return output


KINDS = (
    "",
    "search?q=order",
    "services",
    "global-keys",
    "service/orders",
    "action/orders:CreateOrder",
    "resource-type/orders:order",
    "condition-key/orders:Channel",
    "access-level/Write",
    "page/orders@2026-08-31",
    "changes",
    "policies",
    "policy/seeing-orders:6",
    "tools",
    "tools/arn?arn=arn:aws:orders:eu-west-1:111122223333:order/1",
    "tools/expand?pattern=orders:*",
    "tools/check",
    "tools/rule/unknown-action",
    "tools/write?actions=orders:GetOrder",
)
"""A page of each kind, as it follows `/DB/-/`."""
ADDRESSES = (
    *KINDS,
    "search?q=nothing+at+all",
    "service/stock",
    "service/hazard",
    "service/closed",
    "service/depot",
    "action/orders:CancelOrder",
    "action/stock:Reserve000",
    "action/hazard:Explode",
    "resource-type/hazard:bomb",
    "condition-key/aws:ResourceTag%2F%24%7BTagKey%7D",
    "condition-key/hazard:Fuse",
    "access-level/Permissions%20management",
    "page/hazard@2022-03-04",
)
"""The same, and other states of them: large, hostile, removed, empty, not in the source."""
MISSING = "action/orders:CreateOrders"
"""A name that is nearly one."""
